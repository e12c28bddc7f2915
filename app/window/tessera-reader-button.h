#pragma once
/* Who labels: a button that says it, with a field to change it. The name is kept with the project
 * and signs every entry of its journal. */

#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_READER_BUTTON (tessera_reader_button_get_type ())
G_DECLARE_FINAL_TYPE (TesseraReaderButton, tessera_reader_button, TESSERA, READER_BUTTON, GtkWidget)

/** Says who labels in this session (referenced); NULL for none. */
void tessera_reader_button_set_session (TesseraReaderButton *button, TesseraSession *session);
