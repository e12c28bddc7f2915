#include "tsr-stain-trial.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-project-slides.h"
#include "tsr-tile-pictures.h"
#include "tsr-tile-sample.h"

#include <string.h>

#define SHOWN 128 /* side of a tile at most */

/* The stains of a slide's tiles, or of those that lie on none. */
typedef struct {
  bool sought;
  TsrKnownStain stain[TSR_STAIN_METHODS];
} Group;

struct TsrStainTrial {
  char *path;
  TsrTileSample sample;
  uint32_t n_slides;
  Group *groups; /* [n_slides + 1] */
  uint32_t *of;  /* [tiles] which group a tile is of */
};

void
tsr_stain_trial_free (TsrStainTrial *self)
{
  if (!self)
    return;
  tsr_tile_sample_clear (&self->sample);
  g_free (self->groups);
  g_free (self->of);
  g_free (self->path);
  g_free (self);
}

static bool
find_groups (TsrStainTrial *self, TsrProject *project, GError **error)
{
  uint32_t n = tsr_project_n_tiles (project);
  g_autofree TsrTileRegion *regions = g_new (TsrTileRegion, (size_t)n + 1);
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  if (!slides || !tsr_project_regions (project, regions, error))
    return false;
  self->n_slides = slides->len;
  self->groups = g_new0 (Group, (size_t)self->n_slides + 1);
  self->of = g_new (uint32_t, (size_t)self->sample.tiles->len + 1);
  for (guint i = 0; i < self->sample.tiles->len; i++) {
    int32_t slide = regions[g_array_index (self->sample.tiles, uint32_t, i)].slide;
    self->of[i] = slide < 0 ? self->n_slides : (uint32_t)slide;
  }
  return true;
}

TsrStainTrial *
tsr_stain_trial_new (const char *path, uint32_t n, const TsrProgress *progress, GError **error)
{
  g_autoptr (TsrStainTrial) self = g_new0 (TsrStainTrial, 1);
  self->path = g_strdup (path);
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, error);
  if (!project || !tsr_tile_sample_shown (project, n, SHOWN, &self->sample, progress, error) ||
      !find_groups (self, project, error))
    return NULL;
  return g_steal_pointer (&self);
}

uint32_t
tsr_stain_trial_count (const TsrStainTrial *self)
{
  return self->sample.tiles->len;
}

int
tsr_stain_trial_size (const TsrStainTrial *self)
{
  return self->sample.size;
}

const uint32_t *
tsr_stain_trial_tiles (const TsrStainTrial *self)
{
  return (const uint32_t *)(const void *)self->sample.tiles->data;
}

const uint8_t *
tsr_stain_trial_rgb (const TsrStainTrial *self)
{
  return self->sample.rgb;
}

/* ---- stains ---- */

/* Finds the stains of the groups whose bit in wanted[n_slides + 1] is set, by all methods at once:
 * reading takes longer than finding them. */
static bool
seek (TsrStainTrial *self, const uint8_t *wanted, const TsrProgress *progress, GError **error)
{
  uint32_t n = 0, done = 0;
  for (uint32_t g = 0; g <= self->n_slides; g++)
    n += wanted[g] && !self->groups[g].sought;
  if (n == 0)
    return true;
  g_autoptr (TsrProject) project = tsr_project_open (self->path, TSR_PROJECT_READ_ONLY, error);
  g_autoptr (GPtrArray) tiles =
      project ? tsr_tile_sample_groups (project, self->n_slides, error) : NULL;
  if (!tiles)
    return false;
  for (uint32_t g = 0; g <= self->n_slides; g++) {
    Group *group = &self->groups[g];
    TsrProgressShare share;
    TsrProgress part =
        tsr_progress_share (progress, &share, (double)done / n, (done + 1.0) / n, NULL);
    if (!wanted[g] || group->sought)
      continue;
    if (!tsr_tile_sample_stains (project, 1u << TSR_STAIN_MACENKO | 1u << TSR_STAIN_REINHARD,
                                 tiles->pdata[g], group->stain, &part, error))
      return false;
    group->sought = true;
    done++;
  }
  return true;
}

/* Says of what has been sought why it is no reference; false if it is one. */
static bool
refuse (const TsrKnownStain *known, const char *what, GError **error)
{
  if (known->known && known->stain.method != TSR_STAIN_NONE)
    return false;
  const char *problem = known->known ? tsr_stain_problem_text (known->stain.problem)
                                     : _ ("None of its tiles can be read.");
  g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE,
               _ ("“%s” cannot serve as a reference for stains. %s"), what, problem);
  return true;
}

static bool
slide_stain (TsrStainTrial *self, TsrStainMethod method, uint32_t slide, TsrStain *stain,
             const TsrProgress *progress, GError **error)
{
  g_autofree uint8_t *wanted = g_new0 (uint8_t, (size_t)self->n_slides + 1);
  g_autoptr (TsrProject) project = tsr_project_open (self->path, TSR_PROJECT_READ_ONLY, error);
  g_autoptr (GPtrArray) slides = project ? tsr_project_slides (project, error) : NULL;
  if (!slides)
    return false;
  g_return_val_if_fail (slide < self->n_slides && slide < slides->len, false);
  wanted[slide] = 1;
  const TsrKnownStain *known = &self->groups[slide].stain[method];
  if (!seek (self, wanted, progress, error) ||
      refuse (known, ((const TsrProjectSlide *)slides->pdata[slide])->name, error))
    return false;
  *stain = known->stain;
  return true;
}

static bool
tile_stain (TsrStainTrial *self, TsrStainMethod method, uint32_t tile, TsrStain *stain,
            GError **error)
{
  TsrImage image = {0};
  g_autoptr (TsrProject) project = tsr_project_open (self->path, TSR_PROJECT_READ_ONLY, error);
  if (!project || !tsr_project_tile_picture (project, tile, 0, 3, &image, error))
    return false;
  TsrKnownStain known = {
      true, tsr_stain_estimate (method, image.pixels, (size_t)image.width * (size_t)image.height)};
  tsr_image_clear (&image);
  g_auto (GStrv) names = tsr_project_tile_names (project);
  if (refuse (&known, names[tile], error))
    return false;
  *stain = known.stain;
  return true;
}

/* stain holds the published one. */
static bool
stored_stain (TsrStainTrial *self, TsrStainMethod method, TsrStain *stain, GError **error)
{
  g_auto (TsrProjectStains) stains = {0};
  g_autoptr (TsrProject) project = tsr_project_open (self->path, TSR_PROJECT_READ_ONLY, error);
  if (!project || !tsr_project_stains_read (project, &stains, error))
    return false;
  if (stains.method == method)
    *stain = stains.reference;
  return true;
}

bool
tsr_stain_trial_reference (TsrStainTrial *self, TsrStainMethod method, TsrReference wish,
                           TsrStain *stain, const TsrProgress *progress, GError **error)
{
  *stain = tsr_stain_reference (method);
  if (method == TSR_STAIN_NONE || wish.kind == TSR_REFERENCE_PUBLISHED)
    return true;
  if (wish.kind == TSR_REFERENCE_STORED)
    return stored_stain (self, method, stain, error);
  return wish.kind == TSR_REFERENCE_SLIDE
             ? slide_stain (self, method, wish.number, stain, progress, error)
             : tile_stain (self, method, wish.number, stain, error);
}

/* ---- trying ---- */

bool
tsr_stain_trial_apply (TsrStainTrial *self, TsrStainMethod method, const TsrStain *reference,
                       uint8_t *rgb, uint32_t *unchanged, const TsrProgress *progress,
                       GError **error)
{
  uint32_t n = self->sample.tiles->len, same = 0;
  size_t pixels = (size_t)self->sample.size * (size_t)self->sample.size;
  g_autofree uint8_t *wanted = g_new0 (uint8_t, (size_t)self->n_slides + 1);
  for (uint32_t i = 0; i < n && method != TSR_STAIN_NONE; i++)
    wanted[self->of[i]] = 1;
  if (!seek (self, wanted, progress, error))
    return false;
  for (uint32_t i = 0; i < n; i++) {
    TsrStainMap map;
    const uint8_t *from = self->sample.rgb + i * pixels * 3;
    bool known =
        tsr_stain_map_init (&map, &self->groups[self->of[i]].stain[method].stain, reference);
    same += method != TSR_STAIN_NONE && !known;
    tsr_stain_apply (&map, from, pixels, rgb + i * pixels * 3);
  }
  if (unchanged)
    *unchanged = same;
  return true;
}
