#pragma once
/* What a prediction answers for: which label it follows, how many others follow that, and whether
 * the map and W tell the same. Desk thread. */

#include "tessera-derived.h"
#include "tessera-request.h"

/** Fills near_labels, map_class, w_class, followed and followers of a reply about a tile. A class
 * is TSR_LABEL_NONE where the tile has no place there, or nothing else is labelled. O(n). */
void tessera_account_fill (const TesseraDerived *derived, uint32_t tile, TesseraReply *reply);
