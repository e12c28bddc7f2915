#include "tessera-outlive.h"

void
tessera_outlive (GTask *task)
{
  GApplication *application = g_application_get_default ();
  if (application == NULL || g_task_get_completed (task))
    return;
  g_application_hold (application);
  g_signal_connect_object (task, "notify::completed", G_CALLBACK (g_application_release),
                           application, G_CONNECT_SWAPPED);
}
