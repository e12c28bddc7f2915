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

/** The tile shown, or TESSERA_NO_TILE. */
uint32_t tessera_thumb_get_tile (TesseraThumb *thumb);
