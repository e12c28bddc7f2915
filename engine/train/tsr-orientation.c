#include "tsr-orientation.h"

#include <glib.h>

/* More tiles say nothing new. */
enum { ENOUGH = 4096 };

#define SAME 0.1

int
tsr_orientations_parse (const char *text)
{
  gint64 number = text ? g_ascii_strtoll (text, NULL, 10) : 0;
  return number == 1 || number == 2 ? (int)number : TSR_SYMMETRIES;
}

int
tsr_orientations_of (const uint8_t *tiles, uint32_t n, int resolution, int channels)
{
  size_t pixels = (size_t)resolution * (size_t)resolution, image = pixels * (size_t)channels;
  uint32_t used = MIN (n, ENOUGH);
  if (used < 2)
    return TSR_SYMMETRIES;
  g_autofree double *mean = g_new0 (double, image);
  double squares = 0, means = 0, most = 0, mirrored = 0;
  for (uint32_t k = 0; k < used; k++) {
    const uint8_t *tile = tiles + (size_t)((uint64_t)k * n / used) * image;
    for (size_t j = 0; j < image; j++) {
      mean[j] += tile[j];
      squares += (double)tile[j] * tile[j];
    }
  }
  for (size_t j = 0; j < image; j++) {
    mean[j] /= used;
    means += mean[j] * mean[j];
  }
  double variance = squares / used - means;
  for (int turn = 1; turn < TSR_SYMMETRIES; turn++) {
    double difference = 0;
    for (int y = 0; y < resolution; y++)
      for (int x = 0; x < resolution; x++)
        for (int c = 0; c < channels; c++) {
          size_t here = (size_t)(y * resolution + x),
                 there = (size_t)tsr_oriented_pixel (resolution, turn, y, x);
          double d = mean[here * (size_t)channels + (size_t)c] -
                     mean[there * (size_t)channels + (size_t)c];
          difference += d * d / 2;
        }
    most = MAX (most, difference);
    mirrored = turn == 1 ? difference : mirrored;
  }
  /* Means of few tiles differ by chance, by the variance over their number. */
  double bound = (SAME + 4.0 / used) * variance;
  return most <= bound ? TSR_SYMMETRIES : mirrored <= bound ? 2 : 1;
}
