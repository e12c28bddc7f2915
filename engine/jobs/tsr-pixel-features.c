#include "tsr-pixel-features.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-map.h"
#include "tsr-tile-pictures.h"

#include <math.h>
#include <string.h>

#define SIZE       32
#define COMPONENTS 50
#define BATCH      64

/* Reads tiles[m] into pixels, a batch at a time. */
static bool
read_all (TsrProject *project, const uint32_t *tiles, size_t m, int channels, float *pixels,
          const TsrProgress *progress, GError **error)
{
  size_t d = (size_t)SIZE * SIZE * channels;
  g_autoptr (TsrTilePictures) pictures = tsr_tile_pictures_new (project, tiles, m, error);
  if (!pictures)
    return false;
  g_autofree uint8_t *bytes = g_malloc0 (BATCH * d);
  uint8_t missing[BATCH];
  for (size_t done = 0; done < m; done += BATCH) {
    if (!tsr_progress_step (progress, 0.8 * done / m, TSR_STAGE ("Reading pixels"), error))
      return false;
    size_t n = MIN ((size_t)BATCH, m - done);
    GError *errors[BATCH] = {NULL};
    tsr_tile_pictures_load_many (pictures, done, n, SIZE, channels, bytes, missing, errors);
    for (size_t k = 0; k < n * d; k++)
      pixels[done * d + k] = bytes[k] / 255.0f;
    GError *first = NULL;
    for (size_t i = 0; i < n; i++) {
      if (!first)
        first = g_steal_pointer (&errors[i]);
      g_clear_error (&errors[i]);
    }
    if (first) {
      g_propagate_error (error, first);
      return false;
    }
  }
  return true;
}

static float *
project_features (const float *pixels, size_t m, size_t pixels_d, uint32_t n, const uint32_t *tiles,
                  uint32_t *d, GError **error)
{
  size_t k = MIN ((size_t)COMPONENTS, MIN (m, pixels_d));
  g_autofree float *scores = g_new (float, m *k + 1);
  if (!tsr_pca (pixels, m, pixels_d, k, scores, NULL, NULL, error))
    return NULL;
  float *features = g_new (float, (size_t)n *k + 1);
  for (size_t i = 0; i < (size_t)n * k; i++)
    features[i] = NAN;
  for (size_t i = 0; i < m; i++)
    memcpy (features + tiles[i] * k, scores + i * k, k * sizeof (float));
  *d = (uint32_t)k;
  return features;
}

float *
tsr_pixel_features (TsrProject *project, const uint8_t *left_out, uint32_t *d,
                    const TsrProgress *progress, GError **error)
{
  uint32_t n = tsr_project_n_tiles (project);
  g_autofree char *setting = tsr_project_get (project, "channels");
  int channels = g_strcmp0 (setting, "1") == 0 ? 1 : 3;
  g_autofree uint32_t *tiles = g_new (uint32_t, (size_t)n + 1);
  size_t m = 0;
  for (uint32_t i = 0; i < n; i++)
    if (!left_out || !left_out[i])
      tiles[m++] = i;
  if (m == 0) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("There is no tile to look at: all are excluded."));
    return NULL;
  }
  size_t pixels_d = (size_t)SIZE * SIZE * channels;
  g_autofree float *pixels = g_new (float, m *pixels_d);
  if (!read_all (project, tiles, m, channels, pixels, progress, error) ||
      !tsr_progress_step (progress, 0.8, TSR_STAGE ("Reducing pixels"), error))
    return NULL;
  return project_features (pixels, m, pixels_d, n, tiles, d, error);
}
