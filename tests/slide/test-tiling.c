/* Grids against a plain walk over all places, scales against their definition, shares of tissue
 * against counting. */

#include "tsr-slide-tiling.h"

#include "tsr-error.h"

#include <math.h>
#include <string.h>

static TsrSlideLevel levels[4];
static TsrSlideInfo info = {.levels = levels, .mpp_x = NAN, .mpp_y = NAN};

static void
set_slide (int64_t width, int64_t height, int n, double downsample, double mpp)
{
  info.n_levels = n;
  info.mpp_x = info.mpp_y = mpp;
  for (int i = 0; i < n; i++) {
    double scale = pow (downsample, i);
    levels[i] = (TsrSlideLevel){.width = (int64_t)((double)width / scale),
                                .height = (int64_t)((double)height / scale),
                                .downsample = scale};
  }
}

static TsrTiling
tile (const TsrTissueMask *mask, const TsrTilingOptions *options)
{
  TsrTiling tiling;
  g_autoptr (GError) error = NULL;
  tsr_slide_tile (&info, mask, options, &tiling, &error);
  g_assert_no_error (error);
  return tiling;
}

static void
test_grid (void)
{
  static const int sizes[] = {1, 2, 63, 64, 65, 127, 128, 1000};
  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (size_t j = 0; j < G_N_ELEMENTS (sizes); j++)
      for (int overlap = 0; overlap < 64; overlap += 21) {
        set_slide (sizes[i], sizes[j], 1, 2, NAN);
        TsrTilingOptions options = tsr_tiling_options ();
        options.overlap = overlap;
        TsrTiling tiling = tile (NULL, &options);
        g_assert_cmpint (tiling.side, ==, 64);
        g_assert_cmpint (tiling.step, ==, 64 - overlap);
        g_assert_true (isnan (tiling.mpp));
        guint n = 0;
        for (int y = 0; y + 64 <= sizes[j]; y += 64 - overlap)
          for (int x = 0; x + 64 <= sizes[i]; x += 64 - overlap, n++) {
            g_assert_cmpuint (n, <, tiling.tiles->len);
            const TsrSlideTile *got = &g_array_index (tiling.tiles, TsrSlideTile, n);
            g_assert_cmpint (got->x, ==, x);
            g_assert_cmpint (got->y, ==, y);
            g_assert_cmpint (got->side, ==, 64);
            g_assert_cmpfloat (got->tissue, ==, 1);
          }
        g_assert_cmpuint (tiling.tiles->len, ==, n);
        g_assert_cmpint (tiling.grid, ==, n);
        tsr_tiling_clear (&tiling);
      }
}

static void
test_scales (void)
{
  static const struct {
    double slide_mpp, mpp, tolerance;
    int level, side;
  } table[] = {
      {0.25, 0.25, 0.02, 0, 64},   {0.25, 0.5, 0.02, 0, 128},   {0.25, 1, 0.02, 1, 256},
      {0.25, 0.9, 0.02, 0, 230},   {0.25, 1.1, 0.02, 1, 282},   {0.25, 4, 0.02, 2, 1024},
      {0.25, 8, 0.02, 2, 2048},    {0.2521, 0.25, 0.02, 0, 64}, {0.2521, 0.25, 0, 0, 63},
      {0.2457, 0.25, 0.02, 0, 64}, {0.2325, 0.5, 0.02, 0, 138}, {0.2525, 1, 0.02, 1, 256},
      {0.499, 0.25, 0.02, 0, 32},  {0.499, 0.5, 0, 0, 64},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    set_slide (100000, 90000, 3, 4, table[i].slide_mpp);
    TsrTilingOptions options = tsr_tiling_options ();
    options.mpp = table[i].mpp;
    options.tolerance = table[i].tolerance;
    TsrTiling tiling = tile (NULL, &options);
    g_assert_cmpint (tiling.side, ==, table[i].side);
    g_assert_cmpint (tiling.level, ==, table[i].level);
    g_assert_cmpfloat (fabs (tiling.mpp - table[i].side * table[i].slide_mpp / 64), <, 1e-12);
    guint n = (guint)((100000 - tiling.side) / tiling.step + 1) *
              (guint)((90000 - tiling.side) / tiling.step + 1);
    g_assert_cmpuint (tiling.tiles->len, ==, n);
    tsr_tiling_clear (&tiling);
    /* The same by the side of a tile. */
    options.mpp = NAN;
    options.micrometres = table[i].mpp * 64;
    tiling = tile (NULL, &options);
    g_assert_cmpint (tiling.side, ==, table[i].side);
    tsr_tiling_clear (&tiling);
    /* And by what the user says of a slide that does not say it. */
    info.mpp_x = info.mpp_y = NAN;
    options.slide_mpp = table[i].slide_mpp;
    tiling = tile (NULL, &options);
    g_assert_cmpint (tiling.side, ==, table[i].side);
    tsr_tiling_clear (&tiling);
  }
}

static void
test_share (void)
{
  enum { W = 13, H = 9, FINE = 20 };
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  uint8_t classes[W * H];
  TsrTissueMask mask = {.width = W, .height = H, .classes = classes};
  for (int i = 0; i < W * H; i++)
    classes[i] = (uint8_t)g_rand_int_range (random, 0, 4);
  for (int round = 0; round < 400; round++) {
    /* Corners on a grid of twentieths of a pixel, so that counting is exact. */
    int x0 = g_rand_int_range (random, 0, W * FINE),
        x1 = g_rand_int_range (random, x0 + 1, W * FINE + 1);
    int y0 = g_rand_int_range (random, 0, H * FINE),
        y1 = g_rand_int_range (random, y0 + 1, H * FINE + 1);
    long tissue = 0;
    for (int y = y0; y < y1; y++)
      for (int x = x0; x < x1; x++)
        tissue += classes[y / FINE * W + x / FINE] == TSR_MASK_TISSUE;
    double share = tsr_tissue_share (&mask, x0 / (double)(W * FINE), y0 / (double)(H * FINE),
                                     x1 / (double)(W * FINE), y1 / (double)(H * FINE));
    g_assert_cmpfloat (fabs (share - tissue / ((double)(x1 - x0) * (y1 - y0))), <, 1e-9);
  }
  g_assert_cmpfloat (tsr_tissue_share (&mask, 0.5, 0.5, 0.5, 0.9), ==, 0);
}

static void
test_tissue_limit (void)
{
  set_slide (640, 640, 1, 2, 0.5);
  uint8_t classes[20 * 20];
  TsrTissueMask mask = {.width = 20, .height = 20, .classes = classes};
  memset (classes, TSR_MASK_GLASS, sizeof classes);
  for (int y = 0; y < 20; y++)
    for (int x = 0; x < 9; x++) /* the fifth column of tiles is half tissue */
      classes[y * 20 + x] = TSR_MASK_TISSUE;
  TsrTilingOptions options = tsr_tiling_options ();
  for (int i = 0; i < 4; i++) {
    options.tissue = (double[]){0, 0.5, 0.51, 1}[i];
    TsrTiling tiling = tile (&mask, &options);
    g_assert_cmpint (tiling.grid, ==, 100);
    g_assert_cmpuint (tiling.tiles->len, ==, ((guint[]){100, 50, 40, 40})[i]);
    for (guint k = 0; k < tiling.tiles->len; k++) {
      const TsrSlideTile *got = &g_array_index (tiling.tiles, TsrSlideTile, k);
      g_assert_cmpfloat (fabs (got->tissue - CLAMP ((288 - (double)got->x) / 64, 0, 1)), <, 1e-6);
    }
    tsr_tiling_clear (&tiling);
  }
}

static void
test_overview_side (void)
{
  static const struct {
    int width;
    double mpp;
    int side;
  } table[] = {{100000, 0.25, 4096}, {100000, 4, 781}, {2220, 0.25, 512}, {40000, 1, 1250}};
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    set_slide (table[i].width, table[i].width / 2, 1, 2, 0.25);
    TsrTilingOptions options = tsr_tiling_options ();
    options.mpp = table[i].mpp;
    int side = 0;
    g_assert_true (tsr_tiling_overview_side (&info, &options, &side, NULL));
    g_assert_cmpint (side, ==, table[i].side);
  }
}

static void
test_usage (void)
{
  set_slide (1000, 1000, 2, 4, 0.5);
  for (int i = 0; i < 14; i++) {
    TsrTilingOptions options = tsr_tiling_options ();
    info.mpp_x = info.mpp_y = i == 12 ? NAN : 0.5;
    switch (i) {
    case 0:
      options.pixels = 0;
      break;
    case 1:
      options.pixels = 20000;
      break;
    case 2:
      options.overlap = -1;
      break;
    case 3:
      options.overlap = 64;
      break;
    case 4:
      options.tissue = 1.1;
      break;
    case 5:
      options.tissue = NAN;
      break;
    case 6:
      options.tolerance = -0.1;
      break;
    case 7:
      options.mpp = 0;
      break;
    case 8:
      options.micrometres = INFINITY;
      break;
    case 9:
      options.slide_mpp = -1;
      break;
    case 10:
      options.mpp = options.micrometres = 1;
      break;
    case 11:
      options.mpp = 1e5;
      break; /* a tile of millions of pixels */
    case 12:
      options.mpp = 0.5;
      break; /* of a slide that does not say */
    default:
      options.limit = 224;
      break; /* there are 15 x 15 */
    }
    TsrTiling tiling;
    g_autoptr (GError) error = NULL;
    g_assert_false (tsr_slide_tile (&info, NULL, &options, &tiling, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
    g_assert_null (tiling.tiles);
    int side;
    g_assert_true (tsr_tiling_overview_side (&info, &options, &side, NULL) == (i == 13));
    g_assert_true (g_str_has_suffix (error->message, "."));
  }
}

/* Corners that are told: each once, in order, however they lie; level and scale as for a grid. */
static void
test_told (void)
{
  const int64_t corners[][2] = {{5, 7}, {0, 0}, {5, 7}, {-63, -63}, {999, 499}, {0, 0}, {7, 5}};
  static const int kept[] = {0, 1, 3, 4, 6};
  TsrTilingOptions options = tsr_tiling_options ();
  TsrTiling tiling;
  g_autoptr (GError) error = NULL;
  set_slide (1000, 500, 3, 2, 0.25);
  g_assert_true (tsr_slide_tile_at (&info, corners[0], 7, 64, &options, &tiling, &error));
  g_assert_cmpuint (tiling.tiles->len, ==, G_N_ELEMENTS (kept));
  for (guint i = 0; i < tiling.tiles->len; i++) {
    const TsrSlideTile *got = &g_array_index (tiling.tiles, TsrSlideTile, i);
    g_assert_cmpint (got->x, ==, corners[kept[i]][0]);
    g_assert_cmpint (got->y, ==, corners[kept[i]][1]);
    g_assert_cmpint (got->side, ==, 64);
    g_assert_cmpfloat (got->tissue, ==, 1);
  }
  g_assert_cmpint (tiling.level, ==, 0);
  g_assert_cmpfloat (tiling.mpp, ==, 0.25);
  tsr_tiling_clear (&tiling);
  static const struct {
    double side;
    int pixels, level;
  } scales[] = {{64, 128, 0}, {127, 64, 0},  {126, 64, 0}, {128, 64, 1},
                {256, 64, 2}, {1024, 64, 2}, {1, 64, 0},   {16384, 1, 2}};
  for (size_t i = 0; i < G_N_ELEMENTS (scales); i++) {
    options.pixels = scales[i].pixels;
    g_assert_true (
        tsr_slide_tile_at (&info, corners[1], 1, scales[i].side, &options, &tiling, &error));
    g_assert_cmpint (tiling.level, ==, scales[i].level);
    g_assert_cmpfloat (tiling.mpp, ==, 0.25 * scales[i].side / scales[i].pixels);
    tsr_tiling_clear (&tiling);
  }
  /* Outside altogether, by one pixel and by all there are. */
  const int64_t outside[][2] = {{1000, 0}, {0, 500}, {-64, 0}, {0, -64}, {INT64_MAX, INT64_MIN}};
  options.pixels = 64;
  for (size_t i = 0; i < G_N_ELEMENTS (outside); i++) {
    g_assert_false (tsr_slide_tile_at (&info, outside[i], 1, 64, &options, &tiling, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
    g_assert_null (tiling.tiles);
    g_clear_error (&error);
  }
  const double sides[] = {0, -1, NAN, 0.5, 16385, INFINITY};
  for (size_t i = 0; i < G_N_ELEMENTS (sides); i++) {
    g_assert_false (tsr_slide_tile_at (&info, corners[1], 1, sides[i], &options, &tiling, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
    g_clear_error (&error);
  }
}

/* Tiles that are told overlap on a grid, or they do not. */
static void
test_told_step (void)
{
  const int64_t grid[][2] = {{32, 0}, {64, 0}, {128, 0}, {96, 32}, {32, 128}},
                apart[][2] = {{0, 0}, {64, 0}, {192, 64}, {256, 128}},
                anywhere[][2] = {{0, 0}, {10, 0}, {37, 64}}, far[][2] = {{0, 0}, {640, 320}};
  const struct {
    const int64_t (*corners)[2];
    size_t n;
    int step;
  } cases[] = {{grid, 5, 32}, {apart, 4, 64}, {anywhere, 3, 64},
               {far, 2, 64},  {grid, 1, 64},  {grid, 2, 32}};
  set_slide (1000, 500, 3, 2, 0.25);
  TsrTilingOptions options = tsr_tiling_options ();
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    TsrTiling tiling;
    g_autoptr (GError) error = NULL;
    g_assert_true (
        tsr_slide_tile_at (&info, cases[i].corners[0], cases[i].n, 64, &options, &tiling, &error));
    g_assert_cmpint (tiling.step, ==, cases[i].step);
    tsr_tiling_clear (&tiling);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slide/tiling/grid", test_grid);
  g_test_add_func ("/slide/tiling/scales", test_scales);
  g_test_add_func ("/slide/tiling/share", test_share);
  g_test_add_func ("/slide/tiling/tissue", test_tissue_limit);
  g_test_add_func ("/slide/tiling/overview-side", test_overview_side);
  g_test_add_func ("/slide/tiling/usage", test_usage);
  g_test_add_func ("/slide/tiling/told", test_told);
  g_test_add_func ("/slide/tiling/told-step", test_told_step);
  return g_test_run ();
}
