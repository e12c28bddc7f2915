#include "tsr-gemm.h"

#include <string.h>

/* One register tile: rows x (vectors * lanes) accumulators live in registers while k runs. */
#define MICRO_KERNEL(name, attributes, T, lanes, rows, vectors)                                    \
  attributes static void name (size_t k, const T *a, const T *b, T *c, size_t ldc, bool add)       \
  {                                                                                                \
    typedef T V __attribute__ ((vector_size (sizeof (T) * (lanes))));                              \
    typedef T Vu                                                                                   \
        __attribute__ ((vector_size (sizeof (T) * (lanes)), aligned (sizeof (T)), may_alias));     \
    V sum[rows][vectors];                                                                          \
    _Pragma ("GCC unroll 16") for (int r = 0; r < (rows); r++)                                     \
        _Pragma ("GCC unroll 2") for (int v = 0; v < (vectors); v++) sum[r][v] = (V){0};           \
    for (size_t p = 0; p < k; p++, a += (rows), b += (vectors) * (lanes)) {                        \
      V right[vectors];                                                                            \
      _Pragma ("GCC unroll 2") for (int v = 0; v < (vectors); v++) right[v] =                      \
          *(const Vu *)(b + v * (lanes));                                                          \
      _Pragma ("GCC unroll 16") for (int r = 0; r < (rows); r++)                                   \
          _Pragma ("GCC unroll 2") for (int v = 0; v < (vectors); v++) sum[r][v] +=                \
          a[r] * right[v];                                                                         \
    }                                                                                              \
    _Pragma ("GCC unroll 16") for (int r = 0; r < (rows); r++)                                     \
        _Pragma ("GCC unroll 2") for (int v = 0; v < (vectors); v++)                               \
    {                                                                                              \
      Vu *out = (Vu *)(c + (size_t)r * ldc + v * (lanes));                                         \
      if (add)                                                                                     \
        sum[r][v] += *out;                                                                         \
      *out = sum[r][v];                                                                            \
    }                                                                                              \
  }

/* Rows of y one after the other, less mr rows of x that stay in registers. */
#define SUBTRACT_KERNEL(name, attributes, lanes, most)                                             \
  attributes static void name (size_t depth, const double *a, size_t mr, const double *x,          \
                               size_t rows, size_t stride, double *y)                              \
  {                                                                                                \
    typedef double V __attribute__ ((vector_size (sizeof (double) * (lanes))));                    \
    typedef double Vu                                                                              \
        __attribute__ ((vector_size (sizeof (double) * (lanes)), aligned (8), may_alias));         \
    V right[most];                                                                                 \
    _Pragma ("GCC unroll 16") for (size_t r = 0; r < (most); r++) right[r] =                       \
        r < rows ? (V) * (const Vu *)(x + r * stride) : (V){0};                                    \
    for (size_t k = 0; k < depth; k++, a += mr, y += stride) {                                     \
      V even = {0}, odd = {0};                                                                     \
      _Pragma ("GCC unroll 16") for (size_t r = 0; r < (most); r += 2)                             \
      {                                                                                            \
        even += a[r] * right[r];                                                                   \
        odd += a[r + 1] * right[r + 1];                                                            \
      }                                                                                            \
      *(Vu *)y -= even + odd;                                                                      \
    }                                                                                              \
  }

SUBTRACT_KERNEL (base_subtract, , 2, 6)
MICRO_KERNEL (base_f32, , float, 4, 6, 2)
MICRO_KERNEL (base_f64, , double, 2, 6, 2)
MICRO_KERNEL (base_few_f64, , double, 2, 6, 1)

typedef struct {
  TsrGemmTile f32, f64;
  size_t few_nr;
  void (*product_f32) (size_t, const float *, const float *, float *, size_t, bool);
  void (*product_f64) (size_t, const double *, const double *, double *, size_t, bool);
  void (*product_few_f64) (size_t, const double *, const double *, double *, size_t, bool);
  void (*subtract) (size_t, const double *, size_t, const double *, size_t, size_t, double *);
} Kernels;

static const Kernels base = {{6, 8}, {6, 4}, 2, base_f32, base_f64, base_few_f64, base_subtract};

#if defined(__x86_64__)
MICRO_KERNEL (avx2_f32, __attribute__ ((target ("avx2,fma"))), float, 8, 6, 2)
MICRO_KERNEL (avx2_f64, __attribute__ ((target ("avx2,fma"))), double, 4, 6, 2)
MICRO_KERNEL (avx2_few_f64, __attribute__ ((target ("avx2,fma"))), double, 4, 6, 1)
SUBTRACT_KERNEL (avx2_subtract, __attribute__ ((target ("avx2,fma"))), 4, 6)
SUBTRACT_KERNEL (avx512_subtract, __attribute__ ((target ("avx512f"))), 8, 14)
MICRO_KERNEL (avx512_f32, __attribute__ ((target ("avx512f"))), float, 16, 14, 2)
MICRO_KERNEL (avx512_f64, __attribute__ ((target ("avx512f"))), double, 8, 14, 2)
MICRO_KERNEL (avx512_few_f64, __attribute__ ((target ("avx512f"))), double, 8, 14, 1)

static const Kernels avx2 = {{6, 16}, {6, 8}, 4, avx2_f32, avx2_f64, avx2_few_f64, avx2_subtract};
static const Kernels avx512 = {{14, 32},       {14, 16},       8, avx512_f32, avx512_f64,
                               avx512_few_f64, avx512_subtract};
#endif

static inline const Kernels *
kernels (void)
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports ("avx512f"))
    return &avx512;
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
    return &avx2;
#endif
  return &base;
}

TsrGemmTile
tsr_gemm_tile_f32 (void)
{
  return kernels ()->f32;
}

TsrGemmTile
tsr_gemm_tile_f64 (void)
{
  return kernels ()->f64;
}

size_t
tsr_gemm_few_f64 (void)
{
  return kernels ()->few_nr;
}

void
tsr_gemm_pack_f32 (const float *source, size_t rows, size_t k, size_t row_stride,
                   size_t column_stride, size_t width, float *panel)
{
  if (rows < width)
    memset (panel, 0, k * width * sizeof *panel);
  for (size_t p = 0; p < k; p++)
    for (size_t r = 0; r < rows; r++)
      panel[p * width + r] = source[r * row_stride + p * column_stride];
}

void
tsr_gemm_pack_f64 (const double *source, size_t rows, size_t k, size_t row_stride,
                   size_t column_stride, size_t width, double *panel)
{
  if (rows < width)
    memset (panel, 0, k * width * sizeof *panel);
  for (size_t p = 0; p < k && row_stride == 1; p++) /* whole stretches */
    memcpy (panel + p * width, source + p * column_stride, rows * sizeof *panel);
  for (size_t p = 0; p < k && row_stride != 1; p++)
    for (size_t r = 0; r < rows; r++)
      panel[p * width + r] = source[r * row_stride + p * column_stride];
}

void
tsr_gemm_tile_product_f32 (size_t k, const float *a, const float *b, float *c, size_t ldc, bool add)
{
  kernels ()->product_f32 (k, a, b, c, ldc, add);
}

void
tsr_gemm_tile_product_f64 (size_t k, const double *a, const double *b, double *c, size_t ldc,
                           bool add)
{
  kernels ()->product_f64 (k, a, b, c, ldc, add);
}

void
tsr_gemm_few_product_f64 (size_t k, const double *a, const double *b, double *c, size_t ldc,
                          bool add)
{
  kernels ()->product_few_f64 (k, a, b, c, ldc, add);
}

void
tsr_gemm_subtract_f64 (size_t depth, const double *a, size_t mr, const double *x, size_t rows,
                       size_t width, double *y)
{
  const Kernels *k = kernels ();
  for (size_t c = 0; c < width; c += k->few_nr)
    k->subtract (depth, a, mr, x + c, rows, width, y + c);
}
