/* tessera train: the model learns the project's tiles. */

#include "tessera-open.h"
#include "tessera-train-options.h"
#include "tsr-error.h"
#include "tsr-jobs.h"

#include <math.h>
#include <string.h>

static const TesseraOption options[] = {
    {.name = "resume",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Go on from the last checkpoint, exactly as if it had not been interrupted"},
    {.name = "encoder-only",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Train the encoder against the model's frozen generator"},
    {.name = "model",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE",
     .help = "With --encoder-only: the model whose generator serves, such as a converted public "
             "checkpoint (default: the project's)"},
    {.name = "generator-reconstructs",
     .kind = TESSERA_OPTION_FLAG,
     .help =
         "Move the generator, too, towards giving real tiles back (default: the encoder alone)"},
    TESSERA_MODEL_OPTIONS,
    {.name = "batch", .kind = TESSERA_OPTION_INTEGER, .help = "Tiles a step", .min = 1, .max = 512},
    {.name = "kimg",
     .kind = TESSERA_OPTION_NUMBER,
     .help = "Length: thousands of tiles shown",
     .min = 0.001,
     .max = 1e6},
    {.name = "gamma", .kind = TESSERA_OPTION_NUMBER, .help = "Weight of R1", .min = 0, .max = 1e6},
    {.name = "lambda",
     .kind = TESSERA_OPTION_NUMBER,
     .help = "Weight of the encoder's log-likelihood term",
     .min = 0,
     .max = 1e6},
    {.name = "beta",
     .kind = TESSERA_OPTION_NUMBER,
     .help = "Weight of the encoder's reconstruction term",
     .min = 0,
     .max = 1e6},
    {.name = "encoder-ema",
     .kind = TESSERA_OPTION_NUMBER,
     .help =
         "Half-life of the encoder's average in thousands of tiles; 0: none, tiles are embedded "
         "with the newest weights (default 10)",
     .min = 0,
     .max = 1e5},
    {.name = "latent",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "w,z",
     .help = "The latent vector that the encoder learns to say, and embeds tiles by (default w; z "
             "is there to compare with)"},
    {.name = "learning-rate",
     .kind = TESSERA_OPTION_NUMBER,
     .help = "Of Adam, before the corrections for lazy steps",
     .min = 1e-8,
     .max = 1},
    {.name = "orientations",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "auto,all,mirrored,upright",
     .help = "How tiles are shown: turned and mirrored, mirrored, or as they lie (default auto: "
             "all, unless the tiles have a way up)"},
    {.name = "augment",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "ada,none",
     .help = "Move and recolour what the discriminator sees, as strongly as keeps it from learning "
             "few tiles by heart (default: ada below 30,000 tiles)"},
    {.name = "choose",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "last,reconstruction",
     .help = "Which state of the training becomes the model: the last (default), or of those at "
             "checkpoints the one that gives the tiles' colours back best"},
    {.name = "inception",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE",
     .help = "Measure generated tiles by InceptionV3, whose weights this safetensors file holds "
             "(docs/quality.md; default: by the demonstration's model)"},
    {.name = "precision",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "f32,bf16",
     .help = "Of the convolutions' inputs (default f32)"},
    TESSERA_DEVICE_OPTION,
    TESSERA_COMMON_OPTIONS};

/* The newest news of the training, kept for the result. */
typedef struct {
  TesseraCli *cli;
  uint64_t step;
  double kimg, images_per_s, elapsed_s;
  double losses[8];
  uint64_t memory;
  TsrQuality quality;
  const char *features;
  char *message;
} News;

static const char *const loss_names[] = {"g",   "d",   "r1",        "pl",
                                         "nll", "mse", "real_sign", "augment"};

static void
receive (gpointer data, gpointer user)
{
  const TsrTrainSnapshot *snapshot = data;
  News *news = user;
  const double losses[] = {snapshot->loss_g,    snapshot->loss_d,   snapshot->loss_r1,
                           snapshot->loss_pl,   snapshot->loss_nll, snapshot->loss_mse,
                           snapshot->real_sign, snapshot->augment};
  memcpy (news->losses, losses, sizeof losses);
  if (news->memory == 0) {
    g_autofree char *memory = g_format_size_full (snapshot->memory, G_FORMAT_SIZE_IEC_UNITS);
    tessera_cli_note (news->cli, "Training takes %s of memory on the device.", memory);
  }
  news->memory = snapshot->memory;
  news->quality = snapshot->quality;
  news->features = snapshot->features;
  news->step = snapshot->step;
  news->kimg = snapshot->kimg;
  news->images_per_s = snapshot->images_per_s;
  news->elapsed_s = snapshot->elapsed_s;
  if (snapshot->message && g_strcmp0 (snapshot->message, news->message) != 0) {
    g_free (news->message);
    news->message = g_strdup (snapshot->message);
    g_autofree char *shown = tessera_cli_shown (news->message);
    tessera_cli_note (news->cli, "%s", shown);
  }
  g_autofree char *total =
      snapshot->kimg_total > 0 ? g_strdup_printf (" of %.4g", snapshot->kimg_total) : NULL;
  g_autofree char *adversaries =
      isfinite (snapshot->loss_g)
          ? g_strdup_printf (", G %.2f D %.2f", snapshot->loss_g, snapshot->loss_d)
          : NULL; /* a frozen generator */
  g_autofree char *details = g_strdup_printf (
      "%.4g%s kimg, %.1f tiles/s%s%s, encoder %.2f, "
      "reconstruction %.4f, augmentation %.2f",
      snapshot->kimg, total ? total : "", snapshot->images_per_s,
      snapshot->slowed ? " (slower than before)" : "", adversaries ? adversaries : "",
      snapshot->loss_nll, snapshot->loss_mse, isfinite (snapshot->augment) ? snapshot->augment : 0);
  tessera_progress_line_details (news->cli->line, details);
}

static void
report (TesseraCli *cli, TsrProject *project, const News *news, double chosen_kimg)
{
  g_autofree char *model = tsr_project_get_model (project);
  tessera_cli_set_text (cli->result, "model", model);
  json_object_set_new (cli->result, "step", json_integer ((json_int_t)news->step));
  tessera_cli_set_number (cli->result, "kimg", news->kimg);
  tessera_cli_set_number (cli->result, "images_per_s", news->images_per_s);
  tessera_cli_set_number (cli->result, "elapsed_s", news->elapsed_s);
  json_object_set_new (cli->result, "memory_bytes", json_integer ((json_int_t)news->memory));
  tessera_cli_set_number (cli->result, "chosen_kimg", chosen_kimg > 0 ? chosen_kimg : (double)NAN);
  json_t *losses = json_object ();
  for (size_t i = 0; i < G_N_ELEMENTS (loss_names); i++)
    tessera_cli_set_number (losses, loss_names[i], news->losses[i]);
  json_object_set_new (cli->result, "losses", losses);
  json_t *quality = json_object ();
  tessera_cli_set_number (quality, "frechet", news->quality.frechet);
  tessera_cli_set_number (quality, "kid", news->quality.kid);
  tessera_cli_set_number (quality, "precision", news->quality.precision);
  tessera_cli_set_number (quality, "recall", news->quality.recall);
  tessera_cli_set_text (quality, "features", news->features);
  json_object_set_new (cli->result, "quality", quality);
  tessera_cli_set_text (cli->result, "message", news->message);
  g_autofree char *shown = tessera_cli_shown (model);
  tessera_cli_print (
      cli,
      "Trained for %.4g kimg (%.1f tiles/s). Model: %s\nNext: tessera embed, then tessera map.\n",
      news->kimg, news->images_per_s, shown);
  if (chosen_kimg > 0)
    tessera_cli_print (cli, "The model is the state after %.4g kimg.\n", chosen_kimg);
  if (isfinite (news->quality.frechet))
    tessera_cli_print (cli,
                       "Generated tiles: Frechet distance %.3g, KID %.2g, precision %.2f, recall "
                       "%.2f (by %s).\n",
                       news->quality.frechet, news->quality.kid, news->quality.precision,
                       news->quality.recall, news->features);
}

/* What is known of a run that was stopped. */
static void
report_stop (const TsrTrainJob *job, GError **error)
{
  if (job->kept)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                 "Stopped after %.4g kimg; the checkpoint and the model so far are kept. --resume "
                 "goes on from there.",
                 job->kimg);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                 "Stopped before anything was learnt; what was there before is unchanged.");
}

static bool
train (TesseraCli *cli, const TsrTrainOptions *train_options, const char *model, GError **error)
{
  News news = {.cli = cli};
  TsrMailbox *mailbox = tsr_mailbox_new (receive, &news, (GDestroyNotify)tsr_train_snapshot_free);
  TsrTrainJob job = {.project = cli->arguments[0],
                     .options = *train_options,
                     .snapshots = mailbox,
                     .model = model,
                     .inception = tessera_options_text (cli->options, "inception"),
                     .progress = cli->progress};
  g_autoptr (GError) cause = NULL;
  bool ok = tessera_cli_run_job (cli, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, &cause);
  while (g_main_context_iteration (NULL, FALSE)) /* the last news */
    ;
  tsr_mailbox_close (mailbox);
  tsr_mailbox_unref (mailbox);
  if (!ok && g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    report_stop (&job, error);
  else if (!ok)
    g_propagate_error (error, g_steal_pointer (&cause));
  g_autoptr (TsrProject) project =
      ok ? tsr_project_open (cli->arguments[0], TSR_PROJECT_READ_ONLY, error) : NULL;
  if (project) {
    report (cli, project, &news, job.chosen_kimg);
    tessera_cli_report_lost (cli, &job.lost);
  }
  g_free (news.message);
  return project != NULL;
}

/* What --resume and --encoder-only go on from. */
static bool
check_start (TesseraCli *cli, TsrProject *project, const TsrTrainOptions *train_options,
             const char *given, GError **error)
{
  g_autofree char *model = tsr_project_get_model (project);
  if (given && (!train_options->encoder_only || train_options->resume)) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 "--model names the generator that --encoder-only trains against; it makes no "
                 "sense %s.",
                 train_options->resume ? "with --resume, which goes on with the project's model"
                                       : "without that");
    return false;
  }
  if (model || given || (!train_options->resume && !train_options->encoder_only))
    return true;
  g_autofree char *shown = g_filename_display_name (cli->arguments[0]);
  if (train_options->resume)
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 "“%s” has no checkpoint to go on from; train it without --resume first.", shown);
  else
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 "“%s” has no model whose generator could serve; name one with --model FILE.",
                 shown);
  return false;
}

/* A training from scratch takes a file of its own; the user should know where the former one is. */
static void
note_former (TesseraCli *cli, TsrProject *project, const TsrTrainOptions *train_options)
{
  g_autofree char *former = train_options->resume ? NULL : tsr_project_get_model (project);
  tessera_cli_set_text (cli->result, "former_model", former);
  g_autofree char *shown = former ? tessera_cli_shown (former) : NULL;
  if (former)
    tessera_cli_note (cli, "The former model stays in %s.", shown);
}

static bool
run (TesseraCli *cli, GError **error)
{
  TsrTrainOptions train_options;
  if (!tessera_train_options (cli, &train_options, error))
    return false;
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_WRITE, error);
  const char *model = tessera_options_text (cli->options, "model");
  g_autofree char *absolute = model ? g_canonicalize_filename (model, NULL) : NULL;
  if (!project || !check_start (cli, project, &train_options, absolute, error))
    return false;
  note_former (cli, project, &train_options);
  g_clear_pointer (&project, tsr_project_close);
  return train (cli, &train_options, absolute, error);
}

const TesseraCommand tessera_command_train = {
    .name = "train",
    .arguments = "PROJECT",
    .summary = "Train a model on the project's tiles",
    .details = "Ctrl+C stops; the checkpoint is kept and --resume goes on exactly where it "
               "stopped. What is not given is chosen\n"
               "from the preset and the tiles.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
