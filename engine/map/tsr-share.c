#include "tsr-share.h"

#include "tsr-metrics.h"

#include <glib.h>
#include <math.h>

#define Z 1.959963984540054

TsrShare
tsr_share (size_t right, size_t n)
{
  TsrShare share = {.right = right, .n = n, .share = NAN};
  tsr_wilson_interval (right, n, &share.low, &share.high);
  if (n > 0)
    share.share = (double)right / (double)n;
  return share;
}

size_t
tsr_share_fewest (double low)
{
  return (size_t)fmax (1, ceil (Z * Z * low / (1 - low)));
}

static size_t *
count_labels (const int32_t *label, size_t n, size_t n_classes)
{
  size_t *count = g_new0 (size_t, n_classes + 1);
  for (size_t i = 0; i < n; i++)
    if (label[i] >= 0 && (size_t)label[i] < n_classes)
      count[label[i]]++;
  return count;
}

void
tsr_share_held (const int32_t *label, const int32_t *told, size_t n, size_t n_classes,
                TsrShare *total, TsrShare *each)
{
  g_autofree size_t *count = count_labels (label, n, n_classes);
  g_autofree size_t *right = g_new0 (size_t, n_classes + 1), *seen = g_new0 (size_t, n_classes + 1);
  size_t classes = 0, all = 0, all_right = 0;
  for (size_t c = 0; c < n_classes; c++) {
    classes += count[c] > 0;
    seen[c] = count[c] == 1;
  }
  for (size_t i = 0; i < n; i++)
    if (label[i] >= 0 && (size_t)label[i] < n_classes && told[i] >= 0 && count[label[i]] > 1) {
      seen[label[i]]++;
      right[label[i]] += told[i] == label[i];
    }
  for (size_t c = 0; c < n_classes; c++) {
    each[c] = classes > 1 ? tsr_share (right[c], seen[c]) : tsr_share (0, 0);
    all += each[c].n;
    all_right += each[c].right;
  }
  if (total)
    *total = tsr_share (all_right, all);
}

double
tsr_share_majority (const int32_t *label, size_t n, size_t n_classes)
{
  g_autofree size_t *count = count_labels (label, n, n_classes);
  size_t most = 0, all = 0;
  for (size_t c = 0; c < n_classes; c++) {
    most = MAX (most, count[c]);
    all += count[c];
  }
  return all > 0 ? (double)most / (double)all : NAN;
}
