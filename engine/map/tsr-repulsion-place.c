#include "tsr-repulsion-place.h"

#include "tsr-parallel.h"

#include <glib.h>
#include <math.h>

#define MAX_NODES 2048 /* along one axis; a larger map gets a coarser step */
#define MARGIN    12   /* nodes beyond the map: what the splines touch on both sides, and some */
/* Forces within 0.5 % on a map of 10,000 points; the KL divergence reached is that of all pairs. */
#define DEFAULT_STEP 0.42

/* --- placing --- */

/* A small map can afford a finer grid, and needs it: where all points are near each other, errors
 * of the kernel's top add up. */
static double
choose_step (size_t n, double span)
{
  static const double finer[] = {0.15, 0.21, 0.3};
  double nodes = fmax (192, 1.28 * sqrt ((double)n));
  for (size_t f = 0; f < G_N_ELEMENTS (finer); f++)
    if (span <= nodes * finer[f])
      return finer[f];
  return DEFAULT_STEP;
}

bool
tsr_repulsion_place (TsrRepulsionPlace *self, size_t n, double fixed_step, const float b[4])
{
  double span[2] = {(double)b[1] - b[0], (double)b[3] - b[2]};
  double most = fmax (span[0], span[1]),
         wanted = fixed_step > 0 ? fixed_step : choose_step (n, most);
  double step = fmax (wanted, most / (MAX_NODES * 0.95 - MARGIN));
  size_t need[2], want[2];
  bool fits = self->nodes[0] > 0 &&
              (step == wanted ? self->step == step : self->step >= step && self->step < 1.2 * step);
  if (fits)
    step = self->step;
  for (int a = 0; a < 2; a++) {
    need[a] = (size_t)ceil (span[a] / step) + MARGIN;
    want[a] = tsr_fft_length ((size_t)((double)need[a] * 1.04), a == 0 ? 2 * TSR_LANES : 4);
    fits = fits && need[a] <= self->nodes[a] && (double)want[a] > 0.7 * (double)self->nodes[a];
  }
  if (!fits)
    *self = (TsrRepulsionPlace){.nodes = {want[0], want[1]}, .step = step};
  for (int a = 0; a < 2; a++) {
    self->middle[a] = (b[2 * a] + (double)b[2 * a + 1]) / 2;
    self->origin[a] = self->middle[a] - (double)(self->nodes[a] - 1) / 2 * self->step;
  }
  return fits;
}

/* --- the kernel --- */

/* q between nodes that many apart on the doubled, periodic axes. */
static float
kernel_at (const TsrRepulsionPlace *self, size_t x, size_t y)
{
  size_t lx = 2 * self->nodes[0], ly = 2 * self->nodes[1];
  double dx = (double)MIN (x, lx - x) * self->step, dy = (double)MIN (y, ly - y) * self->step;
  return (float)(1 / (1 + dx * dx + dy * dy));
}

/* The samples are (1, 26, 66, 26, 1) / 120. */
double
tsr_repulsion_spline (size_t k, size_t length)
{
  double angle = 2 * G_PI * (double)k / (double)length;
  return (66 + 52 * cos (angle) + 2 * cos (2 * angle)) / 120;
}

typedef struct {
  const TsrRepulsionPlace *place;
  TsrFft *const *fft;
  TsrF16 *kernel, *scratch; /* scratch: [workers][scratch_length] */
  size_t scratch_length;
} Transform;

/* Columns of the sampled kernel, transformed along y, into the kernel array. Real and even, so it
 * stays real. */
static void
transform_kernel_columns (size_t begin, size_t end, unsigned worker, void *data)
{
  const Transform *self = data;
  size_t length = 2 * self->place->nodes[1], lx = 2 * self->place->nodes[0];
  TsrF16 *re = self->scratch + worker * self->scratch_length, *im = re + length;
  for (size_t block = begin; block < end; block++) {
    for (size_t y = 0; y < length; y++)
      for (int l = 0; l < TSR_LANES; l++) {
        re[y][l] =
            kernel_at (self->place, MIN (block * TSR_LANES + (size_t)l, self->place->nodes[0]), y);
        im[y][l] = 0;
      }
    tsr_fft_run (self->fft[1], re, im, im + length);
    for (size_t l = 0; l < TSR_LANES; l++) {
      size_t x = block * TSR_LANES + l;
      if (x > self->place->nodes[0])
        break;
      for (size_t k = 0; k <= self->place->nodes[1]; k++) {
        float value = re[k][l];
        self->kernel[k / TSR_LANES * lx + x][k % TSR_LANES] = value;
        self->kernel[k / TSR_LANES * lx + (lx - x) % lx][k % TSR_LANES] = value;
      }
    }
  }
}

static void
transform_kernel_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  const Transform *self = data;
  size_t length = 2 * self->place->nodes[0], ly = 2 * self->place->nodes[1];
  TsrF16 *im = self->scratch + worker * self->scratch_length;
  for (size_t block = begin; block < end; block++) {
    TsrF16 *row = self->kernel + block * length;
    memset (im, 0, length * sizeof *im);
    tsr_fft_run (self->fft[0], row, im, im + length);
    for (size_t x = 0; x < length; x++)
      for (size_t l = 0; l < TSR_LANES;
           l++) { /* one prefilter for the charges, one for the potentials */
        double spline =
            tsr_repulsion_spline (x, length) * tsr_repulsion_spline (block * TSR_LANES + l, ly);
        row[x][l] = (float)(row[x][l] / (spline * spline * (double)length * (double)ly));
      }
  }
}

TsrF16 *
tsr_repulsion_kernel_new (const TsrRepulsionPlace *place, TsrFft *const fft[2])
{
  size_t blocks = (place->nodes[1] + TSR_LANES) / TSR_LANES, workers = tsr_parallel_workers ();
  size_t length = 4 * 2 * MAX (place->nodes[0], place->nodes[1]);
  TsrF16 *kernel = g_aligned_alloc0 (blocks * 2 * place->nodes[0], sizeof *kernel, 64);
  TsrF16 *scratch = g_aligned_alloc0 (length * workers, sizeof *scratch, 64);
  Transform transform = {place, fft, kernel, scratch, length};
  tsr_parallel_for (place->nodes[0] / TSR_LANES + 1, 1, transform_kernel_columns, &transform);
  tsr_parallel_for (blocks, 1, transform_kernel_rows, &transform);
  g_aligned_free (scratch);
  return kernel;
}
