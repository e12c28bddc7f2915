#pragma once
/* Plain double-precision mathematics that the tests hold the engine against, and the points
 * they try it on. */

#include "tsr-random.h"

#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* A cloud with a fixed seed: standard normal coordinates round `clusters` centres, a third of the
 * points copies of others where copies is set. */
static inline float *
plain_cloud (size_t n, size_t d, size_t clusters, bool copies, uint64_t seed)
{
  TsrRandom random;
  tsr_random_init (&random, seed, 0x7e57);
  float *points = g_new (float, n *d + 1);
  g_autofree double *centre = g_new (double, clusters *d + 1);
  for (size_t k = 0; k < clusters * d; k++)
    centre[k] = 4 * tsr_random_normal (&random);
  for (size_t i = 0; i < n; i++) {
    size_t c = tsr_random_below (&random, (uint32_t)clusters);
    for (size_t a = 0; a < d; a++)
      points[i * d + a] = (float)(centre[c * d + a] + tsr_random_normal (&random));
    if (copies && i > 0 && i % 3 == 0)
      memcpy (points + i * d, points + tsr_random_below (&random, (uint32_t)i) * d,
              d * sizeof (float));
  }
  return points;
}

static inline uint8_t *
plain_flags (size_t n, double share, uint64_t seed)
{
  TsrRandom random;
  tsr_random_init (&random, seed, 0xf1a6);
  uint8_t *flags = g_new0 (uint8_t, n + 1);
  for (size_t i = 0; i < n; i++)
    flags[i] = tsr_random_uniform (&random) < share;
  return flags;
}

static inline double
plain_squared (const float *a, const float *b, size_t d)
{
  double sum = 0;
  for (size_t c = 0; c < d; c++)
    sum += ((double)a[c] - b[c]) * ((double)a[c] - b[c]);
  return sum;
}

/* The distance of two arrays over the size of the second. */
static inline double
plain_error (const float *found, const double *expected, size_t count)
{
  double difference = 0, norm = 0;
  for (size_t i = 0; i < count; i++) {
    difference += pow (found[i] - expected[i], 2);
    norm += pow (expected[i], 2);
  }
  return norm > 0 ? sqrt (difference / norm) : sqrt (difference);
}

/* Forces and Z in double over all pairs. */
static inline double
plain_repulsion (const float *y, size_t n, double *force)
{
  double z = 0;
  for (size_t i = 0; i < n; i++) {
    force[2 * i] = force[2 * i + 1] = 0;
    for (size_t j = 0; j < n; j++) {
      double dx = (double)y[2 * i] - y[2 * j], dy = (double)y[2 * i + 1] - y[2 * j + 1];
      double q = 1 / (1 + dx * dx + dy * dy);
      z += j != i ? q : 0;
      force[2 * i] += q * q * dx;
      force[2 * i + 1] += q * q * dy;
    }
  }
  return z;
}

/* Solves a [m,m] x = b in place (Gauss with pivoting); a is lost. */
static inline void
plain_solve (double *a, double *b, size_t m)
{
  for (size_t k = 0; k < m; k++) {
    size_t pivot = k;
    for (size_t i = k + 1; i < m; i++)
      if (fabs (a[i * m + k]) > fabs (a[pivot * m + k]))
        pivot = i;
    for (size_t j = 0; j < m; j++) {
      double t = a[k * m + j];
      a[k * m + j] = a[pivot * m + j];
      a[pivot * m + j] = t;
    }
    double t = b[k];
    b[k] = b[pivot];
    b[pivot] = t;
    for (size_t i = k + 1; i < m; i++) {
      double f = a[i * m + k] / a[k * m + k];
      for (size_t j = k; j < m; j++)
        a[i * m + j] -= f * a[k * m + j];
      b[i] -= f * b[k];
    }
  }
  for (size_t k = m; k-- > 0;) {
    for (size_t j = k + 1; j < m; j++)
      b[k] -= a[k * m + j] * b[j];
    b[k] /= a[k * m + k];
  }
}

static inline void
plain_softmax (const double *z, size_t n, double *share)
{
  double largest = -INFINITY, sum = 0;
  for (size_t c = 0; c < n; c++)
    largest = fmax (largest, z[c]);
  for (size_t c = 0; c < n; c++)
    sum += share[c] = exp (z[c] - largest);
  for (size_t c = 0; c < n; c++)
    share[c] /= sum;
}

/* n points of `kinds` kinds, row i of kind i % kinds. */
static inline float *
plain_blobs (size_t n, size_t d, size_t kinds, uint64_t seed)
{
  TsrRandom random;
  tsr_random_init (&random, seed, 0);
  float *x = g_new (float, n *d);
  g_autofree float *centre = g_new (float, kinds *d);
  for (size_t i = 0; i < kinds * d; i++)
    centre[i] = (float)(4 * tsr_random_normal (&random));
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < d; c++)
      x[i * d + c] = centre[i % kinds * d + c] + (float)tsr_random_normal (&random);
  return x;
}

/* n places in the plane. */
static inline float *
plain_layout (size_t n, double spread, uint64_t seed)
{
  TsrRandom random;
  tsr_random_init (&random, seed, 1);
  float *y = g_new (float, 2 * n);
  for (size_t i = 0; i < 2 * n; i++)
    y[i] = (float)(spread * tsr_random_normal (&random));
  return y;
}

static inline void
plain_check_choice (const uint32_t *chosen, size_t found, size_t n, const uint8_t *labelled,
                    const uint8_t *blocked)
{
  g_autofree uint8_t *taken = g_new0 (uint8_t, n + 1);
  for (size_t i = 0; i < found; i++) {
    g_assert_cmpuint (chosen[i], <, n);
    g_assert_false (taken[chosen[i]] || labelled[chosen[i]] || blocked[chosen[i]]);
    taken[chosen[i]] = 1;
  }
}

/* The share of tiles whose nearest neighbour in the map is of their own kind: i mod kinds.
 * y [n,2]. */
static inline double
plain_purity (const float *y, size_t n, size_t kinds)
{
  size_t hits = 0;
  for (size_t i = 0; i < n; i++) {
    size_t nearest = 0;
    double least = INFINITY;
    for (size_t j = 0; j < n; j++) {
      double value = hypot ((double)y[2 * i] - y[2 * j], (double)y[2 * i + 1] - y[2 * j + 1]);
      if (j != i && value < least) {
        least = value;
        nearest = j;
      }
    }
    hits += nearest % kinds == i % kinds;
  }
  return (double)hits / (double)n;
}
