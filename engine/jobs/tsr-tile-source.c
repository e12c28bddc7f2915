#include "tsr-tile-source.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <string.h>

TsrTileSource *
tsr_tile_source_new_of (TsrProject *project, const uint32_t *tiles, size_t n, GError **error)
{
  g_autoptr (TsrTileSource) self = g_new0 (TsrTileSource, 1);
  self->tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_array_append_vals (self->tiles, tiles, (guint)n);
  g_auto (TsrProjectStains) stains = {0};
  self->pictures = tsr_tile_pictures_new (project, tiles, n, error);
  if (!self->pictures || !tsr_project_stains_read (project, &stains, error))
    return NULL;
  if (stains.method == TSR_STAIN_NONE)
    return g_steal_pointer (&self);
  self->normaliser = tsr_normaliser_new (project, &stains, tiles, n, error);
  return self->normaliser ? g_steal_pointer (&self) : NULL;
}

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
  uint32_t wanted = MIN (included, most);
  for (uint32_t k = 0; k < wanted; k++) /* never before its own place */
    tiles[k] = tiles[(uint64_t)k * included / wanted];
  return tsr_tile_source_new_of (project, tiles, wanted, error);
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
  tsr_tile_pictures_free (self->pictures);
  tsr_normaliser_free (self->normaliser);
  g_array_unref (self->tiles);
  g_free (self);
}

bool
tsr_tile_source_probe (TsrTileSource *self, int *size, int *channels, GError **error)
{
  enum { SAMPLE = TSR_TILE_SOURCE_SAMPLE };
  guint n = self->tiles->len, found = 0;
  *size = G_MAXINT;
  *channels = 1;
  for (guint k = 0; k < MIN (n, SAMPLE); k++) {
    int width, height, planes;
    if (!tsr_tile_pictures_info (self->pictures, (guint64)k * n / MIN (n, SAMPLE), &width, &height,
                                 &planes, NULL))
      continue;
    *size = MIN (*size, MIN (width, height));
    if (planes >= 3)
      *channels = 3;
    found++;
  }
  if (found == 0)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_IMAGE,
        g_dngettext (GETTEXT_PACKAGE,
                     "None of the project's %u tile can be read: check that its folder has not "
                     "been moved or removed.",
                     "None of the project's %u tiles can be read: check that their folder has not "
                     "been moved or removed.",
                     n),
        n);
  return found > 0;
}

static uint8_t
grey_of (const uint8_t *rgb)
{
  return (uint8_t)((rgb[0] * 299 + rgb[1] * 587 + rgb[2] * 114 + 500) / 1000);
}

/* The cached thumbnail, brought to size and channels. */
static bool
load_thumbnail (TsrProject *project, uint32_t tile, int size, int channels, uint8_t *pixels)
{
  TsrImage thumbnail = {0}, resized = {0};
  if (!tsr_project_thumbnail (project, tile, &thumbnail, NULL))
    return false;
  tsr_image_resize (&thumbnail, size, &resized);
  size_t n = (size_t)size * (size_t)size;
  for (size_t k = 0; k < n; k++) {
    const uint8_t *from = resized.pixels + k * (size_t)resized.channels;
    const uint8_t rgb[3] = {from[0], resized.channels == 3 ? from[1] : from[0],
                            resized.channels == 3 ? from[2] : from[0]};
    if (channels == 3)
      memcpy (pixels + 3 * k, rgb, 3);
    else
      pixels[k] = grey_of (rgb);
  }
  tsr_image_clear (&thumbnail);
  tsr_image_clear (&resized);
  return true;
}

/* As they are in their files; missing[i] stays 1 where there was not even a thumbnail. */
static void
load (TsrTileSource *self, TsrProject *project, size_t first, size_t count, int size, int channels,
      uint8_t *pixels, uint8_t *missing, TsrLostTiles *lost)
{
  size_t bytes = (size_t)size * (size_t)size * (size_t)channels;
  tsr_tile_pictures_load_many (self->pictures, first, count, size, channels, pixels, missing, NULL);
  for (size_t k = 0; k < count; k++) {
    uint32_t tile = g_array_index (self->tiles, uint32_t, first + k);
    if (!missing[k])
      continue;
    missing[k] = !load_thumbnail (project, tile, size, channels, pixels + k * bytes);
    if (missing[k])
      memset (pixels + k * bytes, 128, bytes);
    if (lost && !missing[k])
      lost->thumbnails++;
    else if (lost)
      lost->failed++;
  }
}

void
tsr_tile_source_load (TsrTileSource *self, TsrProject *project, size_t first, size_t count,
                      int size, int channels, uint8_t *pixels, TsrLostTiles *lost)
{
  g_autofree uint8_t *missing = g_new0 (uint8_t, MAX (count, 1));
  tsr_tile_source_load_known (self, project, first, count, size, channels, pixels, missing, lost);
}

void
tsr_tile_source_load_known (TsrTileSource *self, TsrProject *project, size_t first, size_t count,
                            int size, int channels, uint8_t *pixels, uint8_t *missing,
                            TsrLostTiles *lost)
{
  memset (missing, 0, count);
  size_t n = (size_t)size * (size_t)size;
  if (!self->normaliser) {
    load (self, project, first, count, size, channels, pixels, missing, lost);
    return;
  }
  g_autofree uint8_t *colour = channels == 3 ? NULL : g_malloc (count * n * 3 + 1);
  uint8_t *rgb = colour ? colour : pixels;
  load (self, project, first, count, size, 3, rgb, missing, lost);
  tsr_normaliser_apply (self->normaliser, first, count, n, missing, rgb);
  for (size_t k = 0; colour && k < count * n; k++)
    pixels[k] = grey_of (rgb + 3 * k);
}
