#include "tsr-tile-sample.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-normalise.h"
#include "tsr-project-slides.h"
#include "tsr-tile-pictures.h"

#include <string.h>

enum {
  CHUNK = 32,       /* tiles read between two looks at the progress */
  LARGEST = 256,    /* side of a tile that stains are found on */
  PIXELS = 1 << 22, /* of one slide, about */
  FEWEST = 64,      /* tiles, where they are large */
};

/* At most `most` of tiles[n], evenly spread. */
static GArray *
spread (const uint32_t *tiles, guint n, guint most)
{
  GArray *some = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  guint m = MIN (n, most);
  for (guint k = 0; k < m; k++)
    g_array_append_val (some, tiles[(uint64_t)k * n / m]);
  return some;
}

static const uint32_t *
numbers (const GArray *tiles)
{
  return (const uint32_t *)(const void *)tiles->data;
}

void
tsr_tile_sample_clear (TsrTileSample *sample)
{
  g_clear_pointer (&sample->tiles, g_array_unref);
  g_clear_pointer (&sample->rgb, g_free);
}

/* The side of the first tile whose file is there, at most largest; 0: of none. */
static int
find_size (TsrProject *project, const GArray *tiles, int largest, GError **error)
{
  g_autoptr (TsrTilePictures) pictures =
      tsr_tile_pictures_new (project, numbers (tiles), tiles->len, error);
  for (guint i = 0; pictures && i < tiles->len; i++) {
    int width, height, channels;
    if (tsr_tile_pictures_info (pictures, i, &width, &height, &channels, NULL))
      return CLAMP (MIN (width, height), 1, largest);
  }
  return 0;
}

/* Reads tiles at sample->size; those that cannot be read are left out. */
static bool
read_sample (TsrProject *project, const GArray *tiles, TsrTileSample *sample,
             const TsrProgress *progress, const char *stage, GError **error)
{
  size_t bytes = (size_t)sample->size * (size_t)sample->size * 3;
  g_autoptr (TsrTilePictures) pictures =
      tsr_tile_pictures_new (project, numbers (tiles), tiles->len, error);
  if (!pictures)
    return false;
  sample->tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  sample->rgb = g_malloc (tiles->len * bytes + 1);
  for (guint first = 0; first < tiles->len; first += CHUNK) {
    guint count = MIN (CHUNK, tiles->len - first);
    uint8_t missing[CHUNK], *to = sample->rgb + sample->tiles->len * bytes;
    if (!tsr_progress_step (progress, (double)first / tiles->len, stage, error))
      return false;
    tsr_tile_pictures_load_many (pictures, first, count, sample->size, 3, to, missing, NULL);
    for (guint k = 0, kept = 0; k < count; k++) {
      if (missing[k])
        continue;
      memmove (to + kept++ * bytes, to + k * bytes, bytes);
      g_array_append_val (sample->tiles, g_array_index (tiles, uint32_t, first + k));
    }
  }
  return true;
}

/* ---- stains ---- */

bool
tsr_tile_sample_stains (TsrProject *project, unsigned methods, const GArray *tiles,
                        TsrKnownStain *known, const TsrProgress *progress, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GArray) many = spread (numbers (tiles), tiles->len, TSR_NORMALISE_SAMPLE);
  g_auto (TsrTileSample) sample = {.size = find_size (project, many, LARGEST, &cause)};
  memset (known, 0, TSR_STAIN_METHODS * sizeof *known);
  if (cause) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  if (sample.size == 0)
    return true;
  guint most = CLAMP (PIXELS / (sample.size * sample.size), FEWEST, TSR_NORMALISE_SAMPLE);
  g_autoptr (GArray) some = spread (numbers (many), many->len, most);
  if (!read_sample (project, some, &sample, progress, TSR_STAGE ("Finding the stains"), error))
    return false;
  if (sample.tiles->len == 0)
    return true;
  size_t pixels = (size_t)sample.size * (size_t)sample.size * sample.tiles->len;
  for (int m = TSR_STAIN_MACENKO; m < TSR_STAIN_METHODS; m++)
    if (methods & 1u << m)
      known[m] = (TsrKnownStain){true, tsr_stain_estimate ((TsrStainMethod)m, sample.rgb, pixels)};
  return true;
}

static void
free_array (gpointer array)
{
  g_array_unref (array);
}

GPtrArray *
tsr_tile_sample_groups (TsrProject *project, uint32_t n_slides, GError **error)
{
  uint32_t n = tsr_project_n_tiles (project);
  g_autofree TsrTileRegion *regions = g_new (TsrTileRegion, (size_t)n + 1);
  g_autofree uint8_t *excluded = g_new0 (uint8_t, (size_t)n + 1);
  if (!tsr_project_regions (project, regions, error) ||
      !tsr_project_labels (project, NULL, excluded, error))
    return NULL;
  GPtrArray *groups = g_ptr_array_new_with_free_func (free_array);
  for (uint32_t i = 0; i <= n_slides; i++)
    g_ptr_array_add (groups, g_array_new (FALSE, FALSE, sizeof (uint32_t)));
  for (uint32_t tile = 0; tile < n; tile++) {
    int32_t slide = regions[tile].slide;
    uint32_t group = slide < 0 ? n_slides : MIN ((uint32_t)slide, n_slides);
    if (!excluded[tile])
      g_array_append_val ((GArray *)groups->pdata[group], tile);
  }
  return groups;
}

/* ---- tiles to be shown ---- */

static GArray *
choose_shown (TsrProject *project, uint32_t n, GError **error)
{
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  uint32_t all = tsr_project_n_tiles (project);
  g_autofree uint8_t *excluded = g_new0 (uint8_t, (size_t)all + 1);
  if (!tsr_project_labels (project, NULL, excluded, error))
    return NULL;
  for (uint32_t tile = 0; tile < all; tile++)
    if (!excluded[tile])
      g_array_append_val (tiles, tile);
  return spread (numbers (tiles), tiles->len, n);
}

bool
tsr_tile_sample_shown (TsrProject *project, uint32_t n, int largest, TsrTileSample *sample,
                       const TsrProgress *progress, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GArray) tiles = choose_shown (project, n, error);
  if (!tiles)
    return false;
  sample->size = find_size (project, tiles, largest, &cause);
  if (cause) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  if (sample->size > 0 &&
      !read_sample (project, tiles, sample, progress, TSR_STAGE ("Reading tiles"), error))
    return false;
  if (sample->size > 0 && sample->tiles->len > 0)
    return true;
  g_set_error_literal (
      error, TSR_ERROR, TSR_ERROR_IMAGE,
      _ ("None of the tiles can be read: check that their folder or slide is where "
         "it was."));
  return false;
}
