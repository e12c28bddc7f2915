#pragma once
/* A tile as a small button: a click selects it. Shows the class by colour and shape in its corner.
 */

#include "tessera-session.h"
#include "tessera-tile-store.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_THUMB (tessera_thumb_get_type ())
G_DECLARE_FINAL_TYPE (TesseraThumb, tessera_thumb, TESSERA, THUMB, GtkButton)

/** A button of a tile at least `size` px a side, showing none yet; floating reference. */
GtkWidget *tessera_thumb_new (int size);
/** Shows a tile, TESSERA_NO_TILE for none. session and store are borrowed and outlive the widget's
 * use of them. */
void tessera_thumb_set (TesseraThumb *thumb, TesseraSession *session, TesseraTileStore *store,
                        uint32_t tile);

/** Adds what else there is to say of the tile that is shown to its tooltip and accessible name,
 * until another one is set. */
void tessera_thumb_set_note (TesseraThumb *thumb, const char *note);

/** The tile shown, or TESSERA_NO_TILE. */
uint32_t tessera_thumb_get_tile (TesseraThumb *thumb);
