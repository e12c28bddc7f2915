/* Shares and classes of tiles against pixels: regions with corners on whole pixels and edges along
 * them, drawn into a picture and counted. */

#include "tsr-region-tiles.h"

#include <math.h>
#include <string.h>

#define SIDE 96

/* A region of random rectangles, one polygon each, and the same in a picture. */
static TsrRegion *
draw (GRand *random, const char *class_name, uint8_t picture[SIDE][SIDE])
{
  TsrRegion *region = tsr_region_new ();
  region->class_name = g_strdup (class_name);
  memset (picture, 0, SIDE * SIDE);
  for (int n = g_rand_int_range (random, 1, 5); n > 0; n--) {
    int x0 = g_rand_int_range (random, 0, SIDE - 9), y0 = g_rand_int_range (random, 0, SIDE - 9),
        x1 = g_rand_int_range (random, x0 + 8, SIDE), y1 = g_rand_int_range (random, y0 + 8, SIDE);
    const TsrOutlinePoint shell[] = {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}},
                          hole[] = {{x0 + 2, y0 + 2},
                                    {x0 + 2, y1 - 3},
                                    {x1 - 1, y1 - 3},
                                    {x1 - 1, y0 + 2}};
    tsr_outline_add (region->outline, shell, 4, false);
    tsr_outline_add (region->outline, hole, 4, true);
    for (int y = y0; y < y1; y++)
      for (int x = x0; x < x1; x++)
        picture[y][x] |= !(x >= x0 + 2 && x < x1 - 1 && y >= y0 + 2 && y < y1 - 3);
  }
  return region;
}

static double
count (uint8_t picture[SIDE][SIDE], const TsrBox *box)
{
  int sum = 0;
  for (int y = (int)box->y; y < (int)(box->y + box->height); y++)
    for (int x = (int)box->x; x < (int)(box->x + box->width); x++)
      sum += x >= 0 && y >= 0 && x < SIDE && y < SIDE && picture[y][x];
  return sum / (box->width * box->height);
}

static void
test_random (void)
{
  static uint8_t pictures[4][SIDE][SIDE], all[SIDE][SIDE];
  static const char *const names[] = {"a", "b", "a", NULL};
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  for (int trial = 0; trial < 60; trial++) {
    g_autoptr (GPtrArray) regions =
        g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_region_free);
    for (int i = 0; i < 4; i++)
      g_ptr_array_add (regions, draw (random, names[i], pictures[i]));
    g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (TsrSlideTile));
    TsrBox boxes[200];
    double share[200];
    int side = g_rand_int_range (random, 3, 17);
    for (int i = 0; i < 200; i++) {
      TsrSlideTile tile = {.x = g_rand_int_range (random, -10, SIDE),
                           .y = g_rand_int_range (random, -10, SIDE),
                           .side = side};
      g_array_append_val (tiles, tile);
      boxes[i] = tsr_slide_tile_box (&tile);
    }
    for (int y = 0; y < SIDE; y++)
      for (int x = 0; x < SIDE; x++) {
        all[y][x] = pictures[0][y][x] | pictures[1][y][x] | pictures[2][y][x] | pictures[3][y][x];
        pictures[0][y][x] |= pictures[2][y][x]; /* both are of class a */
      }
    g_assert_true (tsr_regions_share (regions, boxes, 200, share, NULL, NULL));
    double least = g_rand_double_range (random, 0.05, 1);
    g_auto (TsrRegionLabels) labels = {0};
    g_assert_true (tsr_regions_label (regions, boxes, 200, least, &labels, NULL, NULL));
    g_assert_cmpuint (labels.classes->len, ==, 2);
    for (int i = 0; i < 200; i++) {
      g_assert_cmpfloat (fabs (share[i] - count (all, &boxes[i])), <, 1e-12);
      double a = count (pictures[0], &boxes[i]), b = count (pictures[1], &boxes[i]);
      g_assert_cmpint (labels.of_box[i], ==, MAX (a, b) < least ? TSR_REGION_NONE : b > a);
    }
    g_assert_true (tsr_regions_limit (regions, tiles, least, NULL, NULL));
    guint kept = 0;
    for (int i = 0; i < 200; i++)
      if (count (all, &boxes[i]) >= least) {
        g_assert_cmpuint (kept, <, tiles->len);
        const TsrSlideTile *tile = &g_array_index (tiles, TsrSlideTile, kept++);
        g_assert_true ((double)tile->x == boxes[i].x && (double)tile->y == boxes[i].y);
      }
    g_assert_cmpuint (kept, ==, tiles->len);
  }
}

static TsrRegion *
rectangle (const TsrBox *box, const char *class_name, int64_t rgb, const char *name)
{
  TsrRegion *region = tsr_region_new ();
  const TsrOutlinePoint shell[] = {{box->x, box->y},
                                   {box->x, box->y + box->height},
                                   {box->x + box->width, box->y + box->height},
                                   {box->x + box->width, box->y}};
  tsr_outline_add (region->outline, shell, 4, false);
  region->class_name = g_strdup (class_name);
  region->name = g_strdup (name);
  region->rgb = rgb;
  return region;
}

/* Rectangles of tiles speak for these alone, and before what is drawn over them. */
static void
test_exact (void)
{
  const TsrBox boxes[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {8, 0, 8, 8}, {0, 0, 8, 8}, {12, 0, 8, 8}},
               large = {-1, -1, 30, 30};
  g_autoptr (GPtrArray) regions = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_region_free);
  g_auto (TsrRegionLabels) labels = {0};
  g_ptr_array_add (regions, rectangle (&boxes[0], "a", -1, NULL));
  g_ptr_array_add (regions, rectangle (&boxes[2], NULL, -1, "unsure"));
  g_ptr_array_add (regions, rectangle (&boxes[4], NULL, -1, "something"));
  g_assert_true (tsr_regions_label (regions, boxes, 5, 0.25, &labels, NULL, NULL));
  const int32_t alone[] = {0, TSR_REGION_NONE, TSR_REGION_UNSURE, 0, TSR_REGION_NONE};
  g_assert_cmpmem (labels.of_box, sizeof alone, alone, sizeof alone);
  tsr_region_labels_clear (&labels);
  g_ptr_array_add (regions, rectangle (&large, "b", 0x123456, NULL));
  g_ptr_array_add (regions, rectangle (&large, "a", 0x654321, NULL));
  g_ptr_array_add (regions, rectangle (&large, NULL, -1, "unsure"));
  g_assert_true (tsr_regions_label (regions, boxes, 5, 0.25, &labels, NULL, NULL));
  const int32_t below[] = {0, 0, TSR_REGION_UNSURE, 0, 0}; /* of equal ones the first */
  g_assert_cmpmem (labels.of_box, sizeof below, below, sizeof below);
  const TsrRegionClass *a = labels.classes->pdata[0], *b = labels.classes->pdata[1];
  g_assert_cmpstr (a->name, ==, "a");
  g_assert_cmpint (a->rgb, ==, 0x654321);
  g_assert_cmpint (b->rgb, ==, 0x123456);

  /* What QuPath leaves out labels no tile by its area, but one that it is the rectangle of. */
  g_ptr_array_set_size (regions, 0);
  g_ptr_array_add (regions, rectangle (&large, "Region*", -1, NULL));
  g_ptr_array_add (regions, rectangle (&boxes[4], "Ignore*", -1, NULL));
  tsr_region_labels_clear (&labels);
  g_assert_true (tsr_regions_label (regions, boxes, 5, 0.25, &labels, NULL, NULL));
  const int32_t frame[] = {TSR_REGION_NONE, TSR_REGION_NONE, TSR_REGION_NONE, TSR_REGION_NONE, 1};
  g_assert_cmpmem (labels.of_box, sizeof frame, frame, sizeof frame);
}

static void
test_none (void)
{
  g_autoptr (GPtrArray) regions = g_ptr_array_new ();
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (TsrSlideTile));
  TsrBox box = {0, 0, 0, 5};
  double share = 5;
  g_auto (TsrRegionLabels) labels = {0};
  g_assert_true (tsr_regions_share (regions, &box, 1, &share, NULL, NULL));
  g_assert_cmpfloat (share, ==, 0);
  g_assert_true (tsr_regions_limit (regions, tiles, 0.5, NULL, NULL));
  g_assert_true (tsr_regions_label (regions, NULL, 0, 0.5, &labels, NULL, NULL));
  g_assert_cmpuint (labels.classes->len, ==, 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TsrProgress progress = {.cancellable = cancellable};
  g_autoptr (GError) error = NULL;
  g_cancellable_cancel (cancellable);
  g_assert_false (tsr_regions_share (regions, &box, 1, &share, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/region-tiles/random", test_random);
  g_test_add_func ("/region-tiles/exact", test_exact);
  g_test_add_func ("/region-tiles/none", test_none);
  return g_test_run ();
}
