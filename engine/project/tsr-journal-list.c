#include "tsr-journal-list.h"

#include "tsr-project-private.h"

#include <stdlib.h>
#include <string.h>

void
tsr_journal_line_free (TsrJournalLine *line)
{
  if (!line)
    return;
  g_free (line->annotator);
  g_free (line->action);
  g_free (line->deed);
  g_free (line->detail);
  g_free (line);
}

/* ---- which ---- */

/* A kind is a way of labelling (how) or some actions, in commas. */
static const struct {
  const char *how, *actions;
} kinds[TSR_JOURNAL_N_KINDS] = {
    [TSR_JOURNAL_SUGGESTED] = {.how = "suggested"},
    [TSR_JOURNAL_PICKED] = {.how = "picked"},
    [TSR_JOURNAL_LASSO] = {.how = "lasso"},
    [TSR_JOURNAL_IMPORTED] = {.how = "imported"},
    [TSR_JOURNAL_COMMAND] = {.how = "command"},
    [TSR_JOURNAL_CONSENSUS] = {.how = "consensus"},
    [TSR_JOURNAL_CHECK] = {.how = "check"},
    [TSR_JOURNAL_CLEARED] = {.how = "cleared"},
    [TSR_JOURNAL_EXCLUDED] = {.actions = ",exclude,readmit,"},
    [TSR_JOURNAL_CLASSES] = {.actions = ",merge,remove-class,"},
    [TSR_JOURNAL_UNDONE] = {.actions = ",undo,redo,revert,"},
};

#define FIND                                                                                       \
  "SELECT j.seq, j.annotator, k.detail FROM journal j"                                             \
  " JOIN journal k ON k.seq = coalesce (j.target, j.seq)"                                          \
  " WHERE (?1 IS NULL OR j.annotator = ?1)"                                                        \
  " AND (?2 IS NULL OR (j.action = 'label' AND j.how = ?2))"                                       \
  " AND (?3 IS NULL OR instr (?3, ',' || j.action || ',') > 0)"                                    \
  " AND (?4 IS NULL OR ?4 IN (k.class, k.into_class) OR EXISTS (SELECT 1 FROM journal_tile t"      \
  " WHERE t.seq = k.seq AND (t.before = ?4 OR t.after = ?4)))"                                     \
  " AND (?5 IS NULL OR EXISTS (SELECT 1 FROM journal_tile t WHERE t.seq = k.seq AND t.tile = ?5))" \
  " ORDER BY j.seq DESC"

/* The tile of "#12", or -1. */
static int64_t
tile_of (const char *text)
{
  char *end;
  if (*text != '#' || !g_ascii_isdigit (text[1]))
    return -1;
  guint64 tile = g_ascii_strtoull (text + 1, &end, 10);
  return *end == '\0' && tile < UINT32_MAX ? (int64_t)tile : -1;
}

static bool
says (TsrStatement *select, int column, const char *folded)
{
  g_autofree char *text = tsr_db_text (select, column);
  g_autofree char *here = g_utf8_casefold (text, -1);
  return strstr (here, folded) != NULL;
}

GArray *
tsr_project_journal_find (TsrProject *project, const TsrJournalFilter *filter, GError **error)
{
  static const TsrJournalFilter everything = {NULL};
  const TsrJournalFilter *want = filter ? filter : &everything;
  g_autofree char *text = g_strstrip (g_utf8_make_valid (want->text ? want->text : "", -1));
  g_autofree char *folded = g_utf8_casefold (text, -1);
  int64_t tile = tile_of (text);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (TsrStatement) select = tsr_db_prepare (project, FIND, error);
  if (!select)
    return NULL;
  if (want->annotator)
    sqlite3_bind_text (select, 1, want->annotator, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (select, 2, kinds[want->kind].how, -1, SQLITE_STATIC);
  sqlite3_bind_text (select, 3, kinds[want->kind].actions, -1, SQLITE_STATIC);
  if (want->class_id > 0)
    sqlite3_bind_int (select, 4, want->class_id);
  if (tile >= 0)
    sqlite3_bind_int64 (select, 5, tile);
  int row;
  while ((row = tsr_db_step (project, select, error)) > 0) {
    int64_t seq = sqlite3_column_int64 (select, 0);
    if (*folded == '\0' || tile >= 0 || says (select, 1, folded) || says (select, 2, folded))
      g_array_append_val (found, seq);
  }
  return row < 0 ? NULL : g_steal_pointer (&found);
}

/* ---- what ---- */

#define LINE                                                                                       \
  "SELECT j.seq, j.at, j.annotator, j.action, k.action, k.how, j.count, k.detail, k.moment,"       \
  " k.class, t.tile, t.after FROM journal j JOIN journal k ON k.seq = coalesce (j.target, j.seq)"  \
  " LEFT JOIN journal_tile t ON t.seq = k.seq WHERE j.seq = ? ORDER BY t.tile LIMIT 1"

static int32_t
class_of (TsrStatement *select, const char *deed, const char *detail)
{
  if (sqlite3_column_type (select, 9) != SQLITE_NULL)
    return sqlite3_column_int (select, 9);
  bool one = strcmp (deed, "label") == 0 && strcmp (detail, "*") != 0;
  return one && sqlite3_column_type (select, 11) != SQLITE_NULL ? sqlite3_column_int (select, 11)
                                                                : TSR_LABEL_NONE;
}

static TsrJournalLine *
read_line (TsrStatement *select)
{
  TsrJournalLine *line = g_new0 (TsrJournalLine, 1);
  int how = tsr_how_parse ((const char *)sqlite3_column_text (select, 5));
  line->seq = sqlite3_column_int64 (select, 0);
  line->unix_us = sqlite3_column_int64 (select, 1);
  line->annotator = tsr_db_text (select, 2);
  line->action = tsr_db_text (select, 3);
  line->deed = tsr_db_text (select, 4);
  line->how = how < 0 ? TSR_HOW_PICKED : (TsrHow)how;
  line->count = (uint32_t)sqlite3_column_int64 (select, 6);
  line->detail = tsr_db_text (select, 7);
  line->moment =
      sqlite3_column_type (select, 8) == SQLITE_NULL ? -1 : sqlite3_column_int64 (select, 8);
  line->tile = sqlite3_column_type (select, 10) == SQLITE_NULL
                   ? UINT32_MAX
                   : (uint32_t)sqlite3_column_int64 (select, 10);
  line->class_id = class_of (select, line->deed, line->detail);
  return line;
}

static void
free_line (gpointer line)
{
  tsr_journal_line_free (line);
}

GPtrArray *
tsr_project_journal_lines (TsrProject *project, const int64_t *seqs, size_t n, GError **error)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (free_line);
  for (size_t i = 0; i < n; i++) {
    g_autoptr (TsrStatement) select = tsr_db_prepare (project, LINE, error);
    if (select)
      sqlite3_bind_int64 (select, 1, seqs[i]);
    int row = tsr_db_step (project, select, error);
    if (row < 0)
      return NULL;
    g_ptr_array_add (lines, row > 0 ? read_line (select) : NULL);
  }
  return g_steal_pointer (&lines);
}

char **
tsr_project_journal_annotators (TsrProject *project, GError **error)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project, "SELECT DISTINCT annotator FROM journal ORDER BY annotator", error);
  int row;
  while ((row = tsr_db_step (project, select, error)) > 0) {
    g_autofree char *name = tsr_db_text (select, 0);
    g_strv_builder_add (names, name);
  }
  return row < 0 ? NULL : g_strv_builder_end (names);
}
