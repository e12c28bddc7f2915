/* Tissues that run in a direction: connective tissue, smooth muscle, mucus. */

#include "tsr-demo-canvas.h"

#include <math.h>

/* Fibres run along x, displaced across it by waves and slow noise. */
typedef struct {
  float wave, length, phase,
      drift; /* height and length of the waves, and of the slow drift, in micrometres */
} Flow;

static Flow
draw_flow (TsrCanvas *canvas, float wave)
{
  return (Flow){.wave = wave * tsr_draw (canvas, 0.5f, 1.3f),
                .length = tsr_draw (canvas, 22, 42),
                .phase = tsr_draw (canvas, 0, 6.28f),
                .drift = tsr_draw (canvas, 3, 10)};
}

/* The coordinate across the fibres. */
static float
across (const TsrCanvas *canvas, const Flow *flow, float x, float y)
{
  float slow = tsr_canvas_noise (canvas, x, y, 34, 1, 1),
        phase = flow->phase + 2 * tsr_canvas_noise (canvas, x, y, 28, 1, 2);
  return y + flow->wave * sinf (6.2832f / flow->length * x + phase) + flow->drift * slow;
}

/* The direction of the fibres at a place, from how `across` changes there. */
static float
direction (const TsrCanvas *canvas, const Flow *flow, float x, float y)
{
  float dx = across (canvas, flow, x + 1, y) - across (canvas, flow, x - 1, y);
  float dy = across (canvas, flow, x, y + 1) - across (canvas, flow, x, y - 1);
  return atan2f (-dx, dy);
}

/* `across` at every pixel's corner, (size + 1) squared, and how far it moves from one pixel to the
 * next: fibres finer than that would turn into steps. Free with g_free. */
static float *
map_across (const TsrCanvas *canvas, const Flow *flow)
{
  int side = canvas->size + 1;
  float *map = g_new (float, (size_t)side *side);
  for (int py = 0; py < side; py++)
    for (int px = 0; px < side; px++) {
      float x, y;
      tsr_canvas_place (canvas, px, py, &x, &y);
      map[py * side + px] = across (canvas, flow, x, y);
    }
  return map;
}

static float
map_step (const TsrCanvas *canvas, const float *map, int px, int py)
{
  int side = canvas->size + 1;
  const float *v = map + py * side + px;
  return hypotf (v[1] - v[0], v[side] - v[0]);
}

/* The share of a pattern of this width that pixels `step` apart can still show. */
static float
visible (float width, float step)
{
  return 1 - tsr_smooth (0.8f, 2.0f, step / width);
}

/* Collagen: bundles a few micrometres wide made of thin fibres, with clefts between. */
static void
paint_collagen (TsrCanvas *canvas, const Flow *flow, float amount, float loose)
{
  float width = tsr_draw (canvas, 3.6f, 6.5f), fine = tsr_draw (canvas, 1.5f, 2.2f);
  g_autofree float *map = map_across (canvas, flow);
  for (int py = 0; py < canvas->size; py++)
    for (int px = 0; px < canvas->size; px++) {
      float x, y, v = map[py * (canvas->size + 1) + px], step = map_step (canvas, map, px, py);
      tsr_canvas_place (canvas, px, py, &x, &y);
      float bundle = tsr_noise (x / 26 + canvas->noise_x, v / width + canvas->noise_y);
      float thread = tsr_noise (x / 13 + canvas->noise_y, v / fine + canvas->noise_x);
      float hair = tsr_noise (x / 7 + v / 9 + canvas->noise_x, v / 0.9f + canvas->noise_y);
      thread *= visible (fine, step);
      hair *= visible (0.9f, step);
      float cleft =
          tsr_smooth (-0.75f + loose, -0.2f + loose, bundle + 0.35f * thread + 0.15f * hair);
      float e = amount * (0.12f + cleft * (0.62f + 0.26f * bundle + 0.28f * thread + 0.22f * hair));
      size_t i = (size_t)py * canvas->size + px;
      canvas->e[i] = MAX (e, 0.02f);
      canvas->h[i] = 0.05f + 0.05f * cleft;
    }
}

void
tsr_paint_ground (TsrCanvas *canvas, float amount)
{
  Flow flow = draw_flow (canvas, 2.5f);
  paint_collagen (canvas, &flow, amount, tsr_draw (canvas, 0, 0.35f));
}

void
tsr_draw_fibroblast (TsrCanvas *canvas, float x, float y, float angle)
{
  bool plump = tsr_chance (canvas, 0.25f);
  tsr_draw_nucleus (
      canvas,
      &(TsrNucleus){.x = x,
                    .y = y,
                    .a = tsr_draw (canvas, 5.0f, 8.5f),
                    .b = plump ? tsr_draw (canvas, 2.0f, 2.8f) : tsr_draw (canvas, 1.1f, 1.8f),
                    .angle = angle + tsr_draw (canvas, -0.15f, 0.15f),
                    .h = plump ? tsr_draw (canvas, 0.8f, 1.1f) : tsr_draw (canvas, 1.0f, 1.5f),
                    .rim = plump ? 0.35f : 0.1f,
                    .clumps = 0.22f,
                    .grain = 1.6f,
                    .irregular = 0.12f,
                    .soft = 1.0f});
}

void
tsr_paint_stroma (TsrCanvas *canvas)
{
  static const float spacings[] = {13, 17, 24};
  Flow flow = draw_flow (canvas, tsr_chance (canvas, 0.3f) ? 5.5f : 3.0f);
  TsrCells cells;
  paint_collagen (canvas, &flow, tsr_draw (canvas, 0.7f, 1.15f), tsr_draw (canvas, -0.2f, 0.45f));
  tsr_canvas_scatter (canvas, spacings[tsr_random_below (&canvas->random, 3)], 0.45f, &cells);
  for (unsigned i = 0; i < cells.n; i++)
    if (tsr_chance (canvas, 0.7f))
      tsr_draw_fibroblast (canvas, cells.x[i], cells.y[i],
                           direction (canvas, &flow, cells.x[i], cells.y[i]));
  if (tsr_chance (canvas, 0.15f)) /* a capillary */
    tsr_draw_red_cells (canvas, tsr_draw (canvas, -0.4f, 0.4f) * canvas->field,
                        tsr_draw (canvas, -0.4f, 0.4f) * canvas->field, 4);
  unsigned visitors = tsr_chance (canvas, 0.3f) ? tsr_random_below (&canvas->random, 8) : 0;
  for (unsigned i = 0; i < visitors; i++)
    tsr_draw_lymphocyte (canvas, tsr_draw (canvas, -1, 1) * canvas->reach,
                         tsr_draw (canvas, -1, 1) * canvas->reach);
}

/* Smooth muscle cut along: broad even fibres side by side, thin pale seams, a faint grain along
 * them. */
static void
paint_fascicles (TsrCanvas *canvas, const Flow *flow, float width)
{
  float amount = tsr_draw (canvas, 0.7f, 1.1f), seam = tsr_draw (canvas, 0.25f, 0.6f);
  for (int py = 0; py < canvas->size; py++)
    for (int px = 0; px < canvas->size; px++) {
      float x, y;
      tsr_canvas_place (canvas, px, py, &x, &y);
      float v = across (canvas, flow, x, y) + 1.2f * tsr_canvas_noise (canvas, x, y, 12, 1, 3);
      float taper = tsr_noise (x / 21 + canvas->noise_y, v / 11 + canvas->noise_x);
      float lane = v / width + 0.55f * taper;
      float in_fibre = fabsf (lane - floorf (lane) - 0.5f) * 2; /* 0 mid-fibre, 1 at the seam */
      float fibre = tsr_noise (floorf (lane) * 7.3f + canvas->noise_x, x / 60 + canvas->noise_y);
      float grain = visible (0.9f, canvas->um) *
                    tsr_noise (x / 9 + canvas->noise_x, v / 0.9f + canvas->noise_y);
      float open = tsr_smooth (0.1f, 0.9f, tsr_canvas_noise (canvas, x, v * 3, 22, 1, 5));
      float pale = tsr_smooth (0.5f, 1.0f, in_fibre) * (seam * (0.4f + 0.6f * open) + 0.35f * open);
      size_t i = (size_t)py * canvas->size + px;
      canvas->e[i] = MAX (0.05f, amount * (0.92f + 0.14f * fibre + 0.13f * grain) * (1 - pale));
      canvas->h[i] = 0.10f + 0.04f * grain;
    }
}

void
tsr_paint_muscle (TsrCanvas *canvas)
{
  Flow flow = draw_flow (canvas, 1.0f);
  float width = tsr_draw (canvas, 4.2f, 6.5f);
  TsrCells cells;
  flow.length *= 1.8f;
  paint_fascicles (canvas, &flow, width);
  tsr_canvas_scatter (canvas, tsr_draw (canvas, 15, 21), 0.45f, &cells);
  for (unsigned i = 0; i < cells.n; i++) {
    float x = cells.x[i], y = cells.y[i], v = across (canvas, &flow, x, y);
    y += (floorf (v / width) + 0.5f) * width - v; /* to the middle of its fibre */
    if (tsr_chance (canvas, 0.75f))
      tsr_draw_nucleus (canvas, &(TsrNucleus){.x = x,
                                              .y = y,
                                              .a = tsr_draw (canvas, 6.0f, 10.0f),
                                              .b = tsr_draw (canvas, 1.5f, 2.1f),
                                              .angle = direction (canvas, &flow, x, y),
                                              .h = tsr_draw (canvas, 0.8f, 1.15f),
                                              .rim = 0.3f,
                                              .clumps = 0.1f,
                                              .grain = 2.1f,
                                              .irregular = 0.05f,
                                              .soft = 0.9f,
                                              .blunt = 0.8f});
  }
}

/* Pools of mucus: pale, bluish, streaming, with brighter lakes and thin strands. */
static void
paint_strands (TsrCanvas *canvas, float blue, float pink)
{
  float stretch = tsr_draw (canvas, 1.6f, 3.2f), scale = tsr_draw (canvas, 9, 15);
  for (int py = 0; py < canvas->size; py++)
    for (int px = 0; px < canvas->size; px++) {
      float x, y;
      tsr_canvas_place (canvas, px, py, &x, &y);
      float wx = x + 9 * tsr_canvas_noise (canvas, x, y, 26, 2, 1),
            wy = y + 9 * tsr_canvas_noise (canvas, x, y, 26, 2, 2);
      float broad = tsr_canvas_noise (canvas, wx / stretch, wy, scale, 2, 3);
      float ridge = MAX (
          0, 1 - fabsf (tsr_canvas_noise (canvas, wx / stretch, wy, scale * 0.8f, 2, 4)) * 2.4f);
      float vein =
          MAX (0, 1 - fabsf (tsr_canvas_noise (canvas, wx / stretch, wy, scale, 2, 6)) * 5);
      float wisp = tsr_canvas_noise (canvas, wx / (2 * stretch), wy, 2.6f, 2, 5);
      float body = tsr_smooth (-0.6f, 0.8f, broad + 0.15f * wisp),
            strand = ridge * ridge * (0.55f + 0.45f * broad) + 0.8f * vein * vein * (0.5f + broad);
      size_t i = (size_t)py * canvas->size + px;
      canvas->h[i] = blue * (0.08f + 0.42f * body * (1 + 0.35f * wisp) + 0.34f * strand);
      canvas->e[i] = pink * (0.04f + 0.22f * body * (1 + 0.5f * wisp) + 0.2f * strand);
    }
}

void
tsr_paint_mucus (TsrCanvas *canvas)
{
  paint_strands (canvas, tsr_draw (canvas, 0.35f, 0.85f), tsr_draw (canvas, 0.3f, 1.1f));
  unsigned cells = tsr_random_below (&canvas->random, 7);
  for (unsigned i = 0; i < cells; i++) {
    float x = tsr_draw (canvas, -0.6f, 0.6f) * canvas->field,
          y = tsr_draw (canvas, -0.6f, 0.6f) * canvas->field;
    if (tsr_chance (canvas, 0.4f)) { /* a signet ring: a clear drop that pushes the nucleus aside */
      float r = tsr_draw (canvas, 4.5f, 7), angle = tsr_draw (canvas, 0, 6.28f);
      tsr_draw_blob (canvas, &(TsrBlob){.x = x,
                                        .y = y,
                                        .a = r,
                                        .b = r * 0.9f,
                                        .h = 0.16f,
                                        .e = 0.32f,
                                        .cover = 0.85f,
                                        .hollow = 0.8f,
                                        .soft = 1.2f});
      tsr_draw_nucleus (canvas, &(TsrNucleus){.x = x + 0.8f * r * cosf (angle),
                                              .y = y + 0.8f * r * sinf (angle),
                                              .a = r * 0.62f,
                                              .b = 1.7f,
                                              .angle = angle + 1.57f,
                                              .h = 1.3f,
                                              .clumps = 0.2f,
                                              .grain = 1.5f,
                                              .irregular = 0.15f,
                                              .soft = 1});
    } else {
      tsr_draw_lymphocyte (canvas, x, y);
    }
  }
}
