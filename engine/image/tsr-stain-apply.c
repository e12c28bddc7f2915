/* Pixels from one stain to another: float arithmetic on blocks of planes, which the compiler turns
 * into vectors; logarithm and exponential are polynomials, exact to some units in the last place.
 */

#include "tsr-stain-private.h"

#include <math.h>
#include <string.h>

#define BLOCK 256

/* ln x of positive, normal x: x = 2^k m with m in [sqrt (1/2), sqrt (2)), ln m = 2 artanh ((m - 1)
 * / (m + 1)). */
static inline float
natural_log (float x)
{
  union {
    float f;
    int32_t i;
  } bits = {.f = x};
  int32_t k = (bits.i - 0x3f3504f3) >> 23;
  bits.i -= k * (1 << 23);
  float s = (bits.f - 1) / (bits.f + 1), z = s * s;
  float series = 1.f + z * (1.f / 3 + z * (1.f / 5 + z * (1.f / 7 + z * (1.f / 9))));
  return (float)k * 0.69314718f + 2 * s * series;
}

/* e^x for x within ±80: 2^k e^r with |r| <= ln (2) / 2, e^r by its series. */
static inline float
exponential (float x)
{
  x = x < -80 ? -80 : x > 80 ? 80 : x;
  float scaled = x * 1.44269504f;
  int32_t k = (int32_t)(scaled + (scaled < 0 ? -0.5f : 0.5f));
  float r = (x - (float)k * 0.693145752f) - (float)k * 1.42860677e-6f;
  float series =
      1 + r * (1 + r * (1.f / 2 + r * (1.f / 6 + r * (1.f / 24 + r * (1.f / 120 + r / 720)))));
  union {
    int32_t i;
    float f;
  } power = {.i = (k + 127) * (1 << 23)};
  return series * power.f;
}

static inline uint8_t
to_byte (float value)
{
  value = value < 0 ? 0 : value > 255 ? 255 : value;
  return (uint8_t)(value + 0.5f);
}

/* to = matrix from + offset, on planes. */
static inline void
transform (const float matrix[3][3], const float offset[3], const float from[3][BLOCK],
           float to[3][BLOCK])
{
  for (int c = 0; c < 3; c++) {
    const float a = matrix[c][0], b = matrix[c][1], d = matrix[c][2], e = offset[c];
    for (int i = 0; i < BLOCK; i++)
      to[c][i] = a * from[0][i] + b * from[1][i] + d * from[2][i] + e;
  }
}

static void
store (const float planes[3][BLOCK], size_t n, uint8_t *out)
{
  uint8_t bytes[3][BLOCK];
  for (int c = 0; c < 3; c++)
    for (int i = 0; i < BLOCK; i++)
      bytes[c][i] = to_byte (planes[c][i]);
  for (size_t i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      out[3 * i + c] = bytes[c][i];
}

static void
apply_macenko (const TsrStainMap *map, const uint8_t *rgb, size_t n, uint8_t *out)
{
  static const float none[3];
  float from[3][BLOCK] = {{0}}, to[3][BLOCK];
  for (size_t i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      from[c][i] = map->density[rgb[3 * i + c]];
  transform (map->matrix, none, from, to);
  for (int c = 0; c < 3; c++)
    for (int i = 0; i < BLOCK; i++)
      to[c][i] = (float)TSR_STAIN_WHITE * exponential (-to[c][i]) - 1;
  store (to, n, out);
}

/* The inverse of the matrix from RGB to LMS. */
static const float from_lms[3][3] = {
    {4.468669863f, -3.588675903f, 0.119604367f},
    {-1.219716628f, 2.383087913f, -0.162630112f},
    {0.058508477f, -0.261078439f, 1.205665909f},
};

static void
apply_reinhard (const TsrStainMap *map, const uint8_t *rgb, size_t n, uint8_t *out)
{
  static const float none[3];
  float lms[3][3], from[3][BLOCK], to[3][BLOCK];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      lms[i][j] = (float)tsr_stain_lms[i][j];
  for (int c = 0; c < 3; c++)
    for (size_t i = 0; i < BLOCK; i++)
      from[c][i] = i < n && rgb[3 * i + c] > 1 ? rgb[3 * i + c] : 1;
  transform (lms, none, from, to);
  for (int c = 0; c < 3; c++)
    for (int i = 0; i < BLOCK; i++)
      to[c][i] = natural_log (to[c][i]);
  transform (map->matrix, map->offset, to, from);
  for (int c = 0; c < 3; c++)
    for (int i = 0; i < BLOCK; i++)
      from[c][i] = exponential (from[c][i]);
  transform (from_lms, none, from, to);
  store (to, n, out);
}

static void
init_macenko (TsrStainMap *map, const TsrStain *from, const TsrStain *to)
{
  double unmix[2][3];
  tsr_stain_unmix (from->stain, unmix);
  for (int i = 0; i < 256; i++)
    map->density[i] = (float)tsr_stain_density (i);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      double sum = 0;
      for (int s = 0; s < 2; s++)
        sum += to->stain[s][i] * to->strongest[s] / from->strongest[s] * unmix[s][j];
      map->matrix[i][j] = (float)sum;
    }
}

/* lab' = (lab - mean) to / from + mean', between the logarithms of LMS: the matrix of l, alpha,
 * beta has orthonormal rows, so its inverse is its transpose. */
static void
init_reinhard (TsrStainMap *map, const TsrStain *from, const TsrStain *to)
{
  double scale[3], shift[3];
  for (int k = 0; k < 3; k++) {
    scale[k] = to->deviation[k] / from->deviation[k];
    shift[k] = to->mean[k] - from->mean[k] * scale[k];
  }
  for (int i = 0; i < 3; i++) {
    double offset = 0;
    for (int j = 0; j < 3; j++) {
      double sum = 0;
      for (int k = 0; k < 3; k++)
        sum += tsr_stain_lab[k][i] * scale[k] * tsr_stain_lab[k][j];
      map->matrix[i][j] = (float)sum;
    }
    for (int k = 0; k < 3; k++)
      offset += tsr_stain_lab[k][i] * shift[k];
    map->offset[i] = (float)offset;
  }
}

bool
tsr_stain_map_init (TsrStainMap *map, const TsrStain *from, const TsrStain *to)
{
  *map = (TsrStainMap){.method = from->method == to->method ? from->method : TSR_STAIN_NONE};
  if (map->method == TSR_STAIN_MACENKO)
    init_macenko (map, from, to);
  else if (map->method == TSR_STAIN_REINHARD)
    init_reinhard (map, from, to);
  return map->method != TSR_STAIN_NONE;
}

void
tsr_stain_apply (const TsrStainMap *map, const uint8_t *rgb, size_t n, uint8_t *out)
{
  if (map->method == TSR_STAIN_NONE) {
    memmove (out, rgb, 3 * n);
    return;
  }
  for (size_t i = 0; i < n; i += BLOCK)
    (map->method == TSR_STAIN_MACENKO ? apply_macenko : apply_reinhard) (
        map, rgb + 3 * i, MIN (n - i, BLOCK), out + 3 * i);
}
