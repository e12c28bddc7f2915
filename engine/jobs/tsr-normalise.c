#include "tsr-normalise.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-normaliser.h"
#include "tsr-tile-sample.h"

#include <string.h>

enum {
  SHOWN = 128, /* side of a tile that is shown */
  PAIRS = 4,   /* in a row */
  GAP = 4,
  BETWEEN = 12, /* of the two of a pair; of pairs */
};

/* ---- estimating ---- */

static bool
estimate (TsrProject *project, TsrStainMethod method, const GArray *tiles, TsrKnownStain *known,
          const TsrProgress *progress, GError **error)
{
  TsrKnownStain found[TSR_STAIN_METHODS];
  bool ok = tsr_tile_sample_stains (project, 1u << method, tiles, found, progress, error);
  *known = found[method];
  return ok;
}

/* Finds all stains that are not known yet. */
static bool
estimate_all (TsrProject *project, TsrProjectStains *stains, bool *any, const TsrProgress *progress,
              GError **error)
{
  *any = false;
  g_autoptr (GPtrArray) groups = tsr_tile_sample_groups (project, stains->n_slides, error);
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
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_IMAGE, _ ("The tiles cannot be normalised. %s"),
      problem ? problem
              : _ ("None of them can be read: check that their folder or slide is where it was."));
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

/* Unless somebody has chosen something else while the stains were looked for, which then stays. */
static bool
write_completed (TsrProject *project, TsrProjectStains *stains, GError **error)
{
  g_auto (TsrProjectStains) now = {0};
  if (!tsr_project_begin_act (project, error))
    return false;
  bool ok = tsr_project_stains_read (project, &now, error);
  g_autofree char *wanted = ok ? tsr_project_stains_look (stains) : NULL,
                  *chosen = ok ? tsr_project_stains_look (&now) : NULL;
  if (ok && strcmp (wanted, chosen) == 0)
    ok = tsr_project_stains_write (project, stains, error);
  return tsr_project_end_act (project, ok, error);
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
         (!any || write_completed (project, &stains, error));
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
  g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE,
               _ ("“%s” cannot serve as a reference for stains. %s"), shown,
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
draw_sheet (const TsrTileSample *sample, const uint8_t *after)
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

bool
tsr_normalise_preview (TsrProject *project, uint32_t n, const char *path, uint32_t *shown,
                       const TsrProgress *progress, GError **error)
{
  g_auto (TsrProjectStains) stains = {0};
  g_auto (TsrTileSample) sample = {0};
  if (!tsr_project_stains_read (project, &stains, error) ||
      !tsr_tile_sample_shown (project, n, SHOWN, &sample, progress, error))
    return false;
  *shown = sample.tiles->len;
  size_t pixels = (size_t)sample.size * (size_t)sample.size;
  g_autofree uint8_t *after = g_memdup2 (sample.rgb, *shown * pixels * 3);
  g_autoptr (TsrNormaliser) normaliser = tsr_normaliser_new (
      project, &stains, (const uint32_t *)(const void *)sample.tiles->data, *shown, error);
  if (!normaliser)
    return false;
  tsr_normaliser_apply (normaliser, 0, *shown, pixels, NULL, after);
  TsrImage sheet = draw_sheet (&sample, after);
  bool ok = tsr_image_save_png (&sheet, path, error);
  tsr_image_clear (&sheet);
  return ok;
}

/* ---- a model and its tiles ---- */

/* The method of a look, "macenko-..." or "none": how many of its bytes name it. */
static int
method_length (const char *look)
{
  return (int)MIN (strcspn (look, "-"), 20);
}

char *
tsr_normalise_mismatch (const char *trained, const TsrProjectStains *stains)
{
  g_autofree char *now = tsr_project_stains_look (stains);
  if (!trained || strcmp (trained, now) == 0)
    return NULL;
  bool was_scanned = strcmp (trained, "none") == 0, is_scanned = strcmp (now, "none") == 0;
  int then = method_length (trained), here = method_length (now);
  if (was_scanned)
    return g_strdup_printf (
        /* Translators: %.*s is the name of a method to normalise stains, "macenko" or so. */
        _ ("The model was trained on tiles as they were scanned, and the project's are normalised "
           "(%.*s): its vectors may say less; “tessera normalise” changes that, or train again."),
        here, now);
  if (is_scanned)
    return g_strdup_printf (
        /* Translators: %.*s is the name of a method to normalise stains, "macenko" or so. */
        _ ("The model was trained on tiles normalised (%.*s), and the project's are as they were "
           "scanned: its vectors may say less; “tessera normalise” changes that, or train again."),
        then, trained);
  return g_strdup_printf (
      then == here && strncmp (trained, now, (size_t)then) == 0
          /* Translators: %.*s is the name of a method to normalise stains, "macenko" or so. */
          ? _ ("The model was trained on tiles normalised (%.*s), and the project's are normalised "
               "(%.*s) towards another reference: its vectors may say less; “tessera normalise” "
               "changes that, or train again.")
          /* Translators: %.*s is the name of a method to normalise stains, "macenko" or so. */
          : _ ("The model was trained on tiles normalised (%.*s), and the project's are normalised "
               "(%.*s): its vectors may say less; “tessera normalise” changes that, or train "
               "again."),
      then, trained, here, now);
}
