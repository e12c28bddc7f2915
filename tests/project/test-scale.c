/* A million tiles. What matters is counted, not timed: a label reads no table from end to end and
 * takes the same number of SQLite's steps as in a small project. Times are told, for the curious.
 */

#include "fixture.h"
#include "tsr-project-private.h"

#include <math.h>
#include <stdlib.h>

/* Full-scan steps and virtual machine steps of all statements since the last call. */
static void
take_counters (TsrProject *project, int *scans, int *steps)
{
  GHashTableIter iter;
  gpointer statement;
  *scans = *steps = 0;
  g_hash_table_iter_init (&iter, project->statements);
  while (g_hash_table_iter_next (&iter, NULL, &statement)) {
    *scans += sqlite3_stmt_status (statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
    *steps += sqlite3_stmt_status (statement, SQLITE_STMTSTATUS_VM_STEP, 1);
  }
}

static void
label_undo_redo (TsrProject *project, uint32_t tile, int32_t value)
{
  g_autoptr (GError) error = NULL;
  tsr_project_label (project, &tile, &value, 1, true, TSR_HOW_SUGGESTED, "Ada", NULL, &error);
  g_assert_no_error (error);
  tsr_project_undo (project, "Ada", NULL, NULL, &error);
  g_assert_no_error (error);
  tsr_project_redo (project, "Ada", NULL, NULL, &error);
  g_assert_no_error (error);
}

/* Steps of one label, undo and redo after 200 entries in a project of n tiles. */
static int
steps_of_a_label (TsrProject *project, uint32_t n, int32_t value)
{
  int scans, steps;
  for (uint32_t i = 0; i < 200; i++)
    label_undo_redo (project, (uint32_t)((uint64_t)i * 7919 % n), value);
  take_counters (project, &scans, &steps);
  gint64 start = g_get_monotonic_time ();
  label_undo_redo (project, n / 2, value);
  g_test_message ("%u tiles: label, undo, redo in %.2f ms", n,
                  (double)(g_get_monotonic_time () - start) / 1000);
  take_counters (project, &scans, &steps);
  /* LIMIT 1 from the journal's end counts as a scan that stops at once */
  g_assert_cmpint (scans, <=, 6);
  return steps;
}

static void
told (const char *what, gint64 *since)
{
  gint64 now = g_get_monotonic_time ();
  g_test_message ("%s: %.2f s", what, (double)(now - *since) / 1e6);
  *since = now;
}

static void
bulk (TsrProject *project, uint32_t n, int32_t value)
{
  g_autoptr (GError) error = NULL;
  g_autofree uint32_t *tiles = g_new (uint32_t, n);
  g_autofree int32_t *label = g_new (int32_t, n);
  for (uint32_t i = 0; i < n; i++)
    tiles[i] = i;
  gint64 since = g_get_monotonic_time ();
  tsr_project_label (project, tiles, &value, n, true, TSR_HOW_LASSO, "Ada", NULL, &error);
  g_assert_no_error (error);
  told ("one bulk label of all tiles", &since);
  tsr_project_undo (project, "Ada", NULL, NULL, &error);
  g_assert_no_error (error);
  told ("its undo", &since);
  tsr_project_redo (project, "Ada", NULL, NULL, &error);
  g_assert_no_error (error);
  since = g_get_monotonic_time ();
  tsr_project_labels (project, label, NULL, &error);
  g_assert_no_error (error);
  told ("reading all labels", &since);
  for (uint32_t i = 0; i < n; i++)
    g_assert_cmpint (label[i], ==, value);
}

static void
vectors (TsrProject *project, uint32_t n)
{
  enum { D = 16, BATCH = 250 };
  g_autoptr (GError) error = NULL;
  g_autofree float *w = g_new (float, BATCH *D), *stored = NULL;
  g_autofree float *y = g_new0 (float, 2 * (gsize)n);
  uint32_t d, map_n;
  gint64 since = g_get_monotonic_time ();
  for (uint32_t first = 0; first < n; first += BATCH) {
    uint32_t count = MIN (BATCH, n - first);
    for (uint32_t i = 0; i < count * D; i++)
      w[i] = (float)(first + i / D) + (float)(i % D) / D;
    tsr_project_put_vectors (project, "m", first, count, D, w, &error);
    g_assert_no_error (error);
  }
  told ("vectors of 16 floats in batches of 250", &since);
  g_assert_true (tsr_project_get_vectors (project, &stored, &d, NULL, &error));
  for (uint32_t i = 0; i < n; i++)
    g_assert_cmpfloat (stored[(gsize)i * D + 3], ==, (float)i + 3.0f / D);
  told ("reading them", &since);
  g_autofree float *map = NULL;
  g_assert_true (tsr_project_put_map (project, y, n, "{}", &error));
  g_assert_true (tsr_project_get_map (project, &map, &map_n, NULL, &error));
  g_assert_cmpuint (map_n, ==, n);
  told ("the map there and back", &since);
}

static void
test_million (void)
{
  const char *text = g_getenv ("TESSERA_SCALE");
  uint32_t n = text ? (uint32_t)strtoul (text, NULL, 10) : 1000000;
  char *folder = fixture_folder (true);
  g_autofree char *small = g_build_filename (folder, "small.tessera", NULL),
                  *big = g_build_filename (folder, "big.tessera", NULL);
  g_autoptr (GError) error = NULL;
  fixture_bare_project (small, 500);
  g_autoptr (TsrProject) project = tsr_project_open (small, TSR_PROJECT_READ_WRITE, &error);
  int32_t value = tsr_project_add_class (project, "A", -1, &error);
  int few = steps_of_a_label (project, 500, value);
  g_clear_pointer (&project, tsr_project_close);

  fixture_bare_project (big, n);
  gint64 since = g_get_monotonic_time ();
  project = tsr_project_open (big, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  told ("opening", &since);
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, n);
  tsr_project_add_class (project, "A", -1, &error);
  int many = steps_of_a_label (project, n, value);
  g_test_message ("steps: %d in the small project, %d in the big one", few, many);
  g_assert_cmpint (many, <, 2 * few);
  bulk (project, n, value);
  many = steps_of_a_label (project, n, value);
  g_assert_cmpint (many, <, 2 * few);
  vectors (project, n);
  since = g_get_monotonic_time ();
  g_auto (GStrv) names = tsr_project_tile_names (project);
  g_assert_cmpuint (g_strv_length (names), ==, n);
  told ("all names", &since);
  g_clear_pointer (&project, tsr_project_close);
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scale/million", test_million);
  return g_test_run ();
}
