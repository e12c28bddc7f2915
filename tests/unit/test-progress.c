/* Progress, cancellation and the error domain. */
#include "tsr-error.h"
#include "tsr-progress.h"

static void
record (double fraction, const char *stage, void *user)
{
  *(double *)user = fraction;
  g_assert_cmpstr (stage, ==, "stage");
}

static void
test_progress (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_progress_step (NULL, 0.5, "stage", &error));
  TsrProgress nothing = {0};
  g_assert_true (tsr_progress_step (&nothing, 0.5, "stage", &error));
  double seen = -2;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TsrProgress progress = {record, &seen, cancellable};
  g_assert_true (tsr_progress_step (&progress, 0.25, "stage", &error));
  g_assert_cmpfloat (seen, ==, 0.25);
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  g_assert_false (tsr_progress_step (&progress, 0.5, "stage", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_error (void)
{
  g_assert_cmpstr (g_quark_to_string (TSR_ERROR), ==, "tsr-error-quark");
  g_assert_true (TSR_ERROR == tsr_error_quark ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/progress/step", test_progress);
  g_test_add_func ("/error/domain", test_error);
  return g_test_run ();
}
