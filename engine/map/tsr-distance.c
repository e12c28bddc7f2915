#include "tsr-distance.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-simd.h"

#include <math.h>

static inline __attribute__ ((always_inline)) float
squared_distance (const float *p, const float *from, size_t d)
{
  float lane[TSR_LANES] = {0}, rest = 0;
  size_t c = 0;
  for (; c + TSR_LANES <= d; c += TSR_LANES)
    for (int l = 0; l < TSR_LANES; l++) {
      float t = p[c + l] - from[c + l];
      lane[l] += t * t;
    }
  for (; c < d; c++)
    rest += (p[c] - from[c]) * (p[c] - from[c]);
  for (int width = TSR_LANES / 2; width > 0; width /= 2)
    for (int l = 0; l < width; l++)
      lane[l] += lane[l + width];
  return lane[0] + rest;
}

TSR_CLONES void
tsr_distances (const float *points, size_t d, size_t begin, size_t end, const float *from,
               float *out)
{
  if (d == 2) {
    const float *p = points + 2 * begin;
    float x = from[0], y = from[1];
    for (size_t i = 0; i < end - begin; i++) {
      float dx = p[2 * i] - x, dy = p[2 * i + 1] - y;
      out[i] = dx * dx + dy * dy;
    }
    return;
  }
  for (size_t i = begin; i < end; i++)
    out[i - begin] = squared_distance (points + i * d, from, d);
}

TSR_CLONES void
tsr_distances_of (const float *points, size_t d, const uint32_t *index, size_t count,
                  const float *from, float *out)
{
  for (size_t i = 0; i < count; i++)
    out[i] = squared_distance (points + (size_t)index[i] * d, from, d);
}

bool
tsr_points_check (const float *points, size_t n, size_t d, const uint8_t *blocked, GError **error)
{
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < d && !(blocked && blocked[i]); c++)
      if (!isfinite (points[i * d + c])) {
        g_set_error (
            error, TSR_ERROR, TSR_ERROR_USAGE,
            _ ("The place of tile %zu is not a finite number. Embed the tiles and make their "
               "map anew, or exclude the tile."),
            i);
        return false;
      }
  return true;
}
