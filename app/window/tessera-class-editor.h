#pragma once
/* The popover that changes a class: name, colour, shape, key, place in the list, merging, removal.
 */

#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_CLASS_EDITOR (tessera_class_editor_get_type ())
G_DECLARE_FINAL_TYPE (TesseraClassEditor, tessera_class_editor, TESSERA, CLASS_EDITOR, GtkPopover)

/** A popover about class id, filled in from the session (referenced); floating reference. */
GtkWidget *tessera_class_editor_new (TesseraSession *session, int32_t id);
