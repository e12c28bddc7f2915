/* Lanes: queues of one device beside each other are ordered where they are told to, and a batch
 * shared among lanes trains as one that is not. */

#include "trainer-fixture.h"
#include "tsr-device.h"
#include "tsr-random.h"

#include <math.h>
#include <unistd.h>

enum { BATCH = 8, TILES = 9 };

static TsrDevice *device;

/* ---- ordering ---- */

typedef struct {
  int *log, *n;
  int value;
} Note;

static bool
note (void *data)
{
  const Note *self = data;
  usleep (2000 * (useconds_t)(self->value % 3));
  self->log[g_atomic_int_add (self->n, 1)] = self->value;
  return true;
}

static void
add_note (Note *which, int value)
{
  GError *error = NULL;
  which->value = value;
  tsr_device_native (device, "note", note, which, sizeof *which, true, &error);
  g_assert_no_error (error);
}

/* Rounds of: one thing on lane 0, three on each lane, one on lane 0 again. */
static void
test_order (void)
{
  GError *error = NULL;
  enum { ROUNDS = 20, LANES = 3, EACH = 3, ROUND = 2 + LANES * EACH };
  static int log[ROUNDS * ROUND];
  int n = 0;
  Note which = {log, &n, 0};
  for (int round = 0; round < ROUNDS; round++) {
    add_note (&which, 100 * round);
    g_assert_true (tsr_device_fork (device, LANES, &error));
    for (int k = 0; k < EACH; k++)
      for (unsigned lane = 0; lane < LANES; lane++) {
        g_assert_true (tsr_device_use_lane (device, lane, &error));
        add_note (&which, 100 * round + 10 * (int)lane + 1 + k);
      }
    g_assert_true (tsr_device_join (device, LANES, &error));
    add_note (&which, 100 * round + 99);
  }
  g_assert_true (tsr_device_finish (device, &error));
  g_assert_cmpint (n, ==, ROUNDS * ROUND);
  for (int round = 0; round < ROUNDS; round++) {
    const int *own = log + round * ROUND;
    int last[LANES] = {0};
    g_assert_cmpint (own[0], ==, 100 * round);
    g_assert_cmpint (own[ROUND - 1], ==, 100 * round + 99);
    for (int k = 1; k < ROUND - 1; k++) {
      int lane = own[k] % 100 / 10, place = own[k] % 10;
      g_assert_cmpint (own[k] / 100, ==, round);
      g_assert_cmpint (place, ==, ++last[lane]); /* in its lane's order */
    }
  }
}

static void
test_how_many (void)
{
  unsigned units = tsr_device_info (device)->compute_units;
  g_assert_cmpuint (tsr_device_lanes (device, 1), ==, 1);
  for (unsigned parts = 1; parts <= 16; parts++) {
    unsigned lanes = tsr_device_lanes (device, parts);
    g_assert_cmpuint (lanes, >=, 1);
    g_assert_cmpuint (lanes, <=, MIN (units, TSR_MAX_LANES));
    g_assert_cmpuint (parts % lanes, ==, 0);
  }
  g_setenv ("TESSERA_LANES", "1", TRUE);
  g_assert_cmpuint (tsr_device_lanes (device, 16), ==, 1);
  g_unsetenv ("TESSERA_LANES");
}

/* ---- training ---- */

static TsrTrainer *
make (unsigned lanes, bool given)
{
  TsrTrainerSettings s = trainer_fixture_settings (BATCH);
  s.seed = 4;
  s.lanes = lanes;
  s.augment = true;
  if (!given)
    return trainer_fixture_new_noise (device, &s, TILES);
  s.noise = TSR_NOISE_CONST;
  s.style_mixing = 0;
  s.pl_weight = 0; /* its running mean is of each lane */
  s.augment = false;
  return trainer_fixture_new (device, &s, NULL, TILES);
}

/* The batch's values of an input. A lane gets the samples that would form one group of the
 * minibatch standard deviation in the whole batch: every second one. */
static void
give (TsrTrainer *trainer, unsigned lanes, const char *name, const float *values, size_t each)
{
  GError *error = NULL;
  size_t share = BATCH / lanes;
  for (unsigned lane = 0; lane < lanes; lane++) {
    g_autofree char *own = lane ? g_strdup_printf ("%s@%u", name, lane) : g_strdup (name);
    TsrBuffer *buffer = tsr_trainer_input (trainer, own);
    g_assert_nonnull (buffer);
    for (size_t k = 0; k < share; k++)
      tsr_buffer_write (buffer, k * each * sizeof (float), values + (k * lanes + lane) * each,
                        each * sizeof (float), &error);
    g_assert_no_error (error);
  }
}

static void
check_near (TsrTrainer *a, TsrTrainer *b, TsrNet net, double bound)
{
  double distance = trainer_fixture_distance (a, b, net);
  if (!(distance <= bound))
    g_error ("network %d: %g", net, distance);
}

static void
test_same (void)
{
  GError *error = NULL;
  g_autoptr (TsrTrainer) one = make (1, true), two = make (2, true);
  TsrRandom random;
  tsr_random_init (&random, 2, 2);
  for (int step = 0; step < 3; step++) {
    static const char *const names[] = {"g.z", "d.z", "real"};
    for (size_t k = 0; k < G_N_ELEMENTS (names); k++) {
      size_t each = k < 2 ? TRAINER_FIXTURE_DIM : TRAINER_FIXTURE_IMAGE;
      g_autofree float *values = g_new (float, BATCH *each);
      for (size_t j = 0; j < BATCH * each; j++)
        values[j] = (float)tsr_random_normal (&random);
      give (one, 1, names[k], values, each);
      give (two, 2, names[k], values, each);
    }
    trainer_fixture_steps (one, 1);
    trainer_fixture_steps (two, 1);
  }
  TsrTrainerStats x, y;
  tsr_trainer_take_stats (one, &x, &error);
  tsr_trainer_take_stats (two, &y, &error);
  g_assert_no_error (error);
  const double *p = (const double *)&x, *q = (const double *)&y;
  for (size_t k = 0; k < sizeof x / sizeof (double); k++)
    if (!isnan (p[k]))
      g_assert_cmpfloat_with_epsilon (p[k], q[k], 1e-4 * (1 + fabs (p[k])));
  check_near (one, two, TSR_NET_G, 1e-5);
  check_near (one, two, TSR_NET_D, 1e-5);
  check_near (one, two, TSR_NET_E, 1e-5);
  check_near (one, two, TSR_NET_G_BUFFERS, 1e-5);
}

/* Two lanes, with everything random: again the same numbers, and again after a checkpoint. */
static void
test_exact (void)
{
  GError *error = NULL;
  g_autofree char *path = trainer_fixture_path ();
  g_autoptr (TsrTrainer) whole = make (2, false), first = make (2, false), second = make (2, false);
  trainer_fixture_steps (whole, 9);
  trainer_fixture_steps (first, 5);
  tsr_trainer_save (first, path, NULL, &error);
  g_assert_no_error (error);
  tsr_trainer_load (second, path, true, &error);
  g_assert_no_error (error);
  trainer_fixture_steps (second, 4);
  for (int net = 0; net < TSR_N_NETS; net++)
    check_near (whole, second, net, 0);
  trainer_fixture_remove (path);
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  g_test_init (&argc, &argv, NULL);
  device = tsr_device_open (NULL, &error);
  g_assert_no_error (error);
  g_test_add_func ("/lanes/order", test_order);
  g_test_add_func ("/lanes/how-many", test_how_many);
  g_test_add_func ("/lanes/same", test_same);
  g_test_add_func ("/lanes/exact", test_exact);
  int result = g_test_run ();
  tsr_device_close (device);
  return result;
}
