#include "tsr-kmeans.h"

#include "tsr-distance.h"
#include "tsr-label-tree.h"
#include "tsr-parallel.h"
#include "tsr-random.h"

#include <math.h>
#include <string.h>

#define FIRST_CENTRES 0x63e4 /* stream of the random numbers */
#define ROUNDS        100
#define LOT           256  /* points in the innermost loops */
#define CHUNK         4096 /* points whose distances are summed together */
#define FEW           32   /* centres up to which a point simply looks at all of them */
#define SLAB          2e8  /* differences between two looks at the progress */

/* The points that take part, close together, and the centres: the fixed ones first. */
typedef struct {
  size_t n, d, fixed, k;
  uint32_t *index;   /* [n] which point this is */
  uint8_t *eligible; /* [n] */
  float *points;     /* [n,d] */
  float *centre;     /* [fixed + k, d] */
  uint32_t *owner;   /* [n] the nearest centre */
  float *squared;    /* [n] and how far it is */
  /* of the loop in progress */
  size_t slab, added;
  double *sums; /* [chunks] */
  const TsrLabelTree *tree;
  int changed; /* atomic */
} Clusters;

static void
clusters_init (Clusters *self, const float *points, size_t n, size_t d, const uint8_t *fixed,
               const uint8_t *blocked, size_t k)
{
  *self = (Clusters){.d = d};
  size_t could = 0, seen = 0, most = MAX (TSR_KMEANS_SAMPLE, 8 * k);
  for (size_t i = 0; i < n; i++)
    could += !(blocked && blocked[i]) && !(fixed && fixed[i]);
  self->index = g_new (uint32_t, n + 1);
  self->eligible = g_new (uint8_t, n + 1);
  size_t candidates = 0;
  for (size_t i = 0; i < n; i++) {
    if (blocked && blocked[i])
      continue;
    bool is_fixed = fixed && fixed[i];
    if (!is_fixed &&
        could > most) { /* the j-th of those that could stays if j most / could rises */
      size_t j = seen++;
      if (j * most / could == (j + 1) * most / could)
        continue;
    }
    self->fixed += is_fixed;
    candidates += !is_fixed;
    self->eligible[self->n] = !is_fixed;
    self->index[self->n++] = (uint32_t)i;
  }
  self->k = MIN (k, candidates);
  self->points = g_new (float, self->n *d + 1);
  self->centre = g_new (float, (self->fixed + self->k) * d + 1);
  self->owner = g_new0 (uint32_t, self->n + 1);
  self->squared = g_new (float, self->n + 1);
  self->sums = g_new (double, self->n / CHUNK + 1);
  size_t known = 0;
  for (size_t o = 0; o < self->n; o++) {
    memcpy (self->points + o * d, points + self->index[o] * d, d * sizeof (float));
    self->squared[o] = INFINITY;
    if (!self->eligible[o])
      memcpy (self->centre + known++ * d, self->points + o * d, d * sizeof (float));
  }
}

static void
clusters_clear (Clusters *self)
{
  g_free (self->index);
  g_free (self->eligible);
  g_free (self->points);
  g_free (self->centre);
  g_free (self->owner);
  g_free (self->squared);
  g_free (self->sums);
}

/* --- where the new centres begin --- */

/* Takes a further centre into account; sums the squared distances of each chunk. */
static void
meet_centre (size_t begin, size_t end, unsigned worker, void *data)
{
  Clusters *self = data;
  float squared[LOT];
  double sum = 0;
  for (size_t lot = begin; lot < end; lot += LOT) {
    size_t lot_end = MIN (lot + LOT, end);
    tsr_distances (self->points, self->d, lot, lot_end, self->centre + self->added * self->d,
                   squared);
    for (size_t o = lot; o < lot_end; o++) {
      self->squared[o] = fminf (self->squared[o], squared[o - lot]);
      sum += self->squared[o];
    }
  }
  self->sums[begin / CHUNK] = sum;
}

/* A point that is at no centre yet, with probability by its squared distance; the first eligible
 * point that is no centre's beginning where all are at one. */
static size_t
draw (Clusters *self, TsrRandom *random, const uint8_t *begun)
{
  double total = 0, at;
  for (size_t chunk = 0; chunk * CHUNK < self->n; chunk++)
    total += self->sums[chunk];
  double wanted = tsr_random_uniform (random) * total;
  size_t last = SIZE_MAX; /* where rounding leaves nothing: the last that could be */
  size_t chunk = 0;
  for (at = 0; (chunk + 1) * CHUNK < self->n && at + self->sums[chunk] <= wanted; chunk++)
    at += self->sums[chunk];
  for (size_t o = chunk * CHUNK; total > 0 && o < self->n; o++) {
    at += self->squared[o];
    if (self->squared[o] > 0 && at > wanted)
      return o;
    if (self->squared[o] > 0)
      last = o;
  }
  for (size_t o = 0; last == SIZE_MAX && o < self->n; o++)
    if (self->eligible[o] && !begun[o])
      last = o;
  return last;
}

static bool
begin_centres (Clusters *self, uint64_t seed, const TsrProgress *progress, GError **error)
{
  TsrRandom random;
  tsr_random_init (&random, seed, FIRST_CENTRES);
  g_autofree uint8_t *begun = g_new0 (uint8_t, self->n + 1);
  size_t centres = self->fixed + self->k;
  for (self->added = 0; self->added < centres; self->added++) {
    if (!tsr_progress_step (progress, 0.3 * (double)self->added / (double)centres,
                            TSR_STAGE ("Choosing tiles"), error))
      return false;
    if (self->added >= self->fixed) {
      size_t o = self->added > 0 ? draw (self, &random, begun)
                                 : tsr_random_below (&random, (uint32_t)self->n);
      begun[o] = 1;
      memcpy (self->centre + self->added * self->d, self->points + o * self->d,
              self->d * sizeof (float));
    }
    tsr_parallel_for (self->n, CHUNK, meet_centre, self);
  }
  return true;
}

/* --- rounds --- */

static void
assign_range (size_t begin, size_t end, unsigned worker, void *data)
{
  Clusters *self = data;
  size_t centres = self->fixed + self->k;
  g_autofree float *squared = self->tree ? NULL : g_new (float, centres);
  for (size_t o = self->slab + begin; o < self->slab + end; o++) {
    const float *p = self->points + o * self->d;
    uint32_t best = 0;
    float least;
    if (self->tree) {
      best = tsr_label_tree_nearest (self->tree, p[0], p[1], -1, &least);
    } else {
      tsr_distances (self->centre, self->d, 0, centres, p, squared);
      for (size_t c = 1; c < centres; c++)
        best = squared[c] < squared[best] ? (uint32_t)c : best;
      least = squared[best];
    }
    if (self->owner[o] != best)
      g_atomic_int_set (&self->changed, 1);
    self->owner[o] = best;
    self->squared[o] = least;
  }
}

/* Gives every point to its nearest centre. */
static bool
assign (Clusters *self, double fraction, const TsrProgress *progress, GError **error)
{
  size_t centres = self->fixed + self->k;
  size_t slab = (size_t)(SLAB / (double)(self->d * centres)) + LOT;
  g_autofree uint32_t *sources = g_new (uint32_t, centres);
  g_autofree int32_t *classes = g_new0 (int32_t, centres);
  TsrLabelTree *tree = NULL;
  if (self->d == 2 && centres > FEW) {
    for (size_t c = 0; c < centres; c++)
      sources[c] = (uint32_t)c;
    tree = tsr_label_tree_new (self->centre, sources, centres, classes);
  }
  self->tree = tree;
  self->changed = 0;
  bool ok = true;
  for (self->slab = 0; ok && self->slab < self->n; self->slab += slab) {
    ok = tsr_progress_step (progress, fraction, TSR_STAGE ("Choosing tiles"), error);
    if (ok)
      tsr_parallel_for (MIN (slab, self->n - self->slab), LOT, assign_range, self);
  }
  self->tree = NULL;
  tsr_label_tree_free (tree);
  return ok;
}

/* Moves the new centres to the means of their points, in one fixed order. */
static void
move_centres (Clusters *self, size_t *counts)
{
  size_t d = self->d, centres = self->fixed + self->k;
  g_autofree double *sums = g_new0 (double, centres *d + 1);
  memset (counts, 0, centres * sizeof *counts);
  for (size_t o = 0; o < self->n; o++) {
    size_t c = self->owner[o];
    counts[c]++;
    for (size_t a = 0; a < d && c >= self->fixed; a++)
      sums[c * d + a] += self->points[o * d + a];
  }
  for (size_t c = self->fixed; c < centres; c++)
    for (size_t a = 0; a < d && counts[c] > 0; a++)
      self->centre[c * d + a] = (float)(sums[c * d + a] / (double)counts[c]);
}

/* --- the points nearest to the centres --- */

static size_t
nearest_anywhere (Clusters *self, size_t c, const uint8_t *taken)
{
  size_t best = SIZE_MAX;
  float least = INFINITY;
  for (size_t o = 0; o < self->n; o++) {
    float squared;
    if (!self->eligible[o] || taken[o])
      continue;
    tsr_distances (self->points, self->d, o, o + 1, self->centre + c * self->d, &squared);
    if (best == SIZE_MAX || squared < least) {
      best = o;
      least = squared;
    }
  }
  return best;
}

static void
take_nearest (Clusters *self, const size_t *counts, uint32_t *chosen)
{
  size_t centres = self->fixed + self->k;
  g_autofree size_t *best = g_new (size_t, centres + 1);
  g_autofree uint8_t *taken = g_new0 (uint8_t, self->n + 1), *done = g_new0 (uint8_t, centres + 1);
  for (size_t c = 0; c < centres; c++)
    best[c] = SIZE_MAX;
  for (size_t o = 0; o < self->n; o++) {
    size_t *of = &best[self->owner[o]];
    if (self->eligible[o] && (*of == SIZE_MAX || self->squared[o] < self->squared[*of]))
      *of = o;
  }
  for (size_t i = 0; i < self->k; i++) {
    size_t c = SIZE_MAX;
    for (size_t e = self->fixed; e < centres; e++)
      if (!done[e] && (c == SIZE_MAX || counts[e] > counts[c]))
        c = e;
    size_t o = best[c];
    if (o == SIZE_MAX || taken[o])
      o = nearest_anywhere (self, c, taken);
    done[c] = taken[o] = 1;
    chosen[i] = self->index[o];
  }
}

bool
tsr_kmeans_choose (const float *points, size_t n, size_t d, const uint8_t *fixed,
                   const uint8_t *blocked, size_t k, uint64_t seed, uint32_t *chosen, size_t *found,
                   const TsrProgress *progress, GError **error)
{
  Clusters clusters;
  clusters_init (&clusters, points, n, d, fixed, blocked, k);
  *found = 0;
  bool ok = clusters.k == 0 || begin_centres (&clusters, seed, progress, error);
  if (ok && clusters.k > 0) {
    g_autofree size_t *counts = g_new0 (size_t, clusters.fixed + clusters.k);
    for (int round = 0; ok && round <= ROUNDS; round++) {
      ok = assign (&clusters, 0.3 + 0.7 * round / ROUNDS, progress, error);
      if (!ok || (round > 0 && !clusters.changed) || round == ROUNDS)
        break;
      move_centres (&clusters, counts);
    }
    if (ok) {
      take_nearest (&clusters, counts, chosen);
      *found = clusters.k;
    }
  }
  clusters_clear (&clusters);
  return ok;
}
