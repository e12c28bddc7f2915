/* Noise, cells' places, and the two shapes everything is made of. */

#include "tsr-demo-canvas.h"

#include <math.h>

#define TABLE 128 /* the noise repeats after so many features; a tile sees about 40 */

static float table[TABLE][TABLE];

static void
fill_table (void)
{
  static gsize filled;
  if (!g_once_init_enter (&filled))
    return;
  TsrRandom random;
  tsr_random_init (&random, 0x7465737365726121u, 0);
  for (int y = 0; y < TABLE; y++)
    for (int x = 0; x < TABLE; x++)
      table[y][x] = (float)(tsr_random_uniform (&random) * 2 - 1);
  g_once_init_leave (&filled, 1);
}

float
tsr_noise (float x, float y)
{
  int cx = (int)x - (x < 0), cy = (int)y - (y < 0); /* floor, or one less and u = 1: the same */
  float u = x - cx, v = y - cy;
  int x0 = cx & (TABLE - 1), x1 = (x0 + 1) & (TABLE - 1);
  int y0 = cy & (TABLE - 1), y1 = (y0 + 1) & (TABLE - 1);
  u = u * u * (3 - 2 * u), v = v * v * (3 - 2 * v);
  float top = table[y0][x0] + u * (table[y0][x1] - table[y0][x0]),
        bottom = table[y1][x0] + u * (table[y1][x1] - table[y1][x0]);
  return top + v * (bottom - top);
}

float
tsr_canvas_noise (const TsrCanvas *canvas, float x, float y, float scale, int octaves, int layer)
{
  float sum = 0, weight = 1, total = 0;
  float nx = x / scale + canvas->noise_x + 17.3f * layer,
        ny = y / scale + canvas->noise_y + 29.7f * layer;
  for (int i = 0; i < octaves; i++) {
    sum += weight * tsr_noise (nx, ny);
    total += weight;
    weight *= 0.5f;
    float turned =
        1.6f * nx - 1.2f * ny + 5.1f; /* twice as fine and turned, which hides the lattice */
    ny = 1.2f * nx + 1.6f * ny + 3.7f;
    nx = turned;
  }
  return sum / total;
}

void
tsr_canvas_init (TsrCanvas *canvas, int size, uint64_t seed, uint64_t stream)
{
  fill_table ();
  *canvas = (TsrCanvas){.size = size};
  tsr_random_init (&canvas->random, seed, stream);
  canvas->field = tsr_draw (canvas, 56, 80);
  canvas->um = canvas->field / size;
  canvas->reach = canvas->field * 0.75f;
  float angle = tsr_draw (canvas, 0, 2 * (float)M_PI);
  canvas->cosine = cosf (angle);
  canvas->sine = sinf (angle);
  canvas->noise_x = tsr_draw (canvas, 0, TABLE);
  canvas->noise_y = tsr_draw (canvas, 0, TABLE);
  canvas->h = g_new0 (float, (size_t)size *size);
  canvas->e = g_new0 (float, (size_t)size *size);
}

void
tsr_canvas_clear (TsrCanvas *canvas)
{
  g_free (canvas->h);
  g_free (canvas->e);
}

/* The pixels a circle of the field can touch; false when it lies outside. */
static bool
touched (const TsrCanvas *canvas, float x, float y, float radius, int box[4])
{
  float dx = canvas->cosine * x + canvas->sine * y, dy = -canvas->sine * x + canvas->cosine * y;
  float cx = (dx + 0.5f * canvas->field) / canvas->um,
        cy = (dy + 0.5f * canvas->field) / canvas->um;
  float r = radius / canvas->um + 1;
  if (cx + r < 0 || cy + r < 0 || cx - r > canvas->size || cy - r > canvas->size)
    return false;
  box[0] = MAX (0, (int)(cx - r)), box[1] = MAX (0, (int)(cy - r));
  box[2] = MIN (canvas->size - 1, (int)(cx + r)), box[3] = MIN (canvas->size - 1, (int)(cy + r));
  return true;
}

/* What is random about one nucleus beyond its description. */
typedef struct {
  float c, s;           /* direction of a */
  float p2, q2, p3, q3; /* harmonics of the outline */
  float tx, ty;         /* where in the noise its chromatin lies */
  unsigned nucleoli;
  float nx[2], ny[2], nr;
  float soft; /* edge width in micrometres, a pixel at least */
} Outline;

static Outline
draw_outline (TsrCanvas *canvas, const TsrNucleus *n)
{
  Outline o = {.c = cosf (n->angle), .s = sinf (n->angle)};
  o.p2 = tsr_draw (canvas, -0.5f, 0.5f) * n->irregular,
  o.q2 = tsr_draw (canvas, -0.5f, 0.5f) * n->irregular;
  o.p3 = tsr_draw (canvas, -0.5f, 0.5f) * n->irregular,
  o.q3 = tsr_draw (canvas, -0.5f, 0.5f) * n->irregular;
  o.tx = tsr_draw (canvas, 0, TABLE), o.ty = tsr_draw (canvas, 0, TABLE);
  o.nucleoli = n->nucleolus > 0 ? 1 + tsr_chance (canvas, 0.3f) : 0;
  for (unsigned i = 0; i < o.nucleoli; i++)
    o.nx[i] = tsr_draw (canvas, -0.45f, 0.45f), o.ny[i] = tsr_draw (canvas, -0.45f, 0.45f);
  o.nr = tsr_draw (canvas, 0.16f, 0.26f);
  o.soft = MAX (n->soft, canvas->um);
  return o;
}

/* Haematoxylin inside a nucleus at (u, v) in its own unit circle, d from the middle (1 at the
 * edge). */
static float
chromatin (const TsrNucleus *n, const Outline *o, float dx, float dy, float u, float v, float d)
{
  float grain = 1 / n->grain;
  float texture = tsr_noise (dx * grain + o->tx, dy * grain + o->ty) +
                  0.5f * tsr_noise (dx * 2.1f * grain + o->ty, dy * 2.1f * grain + o->tx);
  float h = n->h * (1 - n->rim * (1 - tsr_smooth (0.45f, 0.92f, d)) + n->clumps * texture);
  for (unsigned i = 0; i < o->nucleoli; i++) {
    float q = ((u - o->nx[i]) * (u - o->nx[i]) + (v - o->ny[i]) * (v - o->ny[i])) / (o->nr * o->nr);
    if (q < 1)
      h += n->nucleolus * (1 - q) * (1 - q);
  }
  return MAX (h, 0.05f);
}

/* How much of a pixel an ellipse covers where its own measure of radius is d: the distance to its
 * edge in micrometres is (1 - d) over the slope of d, which for an ellipse is |(u / a, v / b)| /
 * rho. */
static float
edge (float d, float u_a, float v_b, float rho, float soft)
{
  float slope = sqrtf (u_a * u_a + v_b * v_b) / rho + 1e-6f;
  return tsr_smooth (-0.7f, 0.7f, (1 - d) / (slope * soft));
}

void
tsr_draw_nucleus (TsrCanvas *canvas, const TsrNucleus *n)
{
  Outline o = draw_outline (canvas, n);
  int box[4];
  if (!touched (canvas, n->x, n->y, MAX (n->a, n->b) * (1 + n->irregular) + o.soft, box))
    return;
  for (int py = box[1]; py <= box[3]; py++)
    for (int px = box[0]; px <= box[2]; px++) {
      float x, y;
      tsr_canvas_place (canvas, px, py, &x, &y);
      float dx = x - n->x, dy = y - n->y;
      float u = (dx * o.c + dy * o.s) / n->a, v = (dy * o.c - dx * o.s) / n->b;
      float square = u * u + v * v;
      float rho = sqrtf (square) + 1e-6f, c1 = u / rho, s1 = v / rho;
      float c2 = c1 * c1 - s1 * s1, s2 = 2 * c1 * s1, c3 = c2 * c1 - s2 * s1,
            s3 = s2 * c1 + c2 * s1;
      float outline = 1 + o.p2 * c2 + o.q2 * s2 + o.p3 * c3 + o.q3 * s3;
      float d = rho / outline;
      if (n->blunt > 0) /* towards a superellipse of order 4 */
        d += n->blunt * (sqrtf (sqrtf (u * u * u * u + v * v * v * v)) - d);
      float cover = edge (d, u / n->a, v / n->b, rho, o.soft);
      if (cover <= 0)
        continue;
      size_t i = (size_t)py * canvas->size + px;
      canvas->h[i] += cover * (chromatin (n, &o, dx, dy, u, v, d) - 0.8f * canvas->h[i]);
      canvas->e[i] *= 1 - 0.6f * cover;
    }
}

void
tsr_draw_blob (TsrCanvas *canvas, const TsrBlob *b)
{
  float c = cosf (b->angle), s = sinf (b->angle), soft = MAX (b->soft, canvas->um);
  int box[4];
  if (!touched (canvas, b->x, b->y, MAX (b->a, b->b) + soft, box))
    return;
  for (int py = box[1]; py <= box[3]; py++)
    for (int px = box[0]; px <= box[2]; px++) {
      float x, y;
      tsr_canvas_place (canvas, px, py, &x, &y);
      float dx = x - b->x, dy = y - b->y, u = (dx * c + dy * s) / b->a,
            v = (dy * c - dx * s) / b->b;
      float d = sqrtf (u * u + v * v) + 1e-6f,
            cover = b->cover * edge (d, u / b->a, v / b->b, d, soft);
      if (cover <= 0)
        continue;
      float dye = 1 - b->hollow * (1 - tsr_smooth (0.2f, 0.95f, d));
      size_t i = (size_t)py * canvas->size + px;
      canvas->h[i] += cover * (b->h * dye - canvas->h[i]);
      canvas->e[i] += cover * (b->e * dye - canvas->e[i]);
    }
}

void
tsr_canvas_scatter (TsrCanvas *canvas, float spacing, float jitter, TsrCells *cells)
{
  float reach = canvas->reach + spacing, row_height = spacing * 0.866f;
  float turn = tsr_draw (canvas, 0, (float)M_PI), c = cosf (turn), s = sinf (turn);
  float offset_u = tsr_draw (canvas, 0, spacing);
  float offset_v = tsr_draw (canvas, -0.5f, 0.5f) * row_height;
  cells->n = 0;
  int rows = (int)(reach / row_height) + 1;
  for (int row = -rows; row <= rows; row++)
    for (int column = -rows; column <= rows && cells->n < G_N_ELEMENTS (cells->x); column++) {
      float u = (column + 0.5f * (row & 1)) * spacing + offset_u +
                tsr_draw (canvas, -jitter, jitter) * spacing;
      float v = row * row_height + offset_v + tsr_draw (canvas, -jitter, jitter) * spacing;
      float x = c * u - s * v, y = s * u + c * v;
      if (x * x + y * y <= reach * reach)
        cells->x[cells->n] = x, cells->y[cells->n++] = y;
    }
}

void
tsr_cells_near (const TsrCells *cells, float x, float y, float radius, TsrCells *near)
{
  near->n = 0;
  for (unsigned i = 0; i < cells->n; i++) {
    float dx = cells->x[i] - x, dy = cells->y[i] - y;
    if (dx * dx + dy * dy <= radius * radius)
      near->x[near->n] = cells->x[i], near->y[near->n++] = cells->y[i];
  }
}

unsigned
tsr_cells_nearest (const TsrCells *cells, float x, float y, float rounding, float *distance,
                   float *border)
{
  float best[3] = {1e9f, 1e9f, 1e9f};
  unsigned nearest = 0;
  for (unsigned i = 0; i < cells->n; i++) {
    float dx = x - cells->x[i], dy = y - cells->y[i], d = dx * dx + dy * dy;
    if (d >= best[2])
      continue;
    if (d < best[0])
      best[2] = best[1], best[1] = best[0], best[0] = d, nearest = i;
    else if (d < best[1])
      best[2] = best[1], best[1] = d;
    else
      best[2] = d;
  }
  float d1 = sqrtf (best[0]), d2 = sqrtf (best[1]), d3 = sqrtf (best[2]);
  float near_corner = rounding > 0 ? MAX (0, 1 - (d3 - d2) / (2 * rounding)) : 0;
  *distance = d1;
  *border = 0.5f * (d2 - d1) - 0.5f * rounding * near_corner * near_corner;
  return nearest;
}
