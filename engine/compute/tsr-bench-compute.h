#pragma once
/* How fast a device convolves: the ceiling that a training step is measured against. */

#include "tsr-progress.h"
#include "tsr-provider.h"

typedef struct {
  TsrConvDirection direction;
  TsrConvShape shape;
  double gflop_per_s; /* of the best run: other programs only ever make it slower */
} TsrBenchRow;

/** Times the convolutions of a discriminator's blocks (3 x 3 at 64, 32 and 8 pixels, one with
 * stride 2, batch 16) in all three directions, each for about seconds_each (> 0), with all cores on
 * one and with the batch shared among lanes; the faster way counts. precision as in
 * tsr_provider_conv. Returns an array of TsrBenchRow, owned by the caller; NULL with error (also
 * when cancelled). progress may be NULL. */
GArray *tsr_bench_convolutions (TsrDevice *device, TsrPrecision precision, double seconds_each,
                                const TsrProgress *progress, GError **error);

/** The rate of a mix in which every row does an equal share of the work: the harmonic mean,
 * GFLOP/s; 0 if there is no row. */
double tsr_bench_ceiling (const GArray *rows);

/** The same of the rows of one direction: of FORWARD it is what embedding can reach. */
double tsr_bench_direction (const GArray *rows, TsrConvDirection direction);

/** Raises each row to what another measurement of the same device and precision found: other
 * programs only ever make it slower. */
void tsr_bench_better (GArray *rows, const GArray *others);
