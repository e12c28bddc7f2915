#pragma once
/* The desk's part in a check with random tiles: keeps it in the project, follows the labels, and
 * hides what is predicted. Desk thread only. */

#include "tessera-desk.h"

/** Reads the project's check after labels were read anew, and puts it into the reply. */
void tessera_desk_audit_load (TesseraDeskState *state, TesseraReply *reply);

/** Whether another program has drawn, interrupted or dropped a check since. */
bool tessera_desk_audit_moved (const TesseraDeskState *state);

/** Whether a label of tiles[n] is the answer of a running check: of one of its tiles, alone. */
bool tessera_desk_audit_asks (const TesseraDeskState *state, const uint32_t *tiles, size_t n);

/** Takes changes of labels into the check (undo: taken back); the reply says if it changed. */
void tessera_desk_audit_apply (TesseraDeskState *state, TesseraRequestKind kind,
                               const GArray *changes, TesseraReply *reply);

/** Carries out TESSERA_REQUEST_AUDIT. */
bool tessera_desk_audit_request (TesseraDeskState *state, int32_t value, TesseraReply *reply,
                                 GError **error);

/** Puts a tile of a running check behind the others; false if none is running. */
bool tessera_desk_audit_skip (TesseraDeskState *state, uint32_t tile);

/** Whether a check is running: its tiles are the queue then. */
bool tessera_desk_audit_runs (const TesseraDeskState *state);

/** The predictions as they may be seen, a copy; NULL without any. While a check is running none of
 * an unlabelled tile is seen, since a tile's colour is told by those round it, too; of an
 * interrupted one its tiles' are not. */
TsrPrediction *tessera_desk_seen_predictions (const TesseraDeskState *state);
