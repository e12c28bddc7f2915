#include "tsr-transform.h"

#include "tsr-distance-block.h"
#include "tsr-parallel.h"
#include "tsr-repulsion.h"
#include "tsr-simd.h"
#include "tsr-vectors.h"

#include <math.h>
#include <stdlib.h>

#define FIRST_STEP 1.0  /* times the gradient; then as large as the descent allows */
#define LONGEST    5.0  /* a step, in units of the map */
#define STILL      1e-4 /* a step that no eye can see */
#define SLICE      256  /* points between two looks at the cancellable */

typedef struct {
  const float *map;
  size_t n, k;
  TsrTransformOptions options;
  const float *xs, *ys;    /* map in two rows, padded far away to whole vectors */
  const TsrRepulsion *far; /* the interpolated sum, or NULL: over all */
  const uint32_t *index;   /* [m,k] */
  const float *distance;
  float *y;
  size_t offset;
} Work;

/* --- affinities --- */

void
tsr_transform_affinities (const float *distance, size_t k, double perplexity, double *p)
{
  double mean = 0, low = -100, high = 100, target = log (perplexity);
  double nearest = (double)distance[0] * distance[0];
  for (size_t j = 0; j < k; j++)
    mean += ((double)distance[j] * distance[j] - nearest) / (double)k;
  for (int turn = 0; turn < 80; turn++) {
    double middle = (low + high) / 2, beta = mean > 0 ? exp (middle) / mean : 0;
    double sum = 0, first = 0;
    for (size_t j = 0; j < k; j++) {
      double excess = beta * ((double)distance[j] * distance[j] - nearest);
      p[j] = exp (-excess);
      sum += p[j];
      first += p[j] * excess;
    }
    for (size_t j = 0; j < k; j++)
      p[j] /= sum;
    if (log (sum) + first / sum > target) /* entropy falls as beta grows */
      low = middle;
    else
      high = middle;
  }
}

/* --- the loss --- */

double
tsr_transform_loss (const float *map, size_t n, const uint32_t *index, const double *p, size_t k,
                    double exaggeration, const double place[2], double gradient[2])
{
  double pull = 0, sum = 0, slope[2] = {0}, push[2] = {0};
  for (size_t j = 0; j < k; j++) {
    double dx = place[0] - map[2 * (size_t)index[j]], dy = place[1] - map[2 * (size_t)index[j] + 1];
    double w = 1 + dx * dx + dy * dy;
    pull += p[j] * log (w);
    slope[0] += 2 * p[j] / w * dx;
    slope[1] += 2 * p[j] / w * dy;
  }
  for (size_t j = 0; j < n; j++) {
    double dx = place[0] - map[2 * j], dy = place[1] - map[2 * j + 1];
    double q = 1 / (1 + dx * dx + dy * dy);
    sum += q;
    push[0] -= 2 * q * q * dx;
    push[1] -= 2 * q * q * dy;
  }
  for (int a = 0; gradient && a < 2; a++)
    gradient[a] = exaggeration * slope[a] + push[a] / sum;
  return exaggeration * pull + log (sum);
}

/* sum_j q_j and -sum_j q_j^2 (y - y_j) over all of the map, in single precision a lane. */
TSR_CLONES static double
sum_all (const float *xs, const float *ys, size_t padded, float x, float y, double force[2])
{
  double sum = 0;
  force[0] = force[1] = 0;
  for (size_t block = 0; block < padded; block += 64 * TSR_LANES) {
    TsrF16 s = {0}, fx = {0}, fy = {0};
    size_t end = block + 64 * TSR_LANES < padded ? block + 64 * TSR_LANES : padded;
    for (size_t j = block; j < end; j += TSR_LANES) {
      TsrF16 dx = x - *(const TsrF16u *)(xs + j), dy = y - *(const TsrF16u *)(ys + j);
      TsrF16 q = 1.0f / (1.0f + dx * dx + dy * dy);
      s += q;
      fx -= q * q * dx;
      fy -= q * q * dy;
    }
    for (int l = 0; l < TSR_LANES; l++) {
      sum += s[l];
      force[0] += fx[l];
      force[1] += fy[l];
    }
  }
  return sum;
}

/* The loss of the point with these affinities at `place`, and its gradient. */
static double
loss_at (const Work *work, const uint32_t *index, const double *p, const double place[2],
         double gradient[2])
{
  double force[2], pull = 0, slope[2] = {0}, sum;
  if (!work->far || !tsr_repulsion_at (work->far, (float)place[0], (float)place[1], &sum, force))
    sum = sum_all (work->xs, work->ys, (work->n + TSR_LANES - 1) / TSR_LANES * TSR_LANES,
                   (float)place[0], (float)place[1], force);
  for (size_t j = 0; j < work->k; j++) {
    const float *other = work->map + 2 * (size_t)index[j];
    double dx = place[0] - other[0], dy = place[1] - other[1], w = 1 + dx * dx + dy * dy;
    pull += p[j] * log (w);
    slope[0] += 2 * p[j] / w * dx;
    slope[1] += 2 * p[j] / w * dy;
  }
  for (int a = 0; a < 2; a++)
    gradient[a] = work->options.exaggeration * slope[a] + 2 * force[a] / sum;
  return work->options.exaggeration * pull + log (sum);
}

/* --- a point --- */

typedef struct {
  float place;
  double weight;
} Weighted;

static int
compare_places (const void *a, const void *b)
{
  float p = ((const Weighted *)a)->place, q = ((const Weighted *)b)->place;
  return (p > q) - (p < q);
}

/* The median of the neighbours' places along one axis, each counting by its affinity: unlike the
 * mean it lies among the neighbours where they are in two places. */
static double
weighted_median (const Work *work, const uint32_t *index, const double *p, int axis,
                 Weighted *scratch)
{
  for (size_t j = 0; j < work->k; j++)
    scratch[j] = (Weighted){work->map[2 * (size_t)index[j] + axis], p[j]};
  qsort (scratch, work->k, sizeof *scratch, compare_places);
  double sum = 0;
  for (size_t j = 0; j < work->k; j++) {
    sum += scratch[j].weight;
    if (sum > 0.5 + 1e-9)
      return scratch[j].place;
    if (sum >= 0.5 - 1e-9 && j + 1 < work->k)
      return ((double)scratch[j].place + scratch[j + 1].place) / 2;
  }
  return scratch[work->k - 1].place;
}

/* Down the gradient with steps that grow while they lead down enough (Armijo 1966) and are halved
 * where they do not. */
static void
descend (const Work *work, const uint32_t *index, const double *p, double place[2])
{
  double gradient[2], next[2], there[2], rate = FIRST_STEP;
  double loss = loss_at (work, index, p, place, gradient);
  for (int turn = 0; turn < work->options.iterations; turn++) {
    double length = hypot (gradient[0], gradient[1]);
    rate = fmin (rate, LONGEST / fmax (length, 1e-30));
    if (rate * length < STILL)
      return;
    for (int a = 0; a < 2; a++)
      next[a] = place[a] - rate * gradient[a];
    double found = loss_at (work, index, p, next, there);
    if (!(found <= loss - 0.25 * rate * length * length)) {
      rate /= 2;
      continue;
    }
    loss = found;
    rate *= 1.6;
    for (int a = 0; a < 2; a++) {
      place[a] = next[a];
      gradient[a] = there[a];
    }
  }
}

static void
place_points (size_t begin, size_t end, unsigned worker, void *data)
{
  const Work *work = data;
  size_t k = work->k;
  g_autofree double *p = g_new (double, k);
  g_autofree Weighted *scratch = g_new (Weighted, k);
  for (size_t i = begin + work->offset; i < end + work->offset; i++) {
    const uint32_t *index = work->index + i * k;
    double place[2] = {work->map[2 * (size_t)index[0]], work->map[2 * (size_t)index[0] + 1]};
    if (work->distance[i * k] > 0) {
      tsr_transform_affinities (work->distance + i * k, k, work->options.perplexity, p);
      for (int a = 0; a < 2; a++)
        place[a] = weighted_median (work, index, p, a, scratch);
      if (work->options.iterations > 0)
        descend (work, index, p, place);
    }
    for (int a = 0; a < 2; a++)
      work->y[2 * i + a] = (float)place[a];
  }
}

/* --- all --- */

static TsrTransformOptions
fill_defaults (const TsrTransformOptions *options, size_t n)
{
  TsrTransformOptions filled = options ? *options : (TsrTransformOptions){0};
  if (!(filled.perplexity > 0))
    filled.perplexity = TSR_TRANSFORM_PERPLEXITY;
  filled.perplexity = fmax (1, fmin (filled.perplexity, (double)n / 3));
  if (!(filled.exaggeration > 0))
    filled.exaggeration = TSR_TRANSFORM_EXAGGERATION;
  if (filled.iterations == 0)
    filled.iterations = TSR_TRANSFORM_ITERATIONS;
  return filled;
}

static bool
place_all (Work *work, size_t m, const TsrProgress *progress, GError **error)
{
  size_t padded = (work->n + TSR_LANES - 1) / TSR_LANES * TSR_LANES;
  g_autofree float *xs = g_new (float, padded), *ys = g_new (float, padded);
  for (size_t j = 0; j < padded; j++) { /* the padding is so far away that it weighs nothing */
    xs[j] = j < work->n ? work->map[2 * j] : 1e18f;
    ys[j] = j < work->n ? work->map[2 * j + 1] : 1e18f;
  }
  work->xs = xs;
  work->ys = ys;
  TsrRepulsion *far = NULL;
  if (work->n > TSR_TRANSFORM_EXACT && work->options.iterations > 0) {
    g_autofree float *unused = g_new (float, 2 * work->n);
    far = tsr_repulsion_new (work->n, 0);
    tsr_repulsion_interpolated (far, work->map, unused);
  }
  work->far = far;
  bool ok = true;
  for (; ok && work->offset < m; work->offset += SLICE) {
    tsr_parallel_for (MIN (SLICE, m - work->offset), 4, place_points, work);
    ok = tsr_progress_step (progress, (double)MIN (work->offset + SLICE, m) / (double)m,
                            TSR_STAGE ("Placing new tiles"), error);
  }
  tsr_repulsion_free (far);
  return ok;
}

bool
tsr_transform (const float *reference, const float *map, size_t n, const float *x, size_t m,
               size_t d, const TsrTransformOptions *options, float *y, const TsrProgress *progress,
               GError **error)
{
  if (m == 0)
    return true;
  if (!tsr_vectors_check (map, n, 2, error))
    return false;
  TsrTransformOptions filled = fill_defaults (options, n);
  Work work = {.map = map, .n = n, .options = filled, .y = y};
  work.k = MIN (n, MAX ((size_t)floor (3 * filled.perplexity + 1e-9), 1));
  g_autofree uint32_t *index = g_new (uint32_t, m * work.k);
  g_autofree float *distance = g_new (float, m *work.k);
  TsrProgressShare share;
  TsrProgress part = tsr_progress_share (progress, &share, 0, 0.6, TSR_STAGE ("Placing new tiles"));
  if (!tsr_distance_block_nearest (x, m, reference, n, d, work.k, index, distance, &part, error))
    return false;
  work.index = index;
  work.distance = distance;
  part = tsr_progress_share (progress, &share, 0.6, 1, NULL);
  return place_all (&work, m, &part, error);
}
