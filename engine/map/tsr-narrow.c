#include "tsr-narrow.h"

#include "tsr-gemm.h"
#include "tsr-simd.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* --- single precision --- */

TSR_CLONES static float
squared_norm (const float *row, size_t k)
{
  float lane[TSR_LANES] = {0}, rest = 0;
  size_t c = 0;
  for (; c + TSR_LANES <= k; c += TSR_LANES)
    for (int l = 0; l < TSR_LANES; l++)
      lane[l] += row[c + l] * row[c + l];
  for (; c < k; c++)
    rest += row[c] * row[c];
  for (int width = TSR_LANES / 2; width > 0; width /= 2)
    for (int l = 0; l < width; l++)
      lane[l] += lane[l + width];
  return lane[0] + rest;
}

static float
round_f32 (const float *row, size_t k, uint32_t *words)
{
  memcpy (words, row, k * sizeof *row);
  return squared_norm (row, k);
}

static void
product_f32 (size_t words, const uint32_t *a, const uint32_t *b, float *c, size_t ldc)
{
  tsr_gemm_tile_product_f32 (words, (const float *)a, (const float *)b, c, ldc, false);
}

/* --- bf16 --- */

#if defined(__x86_64__)
/* To the nearest, ties to even; the value must be finite and below the largest bf16. */
static inline uint32_t
rounded (float value)
{
  uint32_t bits;
  memcpy (&bits, &value, sizeof bits);
  return bits + 0x7fff + ((bits >> 16) & 1);
}

static inline float
as_float (uint32_t bits)
{
  float value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

TSR_CLONES static float
round_bf16 (const float *row, size_t k, uint32_t *words)
{
  float even[TSR_LANES] = {0}, odd[TSR_LANES] = {0}, rest = 0;
  size_t c = 0;
  for (; c + 2 * TSR_LANES <= k; c += 2 * TSR_LANES)
    for (int l = 0; l < TSR_LANES; l++) {
      uint32_t first = rounded (row[c + 2 * l]) >> 16,
               second = rounded (row[c + 2 * l + 1]) & 0xffff0000u;
      float p = as_float (first << 16), q = as_float (second);
      words[c / 2 + l] = first | second;
      even[l] += p * p;
      odd[l] += q * q;
    }
  for (; c < k; c += 2) {
    uint32_t first = rounded (row[c]) >> 16,
             second = c + 1 < k ? rounded (row[c + 1]) & 0xffff0000u : 0;
    float p = as_float (first << 16), q = as_float (second);
    words[c / 2] = first | second;
    rest += p * p + q * q;
  }
  for (int l = 0; l < TSR_LANES; l++)
    even[l] += odd[l];
  for (int width = TSR_LANES / 2; width > 0; width /= 2)
    for (int l = 0; l < width; l++)
      even[l] += even[l + width];
  return even[0] + rest;
}

#define BF16_ROWS 14
#define BF16_NR   32

__attribute__ ((target ("avx512f,avx512bf16"))) static void
product_bf16 (size_t words, const uint32_t *a, const uint32_t *b, float *c, size_t ldc)
{
  __m512 sum[BF16_ROWS][2];
#pragma GCC unroll 16
  for (int r = 0; r < BF16_ROWS; r++)
    sum[r][0] = sum[r][1] = _mm512_setzero_ps ();
  for (size_t p = 0; p < words; p++, a += BF16_ROWS, b += BF16_NR) {
    __m512bh left = (__m512bh)_mm512_loadu_si512 (b),
             right = (__m512bh)_mm512_loadu_si512 (b + BF16_NR / 2);
#pragma GCC unroll 16
    for (int r = 0; r < BF16_ROWS; r++) {
      __m512bh own = (__m512bh)_mm512_set1_epi32 ((int)a[r]);
      sum[r][0] = _mm512_dpbf16_ps (sum[r][0], own, left);
      sum[r][1] = _mm512_dpbf16_ps (sum[r][1], own, right);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < BF16_ROWS; r++) {
    _mm512_storeu_ps (c + (size_t)r * ldc, sum[r][0]);
    _mm512_storeu_ps (c + (size_t)r * ldc + BF16_NR / 2, sum[r][1]);
  }
}
#endif

TsrNarrow
tsr_narrow (bool plain)
{
#if defined(__x86_64__)
  if (!plain && __builtin_cpu_supports ("avx512bf16"))
    return (TsrNarrow){BF16_ROWS, BF16_NR, 2, round_bf16, product_bf16};
#endif
  TsrGemmTile tile = tsr_gemm_tile_f32 ();
  return (TsrNarrow){tile.mr, tile.nr, 1, round_f32, product_f32};
}

size_t
tsr_narrow_words (const TsrNarrow *narrow, size_t k)
{
  return (k + narrow->values_a_word - 1) / narrow->values_a_word;
}

float
tsr_narrow_round (const TsrNarrow *narrow, const float *row, size_t k, uint32_t *words)
{
  return narrow->round (row, k, words);
}

void
tsr_narrow_pack (const uint32_t *source, size_t rows, size_t words, size_t width, uint32_t *panel)
{
  if (rows < width)
    memset (panel, 0, words * width * sizeof *panel);
  for (size_t p = 0; p < words; p++)
    for (size_t r = 0; r < rows; r++)
      panel[p * width + r] = source[r * words + p];
}

void
tsr_narrow_product (const TsrNarrow *narrow, size_t words, const uint32_t *a, const uint32_t *b,
                    float *c, size_t ldc)
{
  narrow->product (words, a, b, c, ldc);
}
