#include "tsr-umap.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-layout.h"
#include "tsr-parallel.h"
#include "tsr-random.h"
#include "tsr-umap-private.h"
#include "tsr-vectors.h"

#include <math.h>

#define SPREAD 1.0
#define REACH  10.0 /* of the start: the largest coordinate */
#define JITTER 1e-4 /* so that equal vectors do not stay on top of each other */
#define RATE   1.0f /* of the first epoch */
#define CHUNK  4096

static TsrUmapOptions
fill_defaults (const TsrUmapOptions *options, size_t n)
{
  TsrUmapOptions filled = options ? *options : (TsrUmapOptions){0};
  if (filled.neighbours == 0)
    filled.neighbours = TSR_UMAP_NEIGHBOURS;
  filled.neighbours = MIN (filled.neighbours, MAX (n, 2) - 1);
  if (!(filled.min_dist > 0))
    filled.min_dist = TSR_UMAP_MIN_DIST;
  if (filled.epochs <= 0)
    filled.epochs = n <= TSR_UMAP_FEW ? TSR_UMAP_EPOCHS_FEW : TSR_UMAP_EPOCHS_MANY;
  return filled;
}

/* --- the start --- */

static bool
check_start (const float *start, size_t n, GError **error)
{
  for (size_t i = 0; i < 2 * n; i++)
    if (!isfinite (start[i])) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   _ ("The layout to begin from has no place for tile %zu. Make the map anew."),
                   i / 2 + 1);
      return false;
    }
  return true;
}

/* Moves y to the middle and brings its largest coordinate to REACH; a point stays one. */
static void
fit_to_reach (float *y, size_t n)
{
  double mean[2] = {0}, largest = 0;
  for (size_t i = 0; i < 2 * n; i++)
    mean[i & 1] += (double)y[i] / (double)n;
  for (size_t i = 0; i < 2 * n; i++)
    largest = fmax (largest, fabs (y[i] - mean[i & 1]));
  for (size_t i = 0; i < 2 * n; i++)
    y[i] = largest > 0 ? (float)((y[i] - mean[i & 1]) / largest * REACH) : 0;
}

/* The layout before the first epoch. */
static bool
place (const float *x, size_t n, size_t d, const TsrUmapOptions *options, float *y,
       const TsrProgress *progress, GError **error)
{
  if (!tsr_vectors_check (x, n, d, error))
    return false;
  if (options->start) {
    if (!check_start (options->start, n, error))
      return false;
    memcpy (y, options->start, 2 * n * sizeof *y);
  } else if (!tsr_layout_pca (x, n, d, y, progress, error)) {
    return false;
  }
  if (n < 4) /* nothing to arrange: a point, a line, a triangle */
    return true;
  fit_to_reach (y, n);
  TsrRandom random;
  tsr_random_init (&random, options->seed, 0x75a9);
  for (size_t i = 0; i < 2 * n; i++)
    y[i] += (float)(JITTER * tsr_random_normal (&random));
  return true;
}

/* --- the epochs --- */

typedef struct {
  const uint32_t *order;
  const float *from;
  float *to;
} Gathering;

static void
gather_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Gathering *g = data;
  for (size_t i = begin; i < end; i++)
    memcpy (g->to + 2 * (size_t)g->order[i], g->from + 2 * i, 2 * sizeof *g->to);
}

/* Points in the order given (or NULL) while they are arranged, by row where they are shown. */
typedef struct {
  size_t n;
  const uint32_t *order;
  float *moving, *by_row; /* [n,2]; one and the same where there is no order */
} Layout;

static void
gather (const Layout *layout)
{
  Gathering g = {layout->order, layout->moving, layout->by_row};
  if (layout->order)
    tsr_parallel_for (layout->n, CHUNK, gather_range, &g);
}

static bool
optimise (TsrUmapDescent *descent, const Layout *layout, int total, TsrTsneStream stream,
          void *user, int *done, const TsrProgress *progress, GError **error)
{
  int every = (int)CLAMP (100000 / layout->n, 1, 10); /* as t-SNE: a stopped map is repeatable */
  for (*done = 0; *done < total; ++*done) {
    if (stream && *done > 0 && *done % every == 0) {
      gather (layout);
      if (!stream (layout->by_row, layout->n, *done, total, NAN, user))
        return true;
    }
    tsr_umap_descend (descent, layout->moving, (unsigned)*done,
                      RATE * (1 - (float)*done / (float)total));
    if (!tsr_progress_step (progress, (double)*done / total, TSR_STAGE ("Arranging the map"),
                            error))
      return false;
  }
  return true;
}

/* Arranges y by the graph, which it frees. */
static bool
arrange (TsrAffinities *graph, const uint32_t *order, const TsrUmapOptions *options, float *y,
         TsrTsneStream stream, void *user, TsrUmapReport *report, const TsrProgress *progress,
         GError **error)
{
  size_t n = graph->n;
  TsrUmapCurve curve = tsr_umap_curve (options->min_dist, SPREAD);
  TsrUmapDescent *descent = tsr_umap_descent_new (graph, order, &curve, options->seed);
  g_autofree float *ordered = order ? g_new (float, 2 * n) : NULL;
  Layout layout = {n, order, order ? ordered : y, y};
  for (size_t i = 0; order && i < n; i++)
    memcpy (ordered + 2 * i, y + 2 * (size_t)order[i], 2 * sizeof *y);
  tsr_affinities_free (graph);
  bool ok =
      optimise (descent, &layout, options->epochs, stream, user, &report->epochs, progress, error);
  tsr_umap_descent_free (descent);
  if (ok)
    gather (&layout);
  report->a = curve.a;
  report->b = curve.b;
  report->neighbours = options->neighbours;
  return ok;
}

static double
seconds_since (gint64 *mark)
{
  gint64 now = g_get_monotonic_time ();
  double seconds = (double)(now - *mark) * 1e-6;
  *mark = now;
  return seconds;
}

bool
tsr_umap (const float *x, size_t n, size_t d, const TsrUmapOptions *options, float *y,
          TsrTsneStream stream, void *user, TsrUmapReport *report, const TsrProgress *progress,
          GError **error)
{
  TsrUmapReport ignored;
  report = report ? report : &ignored;
  *report = (TsrUmapReport){0};
  TsrUmapOptions filled = fill_defaults (options, n);
  gint64 start = g_get_monotonic_time (), mark = start;
  TsrProgressShare share;
  TsrProgress part = tsr_progress_share (progress, &share, 0, 0.05, NULL);
  bool placed = place (x, n, d, &filled, y, &part, error);
  report->initialise_s = report->total_s = seconds_since (&mark);
  if (!placed || n < 4)
    return placed;
  part = tsr_progress_share (progress, &share, 0.05, 0.35, NULL);
  g_autofree uint32_t *order = NULL;
  TsrAffinities *graph =
      tsr_umap_graph (x, n, d, filled.neighbours, &report->neighbours_s, &order, &part, error);
  report->graph_s = seconds_since (&mark) - report->neighbours_s;
  if (!graph)
    return false;
  part = tsr_progress_share (progress, &share, 0.35, 1, NULL);
  bool ok = arrange (graph, order, &filled, y, stream, user, report, &part, error);
  report->optimise_s = seconds_since (&mark);
  report->total_s = (double)(mark - start) * 1e-6;
  return ok;
}
