/* tessera reconstruct: which tiles the model does not see well. */

#include "tessera-open.h"
#include "tessera-train-options.h"
#include "tsr-jobs.h"
#include "tsr-reconstruction.h"

static const TesseraOption options[] = {{.name = "precision",
                                         .kind = TESSERA_OPTION_CHOICE,
                                         .choices = "f32,bf16",
                                         .help = "Of the encoder's convolutions' inputs",
                                         .fallback = "f32"},
                                        TESSERA_DEVICE_OPTION,
                                        TESSERA_COMMON_OPTIONS};

static bool
run (TesseraCli *cli, GError **error)
{
  TsrReconstructJob job = {.project = cli->arguments[0],
                           .precision = tessera_train_precision (cli),
                           .progress = cli->progress};
  if (!tessera_cli_run_job (cli, "reconstruct", TSR_ENGINE_DEVICE, tsr_job_reconstruct, &job,
                            error))
    return false;
  json_object_set_new (cli->result, "compared", json_integer (job.compared));
  json_object_set_new (cli->result, "flagged", json_integer (job.flagged));
  tessera_cli_set_number (cli->result, "limit", TSR_RECONSTRUCTION_LIMIT);
  tessera_cli_set_text (cli->result, "column", TSR_RECONSTRUCTION_COLUMN);
  tessera_cli_print (cli,
                     "%u tiles compared with what the model sees of them. %u of them it does not "
                     "see well: do not trust what is predicted of those.\n"
                     "The column “%s” holds every tile's score; those above %.1f are flagged.\n",
                     job.compared, job.flagged, TSR_RECONSTRUCTION_COLUMN,
                     TSR_RECONSTRUCTION_LIMIT);
  tessera_cli_report_lost (cli, &job.lost);
  return true;
}

const TesseraCommand tessera_command_reconstruct = {
    .name = "reconstruct",
    .arguments = "PROJECT",
    .summary = "Compare every tile with what the model sees of it",
    .details =
        "A tile that the model draws badly from its own reading of it is one that it does not "
        "know: pen marks, folds,\nglass, much that is out of focus. The window can colour the map "
        "by the column this makes, and export --csv\nhands it on. “tessera embed” with another "
        "model removes it.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
