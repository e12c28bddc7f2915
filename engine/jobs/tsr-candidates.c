#include "tsr-candidates.h"

#include "tsr-project.h"

#include <math.h>

uint32_t
tsr_candidates_mark (const float *points, uint32_t d, const int32_t *label, const uint8_t *excluded,
                     uint32_t n, bool looked, uint8_t *seen, uint8_t *blocked)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < n; i++) {
    bool takes_part = !excluded[i];
    for (uint32_t c = 0; points && takes_part && c < d; c++)
      takes_part = isfinite (points[(size_t)i * d + c]);
    bool candidate = takes_part && label[i] == TSR_LABEL_NONE;
    seen[i] = takes_part && (label[i] >= 0 || (looked && label[i] == TSR_LABEL_UNSURE));
    blocked[i] = !seen[i] && !candidate;
    count += candidate;
  }
  return count;
}
