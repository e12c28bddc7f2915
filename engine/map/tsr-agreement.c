#include "tsr-agreement.h"

#include <glib.h>
#include <math.h>

#define NORMAL_95 1.959963984540054 /* the normal distribution's 97.5th percentile */
#define NO_ERROR  1e-6              /* a standard error that is rounding only */

/* observed and expected are shares of tiles. */
static double
kappa_of (double observed, double expected)
{
  return expected < 1 ? (observed - expected) / (1 - expected) : (double)NAN;
}

static void
compare_class (TsrAgreement *self, size_t c)
{
  size_t k = self->n_classes;
  TsrClassAgreement *each = &self->each[c];
  for (size_t j = 0; j < k; j++) {
    each->first += self->confusion[c * k + j];
    each->second += self->confusion[j * k + c];
  }
  each->both = self->confusion[c * k + c];
  double a = (double)each->first, b = (double)each->second, ab = (double)each->both,
         n = (double)self->n;
  each->agreement = a + b > 0 ? 2 * ab / (a + b) : (double)NAN;
  if (self->n == 0) {
    each->kappa = NAN;
    return;
  }
  double expected = (a * b + (n - a) * (n - b)) / (n * n);
  each->kappa = kappa_of ((ab + n - a - b + ab) / n, expected);
}

/* Fleiss, Cohen & Everitt 1969, eq. 13. */
static double
standard_error (const TsrAgreement *self, double expected)
{
  size_t k = self->n_classes;
  double n = (double)self->n, agreed = 0, apart = 0, kappa = self->kappa;
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) {
      double p = (double)self->confusion[i * k + j] / n;
      double second_i = (double)self->each[i].second / n, first_i = (double)self->each[i].first / n,
             first_j = (double)self->each[j].first / n;
      if (i == j)
        agreed += p * pow (1 - (first_i + second_i) * (1 - kappa), 2);
      else
        apart += p * pow (second_i + first_j, 2);
    }
  double variance = agreed + pow (1 - kappa, 2) * apart - pow (kappa - expected * (1 - kappa), 2);
  return sqrt (fmax (variance, 0) / n) / (1 - expected);
}

TsrAgreement *
tsr_agreement_new (const int32_t *first, const int32_t *second, size_t n, size_t n_classes)
{
  TsrAgreement *self = g_new0 (TsrAgreement, 1);
  self->n_classes = n_classes;
  self->confusion = g_new0 (uint64_t, n_classes * n_classes + 1);
  self->each = g_new0 (TsrClassAgreement, n_classes + 1);
  self->agreement = self->kappa = self->error = self->low = self->high = NAN;
  for (size_t i = 0; i < n; i++) {
    if (first[i] < 0 || second[i] < 0)
      continue;
    self->confusion[(size_t)first[i] * n_classes + (size_t)second[i]]++;
    self->n++;
  }
  double same = 0, expected = 0, total = (double)self->n;
  for (size_t c = 0; c < n_classes; c++) {
    compare_class (self, c);
    same += (double)self->each[c].both;
    expected += (double)self->each[c].first * (double)self->each[c].second;
  }
  if (self->n == 0)
    return self;
  self->agreement = same / total;
  /* counted, not summed shares: exactly 1 where both gave everything one class */
  expected /= total * total;
  self->kappa = kappa_of (self->agreement, expected);
  if (isfinite (self->kappa)) {
    self->error = standard_error (self, expected);
  }
  /* Where all agree, or one of the two knows a single class, the error is 0 however few the tiles
   * are: that is no interval. */
  if (isfinite (self->kappa) && self->error > NO_ERROR) {
    self->low = fmax (self->kappa - NORMAL_95 * self->error, -1);
    self->high = fmin (self->kappa + NORMAL_95 * self->error, 1);
  }
  return self;
}

bool
tsr_agreement_is_onesided (const TsrAgreement *agreement)
{
  for (size_t c = 0; c < agreement->n_classes; c++)
    if (agreement->n > 0 &&
        (agreement->each[c].first == agreement->n || agreement->each[c].second == agreement->n))
      return true;
  return false;
}

void
tsr_agreement_free (TsrAgreement *agreement)
{
  if (!agreement)
    return;
  g_free (agreement->confusion);
  g_free (agreement->each);
  g_free (agreement);
}
