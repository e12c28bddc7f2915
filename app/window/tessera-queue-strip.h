#pragma once
/* The next suggestions as a strip of thumbnails below the map. */

#include "tessera-session.h"
#include "tessera-tile-store.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_QUEUE_STRIP (tessera_queue_strip_get_type ())
G_DECLARE_FINAL_TYPE (TesseraQueueStrip, tessera_queue_strip, TESSERA, QUEUE_STRIP, GtkBox)

/** Shows the suggestions of this session with pictures of store (both referenced), NULL for none.
 */
void tessera_queue_strip_set_session (TesseraQueueStrip *strip, TesseraSession *session,
                                      TesseraTileStore *store);
