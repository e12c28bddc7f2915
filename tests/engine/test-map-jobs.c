/* The jobs of a map on planted vectors: like the former map or afresh, stopped and continued, new
 * tiles that move nothing, and what the project says of it. */

#include "fixture.h"

#include "tsr-device.h"
#include "tsr-error.h"
#include "tsr-map-info.h"
#include "tsr-place.h"
#include "tsr-random.h"

#include <math.h>
#include <string.h>

#define D     6
#define KINDS 5

/* n tiles of 16 pixels; no more than that is looked at. */
static char *
make_project (uint32_t *n)
{
  char *path = fixture_project (50, false);
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, NULL);
  *n = tsr_project_n_tiles (project);
  g_assert_cmpuint (*n, >=, 200);
  return path;
}

/* Vectors in KINDS clusters. `model` tells one training from another, and turns them in W. */
static float *
vectors (uint32_t n, uint64_t model)
{
  TsrRandom random, turn;
  tsr_random_init (&random, 5, 0);
  tsr_random_init (&turn, model, 1);
  float *w = g_new (float, (size_t)n *D);
  double centre[KINDS][D], mix[D][D];
  for (int k = 0; k < KINDS * D; k++)
    (&centre[0][0])[k] = 4 * tsr_random_normal (&random);
  for (int k = 0; k < D * D; k++)
    (&mix[0][0])[k] = tsr_random_normal (&turn);
  for (uint32_t i = 0; i < n; i++) {
    double own[D];
    for (int c = 0; c < D; c++)
      own[c] = centre[i % KINDS][c] + tsr_random_normal (&random);
    for (int c = 0; c < D; c++) {
      double sum = 0;
      for (int b = 0; b < D; b++)
        sum += mix[c][b] * own[b];
      w[(size_t)i * D + c] = (float)sum;
    }
  }
  return w;
}

static void
plant (const char *path, const float *w, uint32_t n, const char *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_true (tsr_project_clear_vectors (project, &error));
  g_assert_true (tsr_project_put_vectors (project, model, 0, n, D, w, &error));
  g_assert_no_error (error);
}

static float *
stored (const char *path, TsrMapInfo **info)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  g_autofree char *text = NULL;
  float *y;
  uint32_t n;
  g_assert_true (tsr_project_get_map (project, &y, &n, &text, &error));
  g_assert_cmpuint (n, ==, tsr_project_n_tiles (project));
  if (info)
    *info = tsr_map_info_parse (text);
  return y;
}

static void
run (TsrMapJob *job)
{
  g_autoptr (GError) error = NULL;
  tsr_job_map (NULL, NULL, job, &error);
  g_assert_no_error (error);
}

static double
median_between (const float *a, const float *b, uint32_t n)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (double));
  for (uint32_t i = 0; i < n; i++) {
    double length = hypot (a[2 * i] - b[2 * i], a[2 * i + 1] - b[2 * i + 1]);
    if (isfinite (length)) {
      guint at = 0;
      while (at < all->len && g_array_index (all, double, at) < length)
        at++;
      g_array_insert_val (all, at, length);
    }
  }
  return (g_array_index (all, double, (all->len - 1) / 2) +
          g_array_index (all, double, all->len / 2)) /
         2;
}

static double
radius_of (const float *y, uint32_t n)
{
  double sum = 0;
  for (uint32_t i = 0; i < 2 * n; i++)
    sum += (double)y[i] * y[i] / n;
  return sqrt (sum);
}

/* After another training the clusters lie where they lay; afresh they need not, and then the same
 * map comes whatever was there before. */
static void
test_aligned (void)
{
  uint32_t n;
  g_autofree char *path = make_project (&n);
  g_autofree float *w = vectors (n, 1), *other = vectors (n, 2);
  TsrMapJob first = {.project = path, .method = "tsne"}, second = first, fresh = first, pca = first;
  plant (path, w, n, "one");
  run (&first);
  g_assert_true (isnan (first.moved) && first.known == 0);
  g_autofree float *y1 = stored (path, NULL);

  plant (path, other, n, "two");
  run (&second);
  g_autofree float *y2 = stored (path, NULL);
  g_assert_cmpuint (second.known, ==, n);
  g_assert_cmpfloat_with_epsilon (second.moved, median_between (y1, y2, n), 1e-6);
  g_assert_cmpfloat (second.moved, <, 0.3 * radius_of (y1, n));
  g_assert_cmpfloat (second.trust.trustworthiness, >, 0.95);

  fresh.start = TSR_MAP_FRESH;
  run (&fresh);
  g_autofree float *y3 = stored (path, NULL);
  g_assert_cmpuint (fresh.known, ==, 0);
  g_assert_cmpfloat (median_between (y1, y3, n), >, second.moved);
  g_assert_cmpfloat_with_epsilon (second.report.kl, fresh.report.kl, 0.05);
  run (&second);
  run (&fresh);
  g_autofree float *y4 = stored (path, NULL);
  g_assert_cmpmem (y3, 2 * n * sizeof *y3, y4, 2 * n * sizeof *y4);

  pca.method = "pca"; /* has no start, but is turned */
  run (&pca);
  g_assert_cmpuint (pca.known, ==, n);
  g_assert_true (isfinite (pca.moved));
}

/* What the project says of the map is what was measured on it. */
static void
test_info (void)
{
  uint32_t n;
  g_autofree char *path = make_project (&n);
  g_autofree float *w = vectors (n, 1);
  for (uint32_t c = 0; c < D; c++)
    w[7 * D + c] = NAN;
  plant (path, w, n, "one");
  TsrMapJob job = {.project = path, .method = "tsne", .options = {.seed = 3, .iterations = 300}};
  run (&job);
  g_autoptr (TsrMapInfo) info = NULL;
  g_autofree float *y = stored (path, &info);
  g_assert_cmpstr (info->method, ==, "tsne");
  g_assert_cmpstr (info->model, ==, "one");
  g_assert_cmpuint (info->tiles, ==, n - 1);
  g_assert_cmpint (info->iterations, ==, 550);
  g_assert_cmpuint (info->seed, ==, 3);
  g_assert_false (info->stopped);
  g_assert_cmpfloat (info->kl, ==, job.report.kl);
  g_assert_cmpuint (info->trust.k, ==, TSR_TRUST_NEIGHBOURS);
  g_assert_cmpfloat (info->trust.kept, ==, job.trust.kept);
  g_assert_cmpfloat (info->trust.trustworthiness, ==, job.trust.trustworthiness);
  g_assert_cmpfloat (info->trust.continuity, ==, job.trust.continuity);
  g_assert_cmpuint (info->n, ==, n);
  double sum = 0;
  for (uint32_t i = 0; i < n; i++) {
    g_assert_true ((info->kept[i] == TSR_TRUST_UNKNOWN) == (i == 7));
    sum += i == 7 ? 0 : info->kept[i];
  }
  g_assert_cmpfloat_with_epsilon (sum / (10.0 * (n - 1)), job.trust.kept, 1e-9);
}

typedef struct {
  gint stop;
  int after;
} Stop;

static void
stop_later (double fraction, const char *stage, void *user)
{
  Stop *stop = user;
  if (stop->after-- == 0)
    g_atomic_int_set (&stop->stop, 1);
}

/* Stopped, the map is kept as it is; continued, it goes on from there and gets better. */
static void
test_stop_and_continue (void)
{
  uint32_t n;
  g_autofree char *path = make_project (&n);
  g_autofree float *w = vectors (n, 1);
  plant (path, w, n, "one");
  Stop stop = {0, 45};
  TsrMapJob job = {.project = path,
                   .method = "tsne",
                   .balance = 0.5,
                   .stop = &stop.stop,
                   .progress = {.report = stop_later, .user = &stop}};
  run (&job);
  g_assert_true (job.stopped);
  g_assert_cmpint (job.report.iterations, >, 250);
  g_assert_cmpint (job.report.iterations, <, 1000);
  g_autoptr (TsrMapInfo) info = NULL, further = NULL;
  g_autofree float *y = stored (path, &info);
  g_assert_true (info->stopped);
  g_assert_cmpint (info->iterations, ==, job.report.iterations);
  g_assert_cmpfloat (info->kl, ==, job.report.kl);

  TsrMapJob more = {.project = path,
                    .method = "tsne",
                    .start = TSR_MAP_CONTINUED,
                    .options = {.iterations = 200}};
  run (&more);
  g_autofree float *after = stored (path, &further);
  g_assert_cmpint (more.earlier, ==, job.report.iterations);
  g_assert_cmpint (more.report.iterations, ==, 200);
  g_assert_cmpint (more.report.exaggeration_iterations, ==, 0);
  g_assert_cmpint (further->iterations, ==, job.report.iterations + 200);
  g_assert_false (further->stopped);
  g_assert_cmpfloat (further->perplexity, ==, info->perplexity);
  g_assert_cmpfloat (further->balance, ==, 0.5);
  g_assert_cmpfloat (further->kl, <, info->kl);
  g_assert_cmpfloat_with_epsilon (more.moved, median_between (y, after, n), 1e-6);
}

/* On a GPU, or a CPU taken for one, the device arranges the map, streams it and is stopped like the
 * processors; where it fails they make it and say why. */
static void
test_device (void)
{
  uint32_t n;
  g_autofree char *path = fixture_project (252, false);
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, NULL);
  n = tsr_project_n_tiles (project);
  g_assert_cmpuint (n, >, 1000); /* fewer are the processors' */
  g_autofree float *w = vectors (n, 1);
  plant (path, w, n, "one");
  TsrMapJob job = {.project = path,
                   .method = "tsne",
                   .start = TSR_MAP_FRESH,
                   .options = {.exaggeration_iterations = 30, .iterations = 30}};
  run (&job);
  g_assert_true (job.device == NULL && job.remark == NULL);
  g_autofree float *host = stored (path, NULL);

  g_setenv ("TESSERA_CPU_AS_GPU", "1", TRUE);
  TsrDevice *device = tsr_device_open (NULL, &error);
  g_unsetenv ("TESSERA_CPU_AS_GPU");
  if (!device) {
    g_test_skip (error->message);
    return;
  }
  g_assert_true (tsr_job_map (device, NULL, &job, &error));
  g_assert_cmpstr (job.device, ==, tsr_device_info (device)->name);
  g_assert_null (job.remark);
  g_assert_cmpint (job.report.iterations, ==, 60);
  g_autofree float *first = stored (path, NULL);
  g_assert_true (tsr_job_map (device, NULL, &job, &error));
  g_autofree float *second = stored (path, NULL);
  g_assert_cmpmem (first, 2 * n * sizeof *first, second, 2 * n * sizeof *second);
  g_assert_cmpint (memcmp (first, host, 2 * n * sizeof *first), !=, 0);

  gint stop = 1;
  job.stop = &stop;
  g_assert_true (tsr_job_map (device, NULL, &job, &error));
  g_assert_true (job.stopped && job.device && job.report.iterations < 60);
  job.stop = NULL;

  tsr_device_limit_memory (device, 100 << 10);
  g_assert_true (tsr_job_map (device, NULL, &job, &error));
  g_assert_no_error (error);
  g_assert_null (job.device);
  g_assert_nonnull (strstr (job.remark, "processors"));
  g_autofree float *rescued = stored (path, NULL);
  g_assert_cmpmem (rescued, 2 * n * sizeof *rescued, host, 2 * n * sizeof *host);
  tsr_device_close (device);

  device = tsr_device_open ("cpu", &error); /* the processors know themselves best */
  g_assert_no_error (error);
  g_assert_true (tsr_job_map (device, NULL, &job, &error));
  g_assert_true (job.device == NULL && job.remark == NULL);
  g_autofree float *as_ever = stored (path, NULL);
  g_assert_cmpmem (as_ever, 2 * n * sizeof *as_ever, host, 2 * n * sizeof *host);
  tsr_device_close (device);
}

static void
refuse (TsrMapJob *job, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_job_map (NULL, NULL, job, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_PROJECT);
  g_assert_nonnull (strstr (error->message, why));
}

static void
test_refused (void)
{
  uint32_t n;
  g_autofree char *path = make_project (&n);
  g_autofree float *w = vectors (n, 1);
  TsrMapJob more = {.project = path, .method = "tsne", .start = TSR_MAP_CONTINUED},
            pca = {.project = path, .method = "pca"}, tsne = {.project = path, .method = "tsne"};
  refuse (&more, "embed");
  plant (path, w, n, "one");
  refuse (&more, "no map yet");
  run (&pca);
  refuse (&more, "not one of t-SNE");
  run (&tsne);
  g_autofree float *before = stored (path, NULL);
  plant (path, w, n, "two");
  refuse (&more, "another model");
  g_autofree float *after = stored (path, NULL);
  g_assert_cmpmem (before, 2 * n * sizeof *before, after, 2 * n * sizeof *after);

  /* cancelled, the former map stays */
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_cancellable_cancel (cancellable);
  g_assert_false (tsr_job_map (NULL, cancellable, &tsne, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_autofree float *kept = stored (path, NULL);
  g_assert_cmpmem (before, 2 * n * sizeof *before, kept, 2 * n * sizeof *kept);
}

/* Tiles without a place get one beside their kind; all others stay bit for bit. */
static void
check_place (double balance)
{
  uint32_t n;
  g_autofree char *path = make_project (&n);
  g_autofree float *w = vectors (n, 1), *holes = g_memdup2 (w, (size_t)n * D * sizeof *w);
  g_autoptr (GError) error = NULL;
  TsrPlaceJob place = {.project = path};
  g_assert_true (tsr_job_place (NULL, NULL, &place, &error)); /* nothing there yet */
  for (uint32_t i = 0; i < n; i += 10)
    for (uint32_t c = 0; c < D; c++)
      holes[i * D + c] = NAN;
  plant (path, holes, n, "one");
  TsrMapJob job = {.project = path, .method = "tsne", .balance = balance};
  run (&job);
  g_autofree float *before = stored (path, NULL);
  plant (path, w, n, "one");
  uint32_t excluded = 20;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_true (tsr_project_exclude (project, &excluded, 1, true, "test", NULL, &error));
  g_clear_pointer (&project, tsr_project_close);
  g_assert_true (tsr_job_place (NULL, NULL, &place, &error));
  g_assert_cmpuint (place.placed, ==, (n + 9) / 10 - 1);
  g_autoptr (TsrMapInfo) info = NULL;
  g_autofree float *after = stored (path, &info);
  for (uint32_t i = 0; i < n; i++) {
    if (i % 10 != 0) {
      g_assert_cmpmem (before + 2 * i, 8, after + 2 * i, 8);
      continue;
    }
    g_assert_true (isnan (after[2 * i]) == (i == excluded));
    g_assert_true ((info->kept[i] == TSR_TRUST_UNKNOWN) == (i == excluded));
    if (i == excluded)
      continue;
    uint32_t nearest = 0;
    double least = INFINITY;
    for (uint32_t j = 0; j < n; j++) {
      double length = hypot (after[2 * i] - after[2 * j], after[2 * i + 1] - after[2 * j + 1]);
      if (j % 10 != 0 && length < least) {
        least = length;
        nearest = j;
      }
    }
    g_assert_cmpuint (nearest % KINDS, ==, i % KINDS);
  }
  g_assert_cmpfloat (info->kl, ==, job.report.kl); /* still what was said of the map */
  g_assert_cmpfloat (info->balance, ==, balance);
  g_assert_true (tsr_job_place (NULL, NULL, &place, &error));
  g_assert_cmpuint (place.placed, ==, 0);
}

static void
test_place (void)
{
  check_place (0);
  check_place (0.5);
}

/* Where a tile is put does not depend on which others join with it. */
static void
test_place_alone (void)
{
  enum { N = 120 };
  g_autofree float *w = vectors (N, 1), *one = g_memdup2 (w, sizeof (float) * N * D);
  float together[2 * N], alone[2 * N];
  for (uint32_t i = 0; i < 2 * N; i++)
    together[i] = alone[i] = i / 2 % 4 == 0 ? NAN : w[i / 2 * D + i % 2];
  for (uint32_t i = 4; i < N; i += 4)
    for (uint32_t c = 0; c < D; c++) {
      one[i * D + c] = NAN;
      w[i * D + c] *= c == 2 ? 50 : -3; /* unlike all that is on the map */
    }
  TsrTransformOptions options = {0};
  uint32_t placed;
  g_autoptr (GError) error = NULL;
  g_assert_true (
      tsr_place_new_tiles (w, N, D, 0.5, &options, together, NULL, 0, &placed, NULL, &error));
  g_assert_cmpuint (placed, ==, N / 4);
  g_assert_true (
      tsr_place_new_tiles (one, N, D, 0.5, &options, alone, NULL, 0, &placed, NULL, &error));
  g_assert_cmpuint (placed, ==, 1);
  g_assert_cmpmem (together, 2 * sizeof *alone, alone, 2 * sizeof *alone);
}

/* Stores another map in the midst of a job, once. */
typedef struct {
  const char *path;
  float *y; /* [2 n]; NULL: done */
  uint32_t n;
} Meddler;

static void
meddle (double fraction, const char *stage, void *user)
{
  Meddler *meddler = user;
  g_autofree float *y = g_steal_pointer (&meddler->y);
  g_autoptr (TsrProject) project =
      y ? tsr_project_open (meddler->path, TSR_PROJECT_READ_WRITE, NULL) : NULL;
  if (project)
    g_assert_true (tsr_project_put_map (project, y, meddler->n, "{\"method\": \"pca\"}", NULL));
}

/* A map that is made while new tiles get their places is not replaced by the former one. */
static void
test_place_meanwhile (void)
{
  g_autoptr (GError) error = NULL;
  uint32_t n;
  g_autofree char *path = make_project (&n);
  g_autofree float *w = vectors (n, 1), *y = g_new (float, 2 * (size_t)n),
                   *newer = g_new (float, 2 * (size_t)n);
  for (uint32_t i = 0; i < 2 * n; i++) {
    y[i] = i < 2 * (n - 3) ? w[(size_t)(i / 2) * D + i % 2] : NAN;
    newer[i] = 100 + y[i];
  }
  plant (path, w, n, "m");
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_true (tsr_project_put_map (project, y, n, "{\"method\": \"pca\"}", &error));
  g_clear_pointer (&project, tsr_project_close);
  Meddler meddler = {path, g_memdup2 (newer, 2 * sizeof (float) * (size_t)n), n};
  TsrPlaceJob job = {.project = path, .progress = {meddle, &meddler, NULL}};
  g_assert_true (tsr_job_place (NULL, NULL, &job, &error));
  g_assert_null (meddler.y);
  g_assert_cmpuint (job.placed, ==, 3);
  g_autofree float *now = stored (path, NULL);
  g_assert_cmpmem (now, 2 * sizeof (float) * (n - 3), newer, 2 * sizeof (float) * (n - 3));
  g_assert_true (isfinite (now[2 * n - 1]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map-jobs/aligned", test_aligned);
  g_test_add_func ("/map-jobs/info", test_info);
  g_test_add_func ("/map-jobs/place-alone", test_place_alone);
  g_test_add_func ("/map-jobs/stop-and-continue", test_stop_and_continue);
  g_test_add_func ("/map-jobs/device", test_device);
  g_test_add_func ("/map-jobs/refused", test_refused);
  g_test_add_func ("/map-jobs/place", test_place);
  g_test_add_func ("/map-jobs/place-meanwhile", test_place_meanwhile);
  return g_test_run ();
}
