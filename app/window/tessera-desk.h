#pragma once
/* The desk: one thread with the project's writing handle. Commands go in, in order; each label is
 * on disk before its reply comes out, and replies come on the main context the desk was made on, in
 * the order of their requests. Predictions, suggestions and coverage are computed here too, so that
 * the UI thread never waits for a disk or an O(n) loop. */

#include "tessera-request.h"
#include "tessera-derived.h"

typedef struct TesseraDesk TesseraDesk;

/** Receives a reply, borrowed for the call; it may steal fields by setting them to NULL. A request
 * whose consequences take longer than the eye may wait is answered twice: first with what was done
 * and how the map is coloured now (unfinished), then with the suggestions. */
typedef void (*TesseraDeskReplyFunc) (TesseraReply *reply, gpointer user);

/** Starts the thread on a project file; its first request should be TESSERA_REQUEST_OPEN. */
TesseraDesk *tessera_desk_new (const char *path, TesseraDeskReplyFunc reply, gpointer user);

/** Queues a request (transfer full). */
void tessera_desk_send (TesseraDesk *desk, TesseraRequest *request);

/** Finishes what is queued, closes the project, and stops; no reply comes after. Waits for the
 * disk. */
void tessera_desk_free (TesseraDesk *desk);

/** The name labels are signed with when the project does not set "annotator": the user's. */
const char *tessera_desk_default_annotator (void);

/* The desk's own work, in tessera-desk-requests.c; runs on its thread. */
typedef struct {
  char *path;
  TsrProject *project; /* NULL until opened */
  TesseraDerived *derived;
  TsrAudit *audit;  /* the check with random tiles, or NULL */
  char *audit_text; /* as stored when last seen, or NULL */
  char *annotator;
  int32_t *truth_classes; /* as last replied */
  GArray *class_ids;      /* int32_t, of the classes as last replied; NULL before */
  GArray *ended;          /* uint32_t: the list that was worked through last, or NULL */
  const char *ended_list; /* which; static */
  int64_t seq;            /* of the journal, as last seen */
  uint32_t n_tiles;       /* as last loaded */
} TesseraDeskState;

/** Carries out one request; never NULL. tessera_desk_finish must follow if the reply is unfinished.
 */
TesseraReply *tessera_desk_execute (TesseraDeskState *state, const TesseraRequest *request);

/** The rest of a request of that kind; never NULL. */
TesseraReply *tessera_desk_finish (TesseraDeskState *state, TesseraRequestKind kind);

/** Tiles the last entries of the journal labelled or excluded, newest first, each once: uint32_t,
 * transfer full. Of an entry of several tiles the first. */
GArray *tessera_desk_recent (TsrProject *project);

/** The coverage for labels as they are now, or NULL without a map. */
TesseraReply *tessera_desk_measure (TesseraDeskState *state);
