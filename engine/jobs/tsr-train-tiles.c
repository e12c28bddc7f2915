#include "tsr-train-tiles.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <string.h>

enum { CHUNK = 64 };

/* Of `most` tiles that are spread evenly over all n, those that a chunk of them holds. */
static void
keep_some (uint8_t *kept, uint32_t most, size_t n, const uint8_t *chunk, size_t first, size_t count,
           size_t image)
{
  for (uint32_t k = 0; k < most; k++) {
    size_t at = (size_t)((uint64_t)k * n / most);
    if (at >= first && at - first < count)
      memcpy (kept + k * image, chunk + (at - first) * image, image);
  }
}

/* From even steps to an order in which the first few are spread over all, too. */
static uint8_t *
shuffle_probe (const uint8_t *even, size_t image)
{
  enum { EACH = TSR_TRAIN_PROBE / TSR_TRAIN_PREVIEWS };
  uint8_t *probe = g_malloc (TSR_TRAIN_PROBE * image);
  for (size_t k = 0; k < TSR_TRAIN_PROBE; k++) {
    size_t place = k % TSR_TRAIN_PREVIEWS * EACH + k / TSR_TRAIN_PREVIEWS;
    memcpy (probe + k * image, even + place * image, image);
  }
  return probe;
}

bool
tsr_train_tiles_load (TsrTrainTiles *tiles, TsrDevice *device, TsrProject *project,
                      TsrTileSource *source, int r, int channels, TsrLostTiles *lost,
                      const TsrProgress *progress, GError **error)
{
  size_t image = (size_t)r * (size_t)r * (size_t)channels, n = source->tiles->len;
  tiles->all = tsr_tile_memory_new (device, (uint32_t)n, image, error);
  if (!tiles->all)
    return false;
  tiles->n_sample = (uint32_t)MIN (n, TSR_TRAIN_SAMPLE);
  tiles->sample = g_malloc (tiles->n_sample * image);
  g_autofree uint8_t *chunk = g_malloc (CHUNK * image), *even = g_malloc (TSR_TRAIN_PROBE * image);
  for (size_t first = 0; first < n; first += CHUNK) {
    size_t count = MIN (CHUNK, n - first);
    tsr_tile_source_load (source, project, first, count, r, channels, chunk, lost);
    keep_some (tiles->sample, tiles->n_sample, n, chunk, first, count, image);
    keep_some (even, TSR_TRAIN_PROBE, n, chunk, first, count, image);
    if (!tsr_tile_memory_write (tiles->all, (uint32_t)first, (uint32_t)count, chunk, error) ||
        !tsr_progress_step (progress, (double)first / (double)n, TSR_STAGE ("Reading tiles"),
                            error))
      return false;
  }
  tiles->probe = shuffle_probe (even, image);
  if (lost->failed < n)
    return true;
  g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE,
               g_dngettext (GETTEXT_PACKAGE,
                            "None of the project's %zu tile can be read: check that its folder "
                            "has not been moved or removed.",
                            "None of the project's %zu tiles can be read: check that their "
                            "folder has not been moved or removed.",
                            n),
               n);
  return false;
}

void
tsr_train_tiles_clear (TsrTrainTiles *tiles)
{
  tsr_tile_memory_free (tiles->all);
  g_free (tiles->sample);
  g_free (tiles->probe);
  *tiles = (TsrTrainTiles){0};
}
