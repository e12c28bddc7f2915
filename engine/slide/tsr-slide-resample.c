/* Separable resampling: rows first, as many as the columns need. */

#include "tsr-slide-resample.h"

#include <glib.h>
#include <math.h>
#include <string.h>

/* Weights of each output sample, which sum to one. */
typedef struct {
  int taps;
  int *at;       /* [n][taps], clamped into the input */
  float *weight; /* [n][taps] */
} Filter;

static double
catmull_rom (double x)
{
  x = fabs (x);
  if (x < 1)
    return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

static void
filter_init (Filter *self, TsrSlideAxis axis, int length)
{
  bool area = axis.scale > 1;
  self->taps = area ? (int)ceil (axis.scale) + 1 : 4;
  self->at = g_new (int, (size_t)axis.n * self->taps);
  self->weight = g_new (float, (size_t)axis.n * self->taps);
  for (int i = 0; i < axis.n; i++) {
    double low = axis.start + i * axis.scale, high = axis.start + (i + 1) * axis.scale;
    double centre = (low + high) / 2 - 0.5;
    int first = area ? (int)floor (low) : (int)floor (centre) - 1;
    double weights[4], *weight = self->taps <= 4 ? weights : g_new (double, self->taps), sum = 0;
    for (int t = 0; t < self->taps; t++) {
      weight[t] = area ? MAX (MIN (first + t + 1.0, high) - MAX ((double)(first + t), low), 0)
                       : catmull_rom (first + t - centre);
      sum += weight[t];
    }
    for (int t = 0; t < self->taps; t++) {
      self->at[(size_t)i * self->taps + t] = CLAMP (first + t, 0, length - 1);
      self->weight[(size_t)i * self->taps + t] = (float)(weight[t] / sum);
    }
    if (weight != weights)
      g_free (weight);
  }
}

static void
filter_clear (Filter *self)
{
  g_free (self->at);
  g_free (self->weight);
}

static void
resample_row (const uint8_t *row, const Filter *filter, int n, float *out)
{
  const int *at = filter->at;
  const float *weight = filter->weight;
  for (int x = 0; x < n; x++, at += filter->taps, weight += filter->taps) {
    float r = 0, g = 0, b = 0;
    for (int t = 0; t < filter->taps; t++) {
      const uint8_t *pixel = row + (size_t)at[t] * 3;
      r += weight[t] * pixel[0];
      g += weight[t] * pixel[1];
      b += weight[t] * pixel[2];
    }
    *out++ = r, *out++ = g, *out++ = b;
  }
}

void
tsr_slide_resample (const uint8_t *from, int from_w, int from_h, TsrSlideAxis x, TsrSlideAxis y,
                    uint8_t *to)
{
  Filter across, down;
  filter_init (&across, x, from_w);
  filter_init (&down, y, from_h);
  size_t width = (size_t)x.n * 3;
  /* Input rows, each resampled once: an output row's taps lie within as many rows as it has. */
  int kept = down.taps;
  float *ring = g_new (float, width *kept), *sum = g_new (float, width);
  int *held = g_new (int, kept);
  memset (held, 0xFF, kept * sizeof *held);
  for (int row = 0; row < y.n; row++) {
    memset (sum, 0, width * sizeof *sum);
    for (int t = 0; t < down.taps; t++) {
      int at = down.at[(size_t)row * down.taps + t], slot = at % kept;
      float weight = down.weight[(size_t)row * down.taps + t];
      if (weight == 0)
        continue;
      if (held[slot] != at) {
        resample_row (from + (size_t)at * from_w * 3, &across, x.n, ring + slot * width);
        held[slot] = at;
      }
      const float *line = ring + slot * width;
      for (size_t i = 0; i < width; i++)
        sum[i] += weight * line[i];
    }
    for (size_t i = 0; i < width; i++)
      to[row * width + i] = (uint8_t)(CLAMP (sum[i], 0.f, 255.f) + 0.5f);
  }
  g_free (held);
  g_free (ring);
  g_free (sum);
  filter_clear (&across);
  filter_clear (&down);
}
