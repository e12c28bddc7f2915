#include "tsr-strategy.h"

#include "tsr-density.h"
#include "tsr-distance.h"
#include "tsr-kmeans.h"
#include "tsr-sampling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DOUBTS  5  /* unsure tiles for each further one that is chosen among them */
#define TYPICAL 20 /* labels at which as many are typical as unsure */

static const char *const names[TSR_N_STRATEGIES] = {"fps",    "random", "fps-dense",
                                                    "kmeans", "margin", "mix"};

const char *
tsr_strategy_name (TsrStrategy strategy)
{
  return names[strategy];
}

bool
tsr_strategy_from_name (const char *name, TsrStrategy *strategy)
{
  for (int s = 0; name && s < TSR_N_STRATEGIES; s++)
    if (strcmp (name, names[s]) == 0) {
      *strategy = (TsrStrategy)s;
      return true;
    }
  return false;
}

bool
tsr_strategy_needs_margin (TsrStrategy strategy)
{
  return strategy == TSR_STRATEGY_MARGIN || strategy == TSR_STRATEGY_MIX;
}

bool
tsr_strategy_is_nested (TsrStrategy strategy)
{
  return strategy == TSR_STRATEGY_FPS || strategy == TSR_STRATEGY_RANDOM ||
         strategy == TSR_STRATEGY_FPS_DENSE;
}

static bool
is_candidate (const TsrStrategyInput *input, size_t i)
{
  return !(input->labelled && input->labelled[i]) && !(input->blocked && input->blocked[i]);
}

/* farthest_of where the state of the labelled tiles is there already; allowed NULL: all are. */
static void
farthest_on (const TsrStrategyInput *input, const uint8_t *allowed, size_t k, uint32_t *chosen,
             size_t *found)
{
  TsrCover *cover = tsr_cover_fork (input->cover);
  g_autofree uint8_t *out = g_new (uint8_t, input->n + 1);
  for (size_t i = 0; i < *found; i++)
    tsr_cover_add (cover, chosen[i]);
  for (size_t i = 0; i < input->n; i++)
    out[i] = allowed && !allowed[i];
  tsr_cover_leave_out (cover, out);
  *found += tsr_sample_fps_on (cover, input->n, k - *found, input->seed, chosen + *found, NULL);
  tsr_cover_free (cover);
}

/* Farthest points among the candidates with allowed set, on from the labelled tiles and from what
 * is chosen already; adds them to chosen. */
static void
farthest_of (const TsrStrategyInput *input, const uint8_t *allowed, size_t k, uint32_t *chosen,
             size_t *found)
{
  if (input->cover) {
    farthest_on (input, allowed, k, chosen, found);
    return;
  }
  g_autofree uint8_t *labelled = g_new0 (uint8_t, input->n + 1),
                     *blocked = g_new0 (uint8_t, input->n + 1);
  for (size_t i = 0; i < input->n; i++) {
    bool out = input->blocked && input->blocked[i];
    labelled[i] = !out && input->labelled && input->labelled[i];
    blocked[i] = out || (!labelled[i] && !allowed[i]);
  }
  for (size_t i = 0; i < *found; i++) {
    labelled[chosen[i]] = 1;
    blocked[chosen[i]] = 0;
  }
  *found += tsr_sample_fps (input->points, input->n, input->d, labelled, blocked, k - *found,
                            input->seed, chosen + *found, NULL);
}

static bool
choose_dense (const TsrStrategyInput *input, uint32_t *chosen, size_t *found,
              const TsrProgress *progress, GError **error)
{
  g_autofree uint8_t *sparse = NULL, *allowed = g_new (uint8_t, input->n + 1);
  if (!input->sparse) {
    sparse = g_new (uint8_t, input->n + 1);
    if (!tsr_density_mark_sparse (input->points, input->n, input->d, input->blocked,
                                  TSR_DENSITY_NEIGHBOUR, TSR_DENSITY_SPARSE_SHARE, sparse, progress,
                                  error))
      return false;
  }
  for (int pass = 0; pass < 2 && *found < input->k; pass++) { /* the dense ones, then the others */
    for (size_t i = 0; i < input->n; i++)
      allowed[i] = (input->sparse ? input->sparse : sparse)[i] == pass;
    farthest_of (input, allowed, input->k, chosen, found);
  }
  return true;
}

typedef struct {
  float margin;
  uint32_t index;
} Doubt;

static int
compare_doubts (const void *a, const void *b)
{
  const Doubt *p = a, *q = b;
  if (p->margin != q->margin)
    return p->margin < q->margin ? -1 : 1;
  return p->index < q->index ? -1 : 1;
}

/* Fills chosen from *found to k with unsure tiles, apart from each other. */
static void
choose_unsure (const TsrStrategyInput *input, size_t k, uint32_t *chosen, size_t *found)
{
  g_autofree Doubt *doubts = g_new (Doubt, input->n + 1);
  g_autofree uint8_t *taken = g_new0 (uint8_t, input->n + 1),
                     *allowed = g_new0 (uint8_t, input->n + 1);
  for (size_t i = 0; i < *found; i++)
    taken[chosen[i]] = 1;
  size_t m = 0;
  for (size_t i = 0; i < input->n; i++)
    if (is_candidate (input, i) && !taken[i])
      doubts[m++] = (Doubt){input->margin[i], (uint32_t)i};
  if (k <= *found || m == 0)
    return;
  qsort (doubts, m, sizeof *doubts, compare_doubts);
  m = MIN (m, 1 + DOUBTS * (k - *found - 1));
  for (size_t i = 0; i < m; i++)
    allowed[doubts[i].index] = 1;
  farthest_of (input, allowed, k, chosen, found);
}

/* Whether the predictions say anything about doubt. */
static bool
has_doubts (const TsrStrategyInput *input)
{
  for (size_t i = 0; input->margin && i < input->n; i++)
    if (is_candidate (input, i) && input->margin[i] < 1)
      return true;
  return false;
}

/* Of the first `labels` labels, how many are typical. */
static size_t
typical_among (size_t labels)
{
  return (size_t)lround (TYPICAL * log1p ((double)labels / TYPICAL));
}

static bool
choose_typical (const TsrStrategyInput *input, size_t k, uint32_t *chosen, size_t *found,
                const TsrProgress *progress, GError **error)
{
  return tsr_kmeans_choose (input->points, input->n, input->d, input->labelled, input->blocked, k,
                            input->seed, chosen, found, progress, error);
}

static bool
choose_mix (const TsrStrategyInput *input, uint32_t *chosen, size_t *found,
            const TsrProgress *progress, GError **error)
{
  size_t labels = 0;
  for (size_t i = 0; input->labelled && i < input->n; i++)
    labels += input->labelled[i] && !(input->blocked && input->blocked[i]);
  size_t typical = typical_among (labels + input->k) - typical_among (labels);
  if (!choose_typical (input, typical, chosen, found, progress, error))
    return false;
  choose_unsure (input, input->k, chosen, found);
  return true;
}

bool
tsr_strategy_choose (const TsrStrategyInput *input, uint32_t *chosen, size_t *found,
                     const TsrProgress *progress, GError **error)
{
  *found = 0;
  TsrStrategy strategy = input->strategy;
  if (strategy != TSR_STRATEGY_RANDOM &&
      !tsr_points_check (input->points, input->n, input->d, input->blocked, error))
    return false;
  if (tsr_strategy_needs_margin (strategy) && !has_doubts (input))
    strategy = TSR_STRATEGY_KMEANS;
  switch (strategy) {
  case TSR_STRATEGY_RANDOM:
    *found = tsr_sample_random (input->n, input->labelled, input->blocked, input->k, input->seed,
                                chosen);
    return true;
  case TSR_STRATEGY_FPS_DENSE:
    return choose_dense (input, chosen, found, progress, error);
  case TSR_STRATEGY_KMEANS:
    return choose_typical (input, input->k, chosen, found, progress, error);
  case TSR_STRATEGY_MARGIN:
    choose_unsure (input, input->k, chosen, found);
    return true;
  case TSR_STRATEGY_MIX:
    return choose_mix (input, chosen, found, progress, error);
  default:
    if (input->cover)
      farthest_on (input, NULL, input->k, chosen, found);
    else
      *found = tsr_sample_fps (input->points, input->n, input->d, input->labelled, input->blocked,
                               input->k, input->seed, chosen, NULL);
    return true;
  }
}
