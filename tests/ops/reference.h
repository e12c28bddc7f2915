#pragma once
/* Convolutions and products as their definitions say, in double precision: what the providers are
 * tested against. */

#include "tsr-provider.h"

/** For each value of the result also the sum of the absolute products that make it up, which bounds
 * the error of any order of summation: |error| <= terms * 2^-24 * magnitude. Buffers are the
 * caller's. */
typedef struct {
  double *value, *magnitude;
  size_t count;
  size_t terms; /* the most products that are added up in one value */
} Reference;

Reference *reference_new (size_t count);
void reference_free (Reference *reference);

/** The convolution of op's direction; operands in the order of tsr_op_enqueue. */
void reference_conv (Reference *out, TsrConvDirection direction, const TsrConvShape *shape,
                     const float *a, const float *b);

void reference_matmul (Reference *out, int m, int n, int k, bool ta, bool tb, const float *a,
                       const float *b);

/** Rounds to the nearest bf16, ties to even. */
float reference_bf16 (float x);
