#include "tsr-tile-pictures.h"

#include "tsr-i18n.h"
#include "tsr-image-reader.h"
#include "tsr-parallel.h"
#include "tsr-project-private.h"
#include "tsr-slide-pool.h"
#include "tsr-slide-witness.h"

#include <glib/gstdio.h>
#include <string.h>

#define FARTHEST  ((int64_t)1 << 31)
#define MAX_SHOWN 1024 /* pixels across a region for people */
#define WITNESSES 3    /* a slide */
#define CHUNK     256  /* regions whose RGB is held beside grey pixels */

/* A tile: a file, or a square of a slide. */
typedef struct {
  char *path;    /* of a file; NULL: a region, or a tile that is not there */
  int32_t slide; /* index into slides, -1: none */
  int64_t x, y;
  int32_t side;   /* in pixels of level 0 */
  int32_t pixels; /* side of the picture as it was cut */
} Item;

typedef struct {
  int32_t id;
  char *path; /* NULL: nobody knows */
  int64_t size;
  TsrSlideWitness witnesses[WITNESSES];
  guint n_witnesses, n_items;
  gint verdict; /* atomic */
} Slide;

enum { NOT_LOOKED_AT, THE_SAME, ANOTHER };

struct TsrTilePictures {
  Item *items; /* [n] */
  size_t n;
  GArray *slides; /* Slide */
};

static void
clear_slide (gpointer data)
{
  Slide *slide = data;
  for (guint i = 0; i < slide->n_witnesses; i++)
    tsr_slide_witness_clear (&slide->witnesses[i]);
  g_free (slide->path);
}

void
tsr_tile_pictures_free (TsrTilePictures *self)
{
  if (!self)
    return;
  for (size_t i = 0; i < self->n; i++)
    g_free (self->items[i].path);
  g_free (self->items);
  g_array_unref (self->slides);
  g_free (self);
}

/* The slide's place in the list; neighbouring tiles mostly share it. */
static int32_t
slide_index (TsrTilePictures *self, TsrProject *project, int64_t id)
{
  for (guint i = self->slides->len; i > 0; i--)
    if (g_array_index (self->slides, Slide, i - 1).id == id)
      return (int32_t)i - 1;
  Slide slide = {.id = (int32_t)id};
  if (id >= 0 && id <= INT32_MAX)
    slide.path = tsr_project_slide_path (project, slide.id, &slide.size, NULL);
  g_array_append_val (self->slides, slide);
  return (int32_t)self->slides->len - 1;
}

static bool
note_tile (TsrTilePictures *self, TsrProject *project, uint32_t tile, Item *item, GError **error)
{
  *item = (Item){.slide = -1};
  g_autoptr (TsrStatement) find = tsr_db_prepare (
      project, "SELECT root, path, slide, x, y, side_x, width FROM tile WHERE id = ?", error);
  if (find)
    sqlite3_bind_int64 (find, 1, tile);
  int row = tsr_db_step (project, find, error);
  if (row <= 0)
    return row == 0;
  if (sqlite3_column_type (find, 0) != SQLITE_NULL) {
    const char *folder = tsr_project_root_folder (project, sqlite3_column_int64 (find, 0), NULL);
    g_autofree char *below = tsr_db_bytes (find, 1);
    item->path = folder && below ? g_build_filename (folder, below, NULL) : NULL;
    return true;
  }
  int64_t side = sqlite3_column_int64 (find, 5), pixels = sqlite3_column_int64 (find, 6);
  if (side < 1 || side > 16384 || pixels < 1 || pixels > 16384)
    return tsr_db_corrupt (project, _ ("a region of a slide has no size that it can have"), error);
  item->x = sqlite3_column_int64 (find, 3);
  item->y = sqlite3_column_int64 (find, 4);
  if (item->x < -FARTHEST || item->x > FARTHEST || item->y < -FARTHEST || item->y > FARTHEST)
    return tsr_db_corrupt (project, _ ("a region lies where no slide is"), error);
  item->slide = slide_index (self, project, sqlite3_column_int64 (find, 2));
  item->side = (int32_t)side;
  item->pixels = (int32_t)pixels;
  return true;
}

/* Tiles evenly among those of their slide: where a slide begins there may be nothing but glass. */
static void
note_witnesses (TsrTilePictures *self, TsrProject *project, const uint32_t *tiles)
{
  g_autofree guint *passed = g_new0 (guint, (size_t)self->slides->len + 1);
  for (size_t i = 0; i < self->n; i++)
    if (self->items[i].slide >= 0)
      g_array_index (self->slides, Slide, self->items[i].slide).n_items++;
  for (size_t i = 0; i < self->n; i++) {
    const Item *item = &self->items[i];
    if (item->slide < 0)
      continue;
    Slide *slide = &g_array_index (self->slides, Slide, item->slide);
    guint64 at = passed[item->slide]++, next = slide->n_witnesses;
    if (next == WITNESSES || at < (2 * next + 1) * slide->n_items / (2 * WITNESSES))
      continue;
    GBytes *jpeg = tsr_project_thumbnail_bytes (project, tiles[i], NULL);
    if (jpeg)
      slide->witnesses[slide->n_witnesses++] =
          (TsrSlideWitness){item->x, item->y, item->side, tiles[i], jpeg};
  }
}

TsrTilePictures *
tsr_tile_pictures_new (TsrProject *project, const uint32_t *tiles, size_t n, GError **error)
{
  g_autoptr (TsrTilePictures) self = g_new0 (TsrTilePictures, 1);
  self->items = g_new0 (Item, n + 1);
  self->slides = g_array_new (FALSE, FALSE, sizeof (Slide));
  g_array_set_clear_func (self->slides, clear_slide);
  for (; self->n < n; self->n++)
    if (!note_tile (self, project, tiles[self->n], &self->items[self->n], error))
      return NULL;
  note_witnesses (self, project, tiles);
  return g_steal_pointer (&self);
}

static bool
refuse_nothing (GError **error)
{
  g_set_error_literal (error, TSR_ERROR, TSR_ERROR_IMAGE,
                       _ ("There is no file of this tile: its place is not known."));
  return false;
}

static TsrSlide *
refuse_another (const Slide *slide, GError **error)
{
  g_autofree char *shown = g_filename_display_name (slide->path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE,
               _ ("“%s” is another file than the slide that joined the project; put the slide "
                  "back, or say where it is with “tessera relink”."),
               shown);
  return NULL;
}

/* The slide of an item: opened, or still open. A file that is of another size is another file, and
 * one that does not look like its tiles, too; that is looked at once. */
static TsrSlide *
open_slide (const TsrTilePictures *self, const Item *item, GError **error)
{
  Slide *slide = &g_array_index (self->slides, Slide, item->slide);
  GStatBuf info;
  if (!slide->path) {
    refuse_nothing (error);
    return NULL;
  }
  if (g_atomic_int_get (&slide->verdict) == ANOTHER ||
      (g_stat (slide->path, &info) == 0 && info.st_size != slide->size))
    return refuse_another (slide, error);
  g_autoptr (TsrSlide) opened = tsr_slide_pool_open (slide->path, error);
  if (opened && g_atomic_int_get (&slide->verdict) == NOT_LOOKED_AT)
    g_atomic_int_set (&slide->verdict,
                      tsr_slide_looks_the_same (opened, slide->witnesses, slide->n_witnesses)
                          ? THE_SAME
                          : ANOTHER);
  if (opened && g_atomic_int_get (&slide->verdict) == ANOTHER)
    return refuse_another (slide, error);
  return g_steal_pointer (&opened);
}

bool
tsr_tile_pictures_info (const TsrTilePictures *self, size_t i, int *width, int *height,
                        int *channels, GError **error)
{
  const Item *item = &self->items[i];
  TsrImageInfo info;
  if (item->slide >= 0) {
    *width = *height = item->pixels;
    *channels = 3;
    return true;
  }
  if (!item->path)
    return refuse_nothing (error);
  if (!tsr_image_probe (item->path, &info, error))
    return false;
  *width = info.width;
  *height = info.height;
  *channels = info.channels;
  return true;
}

static bool
load_region (TsrSlide *slide, const Item *item, int size, int channels, TsrImage *image,
             GError **error)
{
  int pixels = size > 0 ? size : size == 0 ? item->pixels : MIN (item->side, MAX_SHOWN);
  *image = (TsrImage){pixels, pixels, 3, g_try_malloc ((size_t)pixels * (size_t)pixels * 3)};
  bool ok = image->pixels &&
            tsr_slide_read_tile (slide, item->x, item->y, item->side, pixels, image->pixels, error);
  if (!image->pixels)
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_IMAGE,
                         _ ("There is not enough memory for a tile; close other programs."));
  ok = ok && tsr_image_convert (image, channels, error);
  if (!ok)
    tsr_image_clear (image);
  return ok;
}

bool
tsr_tile_pictures_load (const TsrTilePictures *self, size_t i, int size, int channels,
                        TsrImage *image, GError **error)
{
  const Item *item = &self->items[i];
  *image = (TsrImage){0};
  if (item->slide < 0)
    return item->path ? tsr_image_load (item->path, MAX (size, 0), channels, image, error)
                      : refuse_nothing (error);
  g_autoptr (TsrSlide) slide = open_slide (self, item, error);
  return slide && load_region (slide, item, size, channels, image, error);
}

/* ---- many ---- */

typedef struct {
  const TsrTilePictures *pictures;
  size_t first, bytes;
  int size, channels;
  uint8_t *pixels;
  uint8_t *missing;
  GError **errors; /* or NULL */
  TsrSlide *slide; /* of a run of regions that are read one by one; NULL: files */
} Load;

static void
load_range (size_t begin, size_t end, unsigned worker, void *data)
{
  Load *load = data;
  for (size_t k = begin; k < end; k++) {
    const Item *item = &load->pictures->items[load->first + k];
    if (!load->slide && item->slide >= 0)
      continue;
    GError **error = load->errors ? &load->errors[k] : NULL;
    TsrImage image = {0};
    bool ok = load->slide
                  ? load_region (load->slide, item, load->size, load->channels, &image, error)
                  : tsr_tile_pictures_load (load->pictures, load->first + k, load->size,
                                            load->channels, &image, error);
    if (ok)
      memcpy (load->pixels + k * load->bytes, image.pixels, load->bytes);
    else
      load->missing[k] = 1;
    tsr_image_clear (&image);
  }
}

static bool
read_run (const Load *load, size_t from, size_t count, uint8_t *rgb)
{
  g_autofree TsrSlideTile *tiles = g_new0 (TsrSlideTile, count);
  for (size_t k = 0; k < count; k++) {
    const Item *item = &load->pictures->items[load->first + from + k];
    tiles[k] = (TsrSlideTile){.x = item->x, .y = item->y, .side = item->side};
  }
  return tsr_slide_read_tiles (load->slide, tiles, count, load->size, rgb, NULL, NULL);
}

/* Regions [from, from + count) of the load, all of load->slide; false if one cannot be read. */
static bool
load_run (const Load *load, size_t from, size_t count)
{
  if (load->channels == 3)
    return read_run (load, from, count, load->pixels + from * load->bytes);
  g_autofree uint8_t *rgb = g_malloc (MIN (count, CHUNK) * load->bytes * 3);
  for (size_t done = 0; done < count; done += CHUNK) {
    size_t n = MIN (CHUNK, count - done);
    if (!read_run (load, from + done, n, rgb))
      return false;
    for (size_t k = 0; k < n; k++) {
      TsrImage grey = {load->size, load->size, 3,
                       g_memdup2 (rgb + 3 * k * load->bytes, 3 * load->bytes)};
      if (tsr_image_convert (&grey, 1, NULL))
        memcpy (load->pixels + (from + done + k) * load->bytes, grey.pixels, load->bytes);
      else
        load->missing[from + done + k] = 1;
      tsr_image_clear (&grey);
    }
  }
  return true;
}

/* One region that is damaged must not cost the others: then each is read for itself. */
static void
load_regions (Load *load, size_t from, size_t count)
{
  GError *reason = NULL;
  load->slide = open_slide (load->pictures, &load->pictures->items[load->first + from], &reason);
  for (size_t k = 0; !load->slide && k < count; k++) {
    load->missing[from + k] = 1;
    if (load->errors)
      load->errors[from + k] = g_error_copy (reason);
  }
  g_clear_error (&reason);
  if (!load->slide)
    return;
  if (!load_run (load, from, count)) {
    Load part = *load;
    part.first += from;
    part.pixels += from * load->bytes;
    part.missing += from;
    part.errors = load->errors ? load->errors + from : NULL;
    tsr_parallel_for (count, 1, load_range, &part);
  }
  g_clear_pointer (&load->slide, tsr_slide_unref);
}

void
tsr_tile_pictures_load_many (const TsrTilePictures *self, size_t first, size_t count, int size,
                             int channels, uint8_t *pixels, uint8_t *missing, GError **errors)
{
  Load load = {.pictures = self,
               .first = first,
               .bytes = (size_t)size * (size_t)size * (size_t)channels,
               .size = size,
               .channels = channels,
               .pixels = pixels,
               .missing = missing,
               .errors = errors};
  memset (missing, 0, count);
  tsr_parallel_for (count, 4, load_range, &load);
  for (size_t k = 0; k < count;) {
    int32_t slide = self->items[first + k].slide;
    size_t end = k + 1;
    while (end < count && self->items[first + end].slide == slide)
      end++;
    if (slide >= 0)
      load_regions (&load, k, end - k);
    k = end;
  }
}

bool
tsr_project_tile_picture (TsrProject *project, uint32_t tile, int size, int channels,
                          TsrImage *image, GError **error)
{
  *image = (TsrImage){0};
  g_autoptr (TsrTilePictures) pictures = tsr_tile_pictures_new (project, &tile, 1, error);
  return pictures && tsr_tile_pictures_load (pictures, 0, size, channels, image, error);
}

/* What thumbnails show of the square, where the slide itself cannot be read. */
static bool
remember_around (TsrProject *project, uint32_t tile, int32_t slide, const Item *around,
                 TsrImage *image)
{
  int pixels = MIN (around->side, MAX_SHOWN);
  TsrSlideSquare square = {slide, around->x, around->y, around->side};
  *image = (TsrImage){pixels, pixels, 3, g_try_malloc ((size_t)pixels * (size_t)pixels * 3)};
  if (image->pixels &&
      tsr_project_remember_around (project, tile, &square, pixels, image->pixels, NULL))
    return true;
  tsr_image_clear (image);
  return false;
}

bool
tsr_project_tile_surroundings (TsrProject *project, uint32_t tile, int times, TsrImage *image,
                               GError **error)
{
  *image = (TsrImage){0};
  g_autoptr (TsrTilePictures) pictures = tsr_tile_pictures_new (project, &tile, 1, error);
  if (!pictures || pictures->items[0].slide < 0)
    return false;
  Item around = pictures->items[0];
  around.x -= (int64_t)around.side * (times / 2);
  around.y -= (int64_t)around.side * (times / 2);
  around.side *= times;
  g_autoptr (GError) reason = NULL;
  g_autoptr (TsrSlide) slide = open_slide (pictures, &around, &reason);
  if (slide && load_region (slide, &around, TSR_TILE_FINEST, 3, image, &reason))
    return true;
  int32_t number = g_array_index (pictures->slides, Slide, around.slide).id;
  if (remember_around (project, tile, number, &around, image))
    return true;
  g_propagate_error (error, g_steal_pointer (&reason));
  return false;
}
