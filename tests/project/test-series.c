/* What trainings measured: stored, cut where a run goes on or begins anew, thinned evenly, and
 * there after an upgrade. */

#include "fixture.h"
#include "tsr-project-private.h"
#include "tsr-series.h"

#include <math.h>

typedef struct {
  char *folder, *path;
  TsrProject *project;
} Bench;

static void
bench_open (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  bench->folder = fixture_folder (true);
  bench->path = g_build_filename (bench->folder, "p.tessera", NULL);
  bench->project = tsr_project_create (bench->path, &error);
  g_assert_no_error (error);
}

static void
bench_close (Bench *bench, gconstpointer unused)
{
  tsr_project_close (bench->project);
  g_free (bench->path);
  fixture_remove (bench->folder);
}

static void
put (Bench *bench, double beyond, const TsrMeasure *measures, size_t n)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_project_put_measures (bench->project, beyond, measures, n, &error));
  g_assert_no_error (error);
}

/* "kimg:value " for each. */
static void
assert_series (Bench *bench, const char *series, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GArray) found = tsr_project_series (bench->project, series, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < found->len; i++) {
    const TsrMeasure *m = &g_array_index (found, TsrMeasure, i);
    g_assert_cmpstr (m->series, ==, series);
    g_string_append_printf (text, "%g:%g ", m->kimg, m->value);
  }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_stored (Bench *bench, gconstpointer unused)
{
  assert_series (bench, "loss.g", "");
  const TsrMeasure first[] = {
      {"loss.g", 0.5, 1.25}, {"loss.d", 0.5, -2},     {"loss.g", 0.1, 3}, {"loss.g", 0.7, NAN},
      {"loss.g", NAN, 1},    {"loss.g", INFINITY, 1}, {"fid", 0, 290},    {"loss.d", 1, INFINITY}};
  put (bench, INFINITY, first, G_N_ELEMENTS (first));
  assert_series (bench, "loss.g", "0.1:3 0.5:1.25 ");
  assert_series (bench, "loss.d", "0.5:-2 ");
  assert_series (bench, "fid", "0:290 ");
  assert_series (bench, "FID", "");
  const TsrMeasure again[] = {{"loss.g", 0.5, 7}, {"loss.g", 2, 8}};
  put (bench, INFINITY, again, G_N_ELEMENTS (again));
  tsr_project_close (bench->project);
  bench->project = tsr_project_open (bench->path, TSR_PROJECT_READ_ONLY, NULL);
  assert_series (bench, "loss.g", "0.1:3 0.5:7 2:8 ");
}

/* A resumed run goes on from its checkpoint, a new one has the table for itself. */
static void
test_cut (Bench *bench, gconstpointer unused)
{
  const TsrMeasure first[] = {
      {"loss.g", 1, 1}, {"loss.g", 2, 2}, {"loss.g", 3, 3}, {"fid", 2, 20}, {"fid", 3, 30}};
  const TsrMeasure more[] = {{"loss.g", 2.5, 9}};
  put (bench, INFINITY, first, G_N_ELEMENTS (first));
  put (bench, 2, more, 1);
  assert_series (bench, "loss.g", "1:1 2:2 2.5:9 ");
  assert_series (bench, "fid", "2:20 ");
  put (bench, -1, more, 1);
  assert_series (bench, "loss.g", "2.5:9 ");
  assert_series (bench, "fid", "");
  put (bench, -1, NULL, 0);
  assert_series (bench, "loss.g", "");
}

/* However long a run is, it stays whole: its ends, and no part of it thinner than another. */
static void
test_thinned (Bench *bench, gconstpointer unused)
{
  enum { BATCH = 24, N = 420 * BATCH };
  const TsrMeasure few[] = {{"fid", 0, 1}, {"fid", 5, 2}};
  put (bench, INFINITY, few, 2);
  for (int i = 0; i < N; i += BATCH) {
    TsrMeasure measures[BATCH];
    for (int k = 0; k < BATCH; k++)
      measures[k] = (TsrMeasure){"loss.g", (i + k) * 0.01, sin ((i + k) * 1e-3)};
    put (bench, INFINITY, measures, BATCH);
  }
  g_autoptr (GArray) kept = tsr_project_series (bench->project, "loss.g", NULL);
  g_assert_cmpuint (kept->len, <=, TSR_MAX_SERIES);
  g_assert_cmpuint (kept->len, >=, TSR_MAX_SERIES / 4);
  const TsrMeasure *m = &g_array_index (kept, TsrMeasure, 0);
  g_assert_cmpfloat (m[0].kimg, ==, 0);
  g_assert_cmpfloat (m[kept->len - 1].kimg, >=, (N - 1) * 0.01 - 1e-9);
  for (guint i = 1; i < kept->len; i++) {
    g_assert_cmpfloat (m[i].kimg - m[i - 1].kimg, >, 0);
    g_assert_cmpfloat (m[i].kimg - m[i - 1].kimg, <, 5 * N * 0.01 / TSR_MAX_SERIES);
    g_assert_cmpfloat_with_epsilon (m[i].value, sin (m[i].kimg * 0.1), 1e-12);
  }
  assert_series (bench, "fid", "0:1 5:2 ");
}

/* The rule alone, on regular, growing and lumpy places. */
static void
test_thin (void)
{
  enum { N = 3000, MOST = 100 };
  for (int kind = 0; kind < 3; kind++) {
    double places[N];
    bool keep[N];
    for (int i = 0; i < N; i++)
      places[i] = kind == 0 ? i : kind == 1 ? exp (i * 0.003) : i + (i >= N / 2 ? 1e6 : 0);
    size_t n = tsr_series_thin (places, N, MOST, keep), counted = 0;
    for (int i = 0; i < N; i++)
      counted += keep[i];
    g_assert_cmpuint (n, ==, counted);
    g_assert_cmpuint (n, <=, MOST);
    g_assert_true (keep[0] && keep[N - 1]);
    /* a second time nothing more goes but the last one's neighbour */
    double kept[N];
    size_t at = 0;
    for (int i = 0; i < N; i++)
      if (keep[i])
        kept[at++] = places[i];
    g_assert_cmpuint (tsr_series_thin (kept, n, MOST, keep), >=, n - 1);
  }
  bool one[1];
  const double place = 5;
  g_assert_cmpuint (tsr_series_thin (&place, 1, MOST, one), ==, 1);
  g_assert_cmpuint (tsr_series_thin (NULL, 0, MOST, NULL), ==, 0);
}

static void
test_from_version_2 (void)
{
  char *folder = fixture_folder (true);
  g_autofree char *path = g_build_filename (folder, "old.tessera", NULL);
  g_autoptr (GError) error = NULL;
  TsrSchema old = {tsr_project_schema.steps, 2};
  g_assert_true (tsr_project_create_with (path, &old, &error));
  TsrProject *project = tsr_project_open_with (path, TSR_PROJECT_READ_WRITE, &old, &error);
  g_assert_cmpint (tsr_project_add_class (project, "kept", -1, &error), ==, 1);
  tsr_project_close (project);
  Bench bench = {.project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error)};
  g_assert_no_error (error);
  g_assert_cmpint (tsr_db_int (bench.project, "PRAGMA user_version", 0), ==,
                   tsr_project_schema.version);
  g_autoptr (GPtrArray) classes = tsr_project_classes (bench.project);
  g_assert_cmpuint (classes->len, ==, 1);
  assert_series (&bench, "loss.g", "");
  put (&bench, -1, &(TsrMeasure){"loss.g", 1, 2}, 1);
  assert_series (&bench, "loss.g", "1:2 ");
  g_assert_true (tsr_project_check (bench.project, &error));
  tsr_project_close (bench.project);
  fixture_remove (folder);
}

#define ADD(path, function) g_test_add (path, Bench, NULL, bench_open, function, bench_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/series/stored", test_stored);
  ADD ("/series/cut", test_cut);
  ADD ("/series/thinned", test_thinned);
  g_test_add_func ("/series/thin", test_thin);
  g_test_add_func ("/series/from-version-2", test_from_version_2);
  return g_test_run ();
}
