/* Undo and redo: entries that refer to another one and apply its rows backwards or forwards.
 * Entries are undone strictly from the newest in effect, so the state an entry left is always the
 * state its undo finds. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

#include <string.h>

/* Applies the target's rows. changes receives what happened to each tile now. */
static bool
apply_rows (TsrProject *project, const TsrJournalRecord *target, bool backwards, GArray *changes,
            GError **error)
{
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project,
                      "SELECT tile, before, after, excluded_before, excluded_after, origin_before, "
                      "origin_after FROM journal_tile WHERE seq = ? ORDER BY tile",
                      error);
  if (select)
    sqlite3_bind_int64 (select, 1, target->seq);
  int found;
  while ((found = tsr_db_step (project, select, error)) > 0) {
    TsrJournalRow row = tsr_row_read (select, 0);
    TsrLabelChange change = row.change;
    if (backwards)
      change = (TsrLabelChange){row.change.tile, row.change.after, row.change.before,
                                row.change.excluded_after, row.change.excluded_before};
    int64_t origin =
        backwards ? row.origin_before : tsr_row_origin (target->action, target->seq, &row);
    if (!tsr_label_store (project, change.tile, change.after, origin, change.excluded_after, error))
      return false;
    g_array_append_val (changes, change);
  }
  return found == 0;
}

static bool
apply_class (TsrProject *project, const TsrJournalRecord *target, bool backwards, GError **error)
{
  if (target->action == TSR_ACTION_REVERT)
    return tsr_revert_apply_classes (project, target->seq, backwards, error);
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
        g_dngettext (GETTEXT_PACKAGE, "exclusion of %u tile", "exclusion of %u tiles", n), n);
  case TSR_ACTION_READMIT:
    return g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "readmission of %u tile", "readmission of %u tiles", n), n);
  case TSR_ACTION_MERGE:
    return g_strdup_printf (_ ("merge of classes %s"), target->detail);
  case TSR_ACTION_REMOVE_CLASS:
    return g_strdup_printf (_ ("removal of class %s"), target->detail);
  case TSR_ACTION_REVERT:
    return g_strdup (_ ("going back to an earlier moment"));
  default:
    break;
  }
  if (*target->detail == '\0')
    return g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "clearing of %u tile", "clearing of %u tiles", n), n);
  if (strcmp (target->detail, "*") == 0)
    return g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "label of %u tile", "labels of %u tiles", n), n);
  if (strcmp (target->detail, "?") == 0)
    return g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "“unsure” on %u tile", "“unsure” on %u tiles", n), n);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s on %u tile", "%s on %u tiles", n),
                          target->detail, n);
}

static bool
append_reference (TsrProject *project, const TsrJournalRecord *head, const TsrJournalRecord *target,
                  bool backwards, int64_t top, int64_t undone, bool part, const char *annotator,
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
      .moment = -1,
      .part = part,
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

/* Where one step of undo or redo led. */
typedef struct {
  TsrJournalRecord target; /* what was undone or redone */
  bool done;               /* there was something */
  bool more;               /* the next one belongs to the same act */
} Step;

/* What redo would take next, the target of an undo; seq 0: nothing. */
static bool
load_redo (TsrProject *project, int64_t entry, TsrJournalRecord *target, GError **error)
{
  g_auto (TsrJournalRecord) undo = {0};
  return tsr_journal_load (project, entry, &undo, error) &&
         (entry == 0 || (undo.target > 0 || tsr_db_corrupt (project,
                                                            _ ("the journal refers to an "
                                                               "entry that is not there"),
                                                            error))) &&
         tsr_journal_load (project, undo.target, target, error);
}

/* Inside the transaction; with nothing to do no entry is written. part: it is not the act's first.
 */
static bool
step_history (TsrProject *project, bool backwards, bool part, const char *annotator,
              GArray *changes, Step *step, GError **error)
{
  g_auto (TsrJournalRecord) head = {0}, below = {0}, next = {0};
  *step = (Step){.done = false};
  if (!tsr_journal_head (project, &head, error))
    return false;
  int64_t entry = backwards ? head.top : head.undone;
  if (entry == 0)
    return true;
  TsrJournalRecord *target = &step->target;
  if (!(backwards ? tsr_journal_load (project, entry, target, error)
                  : load_redo (project, entry, target, error)) ||
      !tsr_journal_load (project, entry - 1, &below, error) || is_reference (target)) {
    if (error && !*error)
      tsr_db_corrupt (project, _ ("the journal refers to an entry that is not there"), error);
    return false;
  }
  int64_t top = backwards ? below.top : target->seq,
          undone = backwards ? head.seq + 1 : below.undone;
  if (!append_reference (project, &head, target, backwards, top, undone, part, annotator, error) ||
      !apply_rows (project, target, backwards, changes, error) ||
      !apply_class (project, target, backwards, error))
    return false;
  if (!backwards && !load_redo (project, undone, &next, error))
    return false;
  step->done = true;
  step->more = backwards ? target->part : next.part && next.seq == target->seq + 1;
  return true;
}

static int
compare_tiles (const void *a, const void *b)
{
  uint32_t x = ((const TsrLabelChange *)a)->tile, y = ((const TsrLabelChange *)b)->tile;
  return x < y ? -1 : x > y;
}

/* Changes of several entries, oldest first, as one: ordered by tile, each tile once. */
static void
join_changes (GArray *changes)
{
  TsrLabelChange *all = (TsrLabelChange *)changes->data;
  guint kept = 0;
  g_array_sort (changes, compare_tiles); /* stable */
  for (guint i = 0; i < changes->len; i++) {
    if (kept > 0 && all[kept - 1].tile == all[i].tile) {
      all[kept - 1].after = all[i].after;
      all[kept - 1].excluded_after = all[i].excluded_after;
    } else {
      all[kept++] = all[i];
    }
  }
  g_array_set_size (changes, kept);
}

/* Inside the transaction: one act back or forth. */
static bool
travel_act (TsrProject *project, bool backwards, const char *annotator, GArray *changes,
            char **description, GError **error)
{
  bool more = true;
  for (unsigned entries = 0; more; entries++) {
    Step step;
    bool ok = step_history (project, backwards, entries > 0, annotator, changes, &step, error);
    if (ok && step.done && entries == 0)
      *description = describe (&step.target);
    else if (ok && entries == 1) {
      g_free (*description);
      *description = NULL;
    }
    tsr_journal_record_clear (&step.target);
    if (!ok)
      return false;
    more = step.more;
    if (entries > 0 && !more)
      join_changes (changes);
  }
  if (!*description && changes->len > 0) { /* an act of several entries */
    g_auto (TsrJournalRecord)
        whole = {.action = TSR_ACTION_LABEL, .count = changes->len, .detail = g_strdup ("*")};
    *description = describe (&whole);
  }
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
  bool ok = travel_act (project, backwards, annotator, made, &text, error);
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
