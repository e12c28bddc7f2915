#pragma once
/* Products of vectors rounded to what this processor multiplies quickest: bf16 where it has
 * instructions for it (AVX-512 BF16: twice the rate of single precision), else single precision as
 * in tsr-gemm. On the calling thread; sums are in single precision. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Columns come in multiples of this. */
#define TSR_NARROW_UNIT 32

/** One kind of such products. A panel of `width` rows holds words of 32 bits, [words (k)][width];
 * a word is one value or a pair of them. */
typedef struct {
  size_t mr, nr;        /* rows of an A panel and of a B panel; nr divides TSR_NARROW_UNIT */
  size_t values_a_word; /* 1 or 2 */
  float (*round) (const float *row, size_t k, uint32_t *words);
  void (*product) (size_t words, const uint32_t *a, const uint32_t *b, float *c, size_t ldc);
} TsrNarrow;

/** Returns the quickest kind of this processor; with plain, single precision in any case. */
TsrNarrow tsr_narrow (bool plain);

/** Returns how many words a vector of k values takes. */
size_t tsr_narrow_words (const TsrNarrow *narrow, size_t k);

/** Rounds a row of k values into words, and returns the squared norm of the rounded row. */
float tsr_narrow_round (const TsrNarrow *narrow, const float *row, size_t k, uint32_t *words);

/** Packs `rows` rounded rows, [rows][words], into one panel [words][width]; rows beyond are 0. */
void tsr_narrow_pack (const uint32_t *source, size_t rows, size_t words, size_t width,
                      uint32_t *panel);

/** c [mr,nr] with leading dimension ldc = A panel times B panel transposed. */
void tsr_narrow_product (const TsrNarrow *narrow, size_t words, const uint32_t *a,
                         const uint32_t *b, float *c, size_t ldc);
