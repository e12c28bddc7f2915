#include "tsr-blend.h"

#include "tsr-parallel.h"

#include <glib.h>
#include <math.h>
#include <string.h>

/* The nearest so far, nearest first; of equally near ones the lower number. */
typedef struct {
  size_t n;
  double squared[TSR_BLEND_MOST + 1];
  uint32_t row[TSR_BLEND_MOST + 1];
} Nearest;

/* Rows come in ascending order, so that an equal distance goes behind. */
static void
offer (Nearest *nearest, size_t keep, double squared, uint32_t row)
{
  if (nearest->n == keep && !(squared < nearest->squared[keep - 1]))
    return;
  size_t at = nearest->n < keep ? nearest->n++ : keep - 1;
  for (; at > 0 && squared < nearest->squared[at - 1]; at--) {
    nearest->squared[at] = nearest->squared[at - 1];
    nearest->row[at] = nearest->row[at - 1];
  }
  nearest->squared[at] = squared;
  nearest->row[at] = row;
}

/* (R - r) / (R r), squared; lies is set where a tile lies at the place itself. */
static double
weigh (double squared, double beyond, bool *lies)
{
  double r = sqrt (squared);
  *lies = r == 0;
  if (r == 0 || !(r < beyond))
    return 0;
  double root = isfinite (beyond) ? (beyond - r) / (beyond * r) : 1 / r;
  return root * root;
}

static void
weigh_all (const Nearest *nearest, size_t k, TsrBlend *blend)
{
  double beyond = nearest->n > k ? sqrt (nearest->squared[k]) : INFINITY, sum = 0;
  size_t lying = 0;
  blend->n = (uint32_t)MIN (nearest->n, k);
  for (uint32_t i = 0; i < blend->n; i++) {
    bool lies;
    blend->tile[i] = nearest->row[i];
    sum += blend->weight[i] = weigh (nearest->squared[i], beyond, &lies);
    lying += lies;
  }
  for (uint32_t i = 0; i < blend->n; i++)
    if (lying > 0) /* a place of its own, or shared by those that lie there */
      blend->weight[i] = i < lying ? 1.0 / (double)lying : 0;
    else if (sum > 0 && isfinite (sum))
      blend->weight[i] /= sum;
    else /* all on one circle */
      blend->weight[i] = 1.0 / blend->n;
}

bool
tsr_blend_at (const float *map, const float *w, size_t n, size_t d, const float place[2], size_t k,
              TsrBlend *blend)
{
  Nearest nearest = {0};
  g_assert (k > 0 && k <= TSR_BLEND_MOST);
  blend->n = 0;
  if (!isfinite (place[0]) || !isfinite (place[1]))
    return false;
  for (size_t i = 0; i < n; i++) {
    double x = (double)map[2 * i] - place[0], y = (double)map[2 * i + 1] - place[1],
           squared = x * x + y * y;
    /* Rows of w are far apart in memory: only those are looked at that would count. */
    if (squared < (nearest.n > k ? nearest.squared[k] : INFINITY) && !isnan (w[i * d]))
      offer (&nearest, k + 1, squared, (uint32_t)i);
  }
  weigh_all (&nearest, k, blend);
  return blend->n > 0;
}

void
tsr_blend_vectors (const TsrBlend *blend, const float *w, size_t d, float *out)
{
  for (size_t j = 0; j < d; j++) {
    double sum = 0;
    for (uint32_t i = 0; i < blend->n; i++)
      sum += blend->weight[i] * (double)w[(size_t)blend->tile[i] * d + j];
    out[j] = (float)sum;
  }
}

/* ---- nearest in W ---- */

enum { GRAIN = 4096 };

typedef struct {
  const float *w, *x;
  size_t d, k;
  Nearest *of; /* by chunk */
} Search;

static void
search_cb (size_t begin, size_t end, unsigned worker, void *data)
{
  const Search *search = data;
  for (size_t i = begin; i < end; i++) {
    const float *row = search->w + i * search->d;
    float sum = 0;
    if (isnan (row[0]))
      continue;
    for (size_t j = 0; j < search->d; j++) {
      float difference = row[j] - search->x[j];
      sum += difference * difference;
    }
    if (isfinite (sum))
      offer (&search->of[begin / GRAIN], search->k, (double)sum, (uint32_t)i);
  }
}

size_t
tsr_blend_nearest (const float *w, size_t n, size_t d, const float *x, size_t k, uint32_t *tile)
{
  g_assert (k > 0 && k <= TSR_BLEND_MOST);
  size_t chunks = (n + GRAIN - 1) / GRAIN;
  g_autofree Nearest *of = g_new0 (Nearest, MAX (chunks, 1));
  Search search = {w, x, d, k, of};
  Nearest best = {0};
  tsr_parallel_for (n, GRAIN, search_cb, &search);
  for (size_t c = 0; c < chunks; c++)
    for (size_t i = 0; i < of[c].n; i++)
      offer (&best, k, of[c].squared[i], of[c].row[i]);
  memcpy (tile, best.row, best.n * sizeof *tile);
  return best.n;
}
