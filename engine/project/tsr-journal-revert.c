/* Back to a moment: one entry that makes the labels, and the list of classes, what they were right
 * after an earlier one. What they were is read from the entries since: the first of them that
 * touched a tile or a class knows what it was before. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

/* What a tile was at the moment. */
typedef struct {
  int64_t origin;
  int32_t value;
  bool excluded, known;
} Then;

/* Everything since, undo and redo as what they took back or did again. */
#define SINCE " FROM journal j JOIN journal k ON k.seq = coalesce (j.target, j.seq) "

static bool
read_tiles (TsrProject *project, int64_t seq, Then *then, int64_t n, GError **error)
{
  g_autoptr (TsrStatement) select = tsr_db_prepare (
      project,
      "SELECT t.tile, t.before, t.after, t.excluded_before, t.excluded_after, t.origin_before, "
      "t.origin_after, k.seq, k.action, j.action = 'undo'" SINCE
      "JOIN journal_tile t ON t.seq = k.seq WHERE j.seq > ? ORDER BY j.seq",
      error);
  if (select)
    sqlite3_bind_int64 (select, 1, seq);
  int found;
  while ((found = tsr_db_step (project, select, error)) > 0) {
    TsrJournalRow row = tsr_row_read (select, 0);
    int action = tsr_action_parse ((const char *)sqlite3_column_text (select, 8));
    bool undo = sqlite3_column_int (select, 9) != 0;
    if (action < 0 || row.change.tile >= n)
      return tsr_db_corrupt (project, _ ("the journal speaks of something that is not there"),
                             error);
    Then *one = &then[row.change.tile];
    if (one->known)
      continue;
    int64_t after = tsr_row_origin ((TsrAction)action, sqlite3_column_int64 (select, 7), &row);
    *one = undo ? (Then){after, row.change.after, row.change.excluded_after, true}
                : (Then){row.origin_before, row.change.before, row.change.excluded_before, true};
  }
  return found == 0;
}

/* class -> whether it was on the list at the moment, + 1. */
static bool
read_classes (TsrProject *project, int64_t seq, GHashTable *then, GError **error)
{
  g_autoptr (TsrStatement) select = tsr_db_prepare (
      project,
      "SELECT coalesce (c.class, k.class), coalesce (c.active, 0), j.action = 'undo'" SINCE
      "LEFT JOIN journal_class c ON c.seq = k.seq WHERE j.seq > ? AND k.action IN ('merge', "
      "'remove-class', 'revert') AND coalesce (c.class, k.class) IS NOT NULL ORDER BY j.seq",
      error);
  if (select)
    sqlite3_bind_int64 (select, 1, seq);
  int found;
  while ((found = tsr_db_step (project, select, error)) > 0) {
    gpointer class_ = GINT_TO_POINTER (sqlite3_column_int (select, 0));
    bool made = sqlite3_column_int (select, 1) != 0, undo = sqlite3_column_int (select, 2) != 0;
    if (!g_hash_table_contains (then, class_))
      g_hash_table_insert (then, class_, GINT_TO_POINTER ((undo ? made : !made) + 1));
  }
  return found == 0;
}

/* Rows for the tiles that are not now what they were. */
static GArray *
find_rows (TsrProject *project, const Then *then, int64_t n, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (TsrJournalRow));
  g_autoptr (TsrStatement) select = tsr_db_prepare (
      project, "SELECT tile, value, origin, excluded FROM label ORDER BY tile", error);
  int found;
  while ((found = tsr_db_step (project, select, error)) > 0) {
    int64_t tile = sqlite3_column_int64 (select, 0), origin = sqlite3_column_int64 (select, 2);
    int32_t value = sqlite3_column_int (select, 1);
    bool excluded = sqlite3_column_int (select, 3) != 0;
    const Then *one = tile >= 0 && tile < n ? &then[tile] : NULL;
    if (!one || !one->known ||
        (one->value == value && one->origin == origin && one->excluded == excluded))
      continue;
    TsrJournalRow row = {
        .change = {(uint32_t)tile, value, one->value, excluded, one->excluded},
        .origin_before = origin,
        .origin_after = one->origin,
    };
    g_array_append_val (rows, row);
  }
  return found < 0 ? NULL : g_steal_pointer (&rows);
}

/* ---- classes ---- */

static bool
store_class (TsrProject *project, int64_t seq, int32_t class_, bool active, GError **error)
{
  g_autoptr (TsrStatement) insert = tsr_db_prepare (
      project, "INSERT INTO journal_class (seq, class, active) VALUES (?1, ?2, ?3)", error);
  if (!insert)
    return false;
  sqlite3_bind_int64 (insert, 1, seq);
  sqlite3_bind_int (insert, 2, class_);
  sqlite3_bind_int (insert, 3, active);
  return tsr_db_run (project, insert, error);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  return GPOINTER_TO_INT (a) - GPOINTER_TO_INT (b);
}

/* Leaves in `then` the classes that are not now as they were. */
static bool
drop_same (TsrProject *project, GHashTable *then, GError **error)
{
  GHashTableIter each;
  gpointer class_, wanted;
  g_hash_table_iter_init (&each, then);
  while (g_hash_table_iter_next (&each, &class_, &wanted)) {
    int active = tsr_class_is_active (project, GPOINTER_TO_INT (class_), error);
    if (active < 0)
      return false;
    if (active == GPOINTER_TO_INT (wanted) - 1)
      g_hash_table_iter_remove (&each);
  }
  return true;
}

static bool
store_classes (TsrProject *project, int64_t seq, GHashTable *then, GError **error)
{
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (then), compare_ids);
  for (GList *at = ids; at; at = at->next) {
    bool active = GPOINTER_TO_INT (g_hash_table_lookup (then, at->data)) == 2;
    if (!store_class (project, seq, GPOINTER_TO_INT (at->data), active, error))
      return false;
  }
  return tsr_revert_apply_classes (project, seq, false, error);
}

bool
tsr_revert_apply_classes (TsrProject *project, int64_t seq, bool backwards, GError **error)
{
  /* read to the end first: what follows writes the same table's neighbours */
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (int32_t));
  {
    g_autoptr (TsrStatement) select =
        tsr_db_prepare (project,
                        "SELECT class, active FROM journal_class WHERE seq = ? ORDER BY active, "
                        "class",
                        error);
    if (select)
      sqlite3_bind_int64 (select, 1, seq);
    int found;
    while ((found = tsr_db_step (project, select, error)) > 0) {
      int32_t id = sqlite3_column_int (select, 0);
      id = (sqlite3_column_int (select, 1) != 0) != backwards ? id : -id;
      g_array_append_val (ids, id);
    }
    if (found < 0)
      return false;
  }
  /* those that leave the list first: they may have the names of those that come back */
  for (int leaving = 1; leaving >= 0; leaving--)
    for (guint i = 0; i < ids->len; i++) {
      int32_t id = g_array_index (ids, int32_t, i);
      if ((id < 0) == (leaving == 1) && !tsr_class_set_active (project, ABS (id), id > 0, error))
        return false;
    }
  return true;
}

/* ---- the entry ---- */

/* How many entries in effect came after entry seq. */
static bool
count_undone (TsrProject *project, int64_t seq, int64_t top, uint32_t *undone, GError **error)
{
  *undone = 0;
  while (top > seq) {
    g_auto (TsrJournalRecord) below = {0};
    if (!tsr_journal_load (project, top - 1, &below, error))
      return false;
    if (below.top >= top)
      return tsr_db_corrupt (project, _ ("the journal's undo order contradicts itself"), error);
    top = below.top;
    ++*undone;
  }
  return true;
}

static bool
check_moment (TsrProject *project, int64_t seq, TsrJournalRecord *head, GError **error)
{
  if (!tsr_journal_head (project, head, error))
    return false;
  if (seq >= 0 && seq <= head->seq)
    return true;
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               _ ("The journal has no entry %lld; its newest is %lld."), (long long)seq,
               (long long)head->seq);
  return false;
}

/* Inside the transaction. Returns the rows, or NULL. */
static GArray *
revert (TsrProject *project, int64_t seq, const char *annotator, uint32_t *undone, GError **error)
{
  g_auto (TsrJournalRecord) head = {0};
  int64_t n = tsr_project_count_tiles (project, error);
  if (n < 0 || !check_moment (project, seq, &head, error) ||
      !count_undone (project, seq, head.top, undone, error))
    return NULL;
  g_autofree Then *then = g_new0 (Then, (size_t)n + 1);
  g_autoptr (GHashTable) classes = g_hash_table_new (NULL, NULL);
  if (!read_tiles (project, seq, then, n, error) || !read_classes (project, seq, classes, error) ||
      !drop_same (project, classes, error))
    return NULL;
  g_autoptr (GArray) rows = find_rows (project, then, n, error);
  if (!rows || (rows->len == 0 && g_hash_table_size (classes) == 0))
    return g_steal_pointer (&rows);
  g_auto (TsrJournalRecord) record = {
      .action = TSR_ACTION_REVERT,
      .how = TSR_HOW_PICKED,
      .class_ = -1,
      .into = -1,
      .moment = seq,
  };
  record.detail = g_strdup_printf ("#%" G_GINT64_FORMAT, seq);
  if (!tsr_journal_append (project, &record, rows, annotator, error) ||
      !store_classes (project, record.seq, classes, error))
    return NULL;
  return g_steal_pointer (&rows);
}

bool
tsr_project_revert (TsrProject *project, int64_t seq, const char *annotator, uint32_t *undone,
                    GArray **changes, GError **error)
{
  uint32_t count = 0;
  if (undone)
    *undone = 0;
  if (changes)
    *changes = NULL;
  if (!tsr_db_begin (project, error))
    return false;
  g_autoptr (GArray) rows = revert (project, seq, annotator, &count, error);
  if (!tsr_db_end (project, rows != NULL, error))
    return false;
  if (undone)
    *undone = count;
  if (changes) {
    *changes = g_array_sized_new (FALSE, FALSE, sizeof (TsrLabelChange), rows->len);
    for (guint i = 0; i < rows->len; i++)
      g_array_append_val (*changes, g_array_index (rows, TsrJournalRow, i).change);
  }
  return true;
}
