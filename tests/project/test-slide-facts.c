/* What a project says of its slides: names, sizes of pixels, where their files are, the tables, and
 * a project of the version before there were slides. */

#include "fixture.h"
#include "slide-bench.h"
#include "tsr-project-private.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- names ---- */

static void
assert_names (const SlideBench *bench, const char *first, const char *second)
{
  g_autoptr (GPtrArray) slides = slide_bench_list (bench);
  g_assert_cmpstr (slide_bench_nth (slides, 0)->name, ==, first);
  g_assert_cmpstr (slide_bench_nth (slides, 1)->name, ==, second);
  g_auto (GStrv) names = tsr_project_tile_names (bench->project);
  g_autofree char *one = g_strdup_printf ("%s [x=0,y=0,w=32,h=32]", first),
                  *other = g_strdup_printf ("%s [x=0,y=0,w=32,h=32]", second);
  g_assert_cmpstr (names[0], ==, one);
  g_assert_cmpstr (names[ACROSS * DOWN], ==, other);
}

static void
test_names (SlideBench *bench, gconstpointer unused)
{
  SlideKind other = slide_bench_kind;
  other.mpp = 0.25;
  g_autofree char *one = slide_bench_write (bench, &slide_bench_kind, "a/J. Doe.ome.tiff"),
                  *two = slide_bench_write (bench, &other, "b/J. Doe.svs");
  g_autoptr (GError) error = NULL;
  slide_bench_add (bench, one);
  slide_bench_add (bench, two);
  assert_names (bench, "J. Doe", "J. Doe (2)");
  g_assert_false (tsr_project_hides_slide_names (bench->project));
  g_assert_true (tsr_project_hide_slide_names (bench->project, &error));
  g_assert_true (tsr_project_hides_slide_names (bench->project));
  assert_names (bench, "slide 1", "slide 2");
  g_assert_true (tsr_project_hide_slide_names (bench->project, &error)); /* again: no matter */
  assert_names (bench, "slide 1", "slide 2");
  other.mpp = 1;
  g_autofree char *three = slide_bench_write (bench, &other, "b/J. Doe 3.svs");
  g_assert_cmpint (slide_bench_add (bench, three).slide, ==, 2);
  g_autoptr (GPtrArray) slides = slide_bench_list (bench);
  g_assert_cmpstr (slide_bench_nth (slides, 2)->name, ==, "slide 3");
}

/* ---- sizes of pixels ---- */

static void
test_mpp (SlideBench *bench, gconstpointer unused)
{
  SlideKind silent = slide_bench_kind;
  silent.mpp = 0;
  g_autofree char *one = slide_bench_write (bench, &slide_bench_kind, "a.tiff"),
                  *two = slide_bench_write (bench, &silent, "b.tiff");
  g_autoptr (GError) error = NULL;
  TsrTilingOptions options = slide_bench_tiling (SIDE);
  options.slide_mpp = 0.3; /* only for the slide that does not say */
  slide_bench_add_with (bench, one, &options);
  slide_bench_add (bench, two);
  {
    g_autoptr (GPtrArray) slides = slide_bench_list (bench);
    g_assert_cmpfloat (fabs (slide_bench_nth (slides, 0)->mpp - 0.5), <, 1e-6);
    g_assert_true (isnan (slide_bench_nth (slides, 1)->mpp) &&
                   !slide_bench_nth (slides, 1)->mpp_given);
  }
  static const double senseless[] = {0, -1, NAN, INFINITY, 21};
  for (unsigned i = 0; i < G_N_ELEMENTS (senseless); i++) {
    g_assert_false (tsr_project_set_slide_mpp (bench->project, 1, senseless[i], &error));
    g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  }
  g_assert_false (tsr_project_set_slide_mpp (bench->project, 0, 0.25, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  g_assert_false (tsr_project_set_slide_mpp (bench->project, 7, 0.25, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  for (int i = 1; i < 3; i++) {
    g_assert_true (tsr_project_set_slide_mpp (bench->project, 1, 0.25 * i, &error));
    g_autoptr (GPtrArray) slides = slide_bench_list (bench);
    g_assert_true (slide_bench_nth (slides, 1)->mpp == 0.25 * i &&
                   slide_bench_nth (slides, 1)->mpp_given);
  }
  slide_bench_add_with (bench, two, &options); /* said again with its tiles */
  g_autoptr (GPtrArray) slides = slide_bench_list (bench);
  g_assert_cmpfloat (slide_bench_nth (slides, 1)->mpp, ==, 0.3);
}

/* ---- slides that slide_bench_move ---- */

static void
test_moved (SlideBench *bench, gconstpointer unused)
{
  SlideKind other = slide_bench_kind;
  other.mpp = 0.25;
  g_autofree char *one = slide_bench_write (bench, &slide_bench_kind, "a/one.tiff"),
                  *two = slide_bench_write (bench, &other, "a/two.tiff"),
                  *away = g_build_filename (bench->folder, "far/away/renamed.tiff", NULL),
                  *far = g_build_filename (bench->folder, "far", NULL);
  g_autoptr (GError) error = NULL;
  slide_bench_add (bench, one);
  slide_bench_add (bench, two);
  slide_bench_move (one, away);
  slide_bench_reopen (bench);
  {
    g_autoptr (GPtrArray) slides = slide_bench_list (bench);
    g_assert_false (slide_bench_nth (slides, 0)->present);
    g_assert_true (slide_bench_nth (slides, 1)->present);
  }
  g_assert_false (tsr_project_relink_slide (bench->project, 0, two, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_IMAGE);
  g_assert_false (tsr_project_relink_slide (bench->project, 0, one, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_IMAGE);
  g_assert_false (tsr_project_relink_slide (bench->project, 2, away, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  g_assert_true (tsr_project_relink_slide (bench->project, 0, away, &error));
  slide_bench_reopen (bench);
  {
    g_autoptr (GPtrArray) slides = slide_bench_list (bench);
    g_assert_true (slide_bench_nth (slides, 0)->present);
    g_assert_cmpstr (slide_bench_nth (slides, 0)->path, ==, away);
  }
  slide_bench_move (away, one); /* found by looking for it, among files of the same size */
  g_autofree char *decoy = g_build_filename (bench->folder, "far/decoy.tiff", NULL);
  g_autoptr (GByteArray) bytes = fixture_read (one);
  bytes->data[bytes->len - 1] ^= 1;
  fixture_write (decoy, bytes->data, bytes->len);
  g_assert_cmpint (tsr_project_slide_is (bench->project, 0, one, &error), ==, 1);
  g_assert_cmpint (tsr_project_slide_is (bench->project, 0, two, &error), ==, 0);
  g_assert_cmpint (tsr_project_slide_is (bench->project, 0, decoy, &error), ==, 0);
  g_assert_cmpint (tsr_project_slide_is (bench->project, 0, away, &error), ==, -1);
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_IMAGE);
  g_assert_cmpint (tsr_project_relink_folder (bench->project, far, NULL, &error), ==, 0);
  g_assert_cmpint (tsr_project_relink_folder (bench->project, bench->folder, NULL, &error), ==, 1);
  g_assert_cmpint (tsr_project_relink_folder (bench->project, bench->folder, NULL, &error), ==, 0);
  g_assert_cmpint (tsr_project_relink_folder (bench->project, decoy, NULL, &error), ==, -1);
  g_clear_error (&error);
  {
    g_autoptr (GPtrArray) slides = slide_bench_list (bench);
    g_assert_cmpstr (slide_bench_nth (slides, 0)->path, ==, one);
  }
  slide_bench_move (one, away); /* and by adding it from where it is now */
  g_assert_cmpuint (slide_bench_add (bench, away).tiles, ==, 0);
  g_autoptr (GPtrArray) slides = slide_bench_list (bench);
  g_assert_cmpstr (slide_bench_nth (slides, 0)->path, ==, away);
}

/* A study moved whole: slides are found from where the project is now. */
static void
test_moved_together (SlideBench *bench, gconstpointer unused)
{
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "slides/s.tiff"),
                  *other = g_strconcat (bench->folder, "-moved", NULL),
                  *project = g_build_filename (other, "p.tessera", NULL),
                  *slide = g_build_filename (other, "slides/s.tiff", NULL);
  slide_bench_add (bench, path);
  g_clear_pointer (&bench->project, tsr_project_close);
  g_assert_cmpint (g_rename (bench->folder, other), ==, 0);
  g_free (bench->folder);
  g_free (bench->path);
  bench->folder = g_steal_pointer (&other);
  bench->path = g_steal_pointer (&project);
  slide_bench_reopen (bench);
  g_autoptr (GPtrArray) slides = slide_bench_list (bench);
  g_assert_cmpstr (slide_bench_nth (slides, 0)->path, ==, slide);
  g_assert_true (slide_bench_nth (slides, 0)->present);
}

/* ---- the table itself ---- */

static void
assert_refused_by_table (const SlideBench *bench, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_db_exec (bench->project, sql, &error));
}

#define INSERT "INSERT INTO tile (id, name, width, height, channels, "

static void
test_constraints (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s.tiff");
  slide_bench_add (bench, path);
  assert_refused_by_table (bench, INSERT "truth) VALUES (12, '', 1, 1, 3, NULL)");
  assert_refused_by_table (bench, INSERT "root) VALUES (12, '', 1, 1, 3, 1)");
  assert_refused_by_table (bench, INSERT "slide) VALUES (12, '', 1, 1, 3, 0)");
  assert_refused_by_table (bench, INSERT "slide, x, y) VALUES (12, '', 1, 1, 3, 0, 1, 1)");
  assert_refused_by_table (
      bench, INSERT "slide, x, y, side_x, side_y) VALUES (12, '', 1, 1, 3, 0, 0, 0, 32, 32)");
  assert_refused_by_table (bench, INSERT
                           "slide, x, y, side_x, side_y) VALUES (12, '', 1, 1, 3, 5, 0, 0, 3, 3)");
  /* a file may lie where a region lies */
  tsr_db_exec (bench->project,
               INSERT "root, path, slide, x, y, side_x, side_y) VALUES (12, '', 1, 1, 3, 1, "
                      "x'61', 0, 0, 0, 32, 32)",
               &error);
  g_assert_no_error (error);
}

/* ---- from the version before ---- */

static void
fill_version_3 (const char *path, const char *tiles)
{
  g_autoptr (GError) error = NULL;
  TsrSchema old = {tsr_project_schema.steps, 3};
  g_assert_true (tsr_project_create_with (path, &old, &error));
  TsrProject *project = tsr_project_open_with (path, TSR_PROJECT_READ_WRITE, &old, &error);
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO root VALUES (1, CAST ('%s' AS BLOB), NULL);"
      "INSERT INTO truth VALUES (1, 'fat');"
      "WITH RECURSIVE i (x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM i WHERE x < 99)"
      " INSERT INTO tile SELECT x, 1, CAST (x || '.png' AS BLOB), x || '.png', 64, 64, 3, "
      "iif (x %% 3, NULL, 1) FROM i;"
      "INSERT INTO thumbnail SELECT id, CAST ('t' || id AS BLOB) FROM tile",
      tiles);
  tsr_db_exec (project, sql, &error);
  g_assert_no_error (error);
  int32_t class_ = tsr_project_add_class (project, "kept", -1, &error);
  uint32_t some[] = {3, 5, 99}, order[] = {7, 2};
  fixture_old_label (project, some, 3, class_);
  tsr_project_put_suggestions (project, order, 2, "fps", &error);
  g_assert_no_error (error);
  tsr_project_close (project);
}

static void
test_from_version_3 (SlideBench *bench, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (bench->folder, "old.tessera", NULL);
  g_autoptr (GError) error = NULL;
  fill_version_3 (path, bench->folder);
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tsr_db_int (project, "PRAGMA user_version", 0), ==, tsr_project_schema.version);
  tsr_project_check (project, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, 100);
  int32_t label[100], truth[100];
  g_assert_true (tsr_project_labels (project, label, NULL, &error));
  g_auto (GStrv) classes = tsr_project_truth (project, truth),
                 names = tsr_project_tile_names (project);
  TsrTileRegion regions[100];
  g_assert_true (tsr_project_regions (project, regions, &error));
  for (uint32_t i = 0; i < 100; i++) {
    g_autofree char *name = g_strdup_printf ("%u.png", i),
                    *file = g_build_filename (bench->folder, name, NULL),
                    *stored = tsr_project_tile_path (project, i);
    g_assert_cmpstr (names[i], ==, name);
    g_assert_cmpstr (stored, ==, file);
    g_assert_cmpint (label[i], ==, i == 3 || i == 5 || i == 99 ? 1 : TSR_LABEL_NONE);
    g_assert_cmpint (truth[i], ==, i % 3 ? -1 : 0);
    g_assert_cmpint (regions[i].slide, ==, -1);
  }
  g_assert_cmpint (tsr_db_int (project,
                               "SELECT count (*) FROM thumbnail WHERE jpeg = CAST ('t' || "
                               "tile AS BLOB)",
                               0),
                   ==, 100);
  g_assert_false (tsr_db_exec (project, "INSERT INTO thumbnail VALUES (100, x'00')", &error));
  g_clear_error (&error); /* references are enforced again */
  g_autofree char *slide = slide_bench_write (bench, &slide_bench_kind, "s.tiff");
  TsrProject *own = bench->project;
  bench->project = project;
  g_assert_cmpuint (slide_bench_add (bench, slide).tiles, ==, ACROSS * DOWN);
  bench->project = own;
  tsr_project_check (project, &error);
  g_assert_no_error (error);
}

#define ADD(path, function)                                                                        \
  g_test_add (path, SlideBench, NULL, slide_bench_open, function, slide_bench_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/slides/names", test_names);
  ADD ("/slides/mpp", test_mpp);
  ADD ("/slides/moved", test_moved);
  ADD ("/slides/moved-together", test_moved_together);
  ADD ("/slides/constraints", test_constraints);
  ADD ("/slides/from-version-3", test_from_version_3);
  return g_test_run ();
}
