/* The random numbers drawn on the device, against the host's Philox and the definition in double
 * precision. */

#include "tsr-random.h"
#include "tsr-trainer-private.h"

#include <math.h>
#include <string.h>

static TsrDevice *device;

static void
reference (uint64_t seed, uint64_t stream, uint64_t counter, double *normal)
{
  uint32_t bits[4];
  tsr_philox (seed, stream, counter, bits);
  for (int k = 0; k < 4; k += 2) {
    double radius = sqrt (-2 * log (((double)(bits[k] >> 8) + 1) * 0x1p-24)),
           angle = 2 * G_PI * (double)(bits[k + 1] >> 8) * 0x1p-24;
    normal[k] = radius * cos (angle);
    normal[k + 1] = radius * sin (angle);
  }
}

/* Every number, whatever n leaves over, and nothing behind them; shares follow each other. */
static void
test_normal (void)
{
  enum { GUARD = 16 };
  static const size_t sizes[] = {1, 2, 3, 4, 5, 63, 64, 65, 257, 4096, 16385, 70003};
  const uint64_t seed = 0x123456789abcull, stream = 0x2300000041ull;
  GError *error = NULL;
  for (size_t k = 0; k < G_N_ELEMENTS (sizes); k++)
    for (unsigned share = 0; share < 3; share += 2) {
      size_t n = sizes[k], blocks = (n + 3) / 4;
      uint64_t step = 77 + k;
      TsrBuffer *buffer = tsr_buffer_new (device, (n + GUARD) * sizeof (float), &error);
      g_assert_no_error (error);
      g_assert_true (tsr_buffer_fill (buffer, 0x7fc0dead, &error));
      g_assert_true (tsr_random_fill (device, buffer, n, share, seed, stream, step, &error));
      g_autofree float *values = g_new (float, n + GUARD);
      g_assert_true (tsr_buffer_read (buffer, 0, values, (n + GUARD) * sizeof (float), &error));
      for (size_t j = 0; j < n; j++) {
        double normal[4];
        reference (seed, stream, (step << 32) + share * blocks + j / 4, normal);
        g_assert_cmpfloat_with_epsilon ((double)values[j], normal[j % 4], 2e-5);
      }
      for (size_t j = n; j < n + GUARD; j++) {
        uint32_t bits;
        memcpy (&bits, &values[j], sizeof bits);
        g_assert_cmphex (bits, ==, 0x7fc0dead);
      }
      tsr_buffer_free (buffer);
    }
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  g_test_init (&argc, &argv, NULL);
  device = tsr_device_open (NULL, &error);
  g_assert_no_error (error);
  g_test_add_func ("/draws/normal", test_normal);
  int status = g_test_run ();
  tsr_device_close (device);
  return status;
}
