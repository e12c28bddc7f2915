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

/* A stretch of longer work: its fractions lie within it, its stage can have another name, and it
 * stops when the whole does. */
static void
test_share (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  double seen = -2;
  TsrProgress whole = {record, &seen, cancellable};
  TsrProgressShare share, inner;
  TsrProgress part = tsr_progress_share (&whole, &share, 0.5, 0.75, "stage");
  const double told[] = {-1, 0, 0.5, 1, 2}, expected[] = {0.5, 0.5, 0.625, 0.75, 0.75};
  for (guint k = 0; k < G_N_ELEMENTS (told); k++) {
    g_assert_true (tsr_progress_step (&part, told[k], "another", &error));
    g_assert_cmpfloat (seen, ==, expected[k]);
  }
  TsrProgress nested = tsr_progress_share (&part, &inner, 0, 0.5, NULL);
  g_assert_true (tsr_progress_step (&nested, 1, NULL, &error));
  g_assert_cmpfloat (seen, ==, 0.625);
  g_cancellable_cancel (cancellable);
  g_assert_false (tsr_progress_step (&nested, 1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  TsrProgress nobody = tsr_progress_share (NULL, &share, 0, 1, NULL);
  g_assert_true (tsr_progress_step (&nobody, 0.5, "stage", NULL));
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
  g_test_add_func ("/progress/share", test_share);
  g_test_add_func ("/error/domain", test_error);
  return g_test_run ();
}
