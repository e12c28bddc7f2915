#pragma once
/* What a session knows beyond labels: a check with random tiles, and what predictions answer for.
 * Main thread only. The signal "audit-changed" () tells of the check. */

#include "tessera-near-label.h"
#include "tessera-session.h"
#include "tsr-audit.h"

/** The check there is, borrowed until "audit-changed"; NULL: none. */
const TsrAudit *tessera_session_get_audit (TesseraSession *session);

/** Whether a check is running: its tiles are the queue, and predictions are hidden. */
gboolean tessera_session_is_auditing (TesseraSession *session);

/** Whether nothing may be seen that tells what is predicted of the tile. */
gboolean tessera_session_is_hidden (TesseraSession *session, uint32_t tile);

/** How many of the check's tiles are set aside because they got a class beside it. */
guint tessera_session_count_unasked (TesseraSession *session);

/** Draws a check of k random tiles in the place of the one there is, and begins it. */
void tessera_session_start_audit (TesseraSession *session, uint32_t k);
/** Interrupts a running check; predictions are seen again but for its tiles'. */
void tessera_session_pause_audit (TesseraSession *session);
/** Goes on with an interrupted check. */
void tessera_session_resume_audit (TesseraSession *session);
/** Forgets the check; labels stay. */
void tessera_session_drop_audit (TesseraSession *session);

/** Of the current tile, once its details are there: what the nearest label says on the map, and in
 * W (class ids, TSR_LABEL_NONE: nothing). FALSE where they are not known or may not be seen. */
gboolean tessera_session_get_rules (TesseraSession *session, int32_t *map_class, int32_t *w_class);

/** The other labelled tiles nearest to the current one where the rule predicts (on the map or in
 * W), TesseraNearLabel, nearest first, once its details are there; borrowed. NULL where that is not
 * known or may not be seen. */
const GArray *tessera_session_get_near_labels (TesseraSession *session);

/** The label the current tile stands by, itself or the one it follows, and how many unlabelled
 * tiles follow that; TESSERA_NO_TILE and 0 where that is not known or may not be seen. */
uint32_t tessera_session_get_followed (TesseraSession *session, uint32_t *followers);

/** The unlabelled tiles that follow a label, ascending, transfer full; *n may be 0. */
uint32_t *tessera_session_find_followers (TesseraSession *session, uint32_t label, size_t *n);
