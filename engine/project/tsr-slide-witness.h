#pragma once
/* Whether a slide still looks as it did when its tiles joined: a few of their thumbnails against
 * its pixels. A file's size does not tell two exports of one scanner apart, and a fingerprint does
 * not tell another slide from this one without its label's picture. */

#include "tsr-project.h"
#include "tsr-slide.h"

/** Of one tile: where it lies on its slide, and what it looked like. */
typedef struct {
  int64_t x, y;
  int32_t side;
  uint32_t tile;
  GBytes *jpeg; /* its thumbnail */
} TsrSlideWitness;

/** Frees what the witness holds; the struct is the caller's. */
void tsr_slide_witness_clear (TsrSlideWitness *witness);

/** Whether most of witnesses[n] that can be read look as they did; of none: true. What differs is
 * told on 8 x 8 means, so that compression and another way of resampling do not count. */
bool tsr_slide_looks_the_same (TsrSlide *slide, const TsrSlideWitness *witnesses, size_t n);
