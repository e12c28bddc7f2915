#include "tsr-slide-counts.h"

/* In square millimetres. */
static double
area (const TsrProjectSlide *slide, const TsrTileRegion *region)
{
  double width = region->width, height = region->height;
  if (region->width == slide->side && region->height == slide->side && slide->step > 0)
    width = height = MIN (slide->step, slide->side);
  return width * height * slide->mpp * slide->mpp * 1e-6;
}

static TsrSlideCount *
count_of (TsrSlideCounts *self, const TsrTable *table, int32_t slide, uint32_t tile)
{
  size_t row = (size_t)slide * self->n_classes;
  if (table->excluded[tile] || table->label[tile] == TSR_LABEL_UNSURE)
    return &self->other[slide];
  if (table->label[tile] >= 0)
    return &self->labelled[row + (size_t)table->label[tile]];
  int32_t class_ = table->prediction ? table->prediction[tile].class_id : -1;
  return class_ >= 0 ? &self->predicted[row + (size_t)class_] : &self->other[slide];
}

TsrSlideCounts *
tsr_slide_counts_new (const TsrTable *table, const GPtrArray *slides, const TsrTileRegion *regions)
{
  TsrSlideCounts *self = g_new0 (TsrSlideCounts, 1);
  self->n_slides = slides->len;
  self->n_classes = table->n_classes;
  self->labelled = g_new0 (TsrSlideCount, (size_t)slides->len * table->n_classes + 1);
  self->predicted = g_new0 (TsrSlideCount, (size_t)slides->len * table->n_classes + 1);
  self->other = g_new0 (TsrSlideCount, (size_t)slides->len + 1);
  for (uint32_t tile = 0; tile < table->n; tile++) {
    int32_t slide = regions[tile].slide;
    if (slide < 0 || slide >= (int32_t)slides->len)
      continue;
    TsrSlideCount *count = count_of (self, table, slide, tile);
    count->tiles++;
    count->mm2 += area (slides->pdata[slide], &regions[tile]);
  }
  return self;
}

TsrSlideCounts *
tsr_slide_counts_read (const TsrTable *table, TsrProject *project, GPtrArray **slides,
                       GError **error)
{
  g_autofree TsrTileRegion *regions = g_new (TsrTileRegion, (size_t)table->n + 1);
  *slides = tsr_project_slides (project, error);
  if (!*slides)
    return NULL;
  if (tsr_project_regions (project, regions, error))
    return tsr_slide_counts_new (table, *slides, regions);
  g_clear_pointer (slides, g_ptr_array_unref);
  return NULL;
}

TsrSlideCount
tsr_slide_counts_all (const TsrSlideCounts *self, guint slide)
{
  TsrSlideCount all = self->other[slide];
  for (uint32_t c = 0; c < self->n_classes; c++) {
    size_t at = (size_t)slide * self->n_classes + c;
    all.tiles += self->labelled[at].tiles + self->predicted[at].tiles;
    all.mm2 += self->labelled[at].mm2 + self->predicted[at].mm2;
  }
  return all;
}

void
tsr_slide_counts_free (TsrSlideCounts *self)
{
  if (!self)
    return;
  g_free (self->labelled);
  g_free (self->predicted);
  g_free (self->other);
  g_free (self);
}
