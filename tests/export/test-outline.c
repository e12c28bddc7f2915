/* Areas against counting on a grid with the sum of angles, against Sutherland and Hodgman's
 * clipping where that is exact, and against themselves when a rectangle is cut up. */

#include "tsr-outline.h"

#include <math.h>
#include <string.h>

#define GRID 40

/* The number of turns of a ring around a point, by adding up angles. */
static int
turns (const TsrOutline *outline, const TsrOutlineRing *ring, double x, double y)
{
  double sum = 0;
  for (uint32_t i = 0; i < ring->n; i++) {
    TsrOutlinePoint a = g_array_index (outline->points, TsrOutlinePoint, ring->first + i),
                    b = g_array_index (outline->points, TsrOutlinePoint,
                                       ring->first + (i + 1) % ring->n);
    sum += atan2 ((a.x - x) * (b.y - y) - (a.y - y) * (b.x - x),
                  (a.x - x) * (b.x - x) + (a.y - y) * (b.y - y));
  }
  return (int)lround (sum / (2 * G_PI));
}

static bool
is_inside (const TsrOutline *outline, double x, double y)
{
  bool any = false, shell = false, hole = false;
  for (guint r = 0; r < outline->rings->len; r++) {
    const TsrOutlineRing *ring = &g_array_index (outline->rings, TsrOutlineRing, r);
    bool in = turns (outline, ring, x, y) != 0;
    if (!ring->hole) {
      any = any || (shell && !hole);
      shell = in;
      hole = false;
    } else
      hole = hole || in;
  }
  return any || (shell && !hole);
}

/* Whether an edge may pass the square of this middle and half side: neither beside its box nor with
 * all corners on one side of it. */
static bool
passes (TsrOutlinePoint a, TsrOutlinePoint b, double x, double y, double half_x, double half_y)
{
  if (MAX (a.x, b.x) < x - half_x || MIN (a.x, b.x) > x + half_x || MAX (a.y, b.y) < y - half_y ||
      MIN (a.y, b.y) > y + half_y)
    return false;
  double side = (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x),
         reach = fabs (b.x - a.x) * half_y + fabs (b.y - a.y) * half_x;
  return fabs (side) <= reach * (1 + 1e-12);
}

static bool
touched (const TsrOutline *outline, double x, double y, double half_x, double half_y)
{
  for (guint r = 0; r < outline->rings->len; r++) {
    const TsrOutlineRing *ring = &g_array_index (outline->rings, TsrOutlineRing, r);
    for (uint32_t i = 0; i < ring->n; i++)
      if (passes (g_array_index (outline->points, TsrOutlinePoint, ring->first + i),
                  g_array_index (outline->points, TsrOutlinePoint, ring->first + (i + 1) % ring->n),
                  x, y, half_x, half_y))
        return true;
  }
  return false;
}

/* Cells of the grid that no edge passes are inside or not, which their middle tells; the others are
 * how much the area may differ. */
static void
check_on_grid (const TsrOutline *outline, TsrOutlineIndex *index, double x, double y, double width,
               double height)
{
  double cell_x = width / GRID, cell_y = height / GRID;
  int sure = 0, unsure = 0;
  for (int j = 0; j < GRID; j++)
    for (int i = 0; i < GRID; i++) {
      double px = x + (i + 0.5) * cell_x, py = y + (j + 0.5) * cell_y;
      if (touched (outline, px, py, cell_x / 2, cell_y / 2)) {
        unsure++;
        continue;
      }
      bool inside = is_inside (outline, px, py);
      g_assert_cmpint (tsr_outline_contains (index, px, py), ==, inside);
      sure += inside;
    }
  double area = tsr_outline_overlap (index, x, y, width, height) / (cell_x * cell_y);
  g_assert_cmpfloat (area, >=, sure - 1e-6);
  g_assert_cmpfloat (area, <=, sure + unsure + 1e-6);
}

/* Cut into pieces, a rectangle covers what it covers. */
static void
check_pieces (TsrOutlineIndex *index, double x, double y, double width, double height,
              GRand *random)
{
  double whole = tsr_outline_overlap (index, x, y, width, height), sum = 0;
  double cut_x = width * g_rand_double (random), cut_y = height * g_rand_double (random);
  const double xs[] = {x, x + cut_x, x + width}, ys[] = {y, y + cut_y, y + height};
  for (int j = 0; j < 2; j++)
    for (int i = 0; i < 2; i++)
      sum += tsr_outline_overlap (index, xs[i], ys[j], xs[i + 1] - xs[i], ys[j + 1] - ys[j]);
  g_assert_cmpfloat (fabs (whole - sum), <=, 1e-8 * width * height);
}

/* A ring around (x, y) that does not cross itself: points by rising angle. */
static size_t
star (GRand *random, TsrOutlinePoint *points, size_t n, double x, double y, double radius)
{
  double start = g_rand_double_range (random, 0, 7), turn = g_rand_boolean (random) ? 1 : -1;
  for (size_t i = 0; i < n; i++) {
    double angle = start + turn * 2 * G_PI * ((double)i + 0.8 * g_rand_double (random)) / (double)n,
           r = radius * g_rand_double_range (random, 0.3, 1);
    points[i] = (TsrOutlinePoint){x + r * cos (angle), y + r * sin (angle)};
  }
  return n;
}

static TsrOutline *
random_outline (GRand *random, int kind)
{
  TsrOutline *outline = tsr_outline_new ();
  TsrOutlinePoint points[300];
  int polygons = kind == 3 ? g_rand_int_range (random, 2, 6) : 1;
  for (int p = 0; p < polygons; p++) {
    double x = g_rand_double_range (random, 30, 70), y = g_rand_double_range (random, 30, 70);
    size_t n = (size_t)g_rand_int_range (random, kind == 2 ? 4 : 3, kind == 0 ? 200 : 20);
    if (kind == 0 || kind == 3)
      star (random, points, n, x, y, 40);
    for (size_t i = 0; i < n && kind == 1; i++) /* crosses itself */
      points[i] = (TsrOutlinePoint){g_rand_double_range (random, 0, 100),
                                    g_rand_double_range (random, 0, 100)};
    for (size_t i = 0; i < n && kind == 2; i++) /* points on points and edges on edges */
      points[i] = (TsrOutlinePoint){10 * g_rand_int_range (random, 0, 10),
                                    10 * g_rand_int_range (random, 0, 10)};
    g_assert_true (tsr_outline_add (outline, points, n, false));
    for (int h = g_rand_int_range (random, 0, 3); h > 0; h--) {
      n = star (random, points, (size_t)g_rand_int_range (random, 3, 12), x, y, 20);
      g_assert_true (tsr_outline_add (outline, points, n, true));
    }
  }
  return outline;
}

static void
test_random (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  for (int trial = 0; trial < 240; trial++) {
    g_autoptr (TsrOutline) outline = random_outline (random, trial % 4);
    g_autoptr (TsrOutlineIndex) index = tsr_outline_index_new (outline);
    for (int i = 0; i < 3; i++) {
      double x = g_rand_double_range (random, -20, 80), y = g_rand_double_range (random, -20, 80),
             width = g_rand_double_range (random, 1, 60),
             height = g_rand_double_range (random, 1, 60);
      if (i == 2) { /* on the points of kind 2 */
        x = 10 * round (x / 10);
        y = 10 * round (y / 10);
        width = height = 20;
      }
      check_on_grid (outline, index, x, y, width, height);
      check_pieces (index, x, y, width, height, random);
    }
  }
}

/* Sutherland and Hodgman 1974 at one line, then the shoelace formula: exact for one ring that does
 * not cross itself. axis 0: x, 1: y; keep what is above (sign 1) or below (-1). */
static size_t
clip (const TsrOutlinePoint *in, size_t n, TsrOutlinePoint *out, int axis, double at, double sign)
{
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    TsrOutlinePoint a = in[i], b = in[(i + 1) % n];
    double da = sign * ((axis ? a.y : a.x) - at), db = sign * ((axis ? b.y : b.x) - at);
    if (da >= 0)
      out[m++] = a;
    if ((da < 0) != (db < 0)) {
      double t = da / (da - db);
      out[m++] = (TsrOutlinePoint){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
    }
  }
  return m;
}

static double
clipped_area (const TsrOutlinePoint *points, size_t n, double x, double y, double width,
              double height)
{
  TsrOutlinePoint a[4000], b[4000];
  n = clip (points, n, a, 0, x, 1);
  n = clip (a, n, b, 0, x + width, -1);
  n = clip (b, n, a, 1, y, 1);
  n = clip (a, n, b, 1, y + height, -1);
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += b[i].x * b[(i + 1) % n].y - b[(i + 1) % n].x * b[i].y;
  return fabs (sum) / 2;
}

static void
test_exact (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  for (int trial = 0; trial < 300; trial++) {
    TsrOutlinePoint shell[900], hole[100];
    size_t n = (size_t)g_rand_int_range (random, 3, trial % 10 ? 40 : 900), m = 0;
    double far = trial % 3 == 2 ? 100000 : 0; /* places as on slides */
    g_autoptr (TsrOutline) outline = tsr_outline_new ();
    star (random, shell, n, far + 50, far + 50, 50);
    tsr_outline_add (outline, shell, n, false);
    if (trial % 2 && n > 30) { /* inside of the shell, which reaches 15 everywhere, nearly */
      m = star (random, hole, 7, far + 50, far + 50, 10);
      tsr_outline_add (outline, hole, m, true);
    }
    g_autoptr (TsrOutlineIndex) index = tsr_outline_index_new (outline);
    for (int i = 0; i < 20; i++) {
      double x = far + g_rand_double_range (random, -10, 90),
             y = far + g_rand_double_range (random, -10, 90),
             width = g_rand_double_range (random, 0.5, 90),
             height = g_rand_double_range (random, 0.5, 90);
      double expected = clipped_area (shell, n, x, y, width, height);
      if (m)
        expected -= clipped_area (hole, m, x, y, width, height);
      g_assert_cmpfloat (fabs (tsr_outline_overlap (index, x, y, width, height) - expected), <=,
                         far ? 1e-4 : 1e-9);
    }
  }
}

static TsrOutline *
square (double x, double y, double side)
{
  TsrOutline *outline = tsr_outline_new ();
  const TsrOutlinePoint points[] = {
      {x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}};
  g_assert_true (tsr_outline_add (outline, points, 5, false));
  return outline;
}

static double
overlap (const TsrOutline *outline, double x, double y, double width, double height)
{
  g_autoptr (TsrOutlineIndex) index = tsr_outline_index_new (outline);
  return tsr_outline_overlap (index, x, y, width, height);
}

static void
test_known (void)
{
  g_autoptr (TsrOutline) outline = square (0, 0, 10), other = square (5, 5, 10);
  double x, y, width, height;
  g_assert_cmpuint (outline->points->len, ==, 4);
  g_assert_true (tsr_outline_rectangle (outline, &x, &y, &width, &height));
  g_assert_true (x == 0 && y == 0 && width == 10 && height == 10);
  g_assert_cmpfloat (overlap (outline, 0, 0, 10, 10), ==, 100);
  g_assert_cmpfloat (overlap (outline, 10, 0, 10, 10), ==, 0);
  g_assert_cmpfloat (overlap (outline, 9, 9, 10, 10), ==, 1);
  g_assert_cmpfloat (overlap (outline, 2, 3, 4, 5), ==, 20);
  g_assert_cmpfloat (overlap (outline, 2, 3, 0, 5), ==, 0);
  g_assert_cmpfloat (overlap (outline, -5, -5, 100, 100), ==, 100);
  g_assert_true (tsr_outline_append (outline, other)); /* the union, not the sum */
  g_assert_cmpfloat (overlap (outline, -5, -5, 100, 100), ==, 175);
  g_assert_false (tsr_outline_rectangle (outline, &x, &y, &width, &height));

  /* A five-pointed star, whose middle is surrounded twice. */
  g_autoptr (TsrOutline) pentagram = tsr_outline_new ();
  TsrOutlinePoint points[5];
  for (int i = 0; i < 5; i++)
    points[i] = (TsrOutlinePoint){cos (4 * G_PI * i / 5), sin (4 * G_PI * i / 5)};
  tsr_outline_add (pentagram, points, 5, false);
  double inner = sin (G_PI / 10) / sin (3 * G_PI / 10);
  double area = 5 * inner * sin (G_PI / 5); /* ten triangles of radii 1 and inner */
  g_assert_cmpfloat (fabs (overlap (pentagram, -2, -2, 4, 4) - area), <, 1e-12);

  g_autoptr (TsrOutline) eight = tsr_outline_new (); /* two triangles that run opposite ways */
  const TsrOutlinePoint bow[] = {{0, 0}, {4, 4}, {4, 0}, {0, 4}};
  tsr_outline_add (eight, bow, 4, false);
  g_assert_cmpfloat (fabs (overlap (eight, 0, 0, 4, 4) - 8), <, 1e-12);
}

static void
test_degenerate (void)
{
  g_autoptr (TsrOutline) outline = tsr_outline_new ();
  const TsrOutlinePoint flat[] = {{0, 0}, {5, 0}, {9, 0}, {0, 0}},
                        same[] = {{1, 1}, {1, 1}, {1, 1}}, steep[] = {{3, 0}, {3, 9}, {3, 4}};
  g_assert_cmpfloat (overlap (outline, 0, 0, 1, 1), ==, 0);
  g_autoptr (TsrOutlineIndex) empty = tsr_outline_index_new (outline);
  g_assert_false (tsr_outline_contains (empty, 0, 0));
  g_assert_false (tsr_outline_add (outline, flat, 2, false));
  g_assert_false (tsr_outline_add (outline, flat, 0, false));
  g_assert_false (tsr_outline_add (outline, flat, 4, true)); /* a hole in nothing */
  g_assert_cmpuint (outline->rings->len, ==, 0);
  g_assert_true (tsr_outline_add (outline, flat, 4, false));
  g_assert_cmpfloat (overlap (outline, -1, -1, 20, 20), ==, 0);
  g_assert_false (tsr_outline_add (outline, same, 3, false)); /* closed after two */
  g_assert_true (tsr_outline_add (outline, steep, 3, false));
  g_assert_cmpfloat (overlap (outline, -1, -1, 20, 20), ==, 0);
  double x, y, width, height;
  g_assert_false (tsr_outline_rectangle (outline, &x, &y, &width, &height));
}

/* More edges than are cut with each other, spread and in one place. */
static void
test_many_edges (void)
{
  enum { n = 6000 };
  g_autoptr (TsrOutline) comb = tsr_outline_new (), dense = tsr_outline_new ();
  g_autofree TsrOutlinePoint *points = g_new (TsrOutlinePoint, n + 1);
  for (int i = 0; i < n; i++) /* teeth between 0 and 100 over a bar from 100 to 110 */
    points[i] = (TsrOutlinePoint){100.0 * i / (n - 2), i % 2 ? 100 : 0};
  points[n - 1] = (TsrOutlinePoint){100, 110};
  points[n] = (TsrOutlinePoint){0, 110};
  tsr_outline_add (comb, points, n + 1, false);
  g_autoptr (TsrOutlineIndex) index = tsr_outline_index_new (comb);
  double whole = tsr_outline_overlap (index, 0, 0, 100, 100), sum = 0;
  g_assert_cmpfloat (fabs (whole - 5000), <=, 1e-6);
  for (int j = 0; j < 10; j++) {
    for (int i = 0; i < 10; i++)
      sum += tsr_outline_overlap (index, 10 * i, 10 * j, 10, 10);
    g_assert_cmpfloat (fabs (sum - 50 * (j + 1) * (j + 1)), <=, 1e-6);
  }
  g_autoptr (GRand) random = g_rand_new_with_seed (9);
  for (int i = 0; i < n; i++)
    points[i] =
        (TsrOutlinePoint){50 + 1e-6 * g_rand_double (random), 50 + 1e-6 * g_rand_double (random)};
  tsr_outline_add (dense, points, n, false);
  g_assert_cmpfloat (overlap (dense, 0, 0, 100, 100), <=, 100.0 / 4096 * 100 / 4096 * 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/outline/random", test_random);
  g_test_add_func ("/outline/exact", test_exact);
  g_test_add_func ("/outline/known", test_known);
  g_test_add_func ("/outline/degenerate", test_degenerate);
  g_test_add_func ("/outline/many-edges", test_many_edges);
  return g_test_run ();
}
