#include "tsr-slide-mosaic.h"

#include "tsr-image-reader.h"
#include "tsr-slide-reader.h"
#include "tsr-slide-resample.h"

#include <string.h>

#define BLOCK 256
#define SMALL 4 /* pixels along what is kept of a picture, for levels on which it has no more */

/* What is kept of a picture. */
typedef struct {
  bool there;
  uint8_t rgb[SMALL * SMALL * 3];
} Small;

typedef struct {
  TsrMosaicPlace *places; /* sorted by y */
  size_t *pictures;       /* whose place it is */
  size_t n;
  int64_t tallest;
  GMutex lock;
  Small *small; /* [n] by picture; with the lock */
  TsrMosaicPicture picture;
  gpointer user;
  GDestroyNotify user_free;
} Mosaic;

static void
mosaic_close (void *data)
{
  Mosaic *self = data;
  if (self->user_free)
    self->user_free (self->user);
  g_free (self->places);
  g_free (self->pictures);
  g_free (self->small);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* ---- a picture on a block ---- */

/* Of one axis of a block: the pixels that a picture covers there, and what it shows at them. */
typedef struct {
  int first;
  TsrSlideAxis axis;
} Span;

/* corner: the block's, in pixels of the level. A place is rounded down at both ends, so that
 * neighbours neither gape nor overlap, and has one pixel at least, so that a tile is seen however
 * far away. */
static Span
span (int64_t at, int32_t length, int64_t scale, int64_t corner, int size)
{
  int64_t from = at / scale, to = MAX ((at + length) / scale, from + 1), first = MAX (from, corner),
          end = MIN (to, corner + BLOCK);
  double each = (double)size / (double)(to - from);
  return (Span){(int)(first - corner), {(double)(first - from) * each, each, (int)(end - first)}};
}

static void
paint (const TsrImage *image, const Span *across, const Span *down, uint8_t *rgb)
{
  if (across->axis.n <= 0 || down->axis.n <= 0)
    return;
  size_t row = (size_t)across->axis.n * 3;
  g_autofree uint8_t *pixels = g_malloc (row * (size_t)down->axis.n);
  tsr_slide_resample (image->pixels, image->width, image->height, across->axis, down->axis, pixels);
  for (int y = 0; y < down->axis.n; y++)
    memcpy (rgb + ((size_t)(down->first + y) * BLOCK + across->first) * 3, pixels + (size_t)y * row,
            row);
}

/* ---- pictures ---- */

static void
keep_small (Mosaic *self, size_t i, const TsrImage *image)
{
  Small kept = {.there = true};
  TsrSlideAxis across = {0, (double)image->width / SMALL, SMALL},
               down = {0, (double)image->height / SMALL, SMALL};
  tsr_slide_resample (image->pixels, image->width, image->height, across, down, kept.rgb);
  g_mutex_lock (&self->lock);
  self->small[i] = kept;
  g_mutex_unlock (&self->lock);
}

static bool
give_small (Mosaic *self, size_t i, TsrImage *image)
{
  g_mutex_lock (&self->lock);
  Small kept = self->small[i];
  g_mutex_unlock (&self->lock);
  if (kept.there)
    *image = (TsrImage){SMALL, SMALL, 3, g_memdup2 (kept.rgb, sizeof kept.rgb)};
  return kept.there;
}

/* A block of a coarse level shows of every picture, and so do the next finer ones; each picture is
 * asked for once for all of them, however many there are. */
static bool
give_picture (Mosaic *self, size_t i, bool small, TsrImage *image, GError **error)
{
  if (small && give_small (self, i, image))
    return true;
  if (!self->picture (i, image, self->user, error) || !tsr_image_convert (image, 3, error)) {
    tsr_image_clear (image);
    return false;
  }
  if (small)
    keep_small (self, i, image);
  return true;
}

/* ---- blocks ---- */

/* The first place that may reach below y. */
static size_t
first_below (const Mosaic *self, int64_t y)
{
  size_t low = 0, high = self->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (self->places[middle].y + self->tallest <= y)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static int
compare_pictures (const void *a, const void *b)
{
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

/* Places are looked through by y, pictures painted in the order they were given. */
static bool
mosaic_read_block (TsrSlide *slide, int level, int64_t column, int64_t row, uint8_t *rgb,
                   GError **error)
{
  Mosaic *self = slide->data;
  int64_t scale = (int64_t)1 << level, left = column * BLOCK, top = row * BLOCK;
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (size_t) * 2);
  for (size_t i = first_below (self, (top - 1) * scale);
       i < self->n && self->places[i].y < (top + BLOCK) * scale; i++) {
    const TsrMosaicPlace *place = &self->places[i];
    if (place->x >= (left + BLOCK) * scale || place->x + place->width <= (left - 1) * scale)
      continue;
    const size_t entry[2] = {self->pictures[i], i};
    g_array_append_val (seen, entry);
  }
  g_array_sort (seen, compare_pictures);
  memset (rgb, 255, (size_t)BLOCK * BLOCK * 3);
  for (guint k = 0; k < seen->len; k++) {
    const size_t *entry = (const size_t *)(void *)seen->data + 2 * (size_t)k;
    const TsrMosaicPlace *place = &self->places[entry[1]];
    TsrImage image = {0};
    bool small = MAX (place->width, place->height) <= SMALL * scale;
    if (!give_picture (self, entry[0], small, &image, error))
      return false;
    Span across = span (place->x, place->width, scale, left, image.width),
         down = span (place->y, place->height, scale, top, image.height);
    paint (&image, &across, &down, rgb);
    tsr_image_clear (&image);
  }
  return true;
}

/* ---- making one ---- */

static int
compare_places (gconstpointer a, gconstpointer b, gpointer places)
{
  int64_t x = ((const TsrMosaicPlace *)places)[*(const size_t *)a].y,
          y = ((const TsrMosaicPlace *)places)[*(const size_t *)b].y;
  return (x > y) - (x < y);
}

static void
fill (Mosaic *self, const TsrMosaic *mosaic)
{
  self->n = mosaic->n;
  g_mutex_init (&self->lock);
  self->small = g_new0 (Small, mosaic->n);
  self->pictures = g_new (size_t, mosaic->n);
  self->places = g_new (TsrMosaicPlace, mosaic->n);
  for (size_t i = 0; i < mosaic->n; i++) {
    self->pictures[i] = i;
    self->tallest = MAX (self->tallest, mosaic->places[i].height);
  }
  g_qsort_with_data (self->pictures, (int)mosaic->n, sizeof (size_t), compare_places,
                     (gpointer)mosaic->places);
  for (size_t i = 0; i < mosaic->n; i++)
    self->places[i] = mosaic->places[self->pictures[i]];
}

static bool
add_levels (TsrSlide *slide, const TsrMosaic *mosaic, GError **error)
{
  for (int k = 0;; k++) {
    int64_t scale = (int64_t)1 << k;
    TsrSlideStored level = {.width = (mosaic->width + scale - 1) / scale,
                            .height = (mosaic->height + scale - 1) / scale,
                            .orientation = 1,
                            .block_w = BLOCK,
                            .block_h = BLOCK};
    if (!tsr_slide_add_level (slide, &level, error))
      return false;
    if (level.width <= BLOCK && level.height <= BLOCK)
      return true;
  }
}

static const TsrSlideReader reader = {"mosaic", NULL, mosaic_close, mosaic_read_block, NULL};

TsrSlide *
tsr_slide_mosaic_new (const TsrMosaic *mosaic, GError **error)
{
  Mosaic *self = g_new0 (Mosaic, 1);
  self->picture = mosaic->picture;
  self->user = mosaic->user;
  self->user_free = mosaic->user_free;
  fill (self, mosaic);
  g_autoptr (TsrSlide) slide = tsr_slide_new (mosaic->path, &reader);
  slide->data = self;
  slide->info.format = "mosaic";
  tsr_slide_set_mpp (slide, mosaic->mpp, mosaic->mpp);
  GError *reason = NULL;
  bool ok = add_levels (slide, mosaic, &reason);
  return tsr_image_name_reason (ok, mosaic->path, reason, error) ? g_steal_pointer (&slide) : NULL;
}
