/* Trainings as jobs: what a resumed or encoder-only one takes over, and that nothing that is there
 * is lost: former models, the reference to them, tiles whose files have gone. */

#include "fixture.h"
#include "tsr-error.h"
#include "tsr-safetensors.h"
#include "tsr-watch.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static TsrEngine *engine;

static TsrTrainJob
small_training (char *path, double kimg)
{
  TsrTrainJob job = fixture_training (path, kimg);
  job.options.channel_base = 128;
  job.options.mapping_layers = 2;
  job.options.batch = 8;
  job.options.seed = 3;
  return job;
}

static void
train (TsrTrainJob *job)
{
  g_autoptr (GError) error = NULL;
  tsr_engine_run (engine, "train", true, tsr_job_train, job, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (job->kept);
}

/* Another call on the same project, with nothing said but what to go on with. */
static TsrTrainJob
go_on (char *path, double kimg)
{
  TsrTrainJob job = {.project = path, .options = tsr_train_options_default ()};
  job.options.kimg = kimg;
  job.options.resume = true;
  return job;
}

static char *
model_of (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  return tsr_project_get_model (project);
}

/* How many tensors behind a prefix differ between two files. */
static unsigned
differing (const char *a, const char *b, const char *prefix)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSafetensors) x = tsr_safetensors_open (a, &error);
  g_autoptr (TsrSafetensors) y = tsr_safetensors_open (b, &error);
  g_assert_no_error (error);
  unsigned differ = 0, seen = 0;
  for (size_t k = 0; k < tsr_safetensors_count (x); k++) {
    const TsrTensorInfo *t = tsr_safetensors_at (x, k);
    size_t n = tsr_tensor_count (t);
    if (!g_str_has_prefix (t->name, prefix))
      continue;
    g_autofree float *p = g_new (float, n), *q = g_new (float, n);
    g_assert_true (tsr_safetensors_read_f32 (x, t->name, p, n, &error));
    g_assert_true (tsr_safetensors_read_f32 (y, t->name, q, n, &error));
    differ += memcmp (p, q, n * sizeof (float)) != 0;
    seen++;
  }
  g_assert_cmpuint (seen, >, 0);
  return differ;
}

/* A run that is resumed with nothing said is the run that was not interrupted, in its precision. */
static void
test_resume_precision (void)
{
  g_autofree char *whole = fixture_project (5, true), *cut = fixture_project (5, true);
  TsrTrainJob job = small_training (whole, 0.4);
  job.options.precision = "bf16";
  train (&job);
  job = small_training (cut, 0.2);
  job.options.precision = "bf16";
  train (&job);
  job = go_on (cut, 0.4);
  train (&job);
  g_assert_cmpfloat_with_epsilon (job.kimg, 0.4, 1e-9);
  g_autofree char *a = model_of (whole), *b = model_of (cut);
  g_assert_cmpuint (differing (a, b, ""), ==, 0);

  /* The precision matters here at all. */
  g_autofree char *other = fixture_project (5, true);
  job = small_training (other, 0.4);
  train (&job);
  g_autofree char *c = model_of (other);
  g_assert_cmpuint (differing (a, c, "G."), >, 10);
}

/* The encoder's own training: it counts its own images, G and its average stay, also when it is
 * resumed, and the model it began from is still there. */
static void
test_encoder_only (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = small_training (path, 0.4);
  train (&job);
  g_autofree char *first = model_of (path);
  g_autofree char *copy = g_strconcat (path, ".copy", NULL), *bytes = NULL;
  gsize length;
  g_assert_true (g_file_get_contents (first, &bytes, &length, NULL));
  g_assert_true (g_file_set_contents (copy, bytes, (gssize)length, NULL));

  job = small_training (path, 0.2);
  job.options.encoder_only = true;
  train (&job);
  g_assert_cmpfloat_with_epsilon (job.kimg, 0.2, 1e-9);
  g_autofree char *second = model_of (path);
  g_assert_cmpstr (first, !=, second);
  g_assert_cmpuint (differing (first, copy, ""), ==, 0);
  g_assert_cmpuint (differing (second, first, "G."), ==, 0);
  g_assert_cmpuint (differing (second, first, "G_ema."), ==, 0);
  g_assert_cmpuint (differing (second, first, "E."), >, 2);

  job = go_on (path, 0.3);
  train (&job);
  g_assert_cmpfloat_with_epsilon (job.kimg, 0.304, 1e-9);
  g_autofree char *third = model_of (path);
  g_assert_cmpstr (third, ==, second); /* resumed in its own file */
  g_assert_cmpuint (differing (third, first, "G."), ==, 0);
  g_assert_cmpuint (differing (third, first, "G_ema."), ==, 0);
  g_assert_cmpuint (differing (third, first, "E."), >, 2);

  /* A full training cannot be resumed as one of the encoder alone. */
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_true (tsr_project_set_model (project, first, &error));
  g_clear_pointer (&project, tsr_project_close);
  job = go_on (path, 1);
  job.options.encoder_only = true;
  g_assert_false (tsr_engine_run (engine, "train", true, tsr_job_train, &job, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
}

/* The encoder learns against the generator that is shown: with another average it learns something
 * else, with other raw weights the same. */
static void
test_frozen_average (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = small_training (path, 0.4);
  train (&job);
  g_autofree char *first = model_of (path);
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (first, &error);
  static const char *const kept[] = {"G_ema.", "D.", "D_ema.", "E.", "E_ema."};
  g_autoptr (GArray) tensors = g_array_new (FALSE, FALSE, sizeof (TsrTensorInfo));
  for (size_t k = 0; k < tsr_safetensors_count (file); k++)
    for (size_t j = 0; j < G_N_ELEMENTS (kept); j++)
      if (g_str_has_prefix (tsr_safetensors_at (file, k)->name, kept[j]))
        g_array_append_val (tensors, *tsr_safetensors_at (file, k));
  g_autofree char *averaged = g_strconcat (path, ".averaged", NULL);
  g_assert_true (
      tsr_safetensors_write (averaged, (TsrTensorInfo *)tensors->data, tensors->len, NULL, &error));
  g_assert_no_error (error);

  g_autofree char *result[2];
  const char *from[] = {first, averaged};
  for (int k = 0; k < 2; k++) {
    job = small_training (path, 0.1);
    job.options.encoder_only = true;
    job.model = from[k];
    train (&job);
    result[k] = model_of (path);
  }
  g_assert_cmpuint (differing (result[0], result[1], "E."), ==, 0);
  g_free (result[1]);
}

/* Beginning anew leaves the former model, and a failure to begin leaves everything. */
static void
test_former_model (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = small_training (path, 0.2);
  train (&job);
  g_autofree char *first = model_of (path);
  g_assert_true (g_str_has_suffix (first, "/p.model.safetensors"));
  job = small_training (path, 0.1);
  train (&job);
  g_autofree char *second = model_of (path);
  g_assert_true (g_str_has_suffix (second, "/p.model-2.safetensors"));
  g_assert_true (g_file_test (first, G_FILE_TEST_EXISTS));

  job = small_training (path, 0.1);
  job.options.encoder_only = true;
  job.model = "/nowhere.safetensors";
  g_assert_false (tsr_engine_run (engine, "train", true, tsr_job_train, &job, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_autofree char *still = model_of (path);
  g_assert_cmpstr (still, ==, second);
}

/* ---- damaged models ---- */

static void
assert_refused (char *path, const char *model, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = model_of (path);
  TsrEmbedJob embed = {.project = path, .model = (char *)model};
  g_assert_false (tsr_engine_run (engine, "embed", true, tsr_job_embed, &embed, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_assert_nonnull (strstr (error->message, says));
  g_autofree char *after = model_of (path);
  g_assert_cmpstr (before, ==, after);
}

static void
test_damaged_models (void)
{
  g_autofree char *path = fixture_project (5, true);
  TsrTrainJob job = small_training (path, 0.1);
  train (&job);
  g_autofree char *good = model_of (path), *bytes = NULL;
  g_autofree char *bad = g_strconcat (path, ".bad", NULL);
  gsize n;
  g_assert_true (g_file_get_contents (good, &bytes, &n, NULL));
  guint64 header;
  memcpy (&header, bytes, sizeof header);

  /* every number is none */
  g_autofree char *nan = g_memdup2 (bytes, n);
  const guint32 quiet = 0x7fc00000;
  for (gsize at = 8 + (gsize)header; at + 4 <= n; at += 4)
    memcpy (nan + at, &quiet, 4);
  g_assert_true (g_file_set_contents (bad, nan, (gssize)n, NULL));
  assert_refused (path, bad, "not numbers");

  /* a weight whose axes are in another order */
  g_autofree char *turned = g_memdup2 (bytes, n);
  char *at = g_strstr_len (turned + 8, (gssize)header, "\"D_ema.b16.conv0.weight\"");
  g_assert_nonnull (at);
  char *shape = strstr (at, "[8,8,3,3]");
  g_assert_nonnull (shape);
  memcpy (shape, "[3,3,8,8]", 9);
  g_assert_true (g_file_set_contents (bad, turned, (gssize)n, NULL));
  assert_refused (path, bad, "D_ema.b16.conv0.weight");
}

/* Tiles whose files have gone are counted, whether their thumbnails serve or not. */
static void
test_lost_tiles (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  for (uint32_t tile = 0; tile < 7; tile++) {
    g_autofree char *file = tsr_project_tile_path (project, tile);
    g_assert_cmpint (g_unlink (file), ==, 0);
  }
  tsr_project_close (project);
  TsrTrainJob job = small_training (path, 0.1);
  train (&job);
  g_assert_cmpuint (job.lost.thumbnails, ==, 7);
  g_assert_cmpuint (job.lost.failed, ==, 0);
  TsrEmbedJob embed = {.project = path};
  g_assert_true (tsr_engine_run (engine, "embed", true, tsr_job_embed, &embed, NULL, &error));
  g_assert_cmpuint (embed.embedded, ==, 40);
  g_assert_cmpuint (embed.lost.thumbnails, ==, 7);
}

/* ---- the curves ---- */

static GArray *
curve_of (const char *path, const char *series)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  GArray *curve = tsr_project_series (project, series, &error);
  g_assert_no_error (error);
  return curve;
}

static double
last_kimg (const GArray *curve)
{
  return curve->len > 0 ? g_array_index (curve, TsrMeasure, curve->len - 1).kimg : -1;
}

/* They come with the model, go on with it when it is resumed, and begin anew when it does; what
 * begins and learns nothing leaves them. */
static void
test_curves (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = small_training (path, 0.2);
  train (&job);
  static const char *const names[] = {TSR_SERIES_LOSS_G, TSR_SERIES_LOSS_D, TSR_SERIES_LOSS_NLL,
                                      TSR_SERIES_LOSS_MSE};
  for (size_t k = 0; k < G_N_ELEMENTS (names); k++) {
    g_autoptr (GArray) curve = curve_of (path, names[k]);
    g_assert_cmpfloat (last_kimg (curve), >, 0);
    g_assert_cmpfloat (last_kimg (curve), <, 0.2 + 1e-9);
  }
  g_autoptr (GArray) before = curve_of (path, TSR_SERIES_LOSS_G);

  job = small_training (path, 1);
  job.options.resolution = 7; /* refused */
  g_assert_false (tsr_engine_run (engine, "train", true, tsr_job_train, &job, NULL, &error));
  g_clear_error (&error);
  /* Of a run that was killed after its checkpoint: the model has never been there. */
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  TsrMeasure beyond = {TSR_SERIES_LOSS_G, 0.29, 77};
  g_assert_true (tsr_project_put_measures (project, INFINITY, &beyond, 1, &error));
  g_clear_pointer (&project, tsr_project_close);

  job = go_on (path, 0.3);
  train (&job);
  g_autoptr (GArray) after = curve_of (path, TSR_SERIES_LOSS_G);
  g_assert_cmpuint (after->len, >, before->len);
  g_assert_cmpmem (before->data, before->len * sizeof (TsrMeasure), after->data,
                   before->len * sizeof (TsrMeasure));
  g_assert_cmpfloat (last_kimg (after), >, 0.2 + 1e-9);
  g_assert_cmpfloat (last_kimg (after), <, 0.304 + 1e-9);
  for (guint i = 0; i < after->len; i++)
    g_assert_cmpfloat (g_array_index (after, TsrMeasure, i).value, <, 77);

  job = small_training (path, 0.1);
  job.options.encoder_only = true; /* a model of its own, without losses of G and D */
  train (&job);
  g_autoptr (GArray) gone = curve_of (path, TSR_SERIES_LOSS_G),
                     anew = curve_of (path, TSR_SERIES_LOSS_MSE);
  g_assert_cmpuint (gone->len, ==, 0);
  g_assert_cmpfloat (last_kimg (anew), >, 0);
  g_assert_cmpfloat (last_kimg (anew), <, 0.104 + 1e-9);
}

/* ---- what is said meanwhile ---- */

typedef struct {
  TsrTrainJob *job;
  GString *stages; /* each once, in their order */
  char *last;
} Told;

static void
told_cb (double fraction, const char *stage, void *user)
{
  Told *told = user;
  if (g_strcmp0 (stage, "Training") == 0)
    g_assert_cmpfloat (told->job->kimg, >, 0); /* there has been a step */
  else if (g_strcmp0 (stage, "Preparing the device") == 0)
    g_assert_true (fraction < 0 && told->job->kimg == 0);
  if (g_strcmp0 (stage, told->last) == 0)
    return;
  g_string_append_printf (told->stages, "%s. ", stage);
  g_free (told->last);
  told->last = g_strdup (stage);
}

/* While kernels compile nobody is told that tiles are read, or that the model learns already. */
static void
test_stages (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GString) stages = g_string_new (NULL);
  TsrTrainJob job = small_training (path, 0.1);
  Told told = {.job = &job, .stages = stages};
  job.progress = (TsrProgress){.report = told_cb, .user = &told};
  train (&job);
  g_assert_cmpstr (stages->str, ==, "Reading tiles. Preparing the device. Training. ");
  g_free (told.last);
}

/* A project of the same tiles, each turned and mirrored in its own way. */
static char *
make_turned (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *tiles = g_build_filename (folder, "turned", NULL);
  char *turned = g_build_filename (folder, "turned.tessera", NULL);
  g_autoptr (TsrProject) from = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_cmpint (g_mkdir (tiles, 0700), ==, 0);
  for (uint32_t i = 0; i < tsr_project_n_tiles (from); i++) {
    g_autofree char *source = tsr_project_tile_path (from, i),
                    *name = g_strdup_printf ("%s/%03u.png", tiles, i);
    TsrImage image = {0}, copy = {16, 16, 3, g_malloc (16 * 16 * 3)};
    g_assert_true (tsr_image_load (source, 16, 3, &image, &error));
    for (unsigned y = 0; y < 16; y++)
      for (unsigned x = 0; x < 16; x++) {
        unsigned sx = i & 1 ? 15 - x : x, sy = i & 2 ? 15 - y : y;
        memcpy (copy.pixels + 3 * (16 * y + x),
                image.pixels + 3 * (i & 4 ? 16 * sx + sy : 16 * sy + sx), 3);
      }
    g_assert_true (tsr_image_save_png (&copy, name, &error));
    tsr_image_clear (&image);
    tsr_image_clear (&copy);
  }
  g_assert_cmpint (fixture_project_of (turned, tiles, false), ==, 40);
  return turned;
}

static float *
embed (char *path, char *model, bool upright, uint32_t *d)
{
  g_autoptr (GError) error = NULL;
  TsrEmbedJob job = {.project = path, .model = model, .upright = upright};
  float *w;
  g_assert_true (tsr_engine_run (engine, "embed", true, tsr_job_embed, &job, NULL, &error));
  g_assert_cmpuint (job.embedded, ==, 40);
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  tsr_project_n_tiles (project);
  g_assert_true (tsr_project_get_vectors (project, &w, d, NULL, &error));
  return w;
}

/* Tiles keep their vectors however they lie, unless they are read upright. */
static void
test_orientations (void)
{
  g_autofree char *path = fixture_project (5, true);
  TsrTrainJob job = small_training (path, 0.4);
  train (&job);
  g_autofree char *model = model_of (path), *turned = make_turned (path);
  for (int upright = 0; upright < 2; upright++) {
    uint32_t d;
    g_autofree float *a = embed (path, model, upright, &d), *b = embed (turned, model, upright, &d);
    double distance = 0, size = 0;
    for (size_t k = 0; k < 40 * (size_t)d; k++) {
      distance += (a[k] - b[k]) * (a[k] - b[k]);
      size += a[k] * a[k];
    }
    if (upright)
      g_assert_cmpfloat (distance, >, 1e-4 * size);
    else
      g_assert_cmpfloat (distance, <, 1e-9 * size);
  }
  /* Vectors of both kinds never stand side by side: what is missing is then everything. */
  g_autoptr (GError) error = NULL;
  TsrEmbedJob again = {.project = path, .only_missing = true};
  g_assert_true (tsr_engine_run (engine, "embed", true, tsr_job_embed, &again, NULL, &error));
  g_assert_cmpuint (again.embedded, ==, 40);
}

static double
number_in (const char *model, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (model, &error);
  g_assert_no_error (error);
  const char *text = tsr_safetensors_metadata (file, key);
  g_assert_nonnull (text);
  return g_ascii_strtod (text, NULL);
}

/* ---- how long ---- */

static void
test_length (void)
{
  TsrTrainOptions o = tsr_train_options_default ();
  o.preset = "quick";
  g_assert_true (tsr_train_options_resolve (&o, 100, 64, 3, NULL));
  g_assert_cmpfloat (o.kimg, ==, 0);
  g_assert_cmpfloat (tsr_train_options_length (&o, 1), ==, 10);
  g_assert_cmpfloat (tsr_train_options_length (&o, 100), ==, 30);
  g_assert_cmpfloat (tsr_train_options_length (&o, 1e6), ==, 60);
  o.kimg = 7;
  g_assert_true (tsr_train_options_resolve (&o, 100, 64, 3, NULL));
  g_assert_cmpfloat (tsr_train_options_length (&o, 100), ==, 7);
}

typedef struct {
  GCancellable *cancellable;
  double total;
} Length;

static void
note_length (gpointer data, gpointer user)
{
  const TsrTrainSnapshot *snapshot = data;
  Length *length = user;
  if (snapshot->kimg_total > 0) {
    length->total = snapshot->kimg_total;
    g_cancellable_cancel (length->cancellable);
  }
}

static gboolean
look_again (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

typedef struct {
  bool done;
  GError *error;
} Ended;

static void
ended (GObject *source, GAsyncResult *result, gpointer user)
{
  Ended *end = user;
  tsr_engine_finish (result, &end->error);
  end->done = true;
}

/* A preset's time becomes a length once the first steps have been measured, which the checkpoint
 * keeps; a run that has reached its end and is resumed is given as much again. */
static void
test_measured_length (void)
{
  g_autofree char *path = fixture_project (5, true);
  Length length = {g_cancellable_new (), 0};
  TsrMailbox *mailbox =
      tsr_mailbox_new (note_length, &length, (GDestroyNotify)tsr_train_snapshot_free);
  TsrTrainJob job = small_training (path, 0);
  job.options.preset = "quick";
  job.options.kimg = -1;
  job.snapshots = mailbox;
  Ended end = {false, NULL};
  guint source = g_timeout_add (50, look_again, NULL);
  tsr_engine_run_async (engine, "train", true, tsr_job_train, &job, NULL, length.cancellable, ended,
                        &end);
  while (!end.done)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
  g_assert_error (end.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&end.error);
  g_assert_true (job.kept);
  g_assert_cmpfloat (length.total, >=, 10);
  g_assert_cmpfloat (length.total, <=, 60);
  g_autofree char *model = model_of (path);
  g_assert_cmpfloat_with_epsilon (number_in (model, "train.kimg"), length.total, 1e-9);
  tsr_mailbox_unref (mailbox);
  g_object_unref (length.cancellable);
}

/* ---- how healthy ---- */

/* Measured on the way and at the end, all of it finite and in its range, kept in the project, and
 * within the memory that was announced. */
static void
test_health (void)
{
  g_autofree char *path = fixture_project (20, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = small_training (path, 0.04);
  job.checkpoint_s = job.health_s = 1e-6; /* after every step */
  g_assert_true (tsr_engine_run (engine, "train", true, tsr_job_train, &job, NULL, &error));
  g_assert_no_error (error);
  static const struct {
    const char *series;
    double low, high;
  } measured[] = {{TSR_SERIES_FRECHET, 1e-3, 1e6}, {TSR_SERIES_KID, -1, 1e6},
                  {TSR_SERIES_PRECISION, 0, 1},    {TSR_SERIES_RECALL, 0, 1},
                  {TSR_SERIES_DIVERSITY, 0, 100},  {TSR_SERIES_UNEXPLAINED, 0, 100}};
  for (size_t k = 0; k < G_N_ELEMENTS (measured); k++) {
    g_autoptr (GArray) curve = curve_of (path, measured[k].series);
    g_assert_cmpuint (curve->len, >=, 1);
    for (guint j = 0; j < curve->len; j++) {
      const TsrMeasure *m = &g_array_index (curve, TsrMeasure, j);
      g_assert_cmpfloat (m->value, >=, measured[k].low);
      g_assert_cmpfloat (m->value, <=, measured[k].high);
    }
    g_assert_cmpfloat_with_epsilon (g_array_index (curve, TsrMeasure, curve->len - 1).kimg, 0.04,
                                    1e-9);
  }
  /* a file that holds no InceptionV3 is refused before anything is trained */
  g_autofree char *model = model_of (path);
  TsrTrainJob other = small_training (path, 0.2);
  other.inception = model;
  g_assert_false (tsr_engine_run (engine, "train", true, tsr_job_train, &other, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_assert_cmpfloat (other.kimg, ==, 0);
}

/* ---- trainings that go wrong ---- */

typedef struct {
  char *message; /* the last one */
  unsigned messages;
} Heard;

static void
hear (gpointer data, gpointer user)
{
  const TsrTrainSnapshot *snapshot = data;
  Heard *heard = user;
  if (!snapshot->message || g_strcmp0 (snapshot->message, heard->message) == 0)
    return;
  g_free (heard->message);
  heard->message = g_strdup (snapshot->message);
  heard->messages++;
}

static int bad_once;

static int
once_alike (double kimg)
{
  return kimg > 0.1 && bad_once-- > 0 ? TSR_WATCH_COLLAPSED : TSR_WATCH_GOOD;
}

static int
once_alike_at_once (double kimg)
{
  return bad_once-- > 0 ? TSR_WATCH_COLLAPSED : TSR_WATCH_GOOD;
}

static int
always_alike_later (double kimg)
{
  return kimg > 0.1 ? TSR_WATCH_COLLAPSED : TSR_WATCH_GOOD;
}

static int
always_alike (double kimg)
{
  return TSR_WATCH_COLLAPSED;
}

/* Files beside the model that a run leaves only when it may be resumed. */
static unsigned
states_beside (const char *model)
{
  static const char *const endings[] = {".good", ".good-before", ".good-new"};
  unsigned n = 0;
  for (size_t k = 0; k < G_N_ELEMENTS (endings); k++) {
    g_autofree char *path = g_strconcat (model, endings[k], NULL);
    n += g_file_test (path, G_FILE_TEST_EXISTS);
  }
  return n;
}

static bool
run_watched (TsrTrainJob *job, int (*pretend) (double), Heard *heard, GError **error)
{
  TsrMailbox *mailbox = tsr_mailbox_new (hear, heard, (GDestroyNotify)tsr_train_snapshot_free);
  job->snapshots = mailbox;
  job->pretend = pretend;
  job->checkpoint_s = 1e-6; /* after every step */
  bool ok = tsr_engine_run (engine, "train", true, tsr_job_train, job, NULL, error);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  tsr_mailbox_unref (mailbox);
  return ok;
}

/* Once gone wrong, it goes back, on more gently, and to its end; and says so once. */
static void
test_goes_back (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  Heard heard = {NULL, 0};
  TsrTrainJob job = small_training (path, 0.4);
  job.options.gamma = 0.5;
  job.options.learning_rate = 0.001;
  bad_once = 1;
  g_assert_true (run_watched (&job, once_alike, &heard, &error));
  g_assert_no_error (error);
  g_assert_true (job.kept);
  g_assert_cmpfloat_with_epsilon (job.kimg, 0.4, 1e-9);
  g_assert_cmpuint (heard.messages, ==, 1);
  g_assert_nonnull (strstr (heard.message, "the generated tiles all looked alike"));
  g_assert_nonnull (strstr (heard.message, "goes on from 0.088 kimg")); /* two checks before */
  g_autofree char *model = model_of (path);
  g_assert_cmpfloat_with_epsilon (number_in (model, "train.gamma"), 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (number_in (model, "train.learning_rate"), 0.0006, 1e-9);
  g_assert_cmpfloat (number_in (model, "trained_images"), ==, 400);
  g_assert_cmpuint (states_beside (model), ==, 0);
  g_free (heard.message);
}

/* Three times, then the last good model stays, and the error says what to do. */
static void
test_gives_up (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  Heard heard = {NULL, 0};
  TsrTrainJob job = small_training (path, 0.4);
  g_assert_false (run_watched (&job, always_alike_later, &heard, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
  g_assert_nonnull (strstr (error->message, "3 times. The last good model is kept."));
  g_assert_nonnull (strstr (heard.message, "(change 3 of 3)"));
  g_assert_true (job.kept);
  g_autofree char *model = model_of (path);
  g_assert_cmpfloat (number_in (model, "trained_images"), <=, 96);
  g_assert_cmpfloat (number_in (model, "trained_images"), >, 0);
  g_assert_cmpuint (states_beside (model), ==, 0);
  g_clear_error (&error);
  g_clear_pointer (&heard.message, g_free);

  g_autofree char *other = fixture_project (5, true);
  job = small_training (other, 0.4);
  g_assert_false (run_watched (&job, always_alike, &heard, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
  g_assert_nonnull (strstr (error->message, "No good model came of it."));
  g_assert_false (job.kept);
  g_autofree char *none = model_of (other);
  g_assert_null (none);
  g_free (heard.message);
}

static double good_until;

static int
bad_later (double kimg)
{
  return kimg > good_until ? TSR_WATCH_COLLAPSED : TSR_WATCH_GOOD;
}

/* A resumed training that goes wrong at once goes back to what it began from, and leaves that, byte
 * for byte. */
static void
test_resumed_goes_back (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = small_training (path, 0.2);
  train (&job);
  g_autofree char *model = model_of (path), *before = NULL, *after = NULL;
  gsize n, m;
  g_assert_true (g_file_get_contents (model, &before, &n, NULL));
  Heard heard = {NULL, 0};
  job = go_on (path, 1);
  good_until = 0;
  g_assert_false (run_watched (&job, bad_later, &heard, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
  g_assert_nonnull (strstr (error->message, "The last good model is kept."));
  g_assert_nonnull (strstr (heard.message, "goes on from 0.2 kimg"));
  g_assert_true (g_file_get_contents (model, &after, &m, NULL));
  g_assert_cmpmem (before, n, after, m);
  g_free (heard.message);
}

/* However often the encoder's training goes back, the generator it is trained against stays. */
static void
test_encoder_goes_back (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = small_training (path, 0.2);
  train (&job);
  g_autofree char *first = model_of (path);
  Heard heard = {NULL, 0};
  job = small_training (path, 0.2);
  job.options.encoder_only = true;
  bad_once = 2;
  g_assert_true (run_watched (&job, once_alike_at_once, &heard, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (heard.message, "(change 2 of 3)"));
  g_assert_null (strstr (heard.message, "gamma"));
  g_autofree char *second = model_of (path);
  g_assert_cmpstr (first, !=, second);
  g_assert_cmpuint (differing (second, first, "G."), ==, 0);
  g_assert_cmpuint (differing (second, first, "G_ema."), ==, 0);
  g_assert_cmpuint (differing (second, first, "E."), >, 2);
  g_free (heard.message);
}

static GCancellable *to_stop;

static int
stop_later (double kimg)
{
  if (kimg > 0.1)
    g_cancellable_cancel (to_stop);
  return TSR_WATCH_GOOD;
}

/* A training that is stopped keeps its model and leaves nothing else. */
static void
test_stopped_is_tidy (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  to_stop = g_cancellable_new ();
  TsrTrainJob job = small_training (path, 4);
  job.pretend = stop_later;
  job.checkpoint_s = 1e-6;
  g_assert_false (tsr_engine_run (engine, "train", true, tsr_job_train, &job, to_stop, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (job.kept);
  g_autofree char *model = model_of (path), *lock = g_strconcat (model, ".lock", NULL);
  g_assert_cmpuint (states_beside (model), ==, 0);
  g_assert_false (g_file_test (lock, G_FILE_TEST_EXISTS));
  g_clear_object (&to_stop);
}

/* A name that another training has is not taken, though its model is not there yet; nor is a model
 * gone on with that is being trained. What a killed training left is removed. */
static void
test_two_at_once (void)
{
  g_autofree char *path = fixture_project (5, true), *folder = g_path_get_dirname (path);
  g_autofree char *first = g_build_filename (folder, "p.model.safetensors", NULL),
                  *second = g_build_filename (folder, "p.model-2.safetensors", NULL),
                  *lock = g_strconcat (first, ".lock", NULL),
                  *left = g_strconcat (first, ".good", NULL);
  g_autoptr (GError) error = NULL;
  int other = open (lock, O_RDWR | O_CREAT, 0644);
  g_assert_cmpint (flock (other, LOCK_EX), ==, 0);
  TsrTrainJob job = small_training (path, 0.1);
  train (&job);
  g_autofree char *model = model_of (path);
  g_assert_cmpstr (model, ==, second);
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  close (other); /* killed */

  g_assert_true (g_file_set_contents (left, "x", 1, NULL));
  g_autofree char *lock2 = g_strconcat (second, ".lock", NULL);
  other = open (lock2, O_RDWR | O_CREAT, 0644);
  g_assert_cmpint (flock (other, LOCK_EX), ==, 0);
  job = go_on (path, 0.2);
  g_assert_false (tsr_engine_run (engine, "train", true, tsr_job_train, &job, NULL, &error));
  g_assert_nonnull (strstr (error->message, "is being trained already"));
  g_clear_error (&error);
  close (other);
  job = small_training (path, 0.1);
  train (&job);
  g_autofree char *now = model_of (path);
  g_assert_cmpstr (now, ==, first);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
}

/* What was said of the run stays: also which preset it had. */
static void
test_resume_preset (void)
{
  g_autofree char *path = fixture_project (5, true);
  TsrTrainJob job = small_training (path, 0.1);
  job.options.preset = "quick";
  train (&job);
  job = go_on (path, 0.2);
  train (&job);
  g_autofree char *model = model_of (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (model, &error);
  g_assert_cmpstr (tsr_safetensors_metadata (file, "train.preset"), ==, "quick");
}

/* Numbers that are not finite are noticed without any check of pictures. */
static void
test_diverges (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  Heard heard = {NULL, 0};
  TsrTrainJob job = small_training (path, 20);
  job.options.learning_rate = 0.99;
  job.options.gamma = 100;
  g_assert_false (run_watched (&job, NULL, &heard, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
  g_free (heard.message);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train-jobs/resume-precision", test_resume_precision);
  g_test_add_func ("/train-jobs/encoder-only", test_encoder_only);
  g_test_add_func ("/train-jobs/frozen-average", test_frozen_average);
  g_test_add_func ("/train-jobs/former-model", test_former_model);
  g_test_add_func ("/train-jobs/damaged-models", test_damaged_models);
  g_test_add_func ("/train-jobs/lost-tiles", test_lost_tiles);
  g_test_add_func ("/train-jobs/curves", test_curves);
  g_test_add_func ("/train-jobs/stages", test_stages);
  g_test_add_func ("/train-jobs/orientations", test_orientations);
  g_test_add_func ("/train-jobs/length", test_length);
  g_test_add_func ("/train-jobs/measured-length", test_measured_length);
  g_test_add_func ("/train-jobs/health", test_health);
  g_test_add_func ("/train-jobs/goes-back", test_goes_back);
  g_test_add_func ("/train-jobs/gives-up", test_gives_up);
  g_test_add_func ("/train-jobs/resumed-goes-back", test_resumed_goes_back);
  g_test_add_func ("/train-jobs/encoder-goes-back", test_encoder_goes_back);
  g_test_add_func ("/train-jobs/stopped-is-tidy", test_stopped_is_tidy);
  g_test_add_func ("/train-jobs/two-at-once", test_two_at_once);
  g_test_add_func ("/train-jobs/resume-preset", test_resume_preset);
  g_test_add_func ("/train-jobs/diverges", test_diverges);
  engine = tsr_engine_new (NULL);
  int status = g_test_run ();
  tsr_engine_free (engine);
  return status;
}
