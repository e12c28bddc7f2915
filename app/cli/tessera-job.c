/* Jobs on the engine thread, for commands. */

#include "tessera-command.h"

typedef struct {
  GMainLoop *loop;
  bool ok;
  GError **error;
} Wait;

static void
job_done (GObject *source, GAsyncResult *result, gpointer data)
{
  Wait *wait = data;
  wait->ok = tsr_engine_finish (result, wait->error);
  g_main_loop_quit (wait->loop);
}

static void
noticed_cb (const char *notice, gpointer cli)
{
  tessera_cli_note (cli, "%s", notice);
}

bool
tessera_cli_run_job (TesseraCli *cli, const char *name, TsrEngineNeed need, TsrJob job,
                     gpointer data, GError **error)
{
  if (!cli->engine) {
    bool choice = tessera_options_has (cli->options, "device");
    cli->engine = tsr_engine_new (choice ? tessera_options_text (cli->options, "device") : NULL);
    tsr_engine_set_noticed (cli->engine, noticed_cb, cli);
    cli->stop_engine = tsr_engine_free;
  }
  Wait wait = {.loop = g_main_loop_new (NULL, FALSE), .error = error};
  tsr_engine_run_async (cli->engine, name, need, job, data, NULL, cli->cancellable, job_done,
                        &wait);
  g_main_loop_run (wait.loop);
  g_main_loop_unref (wait.loop);
  return wait.ok;
}
