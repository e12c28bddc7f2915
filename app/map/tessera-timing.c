#include "tessera-timing.h"

#include <stdlib.h>

static int
compare (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

TesseraTiming
tessera_timing (double *times, guint n)
{
  if (n == 0)
    return (TesseraTiming){0};
  qsort (times, n, sizeof *times, compare);
  return (TesseraTiming){.median = (times[(n - 1) / 2] + times[n / 2]) / 2,
                         .p99 = times[(99 * n + 99) / 100 - 1],
                         .worst = times[n - 1],
                         .runs = n};
}
