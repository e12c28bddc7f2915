/* The journal and the state it leads to, for reading. */

#include "tsr-project-private.h"

bool
tsr_project_labels (TsrProject *project, int32_t *label, uint8_t *excluded, GError **error)
{
  uint32_t n = tsr_project_known_tiles (project);
  for (uint32_t i = 0; label && i < n; i++)
    label[i] = TSR_LABEL_NONE;
  for (uint32_t i = 0; excluded && i < n; i++)
    excluded[i] = 0;
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project, "SELECT tile, value, excluded FROM label", error);
  int row;
  while ((row = tsr_db_step (project, select, error)) > 0) {
    int64_t tile = sqlite3_column_int64 (select, 0);
    if (tile < 0 || tile >= n)
      continue; /* joined since the caller asked for n */
    if (label)
      label[tile] = sqlite3_column_int (select, 1);
    if (excluded)
      excluded[tile] = sqlite3_column_int (select, 2) != 0;
  }
  return row == 0;
}

bool
tsr_project_label_origin (TsrProject *project, uint32_t tile, char **annotator, gint64 *unix_us,
                          TsrHow *how)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project,
                      "SELECT annotator, at, how FROM label JOIN journal ON seq = origin WHERE "
                      "tile = ? AND value <> -1",
                      NULL);
  if (find)
    sqlite3_bind_int64 (find, 1, tile);
  if (tsr_db_step (project, find, NULL) <= 0)
    return false;
  int parsed = tsr_how_parse ((const char *)sqlite3_column_text (find, 2));
  if (annotator)
    *annotator = tsr_db_text (find, 0);
  if (unix_us)
    *unix_us = sqlite3_column_int64 (find, 1);
  if (how)
    *how = parsed < 0 ? TSR_HOW_PICKED : (TsrHow)parsed;
  return true;
}

void
tsr_journal_entry_free (TsrJournalEntry *entry)
{
  if (!entry)
    return;
  g_free (entry->annotator);
  g_free (entry->action);
  g_free (entry->detail);
  g_free (entry);
}

GPtrArray *
tsr_project_journal (TsrProject *project, uint32_t limit)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_journal_entry_free);
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project,
                      "SELECT seq, at, annotator, action, how, count, detail FROM journal ORDER BY "
                      "seq DESC LIMIT ?",
                      NULL);
  if (select)
    sqlite3_bind_int64 (select, 1, limit);
  while (tsr_db_step (project, select, NULL) > 0) {
    TsrJournalEntry *entry = g_new0 (TsrJournalEntry, 1);
    int how = tsr_how_parse ((const char *)sqlite3_column_text (select, 4));
    entry->seq = sqlite3_column_int64 (select, 0);
    entry->unix_us = sqlite3_column_int64 (select, 1);
    entry->annotator = tsr_db_text (select, 2);
    entry->action = tsr_db_text (select, 3);
    entry->how = how < 0 ? TSR_HOW_PICKED : (TsrHow)how;
    entry->count = (uint32_t)sqlite3_column_int64 (select, 5);
    entry->detail = tsr_db_text (select, 6);
    g_ptr_array_add (list, entry);
  }
  return list;
}

/* The changes of undo and redo are their target's rows, backwards for undo. */
#define CHANGES                                                                                    \
  "SELECT t.tile, t.before, t.after, t.excluded_before, t.excluded_after, j.action = 'undo'"       \
  " FROM journal j JOIN journal_tile t ON t.seq = coalesce (j.target, j.seq) WHERE j.seq = ? "     \
  "ORDER BY t.tile"

GArray *
tsr_project_journal_changes (TsrProject *project, int64_t seq)
{
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (TsrLabelChange));
  g_autoptr (TsrStatement) select = tsr_db_prepare (project, CHANGES, NULL);
  if (select)
    sqlite3_bind_int64 (select, 1, seq);
  while (tsr_db_step (project, select, NULL) > 0) {
    bool undo = sqlite3_column_int (select, 5) != 0;
    TsrLabelChange change = {
        .tile = (uint32_t)sqlite3_column_int64 (select, 0),
        .before = sqlite3_column_int (select, undo ? 2 : 1),
        .after = sqlite3_column_int (select, undo ? 1 : 2),
        .excluded_before = sqlite3_column_int (select, undo ? 4 : 3) != 0,
        .excluded_after = sqlite3_column_int (select, undo ? 3 : 4) != 0,
    };
    g_array_append_val (changes, change);
  }
  return changes;
}

int64_t
tsr_project_journal_seq (TsrProject *project)
{
  return tsr_db_int (project, "SELECT coalesce (max (seq), 0) FROM journal", 0);
}
