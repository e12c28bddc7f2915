#pragma once
/* RGB pixels to other sizes, from any place between pixels. */

#include <stdbool.h>
#include <stdint.h>

/** A row or column of output: n samples, the i-th of which covers [start + i * scale,
 * start + (i + 1) * scale) of the input's pixels, in either direction of the axis. */
typedef struct {
  double start, scale;
  int n;
} TsrSlideAxis;

/** Resamples from_w x from_h RGB pixels to x.n x y.n: the average over the area that an output
 * pixel covers where scale is above 1, Catmull-Rom (Keys, 1981, a = -1/2) at its centre otherwise.
 * What lies beyond the input counts as its nearest pixel. */
void tsr_slide_resample (const uint8_t *from, int from_w, int from_h, TsrSlideAxis x,
                         TsrSlideAxis y, uint8_t *to);
