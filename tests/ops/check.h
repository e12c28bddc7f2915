#pragma once
/* Runs one operation between sentinels and compares it with the reference. */

#include "reference.h"

/** Opens the device and the provider that a test is about; NULL (and the test skipped) where it is
 * not there. */
typedef struct {
  TsrDevice *device;
  TsrProvider *provider;
} Bench;

bool bench_open (Bench *bench, TsrProviderKind kind);
void bench_close (Bench *bench);

/** What to compute: a convolution, or a product if is_matmul. */
typedef struct {
  bool is_matmul;
  TsrConvDirection direction;
  TsrConvShape conv;
  int m, n, k;
  bool ta, tb;
  TsrPrecision precision;
} Case;

/** Plans and runs the case on random operands, twice with the same plan; a mismatch, a value
 * outside the result that was touched or an error fails the test with a description. */
void check_case (Bench *bench, const Case *what);

/** Whether the result of the case is that of operands rounded to bf16, and not that of the operands
 * themselves. */
bool rounds_to_bf16 (Bench *bench, const Case *what);
