/* New entries: labels, exclusions, and classes merged or removed. One call, one entry, one
 * transaction; the state the entry leads to is stored in the same transaction, so neither can be
 * there without the other. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

#include <stdlib.h>

static GArray *
rows_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (TsrJournalRow));
}

/* ---- what is asked for ---- */

typedef struct {
  uint32_t tile;
  int32_t value;
  size_t order;
} Request;

static int
compare_requests (const void *a, const void *b)
{
  const Request *x = a, *y = b;
  if (x->tile != y->tile)
    return x->tile < y->tile ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

/* Sorted by tile, which keeps the tables' pages together, and each tile once: the last word counts.
 */
static GArray *
sort_requests (const uint32_t *tiles, const int32_t *values, size_t count, bool one_value)
{
  GArray *requests = g_array_sized_new (FALSE, FALSE, sizeof (Request), (guint)count);
  for (size_t i = 0; i < count; i++) {
    Request request = {tiles[i], values ? values[one_value ? 0 : i] : 0, i};
    g_array_append_val (requests, request);
  }
  g_array_sort (requests, compare_requests);
  guint kept = 0;
  for (guint i = 0; i < requests->len; i++) {
    Request *all = (Request *)requests->data;
    if (i + 1 == requests->len || all[i + 1].tile != all[i].tile)
      all[kept++] = all[i];
  }
  g_array_set_size (requests, kept);
  return requests;
}

static bool
check_tiles (TsrProject *project, const GArray *requests, GError **error)
{
  int64_t n = tsr_project_count_tiles (project, error);
  if (n < 0)
    return false;
  uint32_t last = requests->len ? g_array_index (requests, Request, requests->len - 1).tile : 0;
  if (requests->len == 0 || last < n)
    return true;
  g_autofree char *name = g_filename_display_name (project->path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
               _ ("“%s” has no tile #%u; its tiles are #0 to #%lld."), name, last,
               (long long)(n - 1));
  return false;
}

static bool
check_values (TsrProject *project, const GArray *requests, GError **error)
{
  int32_t good = TSR_LABEL_NONE; /* the last one found to be right: bulk labels repeat it */
  for (guint i = 0; i < requests->len; i++) {
    int32_t value = g_array_index (requests, Request, i).value;
    if (value == good || value == TSR_LABEL_NONE || value == TSR_LABEL_UNSURE)
      continue;
    int active = tsr_class_is_active (project, value, error);
    if (active < 0)
      return false;
    if (!active) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   _ ("There is no class number %d; it may have been removed or merged meanwhile."),
                   value);
      return false;
    }
    good = value;
  }
  return true;
}

/* ---- what it changes ---- */

static bool
read_state (TsrProject *project, uint32_t tile, TsrJournalRow *row, GError **error)
{
  *row = (TsrJournalRow){.change = {.tile = tile, .before = TSR_LABEL_NONE}};
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT value, excluded, origin FROM label WHERE tile = ?", error);
  if (!find)
    return false;
  sqlite3_bind_int64 (find, 1, tile);
  int found = tsr_db_step (project, find, error);
  if (found > 0) {
    row->change.before = sqlite3_column_int (find, 0);
    row->change.excluded_before = sqlite3_column_int (find, 1) != 0;
    row->origin_before = sqlite3_column_int64 (find, 2);
  }
  row->change.after = row->change.before;
  row->change.excluded_after = row->change.excluded_before;
  return found >= 0;
}

static GArray *
label_rows (TsrProject *project, const GArray *requests, GError **error)
{
  g_autoptr (GArray) rows = rows_new ();
  for (guint i = 0; i < requests->len; i++) {
    const Request *request = &g_array_index (requests, Request, i);
    TsrJournalRow row;
    if (!read_state (project, request->tile, &row, error))
      return NULL;
    row.change.after = request->value;
    /* the same class once more is a confirmation and counts; nothing once more is nothing */
    if (row.change.before != TSR_LABEL_NONE || row.change.after != TSR_LABEL_NONE)
      g_array_append_val (rows, row);
  }
  return g_steal_pointer (&rows);
}

static GArray *
exclude_rows (TsrProject *project, const GArray *requests, bool excluded, GError **error)
{
  g_autoptr (GArray) rows = rows_new ();
  for (guint i = 0; i < requests->len; i++) {
    TsrJournalRow row;
    if (!read_state (project, g_array_index (requests, Request, i).tile, &row, error))
      return NULL;
    row.change.excluded_after = excluded;
    if (row.change.excluded_before != excluded)
      g_array_append_val (rows, row);
  }
  return g_steal_pointer (&rows);
}

/* All tiles of a class get another value. */
static GArray *
class_rows (TsrProject *project, int32_t from, int32_t into, GError **error)
{
  g_autoptr (GArray) rows = rows_new ();
  g_autoptr (TsrStatement) select = tsr_db_prepare (
      project, "SELECT tile, excluded, origin FROM label WHERE value = ? ORDER BY tile", error);
  if (select)
    sqlite3_bind_int (select, 1, from);
  int found;
  while ((found = tsr_db_step (project, select, error)) > 0) {
    bool excluded = sqlite3_column_int (select, 1) != 0;
    TsrJournalRow row = {
        .change = {(uint32_t)sqlite3_column_int64 (select, 0), from, into, excluded, excluded},
        .origin_before = sqlite3_column_int64 (select, 2),
    };
    g_array_append_val (rows, row);
  }
  return found < 0 ? NULL : g_steal_pointer (&rows);
}

/* ---- writing it ---- */

static bool
write_row (TsrProject *project, const TsrJournalRecord *record, const TsrJournalRow *row,
           GError **error)
{
  g_autoptr (TsrStatement) insert =
      tsr_db_prepare (project,
                      "INSERT INTO journal_tile (seq, tile, before, after, excluded_before, "
                      "excluded_after, origin_before, origin_after)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                      error);
  if (!insert)
    return false;
  const TsrLabelChange *change = &row->change;
  sqlite3_bind_int64 (insert, 1, record->seq);
  sqlite3_bind_int64 (insert, 2, change->tile);
  sqlite3_bind_int (insert, 3, change->before);
  sqlite3_bind_int (insert, 4, change->after);
  sqlite3_bind_int (insert, 5, change->excluded_before);
  sqlite3_bind_int (insert, 6, change->excluded_after);
  sqlite3_bind_int64 (insert, 7, row->origin_before);
  int64_t origin = tsr_row_origin (record->action, record->seq, row);
  if (record->action == TSR_ACTION_REVERT)
    sqlite3_bind_int64 (insert, 8, origin);
  return tsr_db_run (project, insert, error) &&
         tsr_label_store (project, change->tile, change->after, origin, change->excluded_after,
                          error);
}

bool
tsr_journal_append (TsrProject *project, TsrJournalRecord *record, const GArray *rows,
                    const char *annotator, GError **error)
{
  g_auto (TsrJournalRecord) head = {0};
  if (!tsr_journal_head (project, &head, error))
    return false;
  record->seq = record->top = head.seq + 1;
  record->count = rows->len;
  record->part = project->in_act && head.seq > project->act_start;
  bool ok = tsr_journal_insert (project, record, annotator, error);
  for (guint i = 0; ok && i < rows->len; i++)
    ok = write_row (project, record, &g_array_index (rows, TsrJournalRow, i), error);
  return ok;
}

static void
give_changes (const GArray *rows, GArray **changes)
{
  if (!changes)
    return;
  *changes = g_array_sized_new (FALSE, FALSE, sizeof (TsrLabelChange), rows ? rows->len : 0);
  for (guint i = 0; rows && i < rows->len; i++)
    g_array_append_val (*changes, g_array_index (rows, TsrJournalRow, i).change);
}

/* Ends the transaction and hands out what it changed. */
static bool
finish (TsrProject *project, bool ok, const GArray *rows, GArray **changes, GError **error)
{
  if (changes)
    *changes = NULL;
  if (!tsr_db_end (project, ok, error))
    return false;
  give_changes (rows, changes);
  return true;
}

/* ---- labels ---- */

/* The class, if all tiles get one; else how many kinds of labels there were. */
static char *
label_detail (TsrProject *project, const GArray *rows)
{
  int32_t value = g_array_index (rows, TsrJournalRow, 0).change.after;
  for (guint i = 1; i < rows->len; i++)
    if (g_array_index (rows, TsrJournalRow, i).change.after != value)
      return g_strdup ("*");
  if (value == TSR_LABEL_NONE)
    return g_strdup ("");
  return value == TSR_LABEL_UNSURE ? g_strdup ("?") : tsr_class_name (project, value);
}

bool
tsr_project_label (TsrProject *project, const uint32_t *tiles, const int32_t *values, size_t count,
                   bool one_value, TsrHow how, const char *annotator, GArray **changes,
                   GError **error)
{
  if (changes)
    *changes = NULL;
  g_autoptr (GArray) requests = sort_requests (tiles, values, count, one_value);
  if (!tsr_db_begin (project, error))
    return false;
  g_autoptr (GArray) rows = NULL;
  if (check_tiles (project, requests, error) && check_values (project, requests, error))
    rows = label_rows (project, requests, error);
  bool ok = rows != NULL;
  if (ok && rows->len) {
    g_auto (TsrJournalRecord)
        record = {.action = TSR_ACTION_LABEL, .how = how, .class_ = -1, .into = -1};
    record.detail = label_detail (project, rows);
    ok = tsr_journal_append (project, &record, rows, annotator, error);
  }
  return finish (project, ok, rows, changes, error);
}

bool
tsr_project_exclude (TsrProject *project, const uint32_t *tiles, size_t count, bool excluded,
                     const char *annotator, GArray **changes, GError **error)
{
  return tsr_project_exclude_as (project, tiles, count, excluded, TSR_HOW_PICKED, annotator,
                                 changes, error);
}

bool
tsr_project_exclude_as (TsrProject *project, const uint32_t *tiles, size_t count, bool excluded,
                        TsrHow how, const char *annotator, GArray **changes, GError **error)
{
  if (changes)
    *changes = NULL;
  g_autoptr (GArray) requests = sort_requests (tiles, NULL, count, false);
  if (!tsr_db_begin (project, error))
    return false;
  g_autoptr (GArray) rows = NULL;
  if (check_tiles (project, requests, error))
    rows = exclude_rows (project, requests, excluded, error);
  bool ok = rows != NULL;
  if (ok && rows->len) {
    TsrJournalRecord record = {.action = excluded ? TSR_ACTION_EXCLUDE : TSR_ACTION_READMIT,
                               .how = how,
                               .class_ = -1,
                               .into = -1};
    ok = tsr_journal_append (project, &record, rows, annotator, error);
  }
  return finish (project, ok, rows, changes, error);
}

/* ---- classes ---- */

static bool
check_class (TsrProject *project, int32_t id, GError **error)
{
  int active = tsr_class_is_active (project, id, error);
  if (active == 0)
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("There is no class number %d; it may have been removed or merged meanwhile."),
                 id);
  return active > 0;
}

/* Inside the transaction; into < 0 removes. Returns what changed, or NULL. */
static GArray *
drop_class (TsrProject *project, int32_t from, int32_t into, const char *annotator, GError **error)
{
  bool merge = into >= 0;
  g_autoptr (GArray) rows = class_rows (project, from, merge ? into : TSR_LABEL_NONE, error);
  if (!rows)
    return NULL;
  g_auto (TsrJournalRecord) record = {
      .action = merge ? TSR_ACTION_MERGE : TSR_ACTION_REMOVE_CLASS,
      .how = merge ? TSR_HOW_PICKED : TSR_HOW_CLEARED,
      .class_ = from,
      .into = into,
  };
  g_autofree char *name = tsr_class_name (project, from),
                  *into_name = merge ? tsr_class_name (project, into) : NULL;
  record.detail = merge ? g_strdup_printf ("%s → %s", name, into_name) : g_strdup (name);
  if (!tsr_journal_append (project, &record, rows, annotator, error) ||
      !tsr_class_set_active (project, from, false, error))
    return NULL;
  return g_steal_pointer (&rows);
}

bool
tsr_project_merge_class (TsrProject *project, int32_t from, int32_t into, const char *annotator,
                         GArray **changes, GError **error)
{
  if (changes)
    *changes = NULL;
  if (from == into) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("A class cannot be merged into itself; choose another one."));
    return false;
  }
  if (!tsr_db_begin (project, error))
    return false;
  g_autoptr (GArray) rows = NULL;
  if (check_class (project, from, error) && check_class (project, into, error))
    rows = drop_class (project, from, into, annotator, error);
  return finish (project, rows != NULL, rows, changes, error);
}

bool
tsr_project_remove_class (TsrProject *project, int32_t id, const char *annotator, GArray **changes,
                          GError **error)
{
  if (changes)
    *changes = NULL;
  if (!tsr_db_begin (project, error))
    return false;
  g_autoptr (GArray) rows = NULL;
  if (check_class (project, id, error))
    rows = drop_class (project, id, -1, annotator, error);
  return finish (project, rows != NULL, rows, changes, error);
}

/* ---- several at once ---- */

bool
tsr_project_begin_act (TsrProject *project, GError **error)
{
  g_return_val_if_fail (!project->in_act, false);
  if (!tsr_db_begin (project, error))
    return false;
  project->in_act = true;
  project->act_failed = false;
  project->act_start = tsr_project_journal_seq (project);
  return true;
}

bool
tsr_project_end_act (TsrProject *project, bool ok, GError **error)
{
  g_return_val_if_fail (project->in_act, false);
  project->in_act = false;
  if (ok && project->act_failed) {
    ok = false;
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("A part of it could not be done, so nothing was; try again."));
  }
  return tsr_db_end (project, ok, error);
}
