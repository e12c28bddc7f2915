#include "tsr-candidates.h"

#include "tsr-project.h"

#include <math.h>

uint32_t
tsr_candidates_mark (const float *map, const int32_t *label, const uint8_t *excluded, uint32_t n,
                     bool looked, uint8_t *seen, uint8_t *blocked)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < n; i++) {
    const float *place = map ? map + 2 * (size_t)i : NULL;
    bool takes_part = !excluded[i] && (!place || (isfinite (place[0]) && isfinite (place[1])));
    bool candidate = takes_part && label[i] == TSR_LABEL_NONE;
    seen[i] = takes_part && (label[i] >= 0 || (looked && label[i] == TSR_LABEL_UNSURE));
    blocked[i] = !seen[i] && !candidate;
    count += candidate;
  }
  return count;
}
