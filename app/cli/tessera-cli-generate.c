/* tessera generate: what the model has learned to draw. */

#include "tessera-command.h"
#include "tsr-error.h"
#include "tsr-jobs.h"

static const TesseraOption options[] = {
    {.name = "n",
     .letter = 'n',
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .help = "How many tiles",
     .fallback = "16",
     .min = 1,
     .max = 1e6},
    {.name = "out",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "DIR",
     .help = "The folder for the PNG files, new or empty; required"},
    {.name = "seed",
     .kind = TESSERA_OPTION_INTEGER,
     .help = "Same seed, same tiles",
     .fallback = "0",
     .min = 0,
     .max = INT64_MAX},
    {.name = "truncation",
     .kind = TESSERA_OPTION_NUMBER,
     .help = "psi: 1 for all variety, less for more typical tiles",
     .fallback = "1",
     .min = -2,
     .max = 2},
    TESSERA_DEVICE_OPTION,
    TESSERA_COMMON_OPTIONS};

static bool
run (TesseraCli *cli, GError **error)
{
  const char *out = tessera_options_text (cli->options, "out");
  if (!out) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 "--out is missing; it takes the folder for the generated tiles.");
    return false;
  }
  g_autofree char *folder = g_strdup (out);
  TsrGenerateJob job = {.model = cli->arguments[0],
                        .n = (uint32_t)tessera_options_integer (cli->options, "n"),
                        .seed = (uint64_t)tessera_options_integer (cli->options, "seed"),
                        .truncation = tessera_options_number (cli->options, "truncation"),
                        .out = folder,
                        .progress = cli->progress};
  if (!tessera_cli_run_job (cli, "generate", TSR_ENGINE_DEVICE, tsr_job_generate, &job, error))
    return false;
  tessera_cli_set_text (cli->result, "model", cli->arguments[0]);
  tessera_cli_set_text (cli->result, "folder", out);
  json_object_set_new (cli->result, "generated", json_integer (job.n));
  g_autofree char *shown = tessera_cli_shown (out);
  tessera_cli_print (cli, "%u %s in %s.\n", job.n, tessera_cli_noun (job.n, "tile", "tiles"),
                     shown);
  return true;
}

const TesseraCommand tessera_command_generate = {
    .name = "generate",
    .arguments = "MODEL -n N --out DIR",
    .summary = "Write tiles that a model draws",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
