#pragma once
/* The buttons that label: one for each class with its key, then unsure, skip, exclude, clear. They
 * act on the selection. */

#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_LABEL_PAD (tessera_label_pad_get_type ())
G_DECLARE_FINAL_TYPE (TesseraLabelPad, tessera_label_pad, TESSERA, LABEL_PAD, GtkBox)

/** Whether the classes are more than there is room for beside a large picture of a tile on a small
 * screen; "tall" (gboolean, read-only) is the same as a property. */
gboolean tessera_label_pad_is_tall (TesseraLabelPad *pad);

/** Whether a tile can be put off (TRUE): not where there is no queue to be seen and no key for it.
 */
void tessera_label_pad_set_skips (TesseraLabelPad *pad, gboolean skips);

/** Labels in this session (referenced), NULL for none. */
void tessera_label_pad_set_session (TesseraLabelPad *pad, TesseraSession *session);
