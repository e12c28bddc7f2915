#include "tessera-map-scene.h"

#include "tessera-map-strips.h"

#include <math.h>
#include <string.h>

struct TesseraMapCloud {
  gatomicrefcount refs;
  TesseraMapIndex *index;
  GBytes *bytes;
  GMutex lock;
  gint built;
  TesseraMapPoint *points;
  guint32 *counts;
};

static const TesseraMapPoint unknown = {.class_index = TESSERA_MAP_NO_CLASS};

TesseraMapCloud *
tessera_map_cloud_new (TesseraMapIndex *index, GBytes *points)
{
  TesseraMapCloud *cloud = g_new0 (TesseraMapCloud, 1);
  g_atomic_ref_count_init (&cloud->refs);
  g_mutex_init (&cloud->lock);
  cloud->index = tessera_map_index_ref (index);
  cloud->bytes = points ? g_bytes_ref (points) : NULL;
  return cloud;
}

TesseraMapCloud *
tessera_map_cloud_ref (TesseraMapCloud *cloud)
{
  g_atomic_ref_count_inc (&cloud->refs);
  return cloud;
}

void
tessera_map_cloud_unref (TesseraMapCloud *cloud)
{
  if (!g_atomic_ref_count_dec (&cloud->refs))
    return;
  tessera_map_index_unref (cloud->index);
  g_clear_pointer (&cloud->bytes, g_bytes_unref);
  g_mutex_clear (&cloud->lock);
  g_free (cloud->points);
  g_free (cloud->counts);
  g_free (cloud);
}

TesseraMapIndex *
tessera_map_cloud_index (TesseraMapCloud *cloud)
{
  return cloud->index;
}

typedef struct {
  const guint32 *order;
  const TesseraMapPoint *from;
  TesseraMapPoint *to;
  gsize n_from, n, chunk;
} Gather;

static void
gather_strip (guint strip, gpointer data)
{
  const Gather *g = data;
  gsize end = MIN (g->n, (strip + 1) * g->chunk);
  for (gsize k = strip * g->chunk; k < end; k++)
    g->to[k] = g->order[k] < g->n_from ? g->from[g->order[k]] : unknown;
}

const TesseraMapPoint *
tessera_map_cloud_points (TesseraMapCloud *cloud)
{
  if (g_atomic_int_get (&cloud->built))
    return cloud->points;
  const TesseraMapGrid *grid = tessera_map_index_grid (cloud->index);
  g_mutex_lock (&cloud->lock);
  if (!g_atomic_int_get (&cloud->built)) {
    gsize size = 0;
    Gather g = {.order = grid->order, .n = grid->n_present, .chunk = 1 << 16};
    g.from = cloud->bytes ? g_bytes_get_data (cloud->bytes, &size) : NULL;
    g.n_from = size / sizeof (TesseraMapPoint);
    g.to = cloud->points = g_new (TesseraMapPoint, MAX (g.n, 1));
    tessera_map_strips_run ((g.n + g.chunk - 1) / g.chunk, gather_strip, &g);
    cloud->counts = g_new0 (guint32, 256 * TESSERA_MAP_N_FLAGS);
    for (gsize k = 0; k < g.n; k++)
      cloud->counts[g.to[k].class_index * TESSERA_MAP_N_FLAGS +
                    g.to[k].flags % TESSERA_MAP_N_FLAGS]++;
    g_atomic_int_set (&cloud->built, 1);
  }
  g_mutex_unlock (&cloud->lock);
  return cloud->points;
}

const guint32 *
tessera_map_cloud_counts (TesseraMapCloud *cloud)
{
  tessera_map_cloud_points (cloud);
  return cloud->counts;
}

TesseraMapPoint
tessera_map_point_of (GBytes *points, guint32 tile)
{
  gsize size = 0;
  const TesseraMapPoint *p = points ? g_bytes_get_data (points, &size) : NULL;
  return tile < size / sizeof *p ? p[tile] : unknown;
}

bool
tessera_map_point_in_areas (TesseraMapPoint point)
{
  return !(point.flags & TESSERA_MAP_POINT_EXCLUDED) || (point.flags & TESSERA_MAP_POINT_IN_AREAS);
}

TesseraMapLook
tessera_map_look (TesseraMapPoint point, const TesseraMapClass *classes, guint n_classes)
{
  bool has_class = point.class_index < n_classes;
  if ((point.flags & (TESSERA_MAP_POINT_HIDDEN | TESSERA_MAP_POINT_EXCLUDED)) ||
      (has_class && classes[point.class_index].hidden))
    return TESSERA_MAP_LOOK_FAINT;
  if (has_class && (point.flags & TESSERA_MAP_POINT_LABELLED))
    return TESSERA_MAP_LOOK_LABELLED;
  if (point.flags & TESSERA_MAP_POINT_VALUE)
    return TESSERA_MAP_LOOK_VALUE;
  if (point.flags & TESSERA_MAP_POINT_UNSURE)
    return TESSERA_MAP_LOOK_UNSURE;
  if (has_class && (point.flags & TESSERA_MAP_POINT_PREDICTED))
    return TESSERA_MAP_LOOK_PREDICTED;
  return TESSERA_MAP_LOOK_PLAIN;
}

TesseraMapScene *
tessera_map_scene_new (TesseraMapCloud *cloud, const TesseraMapClass *classes, guint n_classes,
                       GBytes *selected)
{
  TesseraMapScene *scene = g_new0 (TesseraMapScene, 1);
  scene->cloud = tessera_map_cloud_ref (cloud);
  scene->classes = g_memdup2 (classes, n_classes * sizeof *classes);
  scene->n_classes = MIN (n_classes, TESSERA_MAP_NO_CLASS);
  scene->selected = selected ? g_bytes_ref (selected) : NULL;
  scene->pixel_ratio = 1;
  return scene;
}

void
tessera_map_scene_free (TesseraMapScene *scene)
{
  tessera_map_cloud_unref (scene->cloud);
  g_clear_pointer (&scene->selected, g_bytes_unref);
  g_free (scene->classes);
  g_free (scene);
}

/* Points grow with the distance between them, but slower than it: far out they may touch, near by
 * they leave room. */
TesseraMapSizes
tessera_map_sizes (const TesseraMapGrid *grid, guint n_labelled, double scale, double pixel_ratio)
{
  double gap = grid->spacing * scale / pixel_ratio; /* logical pixels between neighbours */
  double point = CLAMP (0.62 * pow (gap, 0.72), 0.55, 7);
  double share = grid->n_present ? n_labelled / (double)grid->n_present : 0;
  /* A few labels stand out at any zoom; thousands of them must not cover the map. */
  double least = n_labelled <= 300 ? 5 : MAX (1.2, 5 * sqrt (300.0 / n_labelled));
  double labelled = share > 0.5 ? point : MAX (point * 1.15 + 0.6, least);
  TesseraMapSizes sizes = {.point = point * pixel_ratio,
                           .labelled = MIN (labelled, 8.5) * pixel_ratio};
  sizes.density = sizes.point < 1.3;
  return sizes;
}
