#include "tsr-marker.h"

#include <math.h>

/* Okabe and Ito's colours without black and the yellows, which the glow needs, and more hues beside
 * them, moved apart by a search until any two of the first eight differ by at least 24 CIELAB
 * units, and any two of the twelve by 14, also as people without red or green cones see them.
 * Lightness is between 33 and 74, for white and for near-black grounds. */
static const uint32_t colors[TSR_MARKER_N_COLORS] = {
    0x0073a4, 0xd54f00, 0x009271, 0xcc9ac0, 0x56b3f9, 0x8f2d16,
    0x66a55d, 0x6942bf, 0xe0788c, 0x3fc556, 0x8c5a3c, 0xa64cee,
};

/* Viridis at equal steps, without its darkest and brightest ends, which sink into one of the
 * grounds. ui/style.css has them too, for the legend on the window's map. */
static const uint32_t ramp[] = {0x472d7b, 0x3b528b, 0x2c728e, 0x21918c,
                                0x28ae80, 0x5ec962, 0xaddc30, 0xe8e419};

/* Each polygon was scaled to an area of pi, except the thin ones (plus, X, star, hourglass), which
 * look as heavy with less. */
static const TsrMarkerVertex square[] = {
    {-0.886f, -0.886f}, {0.886f, -0.886f}, {0.886f, 0.886f}, {-0.886f, 0.886f}};
static const TsrMarkerVertex triangle[] = {{0.000f, -1.480f}, {1.282f, 0.740f}, {-1.282f, 0.740f}};
static const TsrMarkerVertex triangle_down[] = {
    {0.000f, 1.480f}, {-1.282f, -0.740f}, {1.282f, -0.740f}};
static const TsrMarkerVertex diamond[] = {
    {0.000f, -1.350f}, {1.160f, 0.000f}, {0.000f, 1.350f}, {-1.160f, 0.000f}};
static const TsrMarkerVertex plus[] = {{-0.400f, -1.200f}, {0.400f, -1.200f},  {0.400f, -0.400f},
                                       {1.200f, -0.400f},  {1.200f, 0.400f},   {0.400f, 0.400f},
                                       {0.400f, 1.200f},   {-0.400f, 1.200f},  {-0.400f, 0.400f},
                                       {-1.200f, 0.400f},  {-1.200f, -0.400f}, {-0.400f, -0.400f}};
static const TsrMarkerVertex x_cross[] = {
    {-0.566f, -1.131f}, {0.000f, -0.566f}, {0.566f, -1.131f}, {1.131f, -0.566f},
    {0.566f, 0.000f},   {1.131f, 0.566f},  {0.566f, 1.131f},  {0.000f, 0.566f},
    {-0.566f, 1.131f},  {-1.131f, 0.566f}, {-0.566f, 0.000f}, {-1.131f, -0.566f}};
static const TsrMarkerVertex star[] = {{0.000f, -1.500f}, {0.388f, -0.534f}, {1.427f, -0.464f},
                                       {0.628f, 0.204f},  {0.882f, 1.214f},  {0.000f, 0.660f},
                                       {-0.882f, 1.214f}, {-0.628f, 0.204f}, {-1.427f, -0.464f},
                                       {-0.388f, -0.534f}};
static const TsrMarkerVertex hexagon[] = {{0.000f, -1.100f}, {0.952f, -0.550f}, {0.952f, 0.550f},
                                          {0.000f, 1.100f},  {-0.952f, 0.550f}, {-0.952f, -0.550f}};
static const TsrMarkerVertex pentagon[] = {
    {0.000f, -1.150f}, {1.094f, -0.355f}, {0.676f, 0.930f}, {-0.676f, 0.930f}, {-1.094f, -0.355f}};
static const TsrMarkerVertex hourglass[] = {{-1.100f, -1.150f}, {1.100f, -1.150f},
                                            {0.350f, 0.000f},   {1.100f, 1.150f},
                                            {-1.100f, 1.150f},  {-0.350f, 0.000f}};
static const TsrMarkerVertex pill[] = {{-1.300f, -0.350f}, {-1.000f, -0.620f}, {1.000f, -0.620f},
                                       {1.300f, -0.350f},  {1.300f, 0.350f},   {1.000f, 0.620f},
                                       {-1.000f, 0.620f},  {-1.300f, 0.350f}};

#define POLYGON(name)                                                                              \
  {                                                                                                \
    name, sizeof name / sizeof *name                                                               \
  }
static const struct {
  const TsrMarkerVertex *vertices;
  size_t n;
} polygons[TSR_MARKER_N_SHAPES] = {
    [TSR_MARKER_SQUARE] = POLYGON (square),
    [TSR_MARKER_TRIANGLE] = POLYGON (triangle),
    [TSR_MARKER_DIAMOND] = POLYGON (diamond),
    [TSR_MARKER_PLUS] = POLYGON (plus),
    [TSR_MARKER_TRIANGLE_DOWN] = POLYGON (triangle_down),
    [TSR_MARKER_STAR] = POLYGON (star),
    [TSR_MARKER_HEXAGON] = POLYGON (hexagon),
    [TSR_MARKER_X] = POLYGON (x_cross),
    [TSR_MARKER_PENTAGON] = POLYGON (pentagon),
    [TSR_MARKER_HOURGLASS] = POLYGON (hourglass),
    [TSR_MARKER_PILL] = POLYGON (pill),
};

static const char *const names[TSR_MARKER_N_SHAPES] = {
    "circle", "square",  "triangle", "diamond",  "plus",      "triangle down",
    "star",   "hexagon", "cross",    "pentagon", "hourglass", "pill",
};

static TsrMarkerShape
valid (TsrMarkerShape shape)
{
  return (unsigned)shape < TSR_MARKER_N_SHAPES ? shape : TSR_MARKER_CIRCLE;
}

uint32_t
tsr_marker_color (unsigned i)
{
  return colors[i % TSR_MARKER_N_COLORS];
}

/* WCAG's relative luminance of an sRGB colour. */
static double
luminance (uint32_t rgb)
{
  double sum = 0;
  static const double share[3] = {0.0722, 0.7152, 0.2126};
  for (int k = 0; k < 3; k++) {
    double v = (rgb >> 8 * k & 255) / 255.0;
    sum += share[k] * (v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4));
  }
  return sum;
}

static double
contrast (uint32_t a, uint32_t b)
{
  double x = luminance (a) + 0.05, y = luminance (b) + 0.05;
  return x > y ? x / y : y / x;
}

static uint32_t
mix (uint32_t a, uint32_t b, double t)
{
  uint32_t out = 0;
  for (int shift = 0; shift < 24; shift += 8) {
    double u = a >> shift & 255, v = b >> shift & 255;
    out |= (uint32_t)lrint (u + (v - u) * t) << shift;
  }
  return out;
}

uint32_t
tsr_marker_tone (uint32_t rgb, bool dark)
{
  uint32_t ground = dark ? 0x1e1e1e : 0xffffff, towards = dark ? 0xffffff : 0x000000;
  rgb &= 0xffffff;
  for (int step = dark ? 16 : 0; step < 100; step++) {
    uint32_t tone = mix (rgb, towards, step / 100.0);
    if (contrast (tone, ground) >= 3)
      return tone;
  }
  return towards;
}

uint32_t
tsr_marker_ramp (unsigned i)
{
  const unsigned last = sizeof ramp / sizeof *ramp - 1;
  double at = (i < 255 ? i : 255) / 255.0 * last;
  unsigned k = (unsigned)at < last ? (unsigned)at : last - 1;
  return mix (ramp[k], ramp[k + 1], at - k);
}

TsrMarkerShape
tsr_marker_shape (unsigned i)
{
  return (TsrMarkerShape)((i + i / TSR_MARKER_N_COLORS) % TSR_MARKER_N_SHAPES);
}

unsigned
tsr_marker_free (const TsrMarkerLook *taken, size_t n)
{
  unsigned pair = TSR_MARKER_N_LOOKS;
  for (unsigned i = 0; i < TSR_MARKER_N_LOOKS; i++) {
    bool color = false, shape = false, both = false;
    for (size_t k = 0; k < n; k++) {
      bool same_color = taken[k].rgb == tsr_marker_color (i),
           same_shape = taken[k].shape == (int32_t)tsr_marker_shape (i);
      color |= same_color;
      shape |= same_shape;
      both |= same_color && same_shape;
    }
    if (!color && !shape)
      return i;
    if (!both && pair == TSR_MARKER_N_LOOKS)
      pair = i;
  }
  return pair < TSR_MARKER_N_LOOKS ? pair : (unsigned)n;
}

const char *
tsr_marker_shape_name (TsrMarkerShape shape)
{
  return names[valid (shape)];
}

const TsrMarkerVertex *
tsr_marker_polygon (TsrMarkerShape shape, size_t *n)
{
  shape = valid (shape);
  *n = polygons[shape].n;
  return polygons[shape].vertices;
}

static float
segment_distance2 (float x, float y, TsrMarkerVertex a, TsrMarkerVertex b)
{
  float ex = b.x - a.x, ey = b.y - a.y, px = x - a.x, py = y - a.y;
  float t = (px * ex + py * ey) / (ex * ex + ey * ey);
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  float dx = px - t * ex, dy = py - t * ey;
  return dx * dx + dy * dy;
}

float
tsr_marker_distance (TsrMarkerShape shape, float x, float y)
{
  size_t n;
  const TsrMarkerVertex *v = tsr_marker_polygon (shape, &n);
  if (n == 0)
    return sqrtf (x * x + y * y) - 1;
  float best = INFINITY;
  int winding = 0;
  for (size_t i = 0; i < n; i++) {
    TsrMarkerVertex a = v[i], b = v[i + 1 < n ? i + 1 : 0];
    float d = segment_distance2 (x, y, a, b);
    if (d < best)
      best = d;
    float side = (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x);
    if (a.y <= y && b.y > y && side > 0)
      winding++;
    else if (a.y > y && b.y <= y && side < 0)
      winding--;
  }
  return winding ? -sqrtf (best) : sqrtf (best);
}
