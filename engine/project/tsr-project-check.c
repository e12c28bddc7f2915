/* A thorough look at a project: SQLite's own check, and the journal played again from the start
 * against what is stored. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

#include <string.h>

typedef struct {
  int32_t value;
  int64_t origin;
  bool excluded;
} State;

typedef struct {
  TsrProject *project;
  State *states; /* [n] */
  int64_t n;
  GArray *done,
      *undone; /* int64_t: the entries in effect; the undos redo would take back; newest last */
  GHashTable *inactive; /* classes merged away or removed */
} Replay;

static bool
check_sqlite (TsrProject *project, GError **error)
{
  g_autoptr (TsrStatement) check = tsr_db_prepare (project, "PRAGMA integrity_check (1)", error);
  if (tsr_db_step (project, check, error) <= 0)
    return false;
  g_autofree char *result = tsr_db_text (check, 0);
  const char *newline = strchr (result, '\n'); /* after a line that names the database */
  if (strcmp (result, "ok") != 0)
    return tsr_db_corrupt (project, newline ? newline + 1 : result, error);
  g_autoptr (TsrStatement) keys = tsr_db_prepare (project, "PRAGMA foreign_key_check", error);
  int row = tsr_db_step (project, keys, error);
  return row == 0 || (row > 0 && tsr_db_corrupt (project, _ ("a reference leads nowhere"), error));
}

static bool
check_numbers (TsrProject *project, int64_t n, GError **error)
{
  if (tsr_db_int (project, "SELECT count (*) FROM tile", -1) != n)
    return tsr_db_corrupt (project, _ ("tiles are missing"), error);
  if (tsr_db_int (project, "SELECT count (*) - coalesce (max (seq), 0) FROM journal", -1) != 0)
    return tsr_db_corrupt (project, _ ("entries of the journal are missing"), error);
  return true;
}

/* Whether a stored row starts from the state the entries before it led to; an undo starts from its
 * result. */
static bool
row_fits (const State *state, const TsrJournalRow *row, const TsrJournalRecord *target,
          bool backwards)
{
  const TsrLabelChange *change = &row->change;
  int64_t origin_after = tsr_row_origin (target->action, target->seq, row);
  if (backwards)
    return state->value == change->after && state->excluded == change->excluded_after &&
           state->origin == origin_after;
  return state->value == change->before && state->excluded == change->excluded_before &&
         state->origin == row->origin_before;
}

static bool
replay_rows (Replay *replay, const TsrJournalRecord *record, const TsrJournalRecord *target,
             GError **error)
{
  TsrProject *project = replay->project;
  bool backwards = record->action == TSR_ACTION_UNDO;
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project,
                      "SELECT tile, before, after, excluded_before, excluded_after, origin_before, "
                      "origin_after FROM journal_tile WHERE seq = ?",
                      error);
  if (select)
    sqlite3_bind_int64 (select, 1, target->seq);
  int found;
  uint32_t count = 0;
  while ((found = tsr_db_step (project, select, error)) > 0) {
    int64_t tile = sqlite3_column_int64 (select, 0);
    TsrJournalRow row = tsr_row_read (select, 0);
    State *state = tile >= 0 && tile < replay->n ? &replay->states[tile] : NULL;
    if (!state || !row_fits (state, &row, target, backwards))
      return tsr_db_corrupt (
          project, _ ("an entry of the journal does not follow from those before it"), error);
    if (backwards)
      *state = (State){row.change.before, row.origin_before, row.change.excluded_before};
    else
      *state = (State){row.change.after, tsr_row_origin (target->action, target->seq, &row),
                       row.change.excluded_after};
    count++;
  }
  if (found == 0 && (count != record->count || count != target->count))
    return tsr_db_corrupt (project, _ ("an entry of the journal has lost some of its tiles"),
                           error);
  return found == 0;
}

static int64_t
last (const GArray *stack)
{
  return stack->len ? g_array_index (stack, int64_t, stack->len - 1) : 0;
}

/* Moves the entry between the two stacks as its kind demands and compares with what it says of
 * them. */
static bool
replay_stacks (Replay *replay, const TsrJournalRecord *record, const TsrJournalRecord *target,
               GError **error)
{
  bool fits = true;
  if (record->action == TSR_ACTION_UNDO) {
    fits = last (replay->done) == target->seq;
    g_array_set_size (replay->done, replay->done->len - (fits ? 1 : 0));
    g_array_append_val (replay->undone, record->seq);
  } else if (record->action == TSR_ACTION_REDO) {
    g_auto (TsrJournalRecord) undo = {0};
    if (!tsr_journal_load (replay->project, last (replay->undone), &undo, error))
      return false;
    fits = undo.action == TSR_ACTION_UNDO && undo.target == target->seq;
    g_array_set_size (replay->undone, replay->undone->len - (fits ? 1 : 0));
    g_array_append_val (replay->done, target->seq);
  } else {
    g_array_append_val (replay->done, record->seq);
    g_array_set_size (replay->undone, 0);
  }
  fits &= record->top == last (replay->done) && record->undone == last (replay->undone);
  return fits ||
         tsr_db_corrupt (replay->project, _ ("the journal's undo order contradicts itself"), error);
}

static void
set_active (Replay *replay, int32_t class_, bool active)
{
  if (active)
    g_hash_table_remove (replay->inactive, GINT_TO_POINTER (class_));
  else
    g_hash_table_add (replay->inactive, GINT_TO_POINTER (class_));
}

static bool
replay_class (Replay *replay, const TsrJournalRecord *record, const TsrJournalRecord *target,
              GError **error)
{
  bool undo = record->action == TSR_ACTION_UNDO;
  if (target->action == TSR_ACTION_MERGE || target->action == TSR_ACTION_REMOVE_CLASS)
    set_active (replay, target->class_, undo);
  if (target->action != TSR_ACTION_REVERT)
    return true;
  g_autoptr (TsrStatement) select = tsr_db_prepare (
      replay->project, "SELECT class, active FROM journal_class WHERE seq = ?", error);
  if (select)
    sqlite3_bind_int64 (select, 1, target->seq);
  int found;
  while ((found = tsr_db_step (replay->project, select, error)) > 0)
    set_active (replay, sqlite3_column_int (select, 0),
                (sqlite3_column_int (select, 1) != 0) != undo);
  return found == 0;
}

static bool
replay_entry (Replay *replay, int64_t seq, GError **error)
{
  g_auto (TsrJournalRecord) record = {0}, target = {0};
  if (!tsr_journal_load (replay->project, seq, &record, error))
    return false;
  bool reference = record.action == TSR_ACTION_UNDO || record.action == TSR_ACTION_REDO;
  if (reference && (record.target <= 0 || record.target >= seq))
    return tsr_db_corrupt (replay->project, _ ("the journal refers to an entry that is not there"),
                           error);
  if (!tsr_journal_load (replay->project, reference ? record.target : seq, &target, error) ||
      !replay_rows (replay, &record, &target, error) ||
      !replay_stacks (replay, &record, &target, error))
    return false;
  return replay_class (replay, &record, &target, error);
}

static bool
compare_labels (Replay *replay, GError **error)
{
  TsrProject *project = replay->project;
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project, "SELECT tile, value, origin, excluded FROM label", error);
  int row;
  while ((row = tsr_db_step (project, select, error)) > 0) {
    int64_t tile = sqlite3_column_int64 (select, 0);
    State *state = tile >= 0 && tile < replay->n ? &replay->states[tile] : NULL;
    if (!state || state->value != sqlite3_column_int (select, 1) ||
        state->origin != sqlite3_column_int64 (select, 2) ||
        state->excluded != (sqlite3_column_int (select, 3) != 0))
      return tsr_db_corrupt (project, _ ("a label is not what the journal says"), error);
    *state = (State){TSR_LABEL_NONE, 0, false};
  }
  for (int64_t i = 0; row == 0 && i < replay->n; i++)
    if (replay->states[i].value != TSR_LABEL_NONE || replay->states[i].origin ||
        replay->states[i].excluded)
      return tsr_db_corrupt (project, _ ("a label the journal knows is missing"), error);
  return row == 0;
}

static bool
compare_classes (Replay *replay, GError **error)
{
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (replay->project, "SELECT id, active FROM class", error);
  int row;
  while ((row = tsr_db_step (replay->project, select, error)) > 0) {
    bool active = sqlite3_column_int (select, 1) != 0;
    if (active ==
        g_hash_table_contains (replay->inactive, GINT_TO_POINTER (sqlite3_column_int (select, 0))))
      return tsr_db_corrupt (replay->project, _ ("its classes are not what the journal says"),
                             error);
  }
  return row == 0;
}

static bool
check_journal (TsrProject *project, int64_t n, GError **error)
{
  Replay replay = {
      .project = project,
      .n = n,
      .states = g_new0 (State, MAX (n, 1)),
      .done = g_array_new (FALSE, FALSE, sizeof (int64_t)),
      .undone = g_array_new (FALSE, FALSE, sizeof (int64_t)),
      .inactive = g_hash_table_new (NULL, NULL),
  };
  for (int64_t i = 0; i < n; i++)
    replay.states[i].value = TSR_LABEL_NONE;
  int64_t entries = tsr_project_journal_seq (project);
  bool ok = true;
  for (int64_t seq = 1; ok && seq <= entries; seq++)
    ok = replay_entry (&replay, seq, error);
  ok = ok && compare_labels (&replay, error) && compare_classes (&replay, error);
  g_free (replay.states);
  g_array_unref (replay.done);
  g_array_unref (replay.undone);
  g_hash_table_unref (replay.inactive);
  return ok;
}

bool
tsr_project_check (TsrProject *project, GError **error)
{
  bool began = sqlite3_get_autocommit (project->db) && tsr_db_exec (project, "BEGIN", error);
  if (!began)
    return false;
  int64_t n = tsr_project_count_tiles (project, error);
  bool ok = n >= 0 && check_sqlite (project, error) && check_numbers (project, n, error) &&
            check_journal (project, n, error);
  sqlite3_exec (project->db, "COMMIT", NULL, NULL, NULL);
  return ok;
}
