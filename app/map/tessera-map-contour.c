/* Lines of equal density: points are counted in blocks of pixels, the counts smoothed, and a line
 * drawn wherever the density passes a power of two times its mean over the occupied part of the
 * map. Blocks are fixed to the layout, not to the frame, so that lines stand still while the map is
 * dragged. */

#include "tessera-map-raster-private.h"

#include "tessera-map-strips.h"

#include <math.h>

#define BLOCK        7  /* logical pixels */
#define BORDER       8  /* blocks round the frame, so that smoothing does not see its edge */
#define SMOOTH       1  /* radius of each of three box filters */
#define LOWEST       -1 /* log2 of the lowest line's density over the mean */
#define HIGHEST      5
#define LEAST_POINTS 1000
#define DARK         115 /* of 255: shading a dark line does not show on */
#define BRIGHT       165 /* and a light one */

typedef struct {
  const TesseraMapRaster *raster;
  double block;     /* edge in device pixels */
  double left, top; /* of block (0, 0) in device pixels of the frame */
  int columns, rows;
  float *density; /* [rows, columns] */
} Field;

static void
count_row (guint row, gpointer data)
{
  Field *field = data;
  const TesseraMapRaster *raster = field->raster;
  const TesseraMapFrame *frame = raster->frame;
  const TesseraMapGrid *grid = raster->grid;
  float *counts = field->density + (gsize)row * field->columns;
  double top = field->top + row * field->block, scale = frame->scale;
  guint32 c0, r0, c1, r1;
  tessera_map_grid_cells (grid, frame->x + field->left / scale, frame->y + top / scale,
                          frame->x + (field->left + field->columns * field->block) / scale,
                          frame->y + (top + field->block) / scale, &c0, &r0, &c1, &r1);
  for (guint32 r = r0; r <= r1; r++) {
    const guint32 *start = grid->start + (gsize)r * grid->columns;
    for (gsize k = start[c0]; k < start[c1 + 1]; k++) {
      double x = ((grid->sorted[2 * k] - frame->x) * scale - field->left) / field->block;
      double y = ((grid->sorted[2 * k + 1] - frame->y) * scale - top) / field->block;
      if (y >= 0 && y < 1 && x >= 0 && x < field->columns)
        counts[(int)x] += 1;
    }
  }
}

/* One box filter along a line of n values that lie step apart. */
static void
smooth_line (float *line, int n, int step, float *copy)
{
  double sum = 0;
  for (int i = 0; i < n; i++)
    copy[i] = line[(gsize)i * step];
  for (int i = 0; i < MIN (SMOOTH, n); i++)
    sum += copy[i];
  for (int i = 0; i < n; i++) {
    if (i + SMOOTH < n)
      sum += copy[i + SMOOTH];
    if (i - SMOOTH - 1 >= 0)
      sum -= copy[i - SMOOTH - 1];
    line[(gsize)i * step] = (float)(MAX (sum, 0) / (2 * SMOOTH + 1));
  }
}

static void
smooth (Field *field)
{
  g_autofree float *copy = g_new (float, MAX (field->columns, field->rows));
  for (int pass = 0; pass < 3; pass++) {
    for (int r = 0; r < field->rows; r++)
      smooth_line (field->density + (gsize)r * field->columns, field->columns, 1, copy);
    for (int c = 0; c < field->columns; c++)
      smooth_line (field->density + c, field->rows, field->columns, copy);
  }
}

/* A line that shows on this pixel: dark on light ground and light on dark, and the other way about
 * where the shading is as dark or light as the line. */
static inline guint32
line_over (const TesseraMapRaster *raster, guint32 pixel)
{
  guint32 a = pixel >> 24, r = (pixel >> 16) & 255, g = (pixel >> 8) & 255, b = pixel & 255;
  guint32 luma = (77 * r + 150 * g + 29 * b) >> 8; /* Rec. 601, premultiplied */
  if (raster->scene->dark)
    return luma > BRIGHT ? raster->dark_line : raster->line;
  return luma + 255 - a < DARK ? raster->light_line : raster->line;
}

static inline void
blend (guint32 *pixel, guint32 color, float alpha)
{
  guint32 a = (guint32)(alpha * 255 + 0.5f), d = *pixel, out = 0;
  for (int shift = 0; shift < 32; shift += 8)
    out |= ((((color >> shift) & 255) * a + ((d >> shift) & 255) * (255 - a) + 127) / 255) << shift;
  *pixel = out;
}

/* Draws the piece of a level's line between four block centres with heights f[4] (row by row). */
static void
draw_piece (const Field *field, int column, int row, const float f[4], float level, float strength)
{
  const TesseraMapRaster *raster = field->raster;
  double left = field->left + (column + 0.5) * field->block,
         top = field->top + (row + 0.5) * field->block;
  int x0 = (int)MAX (ceil (left - 0.5), 0),
      x1 = (int)MIN (ceil (left + field->block - 0.5), raster->frame->width);
  int y0 = (int)MAX (ceil (top - 0.5), 0),
      y1 = (int)MIN (ceil (top + field->block - 0.5), raster->frame->height);
  float half = 0.55f * (float)raster->scene->pixel_ratio;
  for (int y = y0; y < y1; y++) {
    float v = (float)((y + 0.5 - top) / field->block);
    for (int x = x0; x < x1; x++) {
      float u = (float)((x + 0.5 - left) / field->block);
      float gx = ((f[1] - f[0]) * (1 - v) + (f[3] - f[2]) * v) / (float)field->block;
      float gy = ((f[2] - f[0]) * (1 - u) + (f[3] - f[1]) * u) / (float)field->block;
      float height = (f[0] * (1 - u) + f[1] * u) * (1 - v) + (f[2] * (1 - u) + f[3] * u) * v;
      float away = fabsf (height - level) / MAX (hypotf (gx, gy), 1e-6f);
      float alpha = strength * CLAMP (half + 0.5f - away, 0, 1);
      guint32 *pixel = raster->pixels + (gsize)y * raster->stride + x;
      if (alpha > 0.004f)
        blend (pixel, line_over (raster, *pixel), alpha);
    }
  }
}

static void
draw_lines (const Field *field, double mean, double strength)
{
  g_autofree float *height = g_new (float, (gsize)field->columns * field->rows);
  for (gsize i = 0; i < (gsize)field->columns * field->rows; i++)
    height[i] = log2f (MAX (field->density[i] / (float)mean, 1.0f / 64));
  for (int r = 0; r + 1 < field->rows; r++)
    for (int c = 0; c + 1 < field->columns; c++) {
      const float *h = height + (gsize)r * field->columns + c;
      float f[4] = {h[0], h[1], h[field->columns], h[field->columns + 1]};
      float low = MIN (MIN (f[0], f[1]), MIN (f[2], f[3])),
            high = MAX (MAX (f[0], f[1]), MAX (f[2], f[3]));
      for (int level = (int)MAX (ceilf (low), LOWEST); level <= MIN (high, HIGHEST); level++)
        draw_piece (field, c, r, f, level, (float)strength);
    }
}

void
tessera_map_contours_paint (const TesseraMapRaster *raster)
{
  double logical = raster->sizes.point / raster->scene->pixel_ratio;
  double fade = CLAMP ((4.2 - logical) / 2.2, 0, 1);
  if (fade <= 0 || raster->grid->n_present < LEAST_POINTS)
    return;
  const TesseraMapFrame *frame = raster->frame;
  Field field = {.raster = raster, .block = BLOCK * raster->scene->pixel_ratio};
  field.left = (floor (frame->x * frame->scale / field.block) - BORDER) * field.block -
               frame->x * frame->scale;
  field.top = (floor (frame->y * frame->scale / field.block) - BORDER) * field.block -
              frame->y * frame->scale;
  field.columns = (int)ceil (frame->width / field.block) + 2 * BORDER + 2;
  field.rows = (int)ceil (frame->height / field.block) + 2 * BORDER + 2;
  field.density = g_new0 (float, (gsize)field.columns *field.rows);
  tessera_map_strips_run (field.rows, count_row, &field);
  smooth (&field);
  double blocks = field.block / (raster->grid->spacing * frame->scale);
  draw_lines (&field, MAX (blocks * blocks, 1e-9), fade * (raster->scene->dark ? 0.26 : 0.22));
  g_free (field.density);
}
