/* Undo and redo: entries that refer to another one and apply its rows backwards or forwards.
 * Entries are undone strictly from the newest in effect, so the state an entry left is always the
 * state its undo finds. */

#include "tsr-project-private.h"

#include <string.h>

/* Applies the target's rows. changes receives what happened to each tile now. */
static bool
apply_rows (TsrProject *project, const TsrJournalRecord *target, bool backwards, GArray *changes,
            GError **error)
{
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project,
                      "SELECT tile, before, after, excluded_before, excluded_after, origin_before "
                      "FROM journal_tile WHERE seq = ? ORDER BY tile",
                      error);
  if (select)
    sqlite3_bind_int64 (select, 1, target->seq);
  int found;
  while ((found = tsr_db_step (project, select, error)) > 0) {
    int64_t tile = sqlite3_column_int64 (select, 0), origin = sqlite3_column_int64 (select, 5);
    int32_t before = sqlite3_column_int (select, 1), after = sqlite3_column_int (select, 2);
    bool excluded_before = sqlite3_column_int (select, 3) != 0,
         excluded_after = sqlite3_column_int (select, 4) != 0;
    if (!backwards && tsr_action_gives_origin (target->action))
      origin = target->seq;
    TsrLabelChange change = {(uint32_t)tile, before, after, excluded_before, excluded_after};
    if (backwards)
      change = (TsrLabelChange){(uint32_t)tile, after, before, excluded_after, excluded_before};
    if (!tsr_label_store (project, change.tile, change.after, origin, change.excluded_after, error))
      return false;
    g_array_append_val (changes, change);
  }
  return found == 0;
}

static bool
apply_class (TsrProject *project, const TsrJournalRecord *target, bool backwards, GError **error)
{
  if (target->action != TSR_ACTION_MERGE && target->action != TSR_ACTION_REMOVE_CLASS)
    return true;
  return tsr_class_set_active (project, target->class_, backwards, error);
}

/* "Tumour on 12 tiles", as said in a toast: Undone: ... */
static char *
describe (const TsrJournalRecord *target)
{
  unsigned n = target->count;
  switch (target->action) {
  case TSR_ACTION_EXCLUDE:
    return g_strdup_printf (
        g_dngettext ("tessera", "exclusion of %u tile", "exclusion of %u tiles", n), n);
  case TSR_ACTION_READMIT:
    return g_strdup_printf (
        g_dngettext ("tessera", "readmission of %u tile", "readmission of %u tiles", n), n);
  case TSR_ACTION_MERGE:
    return g_strdup_printf (_ ("merge of classes %s"), target->detail);
  case TSR_ACTION_REMOVE_CLASS:
    return g_strdup_printf (_ ("removal of class %s"), target->detail);
  default:
    break;
  }
  if (*target->detail == '\0')
    return g_strdup_printf (
        g_dngettext ("tessera", "clearing of %u tile", "clearing of %u tiles", n), n);
  if (strcmp (target->detail, "*") == 0)
    return g_strdup_printf (g_dngettext ("tessera", "label of %u tile", "labels of %u tiles", n),
                            n);
  if (strcmp (target->detail, "?") == 0)
    return g_strdup_printf (
        g_dngettext ("tessera", "“unsure” on %u tile", "“unsure” on %u tiles", n), n);
  return g_strdup_printf (g_dngettext ("tessera", "%s on %u tile", "%s on %u tiles", n),
                          target->detail, n);
}

static bool
append_reference (TsrProject *project, const TsrJournalRecord *head, const TsrJournalRecord *target,
                  bool backwards, int64_t top, int64_t undone, const char *annotator,
                  GError **error)
{
  g_auto (TsrJournalRecord) record = {
      .seq = head->seq + 1,
      .action = backwards ? TSR_ACTION_UNDO : TSR_ACTION_REDO,
      .how = target->how,
      .class_ = -1,
      .into = -1,
      .target = target->seq,
      .count = target->count,
      .top = top,
      .undone = undone,
  };
  record.detail = g_strdup_printf ("#%" G_GINT64_FORMAT " %s%s%s", target->seq,
                                   tsr_action_name (target->action), *target->detail ? " " : "",
                                   target->detail);
  return tsr_journal_insert (project, &record, annotator, error);
}

static bool
is_reference (const TsrJournalRecord *record)
{
  return record->action == TSR_ACTION_UNDO || record->action == TSR_ACTION_REDO;
}

/* Inside the transaction; with nothing to do *description stays NULL and no entry is written. */
static bool
step_history (TsrProject *project, bool backwards, const char *annotator, GArray *changes,
              char **description, GError **error)
{
  g_auto (TsrJournalRecord) head = {0}, undo = {0}, target = {0}, below = {0};
  if (!tsr_journal_head (project, &head, error))
    return false;
  int64_t entry = backwards ? head.top : head.undone;
  if (entry == 0)
    return true;
  /* what is redone is the target of an undo */
  if (!backwards && !tsr_journal_load (project, entry, &undo, error))
    return false;
  int64_t seq = backwards ? entry : undo.target;
  if (seq <= 0 || entry < 0 || !tsr_journal_load (project, seq, &target, error) ||
      !tsr_journal_load (project, entry - 1, &below, error) || is_reference (&target)) {
    if (error && !*error)
      tsr_db_corrupt (project, "the journal refers to an entry that is not there", error);
    return false;
  }
  int64_t top = backwards ? below.top : seq, undone = backwards ? head.seq + 1 : below.undone;
  if (!append_reference (project, &head, &target, backwards, top, undone, annotator, error) ||
      !apply_rows (project, &target, backwards, changes, error) ||
      !apply_class (project, &target, backwards, error))
    return false;
  *description = describe (&target);
  return true;
}

static bool
travel (TsrProject *project, bool backwards, const char *annotator, GArray **changes,
        char **description, GError **error)
{
  if (changes)
    *changes = NULL;
  if (description)
    *description = NULL;
  if (!tsr_db_begin (project, error))
    return false;
  g_autoptr (GArray) made = g_array_new (FALSE, FALSE, sizeof (TsrLabelChange));
  g_autofree char *text = NULL;
  bool ok = step_history (project, backwards, annotator, made, &text, error);
  if (!tsr_db_end (project, ok, error))
    return false;
  if (changes)
    *changes = g_steal_pointer (&made);
  if (description)
    *description = g_steal_pointer (&text);
  return true;
}

bool
tsr_project_undo (TsrProject *project, const char *annotator, GArray **changes, char **description,
                  GError **error)
{
  return travel (project, true, annotator, changes, description, error);
}

bool
tsr_project_redo (TsrProject *project, const char *annotator, GArray **changes, char **description,
                  GError **error)
{
  return travel (project, false, annotator, changes, description, error);
}

/* ---- back to a moment ---- */

/* What was the newest entry in effect after entry seq. */
static bool
top_after (TsrProject *project, int64_t seq, int64_t *top, GError **error)
{
  g_auto (TsrJournalRecord) record = {0}, head = {0};
  *top = 0;
  if (seq == 0)
    return true;
  if (!tsr_journal_head (project, &head, error))
    return false;
  if (seq < 0 || seq > head.seq) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 "The journal has no entry %" G_GINT64_FORMAT "; its newest is %" G_GINT64_FORMAT
                 ".",
                 seq, head.seq);
    return false;
  }
  if (!tsr_journal_load (project, seq, &record, error)) {
    if (error && !*error)
      tsr_db_corrupt (project, "the journal refers to an entry that is not there", error);
    return false;
  }
  *top = record.top;
  return true;
}

/* Inside the transaction: undoes until `top` is the newest entry in effect. */
static bool
undo_to (TsrProject *project, int64_t seq, int64_t top, const char *annotator, uint32_t *undone,
         GError **error)
{
  for (;;) {
    g_auto (TsrJournalRecord) head = {0};
    g_autoptr (GArray) changes = g_array_new (FALSE, FALSE, sizeof (TsrLabelChange));
    g_autofree char *text = NULL;
    if (!tsr_journal_head (project, &head, error))
      return false;
    if (head.top == top)
      return true;
    if (head.top < top) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   "Undoing does not lead back to entry %" G_GINT64_FORMAT
                   ": some of what was in effect then has been undone since. Choose a later entry, "
                   "or redo first.",
                   seq);
      return false;
    }
    if (!step_history (project, true, annotator, changes, &text, error))
      return false;
    ++*undone;
  }
}

bool
tsr_project_revert (TsrProject *project, int64_t seq, const char *annotator, uint32_t *undone,
                    GError **error)
{
  uint32_t count = 0;
  int64_t top;
  if (undone)
    *undone = 0;
  if (!tsr_db_begin (project, error))
    return false;
  bool ok = top_after (project, seq, &top, error) &&
            undo_to (project, seq, top, annotator, &count, error);
  if (!tsr_db_end (project, ok, error))
    return false;
  if (undone)
    *undone = count;
  return true;
}

/* ---- what can be undone ---- */

int64_t
tsr_project_undo_entry (TsrProject *project)
{
  g_auto (TsrJournalRecord) head = {0};
  return tsr_journal_head (project, &head, NULL) ? head.top : 0;
}

bool
tsr_project_can_undo (TsrProject *project)
{
  return tsr_project_undo_entry (project) != 0;
}

bool
tsr_project_can_redo (TsrProject *project)
{
  g_auto (TsrJournalRecord) head = {0};
  return tsr_journal_head (project, &head, NULL) && head.undone != 0;
}
