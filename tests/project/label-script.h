#pragma once
/* An endless script of labelling, repeatable by its seed, and a plain model of what it must lead
 * to: whole copies of the state for undo and redo, no journal. The property, power-cut and kill
 * tests all play it. */

#include "tsr-project.h"
#include "tsr-random.h"

#define SCRIPT_MAX_TILES   96
#define SCRIPT_MAX_CLASSES 24

typedef enum {
  SCRIPT_LABEL, /* one tile, or many with one value, or many with a value each */
  SCRIPT_EXCLUDE,
  SCRIPT_READMIT,
  SCRIPT_ADD_CLASS,
  SCRIPT_MERGE,
  SCRIPT_REMOVE,
  SCRIPT_UNDO,
  SCRIPT_REDO,
  SCRIPT_ACT,    /* a class joins, two lots of tiles get labels, some are cleared: one act */
  SCRIPT_REVERT, /* to the moment number `from` of those the script remembers */
} ScriptAction;

typedef struct {
  ScriptAction action;
  uint32_t tiles[SCRIPT_MAX_TILES];
  int32_t values[SCRIPT_MAX_TILES];
  uint32_t count;
  bool one_value;
  int32_t from, into;
  int64_t moment; /* the journal's newest entry at the moment */
} ScriptOperation;

typedef struct {
  int32_t label[SCRIPT_MAX_TILES];
  bool excluded[SCRIPT_MAX_TILES];
  uint32_t origin[SCRIPT_MAX_TILES]; /* the entry that gave the label */
  bool gone[SCRIPT_MAX_CLASSES + 1]; /* classes 1 .. n_classes that were merged away or removed */
} ScriptState;

#define SCRIPT_PARTS   3  /* entries of an act */
#define SCRIPT_MOMENTS 24 /* that can be gone back to */

typedef struct {
  ScriptState before, after;
  uint32_t count[SCRIPT_PARTS]; /* tiles of each entry */
  uint32_t n_parts;
} ScriptEntry;

typedef struct {
  int64_t seq;
  ScriptState state;
} ScriptMoment;

typedef struct {
  const char *action; /* as tsr_project_journal says */
  uint32_t count;
} ScriptJournal;

typedef struct {
  TsrRandom random;
  uint32_t n;
  int32_t n_classes; /* ever made: ids 1 .. n_classes */
  ScriptState state;
  GArray *done, *undone;                /* ScriptEntry */
  GArray *journal;                      /* ScriptJournal, oldest first */
  ScriptMoment moments[SCRIPT_MOMENTS]; /* a ring; the n_moments'th comes next */
  uint32_t n_moments;
} Script;

/** Starts a script over the n tiles of a project that has no labels and no classes. */
void script_init (Script *script, uint32_t n, uint64_t seed);
void script_clear (Script *script);
void script_copy (const Script *from, Script *to);

/** Draws the next operation, which depends on the state. */
void script_next (Script *script, ScriptOperation *operation);

/** Makes the model do it. */
void script_apply (Script *script, const ScriptOperation *operation);

/** Makes the project do it. With `compare` what it says it changed is asserted against the model,
 * to which the operation must not yet have been applied. */
bool script_run (const ScriptOperation *operation, TsrProject *project, const Script *compare,
                 GError **error);

/** NULL if the project is exactly as the model says, else what differs (transfer full). Looks at
 * the newest `entries` of the journal. */
char *script_difference (const Script *script, TsrProject *project, uint32_t entries);
