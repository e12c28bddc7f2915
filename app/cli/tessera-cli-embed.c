/* tessera embed: every tile becomes a vector in W. */

#include "tessera-open.h"
#include "tessera-train-options.h"
#include "tsr-error.h"
#include "tsr-jobs.h"

static const TesseraOption options[] = {
    {.name = "model",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE",
     .help = "Use this model (default: the project's)"},
    {.name = "only-missing",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Embed only tiles that have no vector yet"},
    {.name = "upright",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Read each tile once as it lies, eight times as fast, instead of averaging over its "
             "turns and mirrorings"},
    {.name = "encoder",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "averaged,newest",
     .help = "Which of a checkpoint's weights read the tiles: their average over the last steps, "
             "where it has one, or the newest",
     .fallback = "averaged"},
    {.name = "untrained",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Use a fresh encoder, of the shape that train would choose with the options below: "
             "the baseline before training"},
    {.name = "precision",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "f32,bf16",
     .help = "Of the convolutions' inputs",
     .fallback = "f32"},
    TESSERA_MODEL_OPTIONS,
    TESSERA_DEVICE_OPTION,
    TESSERA_COMMON_OPTIONS};

static bool
run (TesseraCli *cli, GError **error)
{
  const char *model = tessera_options_text (cli->options, "model");
  bool untrained = tessera_options_flag (cli->options, "untrained");
  TsrEncoderWeights encoder = g_str_equal (tessera_options_text (cli->options, "encoder"), "newest")
                                  ? TSR_ENCODER_NEWEST
                                  : TSR_ENCODER_AVERAGED;
  TsrTrainOptions shape;
  if (!tessera_train_options (cli, &shape, error))
    return false;
  const char *with = model                                             ? "--model"
                     : tessera_options_given (cli->options, "encoder") ? "--encoder"
                                                                       : NULL;
  if (untrained && with) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, "--untrained and %s exclude each other.", with);
    return false;
  }
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_WRITE, error);
  if (!project)
    return false;
  g_clear_pointer (&project,
                   tsr_project_close); /* the job opens it for itself; this only checked */
  g_autofree char *path = model ? g_canonicalize_filename (model, NULL) : NULL;
  TsrEmbedJob job = {.project = cli->arguments[0],
                     .model = path,
                     .only_missing = tessera_options_flag (cli->options, "only-missing"),
                     .upright = tessera_options_flag (cli->options, "upright"),
                     .untrained = untrained,
                     .encoder = encoder,
                     .precision = tessera_train_precision (cli),
                     .options = shape,
                     .progress = cli->progress};
  if (!tessera_cli_run_job (cli, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &job, error))
    return false;
  json_object_set_new (cli->result, "embedded", json_integer (job.embedded));
  tessera_cli_set_text (cli->result, "latent", tsr_latent_name (job.latent));
  tessera_cli_set_number (cli->result, "tiles_per_s", job.tiles_per_s);
  tessera_cli_print (cli, "%u %s embedded, %.1f tiles/s.\n", job.embedded,
                     tessera_cli_noun (job.embedded, "tile", "tiles"), job.tiles_per_s);
  if (job.embedded > 0)
    tessera_cli_set_text (cli->result, "precision", job.computed_in == TSR_BF16 ? "bf16" : "f32");
  if (job.embedded > 0 && job.computed_in != job.precision)
    tessera_cli_note (cli, "This device does not multiply bf16: the tiles were embedded in f32.");
  if (job.latent == TSR_LATENT_Z)
    tessera_cli_note (cli, "The model's encoder says z: the vectors lie in Z, not in W.");
  tessera_cli_set_text (cli->result, "remark", job.remark);
  if (job.remark)
    tessera_cli_note (cli, "%s", job.remark);
  tessera_cli_report_lost (cli, &job.lost);
  g_autoptr (TsrProject) embedded =
      tsr_project_open (cli->arguments[0], TSR_PROJECT_READ_ONLY, error);
  return embedded && tessera_cli_report_map (cli, embedded, error);
}

const TesseraCommand tessera_command_embed = {
    .name = "embed",
    .arguments = "PROJECT",
    .summary = "Embed every tile in W with the model's encoder",
    .details = "A model given with --model becomes the project's. Run “tessera map” afterwards.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
