#pragma once
/* What benches print of something done many times. */

#include <glib.h>

/** Times of `runs` repetitions, in the unit they were given in (milliseconds unless it says
 * otherwise); all 0 where there were none. */
typedef struct {
  double median, p99, worst;
  guint runs;
} TesseraTiming;

#define TESSERA_TIMED_FRAMES 150 /* of each movement of a view */

/** Sorts n times and sums them up. */
TesseraTiming tessera_timing (double *times, guint n);
