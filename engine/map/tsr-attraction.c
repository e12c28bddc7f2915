#include "tsr-attraction.h"

#include "tsr-parallel.h"
#include "tsr-simd.h"

#include <math.h>

#define ROWS 128 /* a chunk */

struct TsrAttraction {
  size_t n;
  uint64_t *row; /* [n+1], in vectors of 16 */
  uint32_t *column;
  float *value; /* 0 in the padding */
  double entropy;
};

/* What the rows are laid out from. */
typedef struct {
  TsrAttraction *self;
  const TsrAffinities *p;
  const uint32_t *order, *place; /* [n]: the row at each place, and the reverse; or NULL */
  double *entropy;               /* [chunks] */
} Layout;

static void
lay_out_chunk (size_t begin, size_t end, unsigned worker, void *data)
{
  Layout *layout = data;
  TsrAttraction *self = layout->self;
  const TsrAffinities *p = layout->p;
  double entropy = 0;
  for (size_t i = begin; i < end; i++) {
    size_t row = layout->order ? layout->order[i] : i;
    uint64_t at = self->row[i] * TSR_LANES;
    for (uint64_t t = p->row[row]; t < p->row[row + 1]; t++, at++) {
      self->column[at] = layout->place ? layout->place[p->column[t]] : p->column[t];
      self->value[at] = p->value[t];
      if (p->value[t] > 0)
        entropy += p->value[t] * log (p->value[t]);
    }
    for (; at < self->row[i + 1] * TSR_LANES; at++) {
      self->column[at] = (uint32_t)i;
      self->value[at] = 0;
    }
  }
  layout->entropy[begin / ROWS] = entropy;
}

TsrAttraction *
tsr_attraction_new (const TsrAffinities *p, const uint32_t *order)
{
  TsrAttraction *self = g_new0 (TsrAttraction, 1);
  size_t n = p->n;
  self->n = n;
  self->row = g_new0 (uint64_t, n + 1);
  g_autofree uint32_t *place = order ? g_new (uint32_t, n) : NULL;
  for (size_t i = 0; i < n; i++) {
    size_t row = order ? order[i] : i;
    self->row[i + 1] = self->row[i] + (p->row[row + 1] - p->row[row] + TSR_LANES - 1) / TSR_LANES;
    if (order)
      place[row] = (uint32_t)i;
  }
  size_t total = self->row[n] * TSR_LANES, chunks = (n + ROWS - 1) / ROWS;
  self->column = g_new (uint32_t, total);
  self->value = g_new (float, total);
  g_autofree double *entropy = g_new0 (double, chunks + 1);
  Layout layout = {self, p, order, place, entropy};
  tsr_parallel_for (n, ROWS, lay_out_chunk, &layout);
  for (size_t c = 0; c < chunks; c++)
    self->entropy += entropy[c];
  return self;
}

void
tsr_attraction_free (TsrAttraction *self)
{
  if (!self)
    return;
  g_free (self->row);
  g_free (self->column);
  g_free (self->value);
  g_free (self);
}

size_t
tsr_attraction_rows (const TsrAttraction *self, const uint64_t **row, const uint32_t **column,
                     const float **value)
{
  *row = self->row;
  *column = self->column;
  *value = self->value;
  return self->n;
}

double
tsr_attraction_entropy (const TsrAttraction *self)
{
  return self->entropy;
}

typedef struct {
  const TsrAttraction *attraction;
  const float *y;
  float *force;
  double *logs; /* [chunks] or NULL */
} Run;

/* Natural logarithm of x >= 1 to about 1e-7: x = 2^e m with m in [sqrt(1/2), sqrt(2)), then 2
 * artanh ((m - 1) / (m + 1)). */
static inline float
fast_log (float x)
{
  uint32_t bits;
  memcpy (&bits, &x, sizeof bits);
  bits += 0x3f800000u - 0x3f3504f3u;
  float exponent = (float)((int32_t)(bits >> 23) - 127), m;
  bits = (bits & 0x007fffffu) + 0x3f3504f3u;
  memcpy (&m, &bits, sizeof m);
  float s = (m - 1) / (m + 1), s2 = s * s;
  return exponent * 0.693147181f +
         2 * s * (1 + s2 * (0.333333333f + s2 * (0.2f + s2 * (0.142857143f + s2 * 0.111111111f))));
}

typedef double D8 __attribute__ ((vector_size (64)));

/* The places of sixteen points. A point is fetched whole, as 64 bits, which is quicker than
 * gathering its coordinates one by one. */
static inline __attribute__ ((always_inline)) void
fetch (const uint32_t *column, const float *y, TsrF16 *x_out, TsrF16 *y_out)
{
  double point[TSR_LANES];
#pragma GCC unroll 16
  for (int l = 0; l < TSR_LANES; l++)
    memcpy (&point[l], y + 2 * (size_t)column[l], sizeof point[l]);
  D8 low = {point[0], point[1], point[2], point[3], point[4], point[5], point[6], point[7]};
  D8 high = {point[8], point[9], point[10], point[11], point[12], point[13], point[14], point[15]};
  TsrF16 a = (TsrF16)low, b = (TsrF16)high;
  *x_out =
      __builtin_shufflevector (a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  *y_out =
      __builtin_shufflevector (a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

TSR_CLONES static void
pull_row (const uint32_t *column, const float *value, size_t vectors, const float *y, float xi,
          float yi, float force[2])
{
  TsrF16 fx = {0}, fy = {0};
  for (size_t v = 0; v < vectors; v++, column += TSR_LANES, value += TSR_LANES) {
    TsrF16 dx, dy;
    fetch (column, y, &dx, &dy);
    dx = xi - dx;
    dy = yi - dy;
    TsrF16 pull = *(const TsrF16u *)value / (1.0f + dx * dx + dy * dy);
    fx += pull * dx;
    fy += pull * dy;
  }
  float sx[TSR_LANES], sy[TSR_LANES];
  memcpy (sx, &fx, sizeof sx);
  memcpy (sy, &fy, sizeof sy);
  for (int width = TSR_LANES / 2; width > 0; width /= 2)
    for (int l = 0; l < width; l++) {
      sx[l] += sx[l + width];
      sy[l] += sy[l + width];
    }
  force[0] = sx[0];
  force[1] = sy[0];
}

TSR_CLONES static double
log_row (const uint32_t *column, const float *value, size_t vectors, const float *y, float xi,
         float yi)
{
  float lane[TSR_LANES] = {0};
  for (size_t v = 0; v < vectors; v++, column += TSR_LANES, value += TSR_LANES)
    for (int l = 0; l < TSR_LANES; l++) {
      float dx = xi - y[2 * (size_t)column[l]], dy = yi - y[2 * (size_t)column[l] + 1];
      lane[l] += value[l] * fast_log (1 + dx * dx + dy * dy);
    }
  double sum = 0;
  for (int l = 0; l < TSR_LANES; l++)
    sum += lane[l];
  return sum;
}

static void
pull_chunk (size_t begin, size_t end, unsigned worker, void *data)
{
  Run *run = data;
  const TsrAttraction *self = run->attraction;
  double logs = 0;
  for (size_t i = begin; i < end; i++) {
    uint64_t at = self->row[i] * TSR_LANES;
    size_t vectors = self->row[i + 1] - self->row[i];
    pull_row (self->column + at, self->value + at, vectors, run->y, run->y[2 * i],
              run->y[2 * i + 1], run->force + 2 * i);
    if (run->logs)
      logs += log_row (self->column + at, self->value + at, vectors, run->y, run->y[2 * i],
                       run->y[2 * i + 1]);
  }
  if (run->logs)
    run->logs[begin / ROWS] = logs;
}

void
tsr_attraction_run (const TsrAttraction *self, const float *y, float *force, double *log_sum)
{
  size_t chunks = (self->n + ROWS - 1) / ROWS;
  g_autofree double *logs = log_sum ? g_new (double, chunks) : NULL;
  Run run = {self, y, force, logs};
  tsr_parallel_for (self->n, ROWS, pull_chunk, &run);
  if (!log_sum)
    return;
  *log_sum = 0;
  for (size_t c = 0; c < chunks; c++)
    *log_sum += logs[c];
}
