/* Central square crop and separable resampling: area average when shrinking, Catmull-Rom bicubic
 * when growing. */

#include "tsr-image.h"

#include <math.h>
#include <string.h>

/* For every output sample: where its taps start and `taps` weights that sum to one. */
typedef struct {
  int taps;
  int *start;
  float *weight;
} Filter;

double
tsr_image_catmull_rom (double x)
{
  x = fabs (x);
  if (x < 1)
    return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/* The share of output sample `to` that input sample `from` makes up, before normalisation. */
static double
tap_weight (int from, int to, double scale)
{
  if (scale > 1) { /* overlap of the two intervals */
    double low = MAX ((double)from, to * scale), high = MIN (from + 1.0, (to + 1) * scale);
    return MAX (high - low, 0);
  }
  return tsr_image_catmull_rom (from + 0.5 - (to + 0.5) * scale);
}

static void
filter_init (Filter *filter, int from, int to)
{
  double scale = (double)from / to;
  filter->taps = MIN (scale > 1 ? (int)ceil (scale) + 1 : 4, from);
  filter->start = g_new (int, to);
  filter->weight = g_new (float, (size_t)to * filter->taps);
  for (int i = 0; i < to; i++) {
    int first = scale > 1 ? (int)floor (i * scale) : (int)floor ((i + 0.5) * scale - 0.5) - 1;
    int start = CLAMP (first, 0, from - filter->taps);
    double sum = 0;
    float *weight = filter->weight + (size_t)i * filter->taps;
    for (int t = 0; t < filter->taps; t++)
      sum += tap_weight (start + t, i, scale);
    for (int t = 0; t < filter->taps; t++)
      weight[t] = (float)(tap_weight (start + t, i, scale) / sum);
    filter->start[i] = start;
  }
}

static void
filter_clear (Filter *filter)
{
  g_free (filter->start);
  g_free (filter->weight);
}

static void
resample_row (const uint8_t *row, int channels, const Filter *filter, int size, float *out)
{
  for (int x = 0; x < size; x++) {
    const uint8_t *from = row + (size_t)filter->start[x] * channels;
    const float *weight = filter->weight + (size_t)x * filter->taps;
    float sum[3] = {0};
    if (channels == 1)
      for (int t = 0; t < filter->taps; t++)
        sum[0] += weight[t] * from[t];
    else
      for (int t = 0; t < filter->taps; t++)
        for (int c = 0; c < 3; c++)
          sum[c] += weight[t] * from[3 * t + c];
    for (int c = 0; c < channels; c++)
      out[x * channels + c] = sum[c];
  }
}

/* Rows are resampled once each and kept in a ring as long as the vertical filter needs them. */
static void
resample (const uint8_t *pixels, size_t stride, int side, int channels, int size, uint8_t *out)
{
  Filter filter;
  filter_init (&filter, side, size);
  size_t width = (size_t)size * channels;
  float *ring = g_new (float, width *filter.taps), *sum = g_new (float, width);
  int done = 0;
  for (int y = 0; y < size; y++) {
    const float *weight = filter.weight + (size_t)y * filter.taps;
    memset (sum, 0, width * sizeof *sum);
    done = MAX (done, filter.start[y]);
    for (; done < filter.start[y] + filter.taps; done++)
      resample_row (pixels + done * stride, channels, &filter, size,
                    ring + (done % filter.taps) * width);
    for (int t = 0; t < filter.taps; t++) {
      const float *row = ring + ((filter.start[y] + t) % filter.taps) * width;
      for (size_t i = 0; i < width; i++)
        sum[i] += weight[t] * row[i];
    }
    for (size_t i = 0; i < width; i++)
      out[y * width + i] = (uint8_t)(CLAMP (sum[i], 0.f, 255.f) + 0.5f);
  }
  g_free (ring);
  g_free (sum);
  filter_clear (&filter);
}

void
tsr_image_resize (const TsrImage *from, int size, TsrImage *to)
{
  int side = MIN (from->width, from->height), channels = from->channels;
  size_t stride = (size_t)from->width * channels;
  const uint8_t *corner = from->pixels + (from->height - side) / 2 * stride +
                          (size_t)((from->width - side) / 2) * channels;
  *to = (TsrImage){.width = size, .height = size, .channels = channels};
  to->pixels = g_malloc ((size_t)size * size * channels);
  if (side != size) {
    resample (corner, stride, side, channels, size, to->pixels);
    return;
  }
  for (int y = 0; y < size; y++)
    memcpy (to->pixels + (size_t)y * size * channels, corner + y * stride, (size_t)size * channels);
}
