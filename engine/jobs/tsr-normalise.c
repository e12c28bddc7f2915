#include "tsr-normalise.h"

#include "tsr-error.h"
#include "tsr-normaliser.h"
#include "tsr-project-slides.h"
#include "tsr-tile-pictures.h"

#include <string.h>

enum {
  CHUNK = 32,       /* tiles read between two looks at the progress */
  LARGEST = 256,    /* side of a tile that stains are found on */
  PIXELS = 1 << 22, /* of one slide, about */
  FEWEST = 64,      /* tiles, where they are large */
  SHOWN = 128,      /* side of a tile that is shown */
  PAIRS = 4,        /* in a row */
  GAP = 4,
  BETWEEN = 12, /* of the two of a pair; of pairs */
};

/* ---- pixels of a sample ---- */

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

typedef struct {
  GArray *tiles; /* uint32_t: those that could be read */
  int size;
  uint8_t *rgb; /* [tiles][size][size][3] */
} Sample;

static void
sample_clear (Sample *sample)
{
  g_clear_pointer (&sample->tiles, g_array_unref);
  g_clear_pointer (&sample->rgb, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sample, sample_clear)

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
read_sample (TsrProject *project, const GArray *tiles, Sample *sample, const TsrProgress *progress,
             const char *stage, GError **error)
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

/* ---- estimating ---- */

/* The stain of tiles (uint32_t); not known where none of them can be read. */
static bool
estimate (TsrProject *project, TsrStainMethod method, const GArray *tiles, TsrKnownStain *known,
          const TsrProgress *progress, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GArray) many = spread (numbers (tiles), tiles->len, TSR_NORMALISE_SAMPLE);
  g_auto (Sample) sample = {.size = find_size (project, many, LARGEST, &cause)};
  *known = (TsrKnownStain){0};
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
  *known = (TsrKnownStain){true, tsr_stain_estimate (method, sample.rgb, pixels)};
  return true;
}

static void
free_array (gpointer array)
{
  g_array_unref (array);
}

/* The tiles that are not excluded, by slide, then those that lie on none: GPtrArray of GArray. */
static GPtrArray *
list_groups (TsrProject *project, uint32_t n_slides, GError **error)
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

/* Finds all stains that are not known yet. */
static bool
estimate_all (TsrProject *project, TsrProjectStains *stains, bool *any, const TsrProgress *progress,
              GError **error)
{
  *any = false;
  g_autoptr (GPtrArray) groups = list_groups (project, stains->n_slides, error);
  for (uint32_t i = 0; groups && i < groups->len; i++) {
    const GArray *tiles = groups->pdata[i];
    TsrProgressShare share;
    TsrProgress part = tsr_progress_share (progress, &share, (double)i / groups->len,
                                           (i + 1.0) / groups->len, NULL);
    if (stains->of[i].known || tiles->len == 0)
      continue;
    if (!estimate (project, stains->method, tiles, &stains->of[i], &part, error))
      return false;
    *any |= stains->of[i].known;
  }
  return groups != NULL;
}

/* Fails if not one stain is known. */
static bool
check_any (const TsrProjectStains *stains, GError **error)
{
  const char *problem = NULL;
  for (uint32_t i = 0; i <= stains->n_slides; i++) {
    if (stains->of[i].stain.method != TSR_STAIN_NONE)
      return true;
    if (!problem)
      problem = tsr_stain_problem_text (stains->of[i].stain.problem);
  }
  g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE, "The tiles cannot be normalised. %s",
               problem ? problem
                       : "None of them can be read: check that their folder or slide is where it "
                         "was.");
  return false;
}

bool
tsr_normalise (TsrProject *project, TsrStainMethod method, const TsrStain *reference,
               TsrProjectStains *stains, const TsrProgress *progress, GError **error)
{
  bool any;
  if (!tsr_project_stains_read (project, stains, error))
    return false;
  uint32_t n_slides = stains->n_slides;
  tsr_project_stains_clear (stains);
  *stains = (TsrProjectStains){
      .method = method, .n_slides = n_slides, .of = g_new0 (TsrKnownStain, (size_t)n_slides + 1)};
  if (method != TSR_STAIN_NONE) {
    stains->reference = *reference;
    if (!estimate_all (project, stains, &any, progress, error) || !check_any (stains, error))
      return false;
  }
  return tsr_project_stains_write (project, stains, error);
}

bool
tsr_normalise_complete (TsrProject *project, const TsrProgress *progress, GError **error)
{
  g_auto (TsrProjectStains) stains = {0};
  bool any = false;
  if (!tsr_project_stains_read (project, &stains, error))
    return false;
  if (stains.method == TSR_STAIN_NONE)
    return true;
  return estimate_all (project, &stains, &any, progress, error) &&
         (!any || tsr_project_stains_write (project, &stains, error));
}

bool
tsr_normalise_reference (const char *path, TsrStainMethod method, TsrStain *stain, GError **error)
{
  TsrImage image = {0};
  *stain = (TsrStain){0};
  if (!tsr_image_load (path, 0, 3, &image, error))
    return false;
  *stain = tsr_stain_estimate (method, image.pixels, (size_t)image.width * (size_t)image.height);
  tsr_image_clear (&image);
  if (stain->method != TSR_STAIN_NONE)
    return true;
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE, "“%s” is no reference for stains. %s", shown,
               tsr_stain_problem_text (stain->problem));
  return false;
}

/* ---- before and after ---- */

static void
paste (TsrImage *sheet, int x, int y, const uint8_t *tile, int size)
{
  for (int row = 0; row < size; row++)
    memcpy (sheet->pixels + 3 * ((size_t)(y + row) * (size_t)sheet->width + (size_t)x),
            tile + 3 * (size_t)row * (size_t)size, 3 * (size_t)size);
}

static TsrImage
draw_sheet (const Sample *sample, const uint8_t *after)
{
  int n = (int)sample->tiles->len, size = sample->size, columns = MIN (n, PAIRS),
      rows = (n + PAIRS - 1) / PAIRS, across = 2 * size + GAP + BETWEEN, down = size + BETWEEN;
  TsrImage sheet = {columns * across + BETWEEN, rows * down + BETWEEN, 3, NULL};
  size_t bytes = (size_t)sheet.width * (size_t)sheet.height * 3, tile = 3 * (size_t)size * size;
  sheet.pixels = g_malloc (bytes);
  memset (sheet.pixels, 255, bytes);
  for (int i = 0; i < n; i++) {
    int x = BETWEEN + i % PAIRS * across, y = BETWEEN + i / PAIRS * down;
    paste (&sheet, x, y, sample->rgb + (size_t)i * tile, size);
    paste (&sheet, x + size + GAP, y, after + (size_t)i * tile, size);
  }
  return sheet;
}

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
tsr_normalise_preview (TsrProject *project, uint32_t n, const char *path, uint32_t *shown,
                       const TsrProgress *progress, GError **error)
{
  g_auto (TsrProjectStains) stains = {0};
  g_autoptr (GError) cause = NULL;
  g_autoptr (GArray) tiles = choose_shown (project, n, error);
  if (!tiles || !tsr_project_stains_read (project, &stains, error))
    return false;
  g_auto (Sample) sample = {.size = find_size (project, tiles, SHOWN, &cause)};
  if (cause) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  if (sample.size > 0 &&
      !read_sample (project, tiles, &sample, progress, TSR_STAGE ("Reading tiles"), error))
    return false;
  if (sample.size == 0 || sample.tiles->len == 0) {
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_IMAGE,
                         "None of the tiles can be read: check that their folder or slide is where "
                         "it was.");
    return false;
  }
  *shown = sample.tiles->len;
  size_t pixels = (size_t)sample.size * (size_t)sample.size;
  g_autofree uint8_t *after = g_memdup2 (sample.rgb, *shown * pixels * 3);
  g_autoptr (TsrNormaliser) normaliser =
      tsr_normaliser_new (project, &stains, numbers (sample.tiles), *shown, error);
  if (!normaliser)
    return false;
  tsr_normaliser_apply (normaliser, 0, *shown, pixels, NULL, after);
  TsrImage sheet = draw_sheet (&sample, after);
  bool ok = tsr_image_save_png (&sheet, path, error);
  tsr_image_clear (&sheet);
  return ok;
}

/* ---- a model and its tiles ---- */

/* "by macenko", of a look or a method. */
static char *
describe (const char *look)
{
  const char *dash = strchr (look, '-');
  return strcmp (look, "none") == 0
             ? g_strdup ("as they were scanned")
             : g_strdup_printf ("normalised (%.*s)", (int)(dash ? dash - look : 20), look);
}

char *
tsr_normalise_mismatch (const char *trained, const TsrProjectStains *stains)
{
  g_autofree char *now = tsr_project_stains_look (stains);
  if (!trained || strcmp (trained, now) == 0)
    return NULL;
  g_autofree char *then = describe (trained), *here = describe (now);
  return g_strdup_printf (
      "The model was trained on tiles %s, and the project's are %s%s: its vectors may say less; "
      "“tessera normalise” changes that, or train again.",
      then, here, strcmp (then, here) == 0 ? " towards another reference" : "");
}
