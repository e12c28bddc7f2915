#include "tsr-jobs.h"

#include "tsr-error.h"
#include "tsr-model-file.h"
#include "tsr-orientation.h"
#include "tsr-tile-source.h"
#include "tsr-train-record.h"
#include "tsr-trainer.h"

#include <math.h>
#include <string.h>

enum {
  PREVIEW_TILES = 8,
  PREVIEW_SAMPLES = 16,
  GRID_COLUMNS = 8,
};

#define POST_EVERY_US      (500 * G_TIME_SPAN_MILLISECOND)
#define PREVIEW_EVERY_US   (5 * G_TIME_SPAN_SECOND)
#define CHECKPOINT_EVERY_S 120.0

typedef struct {
  TsrTrainJob *job;
  TsrTrainOptions options; /* resolved */
  GCancellable *cancellable;
  TsrTrainer *trainer;
  char *model_path;
  uint8_t *preview; /* PREVIEW_TILES real tiles */
  gint64 start, last_post, last_preview, last_checkpoint, paused_us;
  uint64_t first_images; /* shown before this run */
  TsrTrainRecord *record;
  TsrTrainerStats stats; /* the newest */
} Run;

void
tsr_train_snapshot_free (TsrTrainSnapshot *snapshot)
{
  if (!snapshot)
    return;
  g_free (snapshot->message);
  tsr_image_clear (&snapshot->generated);
  tsr_image_clear (&snapshot->reconstructed);
  g_free (snapshot);
}

/* ---- options ---- */

/* PROJECT.tessera trains into PROJECT.model.safetensors beside it, the n-th time into
 * PROJECT.model-n.safetensors. */
static char *
nth_model_path (const char *project, unsigned n)
{
  g_autofree char *stem = g_str_has_suffix (project, ".tessera")
                              ? g_strndup (project, strlen (project) - 8)
                              : g_strdup (project);
  g_autofree char *number = n > 1 ? g_strdup_printf ("-%u", n) : g_strdup ("");
  g_autofree char *path = g_strconcat (stem, ".model", number, ".safetensors", NULL);
  return g_canonicalize_filename (path, NULL);
}

/* A resumed run goes on in its own file. Any other leaves what is there alone: a model is hours of
 * work. */
static char *
model_path_for (const char *project, const char *resumed)
{
  for (unsigned n = 1;; n++) {
    g_autofree char *path = nth_model_path (project, n);
    bool taken = g_file_test (path, G_FILE_TEST_EXISTS);
    if (!taken || g_strcmp0 (path, resumed) == 0)
      return g_steal_pointer (&path);
  }
}

static const struct {
  const char *key;
  size_t offset;
} kept_numbers[] = {
    {"train.kimg", G_STRUCT_OFFSET (TsrTrainOptions, kimg)},
    {"train.gamma", G_STRUCT_OFFSET (TsrTrainOptions, gamma)},
    {"train.lambda", G_STRUCT_OFFSET (TsrTrainOptions, lambda)},
    {"train.beta", G_STRUCT_OFFSET (TsrTrainOptions, beta)},
    {"train.learning_rate", G_STRUCT_OFFSET (TsrTrainOptions, learning_rate)},
};

/* The shape of the model gone on from. */
static void
inherit_shape (TsrTrainOptions *o, const TsrModelConfig *c)
{
  struct {
    int *field, value, unset;
  } fields[] = {{&o->resolution, c->resolution, 0},
                {&o->channels, c->channels, 0},
                {&o->channel_base, c->channel_base, 0},
                {&o->channel_max, c->channel_max, 0},
                {&o->w_dim, c->w_dim, 0},
                {&o->mapping_layers, c->mapping_layers, 0},
                {&o->shared_layers, c->shared_layers, -1}};
  for (size_t k = 0; k < G_N_ELEMENTS (fields); k++)
    if (*fields[k].field == fields[k].unset)
      *fields[k].field = fields[k].value;
}

/* How the run was trained that is resumed: what the user did not say stays as it was, so that it is
 * the same run. */
static bool
inherit_run (TsrTrainOptions *o, const TsrSafetensors *file, GError **error)
{
  for (size_t k = 0; k < G_N_ELEMENTS (kept_numbers); k++) {
    const char *text = tsr_safetensors_metadata (file, kept_numbers[k].key);
    double *field = &G_STRUCT_MEMBER (double, o, kept_numbers[k].offset);
    bool chosen = kept_numbers[k].offset == G_STRUCT_OFFSET (TsrTrainOptions, kimg) ||
                          kept_numbers[k].offset == G_STRUCT_OFFSET (TsrTrainOptions, learning_rate)
                      ? *field > 0
                      : *field >= 0;
    if (text && !chosen)
      *field = g_ascii_strtod (text, NULL);
  }
  const char *batch = tsr_safetensors_metadata (file, "train.batch"),
             *precision = tsr_safetensors_metadata (file, "train.precision"),
             *augment = tsr_safetensors_metadata (file, "train.augment"),
             *orientations = tsr_safetensors_metadata (file, TSR_MODEL_ORIENTATIONS),
             *encoder_only = tsr_safetensors_metadata (file, "train.encoder_only");
  if (batch && o->batch == 0)
    o->batch = (int)g_ascii_strtoll (batch, NULL, 10);
  if (o->orientations == 0)
    o->orientations = tsr_orientations_parse (orientations);
  if (precision && !o->precision)
    o->precision = g_strcmp0 (precision, "bf16") == 0 ? "bf16" : "f32";
  if (!o->augment) /* an older checkpoint was trained without */
    o->augment = g_strcmp0 (augment, "ada") == 0 ? "ada" : "none";
  bool was = g_strcmp0 (encoder_only, "1") == 0;
  if (o->encoder_only && !was && encoder_only) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 "“%s” was not trained with its generator frozen, so it cannot be resumed that "
                 "way: leave out resuming to train an encoder against its generator.",
                 tsr_safetensors_path (file));
    return false;
  }
  o->encoder_only |= was;
  return true;
}

static bool
inherit (TsrTrainOptions *o, const char *path, GError **error)
{
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, error);
  TsrModelConfig config;
  if (!file || !tsr_model_config_read (file, &config, error))
    return false;
  inherit_shape (o, &config);
  return !o->resume || inherit_run (o, file, error);
}

static bool
choose_options (Run *run, TsrProject *project, TsrTileSource *source, char **from, GError **error)
{
  TsrTrainOptions *o = &run->options;
  *o = run->job->options;
  *from = !o->resume && !o->encoder_only  ? NULL
          : run->job->model && !o->resume ? g_strdup (run->job->model)
                                          : tsr_project_get_model (project);
  if (o->encoder_only && !*from) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 "The project “%s” has no model whose generator an encoder could be trained "
                 "against: name one first.",
                 run->job->project);
    return false;
  }
  if (o->resume && !*from) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 "The project “%s” has no checkpoint that could be gone on from: train without "
                 "resuming first.",
                 run->job->project);
    return false;
  }
  if (*from && !inherit (o, *from, error))
    return false;
  int size, channels;
  return tsr_tile_source_probe (source, &size, &channels, error) &&
         tsr_train_options_resolve (o, source->tiles->len, size, channels, error);
}

/* ---- checkpoints ---- */

static bool
save_checkpoint (Run *run, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (size_t k = 0; k < G_N_ELEMENTS (kept_numbers); k++) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    double value = G_STRUCT_MEMBER (double, &run->options, kept_numbers[k].offset);
    g_strv_builder_add_many (builder, kept_numbers[k].key,
                             g_ascii_dtostr (text, sizeof text, value), NULL);
  }
  g_autofree char *batch = g_strdup_printf ("%d", run->options.batch);
  g_strv_builder_add_many (
      builder, "train.batch", batch, "train.preset", run->options.preset, "train.precision",
      run->options.precision ? run->options.precision : "f32", "train.augment",
      run->options.augment, "train.encoder_only", run->options.encoder_only ? "1" : "0", NULL);
  g_auto (GStrv) extra = g_strv_builder_end (builder);
  if (!tsr_trainer_save (run->trainer, run->model_path, (const char *const *)extra, error))
    return false;
  run->last_checkpoint = g_get_monotonic_time ();
  return true;
}

/* A checkpoint the project knows of: a run that is killed can be resumed from it. The curve can
 * wait for the next one where somebody else is writing. */
static bool
keep (Run *run, TsrProject *project, GError **error)
{
  g_autoptr (GError) later = NULL;
  run->job->kept =
      save_checkpoint (run, error) && tsr_project_set_model (project, run->model_path, error);
  if (run->job->kept && !tsr_train_record_store (run->record, project, &later))
    g_info ("%s", later->message);
  return run->job->kept;
}

/* ---- news ---- */

/* Tiles [n][size][size][channels] side by side, in rows of GRID_COLUMNS. */
static TsrImage
make_grid (const uint8_t *tiles, int n, int size, int channels)
{
  int rows = (n + GRID_COLUMNS - 1) / GRID_COLUMNS;
  TsrImage grid = {GRID_COLUMNS * size, rows * size, channels, NULL};
  size_t row = (size_t)size * (size_t)channels;
  grid.pixels = g_malloc0 ((size_t)grid.width * (size_t)grid.height * (size_t)channels);
  for (int k = 0; k < n; k++)
    for (int y = 0; y < size; y++)
      memcpy (grid.pixels + ((size_t)(k / GRID_COLUMNS * size + y) * GRID_COLUMNS +
                             (size_t)(k % GRID_COLUMNS)) *
                                row,
              tiles + ((size_t)k * (size_t)size + (size_t)y) * row, row);
  return grid;
}

static bool
add_previews (Run *run, TsrTrainSnapshot *snapshot, GError **error)
{
  int size = run->options.resolution, channels = run->options.channels;
  size_t image = (size_t)size * (size_t)size * (size_t)channels;
  g_autofree uint8_t *pixels = g_malloc (MAX (PREVIEW_SAMPLES, 2 * PREVIEW_TILES) * image);
  if (!tsr_trainer_sample (run->trainer, PREVIEW_SAMPLES, 0.8f, pixels, error))
    return false;
  snapshot->generated = make_grid (pixels, PREVIEW_SAMPLES, size, channels);
  GError *cause = NULL;
  memcpy (pixels, run->preview, PREVIEW_TILES * image);
  if (tsr_trainer_reconstruct (run->trainer, PREVIEW_TILES, run->preview,
                               pixels + PREVIEW_TILES * image, &cause))
    snapshot->reconstructed = make_grid (pixels, 2 * PREVIEW_TILES, size, channels);
  snapshot->grid_columns = GRID_COLUMNS;
  snapshot->tile_size = size;
  if (cause)
    g_propagate_error (error, cause);
  return !cause;
}

/* Keeps the last known value of what has not run since. */
static void
merge_stats (TsrTrainerStats *kept, const TsrTrainerStats *news)
{
  double *to = (double *)kept;
  const double *from = (const double *)news;
  for (size_t k = 0; k < sizeof *kept / sizeof (double); k++)
    if (isfinite (from[k]))
      to[k] = from[k];
}

static bool
post (Run *run, bool previews, const char *message, GError **error)
{
  uint64_t images = tsr_trainer_images (run->trainer);
  gint64 now = g_get_monotonic_time ();
  double elapsed = (double)(now - run->start - run->paused_us) * 1e-6;
  double rate = (double)(images - run->first_images) / MAX (elapsed, 1e-6),
         total = run->options.kimg * 1000;
  TsrTrainerStats stats;
  if (!tsr_trainer_take_stats (run->trainer, &stats, error))
    return false;
  tsr_train_record_losses (run->record, (double)images / 1000, &stats);
  merge_stats (&run->stats, &stats);
  run->last_post = now;
  if (!run->job->snapshots)
    return true;
  TsrTrainSnapshot *snapshot = g_new0 (TsrTrainSnapshot, 1);
  *snapshot = (TsrTrainSnapshot){
      .step = tsr_trainer_steps (run->trainer),
      .kimg = (double)images / 1000,
      .kimg_total = run->options.kimg,
      .images_per_s = rate,
      .elapsed_s = elapsed,
      .eta_s = elapsed > 5 ? MAX (0, total - (double)images) / rate : -1,
      .loss_g = run->stats.loss_g,
      .loss_d = run->stats.loss_d,
      .loss_r1 = run->stats.loss_r1,
      .loss_pl = run->stats.loss_pl,
      .loss_nll = run->stats.loss_nll,
      .loss_mse = run->stats.loss_mse,
      .real_sign = run->stats.real_sign,
      .augment = run->stats.augment,
      .message = g_strdup (message),
  };
  bool ok = !previews || add_previews (run, snapshot, error);
  if (previews)
    run->last_preview = g_get_monotonic_time ();
  if (ok)
    tsr_mailbox_post (run->job->snapshots, snapshot);
  else
    tsr_train_snapshot_free (snapshot);
  return ok;
}

/* ---- the run ---- */

static void
wait_while_paused (Run *run)
{
  gint64 start = g_get_monotonic_time ();
  if (!run->job->paused || !g_atomic_int_get (run->job->paused))
    return;
  while (g_atomic_int_get (run->job->paused) && !g_cancellable_is_cancelled (run->cancellable))
    g_usleep (20000);
  run->paused_us += g_get_monotonic_time () - start;
}

/* Says what goes on between two steps. Until the first is done most of the time goes into compiling
 * kernels, some of which the driver compiles only when they are to run. */
static bool
report (Run *run, GError **error)
{
  TsrProgress progress = run->job->progress;
  progress.cancellable = run->cancellable;
  uint64_t images = run->trainer ? tsr_trainer_images (run->trainer) : 0;
  if (!run->trainer || images == run->first_images)
    return tsr_progress_step (&progress, -1, TSR_STAGE ("Preparing the device"), error);
  /* Of this run, so that a resumed one is estimated rightly. */
  double first = (double)run->first_images, total = run->options.kimg * 1000;
  return tsr_progress_step (&progress, ((double)images - first) / MAX (total - first, 1),
                            TSR_STAGE ("Training"), error);
}

static bool
train (Run *run, TsrProject *project, GError **error)
{
  double total = run->options.kimg * 1000;
  double interval = run->job->checkpoint_s > 0 ? run->job->checkpoint_s : CHECKPOINT_EVERY_S;
  run->start = run->last_checkpoint = g_get_monotonic_time ();
  run->first_images = tsr_trainer_images (run->trainer);
  run->record = tsr_train_record_new (run->options.resume ? (double)run->first_images / 1000 : -1);
  while ((double)tsr_trainer_images (run->trainer) < total) {
    wait_while_paused (run);
    if (!report (run, error))
      return false;
    /* One step is in the queue at a time: more would only delay a stop. */
    if (!tsr_trainer_step (run->trainer, error) || !tsr_trainer_wait (run->trainer, error))
      return false;
    run->job->kept = false;
    run->job->kimg = (double)tsr_trainer_images (run->trainer) / 1000;
    gint64 now = g_get_monotonic_time ();
    if (now - run->last_post >= POST_EVERY_US &&
        !post (run, run->job->snapshots && now - run->last_preview >= PREVIEW_EVERY_US, NULL,
               error))
      return false;
    if ((double)(now - run->last_checkpoint) * 1e-6 >= interval && !keep (run, project, error))
      return false;
  }
  return post (run, run->job->snapshots, NULL, error);
}

/* Whatever ends a run but a fault of the numbers or the device, what it learnt is kept. */
static bool
train_and_keep (Run *run, TsrProject *project, GError **error)
{
  GError *cause = NULL;
  bool ok = train (run, project, &cause);
  bool stopped = !ok && g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  bool advanced = tsr_trainer_images (run->trainer) > run->first_images;
  if ((ok || (stopped && advanced)) && !keep (run, project, error)) {
    g_clear_error (&cause);
    return false;
  }
  if (cause)
    g_propagate_error (error, cause);
  return ok;
}

static uint8_t *
load_tiles (Run *run, TsrProject *project, TsrTileSource *source, GError **error)
{
  enum { CHUNK = 64 };
  size_t image = (size_t)run->options.resolution * (size_t)run->options.resolution *
                 (size_t)run->options.channels;
  size_t n = source->tiles->len;
  g_autofree uint8_t *pixels = g_try_malloc (n * image);
  TsrLostTiles *lost = &run->job->lost;
  if (!pixels) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        "There is not enough memory for %zu tiles of %d pixels: train at a lower resolution.", n,
        run->options.resolution);
    return NULL;
  }
  TsrProgress progress = run->job->progress;
  progress.cancellable = run->cancellable;
  for (size_t first = 0; first < n; first += CHUNK) {
    tsr_tile_source_load (source, project, first, MIN (CHUNK, n - first), run->options.resolution,
                          run->options.channels, pixels + first * image, lost);
    if (!tsr_progress_step (&progress, (double)first / (double)n, TSR_STAGE ("Reading tiles"),
                            error))
      return NULL;
  }
  if (lost->failed == n) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE,
                 "None of the project's %zu tiles can be read: check that their folder has not "
                 "been moved or removed.",
                 n);
    return NULL;
  }
  run->preview = g_malloc (PREVIEW_TILES * image);
  for (size_t k = 0; k < PREVIEW_TILES; k++)
    memcpy (run->preview + k * image, pixels + k * n / PREVIEW_TILES * image, image);
  return g_steal_pointer (&pixels);
}

bool
tsr_job_train (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  Run run = {
      .job = data, .cancellable = cancellable, .stats = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN}};
  g_autofree char *from = NULL;
  g_autoptr (TsrProject) project =
      tsr_project_open (run.job->project, TSR_PROJECT_READ_WRITE, error);
  g_autoptr (TsrTileSource) source = project ? tsr_tile_source_new (project, error) : NULL;
  if (!source || !choose_options (&run, project, source, &from, error))
    return false;
  g_autofree uint8_t *tiles = load_tiles (&run, project, source, error);
  if (!tiles || !report (&run, error))
    return false;
  if (run.options.orientations == 0)
    run.options.orientations = tsr_orientations_of (tiles, source->tiles->len,
                                                    run.options.resolution, run.options.channels);
  TsrTrainerSettings settings = tsr_train_options_settings (&run.options);
  bool resume = run.options.resume;
  run.model_path = model_path_for (run.job->project, resume ? from : NULL);
  run.trainer = tsr_trainer_new (device, &settings, tiles, source->tiles->len, error);
  bool ok = run.trainer && (!from || tsr_trainer_load (run.trainer, from, resume, error)) &&
            train_and_keep (&run, project, error);
  tsr_trainer_free (run.trainer);
  tsr_train_record_free (run.record);
  g_free (run.preview);
  g_free (run.model_path);
  return ok;
}
