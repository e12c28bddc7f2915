/* Separable resampling: rows first, as many as the columns need. */

#include "tsr-slide-resample.h"

#include "tsr-image.h"

#include <glib.h>
#include <math.h>
#include <string.h>

/* Weights of each output sample, which sum to one. */
typedef struct {
  int taps;
  int *at;       /* [n][taps], clamped into the input */
  float *weight; /* [n][taps] */
} Filter;

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
                       : tsr_image_catmull_rom (first + t - centre);
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

/* Red, green, blue and nothing: a pixel is one vector. */
typedef float Pixel __attribute__ ((vector_size (16)));
typedef int Whole __attribute__ ((vector_size (16)));

static void
resample_row (const uint8_t *row, int length, const Filter *filter, int n, Pixel *wide, Pixel *out)
{
  for (int i = 0; i < length; i++, row += 3)
    wide[i] = (Pixel){row[0], row[1], row[2], 0};
  const int *at = filter->at;
  const float *weight = filter->weight;
  for (int x = 0; x < n; x++, at += filter->taps, weight += filter->taps) {
    Pixel sum = {0};
    for (int t = 0; t < filter->taps; t++)
      sum += weight[t] * wide[at[t]];
    out[x] = sum;
  }
}

static void
put_row (const Pixel *sum, int n, uint8_t *to)
{
  for (int x = 0; x < n; x++, to += 3) {
    Whole value = __builtin_convertvector(sum[x] + 0.5f, Whole);
    for (int c = 0; c < 3; c++)
      to[c] = (uint8_t)CLAMP (value[c], 0, 255);
  }
}

void
tsr_slide_resample (const uint8_t *from, int from_w, int from_h, TsrSlideAxis x, TsrSlideAxis y,
                    uint8_t *to)
{
  Filter across, down;
  filter_init (&across, x, from_w);
  filter_init (&down, y, from_h);
  /* Input rows, each resampled once: an output row's taps lie within as many rows as it has. */
  int kept = down.taps;
  size_t n = (size_t)x.n;
  Pixel *ring = g_aligned_alloc (n * kept + n + (size_t)from_w, sizeof (Pixel), sizeof (Pixel));
  Pixel *sum = ring + n * kept, *wide = sum + n;
  int *held = g_new (int, kept);
  memset (held, 0xFF, kept * sizeof *held);
  for (int row = 0; row < y.n; row++) {
    memset (sum, 0, n * sizeof *sum);
    for (int t = 0; t < down.taps; t++) {
      int at = down.at[(size_t)row * down.taps + t], slot = at % kept;
      float weight = down.weight[(size_t)row * down.taps + t];
      if (weight == 0)
        continue;
      if (held[slot] != at) {
        resample_row (from + (size_t)at * from_w * 3, from_w, &across, x.n, wide, ring + slot * n);
        held[slot] = at;
      }
      const Pixel *line = ring + slot * n;
      for (size_t i = 0; i < n; i++)
        sum[i] += weight * line[i];
    }
    put_row (sum, x.n, to + (size_t)row * n * 3);
  }
  g_free (held);
  g_aligned_free (ring);
  filter_clear (&across);
  filter_clear (&down);
}
