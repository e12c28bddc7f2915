/* Tissues built round empty spaces: fat and glands. */

#include "tsr-demo-canvas.h"

#include <math.h>

/* Fat: large clear cells packed like foam, their walls a thin pink line, now and then a flat
 * nucleus or a capillary. */
static void
paint_foam (TsrCanvas *canvas, const TsrCells *cells, float wall, float corner)
{
  float e = tsr_draw (canvas, 0.6f, 1.1f),
        broken = tsr_chance (canvas, 0.3f) ? tsr_draw (canvas, -0.9f, -0.45f) : -2;
  for (int py = 0; py < canvas->size; py++)
    for (int px = 0; px < canvas->size; px++) {
      float x, y, distance, border;
      tsr_canvas_place (canvas, px, py, &x, &y);
      float wx = x + 1.8f * tsr_canvas_noise (canvas, x, y, 19, 1, 1),
            wy = y + 1.8f * tsr_canvas_noise (canvas, x, y, 19, 1, 2);
      tsr_cells_nearest (cells, wx, wy, corner, &distance, &border);
      float texture = tsr_canvas_noise (canvas, x, y, 2.5f, 2, 3),
            slow = tsr_canvas_noise (canvas, x, y, 14, 1, 4);
      float inside = 1 - tsr_smooth (wall * 0.5f, wall * 0.5f + 1.1f, border);
      inside *= tsr_smooth (broken, broken + 0.3f, slow);
      size_t i = (size_t)py * canvas->size + px;
      canvas->e[i] = 0.015f + inside * e * (0.75f + 0.3f * texture);
      canvas->h[i] = 0.01f + inside * 0.13f * (1 + texture);
    }
}

/* Whether there is tissue at a place; a nucleus needs some to lie in. Places outside the tile
 * count. */
static bool
stained_at (const TsrCanvas *canvas, float x, float y)
{
  float dx = canvas->cosine * x + canvas->sine * y, dy = -canvas->sine * x + canvas->cosine * y;
  int px = (int)((dx + 0.5f * canvas->field) / canvas->um),
      py = (int)((dy + 0.5f * canvas->field) / canvas->um);
  if (px < 0 || py < 0 || px >= canvas->size || py >= canvas->size)
    return true;
  return canvas->e[(size_t)py * canvas->size + px] > 0.25f;
}

void
tsr_paint_fat (TsrCanvas *canvas)
{
  TsrCells cells;
  float spacing = tsr_draw (canvas, 27, 46), wall = tsr_draw (canvas, 0.5f, 1.6f);
  tsr_canvas_scatter (canvas, spacing, 0.24f, &cells);
  paint_foam (canvas, &cells, wall, tsr_draw (canvas, 3, 6));
  for (unsigned i = 0; i < cells.n; i++) {
    if (!tsr_chance (canvas, 0.55f))
      continue;
    unsigned other = tsr_random_below (
        &canvas->random, cells.n); /* a nucleus lies in the wall between two neighbours */
    float dx = cells.x[other] - cells.x[i], dy = cells.y[other] - cells.y[i],
          d = sqrtf (dx * dx + dy * dy);
    if (other == i || d > 1.4f * spacing)
      continue;
    float x = cells.x[i] + 0.5f * dx, y = cells.y[i] + 0.5f * dy;
    if (!stained_at (canvas, x, y))
      continue;
    tsr_draw_fibroblast (canvas, x, y, atan2f (dy, dx) + 1.57f);
    if (tsr_chance (canvas, 0.12f))
      tsr_draw_red_cells (canvas, x, y, 3);
  }
}

/* One gland: radii in micrometres, from the lumen outwards. */
typedef struct {
  float x, y, lumen, wall, stretch, angle;
  float shape;  /* which noise makes it uneven */
  float goblet; /* share of mucous cells */
} Gland;

/* Distance from the gland's middle in its own stretched, uneven measure, and the angle round it. */
static float
gland_radius (const TsrCanvas *canvas, const Gland *gland, float x, float y, float *angle)
{
  float c = cosf (gland->angle), s = sinf (gland->angle), dx = x - gland->x, dy = y - gland->y;
  float u = (dx * c + dy * s) / gland->stretch, v = (dy * c - dx * s) * gland->stretch;
  float r = sqrtf (u * u + v * v) + 1e-4f;
  if (angle)
    *angle = atan2f (v, u);
  return r * (1 + 0.16f * tsr_noise (1.6f * u / r + gland->shape, 1.6f * v / r + canvas->noise_y));
}

static void
gland_point (const Gland *gland, float radius, float angle, float *x, float *y)
{
  float c = cosf (gland->angle), s = sinf (gland->angle);
  float u = radius * cosf (angle) * gland->stretch, v = radius * sinf (angle) / gland->stretch;
  *x = gland->x + c * u - s * v;
  *y = gland->y + s * u + c * v;
}

typedef struct {
  float e, h, mucus_h, brush;
  unsigned n_cells; /* round the ring */
} Epithelium;

/* Cytoplasm between lumen and basement membrane, cell borders as spokes, the brush border darker.
 */
static void
paint_gland (TsrCanvas *canvas, const Gland *gland, const Epithelium *epithelium)
{
  float outer = gland->lumen + gland->wall;
  float far = outer * 1.35f * gland->stretch + 3;
  for (int py = 0; py < canvas->size; py++)
    for (int px = 0; px < canvas->size; px++) {
      float x, y, angle;
      tsr_canvas_place (canvas, px, py, &x, &y);
      if ((x - gland->x) * (x - gland->x) + (y - gland->y) * (y - gland->y) > far * far)
        continue;
      float r = gland_radius (canvas, gland, x, y, &angle);
      float inside = 1 - tsr_smooth (outer - 0.6f, outer + 0.6f, r);
      float membrane = tsr_smooth (outer - 0.8f, outer + 0.2f, r) *
                       (1 - tsr_smooth (outer + 0.6f, outer + 2.2f, r));
      float lumen = 1 - tsr_smooth (gland->lumen - 0.7f, gland->lumen + 0.7f, r);
      float depth =
          CLAMP ((r - gland->lumen) / gland->wall, 0.f, 1.f); /* 0 at the lumen, 1 at the base */
      float spoke = fabsf (sinf (0.5f * epithelium->n_cells * angle));
      float seam = (1 - tsr_smooth (0.05f, 0.35f, spoke)) * (1 - depth) * 0.35f;
      float grain = tsr_canvas_noise (canvas, x, y, 2.4f, 2, 4);
      float brush = epithelium->brush * (1 - tsr_smooth (0, 0.16f, depth));
      float e = epithelium->e * (1 + 0.28f * grain - seam + brush) * (0.8f + 0.3f * depth);
      float h = epithelium->h * (0.6f + 0.8f * depth + 0.3f * grain);
      e += lumen * (0.04f + 0.06f * tsr_canvas_noise (canvas, x, y, 8, 2, 5) - e);
      h += lumen * (epithelium->mucus_h * (0.6f + tsr_canvas_noise (canvas, x, y, 7, 2, 6)) - h);
      size_t i = (size_t)py * canvas->size + px;
      canvas->e[i] += inside * (MAX (e, 0.01f) - canvas->e[i]) + 0.35f * membrane;
      canvas->h[i] += inside * (MAX (h, 0.01f) - canvas->h[i]);
    }
}

/* The radius in unstretched measure at which the uneven measure equals r, along one angle. */
static float
even_radius (const TsrCanvas *canvas, const Gland *gland, float r, float angle)
{
  return r / (1 + 0.16f * tsr_noise (1.6f * cosf (angle) + gland->shape,
                                     1.6f * sinf (angle) + canvas->noise_y));
}

static void
draw_ring (TsrCanvas *canvas, const Gland *gland, const Epithelium *epithelium)
{
  float crowd = tsr_draw (canvas, 0, 0.25f), h = tsr_draw (canvas, 0.9f, 1.35f),
        rim = tsr_draw (canvas, 0.1f, 0.4f);
  float long_axis = tsr_draw (canvas, 3.4f, 4.8f), short_axis = tsr_draw (canvas, 2.0f, 2.7f);
  for (unsigned i = 0; i < epithelium->n_cells; i++) {
    float angle = (i + 0.5f + tsr_draw (canvas, -0.28f, 0.28f)) * 6.2832f / epithelium->n_cells;
    float depth = 0.70f - crowd * tsr_draw (canvas, 0, 1.6f), x, y, ox, oy;
    float outer = even_radius (canvas, gland, gland->lumen + gland->wall * depth, angle);
    gland_point (gland, outer, angle, &x, &y);
    gland_point (gland, outer + 1, angle, &ox, &oy);
    if (tsr_chance (
            canvas,
            gland->goblet)) { /* a mucous cell: clear drop above, the nucleus pressed flat below */
      float mx, my;
      gland_point (gland, even_radius (canvas, gland, gland->lumen + gland->wall * 0.42f, angle),
                   angle, &mx, &my);
      tsr_draw_blob (canvas, &(TsrBlob){.x = mx,
                                        .y = my,
                                        .a = gland->wall * 0.36f,
                                        .b = 3.1f,
                                        .angle = atan2f (oy - y, ox - x),
                                        .h = 0.2f,
                                        .e = 0.06f,
                                        .cover = 0.9f,
                                        .soft = 1.0f});
    }
    tsr_draw_nucleus (
        canvas, &(TsrNucleus){.x = x,
                              .y = y,
                              .a = long_axis * tsr_draw (canvas, 0.85f, 1.15f),
                              .b = short_axis * tsr_draw (canvas, 0.85f, 1.15f),
                              .angle = atan2f (oy - y, ox - x) + tsr_draw (canvas, -0.2f, 0.2f),
                              .h = h * tsr_draw (canvas, 0.85f, 1.15f),
                              .rim = rim,
                              .clumps = 0.22f,
                              .grain = 1.7f,
                              .irregular = 0.08f,
                              .soft = 0.9f});
  }
}

static void
draw_gland (TsrCanvas *canvas, Gland *gland, const Epithelium *kind)
{
  Epithelium epithelium = *kind;
  gland->shape = tsr_draw (canvas, 0, 100);
  epithelium.n_cells = MAX (9, (unsigned)(6.2832f * (gland->lumen + 0.7f * gland->wall) / 5.4f));
  paint_gland (canvas, gland, &epithelium);
  draw_ring (canvas, gland, &epithelium);
}

void
tsr_paint_glands (TsrCanvas *canvas)
{
  Epithelium epithelium = {.e = tsr_draw (canvas, 0.45f, 0.8f),
                           .h = tsr_draw (canvas, 0.1f, 0.28f),
                           .mucus_h =
                               tsr_chance (canvas, 0.4f) ? tsr_draw (canvas, 0.1f, 0.3f) : 0.02f,
                           .brush = tsr_draw (canvas, 0.1f, 0.5f)};
  float wall = tsr_draw (canvas, 11, 15), lumen = tsr_draw (canvas, 5, 15),
        goblet = tsr_chance (canvas, 0.5f) ? tsr_draw (canvas, 0.15f, 0.6f) : 0;
  float spacing = 2 * (wall + lumen) * 1.12f + tsr_draw (canvas, 4, 10);
  TsrCells places, between;
  tsr_paint_ground (canvas, tsr_draw (canvas, 0.5f, 1.0f));
  tsr_canvas_scatter (canvas, 12, 0.45f, &between);
  for (unsigned i = 0; i < between.n; i++)
    if (tsr_chance (canvas, 0.35f))
      tsr_draw_fibroblast (canvas, between.x[i], between.y[i], tsr_draw (canvas, -0.4f, 0.4f));
    else if (tsr_chance (canvas, 0.2f))
      tsr_draw_lymphocyte (canvas, between.x[i], between.y[i]);
  tsr_canvas_scatter (canvas, spacing, 0.08f, &places);
  for (unsigned i = 0; i < places.n; i++) {
    Gland gland = {.x = places.x[i],
                   .y = places.y[i],
                   .lumen = lumen * tsr_draw (canvas, 0.7f, 1.2f),
                   .wall = wall,
                   .stretch = tsr_draw (canvas, 0.92f, 1.12f),
                   .angle = tsr_draw (canvas, 0, 3.14f),
                   .goblet = goblet};
    draw_gland (canvas, &gland, &epithelium);
  }
}
