#include "tsr-mixing.h"

#include "tsr-kmeans.h"
#include "tsr-metrics.h"
#include "tsr-parallel.h"

#include <glib.h>
#include <math.h>
#include <string.h>

TsrMixing
tsr_mixing (const uint32_t *neighbour, size_t n, size_t k, const int32_t *group, size_t n_groups)
{
  g_autofree size_t *from = g_new0 (size_t, n_groups + 1), *to = g_new0 (size_t, n_groups + 1);
  TsrMixing mixing = {.same = NAN, .chance = NAN, .coefficient = NAN};
  size_t same = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < k; j++) {
      int32_t own = group[i], other = group[neighbour[i * k + j]];
      if (own < 0 || other < 0)
        continue;
      mixing.pairs++;
      from[own]++;
      to[other]++;
      same += own == other;
    }
  if (mixing.pairs == 0)
    return mixing;
  double pairs = (double)mixing.pairs;
  mixing.same = (double)same / pairs;
  mixing.chance = 0;
  for (size_t g = 0; g < n_groups; g++)
    mixing.chance += (double)from[g] / pairs * ((double)to[g] / pairs);
  if (mixing.chance < 1)
    mixing.coefficient = (mixing.same - mixing.chance) / (1 - mixing.chance);
  return mixing;
}

/* --- clusters --- */

typedef struct {
  const float *points;
  size_t d;
  const uint8_t *blocked;
  const uint32_t *centre;
  size_t k;
  int32_t *cluster;
} Assign;

static void
assign_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Assign *assign = data;
  size_t d = assign->d;
  for (size_t i = begin; i < end; i++) {
    float best = INFINITY;
    assign->cluster[i] = -1;
    for (size_t c = 0; c < assign->k && !(assign->blocked && assign->blocked[i]); c++) {
      const float *a = assign->points + i * d, *b = assign->points + assign->centre[c] * d;
      float sum = 0;
      for (size_t j = 0; j < d; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
      if (sum < best || assign->cluster[i] < 0) {
        best = sum;
        assign->cluster[i] = (int32_t)c;
      }
    }
  }
}

bool
tsr_mixing_clusters (const float *points, size_t n, size_t d, const uint8_t *blocked,
                     const uint32_t *sample, size_t m, size_t k, uint64_t seed, int32_t *cluster,
                     size_t *found, const TsrProgress *progress, GError **error)
{
  g_autofree float *rows = g_new (float, m *d + 1);
  g_autofree uint32_t *centre = g_new (uint32_t, k + 1);
  for (size_t i = 0; i < m; i++)
    memcpy (rows + i * d, points + sample[i] * d, d * sizeof *rows);
  *found = 0;
  if (m > 0 &&
      !tsr_kmeans_choose (rows, m, d, NULL, NULL, MIN (k, m), seed, centre, found, progress, error))
    return false;
  for (size_t c = 0; c < *found; c++)
    centre[c] = sample[centre[c]];
  Assign assign = {points, d, blocked, centre, *found, cluster};
  tsr_parallel_for (n, 1024, assign_range, &assign);
  return true;
}

size_t
tsr_mixing_one_sided (const int32_t *cluster, size_t n, size_t n_clusters, const int32_t *group,
                      size_t n_groups, TsrOneSided *found)
{
  g_autofree size_t *count = g_new0 (size_t, n_clusters * n_groups + 1),
                    *all = g_new0 (size_t, n_groups + 1);
  size_t known = 0, entries = 0;
  for (size_t i = 0; i < n; i++)
    if (cluster[i] >= 0 && group[i] >= 0) {
      count[(size_t)cluster[i] * n_groups + (size_t)group[i]]++;
      all[group[i]]++;
      known++;
    }
  for (size_t c = 0; c < n_clusters; c++) {
    TsrOneSided one = {.cluster = c};
    for (size_t g = 0; g < n_groups; g++) {
      size_t here = count[c * n_groups + g];
      one.tiles += here;
      if (here > one.most) {
        one.most = here;
        one.group = (int32_t)g;
      }
    }
    if (one.tiles == 0)
      continue;
    double high;
    tsr_wilson_interval (one.most, one.tiles, &one.low, &high);
    one.expected = (double)all[one.group] / (double)known;
    one.excess = one.expected < 1 ? (one.low - one.expected) / (1 - one.expected) : 0;
    found[entries++] = one;
  }
  return entries;
}

bool
tsr_mixing_is_one_sided (const TsrOneSided *cluster)
{
  return cluster->low >= TSR_ONE_SIDED_LOW && cluster->excess >= TSR_ONE_SIDED_EXCESS;
}
