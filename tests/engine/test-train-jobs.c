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

/* A run that is resumed with nothing said is the run that was not interrupted, in its precision. */
static void
test_resume_precision (void)
{
  g_autofree char *whole = fixture_project (5, true), *cut = fixture_project (5, true);
  TsrTrainJob job = fixture_small_training (whole, 0.4);
  job.options.precision = "bf16";
  fixture_train (engine, &job);
  job = fixture_small_training (cut, 0.2);
  job.options.precision = "bf16";
  fixture_train (engine, &job);
  job = fixture_resumption (cut, 0.4);
  fixture_train (engine, &job);
  g_assert_cmpfloat_with_epsilon (job.kimg, 0.4, 1e-9);
  g_autofree char *a = fixture_model (whole), *b = fixture_model (cut);
  g_assert_cmpuint (fixture_differing (a, b, ""), ==, 0);

  /* The precision matters here at all. */
  g_autofree char *other = fixture_project (5, true);
  job = fixture_small_training (other, 0.4);
  fixture_train (engine, &job);
  g_autofree char *c = fixture_model (other);
  g_assert_cmpuint (fixture_differing (a, c, "G."), >, 10);
}

/* The encoder's own training: it counts its own images, G and its average stay, also when it is
 * resumed, and the model it began from is still there. */
static void
test_encoder_only (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = fixture_small_training (path, 0.4);
  fixture_train (engine, &job);
  g_autofree char *first = fixture_model (path);
  g_autofree char *copy = g_strconcat (path, ".copy", NULL), *bytes = NULL;
  gsize length;
  g_assert_true (g_file_get_contents (first, &bytes, &length, NULL));
  g_assert_true (g_file_set_contents (copy, bytes, (gssize)length, NULL));

  job = fixture_small_training (path, 0.2);
  job.options.encoder_only = true;
  fixture_train (engine, &job);
  g_assert_cmpfloat_with_epsilon (job.kimg, 0.2, 1e-9);
  g_autofree char *second = fixture_model (path);
  g_assert_cmpstr (first, !=, second);
  g_assert_cmpuint (fixture_differing (first, copy, ""), ==, 0);
  g_assert_cmpuint (fixture_differing (second, first, "G."), ==, 0);
  g_assert_cmpuint (fixture_differing (second, first, "G_ema."), ==, 0);
  g_assert_cmpuint (fixture_differing (second, first, "E."), >, 2);

  job = fixture_resumption (path, 0.3);
  fixture_train (engine, &job);
  g_assert_cmpfloat_with_epsilon (job.kimg, 0.304, 1e-9);
  g_autofree char *third = fixture_model (path);
  g_assert_cmpstr (third, ==, second); /* resumed in its own file */
  g_assert_cmpuint (fixture_differing (third, first, "G."), ==, 0);
  g_assert_cmpuint (fixture_differing (third, first, "G_ema."), ==, 0);
  g_assert_cmpuint (fixture_differing (third, first, "E."), >, 2);

  /* A full training cannot be resumed as one of the encoder alone. */
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_true (tsr_project_set_model (project, first, &error));
  g_clear_pointer (&project, tsr_project_close);
  job = fixture_resumption (path, 1);
  job.options.encoder_only = true;
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
}

/* The encoder learns against the generator that is shown: with another average it learns something
 * else, with other raw weights the same. */
static void
test_frozen_average (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = fixture_small_training (path, 0.4);
  fixture_train (engine, &job);
  g_autofree char *first = fixture_model (path);
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
    job = fixture_small_training (path, 0.1);
    job.options.encoder_only = true;
    job.model = from[k];
    fixture_train (engine, &job);
    result[k] = fixture_model (path);
  }
  g_assert_cmpuint (fixture_differing (result[0], result[1], "E."), ==, 0);
  g_free (result[1]);
}

/* Beginning anew leaves the former model, and a failure to begin leaves everything. */
static void
test_former_model (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = fixture_small_training (path, 0.2);
  fixture_train (engine, &job);
  g_autofree char *first = fixture_model (path);
  g_assert_true (g_str_has_suffix (first, "/p.model.safetensors"));
  job = fixture_small_training (path, 0.1);
  fixture_train (engine, &job);
  g_autofree char *second = fixture_model (path);
  g_assert_true (g_str_has_suffix (second, "/p.model-2.safetensors"));
  g_assert_true (g_file_test (first, G_FILE_TEST_EXISTS));

  job = fixture_small_training (path, 0.1);
  job.options.encoder_only = true;
  job.model = "/nowhere.safetensors";
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_autofree char *still = fixture_model (path);
  g_assert_cmpstr (still, ==, second);
}

/* ---- damaged models ---- */

static void
assert_refused (char *path, const char *model, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = fixture_model (path);
  TsrEmbedJob embed = {.project = path, .model = (char *)model};
  g_assert_false (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embed, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_assert_nonnull (strstr (error->message, says));
  g_autofree char *after = fixture_model (path);
  g_assert_cmpstr (before, ==, after);
}

static void
test_damaged_models (void)
{
  g_autofree char *path = fixture_project (5, true);
  TsrTrainJob job = fixture_small_training (path, 0.1);
  fixture_train (engine, &job);
  g_autofree char *good = fixture_model (path), *bytes = NULL;
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
  TsrTrainJob job = fixture_small_training (path, 0.1);
  fixture_train (engine, &job);
  g_assert_cmpuint (job.lost.thumbnails, ==, 7);
  g_assert_cmpuint (job.lost.failed, ==, 0);
  TsrEmbedJob embed = {.project = path};
  g_assert_true (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embed, NULL, &error));
  g_assert_cmpuint (embed.embedded, ==, 40);
  g_assert_cmpuint (embed.lost.thumbnails, ==, 7);
}

/* ---- the curves ---- */

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
  TsrTrainJob job = fixture_small_training (path, 0.2);
  fixture_train (engine, &job);
  static const char *const names[] = {TSR_SERIES_LOSS_G, TSR_SERIES_LOSS_D, TSR_SERIES_LOSS_NLL,
                                      TSR_SERIES_LOSS_MSE};
  for (size_t k = 0; k < G_N_ELEMENTS (names); k++) {
    g_autoptr (GArray) curve = fixture_curve (path, names[k]);
    g_assert_cmpfloat (last_kimg (curve), >, 0);
    g_assert_cmpfloat (last_kimg (curve), <, 0.2 + 1e-9);
  }
  g_autoptr (GArray) before = fixture_curve (path, TSR_SERIES_LOSS_G);

  job = fixture_small_training (path, 1);
  job.options.resolution = 7; /* refused */
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, &error));
  g_clear_error (&error);
  /* Of a run that was killed after its checkpoint: the model has never been there. */
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  TsrMeasure beyond = {TSR_SERIES_LOSS_G, 0.29, 77};
  g_assert_true (tsr_project_put_measures (project, INFINITY, &beyond, 1, &error));
  g_clear_pointer (&project, tsr_project_close);

  job = fixture_resumption (path, 0.3);
  fixture_train (engine, &job);
  g_autoptr (GArray) after = fixture_curve (path, TSR_SERIES_LOSS_G);
  g_assert_cmpuint (after->len, >, before->len);
  g_assert_cmpmem (before->data, before->len * sizeof (TsrMeasure), after->data,
                   before->len * sizeof (TsrMeasure));
  g_assert_cmpfloat (last_kimg (after), >, 0.2 + 1e-9);
  g_assert_cmpfloat (last_kimg (after), <, 0.304 + 1e-9);
  for (guint i = 0; i < after->len; i++)
    g_assert_cmpfloat (g_array_index (after, TsrMeasure, i).value, <, 77);

  job = fixture_small_training (path, 0.1);
  job.options.encoder_only = true; /* a model of its own, without losses of G and D */
  fixture_train (engine, &job);
  g_autoptr (GArray) gone = fixture_curve (path, TSR_SERIES_LOSS_G),
                     anew = fixture_curve (path, TSR_SERIES_LOSS_MSE);
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
  TsrTrainJob job = fixture_small_training (path, 0.1);
  Told told = {.job = &job, .stages = stages};
  job.progress = (TsrProgress){.report = told_cb, .user = &told};
  fixture_train (engine, &job);
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
  g_assert_true (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &job, NULL, &error));
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
  TsrTrainJob job = fixture_small_training (path, 0.4);
  fixture_train (engine, &job);
  g_autofree char *model = fixture_model (path), *turned = make_turned (path);
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
  g_assert_true (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &again, NULL, &error));
  g_assert_cmpuint (again.embedded, ==, 40);
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
  TsrTrainJob job = fixture_small_training (path, 0.1);
  fixture_train (engine, &job);
  g_autofree char *model = fixture_model (path);
  g_assert_cmpstr (model, ==, second);
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  close (other); /* killed */

  g_assert_true (g_file_set_contents (left, "x", 1, NULL));
  g_autofree char *lock2 = g_strconcat (second, ".lock", NULL);
  other = open (lock2, O_RDWR | O_CREAT, 0644);
  g_assert_cmpint (flock (other, LOCK_EX), ==, 0);
  job = fixture_resumption (path, 0.2);
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, &error));
  g_assert_nonnull (strstr (error->message, "is being trained already"));
  g_clear_error (&error);
  close (other);
  job = fixture_small_training (path, 0.1);
  fixture_train (engine, &job);
  g_autofree char *now = fixture_model (path);
  g_assert_cmpstr (now, ==, first);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
}

/* A copy of a project goes on from the checkpoint in a file of its own: the first project may need
 * it as it is. */
static void
test_resumed_copy (void)
{
  g_autofree char *path = fixture_project (5, true), *folder = g_path_get_dirname (path);
  g_autofree char *copy = g_build_filename (folder, "copy.tessera", NULL),
                  *kept = g_build_filename (folder, "kept", NULL),
                  *wanted = g_build_filename (folder, "copy.model.safetensors", NULL),
                  *bytes = NULL;
  gsize n;
  TsrTrainJob job = fixture_small_training (path, 0.2);
  fixture_train (engine, &job);
  g_autofree char *first = fixture_model (path);
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (copy, bytes, (gssize)n, NULL));
  g_assert_cmpint (link (first, kept), ==, 0); /* checkpoints are replaced, not written over */
  job = fixture_resumption (copy, 0.3);
  fixture_train (engine, &job);
  g_autofree char *second = fixture_model (copy), *still = fixture_model (path);
  g_assert_cmpstr (second, ==, wanted);
  g_assert_cmpstr (still, ==, first);
  g_assert_cmpuint (fixture_differing (first, kept, ""), ==, 0);
  g_assert_cmpfloat (fixture_number (first, "trained_images"), ==, 200);
  g_assert_cmpfloat (fixture_number (second, "trained_images"), >=, 300);
  job = fixture_resumption (copy, 0.4); /* now in its own */
  fixture_train (engine, &job);
  g_autofree char *third = fixture_model (copy);
  g_assert_cmpstr (third, ==, wanted);
}

/* What was said of the run stays: also which preset it had. */
static void
test_resume_preset (void)
{
  g_autofree char *path = fixture_project (5, true);
  TsrTrainJob job = fixture_small_training (path, 0.1);
  job.options.preset = "quick";
  fixture_train (engine, &job);
  job = fixture_resumption (path, 0.2);
  fixture_train (engine, &job);
  g_autofree char *model = fixture_model (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (model, &error);
  g_assert_cmpstr (tsr_safetensors_metadata (file, "train.preset"), ==, "quick");
}

/* One vector of W by the model file's mapping network, in double (Karras et al. 2020). */
static void
plain_mapping (TsrSafetensors *file, const float *z, size_t d, double *x)
{
  double square = 0;
  for (size_t k = 0; k < d; k++)
    square += (double)z[k] * z[k] / (double)d;
  for (size_t k = 0; k < d; k++)
    x[k] = z[k] / sqrt (square + 1e-8);
  g_autofree float *weight = g_new (float, d *d), *bias = g_new (float, d);
  g_autofree double *y = g_new (double, d);
  for (int layer = 0;; layer++) {
    g_autofree char *name = g_strdup_printf ("G_ema.mapping.fc%d.weight", layer),
                    *offset = g_strdup_printf ("G_ema.mapping.fc%d.bias", layer);
    if (!tsr_safetensors_read_f32 (file, name, weight, d * d, NULL))
      break;
    g_assert_true (tsr_safetensors_read_f32 (file, offset, bias, d, NULL));
    for (size_t o = 0; o < d; o++) {
      y[o] = 0.01 * bias[o];
      for (size_t k = 0; k < d; k++)
        y[o] += 0.01 / sqrt ((double)d) * weight[o * d + k] * x[k];
      y[o] *= y[o] > 0 ? sqrt (2) : 0.2 * sqrt (2);
    }
    memcpy (x, y, d * sizeof *x);
  }
}

/* The project's vectors of Z have their places in W; a row without numbers has none; vectors that
 * are not the model's are refused. */
static void
check_mapping (const char *path, const char *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  g_autofree float *z = NULL;
  uint32_t d = 0, n = tsr_project_n_tiles (project);
  g_assert_true (tsr_project_get_vectors (project, &z, &d, NULL, &error));
  z[d + 1] = NAN;
  TsrLatentJob job = {.model = model, .z = z, .n = n, .d = d};
  g_assert_true (
      tsr_engine_run (engine, "latent", TSR_ENGINE_DEVICE, tsr_job_latent, &job, NULL, &error));
  g_assert_cmpuint (job.w_dim, ==, d);
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (model, &error);
  g_autofree double *w = g_new (double, d);
  for (uint32_t i = 0; i < n; i++) {
    plain_mapping (file, z + (size_t)i * d, d, w);
    for (uint32_t k = 0; k < d; k++)
      if (i == 1)
        g_assert_true (isnan (job.w[(size_t)i * d + k]));
      else
        g_assert_cmpfloat_with_epsilon (job.w[(size_t)i * d + k], w[k], 1e-5 * (1 + fabs (w[k])));
  }
  g_free (job.w);
  job.d = d - 1;
  g_assert_false (
      tsr_engine_run (engine, "latent", TSR_ENGINE_DEVICE, tsr_job_latent, &job, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_assert_null (job.w);
}

/* An encoder of Z stays one when it is resumed, and says so where it embeds; a file that names
 * neither space is refused. */
static void
test_latent (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = fixture_small_training (path, 0.1);
  job.options.latent = "z";
  fixture_train (engine, &job);
  job = fixture_resumption (path, 0.2);
  fixture_train (engine, &job);
  TsrEmbedJob embedding = {.project = path};
  g_assert_true (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embedding, NULL, &error));
  g_assert_cmpint (embedding.latent, ==, TSR_LATENT_Z);

  g_autofree char *model = fixture_model (path), *bytes = NULL,
                  *bad = g_strconcat (path, ".bad", NULL);
  check_mapping (path, model);
  gsize n;
  g_assert_true (g_file_get_contents (model, &bytes, &n, NULL));
  char *at = g_strstr_len (bytes + 8, (gssize)n - 8, "\"latent\":\"z\"");
  g_assert_nonnull (at);
  at[strlen ("\"latent\":\"")] = 'q';
  g_assert_true (g_file_set_contents (bad, bytes, (gssize)n, NULL));
  assert_refused (path, bad, "“latent” is “q”");

  job = fixture_small_training (path, 0.1);
  job.options.latent = "q";
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
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
  g_test_add_func ("/train-jobs/two-at-once", test_two_at_once);
  g_test_add_func ("/train-jobs/resumed-copy", test_resumed_copy);
  g_test_add_func ("/train-jobs/resume-preset", test_resume_preset);
  g_test_add_func ("/train-jobs/latent", test_latent);
  engine = tsr_engine_new (NULL);
  int status = g_test_run ();
  tsr_engine_free (engine);
  return status;
}
