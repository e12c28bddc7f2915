#pragma once
/* A check with random tiles: drawn among the unlabelled ones, their predictions written down at
 * once, and labelled by somebody who does not see them. Because nobody chose the tiles, and because
 * what they are held against was said before they were labelled, the share that is right estimates
 * without bias how often the predictions were right then. One check is kept with the project, in
 * the setting "audit", as JSON. */

#include "tsr-project.h"
#include "tsr-propagation.h"
#include "tsr-share.h"
#include "tsr-table.h"

#define TSR_AUDIT_SETTING "audit"

typedef enum {
  TSR_AUDIT_RUNNING, /* its tiles are the queue, and predictions are hidden */
  TSR_AUDIT_PAUSED,  /* somebody does something else meanwhile */
  TSR_AUDIT_DONE     /* every tile has been looked at: nothing changes any more */
} TsrAuditState;

typedef struct {
  uint32_t tile;
  int32_t predicted; /* class id, as it was when the tiles were drawn */
  int32_t answer;    /* class id; TSR_LABEL_NONE: not yet; TSR_LABEL_UNSURE: unsure or excluded */
} TsrAuditTile;

typedef struct {
  TsrAuditState state;
  uint64_t seed;
  gint64 drawn_us; /* unix microseconds */
  uint32_t labels; /* tiles with a class when it was drawn */
  char *rule;      /* tsr_rule_name; NULL: not said */
  char *places;    /* tsr_audit_places then; NULL: not said */
  GArray *tiles;   /* TsrAuditTile, in the order they are asked for; never NULL */
} TsrAudit;

/** Draws k tiles (fewer where there are fewer) uniformly, as tsr_sample_random does by seed, of
 * those that have neither label nor mark, are not excluded, and have a prediction: label [n],
 * excluded [n], prediction [n] with class ids. Running; state, seed, labels and tiles are filled
 * in, the rest is the caller's. NULL if there is no such tile. */
TsrAudit *tsr_audit_draw (const int32_t *label, const uint8_t *excluded,
                          const TsrPrediction *prediction, uint32_t n, uint32_t k, uint64_t seed);

/** Frees a check; NULL is allowed. */
void tsr_audit_free (TsrAudit *audit);

/** A copy, owned by the caller; NULL of NULL. */
TsrAudit *tsr_audit_copy (const TsrAudit *audit);

/** Reads what tsr_audit_format wrote; NULL for NULL, and for what makes no sense. Tiles from n on
 * make no sense either. */
TsrAudit *tsr_audit_parse (const char *text, uint32_t n);

/** The JSON that is stored, transfer full. */
char *tsr_audit_format (const TsrAudit *audit);

/** The project's check, or NULL. */
TsrAudit *tsr_audit_load (TsrProject *project);

/** Stores it in the place of the former; NULL: there is none. */
bool tsr_audit_store (TsrProject *project, const TsrAudit *audit, GError **error);

/** Takes answers from the labels as they are now, label [n] and excluded [n]; a check of which no
 * tile is left is done, and from then on nothing is taken. Only a class given in the check
 * (TSR_HOW_CHECK, which project says) is an answer: whoever gave another, in bulk, in a file or
 * while the check was interrupted, may have seen what is predicted, so that its tile is set aside.
 * project NULL: every class was given in the check. Returns whether anything changed. */
bool tsr_audit_follow (TsrAudit *audit, TsrProject *project, const int32_t *label,
                       const uint8_t *excluded);

/** How many tiles are set aside although they have a class, because of how they got it. */
size_t tsr_audit_unasked (const TsrAudit *audit, const int32_t *label, const uint8_t *excluded);

/** An answer was undone: the tile is to be asked for again, next, also where the check was done.
 * False if the tile is none of its tiles, or has no answer. */
bool tsr_audit_take_back (TsrAudit *audit, uint32_t tile);

/** Puts a tile without answer behind the others; false if it is no such tile. */
bool tsr_audit_skip (TsrAudit *audit, uint32_t tile);

/** The tiles without answer in order: GArray of uint32_t, transfer full. */
GArray *tsr_audit_left (const TsrAudit *audit);

/** Whether what is predicted of the tile must not be seen: it has no answer yet. */
bool tsr_audit_hides (const TsrAudit *audit, uint32_t tile);

/** Whether the tile is one of the check's. */
bool tsr_audit_has (const TsrAudit *audit, uint32_t tile);

/** Of which tiles nothing predicted may be seen, uint8_t [n], transfer full: of all without a class
 * (label [n] < 0) while it is running, since those round a tile tell, too; of its own without
 * answer while it is interrupted. NULL where there is nothing to hide; audit may be NULL. */
uint8_t *tsr_audit_veil (const TsrAudit *audit, const int32_t *label, uint32_t n);

/** Takes what may not be seen out of a table that leaves the project; whether there was any. */
bool tsr_audit_veil_table (const TsrAudit *audit, TsrTable *table);

/** Gives classes that have been merged since the ids of the classes they are now. */
void tsr_audit_resolve (TsrAudit *audit, TsrProject *project, const GPtrArray *classes);

/** Of the tiles that were given class_id (TSR_LABEL_NONE: any class), how many were predicted as
 * that; *aside (or NULL): tiles, of all, that were set aside. */
TsrShare tsr_audit_share (const TsrAudit *audit, int32_t class_id, size_t *aside);

/** Where the check's tiles lie, as a short text that changes with any of their places in points
 * [n,d], the map or W (NULL: nowhere). Transfer full. */
char *tsr_audit_places (const TsrAudit *audit, const float *points, size_t d);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrAudit, tsr_audit_free)
