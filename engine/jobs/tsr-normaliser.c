#include "tsr-normaliser.h"

#include "tsr-parallel.h"
#include "tsr-project-slides.h"

struct TsrNormaliser {
  TsrStainMap *maps; /* by slide, then of tiles that lie on none */
  uint32_t *of;      /* [n]: which of them a tile takes */
};

void
tsr_normaliser_free (TsrNormaliser *self)
{
  if (!self)
    return;
  g_free (self->maps);
  g_free (self->of);
  g_free (self);
}

TsrNormaliser *
tsr_normaliser_new (TsrProject *project, const TsrProjectStains *stains, const uint32_t *tiles,
                    size_t n, GError **error)
{
  uint32_t all = tsr_project_n_tiles (project);
  g_autofree TsrTileRegion *regions = g_new (TsrTileRegion, (size_t)all + 1);
  if (!tsr_project_regions (project, regions, error))
    return NULL;
  TsrNormaliser *self = g_new0 (TsrNormaliser, 1);
  self->maps = g_new (TsrStainMap, (size_t)stains->n_slides + 1);
  self->of = g_new (uint32_t, n + 1);
  for (uint32_t i = 0; i <= stains->n_slides; i++)
    tsr_stain_map_init (&self->maps[i], &stains->of[i].stain, &stains->reference);
  for (size_t i = 0; i < n; i++) {
    int32_t slide = tiles[i] < all ? regions[tiles[i]].slide : -1;
    self->of[i] = slide < 0 ? stains->n_slides : MIN ((uint32_t)slide, stains->n_slides);
  }
  return self;
}

typedef struct {
  const TsrNormaliser *normaliser;
  size_t first, pixels;
  const uint8_t *skip;
  uint8_t *rgb;
} Work;

static void
apply_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Work *work = data;
  for (size_t k = begin; k < end; k++) {
    uint8_t *rgb = work->rgb + k * work->pixels * 3;
    if (!work->skip || !work->skip[k])
      tsr_stain_apply (&work->normaliser->maps[work->normaliser->of[work->first + k]], rgb,
                       work->pixels, rgb);
  }
}

void
tsr_normaliser_apply (const TsrNormaliser *self, size_t first, size_t count, size_t pixels,
                      const uint8_t *skip, uint8_t *rgb)
{
  Work work = {self, first, pixels, skip, rgb};
  tsr_parallel_for (count, 1, apply_range, &work);
}
