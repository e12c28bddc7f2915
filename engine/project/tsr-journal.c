/* The journal as stored. Every entry carries, besides what was done, where undo and redo stand
 * after it: `top`, the newest entry still in effect, and `undone`, the newest undo not yet taken
 * back. The entry before T knows what lay below T, so both stacks are linked lists inside the
 * append-only table: undo and redo cost the same however long the journal is, and need no state of
 * their own that could disagree with it. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

#include <string.h>

static const char *const action_names[TSR_N_ACTIONS] = {
    "label", "exclude", "readmit", "merge", "remove-class", "undo", "redo", "revert",
};

static const char *const how_names[] = {"suggested", "picked",  "lasso",     "imported",
                                        "cleared",   "command", "consensus", "check"};

static int
find_name (const char *name, const char *const *names, int n)
{
  for (int i = 0; i < n; i++)
    if (g_strcmp0 (name, names[i]) == 0)
      return i;
  return -1;
}

const char *
tsr_action_name (TsrAction action)
{
  return action_names[action];
}

int
tsr_action_parse (const char *name)
{
  return find_name (name, action_names, TSR_N_ACTIONS);
}

const char *
tsr_how_name (TsrHow how)
{
  return (unsigned)how < G_N_ELEMENTS (how_names) ? how_names[how] : how_names[TSR_HOW_PICKED];
}

int
tsr_how_parse (const char *name)
{
  return find_name (name, how_names, G_N_ELEMENTS (how_names));
}

int64_t
tsr_row_origin (TsrAction action, int64_t seq, const TsrJournalRow *row)
{
  if (action == TSR_ACTION_LABEL)
    return seq;
  /* a merged class keeps saying who looked at the tile */
  return action == TSR_ACTION_REVERT ? row->origin_after : row->origin_before;
}

TsrJournalRow
tsr_row_read (TsrStatement *select, int first)
{
  return (TsrJournalRow){
      .change =
          {
              .tile = (uint32_t)sqlite3_column_int64 (select, first),
              .before = sqlite3_column_int (select, first + 1),
              .after = sqlite3_column_int (select, first + 2),
              .excluded_before = sqlite3_column_int (select, first + 3) != 0,
              .excluded_after = sqlite3_column_int (select, first + 4) != 0,
          },
      .origin_before = sqlite3_column_int64 (select, first + 5),
      .origin_after = sqlite3_column_int64 (select, first + 6),
  };
}

void
tsr_journal_record_clear (TsrJournalRecord *record)
{
  g_clear_pointer (&record->detail, g_free);
}

/* Numbers of entries leave room to count on. */
static bool
in_range (int64_t seq)
{
  return seq >= 0 && seq < INT64_MAX / 2;
}

static bool
read_record (TsrProject *project, TsrStatement *select, TsrJournalRecord *record, GError **error)
{
  int action = tsr_action_parse ((const char *)sqlite3_column_text (select, 1));
  int how = tsr_how_parse ((const char *)sqlite3_column_text (select, 2));
  if (action < 0 || how < 0)
    return tsr_db_corrupt (project, _ ("the journal holds an action that does not exist"), error);
  *record = (TsrJournalRecord){
      .seq = sqlite3_column_int64 (select, 0),
      .action = (TsrAction)action,
      .how = (TsrHow)how,
      .class_ =
          sqlite3_column_type (select, 3) == SQLITE_NULL ? -1 : sqlite3_column_int (select, 3),
      .into = sqlite3_column_type (select, 4) == SQLITE_NULL ? -1 : sqlite3_column_int (select, 4),
      .target = sqlite3_column_int64 (select, 5),
      .count = (uint32_t)sqlite3_column_int64 (select, 6),
      .top = sqlite3_column_int64 (select, 7),
      .undone = sqlite3_column_int64 (select, 8),
      .detail = tsr_db_text (select, 9),
      .moment =
          sqlite3_column_type (select, 10) == SQLITE_NULL ? -1 : sqlite3_column_int64 (select, 10),
      .part = sqlite3_column_int (select, 11) != 0,
  };
  return (in_range (record->seq) && record->moment < INT64_MAX / 2 && in_range (record->target) &&
          in_range (record->top) && in_range (record->undone)) ||
         tsr_db_corrupt (project, _ ("an entry of the journal has an impossible number"), error);
}

#define RECORD                                                                                     \
  "SELECT seq, action, how, class, into_class, target, count, top, undone, detail, moment, "       \
  "part FROM journal "

bool
tsr_journal_load (TsrProject *project, int64_t seq, TsrJournalRecord *record, GError **error)
{
  *record = (TsrJournalRecord){.class_ = -1, .into = -1, .moment = -1};
  if (seq == 0)
    return true;
  g_autoptr (TsrStatement) select = tsr_db_prepare (project, RECORD "WHERE seq = ?", error);
  if (select)
    sqlite3_bind_int64 (select, 1, seq);
  int row = tsr_db_step (project, select, error);
  if (row == 0)
    tsr_db_corrupt (project, _ ("an entry of the journal is missing"), error);
  return row > 0 && read_record (project, select, record, error);
}

bool
tsr_journal_head (TsrProject *project, TsrJournalRecord *record, GError **error)
{
  *record = (TsrJournalRecord){.class_ = -1, .into = -1, .moment = -1};
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project, RECORD "ORDER BY seq DESC LIMIT 1", error);
  int row = tsr_db_step (project, select, error);
  return row == 0 || (row > 0 && read_record (project, select, record, error));
}

bool
tsr_journal_insert (TsrProject *project, const TsrJournalRecord *record, const char *annotator,
                    GError **error)
{
  g_autoptr (TsrStatement) insert =
      tsr_db_prepare (project,
                      "INSERT INTO journal (seq, at, annotator, action, how, class, into_class, "
                      "target, count, detail, top, undone, moment, part)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, nullif (?6, -1), nullif (?7, -1), nullif (?8, "
                      "0), ?9, ?10, ?11, ?12, ?13, ?14)",
                      error);
  if (!insert)
    return false;
  g_autofree char *name = g_utf8_make_valid (annotator ? annotator : "", -1);
  sqlite3_bind_int64 (insert, 1, record->seq);
  sqlite3_bind_int64 (insert, 2, g_get_real_time ());
  sqlite3_bind_text (insert, 3, name, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (insert, 4, tsr_action_name (record->action), -1, SQLITE_STATIC);
  sqlite3_bind_text (insert, 5, tsr_how_name (record->how), -1, SQLITE_STATIC);
  sqlite3_bind_int (insert, 6, record->class_);
  sqlite3_bind_int (insert, 7, record->into);
  sqlite3_bind_int64 (insert, 8, record->target);
  sqlite3_bind_int64 (insert, 9, record->count);
  sqlite3_bind_text (insert, 10, record->detail ? record->detail : "", -1, SQLITE_TRANSIENT);
  sqlite3_bind_int64 (insert, 11, record->top);
  sqlite3_bind_int64 (insert, 12, record->undone);
  if (record->action == TSR_ACTION_REVERT)
    sqlite3_bind_int64 (insert, 13, record->moment);
  sqlite3_bind_int (insert, 14, record->part);
  return tsr_db_run (project, insert, error);
}

bool
tsr_label_store (TsrProject *project, uint32_t tile, int32_t value, int64_t origin, bool excluded,
                 GError **error)
{
  g_autoptr (TsrStatement) store = tsr_db_prepare (
      project,
      "INSERT OR REPLACE INTO label (tile, value, origin, excluded) VALUES (?1, ?2, ?3, ?4)",
      error);
  if (!store)
    return false;
  sqlite3_bind_int64 (store, 1, tile);
  sqlite3_bind_int (store, 2, value);
  sqlite3_bind_int64 (store, 3, origin);
  sqlite3_bind_int (store, 4, excluded);
  return tsr_db_run (project, store, error);
}
