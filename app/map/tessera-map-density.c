/* Shading far out. Each point spreads its colour over 3 x 3 pixels by the quadratic B-spline, which
 * sums to one wherever in its pixel the point lies; the sums are then turned into an opacity that
 * tells one point from none and a crowd from a few. The sum does not depend on the order of the
 * points, so no class hides another. */

#include "tessera-map-raster-private.h"

#include <math.h>
#include <string.h>

#define TONES     4096
#define TONE_STEP 64 /* entries per unit of coverage */

typedef float Float4 __attribute__ ((vector_size (16)));

typedef struct {
  Float4 shade[TESSERA_MAP_N_LOOKS]; /* of looks without a class: (r, g, b, 1) times weight */
  Float4 of_class[256], ramp[256];
  float sure[256]; /* weight by margin */
} Inks;

static Float4
ink (guint32 color, float weight)
{
  return (Float4){((color >> 16) & 255) * weight, ((color >> 8) & 255) * weight,
                  (color & 255) * weight, weight};
}

static void
mix_inks (const TesseraMapRaster *raster, Inks *inks)
{
  memset (inks, 0, sizeof *inks);
  inks->shade[TESSERA_MAP_LOOK_FAINT] = ink (raster->faint, 0.22f);
  inks->shade[TESSERA_MAP_LOOK_PLAIN] = ink (raster->plain, 0.6f);
  inks->shade[TESSERA_MAP_LOOK_UNSURE] = ink (raster->unsure, 0.6f);
  for (guint i = 0; i < 256; i++) {
    inks->of_class[i] = ink (raster->color[i], 1);
    inks->ramp[i] = ink (raster->ramp[i], 1);
    inks->sure[i] = 0.35f + 0.65f * i / 255.0f;
  }
}

static inline Float4
ink_of (const TesseraMapRaster *raster, const Inks *inks, TesseraMapPoint p)
{
  TesseraMapLook look = tessera_map_raster_look (raster, p);
  if (look == TESSERA_MAP_LOOK_PREDICTED)
    return inks->of_class[p.class_index] * inks->sure[p.margin];
  if (look == TESSERA_MAP_LOOK_LABELLED)
    return inks->of_class[p.class_index];
  return look == TESSERA_MAP_LOOK_VALUE ? inks->ramp[p.value] : inks->shade[look];
}

/* Adds a point at (x, y), relative to a buffer that has a border of 2 pixels on each side. */
static inline void
splat (Float4 *sums, int width, int height, double x, double y, Float4 color)
{
  double fx = floor (x), fy = floor (y);
  if (!(fx >= -1 && fx <= width && fy >= -1 && fy <= height))
    return;
  float u = (float)(x - fx), v = (float)(y - fy);
  float wx[3] = {0.5f * (1 - u) * (1 - u), 0.5f + u * (1 - u), 0.5f * u * u};
  float wy[3] = {0.5f * (1 - v) * (1 - v), 0.5f + v * (1 - v), 0.5f * v * v};
  int stride = width + 4;
  Float4 *at = sums + ((int)fy + 1) * stride + (int)fx + 1;
  for (int j = 0; j < 3; j++, at += stride) {
    Float4 c = color * wy[j];
    at[0] += c * wx[0];
    at[1] += c * wx[1];
    at[2] += c * wx[2];
  }
}

static void
gather (const TesseraMapRaster *raster, Float4 *sums, guint y0, guint y1)
{
  const TesseraMapFrame *frame = raster->frame;
  const TesseraMapGrid *grid = raster->grid;
  Inks inks;
  mix_inks (raster, &inks);
  double border = 3 / frame->scale;
  guint32 c0, r0, c1, r1;
  tessera_map_grid_cells (grid, frame->x - border, frame->y + y0 / frame->scale - border,
                          frame->x + frame->width / frame->scale + border,
                          frame->y + y1 / frame->scale + border, &c0, &r0, &c1, &r1);
  for (guint32 row = r0; row <= r1; row++) {
    const guint32 *start = grid->start + (gsize)row * grid->columns;
    for (gsize k = start[c0]; k < start[c1 + 1]; k++) {
      if (!tessera_map_raster_wants (raster, k))
        continue;
      double x = (grid->sorted[2 * k] - frame->x) * frame->scale,
             y = (grid->sorted[2 * k + 1] - frame->y) * frame->scale;
      splat (sums, (int)frame->width, (int)(y1 - y0), x, y - y0,
             ink_of (raster, &inks, raster->points[k]));
    }
  }
}

/* Opacity by coverage: the curve bends later where the map is denser at this zoom, so that
 * structure inside stays visible. */
static void
make_tones (const TesseraMapRaster *raster, float *tones)
{
  double gap = raster->grid->spacing * raster->frame->scale, mean = gap > 0 ? 1 / (gap * gap) : 1;
  double gain = 1.7 / pow (MAX (mean, 1), 0.75);
  for (guint i = 0; i < TONES; i++) {
    double w = (i + 0.5) / TONE_STEP;
    double one = 1 - exp (-1.3 * w), many = 1 - exp (-gain * w);
    tones[i] = (float)MAX (MIN (one, 0.5), many);
  }
}

void
tessera_map_density_strip (const TesseraMapRaster *raster, guint y0, guint y1)
{
  int width = (int)raster->frame->width, stride = width + 4;
  gsize size = (gsize)stride * (y1 - y0 + 4) * sizeof (Float4);
  Float4 *sums = g_aligned_alloc0 (1, size, 64);
  float tones[TONES];
  make_tones (raster, tones);
  gather (raster, sums, y0, y1);
  for (guint y = y0; y < y1; y++) {
    const Float4 *from = sums + (y - y0 + 2) * stride + 2;
    guint32 *to = raster->pixels + y * raster->stride;
    for (int x = 0; x < width; x++) {
      float w = from[x][3];
      if (w <= 0)
        continue;
      float a = tones[(int)MIN (w * TONE_STEP, TONES - 1)], f = a / w, rest = 1 - a;
      guint32 under = to[x], out = (guint32)(a * 255 + (under >> 24) * rest + 0.5f) << 24;
      for (int c = 0; c < 3; c++) {
        int shift = 16 - 8 * c;
        out |= (guint32)(from[x][c] * f + ((under >> shift) & 255) * rest + 0.5f) << shift;
      }
      to[x] = out;
    }
  }
  g_aligned_free (sums);
}
