/* The guest of the engine thread: it gives way to jobs and comes back, and whoever is taken in
 * comes and is sent away once. */

#include "tsr-engine.h"
#include "tsr-error.h"

typedef struct {
  gint visits, here, freed, failed, job_saw_guest;
  gboolean fail;
} House;

static bool
guest (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  House *house = data;
  g_assert_nonnull (device);
  g_atomic_int_inc (&house->visits);
  if (house->fail) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED, "It failed on purpose.");
    return false;
  }
  g_atomic_int_set (&house->here, 1);
  while (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_usleep (500);
  g_atomic_int_set (&house->here, 0);
  return false;
}

static bool
job (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  House *house = data;
  house->job_saw_guest += g_atomic_int_get (&house->here);
  return true;
}

static void
note_failure (const GError *error, gpointer data)
{
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_atomic_int_inc (&((House *)data)->failed);
}

static void
note_free (gpointer data)
{
  g_atomic_int_inc (&((House *)data)->freed);
}

static void
await (gint *what, gint value)
{
  for (int k = 0; g_atomic_int_get (what) != value; k++) {
    g_assert_cmpint (k, <, 60000);
    g_usleep (1000);
  }
}

static void
test_guest (void)
{
  g_autoptr (GError) error = NULL;
  House house = {0}, other = {0}, bad = {.fail = TRUE};
  TsrEngine *engine = tsr_engine_new (NULL);
  tsr_engine_set_guest (engine, guest, note_failure, &house, note_free);
  await (&house.here, 1);
  for (int k = 0; k < 50; k++) /* jobs never wait for it, nor run beside it */
    g_assert_true (tsr_engine_run (engine, "job",
                                   k % 2 == 1 ? TSR_ENGINE_DEVICE : TSR_ENGINE_NO_DEVICE, job,
                                   &house, NULL, &error));
  g_assert_cmpint (house.job_saw_guest, ==, 0);
  await (&house.here, 1);
  g_assert_cmpint (house.visits, >, 1);
  g_assert_cmpint (house.freed, ==, 0);

  tsr_engine_set_guest (engine, guest, note_failure, &other, note_free); /* one after the other */
  await (&other.here, 1);
  g_assert_cmpint (house.here, ==, 0);
  g_assert_cmpint (house.freed, ==, 1);
  tsr_engine_set_guest (engine, NULL, NULL, NULL, NULL);
  await (&other.here, 0);
  await (&other.freed, 1);
  g_assert_true (tsr_engine_run (engine, "job", TSR_ENGINE_NO_DEVICE, job, &house, NULL, &error));
  g_assert_cmpint (other.visits, ==, 1);

  tsr_engine_set_guest (engine, guest, note_failure, &bad, note_free); /* does not come back */
  await (&bad.freed, 1);
  g_assert_true (tsr_engine_run (engine, "job", TSR_ENGINE_NO_DEVICE, job, &house, NULL, &error));
  g_assert_cmpint (bad.visits, ==, 1);
  g_assert_cmpint (bad.failed, ==, 1);

  tsr_engine_set_guest (engine, guest, note_failure, &house, note_free);
  await (&house.here, 1);
  tsr_engine_free (engine);
  g_assert_cmpint (house.here, ==, 0);
  g_assert_cmpint (house.freed, ==, 2);
  g_assert_cmpint (house.failed + other.failed, ==, 0);

  engine = tsr_engine_new ("no such device");
  bad.failed = bad.freed = 0;
  tsr_engine_set_guest (engine, guest, NULL, &bad, note_free);
  await (&bad.freed, 1);
  tsr_engine_free (engine);
}

/* Whoever is taken in comes, and is not sent away without a reason, however the threads meet. */
static void
test_taken_in (void)
{
  TsrEngine *engine = tsr_engine_new (NULL);
  for (int k = 0; k < 2000; k++) {
    House house = {0};
    if (k % 3 == 1)
      g_usleep ((gulong)k % 50);
    if (k % 3 == 2)
      tsr_engine_run (engine, "job", TSR_ENGINE_NO_DEVICE, job, &house, NULL, NULL);
    tsr_engine_set_guest (engine, guest, NULL, &house, note_free);
    await (&house.here, 1);
    if (k % 100 == 0)
      g_usleep (2000);
    g_assert_cmpint (g_atomic_int_get (&house.here), ==, 1);
    g_assert_cmpint (g_atomic_int_get (&house.visits), ==, 1);
    tsr_engine_set_guest (engine, NULL, NULL, NULL, NULL);
    await (&house.freed, 1);
    g_assert_cmpint (house.visits, ==, 1);
  }
  tsr_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guest/gives-way", test_guest);
  g_test_add_func ("/guest/taken-in", test_taken_in);
  return g_test_run ();
}
