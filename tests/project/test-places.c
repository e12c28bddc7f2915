/* What is stated of tiles that are there: where files lie on slides, and ground truth. */

#include "fixture.h"
#include "slide-bench.h"
#include "tsr-error.h"
#include "tsr-project-place.h"
#include "tsr-project-truth.h"

#include <math.h>
#include <string.h>

enum { FILES = 4 };

static void
add_files (SlideBench *bench)
{
  g_autofree char *folder = g_build_filename (bench->folder, "files", NULL);
  for (unsigned i = 0; i < FILES; i++) {
    g_autofree char *file = g_strdup_printf ("%s/%u.png", folder, i);
    fixture_write_tile (file, 20, i);
  }
  fixture_add (bench->project, folder, false);
}

static void
place (SlideBench *bench, const char *path, int32_t *number, const TsrTilePlacing *tiles, size_t n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = path ? tsr_slide_open (path, &error) : NULL;
  g_assert_no_error (error);
  tsr_project_place_tiles (bench->project, slide, number, NAN, tiles, n, &error);
  g_assert_no_error (error);
}

static void
assert_place (const TsrTileRegion *region, int32_t slide, const TsrTilePlacing *tile)
{
  g_assert_cmpint (region->slide, ==, slide);
  g_assert_cmpint (region->x, ==, tile->x);
  g_assert_cmpint (region->y, ==, tile->y);
  g_assert_cmpint (region->width, ==, tile->width);
  g_assert_cmpint (region->height, ==, tile->height);
  g_assert_cmpint (region->pixels, ==, 20);
  g_assert_true (isnan (region->tissue));
}

/* A slide joins by it, once, with its tiles or without; what is said later counts. */
static void
test_place (SlideBench *bench, gconstpointer unused)
{
  add_files (bench);
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s/one.tiff");
  const TsrTilePlacing first[] = {{0, 0, 0, 32, 32}, {2, -5, 90, 64, 20}},
                       second[] = {{2, 149, 100, 1, 1}, {3, -31, -7, 32, 8}};
  int32_t number = -1;
  place (bench, path, &number, first, 2);
  g_assert_cmpint (number, ==, 0);
  number = -1;
  place (bench, path, &number, second, 1);
  g_assert_cmpint (number, ==, 0);
  g_autofree char *away = g_build_filename (bench->folder, "away.tiff", NULL);
  slide_bench_move (path, away); /* is known all the same */
  place (bench, NULL, &number, second + 1, 1);
  slide_bench_move (away, path);
  slide_bench_reopen (bench);
  g_autofree TsrTileRegion *regions = slide_bench_regions (bench);
  g_autoptr (GPtrArray) slides = slide_bench_list (bench);
  g_assert_cmpuint (slides->len, ==, 1);
  const TsrProjectSlide *slide = slide_bench_nth (slides, 0);
  g_assert_cmpstr (slide->name, ==, "one");
  g_assert_cmpstr (slide->path, ==, path);
  g_assert_cmpuint (slide->tiles, ==, 3);
  g_assert_cmpint (slide->side, ==, 0); /* never cut */
  assert_place (&regions[0], 0, &first[0]);
  g_assert_cmpint (regions[1].slide, ==, -1);
  assert_place (&regions[2], 0, &second[0]);
  assert_place (&regions[3], 0, &second[1]);
  g_assert_cmpuint (slide_bench_add (bench, path).tiles, ==, ACROSS * DOWN);
  g_autofree TsrTileRegion *later = slide_bench_regions (bench);
  g_assert_cmpmem (later, FILES * sizeof *later, regions, FILES * sizeof *regions);
}

/* Where tiles lay before they were placed, and the slides that joined by it are gone, but not one
 * that tiles have been cut from since, nor those before it. */
static void
test_restore (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  add_files (bench);
  SlideKind other = slide_bench_kind, third = slide_bench_kind;
  other.mpp = 0.25;
  third.mpp = 0.3;
  g_autofree char *one = slide_bench_write (bench, &slide_bench_kind, "s/one.tiff");
  g_autofree char *two = slide_bench_write (bench, &other, "s/two.tiff");
  g_autofree char *three = slide_bench_write (bench, &third, "s/three.tiff");
  const TsrTilePlacing first = {0, 3, 4, 32, 32}, later[] = {{0, 9, 9, 16, 16}, {2, 5, 5, 16, 16}};
  const uint32_t tiles[] = {0, 2};
  int32_t number = -1;
  place (bench, one, &number, &first, 1);
  for (int round = 0; round < 2; round++) {
    g_autofree TsrTileRegion *before = slide_bench_regions (bench);
    const TsrTileRegion was[] = {before[0], before[2]};
    number = -1;
    place (bench, two, &number, later, 2);
    g_assert_cmpint (number, ==, 1);
    number = -1;
    place (bench, three, &number, later + 1, 1);
    if (round == 1)
      slide_bench_add (bench, two);
    g_assert_true (tsr_project_restore_places (bench->project, tiles, was, 2, 1, &error));
    g_assert_no_error (error);
    slide_bench_reopen (bench);
    g_autofree TsrTileRegion *after = slide_bench_regions (bench);
    g_autoptr (GPtrArray) slides = slide_bench_list (bench);
    assert_place (&after[0], 0, &first);
    g_assert_cmpint (after[2].slide, ==, -1);
    g_assert_cmpuint (slides->len, ==, round == 0 ? 1 : 2);
  }
}

/* One wrong place, and nothing is stored: no slide, and none of the others. */
static void
test_refused (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  add_files (bench);
  g_autofree char *cut = slide_bench_write (bench, &slide_bench_kind, "s/cut.tiff");
  slide_bench_add (bench, cut);
  SlideKind other = slide_bench_kind;
  other.mpp = 0.25;
  g_autofree char *path = slide_bench_write (bench, &other, "s/one.tiff");
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  const TsrTilePlacing wrong[] = {
      {1, SLIDE_W, 0, 8, 8},      {1, 0, SLIDE_H, 8, 8}, {1, -8, 0, 8, 8},
      {1, 0, -8, 8, 8},           {1, 0, 0, 0, 8},       {1, 0, 0, 8, -1},
      {FILES, 0, 0, 8, 8},        /* a region */
      {FILES + 1000, 0, 0, 8, 8}, /* not there */
  };
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++) {
    const TsrTilePlacing tiles[] = {{0, 0, 0, 8, 8}, wrong[i]};
    int32_t number = -1;
    g_assert_false (
        tsr_project_place_tiles (bench->project, slide, &number, NAN, tiles, 2, &error));
    g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_FAILED);
    g_autofree TsrTileRegion *regions = slide_bench_regions (bench);
    g_autoptr (GPtrArray) slides = slide_bench_list (bench);
    g_assert_cmpuint (slides->len, ==, 1);
    g_assert_cmpint (regions[0].slide, ==, -1);
  }
  const TsrTilePlacing fine = {0, 0, 0, 8, 8};
  int32_t number = 7;
  g_assert_false (tsr_project_place_tiles (bench->project, NULL, &number, NAN, &fine, 1, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_FAILED);
}

static void
test_truth (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  add_files (bench);
  int32_t truth[FILES];
  g_assert_null (tsr_project_truth (bench->project, truth));
  const uint32_t tiles[] = {3, 0, 1};
  const char *const names[] = {"fat", "gland", "fat"}, *const none[] = {NULL},
                    *const wrong[] = {"fat", ""}, *const bytes[] = {"\xff"};
  g_assert_true (tsr_project_set_truth (bench->project, tiles, names, 3, &error));
  g_assert_true (tsr_project_set_truth (bench->project, tiles + 2, none, 1, &error));
  slide_bench_reopen (bench);
  for (int i = 0; i < 2; i++) { /* as it is, and after what is refused */
    g_auto (GStrv) found = tsr_project_truth (bench->project, truth);
    g_assert_cmpuint (g_strv_length (found), ==, 2);
    g_assert_cmpstr (found[truth[3]], ==, "fat");
    g_assert_cmpstr (found[truth[0]], ==, "gland");
    g_assert_true (truth[1] == -1 && truth[2] == -1);
    const uint32_t far[] = {1, FILES};
    g_assert_false (tsr_project_set_truth (bench->project, far, names, 2, &error));
    g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
    g_assert_false (tsr_project_set_truth (bench->project, tiles + 1, wrong, 2, &error));
    g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
    g_assert_false (tsr_project_set_truth (bench->project, tiles, bytes, 1, &error));
    g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  }
}

#define ADD(path, function)                                                                        \
  g_test_add (path, SlideBench, NULL, slide_bench_open, function, slide_bench_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/places/place", test_place);
  ADD ("/places/restore", test_restore);
  ADD ("/places/refused", test_refused);
  ADD ("/places/truth", test_truth);
  return g_test_run ();
}
