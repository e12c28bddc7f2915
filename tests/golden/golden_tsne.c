/* golden_tsne PATH: compares affinities, KL divergence and gradient with a reference file (X, P, Y,
 * kl, grad; metadata perplexity) and prints the relative error of each: the norm of the difference
 * over the norm of the reference. Exits 1 above 1e-3, 2 for a wrong call or an unreadable file. */

#include "tsr-attraction.h"
#include "tsr-map.h"
#include "tsr-repulsion.h"
#include "tsr-safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define BOUND 1e-3

typedef struct {
  size_t n, d;
  double perplexity, exaggeration;
  float *x, *y;
  double *p, kl, *gradient;
} Reference;

static double
number_of (const TsrSafetensors *file, const char *key, double otherwise)
{
  const char *text = tsr_safetensors_metadata (file, key);
  return text ? g_ascii_strtod (text, NULL) : otherwise;
}

static bool
read_reference (const TsrSafetensors *file, Reference *reference, GError **error)
{
  const TsrTensorInfo *x = tsr_safetensors_find (file, "X");
  if (!x || x->ndim != 2 || x->shape[0] < 2 || x->shape[0] > 20000) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "“%s” has no tensor X of 2 to 20000 rows.", tsr_safetensors_path (file));
    return false;
  }
  size_t n = reference->n = x->shape[0], d = reference->d = x->shape[1];
  reference->perplexity = number_of (file, "perplexity", 30);
  reference->exaggeration = number_of (file, "exaggeration", 1);
  reference->x = g_new (float, n *d);
  reference->y = g_new (float, n * 2);
  reference->p = g_new (double, n *n);
  reference->gradient = g_new (double, n * 2);
  return tsr_safetensors_read_f32 (file, "X", reference->x, n * d, error) &&
         tsr_safetensors_read_f64 (file, "P", reference->p, n * n, error) &&
         tsr_safetensors_read_f32 (file, "Y", reference->y, n * 2, error) &&
         tsr_safetensors_read_f64 (file, "kl", &reference->kl, 1, error) &&
         tsr_safetensors_read_f64 (file, "grad", reference->gradient, n * 2, error);
}

/* Prints |a - b| / |b| and returns whether it is within the bound; a NaN is not. */
static bool
report (const char *name, const double *a, const double *b, size_t n, bool gated)
{
  double difference = 0, norm = 0;
  for (size_t i = 0; i < n; i++) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  double error = norm > 0 ? sqrt (difference / norm) : sqrt (difference);
  bool good = error <= BOUND;
  printf ("%-26s %.3e%s\n", name, error, !gated ? "  (for information)" : good ? "" : "  FAILED");
  return good || !gated;
}

static bool
compare_affinities (const Reference *reference, const TsrAffinities *p)
{
  size_t n = reference->n;
  g_autofree double *dense = g_new0 (double, n *n);
  for (size_t i = 0; i < n; i++)
    for (uint64_t t = p->row[i]; t < p->row[i + 1]; t++)
      dense[i * n + p->column[t]] = p->value[t];
  return report ("affinities", dense, reference->p, n * n, true);
}

static bool
compare_divergence (const Reference *reference, TsrAffinities *p)
{
  size_t n = reference->n;
  g_autofree double *gradient = g_new (double, n * 2);
  double kl = tsr_tsne_kl_exact (p, reference->y, gradient);
  bool good = report ("kl", &kl, &reference->kl, 1, true);
  if (reference->exaggeration != 1) {
    for (uint64_t t = 0; t < p->nnz; t++)
      p->value[t] *= (float)reference->exaggeration;
    tsr_tsne_kl_exact (p, reference->y, gradient);
  }
  return report ("gradient", gradient, reference->gradient, n * 2, true) && good;
}

/* The same from the single-precision loops that make maps; p is already exaggerated. */
static bool
compare_loops (const Reference *reference, const TsrAffinities *p)
{
  size_t n = reference->n;
  g_autofree float *attract = g_new (float, n * 2), *repel = g_new (float, n * 2);
  g_autofree double *gradient = g_new (double, n * 2);
  TsrAttraction *attraction = tsr_attraction_new (p, NULL);
  TsrRepulsion *grid = tsr_repulsion_new (n, 0);
  double log_sum;
  tsr_attraction_run (attraction, reference->y, attract, &log_sum);
  bool good = true;
  for (int interpolated = 0; interpolated < 2; interpolated++) {
    double z = interpolated ? tsr_repulsion_interpolated (grid, reference->y, repel)
                            : tsr_repulsion_exact (reference->y, n, repel);
    for (size_t i = 0; i < 2 * n; i++)
      gradient[i] = 4 * (attract[i] - repel[i] / z);
    good = report (interpolated ? "gradient (by interpolation)" : "gradient (f32 loops)", gradient,
                   reference->gradient, n * 2, !interpolated) &&
           good;
    double kl = tsr_attraction_entropy (attraction) + log_sum + log (z);
    if (reference->exaggeration == 1)
      good = report (interpolated ? "kl (by interpolation)" : "kl (f32 loops)", &kl, &reference->kl,
                     1, true) &&
             good;
  }
  tsr_attraction_free (attraction);
  tsr_repulsion_free (grid);
  return good;
}

int
main (int argc, char **argv)
{
  if (argc != 2) {
    fprintf (stderr, "usage: golden_tsne FILE.safetensors\n");
    return 2;
  }
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (argv[1], &error);
  Reference reference = {0};
  TsrAffinities *p = NULL;
  if (file && read_reference (file, &reference, &error))
    p = tsr_affinities_new (reference.x, reference.n, reference.d, reference.perplexity, true, NULL,
                            &error);
  if (!p) {
    fprintf (stderr, "golden_tsne: %s\n", error->message);
    return 2;
  }
  printf ("%s: n %zu, d %zu, perplexity %g\n", argv[1], reference.n, reference.d, p->perplexity);
  bool good = compare_affinities (&reference, p);
  good = compare_divergence (&reference, p) && good;
  good = compare_loops (&reference, p) && good;
  printf ("%s\n", good ? "passed" : "FAILED");
  tsr_affinities_free (p);
  g_free (reference.x);
  g_free (reference.y);
  g_free (reference.p);
  g_free (reference.gradient);
  return good ? 0 : 1;
}
