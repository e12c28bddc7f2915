#pragma once
/* How much of each slide is what: tiles and areas by class, labelled and predicted apart. */

#include "tsr-project-slides.h"
#include "tsr-table.h"

typedef struct {
  uint32_t tiles;
  double mm2; /* NAN where the slide's size of a pixel is not known */
} TsrSlideCount;

typedef struct {
  guint n_slides;
  uint32_t n_classes;
  TsrSlideCount *labelled;  /* [n_slides][n_classes]: by label */
  TsrSlideCount *predicted; /* [n_slides][n_classes]: without a label, by prediction */
  TsrSlideCount *other;     /* [n_slides]: neither; excluded and unsure tiles too */
} TsrSlideCounts;

/** Counts the tiles that lie on slides (tsr_project_slides, and tsr_project_regions of table->n
 * tiles). Where tiles of one size overlap on a slide, be it of its newest cut or that they lie in a
 * grid, each stands for step x step pixels of it, so that an area is counted once; others, and
 * those of several sizes over the same place, count with their own sides. */
TsrSlideCounts *tsr_slide_counts_new (const TsrTable *table, const GPtrArray *slides,
                                      const TsrTileRegion *regions);

/** The same of the project that the table came from; *slides (of TsrProjectSlide) is the caller's.
 * NULL with error, and then *slides is NULL. */
TsrSlideCounts *tsr_slide_counts_read (const TsrTable *table, TsrProject *project,
                                       GPtrArray **slides, GError **error);

/** All of a slide's tiles together, whatever they are. */
TsrSlideCount tsr_slide_counts_all (const TsrSlideCounts *counts, guint slide);

/** Frees the counts; NULL is allowed. */
void tsr_slide_counts_free (TsrSlideCounts *counts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrSlideCounts, tsr_slide_counts_free)
