#include "tsr-place.h"

#include "tsr-parallel.h"

#include <math.h>

#define MAX_NEIGHBOURS 32
#define BATCH          64 /* tiles between two looks at the cancellable */

typedef struct {
  const float *w;
  uint32_t d;
  unsigned k;
  const uint32_t *mapped; /* tiles with a place */
  size_t n_mapped;
  const uint32_t *fresh; /* tiles to be placed */
  float *y;
} Job;

static bool
row_finite (const float *row, size_t d)
{
  for (size_t i = 0; i < d; i++)
    if (!isfinite (row[i]))
      return false;
  return true;
}

static double
distance (const float *a, const float *b, size_t d)
{
  double sum = 0;
  for (size_t i = 0; i < d; i++)
    sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
  return sqrt (sum);
}

/* Puts a neighbour into the list of the k nearest so far, nearest first, ties in order of tiles. */
static unsigned
insert (uint32_t *tile, double *dist, unsigned count, unsigned k, uint32_t new_tile,
        double new_dist)
{
  if (count == k && new_dist >= dist[k - 1])
    return count;
  unsigned at = count < k ? count : k - 1;
  for (; at > 0 && dist[at - 1] > new_dist; at--) {
    dist[at] = dist[at - 1];
    tile[at] = tile[at - 1];
  }
  dist[at] = new_dist;
  tile[at] = new_tile;
  return count < k ? count + 1 : k;
}

static void
place_one (const Job *job, uint32_t fresh)
{
  uint32_t tile[MAX_NEIGHBOURS];
  double dist[MAX_NEIGHBOURS] = {0};
  unsigned count = 0;
  const float *row = job->w + (size_t)fresh * job->d;
  for (size_t i = 0; i < job->n_mapped; i++) {
    uint32_t other = job->mapped[i];
    count = insert (tile, dist, count, job->k, other,
                    distance (row, job->w + (size_t)other * job->d, job->d));
  }
  if (count > 0 && dist[0] == 0)
    count = 1;
  double sum = 0, x = 0, y = 0;
  for (unsigned i = 0; i < count; i++) {
    double weight = i > 0 && dist[i] > 0 ? dist[0] / dist[i] : 1;
    sum += weight;
    x += weight * job->y[2 * (size_t)tile[i]];
    y += weight * job->y[2 * (size_t)tile[i] + 1];
  }
  job->y[2 * (size_t)fresh] = (float)(x / sum);
  job->y[2 * (size_t)fresh + 1] = (float)(y / sum);
}

static void
place_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Job *job = data;
  for (size_t i = begin; i < end; i++)
    place_one (job, job->fresh[i]);
}

bool
tsr_place_new_tiles (const float *w, uint32_t n, uint32_t d, unsigned k, float *y, uint32_t *placed,
                     const TsrProgress *progress, GError **error)
{
  g_autofree uint32_t *mapped = g_new (uint32_t, (size_t)n + 1),
                      *fresh = g_new (uint32_t, (size_t)n + 1);
  size_t n_mapped = 0, n_fresh = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (!row_finite (w + (size_t)i * d, d))
      continue;
    if (row_finite (y + 2 * (size_t)i, 2))
      mapped[n_mapped++] = i;
    else
      fresh[n_fresh++] = i;
  }
  if (n_mapped == 0)
    n_fresh = 0;
  for (size_t done = 0; done < n_fresh; done += BATCH) {
    if (!tsr_progress_step (progress, (double)done / n_fresh, TSR_STAGE ("Placing new tiles"),
                            error))
      return false;
    Job job = {.w = w,
               .d = d,
               .k = CLAMP (k, 1, MAX_NEIGHBOURS),
               .mapped = mapped,
               .n_mapped = n_mapped,
               .fresh = fresh + done,
               .y = y};
    tsr_parallel_for (MIN ((size_t)BATCH, n_fresh - done), 1, place_range, &job);
  }
  if (placed)
    *placed = (uint32_t)n_fresh;
  return true;
}
