#pragma once
/* The journal as a list to look through: which entries there are, and what to say of each. A list
 * of numbers is read at once, what is said of them in pages. */

#include "tsr-project.h"

/** Kinds of entries, for people. */
typedef enum {
  TSR_JOURNAL_ANY,
  TSR_JOURNAL_SUGGESTED, /* labels that were given so: TsrHow */
  TSR_JOURNAL_PICKED,
  TSR_JOURNAL_LASSO,
  TSR_JOURNAL_IMPORTED,
  TSR_JOURNAL_COMMAND,
  TSR_JOURNAL_CONSENSUS,
  TSR_JOURNAL_CHECK,
  TSR_JOURNAL_CLEARED,
  TSR_JOURNAL_EXCLUDED, /* tiles excluded or readmitted */
  TSR_JOURNAL_CLASSES,  /* classes merged or removed */
  TSR_JOURNAL_UNDONE,   /* undone, done again, gone back */
  TSR_JOURNAL_N_KINDS
} TsrJournalKind;

/** Which entries are wanted: those that pass everything that is set. */
typedef struct {
  const char *annotator; /* NULL: anybody's */
  TsrJournalKind kind;
  int32_t class_id; /* entries that gave tiles this class, or took it from them; 0: any */
  const char *text; /* part of the annotator's name or of the detail, whatever the case, or "#12":
                       entries that touched this tile; NULL or empty: any */
} TsrJournalFilter;

/** What to say of an entry. */
typedef struct {
  int64_t seq;
  gint64 unix_us;
  char *annotator;
  char *action; /* as in TsrJournalEntry */
  char *deed;   /* the action; of undo and redo their target's */
  TsrHow how;
  uint32_t count;   /* tiles touched */
  char *detail;     /* of the deed, as in TsrJournalEntry */
  int64_t moment;   /* of a revert: the entry gone back to; else -1 */
  uint32_t tile;    /* the first one touched, UINT32_MAX: none */
  int32_t class_id; /* what the deed gave its tiles, if that is one class; of a merge or removal the
                       class that went; else TSR_LABEL_NONE or TSR_LABEL_UNSURE */
} TsrJournalLine;

/** Frees a line with its texts; NULL is allowed. */
void tsr_journal_line_free (TsrJournalLine *line);

/** The numbers of the entries that pass (filter NULL: all), the newest first: GArray of int64_t,
 * transfer full. NULL with error. */
GArray *tsr_project_journal_find (TsrProject *project, const TsrJournalFilter *filter,
                                  GError **error);

/** What to say of the entries seqs[n]: GPtrArray of TsrJournalLine, transfer full, in their order,
 * NULL where there is no such entry. NULL with error. */
GPtrArray *tsr_project_journal_lines (TsrProject *project, const int64_t *seqs, size_t n,
                                      GError **error);

/** Everybody who has an entry, sorted; g_strfreev. NULL with error. */
char **tsr_project_journal_annotators (TsrProject *project, GError **error);
