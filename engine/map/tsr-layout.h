#pragma once
/* From W to places in the plane, as a project's map and an evaluation's are made. */

#include "tsr-map.h"
#include "tsr-umap.h"

/** tsr_tsne of x [n,d] with its axes balanced first (tsr_balance_axes; 0: as they are). */
bool tsr_layout_tsne (const float *x, size_t n, size_t d, double balance,
                      const TsrTsneOptions *options, float *y, TsrTsneStream stream, void *user,
                      TsrTsneReport *report, const TsrProgress *progress, GError **error);

/** tsr_umap of x [n,d], its axes balanced in the same way. */
bool tsr_layout_umap (const float *x, size_t n, size_t d, double balance,
                      const TsrUmapOptions *options, float *y, TsrTsneStream stream, void *user,
                      TsrUmapReport *report, const TsrProgress *progress, GError **error);

/** The first two principal components of x [n,d] into y [n,2]; 0 where there is only one. */
bool tsr_layout_pca (const float *x, size_t n, size_t d, float *y, const TsrProgress *progress,
                     GError **error);
