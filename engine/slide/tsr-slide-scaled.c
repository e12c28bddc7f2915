/* Tiles and overviews: a part of the slide in another number of pixels, from the nearest finer
 * level, many at a time on several threads. */

#include "tsr-slide-reader.h"
#include "tsr-slide-resample.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-parallel.h"

#include <math.h>
#include <string.h>

#define BAND     ((int64_t)1 << 22) /* pixels of the level that are resampled at a time */
#define MAX_SIDE 16384
#define A_WHILE  50000 /* microseconds between two looks at whether to go on */

/* So many damaged pieces of an overview without a whole one: then all of it is damaged. */
#define ENOUGH 4096

/* A part of a level, in its pixels, and what it becomes. beyond: which sides of it lie outside of
 * the slide, where white belongs to it. */
enum { BEYOND_LEFT = 1, BEYOND_TOP = 2, BEYOND_RIGHT = 4, BEYOND_BOTTOM = 8 };
typedef struct {
  int level;
  TsrSlideAxis x, y;
  unsigned beyond;
} Scaled;

/* How far to read beyond what is asked for: the taps of interpolation, unless pixels stay as they
 * are (a damaged neighbour would cost them); but not across the slide's border, which would mix in
 * the white outside. A level that was rounded down ends before its last tile does; its last pixels
 * stand for what is missing. */
static void
source_span (TsrSlideAxis axis, int64_t length, bool beyond_low, bool beyond_high, int64_t *low,
             int64_t *high)
{
  bool copied = axis.scale == 1 && floor (axis.start) == axis.start;
  int margin = axis.scale > 1 || copied ? 0 : 2;
  *low = (int64_t)floor (axis.start) - margin;
  *high = (int64_t)ceil (axis.start + axis.n * axis.scale) + margin;
  if (!beyond_low)
    *low = CLAMP (*low, 0, length - 1);
  if (!beyond_high)
    *high = MIN (*high, length);
  *high = MAX (*high, *low + 1);
}

/* Rows [first, last) of the result into rgb, which begins at row first. */
static bool
read_band (TsrSlide *slide, const Scaled *what, int first, int last, uint8_t *rgb, GError **error)
{
  const TsrSlideLevel *level = &slide->levels[what->level];
  TsrSlideAxis x = what->x, y = what->y;
  y.start += first * y.scale;
  y.n = last - first;
  int64_t left, right, top, bottom;
  source_span (x, level->width, what->beyond & BEYOND_LEFT, what->beyond & BEYOND_RIGHT, &left,
               &right);
  source_span (y, level->height, what->beyond & BEYOND_TOP, what->beyond & BEYOND_BOTTOM, &top,
               &bottom);
  g_autofree uint8_t *source = g_try_malloc ((size_t)(right - left) * (size_t)(bottom - top) * 3);
  if (!source) {
    tsr_image_refuse (error, _ ("There is not enough memory for its pixels; close other programs"));
    return false;
  }
  if (!tsr_slide_read_shown (slide, what->level, left, top, (int)(right - left),
                             (int)(bottom - top), source, error))
    return false;
  x.start -= (double)left;
  y.start -= (double)top;
  tsr_slide_resample (source, (int)(right - left), (int)(bottom - top), x, y, rgb);
  return true;
}

static int
band_rows (const Scaled *what)
{
  double a_row = (what->x.n * what->x.scale + 5) * MAX (what->y.scale, 1);
  return (int)CLAMP ((double)BAND / a_row, 1, what->y.n);
}

/* Which level serves tiles of `side` pixels of level 0 shown in `pixels`: half a pixel of level 0
 * is what rounding the side may have cost. */
static int
level_for_tile (const TsrSlide *slide, int64_t side, int pixels)
{
  int level = 0;
  for (int i = 1; i < slide->info.n_levels; i++)
    if (slide->levels[i].downsample * pixels <= (double)side + 0.5 + 1e-9)
      level = i;
  return level;
}

/* Where a level's pixels are copied: the nearest to the place, but within the level if the tile is
 * within the slide. */
static int64_t
nearest (int64_t at, double scale, int pixels, int64_t length, bool beyond)
{
  int64_t place = (int64_t)floor ((double)at / scale + 0.5);
  return beyond ? place : MAX (MIN (place, length - pixels), 0);
}

/* The same as tsr_slide_read_tile with reasons instead of sentences. */
static bool
read_tile (TsrSlide *slide, int64_t x, int64_t y, int64_t side, int pixels, uint8_t *rgb,
           GError **error)
{
  int index = level_for_tile (slide, side, pixels);
  const TsrSlideLevel *level = &slide->levels[index], *finest = &slide->levels[0];
  double scale = level->downsample, length = (double)side / scale;
  unsigned beyond = (x < 0 ? BEYOND_LEFT : 0) | (y < 0 ? BEYOND_TOP : 0) |
                    (x + side > finest->width ? BEYOND_RIGHT : 0) |
                    (y + side > finest->height ? BEYOND_BOTTOM : 0);
  if (fabs (length - pixels) <= 0.5)
    return tsr_slide_read_shown (
        slide, index,
        nearest (x, scale, pixels, level->width, beyond & (BEYOND_LEFT | BEYOND_RIGHT)),
        nearest (y, scale, pixels, level->height, beyond & (BEYOND_TOP | BEYOND_BOTTOM)), pixels,
        pixels, rgb, error);
  Scaled what = {.level = index,
                 .x = {(double)x / scale, length / pixels, pixels},
                 .y = {(double)y / scale, length / pixels, pixels},
                 .beyond = beyond};
  int rows = band_rows (&what);
  for (int first = 0; first < pixels; first += rows)
    if (!read_band (slide, &what, first, MIN (first + rows, pixels),
                    rgb + (size_t)first * pixels * 3, error))
      return false;
  return true;
}

static bool
check_tile (int64_t x, int64_t y, int64_t side, int pixels, GError **error)
{
  int64_t far = TSR_SLIDE_MAX_SIDE * 2;
  if (side >= 1 && side <= MAX_SIDE && pixels >= 1 && pixels <= MAX_SIDE && x >= -far && x <= far &&
      y >= -far && y <= far)
    return true;
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_USAGE,
      _ ("A slide has no tile of %lld pixels at (%lld, %lld) that could be shown in %d pixels."),
      (long long)side, (long long)x, (long long)y, pixels);
  return false;
}

bool
tsr_slide_read_tile (TsrSlide *slide, int64_t x, int64_t y, int64_t side, int pixels, uint8_t *rgb,
                     GError **error)
{
  if (!check_tile (x, y, side, pixels, error))
    return false;
  GError *reason = NULL;
  bool ok = read_tile (slide, x, y, side, pixels, rgb, &reason);
  return tsr_image_name_reason (ok, slide->path, reason, error);
}

/* ---- many tiles */

/* A tile's place in the list, by the block that its corner lies in. */
typedef struct {
  int64_t row, column; /* of the block */
  int64_t y, x;        /* of the tile */
  int level;
  size_t index;
} Place;

typedef struct {
  TsrSlide *slide;
  const TsrSlideTile *tiles;
  int pixels;
  uint8_t *rgb;
  const Place *places;
  const size_t *groups; /* where each group of tiles begins; one more at the end */
  GMutex lock;
  GError *reason; /* of the tile that comes first in the caller's order */
  size_t failed;
} Batch;

static int
compare_places (const void *a, const void *b)
{
  const Place *one = a, *other = b;
#define BY(field)                                                                                  \
  if (one->field != other->field)                                                                  \
    return one->field < other->field ? -1 : 1;
  BY (level)
  BY (row)
  BY (column)
  BY (y)
  BY (x)
  BY (index)
#undef BY
  return 0;
}

static void
read_groups (size_t begin, size_t end, unsigned worker, void *data)
{
  Batch *self = data;
  size_t size = (size_t)self->pixels * self->pixels * 3;
  for (size_t i = self->groups[begin]; i < self->groups[end]; i++) {
    size_t index = self->places[i].index;
    const TsrSlideTile *tile = &self->tiles[index];
    GError *reason = NULL;
    if (read_tile (self->slide, tile->x, tile->y, tile->side, self->pixels,
                   self->rgb + index * size, &reason))
      continue;
    g_mutex_lock (&self->lock);
    if (!self->reason || index < self->failed) {
      g_clear_error (&self->reason);
      self->reason = g_steal_pointer (&reason);
      self->failed = index;
    }
    g_mutex_unlock (&self->lock);
    g_clear_error (&reason);
  }
}

static Place *
place_tiles (const TsrSlide *slide, const TsrSlideTile *tiles, size_t n, int pixels)
{
  Place *places = g_new (Place, n);
  for (size_t i = 0; i < n; i++) {
    int level = level_for_tile (slide, tiles[i].side, pixels);
    double scale = slide->levels[level].downsample;
    places[i] =
        (Place){.row = (int64_t)((double)tiles[i].y / scale) / slide->levels[level].block_h,
                .column = (int64_t)((double)tiles[i].x / scale) / slide->levels[level].block_w,
                .y = tiles[i].y,
                .x = tiles[i].x,
                .level = level,
                .index = i};
  }
  qsort (places, n, sizeof *places, compare_places);
  return places;
}

/* Tiles of one block are one thread's, so that threads do not wait for each other's blocks. */
static size_t *
group_tiles (const Place *places, size_t n, size_t *n_groups)
{
  size_t *groups = g_new (size_t, n + 1), count = 0;
  for (size_t i = 0; i < n; i++)
    if (i == 0 || places[i].row != places[i - 1].row || places[i].column != places[i - 1].column ||
        places[i].level != places[i - 1].level)
      groups[count++] = i;
  groups[count] = n;
  *n_groups = count;
  return groups;
}

/* Groups in portions that take about A_WHILE, so that stopping and progress are quick. */
static bool
read_portions (Batch *batch, size_t n_groups, const TsrProgress *progress, GError **error)
{
  size_t portion = tsr_parallel_workers () * 2;
  const size_t *groups = batch->groups;
  for (size_t done = 0; done < n_groups && !batch->reason;) {
    if (!tsr_progress_step (progress, (double)done / (double)n_groups, TSR_STAGE ("Reading tiles"),
                            error))
      return false;
    size_t now = MIN (portion, n_groups - done);
    int64_t before = g_get_monotonic_time ();
    batch->groups = groups + done;
    tsr_parallel_for (now, 1, read_groups, batch);
    done += now;
    int64_t took = MAX (g_get_monotonic_time () - before, 1);
    portion = (size_t)CLAMP ((int64_t)portion * A_WHILE / took,
                             (int64_t)tsr_parallel_workers () * 2, 1 << 16);
  }
  return true;
}

bool
tsr_slide_read_tiles (TsrSlide *slide, const TsrSlideTile *tiles, size_t n, int pixels,
                      uint8_t *rgb, const TsrProgress *progress, GError **error)
{
  for (size_t i = 0; i < n; i++)
    if (!check_tile (tiles[i].x, tiles[i].y, tiles[i].side, pixels, error))
      return false;
  if (n == 0)
    return true;
  Place *places = place_tiles (slide, tiles, n, pixels);
  size_t n_groups, *groups = group_tiles (places, n, &n_groups);
  Batch batch = {.slide = slide,
                 .tiles = tiles,
                 .pixels = pixels,
                 .rgb = rgb,
                 .places = places,
                 .groups = groups};
  g_mutex_init (&batch.lock);
  bool ok = read_portions (&batch, n_groups, progress, error);
  g_mutex_clear (&batch.lock);
  g_free (places);
  g_free (groups);
  if (batch.reason && ok)
    return tsr_image_name_reason (false, slide->path, batch.reason, error);
  g_clear_error (&batch.reason);
  return ok;
}

/* ---- the overview */

typedef struct {
  TsrSlide *slide;
  Scaled what;
  int rows; /* of a band */
  int first_band;
  TsrImage *image;
  GError **reasons; /* of each band */
  uint8_t *damaged; /* a byte a pixel of the image, or NULL: a damaged part is an error */
  int some_read;    /* atomic: not all of it is damaged */
  int failed;       /* atomic: pieces that cannot be read */
} Overview;

/* The whole of a level, in as many pixels as the image has. */
static Scaled
whole_level (const TsrSlide *slide, int level, const TsrImage *image)
{
  const TsrSlideLevel *from = &slide->levels[level];
  return (Scaled){.level = level,
                  .x = {0, (double)from->width / image->width, image->width},
                  .y = {0, (double)from->height / image->height, image->height}};
}

/* Rows [first, last) of the overview from a level, few at a time where it has many pixels. */
static bool
read_rows (const Overview *self, int level, int first, int last, GError **error)
{
  Scaled what = whole_level (self->slide, level, self->image);
  int rows = band_rows (&what);
  for (int row = first; row < last; row += rows)
    if (!read_band (self->slide, &what, row, MIN (row + rows, last),
                    self->image->pixels + (size_t)row * self->image->width * 3, error))
      return false;
  return true;
}

/* Where the pixels of a block end that the pixel at `from` begins in; one that two blocks have a
 * part of is for itself, so that a damaged block costs no more than the pixels it has a part of. */
static int
end_of_block (int from, int last, int block, double scale)
{
  double next = (floor (from * scale / block + 1e-9) + 1) * block;
  return CLAMP ((int)floor (next / scale + 1e-9), from + 1, last);
}

/* A part of the overview, from the first level that can be read there. */
static bool
read_piece (const Overview *self, int left, int right, int first, int last)
{
  int n = right - left, width = self->image->width;
  g_autofree uint8_t *piece = g_try_malloc ((size_t)n * (size_t)(last - first) * 3);
  for (int level = self->what.level; piece && level >= 0; level--) {
    Scaled what = whole_level (self->slide, level, self->image);
    what.x.start = left * what.x.scale;
    what.x.n = n;
    int rows = band_rows (&what), row = first;
    for (; row < last; row += rows)
      if (!read_band (self->slide, &what, row, MIN (row + rows, last),
                      piece + (size_t)(row - first) * (size_t)n * 3, NULL))
        break;
    if (row < last)
      continue;
    for (row = first; row < last; row++)
      memcpy (self->image->pixels + ((size_t)row * (size_t)width + (size_t)left) * 3,
              piece + (size_t)(row - first) * (size_t)n * 3, (size_t)n * 3);
    return true;
  }
  return false;
}

/* Whether it is worth looking for what can be read: not where so much cannot, and nothing can. */
static bool
hopeful (const Overview *self)
{
  return g_atomic_int_get (&self->some_read) || g_atomic_int_get (&self->failed) < ENOUGH;
}

/* A band block by block; what cannot be read is white, and noted. */
static void
read_pieces (Overview *self, int first, int last)
{
  const TsrSlideLevel *level = &self->slide->levels[self->what.level];
  int width = self->image->width;
  for (int top = first, bottom; top < last; top = bottom) {
    bottom = end_of_block (top, last, level->block_h, self->what.y.scale);
    for (int left = 0, right; left < width; left = right) {
      right = end_of_block (left, width, level->block_w, self->what.x.scale);
      if (hopeful (self) && read_piece (self, left, right, top, bottom)) {
        g_atomic_int_set (&self->some_read, 1);
        continue;
      }
      g_atomic_int_inc (&self->failed);
      for (int row = top; row < bottom; row++) {
        size_t at = (size_t)row * (size_t)width + (size_t)left, n = (size_t)(right - left);
        memset (self->image->pixels + at * 3, 255, n * 3);
        memset (self->damaged + at, 1, n);
      }
    }
  }
}

/* Where the level is damaged, the finer ones may be whole, from which the tiles will come. */
static void
read_bands (size_t begin, size_t end, unsigned worker, void *data)
{
  Overview *self = data;
  for (size_t i = begin; i < end; i++) {
    int band = self->first_band + (int)i, first = band * self->rows,
        last = MIN (first + self->rows, self->image->height);
    bool ok =
        hopeful (self) && read_rows (self, self->what.level, first, last, &self->reasons[band]);
    for (int level = self->what.level - 1; level >= 0 && !ok && hopeful (self); level--)
      ok = read_rows (self, level, first, last, NULL);
    if (ok) {
      g_clear_error (&self->reasons[band]);
      g_atomic_int_set (&self->some_read, 1);
    } else if (self->damaged)
      read_pieces (self, first, last);
  }
}

static bool
read_overview (Overview *self, const TsrProgress *progress, GError **error)
{
  int n = (self->image->height + self->rows - 1) / self->rows;
  self->reasons = g_new0 (GError *, n);
  bool ok = true;
  GError *reason = NULL;
  int portion = (int)tsr_parallel_workers ();
  for (int done = 0; ok && (!reason || self->damaged) && done < n; done += portion) {
    ok = tsr_progress_step (progress, (double)done / n, TSR_STAGE ("Looking at the slide"), error);
    self->first_band = done;
    if (ok)
      tsr_parallel_for ((size_t)MIN (portion, n - done), 1, read_bands, self);
    for (int i = done; i < MIN (done + portion, n); i++)
      if (self->reasons[i] && !reason)
        reason = g_steal_pointer (&self->reasons[i]);
      else
        g_clear_error (&self->reasons[i]);
  }
  g_free (self->reasons);
  if (!ok || (self->damaged && self->some_read))
    g_clear_error (&reason);
  return ok && tsr_image_name_reason (!reason, self->slide->path, reason, error);
}

/* damaged: NULL, or gets what tsr_slide_overview_readable says. */
static bool
make_overview (TsrSlide *slide, int max_side, TsrImage *image, uint8_t **damaged,
               const TsrProgress *progress, GError **error)
{
  *image = (TsrImage){0};
  if (max_side < 1 || max_side > MAX_SIDE) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("An overview can have sides of 1 to %d pixels, not %d."), MAX_SIDE, max_side);
    return false;
  }
  const TsrSlideLevel *finest = &slide->levels[0];
  double longer = (double)MAX (finest->width, finest->height), scale = MAX (longer / max_side, 1);
  int width = (int)MAX (1, llround ((double)finest->width / scale)),
      height = (int)MAX (1, llround ((double)finest->height / scale));
  GError *reason = NULL;
  if (!tsr_image_allocate (image, (uint64_t)width, (uint64_t)height, 3, &reason))
    return tsr_image_name_reason (false, slide->path, reason, error);
  Overview overview = {.slide = slide, .image = image};
  if (damaged)
    overview.damaged = g_malloc0 ((size_t)width * (size_t)height);
  int level = tsr_slide_level_for (slide, scale);
  const TsrSlideLevel *from = &slide->levels[level];
  overview.what = whole_level (slide, level, image);
  /* A band is one row of blocks where that is not too much. */
  int one_row = (int)MAX (1, from->block_h / overview.what.y.scale);
  overview.rows = MIN (one_row, band_rows (&overview.what));
  bool ok = read_overview (&overview, progress, error);
  if (!ok)
    tsr_image_clear (image);
  if (ok && damaged && memchr (overview.damaged, 1, (size_t)width * (size_t)height))
    *damaged = g_steal_pointer (&overview.damaged);
  g_free (overview.damaged);
  return ok;
}

bool
tsr_slide_overview (TsrSlide *slide, int max_side, TsrImage *image, const TsrProgress *progress,
                    GError **error)
{
  return make_overview (slide, max_side, image, NULL, progress, error);
}

bool
tsr_slide_overview_readable (TsrSlide *slide, int max_side, TsrImage *image, uint8_t **damaged,
                             const TsrProgress *progress, GError **error)
{
  *damaged = NULL;
  return make_overview (slide, max_side, image, damaged, progress, error);
}
