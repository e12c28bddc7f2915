#include "tsr-layout.h"

#include "tsr-balance.h"

bool
tsr_layout_tsne (const float *x, size_t n, size_t d, double balance, const TsrTsneOptions *options,
                 float *y, TsrTsneStream stream, void *user, TsrTsneReport *report,
                 const TsrProgress *progress, GError **error)
{
  if (!(balance > 0))
    return tsr_tsne (x, n, d, options, y, stream, user, report, progress, error);
  size_t axes;
  g_autofree float *balanced = tsr_balance_axes (x, n, n, d, balance, &axes, progress, error);
  return balanced &&
         tsr_tsne (balanced, n, axes, options, y, stream, user, report, progress, error);
}

bool
tsr_layout_umap (const float *x, size_t n, size_t d, double balance, const TsrUmapOptions *options,
                 float *y, TsrTsneStream stream, void *user, TsrUmapReport *report,
                 const TsrProgress *progress, GError **error)
{
  if (!(balance > 0))
    return tsr_umap (x, n, d, options, y, stream, user, report, progress, error);
  size_t axes;
  g_autofree float *balanced = tsr_balance_axes (x, n, n, d, balance, &axes, progress, error);
  return balanced &&
         tsr_umap (balanced, n, axes, options, y, stream, user, report, progress, error);
}

bool
tsr_layout_pca (const float *x, size_t n, size_t d, float *y, const TsrProgress *progress,
                GError **error)
{
  size_t k = MIN (2, MIN (n, d));
  g_autofree float *scores = g_new0 (float, 2 * MAX (n, 1));
  if (!tsr_pca_with_progress (x, n, d, k, scores, NULL, NULL, progress, error))
    return false;
  for (size_t i = 0; i < n; i++) {
    y[2 * i] = scores[k * i];
    y[2 * i + 1] = k > 1 ? scores[k * i + 1] : 0;
  }
  return true;
}
