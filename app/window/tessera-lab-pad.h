#pragma once
/* The map in miniature, to be walked on: a click or a drag says a place, as do the arrow keys.
 *
 * Signal: "moved" (double x, double y, gboolean began): the place in map units; began: with it a
 * new walk begins. */

#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_LAB_PAD (tessera_lab_pad_get_type ())
G_DECLARE_FINAL_TYPE (TesseraLabPad, tessera_lab_pad, TESSERA, LAB_PAD, GtkWidget)

/** Shows the session's map (referenced) and follows it; NULL: none. */
void tessera_lab_pad_set_session (TesseraLabPad *pad, TesseraSession *session);

/** Shows where one is, in map units; NAN: nowhere. */
void tessera_lab_pad_set_place (TesseraLabPad *pad, double x, double y);

/** Marks some tiles' places: n may be 0. */
void tessera_lab_pad_set_marks (TesseraLabPad *pad, const uint32_t *tiles, guint n);
