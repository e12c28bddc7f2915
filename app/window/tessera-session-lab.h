#pragma once
/* What the latent lab and "what the model sees" ask of a session. No GTK here. */

#include "tessera-session.h"
#include "tsr-lab.h"

/** The vectors and the map of the project as they are now, shared with the session: release owner
 * when they are no longer needed. A map that is forming is not in it. */
TsrLabWorld tessera_session_get_lab_world (TesseraSession *session);

/** How badly the model sees a tile (tsr-reconstruction.h): the score, NAN where it is not known. */
double tessera_session_get_seen_score (TesseraSession *session, uint32_t tile);

/** Whether tiles have been compared with what the model sees of them. */
gboolean tessera_session_has_seen_scores (TesseraSession *session);

/** The tiles labelled as class id, not excluded and with a vector; uint32_t, transfer full; NULL
 * where there are none. */
GBytes *tessera_session_get_class_tiles (TesseraSession *session, int32_t id);
