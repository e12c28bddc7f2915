/* The lab: latest wins, it comes back after jobs, and what it draws is what the generator draws of
 * vectors worked out here. */

#include "fixture.h"
#include "tsr-device.h"
#include "tsr-error.h"
#include "tsr-lab.h"
#include "tsr-reconstruction.h"

#include <math.h>
#include <string.h>

enum { D = 8, TILES = 40 };

typedef struct {
  char *path, *model;
  float *w, *map;
  uint32_t n, d;
  char *vectors_id;
  TsrEngine *engine;
  TsrLab *lab;
  TsrMailbox *box[TSR_LAB_N_SLOTS];
  TsrLabAnswer *answer[TSR_LAB_N_SLOTS]; /* the newest, ours */
  gint released;
} Bench;

static void
received (gpointer data, gpointer user)
{
  TsrLabAnswer **into = user, *from = data;
  tsr_lab_answer_free (*into);
  *into = g_memdup2 (from, sizeof *from);
  memset (from, 0, sizeof *from); /* taken */
}

static void
released_cb (gpointer owner)
{
  g_atomic_int_inc (&((Bench *)owner)->released);
}

static void
load_world (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (bench->path, TSR_PROJECT_READ_ONLY, &error);
  uint32_t n;
  g_assert_true (
      tsr_project_get_vectors (project, &bench->w, &bench->d, &bench->vectors_id, &error));
  g_assert_true (tsr_project_get_map (project, &bench->map, &n, NULL, &error));
  bench->n = n;
  TsrLabWorld world = {n, bench->d, bench->w, bench->map, bench->vectors_id, bench, released_cb};
  tsr_lab_set_world (bench->lab, &world);
}

static void
host (Bench *bench)
{
  if (tsr_lab_wants_host (bench->lab))
    tsr_engine_set_guest (bench->engine, tsr_job_lab, tsr_lab_failed, tsr_lab_ref (bench->lab),
                          (GDestroyNotify)tsr_lab_unref);
}

static void
bench_open (Bench *bench, gconstpointer latent)
{
  g_autoptr (GError) error = NULL;
  memset (bench, 0, sizeof *bench);
  bench->path = fixture_project (5, false);
  bench->engine = tsr_engine_new (NULL);
  TsrTrainJob training = fixture_training (bench->path, 0.1);
  training.options.latent = latent;
  fixture_train (bench->engine, &training);
  TsrEmbedJob embed = {.project = bench->path};
  TsrMapJob map = {.project = bench->path, .method = "pca"};
  g_assert_true (tsr_engine_run (bench->engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embed,
                                 NULL, &error));
  g_assert_true (
      tsr_engine_run (bench->engine, "map", TSR_ENGINE_NO_DEVICE, tsr_job_map, &map, NULL, &error));
  bench->model = fixture_model (bench->path);
  bench->lab = tsr_lab_new (bench->path, NULL);
  for (int k = 0; k < TSR_LAB_N_SLOTS; k++) {
    bench->box[k] =
        tsr_mailbox_new (received, &bench->answer[k], (GDestroyNotify)tsr_lab_answer_free);
    tsr_lab_listen (bench->lab, k, bench->box[k]);
  }
  load_world (bench);
}

static void
bench_close (Bench *bench, gconstpointer latent)
{
  tsr_engine_free (bench->engine);
  for (int k = 0; k < TSR_LAB_N_SLOTS; k++) {
    tsr_lab_listen (bench->lab, k, NULL);
    tsr_mailbox_close (bench->box[k]);
    tsr_mailbox_unref (bench->box[k]);
    tsr_lab_answer_free (bench->answer[k]);
  }
  g_assert_cmpint (bench->released, ==, 0);
  tsr_lab_unref (bench->lab);
  g_assert_cmpint (bench->released, ==, 1);
  g_free (bench->w);
  g_free (bench->map);
  g_free (bench->vectors_id);
  g_free (bench->model);
  g_free (bench->path);
}

static const TsrLabAnswer *
answer_of (Bench *bench, TsrLabSlot slot)
{
  gint64 end = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  while (!bench->answer[slot] && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE) ? (void)0 : g_usleep (500);
  g_assert_nonnull (bench->answer[slot]);
  return bench->answer[slot];
}

static const TsrLabAnswer *
ask (Bench *bench, TsrLabSlot slot, TsrLabRequest *request)
{
  g_clear_pointer (&bench->answer[slot], tsr_lab_answer_free);
  tsr_lab_ask (bench->lab, slot, request);
  host (bench);
  return answer_of (bench, slot);
}

static TsrLabPoint
tile (uint32_t number)
{
  return (TsrLabPoint){.kind = TSR_LAB_TILE, .tile = number};
}

static TsrLabPoint
place (float x, float y)
{
  return (TsrLabPoint){.kind = TSR_LAB_PLACE, .place = {x, y}};
}

/* What pictures must be: by the networks used plainly, on the engine thread. */
typedef struct {
  Bench *bench;
  float *tile_w; /* [n][D] upright encodings in W */
  float *w;      /* [n][D] the project's vectors in W */
  uint8_t *seen; /* [n] tiles as the networks see them */
  float mean[64];
  int layers;
  size_t image;
  /* pictures of layers */
  const float *ws;
  uint8_t *pixels;
} Plain;

static bool
prepare_job (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  Plain *plain = data;
  Bench *bench = plain->bench;
  g_autoptr (TsrGenerator) generator = tsr_generator_open (device, bench->model, 1, error);
  g_autoptr (TsrEmbedder) embedder =
      tsr_embedder_open (device, bench->model, 1, TSR_ENCODER_AVERAGED, TSR_F32, error);
  g_autoptr (TsrProject) project = tsr_project_open (bench->path, TSR_PROJECT_READ_ONLY, error);
  g_autoptr (TsrTileSource) source = tsr_tile_source_new (project, error);
  const TsrModelConfig *c = tsr_generator_config (generator);
  plain->layers = tsr_model_num_ws (c);
  plain->image = (size_t)(c->resolution * c->resolution * c->channels);
  g_assert_cmpint (c->w_dim, ==, D);
  plain->tile_w = g_new (float, bench->n *D);
  plain->w = g_new (float, bench->n *D);
  plain->seen = g_malloc (bench->n * plain->image);
  tsr_tile_source_load (source, project, 0, bench->n, c->resolution, c->channels, plain->seen,
                        NULL);
  for (uint32_t k = 0; k < bench->n; k++) {
    float latent[64];
    bool z = c->latent == TSR_LATENT_Z;
    if (!tsr_embedder_submit (embedder, plain->seen + k * plain->image, 1, error) ||
        !tsr_embedder_collect (embedder, latent, error))
      return false;
    if (z && (!tsr_generator_map (generator, latent, 1, plain->tile_w + k * D, error) ||
              !tsr_generator_map (generator, bench->w + k * bench->d, 1, plain->w + k * D, error)))
      return false;
    if (!z) {
      memcpy (plain->tile_w + k * D, latent, D * sizeof (float));
      memcpy (plain->w + k * D, bench->w + k * bench->d, D * sizeof (float));
    }
  }
  return tsr_generator_mean (generator, plain->mean, error);
}

static bool
draw_job (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  Plain *plain = data;
  g_autoptr (TsrGenerator) generator = tsr_generator_open (device, plain->bench->model, 1, error);
  return tsr_generator_from_layers (generator, plain->ws, 1, plain->pixels, error);
}

static void
plain_free (Plain *plain)
{
  g_free (plain->tile_w);
  g_free (plain->w);
  g_free (plain->seen);
}

/* Vectors are equal to rounding, so pictures are to one grey level. */
static void
check_picture (Plain *plain, const uint8_t *got, const float *ws)
{
  g_autoptr (GError) error = NULL;
  g_autofree uint8_t *expected = g_malloc (plain->image);
  plain->ws = ws;
  plain->pixels = expected;
  tsr_engine_run (plain->bench->engine, "draw", TSR_ENGINE_DEVICE, draw_job, plain, NULL, &error);
  g_assert_no_error (error);
  for (size_t k = 0; k < plain->image; k++)
    g_assert_cmpint (abs (got[k] - expected[k]), <=, 1);
}

static void
fill (const Plain *plain, float *ws, const float *w)
{
  for (int k = 0; k < plain->layers; k++)
    memcpy (ws + k * D, w, D * sizeof *w);
}

static void
check_tiles (Bench *bench, Plain *plain, float *ws)
{
  TsrLabRequest *request = tsr_lab_request_new (1);
  request->recipes[0].a = tile (7);
  request->real = TRUE;
  const TsrLabAnswer *answer = ask (bench, TSR_LAB_SLOT_TILE, request);
  g_assert_null (answer->problem);
  g_assert_cmpint (answer->size, ==, 16);
  g_assert_cmpint (answer->layers, ==, plain->layers);
  g_assert_cmpmem (answer->real, plain->image, plain->seen + 7 * plain->image, plain->image);
  fill (plain, ws, plain->tile_w + 7 * D);
  check_picture (plain, answer->pictures, ws);

  /* Half way, mixed, truncated. */
  request = tsr_lab_request_new (2);
  for (int k = 0; k < 2; k++) {
    request->recipes[k].a = tile (7);
    request->recipes[k].b = tile (20);
    request->recipes[k].psi = k == 0 ? 1 : 0.3;
    request->recipes[k].t = 0.25;
    request->recipes[k].from_b = k == 0 ? 0 : 1 << 1 | 1 << 3;
  }
  answer = ask (bench, TSR_LAB_SLOT_PICTURE, request);
  g_assert_cmpuint (answer->n, ==, 2);
  for (int r = 0; r < 2; r++) {
    for (int k = 0; k < plain->layers; k++)
      for (int j = 0; j < D; j++) {
        double a = plain->tile_w[7 * D + j], b = plain->tile_w[20 * D + j],
               t = r == 1 && (k == 1 || k == 3) ? 1 : 0.25, x = a + t * (b - a), m = plain->mean[j];
        ws[k * D + j] = (float)(r == 0 ? x : m + 0.3 * (x - m));
      }
    check_picture (plain, answer->pictures + (size_t)r * plain->image, ws);
  }
}

static void
check_places (Bench *bench, Plain *plain, float *ws)
{
  /* At a tile's own place: that tile's vector. */
  TsrLabRequest *request = tsr_lab_request_new (1);
  request->recipes[0].a = place (bench->map[2 * 11], bench->map[2 * 11 + 1]);
  request->nearest = 3;
  const TsrLabAnswer *answer = ask (bench, TSR_LAB_SLOT_PICTURE, request);
  g_assert_null (answer->problem);
  g_assert_cmpuint (answer->nearest[0], ==, 11);
  fill (plain, ws, plain->w + 11 * D);
  check_picture (plain, answer->pictures, ws);

  /* From one class's mean to another's, beginning at a tile. */
  uint32_t from[] = {1, 2, 3}, to[] = {30, 31};
  request = tsr_lab_request_new (1);
  request->recipes[0].a = tile (4);
  request->recipes[0].from = (TsrLabPoint){.kind = TSR_LAB_MEAN, .data = g_bytes_new (from, 12)};
  request->recipes[0].to = (TsrLabPoint){.kind = TSR_LAB_MEAN, .data = g_bytes_new (to, 8)};
  request->recipes[0].along = 1.5;
  answer = ask (bench, TSR_LAB_SLOT_PICTURE, request);
  g_assert_null (answer->problem);
  for (int k = 0; k < plain->layers; k++)
    for (int j = 0; j < D; j++) {
      const float *w = plain->w + j;
      double a = (w[1 * D] + w[2 * D] + w[3 * D]) / 3.0, b = (w[30 * D] + w[31 * D]) / 2.0;
      ws[k * D + j] = (float)(plain->tile_w[4 * D + j] + 1.5 * (b - a));
    }
  check_picture (plain, answer->pictures, ws);
}

/* An image as large as the networks see it is read as the tile it is; its nearest tile is itself.
 */
static void
check_image (Bench *bench, Plain *plain, float *ws)
{
  TsrLabRequest *request = tsr_lab_request_new (1);
  request->recipes[0].a =
      (TsrLabPoint){.kind = TSR_LAB_IMAGE,
                    .data = g_bytes_new (plain->seen + 9 * plain->image, plain->image),
                    .width = 16,
                    .height = 16,
                    .channels = 3};
  request->nearest = 2;
  request->real = TRUE;
  const TsrLabAnswer *answer = ask (bench, TSR_LAB_SLOT_IMAGE, request);
  g_assert_null (answer->problem);
  g_assert_cmpmem (answer->real, plain->image, plain->seen + 9 * plain->image, plain->image);
  g_assert_cmpuint (answer->nearest[0], ==, 9);
  g_assert_cmpuint (answer->d, ==, bench->d);
  for (uint32_t j = 0; j < bench->d; j++) /* as the project's own vector of that tile */
    g_assert_cmpfloat_with_epsilon (answer->vector[j], bench->w[9 * bench->d + j], 1e-4f);
  fill (plain, ws, plain->tile_w + 9 * D);
  check_picture (plain, answer->pictures, ws);
}

static void
test_pictures (Bench *bench, gconstpointer latent)
{
  g_autoptr (GError) error = NULL;
  Plain plain = {.bench = bench};
  tsr_engine_run (bench->engine, "prepare", TSR_ENGINE_DEVICE, prepare_job, &plain, NULL, &error);
  g_assert_no_error (error);
  g_autofree float *ws = g_new (float, plain.layers *D);
  check_tiles (bench, &plain, ws);
  check_places (bench, &plain, ws);
  check_image (bench, &plain, ws);
  plain_free (&plain);
}

/* Any job: while it runs the lab is not there. */
static bool
job (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  return true;
}

/* Each slot keeps the newest question only, and the lab comes back after a job. */
static void
test_latest (Bench *bench, gconstpointer latent)
{
  g_autoptr (GError) error = NULL;
  TsrLabRequest *request = tsr_lab_request_new (1);
  request->recipes[0].a = place (0, 0);
  ask (bench, TSR_LAB_SLOT_PICTURE, request);
  g_assert_false (tsr_lab_wants_host (bench->lab));

  /* Asked while nobody is there to answer, as during a job. */
  tsr_engine_set_guest (bench->engine, NULL, NULL, NULL, NULL);
  tsr_lab_lost_host (bench->lab);
  g_clear_pointer (&bench->answer[0], tsr_lab_answer_free);
  for (uint32_t k = 0; k < TILES; k++) {
    request = tsr_lab_request_new (1);
    request->recipes[0].a = place (bench->map[2 * k], bench->map[2 * k + 1]);
    request->nearest = 1;
    tsr_lab_ask (bench->lab, TSR_LAB_SLOT_PICTURE, request);
  }
  request = tsr_lab_request_new (1);
  request->recipes[0].a = tile (5);
  tsr_lab_ask (bench->lab, TSR_LAB_SLOT_TILE, request);
  tsr_lab_ask (bench->lab, TSR_LAB_SLOT_ROAD, tsr_lab_request_new (1));
  tsr_lab_ask (bench->lab, TSR_LAB_SLOT_ROAD, NULL); /* taken back */
  host (bench);
  const TsrLabAnswer *answer = answer_of (bench, TSR_LAB_SLOT_PICTURE);
  g_assert_cmpuint (answer->nearest[0], ==, TILES - 1);
  g_assert_null (answer_of (bench, TSR_LAB_SLOT_TILE)->problem);
  g_assert_null (bench->answer[TSR_LAB_SLOT_ROAD]);

  g_assert_true (tsr_engine_run (bench->engine, "job", TSR_ENGINE_DEVICE, job, NULL, NULL, &error));
  request = tsr_lab_request_new (1);
  request->recipes[0].a = tile (6);
  g_assert_null (ask (bench, TSR_LAB_SLOT_TILE, request)->problem); /* it is back */
}

/* A request of many pictures is given up for a job and answered whole after it. */
static void
test_given_up (Bench *bench, gconstpointer latent)
{
  enum { FRAMES = 600 };
  g_autoptr (GError) error = NULL;
  TsrLabRequest *request = tsr_lab_request_new (FRAMES);
  for (int k = 0; k < FRAMES; k++) {
    request->recipes[k].a = tile (1);
    request->recipes[k].b = tile (2);
    request->recipes[k].t = k / (FRAMES - 1.0);
  }
  tsr_lab_ask (bench->lab, TSR_LAB_SLOT_FRAMES, request);
  host (bench);
  for (int k = 0; k < 5; k++)
    g_assert_true (
        tsr_engine_run (bench->engine, "job", TSR_ENGINE_DEVICE, job, NULL, NULL, &error));
  const TsrLabAnswer *answer = answer_of (bench, TSR_LAB_SLOT_FRAMES);
  size_t image = (size_t)(answer->size * answer->size * answer->channels);
  g_assert_null (answer->problem);
  g_assert_cmpuint (answer->n, ==, FRAMES);
  g_assert_true (memcmp (answer->pictures, answer->pictures + (FRAMES - 1) * image, image) != 0);
}

static void
test_refused (Bench *bench, gconstpointer latent)
{
  TsrLabRequest *request = tsr_lab_request_new (1);
  request->recipes[0].a = tile (1000);
  g_assert_nonnull (strstr (ask (bench, TSR_LAB_SLOT_TILE, request)->problem, "#1000"));
  g_assert_nonnull (ask (bench, TSR_LAB_SLOT_TILE, tsr_lab_request_new (0))->problem);
  request = tsr_lab_request_new (1);
  request->recipes[0].a = place (NAN, 0);
  g_assert_nonnull (ask (bench, TSR_LAB_SLOT_PICTURE, request)->problem);
  request = tsr_lab_request_new (1);
  request->recipes[0].a = (TsrLabPoint){.kind = TSR_LAB_IMAGE,
                                        .data = g_bytes_new ("abc", 3),
                                        .width = 2,
                                        .height = 2,
                                        .channels = 3};
  g_assert_nonnull (ask (bench, TSR_LAB_SLOT_IMAGE, request)->problem);

  /* Another model's vectors; no map. */
  g_autofree char *id = g_strdup (bench->vectors_id);
  id[3] = id[3] == 'a' ? 'b' : 'a';
  TsrLabWorld world = {bench->n, bench->d, bench->w, bench->map, id, NULL, NULL};
  g_assert_cmpint (bench->released, ==, 0);
  tsr_lab_set_world (bench->lab, &world);
  request = tsr_lab_request_new (1);
  request->recipes[0].a = place (0, 0);
  g_assert_nonnull (
      strstr (ask (bench, TSR_LAB_SLOT_PICTURE, request)->problem, "not made by this model"));
  tsr_lab_set_world (bench->lab, NULL);
  request = tsr_lab_request_new (1);
  request->recipes[0].a = place (0, 0);
  g_assert_nonnull (strstr (ask (bench, TSR_LAB_SLOT_PICTURE, request)->problem, "map"));
  request = tsr_lab_request_new (1); /* a tile needs neither */
  request->recipes[0].a = tile (3);
  g_assert_null (ask (bench, TSR_LAB_SLOT_TILE, request)->problem);
  g_assert_cmpint (g_atomic_int_get (&bench->released), ==, 1);
  bench->released = 0;
  world = (TsrLabWorld){bench->n, bench->d, bench->w, bench->map, NULL, bench, released_cb};
  tsr_lab_set_world (bench->lab, &world);
}

/* Without a model everybody who asks is told why, and who asks again is told again. */
static void
test_no_model (void)
{
  Bench bench = {0};
  bench.path = fixture_project (2, false);
  bench.engine = tsr_engine_new (NULL);
  bench.lab = tsr_lab_new (bench.path, NULL);
  bench.box[0] = tsr_mailbox_new (received, &bench.answer[0], (GDestroyNotify)tsr_lab_answer_free);
  tsr_lab_listen (bench.lab, 0, bench.box[0]);
  for (int k = 0; k < 2; k++) {
    TsrLabRequest *request = tsr_lab_request_new (1);
    request->recipes[0].a = tile (0);
    g_assert_nonnull (strstr (ask (&bench, 0, request)->problem, "no model yet"));
  }
  tsr_engine_free (bench.engine);
  tsr_mailbox_close (bench.box[0]);
  tsr_mailbox_unref (bench.box[0]);
  tsr_lab_answer_free (bench.answer[0]);
  tsr_lab_unref (bench.lab);
  g_free (bench.path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  const char *w = "w", *z = "z";
  g_test_add ("/lab/pictures", Bench, w, bench_open, test_pictures, bench_close);
  g_test_add ("/lab/pictures-z", Bench, z, bench_open, test_pictures, bench_close);
  g_test_add ("/lab/latest", Bench, w, bench_open, test_latest, bench_close);
  g_test_add ("/lab/given-up", Bench, w, bench_open, test_given_up, bench_close);
  g_test_add ("/lab/refused", Bench, w, bench_open, test_refused, bench_close);
  g_test_add_func ("/lab/no-model", test_no_model);
  return g_test_run ();
}
