#pragma once
/* A place that holds a tile or an image for the latent lab: A or B. A click takes the tile that is
 * selected; tiles and images can be dropped on it.
 *
 * Signal: "changed" (): it holds something else. */

#include "tessera-lab-image.h"
#include "tessera-session.h"
#include "tessera-tile-store.h"

#define TESSERA_TYPE_LAB_ANCHOR (tessera_lab_anchor_get_type ())
G_DECLARE_FINAL_TYPE (TesseraLabAnchor, tessera_lab_anchor, TESSERA, LAB_ANCHOR, GtkButton)

/** Empties it; its tiles are of this session and their pictures of store (both referenced). */
void tessera_lab_anchor_set_session (TesseraLabAnchor *anchor, TesseraSession *session,
                                     TesseraTileStore *store);

/** Says what it is called: "A". */
void tessera_lab_anchor_set_letter (TesseraLabAnchor *anchor, const char *letter);

/** Holds a tile; TESSERA_NO_TILE: nothing. */
void tessera_lab_anchor_set_tile (TesseraLabAnchor *anchor, uint32_t tile);

/** What it holds, borrowed; NOTHING where it is empty. */
const TsrLabPoint *tessera_lab_anchor_get_point (TesseraLabAnchor *anchor);
