/* What trainings measured: a row a value, few enough to be read and drawn at once. */

#include "tsr-project-private.h"
#include "tsr-series.h"

#include <math.h>

static bool
forget (TsrProject *project, double beyond, GError **error)
{
  g_autoptr (TsrStatement) remove =
      tsr_db_prepare (project, "DELETE FROM series WHERE kimg > ?", error);
  if (!remove)
    return false;
  sqlite3_bind_double (remove, 1, beyond);
  return tsr_db_run (project, remove, error);
}

static bool
insert (TsrProject *project, const TsrMeasure *measures, size_t n, GError **error)
{
  g_autoptr (TsrStatement) store = tsr_db_prepare (
      project, "INSERT OR REPLACE INTO series (name, kimg, value) VALUES (?, ?, ?)", error);
  bool ok = store != NULL;
  for (size_t i = 0; ok && i < n; i++) {
    if (!isfinite (measures[i].kimg) || !isfinite (measures[i].value))
      continue;
    sqlite3_bind_text (store, 1, measures[i].series, -1, SQLITE_TRANSIENT);
    sqlite3_bind_double (store, 2, measures[i].kimg);
    sqlite3_bind_double (store, 3, measures[i].value);
    ok = tsr_db_run (project, store, error);
  }
  return ok;
}

/* The places of a series in their order. */
static GArray *
read_places (TsrProject *project, const char *series, GError **error)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project, "SELECT kimg FROM series WHERE name = ? ORDER BY kimg", error);
  if (!select)
    return NULL;
  sqlite3_bind_text (select, 1, series, -1, SQLITE_TRANSIENT);
  int row;
  while ((row = tsr_db_step (project, select, error)) > 0) {
    double place = sqlite3_column_double (select, 0);
    g_array_append_val (places, place);
  }
  return row == 0 ? g_steal_pointer (&places) : NULL;
}

static bool
thin (TsrProject *project, const char *series, GError **error)
{
  g_autoptr (GArray) places = read_places (project, series, error);
  if (!places || places->len <= TSR_MAX_SERIES)
    return places != NULL;
  g_autofree bool *keep = g_new (bool, places->len);
  tsr_series_thin ((const double *)places->data, places->len, TSR_MAX_SERIES, keep);
  g_autoptr (TsrStatement) remove =
      tsr_db_prepare (project, "DELETE FROM series WHERE name = ? AND kimg = ?", error);
  bool ok = remove != NULL;
  for (guint i = 0; ok && i < places->len; i++) {
    if (keep[i])
      continue;
    sqlite3_bind_text (remove, 1, series, -1, SQLITE_TRANSIENT);
    sqlite3_bind_double (remove, 2, g_array_index (places, double, i));
    ok = tsr_db_run (project, remove, error);
  }
  return ok;
}

static bool
put (TsrProject *project, double beyond, const TsrMeasure *measures, size_t n, GError **error)
{
  if (!forget (project, beyond, error) || !insert (project, measures, n, error))
    return false;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (size_t i = 0; i < n; i++)
    if (g_hash_table_add (seen, (gpointer)measures[i].series) &&
        !thin (project, measures[i].series, error))
      return false;
  return true;
}

bool
tsr_project_put_measures (TsrProject *project, double beyond, const TsrMeasure *measures, size_t n,
                          GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  return tsr_db_end (project, put (project, beyond, measures, n, error), error);
}

GArray *
tsr_project_series (TsrProject *project, const char *series, GError **error)
{
  g_autoptr (GArray) measures = g_array_new (FALSE, FALSE, sizeof (TsrMeasure));
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project,
                      "SELECT kimg, value FROM series WHERE name = ? ORDER BY kimg "
                      "LIMIT " G_STRINGIFY (TSR_MAX_SERIES),
                      error);
  if (!select)
    return NULL;
  sqlite3_bind_text (select, 1, series, -1, SQLITE_TRANSIENT);
  int row;
  while ((row = tsr_db_step (project, select, error)) > 0) {
    TsrMeasure measure = {series, sqlite3_column_double (select, 0),
                          sqlite3_column_double (select, 1)};
    if (isfinite (measure.kimg) && isfinite (measure.value))
      g_array_append_val (measures, measure);
  }
  return row == 0 ? g_steal_pointer (&measures) : NULL;
}
