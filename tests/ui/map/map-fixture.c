#include "map-fixture.h"

#include "tsr-marker.h"
#include "tsr-random.h"

#include <math.h>

typedef struct {
  double x, y, size, phase;
} Lump;

static Lump
lump_of (guint k, guint clusters)
{
  TsrRandom random;
  tsr_random_init (&random, 7, k);
  double angle = k * 2.399963, far = sqrt ((k + 0.5) / clusters) * 42;
  return (Lump){far * cos (angle), far * sin (angle), 3.2 + 3.5 * tsr_random_uniform (&random),
                6.28 * tsr_random_uniform (&random)};
}

/* Which cluster a point belongs to and where in it: the same for layout and states. */
static guint
draw_point (TsrRandom *random, const Lump *lumps, guint clusters, float xy[2], double *inner)
{
  guint k = tsr_random_below (random, clusters);
  const Lump *l = lumps + k;
  double a = tsr_random_normal (random), b = tsr_random_normal (random);
  double angle = atan2 (b, a), r = l->size * 0.52 * hypot (a, b);
  r *= 1 + 0.22 * sin (3 * angle + l->phase) + 0.12 * sin (5 * angle - 2 * l->phase);
  if (tsr_random_uniform (random) < 0.22) { /* a dense knot to one side */
    r = 0.25 * r;
    *inner = 1;
    xy[0] = (float)(l->x + 0.5 * l->size * cos (l->phase) + r * cos (angle));
    xy[1] = (float)(l->y + 0.5 * l->size * sin (l->phase) + r * sin (angle));
    return k;
  }
  if (tsr_random_uniform (random) < 0.012)
    r *= 2.5;
  *inner = 1 - r / (1.6 * l->size);
  xy[0] = (float)(l->x + r * cos (angle));
  xy[1] = (float)(l->y + r * sin (angle));
  return k;
}

static Lump *
make_lumps (guint clusters)
{
  Lump *lumps = g_new (Lump, clusters);
  for (guint k = 0; k < clusters; k++)
    lumps[k] = lump_of (k, clusters);
  return lumps;
}

GBytes *
map_fixture_layout (guint n, guint clusters, gboolean with_absent)
{
  g_autofree Lump *lumps = make_lumps (clusters);
  float *xy = g_new (float, 2 * (gsize)MAX (n, 1));
  TsrRandom random;
  tsr_random_init (&random, 11, 1);
  double inner;
  for (guint i = 0; i < n; i++) {
    draw_point (&random, lumps, clusters, xy + 2 * (gsize)i, &inner);
    if (with_absent && i % 97 == 96)
      xy[2 * (gsize)i] = xy[2 * (gsize)i + 1] = NAN;
  }
  return g_bytes_new_take (xy, 2 * (gsize)n * sizeof (float));
}

GBytes *
map_fixture_points (guint n, guint clusters, guint n_labelled, gboolean plain)
{
  g_autofree Lump *lumps = make_lumps (clusters);
  TesseraMapPoint *points = g_new0 (TesseraMapPoint, MAX (n, 1));
  TsrRandom random, dice;
  tsr_random_init (&random, 11, 1);
  tsr_random_init (&dice, 11, 2);
  for (guint i = 0; i < n; i++) {
    float xy[2];
    double inner;
    guint k = draw_point (&random, lumps, clusters, xy, &inner);
    TesseraMapPoint *p = points + i;
    p->class_index = TESSERA_MAP_NO_CLASS;
    if (plain)
      continue;
    p->class_index = k * 5 % MAP_FIXTURE_CLASSES;
    p->flags = TESSERA_MAP_POINT_PREDICTED;
    p->margin = (guint8)(255 * CLAMP (inner + 0.25 * tsr_random_normal (&dice), 0.02, 1));
    if (tsr_random_below (&dice, n) < n_labelled)
      p->flags |= TESSERA_MAP_POINT_LABELLED;
    else if (tsr_random_uniform (&dice) < 0.004)
      p->flags = TESSERA_MAP_POINT_UNSURE;
  }
  return g_bytes_new_take (points, n * sizeof *points);
}

void
map_fixture_palette (TesseraMapClass classes[MAP_FIXTURE_CLASSES])
{
  for (guint i = 0; i < MAP_FIXTURE_CLASSES; i++)
    classes[i] = (TesseraMapClass){.rgb = tsr_marker_color (i), .shape = tsr_marker_shape (i)};
}
