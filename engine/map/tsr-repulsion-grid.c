#include "tsr-repulsion.h"

#include "tsr-fft.h"
#include "tsr-parallel.h"
#include "tsr-repulsion-place.h"
#include "tsr-simd.h"

#include <glib.h>
#include <math.h>
#include <stdbool.h>

#define BAND  8    /* rows of nodes that one task spreads onto; more than a spline's 6 */
#define CHUNK 4096 /* points of one task */

/* Six weights and two zeros. */
typedef float F8 __attribute__ ((vector_size (32)));
typedef float F8u __attribute__ ((vector_size (32), aligned (4), may_alias));

struct TsrRepulsion {
  size_t n;
  double fixed_step;       /* 0: chosen by the map's size */
  TsrRepulsionPlace place; /* of the grid; transformed at twice its length, half of it empty */
  TsrFft *fft[2];
  size_t k_blocks; /* ceil ((nodes[1] + 1) / 16): blocks of 16 frequencies along y */
  float *grid;     /* [nodes[1]][nodes[0]]: charges, then potentials */
  TsrF16 *re, *im; /* [k_blocks][nodes[0]]: transformed along y, 16 frequencies in the lanes */
  TsrF16
      *kernel; /* [k_blocks][2 nodes[0]]: transformed kernel (real) over the splines' transforms */
  TsrF16 *scratch; /* [workers][scratch_length] */
  size_t scratch_length;
  /* points by bands of rows, in a fixed order */
  size_t bands;
  uint32_t *order;   /* [n] */
  uint32_t *band_of; /* [n] */
  uint32_t *counts;  /* [chunks][bands] */
  uint32_t *start;   /* [bands + 1] */
  size_t parity;     /* of the bands being spread */
  const float *y;
  float *force;
  double *z;     /* [chunks] */
  float *bounds; /* [chunks][4] */
};

TsrRepulsion *
tsr_repulsion_new (size_t n, double step)
{
  TsrRepulsion *self = g_new0 (TsrRepulsion, 1);
  size_t chunks = (n + CHUNK - 1) / CHUNK + 1;
  self->n = n;
  self->fixed_step = step;
  self->order = g_new (uint32_t, n);
  self->band_of = g_new (uint32_t, n);
  self->z = g_new0 (double, chunks);
  self->bounds = g_new (float, chunks * 4);
  return self;
}

static void
free_grid (TsrRepulsion *self)
{
  for (int a = 0; a < 2; a++)
    g_clear_pointer (&self->fft[a], tsr_fft_free);
  g_clear_pointer (&self->grid, g_free);
  g_clear_pointer (&self->start, g_free);
  g_clear_pointer (&self->counts, g_free);
  g_clear_pointer (&self->re, g_aligned_free);
  g_clear_pointer (&self->im, g_aligned_free);
  g_clear_pointer (&self->kernel, g_aligned_free);
  g_clear_pointer (&self->scratch, g_aligned_free);
}

void
tsr_repulsion_free (TsrRepulsion *self)
{
  if (!self)
    return;
  free_grid (self);
  g_free (self->order);
  g_free (self->band_of);
  g_free (self->z);
  g_free (self->bounds);
  g_free (self);
}

static TsrF16 *
vectors_new (size_t n)
{
  return g_aligned_alloc0 (n, sizeof (TsrF16), 64);
}

static void
make_grid (TsrRepulsion *self)
{
  free_grid (self);
  size_t nodes_x = self->place.nodes[0], nodes_y = self->place.nodes[1];
  for (int a = 0; a < 2; a++)
    self->fft[a] = tsr_fft_new (2 * self->place.nodes[a]);
  self->k_blocks = (nodes_y + TSR_LANES) / TSR_LANES;
  self->grid = g_new (float, nodes_x *nodes_y);
  self->re = vectors_new (self->k_blocks * nodes_x);
  self->im = vectors_new (self->k_blocks * nodes_x);
  self->kernel = tsr_repulsion_kernel_new (&self->place, self->fft);
  self->scratch_length = 4 * 2 * MAX (nodes_x, nodes_y);
  self->scratch = vectors_new (self->scratch_length * tsr_parallel_workers ());
  self->bands = (nodes_y + BAND - 1) / BAND;
  self->start = g_new (uint32_t, self->bands + 1);
  self->counts = g_new (uint32_t, ((self->n + CHUNK - 1) / CHUNK) * self->bands + 1);
}

/* --- placing the grid --- */

static void
bound_chunk (size_t begin, size_t end, unsigned worker, void *data)
{
  TsrRepulsion *self = data;
  float *b = self->bounds + begin / CHUNK * 4;
  b[0] = b[2] = INFINITY;
  b[1] = b[3] = -INFINITY;
  for (size_t i = begin; i < end; i++)
    for (int a = 0; a < 2; a++) {
      float v = self->y[2 * i + a];
      b[2 * a] = v < b[2 * a] ? v : b[2 * a];
      b[2 * a + 1] = v > b[2 * a + 1] ? v : b[2 * a + 1];
    }
}

/* Makes the grid cover the map. */
static void
place_grid (TsrRepulsion *self)
{
  tsr_parallel_for (self->n, CHUNK, bound_chunk, self);
  float b[4] = {INFINITY, -INFINITY, INFINITY, -INFINITY};
  for (size_t c = 0; c * CHUNK < self->n; c++)
    for (int a = 0; a < 2; a++) {
      b[2 * a] = fminf (b[2 * a], self->bounds[4 * c + 2 * a]);
      b[2 * a + 1] = fmaxf (b[2 * a + 1], self->bounds[4 * c + 2 * a + 1]);
    }
  if (!tsr_repulsion_place (&self->place, self->n, self->fixed_step, b))
    make_grid (self);
}

/* --- spreading and interpolating --- */

/* The node before the point and the position between it and the next, along one axis. */
static inline size_t
locate (const TsrRepulsion *self, float value, int axis, float *t)
{
  double u = ((double)value - self->place.origin[axis]) / self->place.step;
  size_t node = (size_t)u;
  *t = (float)(u - (double)node);
  return node;
}

/* The quintic B-spline at distances 0 to 1, 1 to 2 (2 - u) and 2 to 3 (3 - u), and the sizes of its
 * slopes there. */
static inline float
spline_near (float t)
{
  float t2 = t * t;
  return 0.55f - t2 * (0.5f - t2 * (0.25f - t * (1 / 12.0f)));
}

static inline float
spline_middle (float u)
{
  return (1 + u * (5 + u * (10 + u * (10 + u * (5 - 5 * u))))) * (1 / 120.0f);
}

static inline float
slope_near (float t)
{
  float t2 = t * t;
  return t * (1 - t2 * (1 - t * (5 / 12.0f)));
}

static inline float
slope_middle (float u)
{
  return (1 + u * (4 + u * (6 + u * (4 - 5 * u)))) * (1 / 24.0f);
}

/* The weights of nodes -2 to 3 around a point at t in [0, 1) between nodes 0 and 1. */
static inline F8
spline (float t)
{
  float s = 1 - t, t2 = t * t, s2 = s * s;
  return (F8){
      s2 * s2 * s * (1 / 120.0f), spline_middle (s),         spline_near (t), spline_near (s),
      spline_middle (t),          t2 * t2 * t * (1 / 120.0f)};
}

/* Their derivatives by t. */
static inline F8
spline_slope (float t)
{
  float s = 1 - t, t2 = t * t, s2 = s * s;
  return (F8){-s2 * s2 * (1 / 24.0f), -slope_middle (s), -slope_near (t),
              slope_near (s),         slope_middle (t),  t2 * t2 * (1 / 24.0f)};
}

static inline float
sum_of (F8 v)
{
  return ((v[0] + v[1]) + (v[2] + v[3])) + (v[4] + v[5]);
}

static void
count_bands (size_t begin, size_t end, unsigned worker, void *data)
{
  TsrRepulsion *self = data;
  uint32_t *counts = self->counts + begin / CHUNK * self->bands;
  memset (counts, 0, self->bands * sizeof *counts);
  float t;
  for (size_t i = begin; i < end; i++)
    counts[self->band_of[i] = (uint32_t)(locate (self, self->y[2 * i + 1], 1, &t) / BAND)]++;
}

static void
fill_bands (size_t begin, size_t end, unsigned worker, void *data)
{
  TsrRepulsion *self = data;
  uint32_t *next = self->counts + begin / CHUNK * self->bands;
  for (size_t i = begin; i < end; i++)
    self->order[next[self->band_of[i]]++] = (uint32_t)i;
}

/* Sorts the points by bands, within a band by index. */
static void
sort_by_band (TsrRepulsion *self)
{
  tsr_parallel_for (self->n, CHUNK, count_bands, self);
  size_t chunks = (self->n + CHUNK - 1) / CHUNK;
  uint32_t sum = 0;
  for (size_t b = 0; b < self->bands; b++) {
    self->start[b] = sum;
    for (size_t c = 0; c < chunks; c++) {
      uint32_t count = self->counts[c * self->bands + b];
      self->counts[c * self->bands + b] = sum;
      sum += count;
    }
  }
  self->start[self->bands] = sum;
  tsr_parallel_for (self->n, CHUNK, fill_bands, self);
}

TSR_CLONES static void
spread_points (TsrRepulsion *self, uint32_t begin, uint32_t end)
{
  size_t width = self->place.nodes[0];
  for (uint32_t o = begin; o < end; o++) {
    size_t i = self->order[o];
    float tx, ty;
    size_t x = locate (self, self->y[2 * i], 0, &tx), y = locate (self, self->y[2 * i + 1], 1, &ty);
    F8 wx = spline (tx), wy = spline (ty);
    float *node = self->grid + (y - 2) * width + x - 2;
    for (int r = 0; r < 6; r++, node += width)
      *(F8u *)node += wy[r] * wx;
  }
}

static void
spread_band (size_t begin, size_t end, unsigned worker, void *data)
{
  TsrRepulsion *self = data;
  for (size_t pair = begin; pair < end; pair++) {
    size_t band = 2 * pair + self->parity;
    spread_points (self, self->start[band], self->start[band + 1]);
  }
}

/* Interpolates the points of a chunk; returns the sum of their potentials, each without the point's
 * own. */
TSR_CLONES static double
interpolate_points (TsrRepulsion *self, size_t begin, size_t end)
{
  size_t width = self->place.nodes[0];
  float factor = (float)(-0.5 / self->place.step);
  double z = 0;
  for (size_t o = begin; o < end; o++) {
    size_t i = self->order[o];
    float tx, ty;
    size_t x = locate (self, self->y[2 * i], 0, &tx), y = locate (self, self->y[2 * i + 1], 1, &ty);
    F8 wx = spline (tx), wy = spline (ty), sx = spline_slope (tx), sy = spline_slope (ty);
    F8 along = {0}, across = {0}; /* rows combined by the spline in y, and by its slope */
    const float *node = self->grid + (y - 2) * width + x - 2;
    for (int r = 0; r < 6; r++, node += width) {
      F8 values = *(const F8u *)node;
      along += wy[r] * values;
      across += sy[r] * values;
    }
    z += (double)sum_of (along * wx) - 1;
    self->force[2 * i] = factor * sum_of (along * sx);
    self->force[2 * i + 1] = factor * sum_of (across * wx);
  }
  return z;
}

static void
interpolate_chunk (size_t begin, size_t end, unsigned worker, void *data)
{
  TsrRepulsion *self = data;
  self->z[begin / CHUNK] = interpolate_points (self, begin, end);
}

/* --- the convolution --- */

/* Transposes 16 vectors of 16 lanes, rows stride_in and stride_out vectors apart. */
TSR_CLONES static void
transpose (const TsrF16 *in, size_t stride_in, TsrF16 *out, size_t stride_out)
{
  for (size_t r = 0; r < TSR_LANES; r++)
    for (size_t c = 0; c < TSR_LANES; c++)
      ((float *)(out + c * stride_out))[r] = ((const float *)(in + r * stride_in))[c];
}

/* 32 columns of charges as 16 complex sequences (column l and column 16 + l), transformed along y,
 * separated by symmetry, and stored with the frequencies in the lanes. */
TSR_CLONES static void
forward_columns (TsrRepulsion *self, size_t block, TsrF16 *re)
{
  size_t length = 2 * self->place.nodes[1], half = self->place.nodes[1],
         width = self->place.nodes[0];
  TsrF16 *im = re + length, a_re[TSR_LANES], a_im[TSR_LANES], b_re[TSR_LANES], b_im[TSR_LANES];
  for (size_t y = 0; y < half; y++) {
    const float *row = self->grid + y * width + block * 2 * TSR_LANES;
    re[y] = *(const TsrF16u *)row;
    im[y] = *(const TsrF16u *)(row + TSR_LANES);
  }
  memset (re + half, 0, half * sizeof *re);
  memset (im + half, 0, half * sizeof *im);
  tsr_fft_run (self->fft[1], re, im, im + length);
  for (size_t kb = 0; kb < self->k_blocks; kb++) {
    for (size_t l = 0; l < TSR_LANES; l++) {
      size_t k = MIN (kb * TSR_LANES + l, half), mirror = (length - k) % length;
      a_re[l] = 0.5f * (re[k] + re[mirror]);
      a_im[l] = 0.5f * (im[k] - im[mirror]);
      b_re[l] = 0.5f * (im[k] + im[mirror]);
      b_im[l] = 0.5f * (re[mirror] - re[k]);
    }
    size_t at = kb * width + block * 2 * TSR_LANES;
    transpose (a_re, 1, self->re + at, 1);
    transpose (a_im, 1, self->im + at, 1);
    transpose (b_re, 1, self->re + at + TSR_LANES, 1);
    transpose (b_im, 1, self->im + at + TSR_LANES, 1);
  }
}

/* One block of frequencies: forward along x, times the kernel, and back. */
TSR_CLONES static void
convolve_rows (TsrRepulsion *self, size_t block, TsrF16 *re)
{
  size_t length = 2 * self->place.nodes[0], half = self->place.nodes[0];
  TsrF16 *im = re + length;
  const TsrF16 *kernel = self->kernel + block * length;
  memcpy (re, self->re + block * half, half * sizeof *re);
  memcpy (im, self->im + block * half, half * sizeof *im);
  memset (re + half, 0, half * sizeof *re);
  memset (im + half, 0, half * sizeof *im);
  tsr_fft_run (self->fft[0], re, im, im + length);
  for (size_t x = 0; x < length; x++) {
    re[x] *= kernel[x];
    im[x] *= kernel[x];
  }
  tsr_fft_run (self->fft[0], im, re, im + length);
  memcpy (self->re + block * half, re, half * sizeof *re);
  memcpy (self->im + block * half, im, half * sizeof *im);
}

/* The inverse of forward_columns; potentials replace the charges. */
TSR_CLONES static void
inverse_columns (TsrRepulsion *self, size_t block, TsrF16 *re)
{
  size_t length = 2 * self->place.nodes[1], half = self->place.nodes[1],
         width = self->place.nodes[0];
  TsrF16 *im = re + length, a_re[TSR_LANES], a_im[TSR_LANES], b_re[TSR_LANES], b_im[TSR_LANES];
  for (size_t kb = 0; kb < self->k_blocks; kb++) {
    size_t at = kb * width + block * 2 * TSR_LANES;
    transpose (self->re + at, 1, a_re, 1);
    transpose (self->im + at, 1, a_im, 1);
    transpose (self->re + at + TSR_LANES, 1, b_re, 1);
    transpose (self->im + at + TSR_LANES, 1, b_im, 1);
    for (size_t l = 0; l < TSR_LANES && kb * TSR_LANES + l <= half; l++) {
      size_t k = kb * TSR_LANES + l, mirror = (length - k) % length;
      re[mirror] = a_re[l] + b_im[l];
      im[mirror] = b_re[l] - a_im[l];
      re[k] = a_re[l] - b_im[l];
      im[k] = a_im[l] + b_re[l];
    }
  }
  tsr_fft_run (self->fft[1], im, re, im + length);
  for (size_t y = 0; y < half; y++) {
    float *row = self->grid + y * width + block * 2 * TSR_LANES;
    *(TsrF16u *)row = re[y];
    *(TsrF16u *)(row + TSR_LANES) = im[y];
  }
}

static void
forward_body (size_t begin, size_t end, unsigned worker, void *data)
{
  TsrRepulsion *self = data;
  for (size_t b = begin; b < end; b++)
    forward_columns (self, b, self->scratch + worker * self->scratch_length);
}

static void
convolve_body (size_t begin, size_t end, unsigned worker, void *data)
{
  TsrRepulsion *self = data;
  for (size_t b = begin; b < end; b++)
    convolve_rows (self, b, self->scratch + worker * self->scratch_length);
}

static void
inverse_body (size_t begin, size_t end, unsigned worker, void *data)
{
  TsrRepulsion *self = data;
  for (size_t b = begin; b < end; b++)
    inverse_columns (self, b, self->scratch + worker * self->scratch_length);
}

double
tsr_repulsion_interpolated (TsrRepulsion *self, const float *y, float *force)
{
  self->y = y;
  self->force = force;
  place_grid (self);
  sort_by_band (self);
  memset (self->grid, 0, self->place.nodes[0] * self->place.nodes[1] * sizeof *self->grid);
  for (self->parity = 0; self->parity < 2;
       self->parity++) /* neighbouring bands share rows, so alternate */
    tsr_parallel_for ((self->bands + 1 - self->parity) / 2, 1, spread_band, self);
  tsr_parallel_for (self->place.nodes[0] / (2 * TSR_LANES), 1, forward_body, self);
  tsr_parallel_for (self->k_blocks, 1, convolve_body, self);
  tsr_parallel_for (self->place.nodes[0] / (2 * TSR_LANES), 1, inverse_body, self);
  tsr_parallel_for (self->n, CHUNK, interpolate_chunk, self);
  double z = 0;
  for (size_t c = 0; c * CHUNK < self->n; c++)
    z += self->z[c];
  return z;
}

bool
tsr_repulsion_at (const TsrRepulsion *self, float x, float y, double *potential, double force[2])
{
  float t[2];
  size_t node[2];
  for (int a = 0; a < 2; a++) {
    double u = ((double)(a == 0 ? x : y) - self->place.origin[a]) / self->place.step;
    if (!(u >= 2 && u < (double)self->place.nodes[a] - 6))
      return false;
    node[a] = locate (self, a == 0 ? x : y, a, &t[a]);
  }
  F8 wx = spline (t[0]), wy = spline (t[1]), sx = spline_slope (t[0]), sy = spline_slope (t[1]);
  F8 along = {0}, across = {0};
  const float *row = self->grid + (node[1] - 2) * self->place.nodes[0] + node[0] - 2;
  for (int r = 0; r < 6; r++, row += self->place.nodes[0]) {
    F8 values = *(const F8u *)row;
    along += wy[r] * values;
    across += sy[r] * values;
  }
  *potential = sum_of (along * wx);
  force[0] = 0.5 / self->place.step * sum_of (along * sx);
  force[1] = 0.5 / self->place.step * sum_of (across * wx);
  return *potential > 0;
}
