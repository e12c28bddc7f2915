#include "tsr-reconstruction.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool
tsr_reconstruction_encode (TsrEmbedder *embedder, TsrGenerator *generator, const uint8_t *pixels,
                           int n, float *w, GError **error)
{
  const TsrModelConfig *c = tsr_embedder_config (embedder);
  bool z = c->latent == TSR_LATENT_Z;
  g_autofree float *latent = z ? g_new (float, (size_t)n *(size_t)c->z_dim) : NULL;
  tsr_embedder_set_symmetric (embedder, false);
  return tsr_embedder_submit (embedder, pixels, n, error) &&
         tsr_embedder_collect (embedder, z ? latent : w, error) &&
         (!z || tsr_generator_map (generator, latent, n, w, error));
}

enum { COARSE = 8 };

TsrReconstructionError
tsr_reconstruction_compare (const uint8_t *tile, const uint8_t *made, int size, int channels)
{
  double cell[COARSE * COARSE * 3] = {0}, sum[3] = {0}, squares[3] = {0}, wrong = 0;
  int block = size / COARSE;
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      for (int k = 0; k < channels; k++) {
        size_t at = ((size_t)y * (size_t)size + (size_t)x) * (size_t)channels + (size_t)k;
        double a = tile[at] / 127.5, difference = made[at] / 127.5 - a;
        cell[(y / block * COARSE + x / block) * channels + k] += difference;
        wrong += difference * difference;
        sum[k] += a;
        squares[k] += a * a;
      }
  double n = (double)size * size, variance = 0, coarse = 0;
  for (int k = 0; k < channels; k++)
    variance += fmax (0, squares[k] / n - sum[k] / n * (sum[k] / n)) / channels;
  for (int k = 0; k < COARSE * COARSE * channels; k++)
    coarse += cell[k] * cell[k];
  double pixels = (double)block * block;
  coarse /= pixels * pixels * COARSE * COARSE * channels;
  /* Glass has next to no variance; a grey level or two is noise of the scanner. */
  return (TsrReconstructionError){sqrt (coarse),
                                  log ((wrong / (n * channels) + 1e-6) / (variance + 1e-3))};
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double
median (double *values, size_t n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Median and median absolute deviation of n > 0 values, which are used up. */
static void
spread (double *values, size_t n, double *middle, double *mad)
{
  *middle = median (values, n);
  for (size_t k = 0; k < n; k++)
    values[k] = fabs (values[k] - *middle);
  *mad = median (values, n);
}

static double
modified_z (double x, double middle, double mad)
{
  double off = x - middle;
  return off == 0 ? 0 : CLAMP (0.6745 * off / mad, -99.0, 99.0);
}

static bool
is_known (const TsrReconstructionError *error)
{
  return !isnan (error->coarse) && !isnan (error->missed);
}

void
tsr_reconstruction_scores (const TsrReconstructionError *errors, size_t n, float *score)
{
  g_autofree double *coarse = g_new (double, MAX (n, 1)), *missed = g_new (double, MAX (n, 1));
  double middle[2] = {0}, mad[2] = {0};
  size_t known = 0;
  for (size_t k = 0; k < n; k++)
    if (is_known (&errors[k])) {
      coarse[known] = errors[k].coarse;
      missed[known++] = errors[k].missed;
    }
  if (known > 0) {
    spread (coarse, known, &middle[0], &mad[0]);
    spread (missed, known, &middle[1], &mad[1]);
  }
  for (size_t k = 0; k < n; k++)
    score[k] = is_known (&errors[k])
                   ? (float)fmax (modified_z (errors[k].coarse, middle[0], mad[0]),
                                  modified_z (errors[k].missed, middle[1], mad[1]))
                   : NAN;
}
