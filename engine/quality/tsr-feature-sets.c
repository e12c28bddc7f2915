#include "tsr-feature-sets.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <math.h>
#include <string.h>

static bool
check_set (bool generated, const float *x, size_t n, size_t d, size_t least, GError **error)
{
  if (n < least || d == 0) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 generated
                     ? _ ("The quality of generated images cannot be measured by the %zu features "
                          "of %zu generated images: at least %zu images are needed.")
                     : _ ("The quality of generated images cannot be measured by the %zu features "
                          "of %zu real images: at least %zu images are needed."),
                 d, n, least);
    return false;
  }
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < d; c++)
      if (!isfinite (x[i * d + c])) {
        g_set_error (
            error, TSR_ERROR, TSR_ERROR_FAILED,
            generated
                ? _ ("The quality of generated images cannot be measured: a feature of generated "
                     "image %zu is not a finite number.")
                : _ ("The quality of generated images cannot be measured: a feature of real "
                     "image %zu is not a finite number."),
            i + 1);
        return false;
      }
  return true;
}

bool
tsr_feature_sets_check (const TsrFeatureSets *sets, size_t least, GError **error)
{
  return check_set (false, sets->real, sets->n, sets->d, least, error) &&
         check_set (true, sets->generated, sets->m, sets->d, least, error);
}

void
tsr_feature_mean (const float *x, size_t n, size_t d, double *mean)
{
  memset (mean, 0, d * sizeof *mean);
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < d; c++)
      mean[c] += (double)x[i * d + c];
  for (size_t c = 0; c < d; c++)
    mean[c] /= (double)n;
}

void
tsr_feature_rows (const float *x, size_t first, size_t rows, size_t d, const double *mean,
                  double *out)
{
  for (size_t i = 0; i < rows; i++)
    for (size_t c = 0; c < d; c++)
      out[i * d + c] = (double)x[(first + i) * d + c] - (mean ? mean[c] : 0);
}
