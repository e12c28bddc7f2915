/* The grid's answers against looking at every point. */

#include "map-fixture.h"
#include "tessera-map-index.h"
#include "tsr-random.h"

#include <math.h>
#include <string.h>

typedef enum { LUMPS, LINE, ONE_PLACE, OUTLIER, LATTICE, N_SHAPES } Shape;

static GBytes *
make (Shape shape, guint n)
{
  if (shape == LUMPS)
    return map_fixture_layout (n, 9, TRUE);
  float *xy = g_new (float, 2 * (gsize)MAX (n, 1));
  TsrRandom r;
  tsr_random_init (&r, 3, shape);
  for (guint i = 0; i < n; i++) {
    float *p = xy + 2 * (gsize)i;
    p[0] = (float)tsr_random_normal (&r);
    p[1] = shape == LINE ? 2 : (float)tsr_random_normal (&r);
    if (shape == ONE_PLACE)
      p[0] = 5, p[1] = -7;
    if (shape == OUTLIER && i % 100 == 0)
      p[0] *= 1e6f, p[1] *= -1e6f;
    if (shape == LATTICE)
      p[0] = (float)(i % 20), p[1] = (float)(i / 20 % 20);
    if (i % 50 == 49)
      p[i & 1] = i % 3 ? NAN : INFINITY;
  }
  return g_bytes_new_take (xy, 2 * (gsize)n * sizeof (float));
}

static bool
odd (guint32 tile, gconstpointer unused)
{
  return tile & 1;
}

static gint64
nearest_by_hand (const float *xy, guint n, double x, double y, double radius,
                 TesseraMapAccept accept)
{
  gint64 best = -1;
  double least = radius * radius;
  for (guint i = 0; i < n; i++) {
    double dx = xy[2 * i] - x, dy = xy[2 * i + 1] - y, d = dx * dx + dy * dy;
    if (isfinite (d) && (d < least || (d == least && best < 0)) && (!accept || accept (i, NULL))) {
      least = d;
      best = i;
    }
  }
  return best;
}

static void
check_nearest (const TesseraMapGrid *grid, const float *xy, guint n, TsrRandom *r)
{
  guint found = 0;
  for (int k = 0; k < 400; k++) {
    guint at = n ? tsr_random_below (r, n) : 0;
    double x = 3 * tsr_random_normal (r), y = 3 * tsr_random_normal (r),
           radius = exp (4 * tsr_random_normal (r));
    if (k % 2 && n && isfinite (xy[2 * at] + xy[2 * at + 1]))
      x = xy[2 * at] + 0.1 * tsr_random_normal (r), y = xy[2 * at + 1];
    TesseraMapAccept accept = k % 3 ? NULL : odd;
    gint64 tile = tessera_map_grid_nearest (grid, x, y, radius, accept, NULL);
    g_assert_cmpint (tile, ==, nearest_by_hand (xy, n, x, y, radius, accept));
    found += tile >= 0;
  }
  if (n > 100)
    g_assert_cmpuint (found, >, 100); /* the check has looked at something */
  g_assert_cmpint (tessera_map_grid_nearest (grid, NAN, 0, 1, NULL, NULL), ==, -1);
}

static void
check_toward (const TesseraMapGrid *grid, const float *xy, guint n, TsrRandom *r)
{
  for (int k = 0; k < 60 && n; k++) {
    guint at = tsr_random_below (r, n);
    if (!isfinite (xy[2 * at] + xy[2 * at + 1]))
      continue;
    double dx = k % 4 == 0   ? 1
                : k % 4 == 1 ? -1
                             : 0,
           dy = k % 4 == 2   ? 1
                : k % 4 == 3 ? -1
                             : 0,
           least = INFINITY;
    for (guint i = 0; i < n; i++) {
      double px = xy[2 * i] - xy[2 * at], py = xy[2 * i + 1] - xy[2 * at + 1];
      double along = px * dx + py * dy, across = fabs (px * dy - py * dx);
      if (along > 0 && across <= along)
        least = fmin (least, px * px + py * py);
    }
    gint64 tile = tessera_map_grid_toward (grid, xy[2 * at], xy[2 * at + 1], dx, dy, NULL, NULL);
    g_assert_true ((tile >= 0) == isfinite (least));
    if (tile >= 0)
      g_assert_cmpfloat (hypot (xy[2 * tile] - xy[2 * at], xy[2 * tile + 1] - xy[2 * at + 1]), ==,
                         sqrt (least));
  }
}

static void
check_box (const TesseraMapGrid *grid, const float *xy, guint n, TsrRandom *r)
{
  g_autofree guint8 *found = g_malloc (MAX (n, 1));
  for (int k = 0; k < 60; k++) {
    double x0 = 2 * tsr_random_normal (r), y0 = 2 * tsr_random_normal (r), scale = k % 5 ? 2 : 1e7;
    double x1 = x0 + scale * tsr_random_uniform (r), y1 = y0 + scale * tsr_random_uniform (r);
    if (k == 0)
      x0 = x1 = 5, y0 = y1 = -7;
    memset (found, 0, MAX (n, 1));
    guint count = tessera_map_grid_in_box (grid, x0, y0, x1, y1, found), expected = 0;
    for (guint i = 0; i < n; i++) {
      bool inside =
          xy[2 * i] >= x0 && xy[2 * i] <= x1 && xy[2 * i + 1] >= y0 && xy[2 * i + 1] <= y1;
      inside = inside && isfinite (xy[2 * i] + xy[2 * i + 1]);
      g_assert_cmpint (found[i], ==, inside);
      expected += inside;
    }
    g_assert_cmpuint (count, ==, expected);
    g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (guint32));
    g_assert_true (tessera_map_grid_list (grid, x0, y0, x1, y1, n + 1, list));
    g_assert_cmpuint (list->len, ==, expected);
    if (expected > 1)
      g_assert_false (tessera_map_grid_list (grid, x0, y0, x1, y1, expected - 1, list));
  }
}

/* The winding number from the sum of angles: another way than the grid's crossings. NAN when too
 * near an edge to tell. */
static double
winding_by_angles (const double *v, guint n, double x, double y)
{
  double sum = 0;
  for (guint i = 0; i < n; i++) {
    guint j = (i + 1) % n;
    double ax = v[2 * i] - x, ay = v[2 * i + 1] - y, bx = v[2 * j] - x, by = v[2 * j + 1] - y;
    double cross = ax * by - ay * bx, length = hypot (bx - ax, by - ay);
    if (fabs (cross) <= 1e-9 * MAX (length, 1e-12) * (hypot (ax, ay) + 1))
      return NAN;
    sum += atan2 (cross, ax * bx + ay * by);
  }
  return round (sum / (2 * G_PI));
}

static void
check_polygon (const TesseraMapGrid *grid, const float *xy, guint n, TsrRandom *r)
{
  g_autofree guint8 *found = g_malloc (MAX (n, 1));
  guint decided = 0, inside = 0;
  for (int k = 0; k < 24; k++) {
    guint corners = 3 + tsr_random_below (r, k % 2 ? 60 : 6);
    g_autofree double *v = g_new (double, 2 * corners);
    double size = k % 6 == 5 ? 2e6 : 0.5 + 20 * tsr_random_uniform (r), x = tsr_random_normal (r),
           y = tsr_random_normal (r);
    double turns = k % 3 == 0 ? 2 : 1;
    for (guint i = 0; i < corners; i++) { /* k even: any scribble; odd: round, some twice */
      double a = 2 * G_PI * turns * i / corners, q = size * (0.6 + 0.4 * tsr_random_uniform (r));
      v[2 * i] = x + (k % 2 ? q * cos (a) : size * tsr_random_normal (r));
      v[2 * i + 1] = y + (k % 2 ? q * sin (a) : size * tsr_random_normal (r));
    }
    memset (found, 0, MAX (n, 1));
    guint count = tessera_map_grid_in_polygon (grid, v, corners, found), marked = 0;
    for (guint i = 0; i < n; i++) {
      marked += found[i];
      if (!isfinite (xy[2 * i] + xy[2 * i + 1])) {
        g_assert_cmpint (found[i], ==, 0);
        continue;
      }
      double w = winding_by_angles (v, corners, xy[2 * i], xy[2 * i + 1]);
      if (isnan (w))
        continue;
      g_assert_cmpint (found[i], ==, w != 0);
      decided++;
      inside += found[i];
    }
    g_assert_cmpuint (count, ==, marked);
  }
  if (n > 1000) {
    g_assert_cmpuint (decided, >, 12 * n);
    g_assert_cmpuint (inside, >, 10);
  }
}

static void
test_against_brute_force (void)
{
  const guint sizes[] = {0, 1, 2, 3, 77, 3000};
  for (guint shape = 0; shape < N_SHAPES; shape++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
      guint n = sizes[s];
      g_autoptr (GBytes) bytes = make (shape, n);
      const float *xy = g_bytes_get_data (bytes, NULL);
      g_autoptr (TesseraMapIndex) index = tessera_map_index_new (bytes);
      g_assert_null (tessera_map_index_peek (index));
      const TesseraMapGrid *grid = tessera_map_index_grid (index);
      g_assert_true (tessera_map_index_peek (index) == grid);
      TsrRandom r;
      tsr_random_init (&r, 5, shape * 16 + s);
      check_nearest (grid, xy, n, &r);
      check_toward (grid, xy, n, &r);
      check_box (grid, xy, n, &r);
      check_polygon (grid, xy, n, &r);
    }
}

static void
test_structure (void)
{
  const guint n = 20000;
  g_autoptr (GBytes) bytes = map_fixture_layout (n, 9, TRUE);
  g_autoptr (TesseraMapIndex) index = tessera_map_index_new (bytes);
  const TesseraMapGrid *grid = tessera_map_index_grid (index);
  g_assert_cmpuint (grid->n_present, ==, n - n / 97);
  g_assert_cmpuint (grid->start[grid->columns * grid->rows], ==, grid->n_present);
  g_autofree guint8 *seen = g_malloc0 (n);
  for (guint k = 0; k < grid->n_present; k++) {
    g_assert_cmpint (seen[grid->order[k]]++, ==, 0);
    double x, y;
    g_assert_true (tessera_map_index_place (index, grid->order[k], &x, &y));
    g_assert_true (x == grid->sorted[2 * k] && y == grid->sorted[2 * k + 1]);
  }
  double x, y;
  g_assert_false (tessera_map_index_place (index, 96, &x, &y));
  g_assert_false (tessera_map_index_place (index, n, &x, &y));
}

/* By cell, and within a cell by number, whatever the shape. */
static void
test_order (void)
{
  const guint sizes[] = {1, 2, 3, 77, 9000, 70000};
  for (guint shape = 0; shape < N_SHAPES; shape++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
      g_autoptr (GBytes) bytes = make (shape, sizes[s]);
      const float *xy = g_bytes_get_data (bytes, NULL);
      g_autoptr (TesseraMapIndex) index = tessera_map_index_new (bytes);
      const TesseraMapGrid *grid = tessera_map_index_grid (index);
      guint present = 0;
      for (guint i = 0; i < sizes[s]; i++)
        present += isfinite (xy[2 * i]) && isfinite (xy[2 * i + 1]);
      g_assert_cmpuint (grid->n_present, ==, present);
      g_assert_cmpuint (grid->start[0], ==, 0);
      g_assert_cmpuint (grid->start[grid->rows * grid->columns], ==, present);
      for (guint32 cell = 0; cell < grid->rows * grid->columns; cell++)
        for (guint32 k = grid->start[cell]; k < grid->start[cell + 1]; k++) {
          const float *p = grid->sorted + 2 * (gsize)k;
          guint32 c0, r0, c1, r1, tile = grid->order[k];
          tessera_map_grid_cells (grid, p[0], p[1], p[0], p[1], &c0, &r0, &c1, &r1);
          g_assert_cmpuint (r0 * grid->columns + c0, ==, cell);
          g_assert_true (r0 == r1 && c0 == c1);
          g_assert_true (p[0] == xy[2 * tile] && p[1] == xy[2 * tile + 1]);
          g_assert_true (k == grid->start[cell] || grid->order[k - 1] < tile);
        }
    }
}

/* A way that bends three times, read place by place and, once built, from an array: the same. */
static void
test_bends (void)
{
  const guint n = 500;
  const double t[] = {0.3, 0.5, 0.9};
  g_autofree double *expected = g_new (double, 2 * n);
  g_autoptr (TesseraMapPlaces) places = NULL;
  g_autoptr (GBytes) start = map_fixture_layout (n, 3, TRUE);
  places = tessera_map_places_new (start);
  for (guint i = 0; i < 2 * n; i++)
    expected[i] = ((const float *)g_bytes_get_data (start, NULL))[i];
  for (guint k = 0; k < G_N_ELEMENTS (t); k++) {
    g_autoptr (GBytes) goal = map_fixture_layout (n, 4 + k, TRUE);
    const float *to = g_bytes_get_data (goal, NULL);
    g_autoptr (TesseraMapPlaces) end = tessera_map_places_new (goal), from = places;
    places = tessera_map_places_new_between (from, end, t[k]);
    for (guint i = 0; i < 2 * n; i++)
      expected[i] += (to[i] - expected[i]) * t[k];
  }
  for (int built = 0; built < 2; built++) {
    g_auto (TesseraMapReading) reading = {0};
    if (built)
      reading = tessera_map_reading_begin (places);
    for (guint i = 0; i < n; i++) {
      double x, y;
      float p[2] = {NAN, NAN};
      bool there = tessera_map_places_get (places, i, &x, &y);
      g_assert_true (there == !isnan (expected[2 * i]));
      if (built)
        g_assert_true (tessera_map_reading_get (&reading, i, p) == there);
      if (!there)
        continue;
      g_assert_cmpfloat_with_epsilon (x, expected[2 * i], 1e-4);
      g_assert_cmpfloat_with_epsilon (y, expected[2 * i + 1], 1e-4);
      if (built)
        g_assert_true (p[0] == x && p[1] == y);
    }
  }
}

static void
test_between (void)
{
  const float a[] = {0, 0, 2, 2, NAN, NAN, 1, 1}, b[] = {4, 8, 2, 2, 6, 6, NAN, NAN};
  g_autoptr (GBytes) from_bytes = g_bytes_new_static (a, sizeof a),
                     to_bytes = g_bytes_new_static (b, sizeof b);
  g_autoptr (TesseraMapPlaces) from = tessera_map_places_new (from_bytes),
                               to = tessera_map_places_new (to_bytes);
  g_autoptr (TesseraMapIndex) middle = tessera_map_index_new_between (from, to, 0.25);
  const TesseraMapGrid *grid = tessera_map_index_grid (middle);
  double x, y;
  g_assert_cmpuint (grid->n_present, ==, 3);
  g_assert_true (tessera_map_index_place (middle, 0, &x, &y) && x == 1 && y == 2);
  g_assert_true (tessera_map_index_place (middle, 1, &x, &y) && x == 2 && y == 2);
  g_assert_true (tessera_map_index_place (middle, 2, &x, &y) && x == 6 && y == 6);
  g_assert_false (tessera_map_index_place (middle, 3, &x, &y));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map/index/against-brute-force", test_against_brute_force);
  g_test_add_func ("/map/index/structure", test_structure);
  g_test_add_func ("/map/index/order", test_order);
  g_test_add_func ("/map/index/between", test_between);
  g_test_add_func ("/map/index/bends", test_bends);
  return g_test_run ();
}
