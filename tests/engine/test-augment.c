/* Adaptive discriminator augmentation: what is drawn has the published distributions, the strength
 * follows the signs of D, and a training with strength 0 is the training without. */

#include "trainer-fixture.h"
#include "tsr-device.h"

#include <math.h>
#include <string.h>

enum { SIZE = 64, SAMPLES = 4096, BATCH = 4, TILES = 12 };

static TsrDevice *device;

static TsrBuffer *
buffer_of (const void *data, size_t bytes)
{
  GError *error = NULL;
  TsrBuffer *buffer = tsr_buffer_new (device, bytes, &error);
  g_assert_no_error (error);
  if (data)
    tsr_buffer_write (buffer, 0, data, bytes, &error);
  g_assert_no_error (error);
  return buffer;
}

/* SAMPLES draws at strength p: map [SAMPLES][6 + channels^2] and added [SAMPLES][channels]. */
static void
draw (int channels, float p, float colour, float *map, float *added)
{
  GError *error = NULL;
  size_t width = 6 + (size_t)(channels * channels);
  float state[3] = {p, 0, 0};
  TsrBuffer *maps = buffer_of (NULL, SAMPLES * width * sizeof (float)),
            *colours = buffer_of (NULL, SAMPLES * (size_t)channels * sizeof (float)),
            *states = buffer_of (state, sizeof state);
  cl_kernel kernel = tsr_device_kernel (device, "augment.cl", "draw_augmentation", NULL, &error);
  g_assert_no_error (error);
  int size = SIZE, before = 0, count = SAMPLES;
  cl_ulong seed = 3, stream = 80, step = 7;
  TsrArg args[] = {
      TSR_ARG_BUFFER (maps), TSR_ARG_BUFFER (colours), TSR_ARG_BUFFER (states), TSR_ARG (channels),
      TSR_ARG (size),        TSR_ARG (colour),         TSR_ARG (count),         TSR_ARG (before),
      TSR_ARG (seed),        TSR_ARG (stream),         TSR_ARG (step)};
  size_t items = SAMPLES;
  tsr_device_launch (device, kernel, 1, &items, NULL, args, G_N_ELEMENTS (args), &error);
  g_assert_no_error (error);
  tsr_buffer_read (maps, 0, map, SAMPLES * width * sizeof (float), &error);
  tsr_buffer_read (colours, 0, added, SAMPLES * (size_t)channels * sizeof (float), &error);
  g_assert_no_error (error);
  tsr_buffer_free (maps);
  tsr_buffer_free (colours);
  tsr_buffer_free (states);
}

typedef struct {
  double n, sum, squares;
} Moments;

static void
add (Moments *m, double x)
{
  m->n++;
  m->sum += x;
  m->squares += x * x;
}

/* Mean and standard deviation within five standard errors of a normal sample's. */
static void
check_moments (const char *what, const Moments *m, double mean, double sd)
{
  double found = m->sum / m->n, spread = sqrt (m->squares / m->n - found * found);
  if (!(fabs (found - mean) <= 5 * sd / sqrt (m->n)) ||
      !(fabs (spread - sd) <= 5 * sd / sqrt (2 * m->n)))
    g_error ("%s: mean %g and deviation %g instead of %g and %g", what, found, spread, mean, sd);
}

static void
test_identity (void)
{
  for (int channels = 1; channels <= 3; channels += 2) {
    int width = 6 + channels * channels;
    g_autofree float *map = g_new (float, (size_t)(SAMPLES * width)),
                     *added = g_new (float, (size_t)(SAMPLES * channels));
    draw (channels, 0, 1, map, added);
    for (int i = 0; i < SAMPLES; i++) {
      const float *a = map + i * width, *m = a + 6;
      const float still[6] = {1, 0, 0, 0, 1, 0};
      g_assert_cmpmem (a, sizeof still, still, sizeof still);
      for (int k = 0; k < channels * channels; k++)
        g_assert_cmpfloat (m[k], ==, k % (channels + 1) == 0 ? 1.0f : 0.0f);
      for (int k = 0; k < channels; k++)
        g_assert_cmpfloat (added[i * channels + k], ==, 0);
    }
  }
}

/* The area changes by the isotropic scale alone, s^2 with log2 s of deviation 0.2. */
static void
test_move (void)
{
  g_autofree float *map = g_new (float, SAMPLES * 15), *added = g_new (float, SAMPLES * 3);
  draw (3, 1, 1, map, added);
  Moments area = {0}, turn = {0};
  double most = 0;
  for (int i = 0; i < SAMPLES; i++) {
    const float *a = map + i * 15;
    double determinant = (double)a[0] * (double)a[4] - (double)a[1] * (double)a[3];
    g_assert_cmpfloat (determinant, >, 0); /* never mirrored: tiles are, at random, before */
    add (&area, log2 (determinant));
    add (&turn, cos (atan2 ((double)(a[3] - a[1]), (double)(a[0] + a[4]))));
    most = MAX (most, fabs ((double)a[2]));
  }
  check_moments ("area", &area, 0, 0.4);
  check_moments ("turn", &turn, 0, sqrt (0.5)); /* all directions alike */
  g_assert_cmpfloat (most, >, 8);
  g_assert_cmpfloat (most, <, 2 * SIZE);
}

/* At strength p a share of the images (1 - p)^4 (the two turns count for one) stays in place. */
static void
test_share (void)
{
  g_autofree float *map = g_new (float, SAMPLES * 15), *added = g_new (float, SAMPLES * 3);
  const float p = 0.25f;
  draw (3, p, 1, map, added);
  Moments still = {0}, plain = {0};
  for (int i = 0; i < SAMPLES; i++) {
    const float *a = map + i * 15, *m = a + 6;
    const float unmoved[6] = {1, 0, 0, 0, 1, 0}, uncoloured[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    add (&still, memcmp (a, unmoved, sizeof unmoved) == 0);
    add (&plain, memcmp (m, uncoloured, sizeof uncoloured) == 0 && added[3 * i] == 0);
  }
  /* whole pixels may be none: 1 of 17 x 17 */
  double unshifted = 1 - 0.25 + 0.25 / 289;
  double expected = unshifted * pow (0.75, 4), coloured = pow (0.75, 4);
  check_moments ("still", &still, expected, sqrt (expected * (1 - expected)));
  check_moments ("plain", &plain, coloured, sqrt (coloured * (1 - coloured)));
}

/* Grey stays grey; its gain is the contrast, its offset brightness times contrast. */
static void
test_colour (void)
{
  static const float strengths[] = {1, 0.25f};
  for (size_t k = 0; k < G_N_ELEMENTS (strengths); k++) {
    g_autofree float *map = g_new (float, SAMPLES * 15), *added = g_new (float, SAMPLES * 3);
    draw (3, 1, strengths[k], map, added);
    Moments contrast = {0}, light = {0}, saturation = {0};
    for (int i = 0; i < SAMPLES; i++) {
      const float *m = map + i * 15 + 6, *b = added + 3 * i;
      double grey = (double)(m[0] + m[1] + m[2]);
      for (int row = 1; row < 3; row++) {
        g_assert_cmpfloat_with_epsilon (
            grey, (double)(m[3 * row] + m[3 * row + 1] + m[3 * row + 2]), 1e-4 * grey);
        g_assert_cmpfloat_with_epsilon (b[0], b[row], 1e-4f * (1 + fabsf (b[0])));
      }
      /* det = c (c s)^2 for contrast c and saturation s, whatever the hue */
      double determinant = (double)m[0] * (double)(m[4] * m[8] - m[5] * m[7]) -
                           (double)m[1] * (double)(m[3] * m[8] - m[5] * m[6]) +
                           (double)m[2] * (double)(m[3] * m[7] - m[4] * m[6]);
      add (&contrast, log2 (grey));
      add (&light, (double)b[0] / grey);
      add (&saturation, 0.5 * log2 (determinant / (grey * grey * grey)));
    }
    double s = (double)strengths[k];
    check_moments ("contrast", &contrast, 0, 0.5 * s);
    check_moments ("brightness", &light, 0, 0.2 * s);
    check_moments ("saturation", &saturation, 0, s);
  }
}

/* ---- in a training ---- */

static TsrTrainer *
make (bool augment, float target, float kimg)
{
  TsrTrainerSettings s = trainer_fixture_settings (BATCH);
  s.seed = 4;
  s.augment = augment;
  s.ada_target = target;
  s.ada_kimg = kimg;
  return trainer_fixture_new_noise (device, &s, TILES);
}

static double
strength_after (TsrTrainer *trainer, int steps)
{
  GError *error = NULL;
  TsrTrainerStats stats;
  trainer_fixture_steps (trainer, steps);
  tsr_trainer_take_stats (trainer, &stats, &error);
  g_assert_no_error (error);
  return stats.augment;
}

/* Without strength it is left out: the same training, bit for bit. */
static void
test_without_strength (void)
{
  g_autoptr (TsrTrainer) plain = make (false, 0, 1), augmented = make (true, 2, 1);
  g_assert_true (isnan (strength_after (plain, 20)));
  g_assert_cmpfloat (strength_after (augmented, 20), ==, 0); /* no sign reaches a target of 2 */
  trainer_fixture_assert_same (plain, augmented, false);
}

/* With a strength that nothing is drawn at, it is there and changes nothing but roundings; it is
 * left out for the first 16 steps, at whose end the host looks. */
static void
test_hardly_any_strength (void)
{
  g_autoptr (TsrTrainer) plain = make (false, 0, 1), augmented = make (true, -2, 1e20f);
  trainer_fixture_steps (plain, 16);
  trainer_fixture_steps (augmented, 16);
  trainer_fixture_assert_same (plain, augmented, false);
  trainer_fixture_steps (plain, 5);
  double p = strength_after (augmented, 5);
  g_assert_cmpfloat (p, >, 0);
  g_assert_cmpfloat (p, <, 1e-20);
  double distance = trainer_fixture_distance (plain, augmented, TSR_NET_D);
  g_assert_cmpfloat (distance, >, 0);
  g_assert_cmpfloat (distance, <, 1e-4);
  g_assert_cmpfloat (trainer_fixture_distance (plain, augmented, TSR_NET_G), <, 1e-4);
  g_assert_cmpfloat (trainer_fixture_distance (plain, augmented, TSR_NET_E), <, 1e-4);
}

/* 4 images a step, 4 steps a move: 0.016 of a length of 1 kimg. */
static void
test_steering (void)
{
  g_autoptr (TsrTrainer) up = make (true, -2, 1), fast = make (true, -2, 0.02f);
  g_assert_cmpfloat (strength_after (up, 3), ==, 0);
  g_assert_cmpfloat_with_epsilon (strength_after (up, 1), 0.016, 1e-6);
  g_assert_cmpfloat_with_epsilon (strength_after (up, 9), 0.048, 1e-6);
  g_assert_cmpfloat (strength_after (fast, 12), ==, 1); /* and not beyond */
}

/* Cut where the strength is no longer 0 but not yet looked at, and after that. */
static void
test_resume (void)
{
  GError *error = NULL;
  static const int cuts[] = {6, 18};
  for (size_t k = 0; k < G_N_ELEMENTS (cuts); k++) {
    g_autofree char *path = trainer_fixture_path ();
    g_autoptr (TsrTrainer) whole = make (true, -2, 0.1f), first = make (true, -2, 0.1f),
                           second = make (true, -2, 0.1f);
    strength_after (whole, 23);
    strength_after (first, cuts[k]);
    tsr_trainer_save (first, path, NULL, &error);
    g_assert_no_error (error);
    tsr_trainer_load (second, path, true, &error);
    g_assert_no_error (error);
    g_assert_cmpfloat (strength_after (second, 23 - cuts[k]), ==, strength_after (whole, 0));
    trainer_fixture_assert_same (whole, second, false);
    trainer_fixture_remove (path);
  }
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  g_test_init (&argc, &argv, NULL);
  device = tsr_device_open (NULL, &error);
  g_assert_no_error (error);
  g_test_add_func ("/augment/identity", test_identity);
  g_test_add_func ("/augment/move", test_move);
  g_test_add_func ("/augment/share", test_share);
  g_test_add_func ("/augment/colour", test_colour);
  g_test_add_func ("/augment/without-strength", test_without_strength);
  g_test_add_func ("/augment/hardly-any-strength", test_hardly_any_strength);
  g_test_add_func ("/augment/steering", test_steering);
  g_test_add_func ("/augment/resume", test_resume);
  int result = g_test_run ();
  tsr_device_close (device);
  return result;
}
