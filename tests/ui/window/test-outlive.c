/* A program whose last window is closed ends when its work has. */

#include "tessera-outlive.h"

static gboolean done;

static void
work_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_usleep (G_USEC_PER_SEC / 2);
  g_task_return_boolean (task, TRUE);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  done = g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
activate_cb (void)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, done_cb, NULL);
  tessera_outlive (task);
  g_task_run_in_thread (task, work_thread);
}

static void
test_application (void)
{
  g_autoptr (GApplication) application = g_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  g_application_set_default (application);
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  g_assert_cmpint (g_application_run (application, 0, NULL), ==, 0);
  g_assert_true (done);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/outlive/application", test_application);
  return g_test_run ();
}
