#include "tsr-tile-source.h"

#include "tsr-error.h"
#include "tsr-parallel.h"

#include <string.h>

TsrTileSource *
tsr_tile_source_new_sample (TsrProject *project, uint32_t most, GError **error)
{
  uint32_t n = tsr_project_n_tiles (project), included = 0;
  g_autofree uint8_t *excluded = g_new0 (uint8_t, MAX (n, 1));
  if (!tsr_project_labels (project, NULL, excluded, error))
    return NULL;
  g_autofree uint32_t *tiles = g_new (uint32_t, MAX (n, 1));
  for (uint32_t tile = 0; tile < n; tile++)
    if (!excluded[tile])
      tiles[included++] = tile;
  TsrTileSource *self = g_new0 (TsrTileSource, 1);
  self->paths = g_ptr_array_new_with_free_func (g_free);
  self->tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  uint32_t wanted = MIN (included, most);
  for (uint32_t k = 0; k < wanted; k++) {
    uint32_t tile = tiles[(uint64_t)k * included / wanted];
    g_ptr_array_add (self->paths, tsr_project_tile_path (project, tile));
    g_array_append_val (self->tiles, tile);
  }
  return self;
}

TsrTileSource *
tsr_tile_source_new (TsrProject *project, GError **error)
{
  return tsr_tile_source_new_sample (project, UINT32_MAX, error);
}

void
tsr_tile_source_free (TsrTileSource *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->paths);
  g_array_unref (self->tiles);
  g_free (self);
}

bool
tsr_tile_source_probe (TsrTileSource *self, int *size, int *channels, GError **error)
{
  enum { SAMPLE = TSR_TILE_SOURCE_SAMPLE };
  guint n = self->paths->len, found = 0;
  *size = G_MAXINT;
  *channels = 1;
  for (guint k = 0; k < MIN (n, SAMPLE); k++) {
    const char *path = self->paths->pdata[(guint64)k * n / MIN (n, SAMPLE)];
    TsrImageInfo info;
    if (!path || !tsr_image_probe (path, &info, NULL))
      continue;
    *size = MIN (*size, MIN (info.width, info.height));
    if (info.channels >= 3)
      *channels = 3;
    found++;
  }
  if (found == 0)
    g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE,
                 "None of the project's %u tiles can be read: check that their folder has not been "
                 "moved or removed.",
                 n);
  return found > 0;
}

typedef struct {
  TsrTileSource *source;
  size_t first, bytes;
  int size, channels;
  uint8_t *pixels;
  uint8_t *missing; /* [count] */
} Load;

static void
load_range (size_t begin, size_t end, unsigned worker, void *data)
{
  Load *load = data;
  for (size_t k = begin; k < end; k++) {
    const char *path = load->source->paths->pdata[load->first + k];
    TsrImage image = {0};
    if (path && tsr_image_load (path, load->size, load->channels, &image, NULL))
      memcpy (load->pixels + k * load->bytes, image.pixels, load->bytes);
    else
      load->missing[k] = 1;
    tsr_image_clear (&image);
  }
}

/* The cached thumbnail, brought to size and channels. */
static bool
load_thumbnail (const Load *load, TsrProject *project, uint32_t tile, uint8_t *pixels)
{
  TsrImage thumbnail = {0}, resized = {0};
  if (!tsr_project_thumbnail (project, tile, &thumbnail, NULL))
    return false;
  tsr_image_resize (&thumbnail, load->size, &resized);
  size_t n = (size_t)load->size * (size_t)load->size;
  for (size_t k = 0; k < n; k++) {
    const uint8_t *from = resized.pixels + k * (size_t)resized.channels;
    const uint8_t rgb[3] = {from[0], resized.channels == 3 ? from[1] : from[0],
                            resized.channels == 3 ? from[2] : from[0]};
    if (load->channels == 3)
      memcpy (pixels + 3 * k, rgb, 3);
    else
      pixels[k] = (uint8_t)((rgb[0] * 299 + rgb[1] * 587 + rgb[2] * 114 + 500) / 1000);
  }
  tsr_image_clear (&thumbnail);
  tsr_image_clear (&resized);
  return true;
}

void
tsr_tile_source_load (TsrTileSource *self, TsrProject *project, size_t first, size_t count,
                      int size, int channels, uint8_t *pixels, TsrLostTiles *lost)
{
  g_autofree uint8_t *missing = g_new0 (uint8_t, MAX (count, 1));
  Load load = {self,   first,  (size_t)size * (size_t)size * (size_t)channels, size, channels,
               pixels, missing};
  tsr_parallel_for (count, 4, load_range, &load);
  for (size_t k = 0; k < count; k++) {
    uint32_t tile = g_array_index (self->tiles, uint32_t, first + k);
    if (!missing[k])
      continue;
    bool small = load_thumbnail (&load, project, tile, pixels + k * load.bytes);
    if (!small)
      memset (pixels + k * load.bytes, 128, load.bytes);
    if (lost && small)
      lost->thumbnails++;
    else if (lost)
      lost->failed++;
  }
}
