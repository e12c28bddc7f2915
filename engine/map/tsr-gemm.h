#pragma once
/* Blocked matrix products A B^T on the calling thread, register-tiled for AVX-512, AVX2 and the
 * base. Operands are packed into panels first. Each element is one chain of multiply-adds over k in
 * ascending order, so x.y and y.x agree bit for bit, and equal rows have equal products: the
 * neighbour search relies on it. */

#include <stdbool.h>
#include <stddef.h>

/** Rows of an A panel and of a B panel on this machine. */
typedef struct {
  size_t mr, nr;
} TsrGemmTile;

/** Returns the tile of the single-precision product. */
TsrGemmTile tsr_gemm_tile_f32 (void);

/** Returns the tile of the double-precision product. */
TsrGemmTile tsr_gemm_tile_f64 (void);

/** Packs rows [0, rows) of a matrix with element (r, p) at source[r * row_stride + p *
 * column_stride] into one panel [k][width]; rows beyond are 0. */
void tsr_gemm_pack_f32 (const float *source, size_t rows, size_t k, size_t row_stride,
                        size_t column_stride, size_t width, float *panel);

/** The same in double precision. */
void tsr_gemm_pack_f64 (const double *source, size_t rows, size_t k, size_t row_stride,
                        size_t column_stride, size_t width, double *panel);

/** c [mr, nr] with leading dimension ldc = (or, if add, +=) A panel times B panel transposed. */
void tsr_gemm_tile_product_f32 (size_t k, const float *a, const float *b, float *c, size_t ldc,
                                bool add);

/** The same in double precision, of panels and a tile of f64. */
void tsr_gemm_tile_product_f64 (size_t k, const double *a, const double *b, double *c, size_t ldc,
                                bool add);

/** Rows of a B panel that is half as wide, for a few of them; its A panels are those of f64. */
size_t tsr_gemm_few_f64 (void);

/** tsr_gemm_tile_product_f64 with such a B panel: the same numbers, bit for bit. */
void tsr_gemm_few_product_f64 (size_t k, const double *a, const double *b, double *c, size_t ldc,
                               bool add);

/** y [depth, width] -= A panel [depth][mr] times x [rows, width], rows <= mr, width the rows of
 * either B panel of f64. */
void tsr_gemm_subtract_f64 (size_t depth, const double *a, size_t mr, const double *x, size_t rows,
                            size_t width, double *y);
