/* The map on a device against the processors and plain double arithmetic: transforms, forces,
 * steps, whole maps, neighbours; repeatable, cancelled, and where the device fails. Runs on a GPU
 * where there is one, else on a CPU taken for one. */

#include "../map/plain.h"
#include "tsr-error.h"
#include "tsr-knn.h"
#include "tsr-map-device.h"
#include "tsr-map-fft.h"
#include "tsr-map-launch.h"
#include "tsr-map-neighbours.h"
#include "tsr-map-optimiser.h"
#include "tsr-map-repulsion.h"
#include "tsr-repulsion.h"

#include <glib.h>
#include <math.h>
#include <string.h>

static TsrDevice *device;

static TsrBuffer *
buffer_of (const void *data, size_t bytes)
{
  g_autoptr (GError) error = NULL;
  TsrBuffer *buffer = tsr_buffer_new (device, bytes, &error);
  g_assert_no_error (error);
  if (data)
    g_assert_true (tsr_buffer_write (buffer, 0, data, bytes, NULL));
  return buffer;
}

/* --- transforms --- */

static void
test_fft (void)
{
  const size_t lengths[] = {2,  3,  4,  5,  6,  8,  9,   10,  12,  15,  16,  20, 25,
                            27, 30, 32, 45, 60, 64, 100, 125, 128, 240, 360, 768};
  const size_t sequences = 7;
  for (size_t k = 0; k < G_N_ELEMENTS (lengths); k++)
    for (int rows = 0; rows < 2; rows++) {
      size_t n = lengths[k], count = n * sequences;
      g_autofree float *in = plain_layout (count, 1, n), *found = g_new (float, 2 * count);
      g_autofree double *expected = g_new0 (double, 2 * count);
      for (size_t s = 0; s < sequences; s++)
        for (size_t f = 0; f < n; f++)
          for (size_t j = 0; j < n; j++) {
            size_t from = rows ? s * n + j : j * sequences + s,
                   to = rows ? s * n + f : f * sequences + s;
            double angle = -2 * G_PI * (double)(f * j % n) / (double)n;
            double re = in[2 * from], im = in[2 * from + 1];
            expected[2 * to] += re * cos (angle) - im * sin (angle);
            expected[2 * to + 1] += re * sin (angle) + im * cos (angle);
          }
      g_autoptr (GError) error = NULL;
      TsrMapFft *fft = tsr_map_fft_new (device, n, &error);
      g_assert_no_error (error);
      TsrBuffer *a = buffer_of (in, 8 * count), *b = buffer_of (NULL, 8 * count), *result;
      TsrMapFftRun run = {
          .along_rows = rows, .sequences = sequences, .in = a, .work = {b, a}, .nodes = {0, 0}};
      g_assert_true (tsr_map_fft_run (fft, &run, &result, &error));
      g_assert_true (tsr_buffer_read (result, 0, found, 8 * count, &error));
      double off = plain_error (found, expected, 2 * count);
      if (!(off < 4e-7))
        g_error ("length %zu, %s: off by %g", n, rows ? "rows" : "columns", off);
      tsr_buffer_free (a);
      tsr_buffer_free (b);
      tsr_map_fft_free (fft);
    }
}

/* --- repulsion --- */

static void
bounds_of (const float *y, size_t n, float bounds[4])
{
  bounds[0] = bounds[2] = INFINITY;
  bounds[1] = bounds[3] = -INFINITY;
  for (size_t i = 0; i < n; i++)
    for (int a = 0; a < 2; a++) {
      bounds[2 * a] = fminf (bounds[2 * a], y[2 * i + a]);
      bounds[2 * a + 1] = fmaxf (bounds[2 * a + 1], y[2 * i + a]);
    }
}

/* Forces and Z of a layout on the device. */
static double
device_repulsion (TsrMapRepulsion *repulsion, const float *y, size_t n, float *force)
{
  size_t groups = tsr_map_groups (n);
  float bounds[4];
  g_autofree float *part = g_new (float, groups);
  g_autoptr (GError) error = NULL;
  TsrBuffer *places = buffer_of (y, 8 * n), *forces = buffer_of (NULL, 8 * n),
            *z = buffer_of (NULL, 4 * groups);
  bounds_of (y, n, bounds);
  g_assert_true (tsr_map_repulsion_run (repulsion, places, bounds, forces, z, &error));
  g_assert_no_error (error);
  g_assert_true (tsr_buffer_read (forces, 0, force, 8 * n, NULL));
  g_assert_true (tsr_buffer_read (z, 0, part, 4 * groups, NULL));
  tsr_buffer_free (places);
  tsr_buffer_free (forces);
  tsr_buffer_free (z);
  double sum = 0;
  for (size_t g = 0; g < groups; g++)
    sum += part[g];
  return sum;
}

/* As a map unfolds: packed, spread out, elongated, with an outlier; the grid is kept between calls.
 * The bounds against all pairs are those of the processors' own test; against the processors' grid,
 * which has the same errors of interpolation, they are a hundred times as tight. */
static void
test_repulsion (void)
{
  const size_t sizes[] = {1001, 2500}; /* the former is sparser than the bounds are for */
  const double spreads[] = {1e-4, 0.01, 0.3, 2, 7, 20, 45, 6, 0.5};
  for (size_t k = 0; k < G_N_ELEMENTS (sizes); k++) {
    size_t n = sizes[k];
    g_autoptr (GError) error = NULL;
    TsrMapRepulsion *grid = tsr_map_repulsion_new (device, n, 0, &error),
                    *fine = tsr_map_repulsion_new (device, n, 0.2, &error);
    TsrRepulsion *host = tsr_repulsion_new (n, 0);
    g_autofree float *found = g_new (float, 2 * n), *by_host = g_new (float, 2 * n);
    g_autofree double *expected = g_new (double, 2 * n), *hosts = g_new (double, 2 * n);
    for (size_t s = 0; s < G_N_ELEMENTS (spreads); s++)
      for (int shape = 0; shape < 3; shape++) {
        g_autofree float *y = plain_layout (n, spreads[s], s);
        for (size_t i = 0; shape == 1 && i < n; i++)
          y[2 * i + (s & 1)] *= 0.05f;
        if (shape == 2)
          y[6] += (float)(10 * spreads[s]), y[7] -= (float)(4 * spreads[s]);
        double z = plain_repulsion (y, n, expected);
        double z_found = device_repulsion (grid, y, n, found);
        double z_host = tsr_repulsion_interpolated (host, y, by_host);
        for (size_t i = 0; i < 2 * n; i++)
          hosts[i] = by_host[i];
        double off = plain_error (found, expected, 2 * n), z_off = fabs (z_found / z - 1),
               from_host = plain_error (found, hosts, 2 * n),
               z_from_host = fabs (z_found / z_host - 1);
        double bound = spreads[s] > 10 ? 3e-2 : 6e-3;
        g_test_message ("n %zu spread %g shape %d: off by %g, Z by %g; from the host by %g, %g", n,
                        spreads[s], shape, off, z_off, from_host, z_from_host);
        if (n >= 2500 && !(off < bound && z_off < bound / 12))
          g_error ("n %zu spread %g shape %d: force off by %g, Z by %g", n, spreads[s], shape, off,
                   z_off);
        /* where all points are near each other, differences of floats are all there is to tell */
        double near = spreads[s] >= 0.3 ? 2e-5 : spreads[s] >= 0.01 ? 1e-4 : 6e-3;
        if (!(from_host < near && z_from_host < 1e-6))
          g_error ("n %zu spread %g shape %d: force from the host's by %g, Z by %g", n, spreads[s],
                   shape, from_host, z_from_host);
        z_found = device_repulsion (fine, y, n, found);
        off = plain_error (found, expected, 2 * n), z_off = fabs (z_found / z - 1);
        if (n >= 2500 && spreads[s] >= 0.3 && spreads[s] <= 20 && !(off < 1e-3 && z_off < 2e-5))
          g_error ("n %zu spread %g shape %d, fine: force off by %g, Z by %g", n, spreads[s], shape,
                   off, z_off);
      }
    /* so far away that the grid becomes coarser than any that is chosen, and floats know places
     * from its middle to 1e-4 */
    g_autofree float *y = plain_layout (n, 7, 3);
    y[10] = 5000, y[11] = -3000;
    double far = device_repulsion (grid, y, n, found);
    double z_far = tsr_repulsion_interpolated (host, y, by_host);
    for (size_t i = 0; i < 2 * n; i++)
      hosts[i] = by_host[i];
    g_assert_cmpfloat_with_epsilon (far, z_far, 1e-6 * z_far);
    g_assert_cmpfloat (plain_error (found, hosts, 2 * n), <, 2e-4);
    g_autofree float *same = g_new0 (float, 2 * n);
    double z = device_repulsion (grid, same, n, found);
    g_assert_cmpfloat_with_epsilon (z, (double)n * (double)(n - 1), 1e-3 * (double)(n * n));
    for (size_t i = 2; i < 2 * n; i++) /* no force tears equal points apart */
      g_assert_cmpfloat (found[i], ==, found[i - 2]);
    tsr_map_repulsion_free (grid);
    tsr_map_repulsion_free (fine);
    tsr_repulsion_free (host);
  }
}

/* --- the optimiser --- */

static void
test_attraction (void)
{
  size_t n = 1300;
  g_autofree float *x = plain_blobs (n, 6, 4, 5), *y = plain_layout (n, 9, 5),
                   *found = g_new (float, 2 * n), *host = g_new (float, 2 * n),
                   *repel = g_new (float, 2 * n), *exact = g_new (float, 2 * n);
  g_autofree double *expected = g_new0 (double, 2 * n);
  g_autoptr (GError) error = NULL;
  TsrAffinities *p = tsr_affinities_new (x, n, 6, 11, false, NULL, NULL);
  TsrAttraction *attraction = tsr_attraction_new (p, NULL);
  TsrMapOptimiser *optimiser = tsr_map_optimiser_new (device, attraction, y, &error);
  g_assert_no_error (error);
  TsrMapSums sums;
  double log_sum;
  g_assert_true (tsr_map_optimiser_forces (optimiser, &sums, &error));
  g_assert_true (tsr_map_optimiser_read_forces (optimiser, found, repel, &error));
  tsr_attraction_run (attraction, y, host, &log_sum);
  for (size_t i = 0; i < 2 * n; i++)
    expected[i] = host[i];
  g_assert_cmpfloat (plain_error (found, expected, 2 * n), <, 2e-6);
  g_assert_cmpfloat_with_epsilon (sums.log_sum, log_sum, 2e-6 * log_sum);
  double z = tsr_repulsion_exact (y, n, exact);
  g_assert_cmpfloat_with_epsilon (sums.z, z, 5e-4 * z);
  memset (found, 0, 2 * n * sizeof *found); /* without the sums the forces are the same */
  g_assert_true (tsr_map_optimiser_forces (optimiser, NULL, &error));
  g_assert_true (tsr_map_optimiser_read_forces (optimiser, found, repel, &error));
  g_assert_cmpfloat (plain_error (found, expected, 2 * n), <, 2e-6);
  tsr_map_optimiser_free (optimiser);
  tsr_attraction_free (attraction);
  tsr_affinities_free (p);
}

/* A map on the device, or with device false by the processors. */
static bool
make_map (bool on_device, const float *x, size_t n, size_t d, const TsrTsneOptions *wish, float *y,
          TsrTsneReport *report)
{
  g_autoptr (TsrMapDevice) map = tsr_map_device_new (device);
  g_autoptr (GError) error = NULL;
  TsrTsneOptions options = *wish;
  options.accelerator = on_device ? tsr_map_device_accelerator (map) : NULL;
  bool ok = tsr_tsne (x, n, d, &options, y, NULL, NULL, report, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tsr_map_device_notice (map), ==, NULL);
  g_assert_true (report->optimise_accelerated == on_device &&
                 report->neighbours_accelerated == on_device);
  return ok;
}

/* A few steps from the same places: with momentum, gains, the longest step, early exaggeration. */
static void
test_steps (void)
{
  size_t n = 1501, d = 8;
  g_autofree float *x = plain_blobs (n, d, 5, 2), *y = g_new (float, 2 * n),
                   *host = g_new (float, 2 * n), *start = plain_layout (n, 6, 4);
  g_autofree double *moved = g_new (double, 2 * n);
  for (int k = 0; k < 6; k++) {
    TsrTsneOptions options = {
        .start = start, .iterations = 1 + k % 3, .exaggeration_iterations = 2};
    options.skip_exaggeration = k < 3;
    options.learning_rate = k == 3 ? 1e5 : 0; /* far beyond the longest step */
    TsrTsneReport report;
    g_assert_true (make_map (true, x, n, d, &options, y, &report));
    double kl = report.kl;
    g_assert_true (make_map (false, x, n, d, &options, host, &report));
    g_assert_cmpfloat_with_epsilon (kl, report.kl, 1e-5 * report.kl);
    for (size_t i = 0; i < 2 * n; i++) {
      moved[i] = (double)host[i] - start[i];
      y[i] -= start[i];
    }
    double off = plain_error (y, moved, 2 * n);
    if (!(off < 2e-5))
      g_error ("case %d: moved otherwise by %g", k, off);
    g_test_message ("case %d: moved otherwise by %g", k, off);
  }
}

/* A whole map, twice: as good as the processors', and the same bit for bit. */
static void
test_map (void)
{
  size_t n = 1200, d = 10;
  g_autofree float *x = plain_blobs (n, d, 6, 11), *y = g_new (float, 2 * n),
                   *again = g_new (float, 2 * n);
  TsrTsneOptions options = {.seed = 4, .exaggeration_iterations = 150, .iterations = 250};
  TsrTsneReport report;
  g_assert_true (make_map (true, x, n, d, &options, y, &report));
  g_assert_cmpfloat (plain_purity (y, n, 6), >, 0.99);
  g_assert_cmpint (report.iterations, ==, 400);
  TsrAffinities *p = tsr_affinities_new (x, n, d, 30, false, NULL, NULL);
  double kl = tsr_tsne_kl_exact (p, y, NULL);
  g_assert_cmpfloat_with_epsilon (report.kl, kl, 1e-3 * kl);
  g_assert_cmpfloat (kl, <, 1.3);
  tsr_affinities_free (p);
  g_assert_true (make_map (true, x, n, d, &options, again, &report));
  g_assert_cmpmem (y, 2 * n * sizeof *y, again, 2 * n * sizeof *again);
  g_assert_true (make_map (false, x, n, d, &options, again, &report));
  /* the divergence of a map differs by 2 % from seed to seed, that of six in the mean by less */
  double on_device = 0, on_host = 0;
  for (options.seed = 1; options.seed <= 6; options.seed++) {
    g_assert_true (make_map (true, x, n, d, &options, again, &report));
    on_device += report.kl / 6;
    g_assert_true (make_map (false, x, n, d, &options, again, &report));
    on_host += report.kl / 6;
  }
  g_test_message ("KL %g, by the processors %g", on_device, on_host);
  g_assert_cmpfloat_with_epsilon (on_device, on_host, 0.01 * on_host);
}

typedef struct {
  int calls, stop_at, last;
  float *kept;
} Streamed;

static bool
stream (const float *y, size_t n, int iteration, int total, double kl, void *user)
{
  Streamed *streamed = user;
  g_assert_true (isfinite (kl) && kl > 0 && iteration < total);
  streamed->calls++;
  streamed->last = iteration;
  memcpy (streamed->kept, y, 2 * n * sizeof *y);
  return iteration < streamed->stop_at;
}

/* With neighbours of the processors' approximate search, which bring an order of their own, and
 * stopped early: the places shown and kept are those of their rows. */
static void
test_order_and_stop (void)
{
  size_t n = 20500, d = 6;
  g_autofree float *x = plain_blobs (n, d, 9, 2), *y = g_new (float, 2 * n),
                   *kept = g_new (float, 2 * n);
  g_autoptr (TsrMapDevice) map = tsr_map_device_new (device);
  TsrMapAccelerator ways = *tsr_map_device_accelerator (map);
  ways.neighbours_up_to = 0;
  TsrTsneOptions options = {.exaggeration_iterations = 30, .iterations = 30, .accelerator = &ways};
  Streamed streamed = {.stop_at = 40, .kept = kept};
  TsrTsneReport report;
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_tsne (x, n, d, &options, y, stream, &streamed, &report, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (report.iterations, ==, 40);
  g_assert_cmpint (streamed.last, ==, 40);
  g_assert_cmpint (streamed.calls, >=, 9);
  g_assert_cmpmem (y, 2 * n * sizeof *y, kept, 2 * n * sizeof *kept);
  g_assert_true (report.optimise_accelerated && !report.neighbours_accelerated);
  TsrAffinities *p = tsr_affinities_new (x, n, d, 30, false, NULL, NULL);
  double kl = tsr_tsne_kl_exact (p, y, NULL);
  g_assert_cmpfloat_with_epsilon (report.kl, kl, 1e-3 * kl);
  tsr_affinities_free (p);
}

/* Copies and constant rows leave nothing to tell apart and nothing that is not finite. */
static void
test_copies (void)
{
  size_t n = 1100, d = 4;
  g_autofree float *x = g_new0 (float, n *d), *y = g_new (float, 2 * n);
  TsrTsneOptions options = {.exaggeration_iterations = 30, .iterations = 30};
  TsrTsneReport report;
  for (int kind = 0; kind < 2; kind++) {
    for (size_t i = 0; kind == 1 && i < n; i++)
      x[i * d] = i < 900 ? 0 : (float)i;
    g_assert_true (make_map (true, x, n, d, &options, y, &report));
    for (size_t i = 0; i < 2 * n; i++)
      g_assert_true (isfinite (y[i]));
  }
}

/* --- neighbours --- */

/* Against the processors' search: nearest first, ties by index, the same distances to rounding, and
 * where rows differ they are equally near to rounding. */
static void
check_neighbours (const float *x, size_t n, size_t d, size_t k, size_t block)
{
  g_autofree uint32_t *index = g_new (uint32_t, n * k), *again = g_new (uint32_t, n * k),
                      *host = g_new (uint32_t, n * k);
  g_autofree float *squared = g_new (float, n *k), *squared_again = g_new (float, n *k),
                   *host_squared = g_new (float, n *k);
  float scale;
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_map_neighbours (device, x, n, d, k, block, index, squared, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (
      tsr_map_neighbours (device, x, n, d, k, block, again, squared_again, NULL, &error));
  g_assert_cmpmem (index, n * k * sizeof *index, again, n * k * sizeof *again);
  g_assert_cmpmem (squared, n * k * sizeof *squared, squared_again, n * k * sizeof *squared_again);
  g_assert_true (tsr_knn_scaled (x, n, d, k, host, host_squared, &scale, NULL, &error));
  size_t others = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < k; j++) {
      size_t at = i * k + j;
      g_assert_cmpuint (index[at], <, n);
      g_assert_cmpuint (index[at], !=, i);
      g_assert_true (j == 0 || squared[at] > squared[at - 1] ||
                     (squared[at] == squared[at - 1] && index[at] > index[at - 1]));
      double apart = plain_squared (x + i * d, x + index[at] * d, d) / scale / scale;
      g_assert_cmpfloat_with_epsilon (squared[at], apart, 2e-6 * apart + 1e-30);
      g_assert_cmpfloat_with_epsilon (squared[at], host_squared[at],
                                      2e-6 * host_squared[at] + 1e-30);
      others += index[at] != host[at];
    }
  g_test_message ("%zu x %zu, %zu: %zu of %zu others", n, d, k, others, n * k);
  g_assert_cmpfloat ((double)others, <=, 1e-3 * (double)(n * k)); /* ties to rounding */
}

static void
test_neighbours (void)
{
  const struct {
    size_t n, d, k, clusters;
    bool copies;
    size_t block;
  } cases[] = {{1500, 20, 90, 1, false, 0},         {2100, 33, 15, 12, false, 0},
               {3000, 16, 90, 12, true, 5 << 20},   {1025, 3, 45, 5, true, 0},
               {1024, 130, 200, 3, false, 4 << 20}, {2049, 64, 1, 4, false, 1}};
  for (size_t c = 0; c < G_N_ELEMENTS (cases); c++) {
    g_autofree float *x =
        plain_cloud (cases[c].n, cases[c].d, cases[c].clusters, cases[c].copies, c);
    check_neighbours (x, cases[c].n, cases[c].d, cases[c].k, cases[c].block);
  }
}

/* All rows the same: the first ones. And rows far from 0, which centring is for. */
static void
test_neighbours_degenerate (void)
{
  size_t n = 1300, d = 7, k = 40;
  g_autofree float *x = g_new (float, n *d), *squared = g_new (float, n *k);
  g_autofree uint32_t *index = g_new (uint32_t, n * k);
  for (size_t i = 0; i < n * d; i++)
    x[i] = 3;
  g_assert_true (tsr_map_neighbours (device, x, n, d, k, 0, index, squared, NULL, NULL));
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < k; j++) {
      g_assert_cmpuint (index[i * k + j], ==, j + (j >= i));
      g_assert_cmpfloat (squared[i * k + j], ==, 0);
    }
  g_autofree float *cloud = plain_cloud (n, d, 3, false, 9);
  for (size_t i = 0; i < n * d; i++)
    cloud[i] = 1000 + cloud[i];
  check_neighbours (cloud, n, d, k, 0);
  for (size_t i = 0; i < n * d; i++)
    cloud[i] *= 1e30f;
  check_neighbours (cloud, n, d, k, 0);
  g_autofree float *groups = plain_cloud (n, d, 3, false, 9); /* near each other, far from 0 */
  for (size_t i = 0; i < n * d / 2; i++)
    groups[i] += 1e5f;
  groups[5] = 1e8f;
  check_neighbours (groups, n, d, k, 0);
  g_autoptr (GError) error = NULL; /* more than a group sorts in its memory */
  g_autofree uint32_t *many = g_new (uint32_t, n * (n - 1));
  g_autofree float *far = g_new (float, n *(n - 1));
  size_t most = n - 1; /* 1299 and 512 more are 2048 at most */
  g_assert_true (tsr_map_neighbours (device, cloud, n, d, most, 0, many, far, NULL, &error));
}

/* --- what goes wrong --- */

static void
cancel_later (double fraction, const char *stage, void *user)
{
  gpointer *pair = user;
  if (--*(int *)pair[1] == 0)
    g_cancellable_cancel (pair[0]);
}

static void
test_cancel (void)
{
  size_t n = 2500, d = 8;
  g_autofree float *x = plain_blobs (n, d, 5, 2), *y = g_new (float, 2 * n);
  g_autoptr (TsrMapDevice) map = tsr_map_device_new (device);
  TsrTsneOptions options = {.accelerator = tsr_map_device_accelerator (map)};
  for (int after = 1; after < 16; after += 2) {
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    int left = after;
    gpointer pair[2] = {cancellable, &left};
    TsrProgress progress = {cancel_later, pair, cancellable};
    g_autoptr (GError) error = NULL;
    g_assert_false (tsr_tsne (x, n, d, &options, y, NULL, NULL, NULL, &progress, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_null (tsr_map_device_notice (map));
    size_t now, peak;
    tsr_device_memory (device, &now, &peak);
    g_assert_cmpuint (now, ==, 0);
  }
  TsrTsneReport report; /* the device is none the worse for it */
  options = (TsrTsneOptions){.exaggeration_iterations = 2, .iterations = 2};
  g_assert_true (make_map (true, x, n, d, &options, y, &report));
}

/* Too little memory, at several places of the way: the processors' map, and a sentence that says
 * why. */
static void
test_no_memory (void)
{
  size_t n = 1500, d = 8;
  g_autofree float *x = plain_blobs (n, d, 5, 2), *y = g_new (float, 2 * n),
                   *expected = g_new (float, 2 * n);
  TsrTsneOptions options = {.exaggeration_iterations = 20, .iterations = 20};
  TsrTsneReport report;
  g_assert_true (make_map (false, x, n, d, &options, expected, &report));
  const size_t limits[] = {1 << 10, 200 << 10, 1 << 20, 1600 << 10};
  for (size_t l = 0; l < G_N_ELEMENTS (limits); l++) {
    g_autoptr (TsrMapDevice) map = tsr_map_device_new (device);
    g_autoptr (GError) error = NULL;
    TsrMapAccelerator ways = *tsr_map_device_accelerator (map);
    ways.neighbours_up_to = l % 2 ? 0 : ways.neighbours_up_to;
    options.accelerator = &ways;
    tsr_device_limit_memory (device, limits[l]);
    g_assert_true (tsr_tsne (x, n, d, &options, y, NULL, NULL, &report, NULL, &error));
    tsr_device_limit_memory (device, 0);
    g_assert_no_error (error);
    g_assert_false (report.optimise_accelerated);
    g_assert_cmpmem (y, 2 * n * sizeof *y, expected, 2 * n * sizeof *expected);
    g_assert_nonnull (tsr_map_device_notice (map));
    size_t now, peak;
    tsr_device_memory (device, &now, &peak);
    g_assert_cmpuint (now, ==, 0);
  }
}

int
main (int argc, char **argv)
{
  g_setenv ("TESSERA_CPU_AS_GPU", "1", FALSE);
  g_test_init (&argc, &argv, NULL);
  g_autoptr (GError) error = NULL;
  device = tsr_device_open (NULL, &error);
  if (!device || !tsr_map_device_suits (device)) {
    g_print ("1..0 # SKIP no device that suits: %s\n", error ? error->message : "");
    return 0;
  }
  g_test_add_func ("/map-device/fft", test_fft);
  g_test_add_func ("/map-device/repulsion", test_repulsion);
  g_test_add_func ("/map-device/attraction", test_attraction);
  g_test_add_func ("/map-device/steps", test_steps);
  g_test_add_func ("/map-device/map", test_map);
  g_test_add_func ("/map-device/order-and-stop", test_order_and_stop);
  g_test_add_func ("/map-device/copies", test_copies);
  g_test_add_func ("/map-device/neighbours", test_neighbours);
  g_test_add_func ("/map-device/neighbours/degenerate", test_neighbours_degenerate);
  g_test_add_func ("/map-device/cancel", test_cancel);
  g_test_add_func ("/map-device/no-memory", test_no_memory);
  int status = g_test_run ();
  tsr_device_close (device);
  return status;
}
