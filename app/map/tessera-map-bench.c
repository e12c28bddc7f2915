#include "tessera-map-bench.h"

#include "tessera-map-bench-window.h"
#include "tessera-map-camera.h"
#include "tessera-map-raster.h"
#include "tsr-marker.h"
#include "tsr-parallel.h"
#include "tsr-random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LUMPS         40
#define RASTERS       15
#define HOVERS        3000
#define LASSOS        15
#define LASSO_CORNERS TESSERA_MAP_BENCH_CORNERS

static double
now_ms (void)
{
  return g_get_monotonic_time () / 1e3;
}

GBytes *
tessera_map_bench_layout (guint n)
{
  float *xy = g_new (float, 2 * (gsize)n);
  TsrRandom r;
  tsr_random_init (&r, 42, 0);
  for (guint i = 0; i < n; i++) {
    guint k = tsr_random_below (&r, LUMPS);
    double angle = k * 2.399963, far = 50 * sqrt ((k + 0.5) / LUMPS), size = 2 + k % 5;
    xy[2 * (gsize)i] = (float)(far * cos (angle) + size * tsr_random_normal (&r));
    xy[2 * (gsize)i + 1] = (float)(far * sin (angle) + size * tsr_random_normal (&r));
  }
  return g_bytes_new_take (xy, 2 * (gsize)n * sizeof (float));
}

GBytes *
tessera_map_bench_points (guint n, guint turn)
{
  TesseraMapPoint *p = g_new0 (TesseraMapPoint, n);
  TsrRandom r;
  tsr_random_init (&r, 42, 0);
  guint step = MAX (n / 50, 1);
  for (guint i = 0; i < n; i++) {
    guint k = tsr_random_below (&r, LUMPS);
    p[i] = (TesseraMapPoint){.class_index = (k + turn) % 8,
                             .flags = TESSERA_MAP_POINT_PREDICTED,
                             .margin = i * 37 % 256};
    tsr_random_normal (&r), tsr_random_normal (&r);
    if (i % step == 0)
      p[i].flags |= TESSERA_MAP_POINT_LABELLED;
  }
  return g_bytes_new_take (p, n * sizeof *p);
}

void
tessera_map_bench_palette (TesseraMapClass classes[8])
{
  for (guint i = 0; i < 8; i++)
    classes[i] = (TesseraMapClass){.rgb = tsr_marker_color (i), .shape = tsr_marker_shape (i)};
}

static TesseraMapScene *
scene_of (TesseraMapIndex *index, GBytes *points)
{
  TesseraMapClass classes[8];
  tessera_map_bench_palette (classes);
  g_autoptr (TesseraMapCloud) cloud = tessera_map_cloud_new (index, points);
  TesseraMapScene *scene = tessera_map_scene_new (cloud, classes, 8, NULL);
  scene->n_labelled = 50;
  scene->contours = TRUE;
  scene->ground = 0xffffff;
  return scene;
}

static TesseraTiming
time_rasters (TesseraMapScene *scene, const TesseraMapFrame *frame)
{
  double ms[RASTERS];
  gsize size = (gsize)frame->width * frame->height * 4;
  for (guint i = 0; i < RASTERS; i++) {
    double start = now_ms ();
    g_autofree guint32 *pixels = g_malloc0 (size);
    tessera_map_raster_paint (scene, frame, pixels, frame->width);
    ms[i] = now_ms () - start;
  }
  return tessera_timing (ms, RASTERS);
}

static TesseraTiming
time_recolour (TesseraMapIndex *index, const TesseraMapFrame *frame, guint n)
{
  double ms[RASTERS];
  gsize size = (gsize)frame->width * frame->height * 4;
  for (guint i = 0; i < RASTERS; i++) {
    g_autoptr (GBytes) points = tessera_map_bench_points (n, i);
    double start = now_ms ();
    g_autoptr (TesseraMapScene) scene = scene_of (index, points);
    g_autofree guint32 *pixels = g_malloc0 (size);
    tessera_map_raster_paint (scene, frame, pixels, frame->width);
    ms[i] = now_ms () - start;
  }
  return tessera_timing (ms, RASTERS);
}

static TesseraTiming
time_hover (const TesseraMapGrid *grid, const TesseraMapFrame *frame)
{
  double ms[HOVERS];
  TsrRandom r;
  tsr_random_init (&r, 1, 1);
  for (guint i = 0; i < HOVERS; i++) {
    double x = frame->x + tsr_random_uniform (&r) * frame->width / frame->scale;
    double y = frame->y + tsr_random_uniform (&r) * frame->height / frame->scale;
    gint64 start = g_get_monotonic_time ();
    tessera_map_grid_nearest (grid, x, y, 10 / frame->scale, NULL, NULL);
    ms[i] = (g_get_monotonic_time () - start) / 1e3;
  }
  return tessera_timing (ms, HOVERS);
}

/* A wobbly ring v about the middle, widened until it holds at least `wanted` points. */
static guint
time_lasso (const TesseraMapGrid *grid, double x, double y, double reach, guint n, guint wanted,
            double v[2 * LASSO_CORNERS], TesseraTiming *timing)
{
  double ms[LASSOS];
  g_autofree guint8 *found = g_malloc (n);
  guint count = 0;
  for (double size = reach / 8; count < wanted && size < 4 * reach; size *= 1.05) {
    for (int i = 0; i < LASSO_CORNERS; i++) {
      double a = i * 2 * G_PI / LASSO_CORNERS,
             q = size * (1 + 0.15 * sin (7 * a) + 0.02 * sin (61 * a));
      v[2 * i] = x + q * cos (a), v[2 * i + 1] = y + q * sin (a);
    }
    memset (found, 0, n);
    count = tessera_map_grid_in_polygon (grid, v, LASSO_CORNERS, found);
  }
  for (guint i = 0; i < LASSOS; i++) {
    double start = now_ms ();
    memset (found, 0, n);
    tessera_map_grid_in_polygon (grid, v, LASSO_CORNERS, found);
    ms[i] = now_ms () - start;
  }
  *timing = tessera_timing (ms, LASSOS);
  return count;
}

void
tessera_map_bench_run (guint n, guint width, guint height, bool window, TesseraMapBench *bench)
{
  n = MAX (n, 1);
  *bench = (TesseraMapBench){
      .n = n, .width = width, .height = height, .threads = tsr_parallel_workers ()};
  g_autoptr (GBytes) xy = tessera_map_bench_layout (n), points = tessera_map_bench_points (n, 0);
  double ms[5];
  for (guint i = 0; i < G_N_ELEMENTS (ms); i++) {
    double start = now_ms ();
    g_autoptr (TesseraMapIndex) index = tessera_map_index_new (xy);
    tessera_map_index_grid (index);
    ms[i] = now_ms () - start;
  }
  bench->index = tessera_timing (ms, G_N_ELEMENTS (ms));
  g_autoptr (TesseraMapIndex) index = tessera_map_index_new (xy);
  const TesseraMapGrid *grid = tessera_map_index_grid (index);
  g_autoptr (TesseraMapScene) scene = scene_of (index, points);
  TesseraMapCamera camera = tessera_map_camera_fit (index, width, height, 0, NULL, 0);
  double scale = camera.scale;
  TesseraMapFrame frame = {width, height, camera.x - width / 2.0 / scale,
                           camera.y - height / 2.0 / scale, scale};
  bench->raster = time_rasters (scene, &frame);
  bench->recolour = time_recolour (index, &frame, n);
  TesseraMapFrame near = {width, height, camera.x - width / 16.0 / scale,
                          camera.y - height / 16.0 / scale, 8 * scale};
  bench->raster_near = time_rasters (scene, &near);
  bench->hover = time_hover (grid, &frame);
  double lasso[2 * LASSO_CORNERS];
  bench->lasso_points = time_lasso (grid, camera.x, camera.y, height / 2.0 / scale, n,
                                    MIN (300000, n / 2), lasso, &bench->lasso);
  /* Layout, its sorted copy and order; states and their sorted copy; the selection; and the grid's
   * cells. */
  bench->bytes_per_point = 8 + 8 + 4 + 4 + 4 + 1 + 4.0 * grid->columns * grid->rows / n;
  if (window)
    tessera_map_bench_window (xy, lasso, bench);
}
