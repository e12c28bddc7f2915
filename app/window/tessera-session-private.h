#pragma once
/* Shared by tessera-session*.c only. */

#include "tessera-desk.h"
#include "tessera-session.h"

enum {
  SIGNAL_OPENED,
  SIGNAL_FAILED,
  SIGNAL_LABELS,
  SIGNAL_CLASSES,
  SIGNAL_SELECTION,
  SIGNAL_SUGGESTIONS,
  SIGNAL_COVERAGE,
  SIGNAL_MAP,
  SIGNAL_DETAILS,
  SIGNAL_SETTINGS,
  SIGNAL_AUDIT,
  SIGNAL_TOAST,
  SIGNAL_ACT,
  SIGNAL_EXAMPLE,
  N_SIGNALS
};

extern guint tessera_session_signals[N_SIGNALS];

struct _TesseraSession {
  GObject parent_instance;

  char *path;
  TesseraDesk *desk;
  guint poll_source;
  gboolean polling; /* a poll is on its way */
  gboolean opening; /* not all of the project is there yet */

  /* as the desk last said */
  TesseraContents *contents;
  int32_t *label;
  uint8_t *excluded;
  TsrPrediction *predictions;
  GBytes *colours; /* TesseraMapPoint [n] by label and prediction; NULL: not known */
  GPtrArray *classes;
  GArray *queue;
  uint32_t batch_done;
  gboolean given; /* the queue is a list to be worked through */
  gboolean has_coverage;
  float radius, radius_more;
  uint32_t more;
  gboolean can_undo, can_redo; /* of the journal */
  int64_t undo_entry;          /* the entry it would undo */
  GHashTable *settings;
  GBytes *preview; /* floats [n,2] while a map forms */

  TesseraCounts *counts;  /* never NULL */
  int32_t *truth_classes; /* truth index -> class id */
  float map_width;        /* of the map that is shown; < 0: not measured yet */

  GArray *recent;       /* uint32_t, labelled lately, newest first, each once */
  GArray *recent_shown; /* those of them that have a label */

  /* selection */
  uint32_t current;
  GArray *selection; /* uint32_t, ascending */
  uint32_t details_tile;
  GArray *neighbours;
  char *annotator;
  gint64 labelled_at;
  TsrHow how;
  GArray *near_labels;          /* TesseraNearLabel, of details_tile */
  int32_t map_class, w_class;   /* of details_tile, as in a reply ... */
  uint32_t followed, followers; /* ... and these */

  TsrAudit *audit;     /* the check with random tiles, or NULL */
  TsrDispute *dispute; /* on the tile of the details, or NULL */

  TesseraExample *example; /* what tiles are to be like; or NULL */
  TesseraNextFunc next;    /* says where acts move on to; NULL: the queue */
  gpointer next_user;

  /* acts */
  GQueue *waiting;           /* TesseraRequest */
  TesseraRequest *in_flight; /* a copy of what tiles it was about; NULL when idle */
  TesseraReply *first;       /* what was said of it already, where another reply is to follow */
  guint n_acts;              /* done so far, here or elsewhere: names the last one */

  /* changes of classes, which are not in the journal: TesseraClassEdit, the newest last */
  GPtrArray *edits, *undone_edits;
  GPtrArray *former_classes; /* the list when the act in flight was sent */
};

/** Queues an act (transfer full) and carries it out when its turn comes. */
void tessera_session_act (TesseraSession *session, TesseraRequest *request);
/** Ends the act in flight and starts the next. */
void tessera_session_act_done (TesseraSession *session);
/** Asks the desk for neighbours and origin of the current tile. */
void tessera_session_request_details (TesseraSession *session);
/** Takes a reply of the desk; a TesseraDeskReplyFunc. */
void tessera_session_reply_cb (TesseraReply *reply, gpointer session);
/** Says quietly what the last act did. */
void tessera_session_say (TesseraSession *session, const char *text);
/** Says something with or without an offer to undo the last act. */
void tessera_session_toast (TesseraSession *session, const char *text, gboolean offer_undo);

/* ---- tessera-session-example.c ---- */

/** Ends an example of the space of the contents before, if those now are of another. */
void tessera_session_keep_example (TesseraSession *session, const TesseraContents *before);
/** Selects where the work goes on after tiles done[n]; FALSE: the selection stays. */
gboolean tessera_session_move_on (TesseraSession *session, const uint32_t *done, size_t n);
/** Puts a tile first among those labelled lately. */
void tessera_session_remember (TesseraSession *session, uint32_t tile);

/* ---- tessera-session-readers.c ---- */

/** Takes what the desk says of the current tile's two readings. */
void tessera_session_take_dispute (TesseraSession *session, TesseraReply *reply);
/** Says what came of a request that went back, or took another reader's labels. */
void tessera_session_say_readers (TesseraSession *session, const TesseraReply *reply);

/* ---- tessera-session-classes.c ---- */

/** Frees an edit; a GDestroyNotify. */
void tessera_class_edit_free (gpointer edit);
/** Gives a request that changes classes what it needs when its turn comes, and makes an undo or
 * redo one where a change of classes is next. FALSE: it would change nothing. */
gboolean tessera_session_prepare_classes (TesseraSession *session, TesseraRequest *request);
/** After a request that changed classes outside the journal: remembers it and says so. */
void tessera_session_finish_edit (TesseraSession *session, const TesseraRequest *about,
                                  const TesseraReply *reply);
/** Whether requests of this kind change classes outside the journal. */
gboolean tessera_session_is_edit (TesseraRequestKind kind);
/** Whether the classes are those of the list, in its order. */
gboolean tessera_session_has_classes (TesseraSession *session, const GPtrArray *classes);
/** Forgets changes that can no longer be taken back. */
void tessera_session_forget_edits (TesseraSession *session, gboolean only_undone);
