#pragma once
/* UMAP: the map as McInnes, Healy & Melville 2018 (arXiv 1802.03426) lay it out. */

#include "tsr-map.h"

/** What tsr_umap takes where an option is 0. */
#define TSR_UMAP_NEIGHBOURS  15
#define TSR_UMAP_MIN_DIST    0.1
#define TSR_UMAP_FEW         10000 /* tiles up to which there are ... */
#define TSR_UMAP_EPOCHS_FEW  500
#define TSR_UMAP_EPOCHS_MANY 200 /* ... and beyond which */

typedef struct {
  size_t neighbours; /* k, the tile itself not counted; 0: the default above; n - 1 at most */
  double min_dist;   /* how near neighbours come to lie, of a spread of 1; 0: the default above */
  int epochs;        /* 0: the defaults above, by n */
  uint64_t seed;
  /* [n,2] or NULL: begin from this layout, brought to the size that UMAP begins with, instead of
     from principal components; kept by the caller */
  const float *start;
} TsrUmapOptions;

/** Each stage's time, and what it was made with. */
typedef struct {
  double neighbours_s, graph_s, initialise_s, optimise_s, total_s;
  size_t neighbours; /* k; 0 where there was nothing to arrange (n < 4) */
  int epochs;        /* made */
  double a, b;       /* of the curve 1 / (1 + a d^2b) */
} TsrUmapReport;

/** UMAP of x [n,d] into y [n,2]: fuzzy memberships of each tile's k nearest (tsr_umap_graph; exact
 * up to 20,000 rows, beyond them those of tsr_knn_near with recall 0.975), the union of both sides'
 * views, and stochastic descent with five negative samples to an attraction (tsr_umap_descend),
 * learning rate 1 falling to 0. It begins from principal components, ten units from the middle at
 * most, which keep what is far apart as well as the paper's eigenvectors of the graph do (Kobak &
 * Linderman 2021) and need no solver of their own. Same data, options and machine kind: the same
 * map, bit for bit, for any number of threads. n >= 1 works (below 4 the map is `start`, or PCA). A
 * start that is not finite is refused. stream (or NULL) is called every few epochs, with kl NAN. */
bool tsr_umap (const float *x, size_t n, size_t d, const TsrUmapOptions *options, float *y,
               TsrTsneStream stream, void *user, TsrUmapReport *report, const TsrProgress *progress,
               GError **error);
