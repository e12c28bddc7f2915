/* The raster by its properties: every point is there, in its place, colour and shape, whatever the
 * strips. */

#include "map-fixture.h"
#include "tessera-map-camera.h"
#include "tessera-map-raster.h"
#include "tsr-marker.h"
#include "tsr-random.h"

#include <math.h>
#include <string.h>

typedef struct {
  TesseraMapScene *scene;
  TesseraMapFrame frame;
  guint32 *pixels;
} Canvas;

static Canvas
paint (const float *xy, const TesseraMapPoint *points, guint n, TesseraMapFrame frame,
       const guint8 *selected)
{
  static const TesseraMapClass hidden = {.rgb = 0x00ff00, .hidden = TRUE};
  TesseraMapClass classes[MAP_FIXTURE_CLASSES + 1];
  map_fixture_palette (classes);
  classes[MAP_FIXTURE_CLASSES] = hidden;
  g_autoptr (GBytes) places = g_bytes_new (xy, 2 * (gsize)n * sizeof (float));
  g_autoptr (GBytes) states = points ? g_bytes_new (points, n * sizeof *points) : NULL;
  g_autoptr (GBytes) mask = selected ? g_bytes_new (selected, n) : NULL;
  g_autoptr (TesseraMapIndex) index = tessera_map_index_new (places);
  g_autoptr (TesseraMapCloud) cloud = tessera_map_cloud_new (index, states);
  Canvas canvas = {.scene = tessera_map_scene_new (cloud, classes, MAP_FIXTURE_CLASSES + 1, mask),
                   .frame = frame};
  for (guint i = 0; points && i < n; i++)
    canvas.scene->n_labelled += points[i].flags & TESSERA_MAP_POINT_LABELLED;
  for (guint i = 0; selected && i < n; i++)
    canvas.scene->n_selected += selected[i];
  canvas.pixels = g_malloc0 ((gsize)frame.width * frame.height * 4);
  if (selected)
    tessera_map_raster_paint_selected (canvas.scene, &frame, canvas.pixels, frame.width);
  else
    tessera_map_raster_paint (canvas.scene, &frame, canvas.pixels, frame.width);
  return canvas;
}

static void
clear (Canvas *canvas)
{
  tessera_map_scene_free (canvas->scene);
  g_free (canvas->pixels);
}

static guint32
at (const Canvas *canvas, double x, double y)
{
  int px = (int)floor ((x - canvas->frame.x) * canvas->frame.scale);
  int py = (int)floor ((y - canvas->frame.y) * canvas->frame.scale);
  if (px < 0 || py < 0 || px >= (int)canvas->frame.width || py >= (int)canvas->frame.height)
    return 0;
  return canvas->pixels[(gsize)py * canvas->frame.width + px];
}

/* A premultiplied pixel's own colour. */
static guint32
straight (guint32 pixel)
{
  guint32 a = pixel >> 24, out = 0;
  for (int shift = 0; shift < 24 && a; shift += 8)
    out |= MIN (255, (((pixel >> shift) & 255) * 255 + a / 2) / a) << shift;
  return out;
}

static int
difference (guint32 a, guint32 b)
{
  int worst = 0;
  for (int shift = 0; shift < 24; shift += 8)
    worst = MAX (worst, ABS ((int)((a >> shift) & 255) - (int)((b >> shift) & 255)));
  return worst;
}

static void
test_colors_and_places (void)
{
  /* Far apart, so that each is seen alone; 9 looks. */
  float xy[18];
  TesseraMapPoint points[9] = {
      {.class_index = 0, .flags = TESSERA_MAP_POINT_LABELLED, .margin = 255},
      {.class_index = 1, .flags = TESSERA_MAP_POINT_PREDICTED, .margin = 255},
      {.class_index = 1, .flags = TESSERA_MAP_POINT_PREDICTED, .margin = 0},
      {.class_index = TESSERA_MAP_NO_CLASS},
      {.class_index = TESSERA_MAP_NO_CLASS, .flags = TESSERA_MAP_POINT_UNSURE},
      {.class_index = 2,
       .flags = TESSERA_MAP_POINT_PREDICTED | TESSERA_MAP_POINT_HIDDEN,
       .margin = 255},
      {.class_index = MAP_FIXTURE_CLASSES, .flags = TESSERA_MAP_POINT_LABELLED, .margin = 255},
      {.class_index = 3, .flags = TESSERA_MAP_POINT_VALUE, .value = 128},
      {.class_index = 4, .flags = TESSERA_MAP_POINT_EXCLUDED | TESSERA_MAP_POINT_LABELLED},
  };
  for (int i = 0; i < 9; i++)
    xy[2 * i] = (float)(i % 3), xy[2 * i + 1] = (float)(i / 3);
  Canvas c = paint (xy, points, 9, (TesseraMapFrame){300, 300, -0.5, -0.5, 100}, NULL);
  guint alpha[9];
  for (int i = 0; i < 9; i++) {
    guint32 pixel = at (&c, xy[2 * i], xy[2 * i + 1]);
    alpha[i] = pixel >> 24;
    g_assert_cmpuint (alpha[i], >, 5);
    if (alpha[i] > 60)
      g_assert_cmpint (difference (straight (pixel), tessera_map_raster_color (c.scene, points[i])),
                       <=, 4);
  }
  g_assert_cmpint (difference (straight (at (&c, xy[0], xy[1])), tsr_marker_color (0)), ==, 0);
  g_assert_cmpuint (alpha[0], ==, 255);          /* a label is filled */
  g_assert_cmpuint (alpha[1], <, 200);           /* a prediction lightly */
  g_assert_cmpuint (alpha[1], >, alpha[2] + 40); /* by its margin */
  g_assert_cmpuint (alpha[5], <, alpha[3] / 2);  /* hidden: fainter than grey */
  g_assert_cmpuint (alpha[6], ==, alpha[5]);     /* class switched off */
  g_assert_cmpuint (alpha[8], ==, alpha[5]);     /* excluded */
  g_assert_cmpuint (at (&c, 0.5, 0.5), ==, 0);   /* nothing between */
  g_assert_cmpuint (at (&c, 1.5, 1.0), ==, 0);
  clear (&c);
}

static void
test_ring (void)
{
  const float xy[4] = {0, 0, 40, 0}; /* large markers need room */
  TesseraMapPoint p[2] = {{.class_index = 0, .flags = TESSERA_MAP_POINT_PREDICTED, .margin = 255}};
  p[1] = p[0];
  Canvas c = paint (xy, p, 2, (TesseraMapFrame){60, 60, -3, -3, 10}, NULL);
  guint centre = at (&c, 0, 0) >> 24, edge = 0;
  for (double r = 0; r < 1.2; r += 0.05)
    edge = MAX (edge, at (&c, r, 0) >> 24);
  g_assert_cmpuint (edge, >, centre + 60); /* the ring is stronger than what it holds */
  clear (&c);
}

static void
test_shapes_differ (void)
{
  guint32 *images[MAP_FIXTURE_CLASSES];
  for (guint k = 0; k < MAP_FIXTURE_CLASSES; k++) {
    const float xy[4] = {0, 0, 50, 0};
    TesseraMapPoint p[2] = {{.class_index = k, .flags = TESSERA_MAP_POINT_LABELLED}};
    p[1] = p[0];
    Canvas c = paint (xy, p, 2, (TesseraMapFrame){40, 40, -2, -2, 10}, NULL);
    images[k] = c.pixels;
    tessera_map_scene_free (c.scene);
    guint covered = 0;
    for (guint i = 0; i < 1600; i++)
      covered += images[k][i] >> 24 > 127;
    g_assert_cmpuint (covered, >, 100);
    for (guint other = 0; other < k; other++) {
      guint differing = 0;
      for (guint i = 0; i < 1600; i++)
        differing += (images[k][i] >> 24 > 127) != (images[other][i] >> 24 > 127);
      g_assert_cmpuint (differing, >=, 24);
    }
  }
  for (guint k = 0; k < MAP_FIXTURE_CLASSES; k++)
    g_free (images[k]);
}

/* Every one of n points leaves its mark where it is, near and far out. */
static void
test_all_visible (void)
{
  const guint sizes[] = {1, 300, 20000, 300000};
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int zoom = 1; zoom <= 4; zoom *= 4) {
      guint n = sizes[s], seen = 0, inside = 0;
      g_autoptr (GBytes) bytes = map_fixture_layout (n, 9, TRUE),
                         states = map_fixture_points (n, 9, 20, FALSE);
      const float *xy = g_bytes_get_data (bytes, NULL);
      g_autoptr (TesseraMapIndex) index = tessera_map_index_new (bytes);
      TesseraMapCamera camera = tessera_map_camera_fit (index, 640, 480, 0, NULL, 0);
      double scale = camera.scale * zoom;
      TesseraMapFrame frame = {640, 480, camera.x - 320 / scale, camera.y - 240 / scale, scale};
      Canvas c = paint (xy, g_bytes_get_data (states, NULL), n, frame, NULL);
      for (guint i = 0; i < n; i++) {
        double px = (xy[2 * i] - frame.x) * scale, py = (xy[2 * i + 1] - frame.y) * scale;
        if (!(px >= 0 && py >= 0 && px < 640 && py < 480))
          continue;
        inside++;
        seen += at (&c, xy[2 * i], xy[2 * i + 1]) >> 24 > 8;
      }
      if (zoom == 1)
        g_assert_cmpuint (inside, ==, n - n / 97);
      g_assert_cmpuint (seen, ==, inside);
      clear (&c);
    }
}

/* Fitted, every point is inside the margins and one of the insets, that of the larger map; where an
 * inset leaves next to nothing it does not count. */
static void
test_insets (void)
{
  static const struct {
    double width, height;
    int chosen; /* -1: none */
  } cases[] = {{600, 900, 0}, {1600, 500, 1}, {3000, 700, 1}, {200, 900, 0}, {90, 90, -1}};
  const TesseraMapInsets insets[] = {{.top = 240, .bottom = 60}, {.left = 180, .top = 50}};
  const guint n = 5000;
  g_autoptr (GBytes) bytes = map_fixture_layout (n, 9, TRUE);
  const float *xy = g_bytes_get_data (bytes, NULL);
  g_autoptr (TesseraMapIndex) index = tessera_map_index_new (bytes);
  for (guint k = 0; k < G_N_ELEMENTS (cases); k++) {
    double width = cases[k].width, height = cases[k].height;
    TesseraMapCamera fit = tessera_map_camera_fit (index, width, height, 0, insets, 2),
                     plain = tessera_map_camera_fit (index, width, height, 0, NULL, 0);
    TesseraMapInsets free = cases[k].chosen < 0 ? (TesseraMapInsets){0} : insets[cases[k].chosen];
    double low[2] = {G_MAXDOUBLE, G_MAXDOUBLE}, high[2] = {0, 0};
    for (guint i = 0; i < n; i++) {
      double p[2];
      tessera_map_camera_project (&fit, width, height, xy[2 * i], xy[2 * i + 1], &p[0], &p[1]);
      for (int axis = 0; axis < 2 && !isnan (xy[2 * i]); axis++) {
        low[axis] = MIN (low[axis], p[axis]);
        high[axis] = MAX (high[axis], p[axis]);
      }
    }
    double left = MAX (free.left, 28), top = MAX (free.top, 28),
           right = width - MAX (free.right, 28), bottom = height - MAX (free.bottom, 28);
    g_assert_cmpfloat (low[0], >, left - 1e-3);
    g_assert_cmpfloat (low[1], >, top - 1e-3);
    g_assert_cmpfloat (high[0], <, right + 1e-3);
    g_assert_cmpfloat (high[1], <, bottom + 1e-3);
    /* in the middle of what is free, and as large as that allows */
    g_assert_cmpfloat_with_epsilon (low[0] + high[0], left + right, 0.01);
    g_assert_cmpfloat_with_epsilon (low[1] + high[1], top + bottom, 0.01);
    g_assert_cmpfloat (MIN (low[0] - left, low[1] - top), <, 1e-2);
    g_assert_cmpfloat (fit.scale, <=, plain.scale);
  }
}

/* A piece painted alone is the same as that piece of the whole: strips, clipping and phases leave
 * no seams. */
static void
test_pieces (void)
{
  for (int zoom = 1; zoom <= 6; zoom += 5) {
    const guint n = 30000;
    g_autoptr (GBytes) bytes = map_fixture_layout (n, 9, TRUE),
                       states = map_fixture_points (n, 9, 60, FALSE);
    g_autoptr (TesseraMapIndex) index = tessera_map_index_new (bytes);
    TesseraMapCamera camera = tessera_map_camera_fit (index, 512, 512, 0, NULL, 0);
    camera.scale = exp2 (round (log2 (camera.scale * zoom))); /* exact arithmetic on both sides */
    double x = round (camera.x * 64) / 64 - 256 / camera.scale,
           y = round (camera.y * 64) / 64 - 256 / camera.scale;
    Canvas whole = paint (g_bytes_get_data (bytes, NULL), g_bytes_get_data (states, NULL), n,
                          (TesseraMapFrame){512, 512, x, y, camera.scale}, NULL);
    Canvas piece = paint (
        g_bytes_get_data (bytes, NULL), g_bytes_get_data (states, NULL), n,
        (TesseraMapFrame){131, 147, x + 101 / camera.scale, y + 67 / camera.scale, camera.scale},
        NULL);
    int worst = 0;
    guint marked = 0;
    for (guint row = 0; row < 147; row++)
      for (guint column = 0; column < 131; column++) {
        guint32 a = whole.pixels[(row + 67) * 512 + column + 101],
                b = piece.pixels[row * 131 + column];
        marked += a != 0;
        worst = MAX (worst, MAX (difference (a, b), ABS ((int)(a >> 24) - (int)(b >> 24))));
      }
    g_assert_cmpuint (marked, >, 500);
    g_assert_cmpint (worst, <=, 1); /* sums in another order: at most the last bit */
    clear (&whole);
    clear (&piece);
  }
}

/* ---- contours ---- */

#define CROWD 400000
#define EDGE  600  /* pixels of the frame */
#define SIGMA 60.0 /* pixels, of one normal cloud in the middle of it */
#define RAYS  48

/* The cloud with or without contours, on its ground; at 1 pixel per layout unit. */
static guint32 *
paint_crowd (GBytes *xy, GBytes *states, gboolean contours, gboolean dark, double *spacing)
{
  g_autoptr (TesseraMapIndex) index = tessera_map_index_new (xy);
  g_autoptr (TesseraMapCloud) cloud = tessera_map_cloud_new (index, states);
  TesseraMapClass class = {.rgb = 0x0f4c81, .shape = TSR_MARKER_CIRCLE}; /* as dark as any */
  g_autoptr (TesseraMapScene) scene = tessera_map_scene_new (cloud, &class, 1, NULL);
  scene->contours = contours;
  scene->dark = dark;
  guint32 *pixels = g_new (guint32, EDGE * EDGE);
  for (guint i = 0; i < EDGE * EDGE; i++)
    pixels[i] = dark ? 0xff1e1e1e : 0xffffffff;
  TesseraMapFrame frame = {EDGE, EDGE, -EDGE / 2.0, -EDGE / 2.0, 1};
  tessera_map_raster_paint (scene, &frame, pixels, EDGE);
  *spacing = tessera_map_index_grid (index)->spacing;
  return pixels;
}

static int
luma (guint32 pixel)
{
  return (int)((77 * ((pixel >> 16) & 255) + 150 * ((pixel >> 8) & 255) + 29 * (pixel & 255)) >> 8);
}

/* Where along a ray from the middle the contours have changed the picture: the places of the
 * strongest change of each line, and whether the line is lighter there than what it lies on. */
static guint
lines_on_ray (const guint32 *with, const guint32 *without, double angle, double *places,
              bool *lighter)
{
  guint n = 0;
  int before = 0, strongest = 0;
  for (double r = 8; r < EDGE / 2 - 8; r += 0.25) {
    gsize at = (gsize)floor (EDGE / 2 + r * sin (angle)) * EDGE +
               (gsize)floor (EDGE / 2 + r * cos (angle));
    int change = luma (with[at]) - luma (without[at]);
    if (change != 0 && before == 0)
      strongest = 0, n++;
    if (abs (change) > strongest) {
      strongest = abs (change);
      places[n - 1] = r;
      lighter[n - 1] = change > 0;
    }
    before = change;
  }
  return n;
}

/* A normal cloud's density is known: a line lies wherever it is a power of two, from 1/2 to 32,
 * times one point per square of the grid's spacing. Counting in blocks and smoothing widens the
 * cloud by the variance of the blocks and of three filters of three blocks each. */
static void
test_contours (void)
{
  float *xy = g_new (float, 2 * CROWD);
  TesseraMapPoint *points = g_new0 (TesseraMapPoint, CROWD);
  TsrRandom r;
  tsr_random_init (&r, 3, 0);
  for (guint i = 0; i < CROWD; i++) {
    xy[2 * i] = (float)(SIGMA * tsr_random_normal (&r));
    xy[2 * i + 1] = (float)(SIGMA * tsr_random_normal (&r));
    points[i] = (TesseraMapPoint){.flags = TESSERA_MAP_POINT_PREDICTED, .margin = 255};
  }
  g_autoptr (GBytes) places = g_bytes_new_take (xy, 2 * CROWD * sizeof *xy),
                     states = g_bytes_new_take (points, CROWD * sizeof *points);
  for (int dark = 0; dark < 2; dark++) {
    double spacing, variance = SIGMA * SIGMA + 49 * (1 / 12.0 + 2), expected[7];
    g_autofree guint32 *with = paint_crowd (places, states, TRUE, dark, &spacing),
                       *without = paint_crowd (places, states, FALSE, dark, &spacing);
    guint n_expected = 0, found[7] = {0}, astray = 0, inner_lighter = 0;
    for (int level = 5; level >= -1; level--) {
      double peak = CROWD / (2 * G_PI * variance), density = exp2 (level) / (spacing * spacing);
      if (peak > 1.1 * density)
        expected[n_expected++] = sqrt (2 * variance * log (peak / density));
    }
    g_assert_cmpuint (n_expected, >=, 2);
    for (int ray = 0; ray < RAYS; ray++) {
      double at[400];
      bool lighter[400];
      guint n = lines_on_ray (with, without, 2 * G_PI * (ray + 0.5) / RAYS, at, lighter);
      for (guint i = 0; i < n; i++) {
        guint nearest = 0;
        for (guint k = 1; k < n_expected; k++)
          if (fabs (at[i] - expected[k]) < fabs (at[i] - expected[nearest]))
            nearest = k;
        if (fabs (at[i] - expected[nearest]) > 4)
          astray++;
        else
          found[nearest] += 1;
        inner_lighter += nearest == 0 && lighter[i];
      }
    }
    for (guint k = 0; k < n_expected; k++)
      g_assert_cmpuint (found[k], >=, RAYS * 9 / 10);
    g_assert_cmpuint (astray, <=, RAYS / 10);
    g_assert_cmpuint (inner_lighter, >=, RAYS * 9 / 10); /* on dark shading, whatever the ground */
  }
}

static void
test_selected (void)
{
  const float xy[6] = {0, 0, 1, 0, 2, 0};
  const guint8 selected[3] = {0, 1, 0};
  Canvas c = paint (xy, NULL, 3, (TesseraMapFrame){300, 100, -0.5, -0.5, 100}, selected);
  g_assert_cmpuint (at (&c, 1, 0) >> 24, >, 60);
  g_assert_cmpuint (at (&c, 0, 0), ==, 0);
  g_assert_cmpuint (at (&c, 2, 0), ==, 0);
  guint ring = 0;
  for (double r = 0; r < 0.2; r += 0.01)
    ring = MAX (ring, at (&c, 1 + r, 0) >> 24);
  g_assert_cmpuint (ring, >, 180);
  clear (&c);
}

static void
test_degenerate (void)
{
  const float odd[8] = {NAN, NAN, INFINITY, 0, 3e38f, -3e38f, 1, 1};
  Canvas c = paint (odd, NULL, 4, (TesseraMapFrame){64, 64, 0.5, 0.5, 64}, NULL);
  g_assert_cmpuint (at (&c, 1, 1) >> 24, >, 30);
  clear (&c);
  c = paint (odd, NULL, 0, (TesseraMapFrame){64, 64, 0, 0, 1}, NULL);
  g_assert_cmpuint (c.pixels[0], ==, 0);
  clear (&c);
  c = paint (odd, NULL, 1, (TesseraMapFrame){64, 64, 0, 0, 1},
             NULL); /* one point, and that absent */
  clear (&c);
  const float same[6] = {2, 2, 2, 2, 2, 2};
  c = paint (same, NULL, 3, (TesseraMapFrame){64, 64, 1.5, 1.5, 64}, NULL);
  g_assert_cmpuint (at (&c, 2, 2) >> 24, >, 100);
  clear (&c);
  c = paint (same, NULL, 3, (TesseraMapFrame){1, 1, 2, 2, 1e12}, NULL); /* absurdly near */
  clear (&c);
  c = paint (same, NULL, 3, (TesseraMapFrame){64, 64, -1e9, 0, 1e-9}, NULL);
  clear (&c);
}

static void
test_markers (void)
{
  for (int shape = 0; shape < TSR_MARKER_N_SHAPES; shape++) {
    int inside = 0, total = 0;
    for (double y = -2; y < 2; y += 0.02)
      for (double x = -2; x < 2; x += 0.02, total++)
        inside += tsr_marker_distance (shape, (float)x, (float)y) < 0;
    double area = inside * 16.0 / total;
    g_assert_cmpfloat (area, >, 0.45 * G_PI);
    g_assert_cmpfloat (area, <, 1.15 * G_PI);
    g_assert_cmpfloat (tsr_marker_distance (shape, 0, 0), <, -0.2);
    g_assert_cmpfloat (tsr_marker_distance (shape, 1.6f, 0), >, 0);
    for (int other = 0; other < shape; other++)
      g_assert_cmpstr (tsr_marker_shape_name (shape), !=, tsr_marker_shape_name (other));
  }
  g_assert_cmpstr (tsr_marker_shape_name (999), ==, "circle");
  g_assert_cmpstr (tsr_marker_shape_name (-1), ==, "circle");
}

/* CIELAB of a colour as seen with a missing cone (Machado, Oliveira and Fernandes 2009, severity
 * 1). */
static void
seen_lab (guint32 rgb, int deficiency, double lab[3])
{
  static const double see[3][9] = {
      {1, 0, 0, 0, 1, 0, 0, 0, 1},
      {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
      {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881}};
  double linear[3], seen[3];
  for (int k = 0; k < 3; k++) {
    double v = ((rgb >> (16 - 8 * k)) & 255) / 255.0;
    linear[k] = v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
  }
  for (int k = 0; k < 3; k++) {
    const double *m = see[deficiency] + 3 * k;
    seen[k] = CLAMP (m[0] * linear[0] + m[1] * linear[1] + m[2] * linear[2], 0, 1);
  }
  double x = (0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.9505;
  double y = 0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2];
  double z = (0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.089;
  double f[3] = {x, y, z};
  for (int k = 0; k < 3; k++)
    f[k] = f[k] > 0.008856 ? cbrt (f[k]) : 7.787 * f[k] + 16 / 116.0;
  lab[0] = 116 * f[1] - 16, lab[1] = 500 * (f[0] - f[1]), lab[2] = 200 * (f[1] - f[2]);
}

/* The first eight classes can be told apart by colour by everyone, all twelve by colour or shape,
 * on either background. */
static void
test_palette (void)
{
  for (int deficiency = 0; deficiency < 3; deficiency++)
    for (guint i = 0; i < TSR_MARKER_N_COLORS; i++) {
      double a[3], b[3];
      seen_lab (tsr_marker_color (i), deficiency, a);
      if (deficiency == 0) { /* neither sinks into white nor into near-black */
        g_assert_cmpfloat (a[0], >, 30);
        g_assert_cmpfloat (a[0], <, 76);
      }
      for (guint j = 0; j < i; j++) {
        seen_lab (tsr_marker_color (j), deficiency, b);
        double apart = sqrt (pow (a[0] - b[0], 2) + pow (a[1] - b[1], 2) + pow (a[2] - b[2], 2));
        if (apart < (i < 8 ? 23.9 : 13.9))
          g_error ("colours %u and %u are only %.1f apart with deficiency %d", i, j, apart,
                   deficiency);
        g_assert_true (tsr_marker_shape (i) != tsr_marker_shape (j));
      }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map/raster/colors-and-places", test_colors_and_places);
  g_test_add_func ("/map/raster/ring", test_ring);
  g_test_add_func ("/map/raster/shapes-differ", test_shapes_differ);
  g_test_add_func ("/map/raster/all-visible", test_all_visible);
  g_test_add_func ("/map/camera/insets", test_insets);
  g_test_add_func ("/map/raster/pieces", test_pieces);
  g_test_add_func ("/map/raster/contours", test_contours);
  g_test_add_func ("/map/raster/selected", test_selected);
  g_test_add_func ("/map/raster/degenerate", test_degenerate);
  g_test_add_func ("/map/marker/geometry", test_markers);
  g_test_add_func ("/map/marker/palette", test_palette);
  return g_test_run ();
}
