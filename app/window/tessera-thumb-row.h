#pragma once
/* A row of tiles as thumbnails: one stop for Tab, arrows go along it, a click or Enter selects the
 * tile. */

#include "tessera-session.h"
#include "tessera-tile-store.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_THUMB_ROW (tessera_thumb_row_get_type ())
G_DECLARE_FINAL_TYPE (TesseraThumbRow, tessera_thumb_row, TESSERA, THUMB_ROW, GtkBox)

/** Makes room for at most n thumbnails of `size` pixels; once. */
void tessera_thumb_row_prepare (TesseraThumbRow *row, guint n, int size);
/** Shows the first of tiles[n] as far as there is room, with pictures of store. Session and store
 * are borrowed until the next call; NULL: nothing. */
void tessera_thumb_row_set (TesseraThumbRow *row, TesseraSession *session, TesseraTileStore *store,
                            const uint32_t *tiles, guint n);
/** Marks the session's current tile where it is in the row. */
void tessera_thumb_row_mark_current (TesseraThumbRow *row);
