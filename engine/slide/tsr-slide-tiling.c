/* The grid over a slide, in pixels of level 0. */

#include "tsr-slide-tiling.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <math.h>
#include <stdlib.h>

TsrTilingOptions
tsr_tiling_options (void)
{
  return (TsrTilingOptions){.pixels = 64,
                            .mpp = NAN,
                            .micrometres = NAN,
                            .slide_mpp = NAN,
                            .tissue = 0.5,
                            .tolerance = 0.02,
                            .limit = 10000000};
}

void
tsr_tiling_clear (TsrTiling *tiling)
{
  g_clear_pointer (&tiling->tiles, g_array_unref);
}

/* How much of [low, high) pixel i covers. */
static double
overlap (double low, double high, int i)
{
  return MAX (MIN (high, i + 1.0) - MAX (low, (double)i), 0);
}

double
tsr_tissue_share (const TsrTissueMask *mask, double x0, double y0, double x1, double y1)
{
  double left = CLAMP (x0, 0, 1) * mask->width, right = CLAMP (x1, 0, 1) * mask->width;
  double top = CLAMP (y0, 0, 1) * mask->height, bottom = CLAMP (y1, 0, 1) * mask->height;
  double area = (right - left) * (bottom - top), tissue = 0;
  if (!(area > 0))
    return 0;
  int last_x = MIN ((int)ceil (right), mask->width),
      last_y = MIN ((int)ceil (bottom), mask->height);
  for (int y = (int)top; y < last_y; y++) {
    double in_row = 0;
    for (int x = (int)left; x < last_x; x++)
      if (mask->classes[(size_t)y * mask->width + x] == TSR_MASK_TISSUE)
        in_row += overlap (left, right, x);
    tissue += in_row * overlap (top, bottom, y);
  }
  return MIN (tissue / area, 1);
}

static bool
usage (GError **error, const char *text)
{
  g_set_error_literal (error, TSR_ERROR, TSR_ERROR_USAGE, text);
  return false;
}

/* Not a number is refused, except where it means "not given". */
static bool
check_options (const TsrTilingOptions *options, GError **error)
{
  if (options->pixels < 1 || options->pixels > 16384)
    return usage (error, _ ("Tiles can have sides of 1 to 16384 pixels."));
  if (options->overlap < 0 || options->overlap >= options->pixels)
    return usage (error, _ ("The overlap of tiles must be at least 0 and less than their side."));
  if (!(options->tissue >= 0 && options->tissue <= 1))
    return usage (error, _ ("The smallest share of tissue is a number from 0 to 1."));
  if (!(options->tolerance >= 0 && options->tolerance <= 0.5))
    return usage (error, _ ("The tolerance of a level's scale is a number from 0 to 0.5."));
  if (!isnan (options->mpp) && !isnan (options->micrometres))
    return usage (error, _ ("Give the size of a tile or of its pixels in micrometres, not both."));
  const double sizes[] = {options->mpp, options->micrometres, options->slide_mpp};
  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    if (!isnan (sizes[i]) && !(sizes[i] > 0 && sizes[i] < 1e6))
      return usage (error, _ ("Sizes in micrometres are positive numbers."));
  return options->limit >= 1 || usage (error, _ ("At least one tile must be allowed."));
}

/* Pixels of level 0 that one pixel of a tile is wide, before it is brought to a level's. */
static bool
wanted_scale (const TsrSlideInfo *slide, const TsrTilingOptions *options, double *scale,
              double *slide_mpp, GError **error)
{
  *slide_mpp =
      !isnan (options->slide_mpp) ? options->slide_mpp : sqrt (slide->mpp_x * slide->mpp_y);
  if (isnan (options->mpp) && isnan (options->micrometres)) {
    *scale = 1;
    return true;
  }
  if (isnan (*slide_mpp))
    return usage (error,
                  _ ("The slide does not say how many micrometres a pixel is wide; say it with "
                     "--slide-mpp, or ask for tiles in pixels."));
  double mpp = !isnan (options->mpp) ? options->mpp : options->micrometres / options->pixels;
  *scale = mpp / *slide_mpp;
  return true;
}

/* The nearest finer level, or one whose pixels are nearly of the wanted size: then these are taken
 * as they are. */
static int
choose_level (const TsrSlideInfo *slide, double tolerance, double *scale)
{
  int level = 0;
  for (int i = 0; i < slide->n_levels; i++) {
    double downsample = slide->levels[i].downsample;
    if (fabs (downsample / *scale - 1) <= tolerance) {
      *scale = downsample;
      return i;
    }
    if (downsample <= *scale)
      level = i;
  }
  return level;
}

static int64_t
places_along (int64_t length, int64_t side, int64_t step)
{
  return length < side ? 0 : (length - side) / step + 1;
}

static void
fill (const TsrSlideInfo *slide, const TsrTissueMask *mask, double least, TsrTiling *tiling,
      int64_t columns, int64_t rows)
{
  double width = (double)slide->levels[0].width, height = (double)slide->levels[0].height;
  for (int64_t row = 0; row < rows; row++)
    for (int64_t column = 0; column < columns; column++) {
      TsrSlideTile tile = {.x = column * tiling->step,
                           .y = row * tiling->step,
                           .side = tiling->side,
                           .level = (int16_t)tiling->level,
                           .tissue = 1};
      double share = 1;
      if (mask)
        share = tsr_tissue_share (mask, (double)tile.x / width, (double)tile.y / height,
                                  (double)(tile.x + tile.side) / width,
                                  (double)(tile.y + tile.side) / height);
      tile.tissue = (float)share;
      if (share >= least - 1e-9)
        g_array_append_val (tiling->tiles, tile);
    }
}

/* The side and step of tiles, and the level they are read from. */
static bool
lay_out (const TsrSlideInfo *slide, const TsrTilingOptions *options, TsrTiling *tiling,
         GError **error)
{
  double scale, slide_mpp;
  if (!check_options (options, error) || !wanted_scale (slide, options, &scale, &slide_mpp, error))
    return false;
  int level = choose_level (slide, options->tolerance, &scale);
  double side = round (scale * options->pixels);
  if (!(side >= 1 && side <= 16384))
    return usage (error,
                  _ ("A tile would have less than one pixel of the slide or more than 16384 on "
                     "a side; ask for another size."));
  double step = MAX (round (scale * (options->pixels - options->overlap)), 1);
  *tiling = (TsrTiling){.pixels = options->pixels,
                        .side = (int32_t)side,
                        .step = (int32_t)step,
                        .level = level,
                        .mpp = slide_mpp * side / options->pixels};
  return true;
}

bool
tsr_tiling_overview_side (const TsrSlideInfo *slide, const TsrTilingOptions *options, int *max_side,
                          GError **error)
{
  TsrTiling tiling;
  if (!lay_out (slide, options, &tiling, error))
    return false;
  int64_t longer = MAX (slide->levels[0].width, slide->levels[0].height);
  *max_side = (int)CLAMP (longer * 8 / tiling.side, 512, 4096);
  return true;
}

static bool
refuse_corner (const TsrSlideInfo *slide, const int64_t *corner, const TsrTiling *tiling,
               GError **error)
{
  g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE,
               _ ("A tile would lie at %lld, %lld (%d x %d), outside of the slide of %lld x %lld "
                  "pixels; it is another slide's, or said in another level's pixels."),
               (long long)corner[0], (long long)corner[1], tiling->side, tiling->side,
               (long long)slide->levels[0].width, (long long)slide->levels[0].height);
  return false;
}

/* Corners are within +-2^22 by then, so that two make one key. */
static bool
add_corners (const TsrSlideInfo *slide, const int64_t *corners, size_t n, TsrTiling *tiling,
             GError **error)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (size_t i = 0; i < n; i++) {
    TsrSlideTile tile = {.x = corners[2 * i],
                         .y = corners[2 * i + 1],
                         .side = tiling->side,
                         .level = (int16_t)tiling->level,
                         .tissue = 1};
    if (tile.x <= -tile.side || tile.y <= -tile.side || tile.x >= slide->levels[0].width ||
        tile.y >= slide->levels[0].height)
      return refuse_corner (slide, corners + 2 * i, tiling, error);
    gint64 *key = g_new (gint64, 1);
    *key = tile.x * ((gint64)1 << 32) + tile.y;
    if (g_hash_table_add (known, key))
      g_array_append_val (tiling->tiles, tile);
  }
  return true;
}

static int
by_value (const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* The smallest distance between two of values [n], which it sorts; most if there is no smaller. */
static int64_t
least_gap (int64_t *values, size_t n, int64_t most)
{
  qsort (values, n, sizeof *values, by_value);
  for (size_t i = 1; i < n; i++)
    if (values[i] > values[i - 1])
      most = MIN (most, values[i] - values[i - 1]);
  return most;
}

/* From one tile to the next, where they overlap on a grid; their side where they do not overlap, or
 * lie anywhere. */
static int32_t
step_between (const GArray *tiles, int32_t side)
{
  const TsrSlideTile *tile = (const TsrSlideTile *)(const void *)tiles->data;
  g_autofree int64_t *x = g_new (int64_t, (size_t)tiles->len + 1),
                     *y = g_new (int64_t, (size_t)tiles->len + 1);
  for (guint i = 0; i < tiles->len; i++) {
    x[i] = tile[i].x;
    y[i] = tile[i].y;
  }
  int64_t step = least_gap (x, tiles->len, least_gap (y, tiles->len, side));
  for (guint i = 1; i < tiles->len; i++)
    if ((tile[i].x - tile[0].x) % step != 0 || (tile[i].y - tile[0].y) % step != 0)
      return side;
  return (int32_t)step;
}

bool
tsr_slide_tile_at (const TsrSlideInfo *slide, const int64_t *corners, size_t n, double side,
                   const TsrTilingOptions *options, TsrTiling *tiling, GError **error)
{
  TsrTilingOptions own = *options;
  *tiling = (TsrTiling){0};
  own.mpp = own.micrometres = NAN;
  own.overlap = 0;
  if (!check_options (&own, error))
    return false;
  if (!(side >= 1 && side <= 16384) || (int64_t)n > options->limit) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("Tiles whose places are given can have sides of 1 to 16384 pixels, and there "
                    "can be at most %lld of them."),
                 (long long)options->limit);
    return false;
  }
  double mpp = sqrt (slide->mpp_x * slide->mpp_y), scale = MAX (round (side) / own.pixels, 1);
  *tiling = (TsrTiling){.pixels = own.pixels,
                        .side = (int32_t)round (side),
                        .step = (int32_t)round (side),
                        .level = choose_level (slide, 0.001, &scale),
                        .mpp = (isnan (mpp) ? own.slide_mpp : mpp) * round (side) / own.pixels,
                        .grid = (int64_t)n,
                        .tiles = g_array_new (FALSE, FALSE, sizeof (TsrSlideTile))};
  if (add_corners (slide, corners, n, tiling, error)) {
    tiling->step = step_between (tiling->tiles, tiling->side);
    return true;
  }
  tsr_tiling_clear (tiling);
  return false;
}

bool
tsr_slide_tile (const TsrSlideInfo *slide, const TsrTissueMask *mask,
                const TsrTilingOptions *options, TsrTiling *tiling, GError **error)
{
  *tiling = (TsrTiling){0};
  if (!lay_out (slide, options, tiling, error))
    return false;
  int64_t columns = places_along (slide->levels[0].width, tiling->side, tiling->step),
          rows = places_along (slide->levels[0].height, tiling->side, tiling->step);
  tiling->grid = columns * rows;
  if (tiling->grid > options->limit) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("The slide would give %lld tiles, more than the %lld that are allowed; ask for "
                    "larger ones."),
                 (long long)tiling->grid, (long long)options->limit);
    return false;
  }
  tiling->tiles = g_array_new (FALSE, FALSE, sizeof (TsrSlideTile));
  fill (slide, mask, options->tissue, tiling, columns, rows);
  return true;
}
