#include "tsr-umap-private.h"

#include "tsr-parallel.h"
#include "tsr-random.h"

#include <math.h>

#define CLIP   4.0f   /* longest move along an axis at a rate of 1 */
#define NEAR   0.001f /* added to a squared distance that pushes */
#define LEAST  1e-12f /* of a squared distance */
#define BLOCKS 4      /* of sixteen points: a chunk */
#define STREAM 0x75a90000ull

struct TsrUmapDescent {
  size_t n;
  TsrUmapCurve curve;
  uint64_t seed;
  uint64_t *row;    /* [n+1] */
  uint32_t *column; /* places */
  uint32_t *step;   /* membership's part of the largest, of 2^32 */
  size_t longest;   /* row */
  uint32_t **drawn; /* [workers][longest,16] neighbours of a block's points */
  float *next;      /* [n / groups + 1, 2] */
};

/* --- forces --- */

static inline __attribute__ ((always_inline)) TsrF16
choose (TsrI16 mask, TsrF16 yes, TsrF16 no)
{
  return (TsrF16)((mask & (TsrI16)yes) | (~mask & (TsrI16)no));
}

static inline __attribute__ ((always_inline)) TsrF16
hold (TsrF16 value, float limit)
{
  TsrF16 most = (TsrF16){0} + limit;
  value = choose (value > most, most, value);
  return choose (value < -most, -most, value);
}

/* x^b, x > 0, to about 1e-6: 2^(b log2 x), both by series about 1. */
static inline __attribute__ ((always_inline)) TsrF16
power (TsrF16 x, float b)
{
  TsrU16 bits = (TsrU16)x + (0x3f800000u - 0x3f3504f3u);
  TsrF16 exponent = __builtin_convertvector((TsrI16)(bits >> 23) - 127, TsrF16);
  TsrF16 m = (TsrF16)((bits & 0x007fffffu) + 0x3f3504f3u); /* in [sqrt (1/2), sqrt (2)) */
  TsrF16 s = (m - 1.0f) / (m + 1.0f), s2 = s * s;
  TsrF16 series =
      1.0f + s2 * (0.333333333f + s2 * (0.2f + s2 * (0.142857143f + s2 * 0.111111111f)));
  TsrF16 t = hold (b * (exponent + 2.885390082f * s * series), 120);
  TsrF16 shifted = t + 12582912.0f, whole = shifted - 12582912.0f, r = t - whole;
  TsrF16 part =
      1.0f + r * (0.693147181f +
                  r * (0.240226507f +
                       r * (0.0555041087f +
                            r * (0.00961812911f + r * (0.00133335581f + r * 0.000154035304f)))));
  return (TsrF16)((TsrU16)part + ((TsrU16)shifted << 23)); /* the lowest bits of shifted are t's */
}

static inline __attribute__ ((always_inline)) void
pull (TsrUmapCurve curve, TsrF16 dx, TsrF16 dy, TsrF16 *x, TsrF16 *y)
{
  TsrF16 squared = dx * dx + dy * dy;
  squared = choose (squared < LEAST, (TsrF16){0} + LEAST, squared);
  TsrF16 t = power (squared, (float)curve.b);
  TsrF16 factor = (float)(-2 * curve.a * curve.b) * t / (squared * (1.0f + (float)curve.a * t));
  *x = hold (factor * dx, CLIP);
  *y = hold (factor * dy, CLIP);
}

static inline __attribute__ ((always_inline)) void
push (TsrUmapCurve curve, TsrF16 dx, TsrF16 dy, TsrF16 *x, TsrF16 *y)
{
  TsrF16 squared = dx * dx + dy * dy;
  squared = choose (squared < LEAST, (TsrF16){0} + LEAST, squared);
  TsrF16 t = power (squared, (float)curve.b);
  TsrF16 factor = (float)(2 * curve.b) / ((NEAR + squared) * (1.0f + (float)curve.a * t));
  *x = hold (factor * dx, CLIP);
  *y = hold (factor * dy, CLIP);
}

TSR_CLONES void
tsr_umap_forces (const TsrUmapCurve *curve, const float dx[TSR_LANES], const float dy[TSR_LANES],
                 float pulled[2][TSR_LANES], float pushed[2][TSR_LANES])
{
  TsrF16 x = *(const TsrF16u *)dx, y = *(const TsrF16u *)dy, move[4];
  pull (*curve, x, y, &move[0], &move[1]);
  push (*curve, x, y, &move[2], &move[3]);
  for (int a = 0; a < 2; a++) {
    memcpy (pulled[a], &move[a], sizeof move[a]);
    memcpy (pushed[a], &move[2 + a], sizeof move[a]);
  }
}

/* --- what is drawn --- */

static inline uint32_t
phase_of (uint32_t i, uint32_t j)
{
  uint32_t mixed = (i + j) * 0x9e3779b1u ^ (i ^ j) * 0x85ebca77u;
  mixed = (mixed ^ mixed >> 15) * 0x2c1b3c6du;
  return mixed ^ mixed >> 13;
}

bool
tsr_umap_drawn (uint32_t i, uint32_t j, uint32_t step, unsigned epoch)
{
  return phase_of (i, j) + (epoch + 1) * step < step;
}

uint32_t
tsr_umap_negative (uint64_t seed, unsigned epoch, uint32_t i, uint32_t t, size_t n)
{
  uint32_t word[4];
  tsr_philox (seed, STREAM << 32 | epoch, (uint64_t)(t / 4) << 32 | i, word);
  return (uint32_t)((uint64_t)word[t % 4] * n >> 32);
}

/* tsr_philox for sixteen counters (low [16], high), words [4][16]. */
static inline __attribute__ ((always_inline)) void
philox_lanes (uint64_t seed, uint64_t stream, const uint32_t low[TSR_LANES], uint32_t high,
              uint32_t word[4][TSR_LANES])
{
  uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
  for (int l = 0; l < TSR_LANES; l++) {
    word[0][l] = low[l];
    word[1][l] = high;
    word[2][l] = (uint32_t)stream;
    word[3][l] = (uint32_t)(stream >> 32);
  }
  for (int round = 0; round < 10; round++) {
    for (int l = 0; l < TSR_LANES; l++) {
      uint64_t p0 = (uint64_t)0xD2511F53u * word[0][l], p1 = (uint64_t)0xCD9E8D57u * word[2][l];
      word[0][l] = (uint32_t)(p1 >> 32) ^ word[1][l] ^ key0;
      word[2][l] = (uint32_t)(p0 >> 32) ^ word[3][l] ^ key1;
      word[1][l] = (uint32_t)p1;
      word[3][l] = (uint32_t)p0;
    }
    key0 += 0x9E3779B9u, key1 += 0xBB67AE85u;
  }
}

/* --- an epoch --- */

typedef struct {
  const TsrUmapDescent *self;
  const float *y;
  size_t group, count; /* which, and how many points it has */
  unsigned epoch;
  float rate;
} Turn;

/* Sixteen points of a group, fewer at its end. */
typedef struct {
  uint32_t at[TSR_LANES];    /* places; of lanes without a point the last one's */
  uint32_t drawn[TSR_LANES]; /* how many neighbours, 0 of lanes without a point */
  uint32_t most;
  uint32_t *list; /* [most,16] */
} Block;

static void
draw_neighbours (const Turn *turn, size_t first, Block *block)
{
  const TsrUmapDescent *self = turn->self;
  block->most = 0;
  for (size_t l = 0; l < TSR_LANES; l++) {
    size_t m = MIN (first + l, turn->count - 1), i = turn->group + m * TSR_UMAP_GROUPS;
    uint32_t drawn = 0;
    block->at[l] = (uint32_t)i;
    for (uint64_t e = self->row[i]; e < self->row[i + 1] && first + l < turn->count; e++) {
      block->list[(size_t)drawn * TSR_LANES + l] = self->column[e];
      drawn += tsr_umap_drawn ((uint32_t)i, self->column[e], self->step[e], turn->epoch);
    }
    block->drawn[l] = drawn;
    block->most = MAX (block->most, drawn);
  }
  for (size_t l = 0; l < TSR_LANES; l++) /* from itself nothing moves a point */
    for (uint32_t s = block->drawn[l]; s < block->most; s++)
      block->list[(size_t)s * TSR_LANES + l] = block->at[l];
}

static inline __attribute__ ((always_inline)) void
fetch (const float *y, const uint32_t *place, TsrF16 *px, TsrF16 *py)
{
  float x_out[TSR_LANES], y_out[TSR_LANES];
  for (int l = 0; l < TSR_LANES; l++) {
    x_out[l] = y[2 * (size_t)place[l]];
    y_out[l] = y[2 * (size_t)place[l] + 1];
  }
  memcpy (px, x_out, sizeof *px);
  memcpy (py, y_out, sizeof *py);
}

/* Moves the block's points; where they come to lie goes to out [16,2]. */
TSR_CLONES static void
move_block (const Turn *turn, const Block *block, float *out)
{
  const TsrUmapDescent *self = turn->self;
  TsrUmapCurve curve = self->curve;
  const float *y = turn->y;
  TsrF16 px, py, qx, qy, mx, my;
  uint32_t word[4][TSR_LANES], place[TSR_LANES], t = 0;
  fetch (y, block->at, &px, &py);
  for (uint32_t s = 0; s < block->most; s++) {
    TsrF16 rate;
    for (int l = 0; l < TSR_LANES; l++)
      rate[l] = s < block->drawn[l] ? turn->rate : 0;
    fetch (y, block->list + (size_t)s * TSR_LANES, &qx, &qy);
    pull (curve, px - qx, py - qy, &mx, &my);
    px += rate * mx;
    py += rate * my;
    for (int k = 0; k < TSR_UMAP_NEGATIVES; k++, t++) {
      TsrF16 nx, ny, away;
      if (t % 4 == 0)
        philox_lanes (self->seed, STREAM << 32 | turn->epoch, block->at, t / 4, word);
      for (int l = 0; l < TSR_LANES; l++) {
        place[l] = (uint32_t)((uint64_t)word[t % 4][l] * self->n >> 32);
        away[l] = place[l] != block->at[l] ? rate[l] : 0;
      }
      fetch (y, place, &nx, &ny);
      push (curve, px - nx, py - ny, &mx, &my);
      px += away * mx;
      py += away * my;
    }
    pull (curve, px - qx, py - qy, &mx, &my);
    px += rate * mx;
    py += rate * my;
  }
  for (int l = 0; l < TSR_LANES; l++) {
    out[2 * l] = px[l];
    out[2 * l + 1] = py[l];
  }
}

static void
move_blocks (size_t begin, size_t end, unsigned worker, void *data)
{
  const Turn *turn = data;
  Block block = {.list = turn->self->drawn[worker]};
  float out[2 * TSR_LANES];
  for (size_t b = begin; b < end; b++) {
    size_t first = b * TSR_LANES, points = MIN (TSR_LANES, turn->count - first);
    draw_neighbours (turn, first, &block);
    move_block (turn, &block, out);
    memcpy (turn->self->next + 2 * first, out, 2 * points * sizeof *out);
  }
}

void
tsr_umap_descend (TsrUmapDescent *self, float *y, unsigned epoch, float rate)
{
  for (size_t g = 0; g < MIN (TSR_UMAP_GROUPS, self->n); g++) {
    size_t count = (self->n - g + TSR_UMAP_GROUPS - 1) / TSR_UMAP_GROUPS;
    Turn turn = {self, y, g, count, epoch, rate};
    tsr_parallel_for ((count + TSR_LANES - 1) / TSR_LANES, BLOCKS, move_blocks, &turn);
    for (size_t m = 0; m < count; m++)
      memcpy (y + 2 * (g + m * TSR_UMAP_GROUPS), self->next + 2 * m, 2 * sizeof *y);
  }
}

/* --- laying out --- */

TsrUmapDescent *
tsr_umap_descent_new (const TsrAffinities *graph, const uint32_t *order, const TsrUmapCurve *curve,
                      uint64_t seed)
{
  size_t n = graph->n;
  TsrUmapDescent *self = g_new0 (TsrUmapDescent, 1);
  *self = (TsrUmapDescent){.n = n, .curve = *curve, .seed = seed};
  self->row = g_new0 (uint64_t, n + 1);
  self->column = g_new (uint32_t, graph->nnz + 1);
  self->step = g_new (uint32_t, graph->nnz + 1);
  self->next = g_new (float, 2 * (n / TSR_UMAP_GROUPS + 1));
  g_autofree uint32_t *place = order ? g_new (uint32_t, n) : NULL;
  float largest = 0;
  for (uint64_t t = 0; t < graph->nnz; t++)
    largest = fmaxf (largest, graph->value[t]);
  for (size_t i = 0; order && i < n; i++)
    place[order[i]] = (uint32_t)i;
  for (size_t i = 0; i < n; i++) {
    size_t row = order ? order[i] : i;
    uint64_t at = self->row[i];
    for (uint64_t t = graph->row[row]; t < graph->row[row + 1]; t++, at++) {
      self->column[at] = place ? place[graph->column[t]] : graph->column[t];
      self->step[at] = (uint32_t)fmin ((double)graph->value[t] / largest * 0x1p32, 0xffffffffu);
    }
    self->row[i + 1] = at;
    self->longest = MAX (self->longest, at - self->row[i]);
  }
  self->drawn = g_new (uint32_t *, tsr_parallel_workers ());
  for (unsigned w = 0; w < tsr_parallel_workers (); w++)
    self->drawn[w] = g_new (uint32_t, (self->longest + 1) * TSR_LANES);
  return self;
}

void
tsr_umap_descent_free (TsrUmapDescent *self)
{
  if (!self)
    return;
  for (unsigned w = 0; w < tsr_parallel_workers (); w++)
    g_free (self->drawn[w]);
  g_free (self->drawn);
  g_free (self->row);
  g_free (self->column);
  g_free (self->step);
  g_free (self->next);
  g_free (self);
}
