/* Tissues made of cells lying apart or in sheets: tumour, lymphocytes, necrosis. */

#include "tsr-demo-canvas.h"

#include <math.h>

void
tsr_draw_lymphocyte (TsrCanvas *canvas, float x, float y)
{
  float r = tsr_draw (canvas, 2.7f, 3.7f);
  tsr_draw_nucleus (canvas, &(TsrNucleus){.x = x,
                                          .y = y,
                                          .a = r * tsr_draw (canvas, 1.0f, 1.15f),
                                          .b = r,
                                          .angle = tsr_draw (canvas, 0, 3.14f),
                                          .h = tsr_draw (canvas, 1.1f, 1.6f),
                                          .rim = 0.08f,
                                          .clumps = 0.32f,
                                          .grain = 1.7f,
                                          .irregular = 0.1f,
                                          .soft = 0.9f});
}

void
tsr_draw_red_cells (TsrCanvas *canvas, float x, float y, unsigned n)
{
  for (unsigned i = 0; i < n; i++) {
    float r = tsr_draw (canvas, 2.6f, 3.4f);
    tsr_draw_blob (canvas, &(TsrBlob){.x = x + tsr_draw (canvas, -9, 9),
                                      .y = y + tsr_draw (canvas, -9, 9),
                                      .a = r * tsr_draw (canvas, 1, 1.25f),
                                      .b = r,
                                      .angle = tsr_draw (canvas, 0, 3.14f),
                                      .h = 0.08f,
                                      .e = tsr_draw (canvas, 1.2f, 1.6f),
                                      .cover = 0.9f,
                                      .hollow = 0.25f,
                                      .soft = 0.8f});
  }
}

/* A plasma cell: the nucleus aside in an oval of violet cytoplasm. */
static void
draw_plasma_cell (TsrCanvas *canvas, float x, float y)
{
  float angle = tsr_draw (canvas, 0, 6.28f);
  tsr_draw_blob (canvas, &(TsrBlob){.x = x,
                                    .y = y,
                                    .a = 5.6f,
                                    .b = 4.2f,
                                    .angle = angle,
                                    .h = 0.42f,
                                    .e = 0.6f,
                                    .cover = 0.9f,
                                    .soft = 1.2f});
  tsr_draw_lymphocyte (canvas, x + 2.2f * cosf (angle), y + 2.2f * sinf (angle));
}

void
tsr_paint_lymphocytes (TsrCanvas *canvas)
{
  TsrCells cells;
  tsr_paint_ground (canvas, tsr_draw (canvas, 0.25f, 0.7f));
  tsr_canvas_scatter (canvas, tsr_draw (canvas, 7.2f, 9.6f), 0.34f, &cells);
  float thinned = tsr_chance (canvas, 0.35f) ? tsr_draw (canvas, 0.1f, 0.45f) : 0,
        plasma = tsr_chance (canvas, 0.3f) ? 0.15f : 0.02f;
  for (unsigned i = 0; i < cells.n; i++) {
    float x = cells.x[i], y = cells.y[i];
    if (tsr_canvas_noise (canvas, x, y, 20, 1, 7) * 0.5f + 0.5f < thinned)
      continue;
    if (tsr_chance (canvas, plasma))
      draw_plasma_cell (canvas, x, y);
    else if (tsr_chance (canvas, 0.06f)) /* a blast: larger and paler */
      tsr_draw_nucleus (canvas, &(TsrNucleus){.x = x,
                                              .y = y,
                                              .a = 4.8f,
                                              .b = 4.3f,
                                              .h = 0.85f,
                                              .rim = 0.4f,
                                              .clumps = 0.25f,
                                              .grain = 1.8f,
                                              .nucleolus = 0.5f,
                                              .irregular = 0.12f,
                                              .soft = 1});
    else
      tsr_draw_lymphocyte (canvas, x, y);
  }
}

/* How a tumour's cells look; cells of one tile are of a kind. */
typedef struct {
  float spacing, radius,
      spread; /* of the nuclei, in micrometres, and how much their sizes differ */
  float h, rim, nucleolus, cytoplasm_h, cytoplasm_e, gap;
} Grade;

static Grade
draw_grade (TsrCanvas *canvas)
{
  float radius = tsr_draw (canvas, 4.0f, 5.6f);
  return (Grade){.spacing = radius * tsr_draw (canvas, 2.2f, 2.8f),
                 .radius = radius,
                 .spread = tsr_draw (canvas, 0.1f, 0.24f),
                 .h = tsr_draw (canvas, 0.85f, 1.3f),
                 .rim = tsr_draw (canvas, 0.1f, 0.5f),
                 .nucleolus = tsr_chance (canvas, 0.6f) ? tsr_draw (canvas, 0.5f, 1.0f) : 0,
                 .cytoplasm_h = tsr_draw (canvas, 0.12f, 0.34f),
                 .cytoplasm_e = tsr_draw (canvas, 0.4f, 0.8f),
                 .gap = tsr_draw (canvas, 0.3f, 0.9f)};
}

/* How far inside a nest a place lies: above 0 inside. bias moves from islands (0) to a solid sheet
 * (1). */
static float
nest (const TsrCanvas *canvas, float x, float y, float bias)
{
  return tsr_canvas_noise (canvas, x, y, 30, 2, 6) + bias;
}

/* One pixel of a nest. */
static void
stain_cytoplasm (TsrCanvas *canvas, const TsrCells *cells, const Grade *grade, float bias, int px,
                 int py)
{
  float x, y, distance, border;
  tsr_canvas_place (canvas, px, py, &x, &y);
  float inside = tsr_smooth (-0.05f, 0.05f, nest (canvas, x, y, bias));
  if (inside <= 0 || cells->n < 3)
    return;
  unsigned cell = tsr_cells_nearest (cells, x, y, 1.5f, &distance, &border);
  float own = tsr_noise (cells->x[cell] * 3.1f,
                         cells->y[cell] * 2.7f); /* each cell takes the dye a little differently */
  float grain = tsr_canvas_noise (canvas, x, y, 2.6f, 2, 8);
  float seam = 1 - tsr_smooth (0, grade->gap, border);
  float e = grade->cytoplasm_e * (1 + 0.18f * own + 0.25f * grain) * (1 - 0.65f * seam);
  float h = grade->cytoplasm_h * (1 + 0.2f * own + 0.3f * grain) * (1 - 0.5f * seam);
  size_t i = (size_t)py * canvas->size + px;
  canvas->e[i] += inside * (e - canvas->e[i]);
  canvas->h[i] += inside * (h - canvas->h[i]);
}

/* Block by block, so that each pixel is compared with the few cells near its block only. */
static void
paint_cytoplasm (TsrCanvas *canvas, const TsrCells *cells, const Grade *grade, float bias)
{
  int side = MAX (1, (int)(6 / canvas->um));
  TsrCells near;
  for (int by = 0; by < canvas->size; by += side)
    for (int bx = 0; bx < canvas->size; bx += side) {
      float x, y;
      tsr_canvas_place (canvas, bx + side / 2, by + side / 2, &x, &y);
      tsr_cells_near (cells, x, y, 2 * grade->spacing + 5, &near);
      for (int py = by; py < MIN (by + side, canvas->size); py++)
        for (int px = bx; px < MIN (bx + side, canvas->size); px++)
          stain_cytoplasm (canvas, &near, grade, bias, px, py);
    }
}

static void
draw_tumour_nucleus (TsrCanvas *canvas, const Grade *grade, float x, float y)
{
  float r = grade->radius * (1 + grade->spread * (float)tsr_random_normal (&canvas->random));
  r = CLAMP (r, 2.6f, 8.0f);
  bool mitosis = tsr_chance (canvas, 0.02f);
  tsr_draw_nucleus (canvas,
                    &(TsrNucleus){.x = x,
                                  .y = y,
                                  .a = mitosis ? 4.2f : r * tsr_draw (canvas, 1.0f, 1.4f),
                                  .b = mitosis ? 1.5f : r * tsr_draw (canvas, 0.8f, 1.0f),
                                  .angle = tsr_draw (canvas, 0, 3.14f),
                                  .h = mitosis ? 2.1f : grade->h * tsr_draw (canvas, 0.75f, 1.3f),
                                  .rim = mitosis ? 0 : grade->rim,
                                  .clumps = mitosis ? 0.1f : 0.33f,
                                  .grain = tsr_draw (canvas, 1.6f, 2.4f),
                                  .nucleolus = mitosis ? 0 : grade->nucleolus,
                                  .irregular = mitosis ? 0.3f : 0.2f,
                                  .soft = 1.0f});
}

void
tsr_paint_tumour (TsrCanvas *canvas)
{
  Grade grade = draw_grade (canvas);
  TsrCells cells;
  float bias = tsr_chance (canvas, 0.45f) ? 1.2f : tsr_draw (canvas, 0.1f, 0.4f);
  tsr_paint_ground (canvas, tsr_draw (canvas, 0.5f, 1.0f));
  tsr_canvas_scatter (canvas, grade.spacing, 0.3f, &cells);
  paint_cytoplasm (canvas, &cells, &grade, bias);
  for (unsigned i = 0; i < cells.n; i++) {
    float x = cells.x[i], y = cells.y[i], inside = nest (canvas, x, y, bias);
    if (inside > 0.06f)
      draw_tumour_nucleus (canvas, &grade, x, y);
    else if (inside < -0.12f && tsr_chance (canvas, 0.3f))
      tsr_draw_fibroblast (canvas, x, y, tsr_draw (canvas, -0.5f, 0.5f));
    else if (inside < -0.12f && tsr_chance (canvas, 0.15f))
      tsr_draw_lymphocyte (canvas, x, y);
  }
}

/* Dead tissue: smudged, granular, pink to violet, cells only as shadows. */
static void
paint_debris (TsrCanvas *canvas)
{
  float e = tsr_draw (canvas, 0.5f, 0.95f), h = tsr_draw (canvas, 0.08f, 0.36f),
        holes = tsr_draw (canvas, -0.9f, -0.3f);
  for (int py = 0; py < canvas->size; py++)
    for (int px = 0; px < canvas->size; px++) {
      float x, y;
      tsr_canvas_place (canvas, px, py, &x, &y);
      float slow = tsr_canvas_noise (canvas, x, y, 19, 2, 1),
            clot = tsr_canvas_noise (canvas, x, y, 6, 3, 2);
      float grain = tsr_canvas_noise (canvas, x, y, 1.9f, 2, 3);
      float solid = tsr_smooth (holes, holes + 0.35f, 0.7f * slow + 0.9f * clot);
      size_t i = (size_t)py * canvas->size + px;
      canvas->e[i] = MAX (0.02f, e * solid * (0.85f + 0.35f * slow + 0.4f * clot + 0.45f * grain));
      canvas->h[i] = MAX (0.02f, h * solid * (0.9f - 0.3f * slow + 0.6f * clot + 0.7f * grain));
    }
}

/* What is left of a nucleus: a shadow, a shrunken dark ball, or a spray of dust. */
static void
draw_remains (TsrCanvas *canvas, float x, float y)
{
  float kind = tsr_draw (canvas, 0, 1);
  if (kind < 0.45f) {
    float r = tsr_draw (canvas, 3.2f, 5.5f);
    tsr_draw_blob (canvas, &(TsrBlob){.x = x,
                                      .y = y,
                                      .a = r * 1.2f,
                                      .b = r,
                                      .angle = tsr_draw (canvas, 0, 3.14f),
                                      .h = tsr_draw (canvas, 0.15f, 0.45f),
                                      .e = tsr_draw (canvas, 0.4f, 0.8f),
                                      .cover = tsr_draw (canvas, 0.35f, 0.7f),
                                      .hollow = 0.45f,
                                      .soft = 2.0f});
  } else if (kind < 0.68f) {
    float r = tsr_draw (canvas, 1.5f, 2.5f);
    tsr_draw_nucleus (canvas, &(TsrNucleus){.x = x,
                                            .y = y,
                                            .a = r * 1.2f,
                                            .b = r,
                                            .angle = x,
                                            .h = tsr_draw (canvas, 1.2f, 1.9f),
                                            .clumps = 0.05f,
                                            .grain = 2,
                                            .irregular = 0.2f,
                                            .soft = 1.1f});
  } else {
    unsigned n = 3 + tsr_random_below (&canvas->random, 6);
    for (unsigned i = 0; i < n; i++) {
      float r = tsr_draw (canvas, 0.5f, 1.3f);
      tsr_draw_nucleus (canvas,
                        &(TsrNucleus){.x = x + 2.6f * (float)tsr_random_normal (&canvas->random),
                                      .y = y + 2.6f * (float)tsr_random_normal (&canvas->random),
                                      .a = r * 1.3f,
                                      .b = r,
                                      .angle = tsr_draw (canvas, 0, 3.14f),
                                      .h = tsr_draw (canvas, 0.8f, 1.6f),
                                      .grain = 2,
                                      .irregular = 0.2f,
                                      .soft = 0.9f});
    }
  }
}

void
tsr_paint_necrosis (TsrCanvas *canvas)
{
  TsrCells cells;
  float left = tsr_draw (canvas, 0.25f, 0.85f);
  paint_debris (canvas);
  tsr_canvas_scatter (canvas, tsr_draw (canvas, 9.5f, 13), 0.48f, &cells);
  for (unsigned i = 0; i < cells.n; i++)
    if (tsr_chance (canvas, left))
      draw_remains (canvas, cells.x[i], cells.y[i]);
}
