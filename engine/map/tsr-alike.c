#include "tsr-alike.h"

#include "tsr-parallel.h"
#include "tsr-random.h"

#include <glib.h>
#include <math.h>

typedef struct {
  const float *points;
  size_t d, k, eligible;
  const uint32_t *tile; /* [eligible] */
  uint64_t seed;
  double nearest[TSR_ALIKE_DRAWS];
} Draws;

static double
mean_nearest (const float *points, size_t d, const uint32_t *tile, size_t k)
{
  double total = 0;
  for (size_t i = 0; i < k; i++) {
    double best = INFINITY;
    for (size_t j = 0; j < k; j++) {
      const float *a = points + tile[i] * d, *b = points + tile[j] * d;
      double sum = 0;
      if (i == j)
        continue;
      for (size_t c = 0; c < d; c++)
        sum += ((double)a[c] - b[c]) * ((double)a[c] - b[c]);
      best = fmin (best, sum);
    }
    total += sqrt (best);
  }
  return total / (double)k;
}

/* The first k of a shuffle (Fisher-Yates) of the eligible tiles, each draw by a stream of its own.
 */
static void
draw_range (size_t begin, size_t end, unsigned worker, void *data)
{
  Draws *draws = data;
  g_autofree uint32_t *chosen = g_new (uint32_t, draws->k + 1);
  for (size_t r = begin; r < end; r++) {
    TsrRandom random;
    g_autoptr (GHashTable) moved = g_hash_table_new (NULL, NULL); /* place -> tile's place + 1 */
    tsr_random_init (&random, draws->seed, 0xa11ce000u + r);
    for (size_t i = 0; i < draws->k; i++) {
      size_t at = i + tsr_random_below (&random, (uint32_t)(draws->eligible - i));
      gpointer there = g_hash_table_lookup (moved, GSIZE_TO_POINTER (at)),
               here = g_hash_table_lookup (moved, GSIZE_TO_POINTER (i));
      chosen[i] = draws->tile[there ? GPOINTER_TO_SIZE (there) - 1 : at];
      g_hash_table_insert (moved, GSIZE_TO_POINTER (at), here ? here : GSIZE_TO_POINTER (i + 1));
    }
    draws->nearest[r] = mean_nearest (draws->points, draws->d, chosen, draws->k);
  }
}

TsrAlike
tsr_alike (const float *points, size_t n, size_t d, const uint8_t *candidate, const uint32_t *picks,
           size_t k, uint64_t seed)
{
  TsrAlike alike = {.picks = k, .nearest = NAN, .random = NAN, .ratio = NAN};
  g_autofree uint32_t *tile = g_new (uint32_t, n + 1);
  Draws draws = {.points = points, .d = d, .k = k, .tile = tile, .seed = seed};
  for (size_t i = 0; i < n; i++)
    if (!candidate || candidate[i])
      tile[draws.eligible++] = (uint32_t)i;
  if (k < 2 || draws.eligible < k)
    return alike;
  alike.nearest = mean_nearest (points, d, picks, k);
  tsr_parallel_for (TSR_ALIKE_DRAWS, 4, draw_range, &draws);
  alike.random = 0;
  for (size_t r = 0; r < TSR_ALIKE_DRAWS; r++) {
    alike.random += draws.nearest[r] / TSR_ALIKE_DRAWS;
    alike.below += draws.nearest[r] <= alike.nearest;
  }
  alike.ratio = alike.random > 0 ? alike.nearest / alike.random : alike.nearest > 0 ? INFINITY : 1;
  return alike;
}
