/* Who labelled which tile, of all tiles at once. */

#include "tsr-project-private.h"

#include <string.h>

/* Only names that the journal's entries in force are signed with; in order, so that the index says
 * nothing of who came first. */
static bool
load_names (TsrProject *project, GPtrArray *names, GHashTable *index, GError **error)
{
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project,
                      "SELECT DISTINCT annotator FROM journal WHERE seq IN "
                      "(SELECT origin FROM label WHERE value <> -1) ORDER BY annotator",
                      error);
  int row;
  while ((row = tsr_db_step (project, select, error)) > 0) {
    char *name = tsr_db_text (select, 0);
    g_hash_table_insert (index, name, GUINT_TO_POINTER (names->len));
    g_ptr_array_add (names, name);
  }
  return row == 0;
}

static bool
load_origins (TsrProject *project, GHashTable *index, uint32_t n, int32_t *by, uint8_t *how,
              GError **error)
{
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project,
                      "SELECT tile, annotator, how FROM label JOIN journal ON seq = origin WHERE "
                      "value <> -1",
                      error);
  int row;
  while ((row = tsr_db_step (project, select, error)) > 0) {
    int64_t tile = sqlite3_column_int64 (select, 0);
    if (tile < 0 || tile >= n)
      continue; /* joined since the caller asked for n */
    g_autofree char *name = tsr_db_text (select, 1);
    gpointer at = NULL;
    if (name == NULL || !g_hash_table_lookup_extended (index, name, NULL, &at))
      continue; /* written since the names were read */
    int parsed = tsr_how_parse ((const char *)sqlite3_column_text (select, 2));
    by[tile] = (int32_t)GPOINTER_TO_UINT (at);
    how[tile] = (uint8_t)(parsed < 0 ? TSR_HOW_PICKED : parsed);
  }
  return row == 0;
}

char **
tsr_project_label_origins (TsrProject *project, int32_t *by, uint8_t *how, GError **error)
{
  uint32_t n = tsr_project_known_tiles (project);
  for (uint32_t i = 0; i < n; i++) {
    by[i] = -1;
    how[i] = TSR_HOW_CLEARED;
  }
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
  if (!load_names (project, names, index, error) ||
      !load_origins (project, index, n, by, how, error))
    return NULL;
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&names), FALSE);
}
