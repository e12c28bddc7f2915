#include "tessera-call-main.h"

void
tessera_call_main (GSourceFunc func, gpointer data)
{
  GSource *source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, NULL);
  g_source_unref (source);
}
