#pragma once
/* What the session asks of the desk thread, and what comes back. */

#include "tessera-contents.h"
#include "tessera-counts.h"
#include "tessera-near-label.h"
#include "tsr-audit.h"
#include "tsr-dispute.h"
#include "tsr-propagation.h"
#include "tsr-readings.h"
#include "tsr-region-tiles.h"

typedef enum {
  TESSERA_REQUEST_OPEN,    /* loads everything */
  TESSERA_REQUEST_RELOAD,  /* after a job stored vectors, a map, tiles */
  TESSERA_REQUEST_POLL,    /* has another process written? */
  TESSERA_REQUEST_LABEL,   /* value: class id, TSR_LABEL_NONE or TSR_LABEL_UNSURE */
  TESSERA_REQUEST_EXCLUDE, /* value: 1 excludes, 0 readmits */
  TESSERA_REQUEST_SKIP,    /* the tile goes to the end of the queue; not journalled */
  TESSERA_REQUEST_UNDO,    /* value: only if this act is still the last; 0: whatever is */
  TESSERA_REQUEST_REDO,
  TESSERA_REQUEST_ADD_CLASS,    /* text: name; value: 0xRRGGBB or -1 */
  TESSERA_REQUEST_ADD_CLASSES,  /* list: those that are not there yet */
  TESSERA_REQUEST_UPDATE_CLASS, /* class_ */
  TESSERA_REQUEST_MOVE_CLASS,   /* value by other steps; classes when its turn comes */
  TESSERA_REQUEST_CLASS_KEY,    /* value: class; other: its key, 0: none; classes like above */
  TESSERA_REQUEST_PUT_CLASSES,  /* classes: undoes (other < 0) or does again (other > 0) a change */
  TESSERA_REQUEST_MERGE_CLASS,  /* value into other */
  TESSERA_REQUEST_REMOVE_CLASS, /* value */
  TESSERA_REQUEST_RESET,        /* clears every label, as one entry */
  TESSERA_REQUEST_REVERT,       /* entry: back to what was after it */
  TESSERA_REQUEST_TAKE_LABELS,  /* readings: another reader's labels where there is none */
  TESSERA_REQUEST_DISPUTES,     /* readings: what both gave another class waits for a decision */
  TESSERA_REQUEST_SET,          /* key, text: a project setting */
  TESSERA_REQUEST_SUGGEST,      /* value: how many; 0: as set */
  TESSERA_REQUEST_DETAILS,      /* neighbours and origin of tiles[0] */
  TESSERA_REQUEST_AUDIT, /* value: draws a check of so many random tiles, or one of the below */
} TesseraRequestKind;

/* What else is done with a check: goes on with it, interrupts it, forgets it. */
enum { TESSERA_AUDIT_RESUME = 0, TESSERA_AUDIT_PAUSE = -1, TESSERA_AUDIT_DROP = -2 };

typedef struct {
  TesseraRequestKind kind;
  uint32_t *tiles; /* NULL in a label request: the selection when its turn comes */
  size_t n_tiles;
  int32_t value, other;
  TsrHow how;
  int64_t entry; /* UNDO: only this entry of the journal; 0: whichever is the newest */
  TsrReadings *readings;
  TsrClass *class_;
  GPtrArray *classes; /* TsrClass */
  GPtrArray *list;    /* TsrRegionClass */
  char *key, *text;
} TesseraRequest;

/** A request whose other fields are empty. Owned by the caller. */
TesseraRequest *tessera_request_new (TesseraRequestKind kind);
/** Replaces the tiles by a copy. */
void tessera_request_set_tiles (TesseraRequest *request, const uint32_t *tiles, size_t n);

/** Frees a request with what it holds; not NULL. */
void tessera_request_free (TesseraRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraRequest, tessera_request_free)

/** How many neighbours the details of a tile hold. */
#define TESSERA_N_NEIGHBOURS 6

/** Fields left NULL say: unchanged. */
typedef struct {
  TesseraRequestKind kind;
  GError *error;
  TesseraContents *contents;
  GPtrArray *classes;         /* TsrClass */
  int32_t *truth_classes;     /* with classes: what each name of the ground truth means, or NULL */
  GArray *changes;            /* TsrLabelChange */
  int32_t *label;             /* [n]: everything anew (open, reload, another process) */
  uint8_t *excluded;          /* [n], with label */
  TsrPrediction *predictions; /* [n] */
  TesseraCounts *counts;      /* with any of the above */
  GBytes *colours;     /* TesseraMapPoint [n] by label and prediction, with any of the above */
  GArray *queue;       /* uint32_t, suggested tiles in order */
  uint32_t batch_done; /* labelled ones of the batch the queue is the rest of */
  GArray *recent;      /* uint32_t, labelled lately, newest first; with contents */
  bool unfinished;     /* another reply to the same request follows */
  bool new_batch;      /* the former batch was finished by this request */
  bool foreign;        /* another process wrote */
  bool has_coverage;
  float radius, radius_more; /* map units; INFINITY without labels */
  uint32_t more;             /* radius_more is after this many further suggestions */
  bool can_undo, can_redo, has_history;
  int64_t undo_entry;   /* with has_history: what undo takes back */
  char *description;    /* of what was undone or redone; ADD_CLASSES: why one was left out */
  int32_t value;        /* the request's, or the new class id; ADD_CLASSES: how many left out */
  GHashTable *settings; /* key -> text, on open */
  TsrAudit *audit;      /* with has_audit: the check there is, or NULL */
  bool has_audit;
  bool foreign_audit;  /* another program has begun a check */
  uint32_t unasked;    /* tiles that the check set aside, because they got a class beside it */
  uint32_t tile;       /* DETAILS */
  GArray *neighbours;  /* uint32_t, nearest first */
  GArray *near_labels; /* TesseraNearLabel, nearest first, where the rule predicts */
  int32_t map_class, w_class; /* what the nearest label says on the map, and in W */
  uint32_t followed;          /* the tile if it has a class, else the one it follows, or none ... */
  uint32_t followers;         /* ... and how many unlabelled tiles follow that */
  char *annotator;            /* who labelled the tile, or NULL */
  gint64 labelled_at;         /* unix microseconds */
  TsrHow how;
  TsrDispute *dispute; /* DETAILS: what two readers said of the tile, or NULL */
  uint32_t disputed;   /* TAKE_LABELS and DISPUTES: tiles with two classes; value: changed ones */
  bool given;          /* with queue: it is a list to be worked through */
  const char *ended;   /* with new_batch: the list that was worked through (TSR_SUGGESTED_...),
                          static,   or NULL */
} TesseraReply;

/** A reply whose other fields say: unchanged. Owned by the caller. */
TesseraReply *tessera_reply_new (TesseraRequestKind kind);

/** Frees a reply with what has not been taken out of it; not NULL. */
void tessera_reply_free (TesseraReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraReply, tessera_reply_free)
