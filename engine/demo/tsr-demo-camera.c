/* From dye to picture: Beer and Lambert's law with this tile's stain, then lens, sensor and JPEG.
 */

#include "tsr-demo-canvas.h"

#include <math.h>
#include <string.h>

/* Optical density for one unit of dye in red, green and blue (Macenko et al. 2009), scaled to a
 * usual slide. */
static const float haematoxylin[3] = {0.70f, 0.90f, 0.46f}, eosin[3] = {0.19f, 0.72f, 0.46f};

typedef struct {
  float dye[2][3]; /* optical density of one unit of each dye */
  float light[3];  /* the empty slide */
  float tilt_x, tilt_y;
} Stain;

static Stain
draw_stain (TsrCanvas *canvas)
{
  Stain stain;
  float h = expf (0.26f * (float)tsr_random_normal (&canvas->random));
  float e = expf (0.3f * (float)tsr_random_normal (&canvas->random));
  float faded = tsr_draw (canvas, -0.14f, 0.14f), bluish = tsr_draw (canvas, -0.16f, 0.2f),
        orange = tsr_draw (canvas, -0.15f, 0.2f);
  for (int c = 0; c < 3; c++) {
    stain.dye[0][c] = haematoxylin[c] * CLAMP (h, 0.5f, 1.9f);
    stain.dye[1][c] = eosin[c] * CLAMP (e, 0.5f, 1.75f);
  }
  stain.dye[0][0] *= 1 + bluish; /* more red absorbed: bluer nuclei; less: purple ones */
  stain.dye[0][2] *= 1 - bluish;
  stain.dye[1][0] *= 1 - 1.5f * orange;
  stain.dye[1][2] *= 1 + orange;
  float white = tsr_draw (canvas, 0.87f, 0.985f);
  stain.light[0] = white * (1 + 0.02f * faded);
  stain.light[1] = white * tsr_draw (canvas, 0.97f, 1.0f);
  stain.light[2] = white * (1 - 0.15f * MAX (faded, 0)) * tsr_draw (canvas, 0.975f, 1.0f);
  stain.tilt_x = tsr_draw (canvas, -0.035f, 0.035f),
  stain.tilt_y = tsr_draw (canvas, -0.035f, 0.035f);
  return stain;
}

static void
expose (const TsrCanvas *canvas, const Stain *stain, float *rgb)
{
  int size = canvas->size;
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++) {
      size_t i = (size_t)y * size + x;
      float even = 1 + stain->tilt_x * (2.f * x / size - 1) + stain->tilt_y * (2.f * y / size - 1);
      for (int c = 0; c < 3; c++)
        rgb[3 * i + c] = even * stain->light[c] *
                         expf (-canvas->h[i] * stain->dye[0][c] - canvas->e[i] * stain->dye[1][c]);
    }
}

/* One direction of a Gaussian; step is the distance between neighbours in floats. Edges repeat. */
static void
blur_lines (const float *from, float *to, int size, size_t line, size_t step, const float *weight,
            int radius)
{
  for (int l = 0; l < size; l++)
    for (int i = 0; i < size; i++) {
      float sum[3] = {0};
      for (int k = -radius; k <= radius; k++) {
        const float *p = from + l * line + (size_t)CLAMP (i + k, 0, size - 1) * step;
        float w = weight[k < 0 ? -k : k];
        sum[0] += w * p[0], sum[1] += w * p[1], sum[2] += w * p[2];
      }
      memcpy (to + l * line + i * step, sum, sizeof sum);
    }
}

static void
blur (float *rgb, float *spare, int size, float sigma)
{
  float weight[16], sum = 0;
  int radius = CLAMP ((int)ceilf (2.5f * sigma), 1, 15);
  for (int k = 0; k <= radius; k++) {
    weight[k] = expf (-0.5f * k * k / (sigma * sigma));
    sum += k ? 2 * weight[k] : weight[k];
  }
  for (int k = 0; k <= radius; k++)
    weight[k] /= sum;
  blur_lines (rgb, spare, size, 3 * (size_t)size, 3, weight, radius);
  blur_lines (spare, rgb, size, 3, 3 * (size_t)size, weight, radius);
}

/* Most slides are in focus, a few are clearly not. Sigma in micrometres, so that it looks alike at
 * every size. */
static float
draw_focus (TsrCanvas *canvas)
{
  float sigma =
      tsr_chance (canvas, 0.12f) ? tsr_draw (canvas, 0.9f, 1.7f) : tsr_draw (canvas, 0.35f, 0.75f);
  return MAX (sigma / canvas->um, 0.35f);
}

/* Three noise values a draw: the bits of Philox are cheaper than normal numbers, and their sum is
 * round enough. */
static void
develop (TsrCanvas *canvas, const float *rgb, float grain, TsrImage *tile)
{
  size_t n = (size_t)canvas->size * canvas->size;
  for (size_t i = 0; i < n; i++) {
    uint32_t bits = tsr_random_u32 (&canvas->random);
    float shared = (float)(bits & 255) + (float)(bits >> 8 & 255) - 255;
    for (int c = 0; c < 3; c++) {
      float own = (float)(bits >> (8 + 6 * c) & 63) - 31.5f;
      float value = 255 * rgb[3 * i + c] + grain * (shared * 0.006f + own * 0.012f);
      tile->pixels[3 * i + c] = (uint8_t)(CLAMP (value, 0.f, 255.f) + 0.5f);
    }
  }
}

/* Scanners write JPEG; its blocks are part of what a tile looks like. */
static void
compress (TsrCanvas *canvas, TsrImage *tile)
{
  int quality = (int)tsr_draw (canvas, 78, 96);
  g_autoptr (GBytes) jpeg = tsr_image_to_jpeg (tile, quality);
  TsrImage decoded;
  gsize n = 0;
  const uint8_t *bytes = jpeg ? g_bytes_get_data (jpeg, &n) : NULL;
  if (bytes && tsr_image_load_bytes (bytes, n, "tile", 0, 3, &decoded, NULL)) {
    tsr_image_clear (tile);
    *tile = decoded;
  }
}

void
tsr_photograph (TsrCanvas *canvas, TsrImage *tile)
{
  int size = canvas->size;
  size_t n = (size_t)size * size;
  float *rgb = g_new (float, 3 * n), *spare = g_new (float, 3 * n);
  Stain stain = draw_stain (canvas);
  expose (canvas, &stain, rgb);
  blur (rgb, spare, size, draw_focus (canvas));
  *tile = (TsrImage){.width = size, .height = size, .channels = 3, .pixels = g_malloc (3 * n)};
  develop (canvas, rgb, tsr_draw (canvas, 0.8f, 2.6f), tile);
  compress (canvas, tile);
  g_free (rgb);
  g_free (spare);
}
