#pragma once
/* Fourier transforms of many sequences at once on a device, one launch a pass (opencl/fft_pass.cl),
 * and what the convolution of the map's repulsion reads and writes at their ends. */

#include "tsr-device.h"

/** A plan of one length on one device. */
typedef struct TsrMapFft TsrMapFft;

/** Plans length n >= 2 of the form 2^a 3^b 5^c; NULL with error. */
TsrMapFft *tsr_map_fft_new (TsrDevice *device, size_t n, GError **error);

/** Frees a plan; NULL is allowed. */
void tsr_map_fft_free (TsrMapFft *fft);

/** What the first pass reads. A grid has nodes[1] rows of nodes[0], and is transformed at twice
 * that, half of it empty. */
typedef enum {
  TSR_MAP_FFT_PLAIN,   /* complex numbers */
  TSR_MAP_FFT_CHARGES, /* charges of the grid in fixed point, `unit` times one; columns c and c +
                          nodes[0] / 2 as one sequence of complex numbers; along columns */
  TSR_MAP_FFT_COLUMNS, /* what became of those, each column by itself again, of which frequencies 0
                          to nodes[1]; along rows */
  TSR_MAP_FFT_KERNEL,  /* what became of those times `kernel`, to be transformed back, which is done
                          with real and imaginary parts exchanged; along rows */
  TSR_MAP_FFT_HALVES,  /* columns 0 to nodes[0] of an array that is even and real; along rows */
  TSR_MAP_FFT_ROWS, /* what became of the product, two columns as one sequence again; along columns
                     */
  TSR_MAP_FFT_N_SOURCES
} TsrMapFftSource;

/** One transform. */
typedef struct {
  TsrMapFftSource source;
  bool along_rows;  /* sequences are the array's rows, else its columns */
  size_t sequences; /* how many there are */
  TsrBuffer *in;
  TsrBuffer *work[2];    /* the passes write these in turn; in is not the first */
  TsrBuffer *kernel;     /* of TSR_MAP_FFT_KERNEL, [sequences][n] */
  TsrBuffer *potentials; /* the last pass writes the grid's potentials here instead, floats; or NULL
                          */
  size_t nodes[2];
  float unit;
} TsrMapFftRun;

/** Enqueues it. *result receives which of work has the answer, where potentials is NULL. X[k] =
 * sum_j x[j] exp (-2 pi i j k / n). */
bool tsr_map_fft_run (TsrMapFft *fft, const TsrMapFftRun *run, TsrBuffer **result, GError **error);
