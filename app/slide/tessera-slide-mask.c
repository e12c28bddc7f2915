/* The tissue mask over a slide: a soft shade where there is none, and an outline by marching
 * squares (Lorensen and Cline, 1987, in two dimensions) between the middles of the mask's pixels.
 */

#include "tessera-slide-scene-private.h"

#include <math.h>
#include <string.h>

#define DIM        0.24 /* how dark the shade is */
#define OUTLINE    1.2  /* logical pixels */
#define FINE       1.5  /* mask pixels of fewer picture pixels are outlined pixel by pixel */
#define MOST_IMAGE 32000

struct TesseraSlideMask {
  gatomicrefcount refs;
  int width, height;
  cairo_surface_t *shade; /* A8: 255 where there is no tissue */
  const guint8 *pixels;
  gsize stride;
};

TesseraSlideMask *
tessera_slide_mask_new (const TsrTissueMask *mask)
{
  if (!mask || !mask->classes || mask->width < 1 || mask->height < 1 ||
      MAX (mask->width, mask->height) > MOST_IMAGE)
    return NULL;
  TesseraSlideMask *self = g_new0 (TesseraSlideMask, 1);
  g_atomic_ref_count_init (&self->refs);
  self->width = mask->width, self->height = mask->height;
  self->shade = cairo_image_surface_create (CAIRO_FORMAT_A8, mask->width, mask->height);
  guint8 *pixels = cairo_image_surface_get_data (self->shade);
  if (!pixels) {
    tessera_slide_mask_unref (self);
    return NULL;
  }
  self->stride = (gsize)cairo_image_surface_get_stride (self->shade);
  for (int y = 0; y < mask->height; y++)
    for (int x = 0; x < mask->width; x++)
      pixels[y * self->stride + (gsize)x] =
          mask->classes[(gsize)y * (gsize)mask->width + (gsize)x] == TSR_MASK_TISSUE ? 0 : 255;
  cairo_surface_mark_dirty (self->shade);
  self->pixels = pixels;
  return self;
}

TesseraSlideMask *
tessera_slide_mask_ref (TesseraSlideMask *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
tessera_slide_mask_unref (TesseraSlideMask *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->refs))
    return;
  cairo_surface_destroy (self->shade);
  g_free (self);
}

/* Picture's pixels a pixel of the mask, and where its corner is. */
typedef struct {
  double x, y, across, down;
} Place;

static Place
place_of (const TesseraSlideScene *scene, const TesseraSlideFrame *frame)
{
  return (Place){-frame->x * frame->scale, -frame->y * frame->scale,
                 scene->width * frame->scale / scene->mask->width,
                 scene->height * frame->scale / scene->mask->height};
}

/* A context that draws on the slide only: beside it there is nothing to dim. */
static cairo_t *
begin (const TesseraSlideScene *scene, const TesseraSlideFrame *frame,
       const TesseraSlideSheet *sheet)
{
  cairo_surface_mark_dirty (sheet->surface);
  cairo_t *cr = cairo_create (sheet->surface);
  cairo_rectangle (cr, -frame->x * frame->scale, -frame->y * frame->scale,
                   scene->width * frame->scale, scene->height * frame->scale);
  cairo_clip (cr);
  return cr;
}

static void
end (cairo_t *cr, const TesseraSlideSheet *sheet)
{
  cairo_destroy (cr);
  cairo_surface_flush (sheet->surface);
}

void
tessera_slide_mask_dim (const TesseraSlideScene *scene, const TesseraSlideFrame *frame,
                        const TesseraSlideSheet *sheet)
{
  Place place = place_of (scene, frame);
  /* A surface of its own: its reference count is not the threads' to share. */
  const TesseraSlideMask *mask = scene->mask;
  cairo_surface_t *shade = cairo_image_surface_create_for_data (
      (guint8 *)mask->pixels, CAIRO_FORMAT_A8, mask->width, mask->height, (int)mask->stride);
  cairo_pattern_t *pattern = cairo_pattern_create_for_surface (shade);
  cairo_matrix_t matrix;
  cairo_matrix_init_scale (&matrix, 1 / place.across, 1 / place.down);
  cairo_matrix_translate (&matrix, -place.x, -place.y);
  cairo_pattern_set_matrix (pattern, &matrix);
  cairo_pattern_set_filter (pattern, CAIRO_FILTER_BILINEAR);
  cairo_pattern_set_extend (pattern, CAIRO_EXTEND_PAD);
  cairo_t *cr = begin (scene, frame, sheet);
  cairo_set_source_rgba (cr, 0.08, 0.09, 0.11, DIM);
  cairo_mask (cr, pattern);
  end (cr, sheet);
  cairo_pattern_destroy (pattern);
  cairo_surface_destroy (shade);
}

/* ---- the outline ---- */

/* Beyond the slide there is no tissue. */
static bool
is_tissue (const TesseraSlideMask *mask, int x, int y)
{
  return x >= 0 && y >= 0 && x < mask->width && y < mask->height &&
         mask->pixels[(gsize)y * mask->stride + (gsize)x] == 0;
}

/* Bits of a cell's corners, its upper left at pixel (x, y), the others `step` further. */
static unsigned
corners (const TesseraSlideMask *mask, int x, int y, int step)
{
  return (unsigned)is_tissue (mask, x, y) | (unsigned)is_tissue (mask, x + step, y) << 1 |
         (unsigned)is_tissue (mask, x + step, y + step) << 2 |
         (unsigned)is_tissue (mask, x, y + step) << 3;
}

/* The cells that are in the picture: their upper left pixels, from -1 on. */
static TesseraSlideBox
cells_in (const TesseraSlideScene *scene, const TesseraSlideFrame *frame)
{
  Place place = place_of (scene, frame);
  const TesseraSlideMask *mask = scene->mask;
  return (TesseraSlideBox){
      (int)CLAMP (floor (-place.x / place.across) - 2, -1, mask->width),
      (int)CLAMP (floor (-place.y / place.down) - 2, -1, mask->height),
      (int)CLAMP (ceil ((frame->width - place.x) / place.across) + 2, -1, mask->width),
      (int)CLAMP (ceil ((frame->height - place.y) / place.down) + 2, -1, mask->height)};
}

/* Far out: a dot for every cell that is neither inside nor outside. */
static void
dot_outline (const TesseraSlideScene *scene, const TesseraSlideFrame *frame,
             const TesseraSlideSheet *sheet)
{
  Place place = place_of (scene, frame);
  TesseraSlideBox cells = cells_in (scene, frame);
  int step = MAX ((int)floor (1 / MIN (place.across, place.down)), 1),
      size = MAX ((int)lround (OUTLINE * scene->pixel_ratio), 1);
  guint32 pixel = tessera_slide_premultiplied (scene->outline, 1);
  /* Whole steps from the corner on, or the dots would swim with the picture. */
  cells.x0 = (int)floor ((cells.x0 + 1.0) / step) * step - 1;
  cells.y0 = (int)floor ((cells.y0 + 1.0) / step) * step - 1;
  for (int y = cells.y0; y < cells.y1; y += step)
    for (int x = cells.x0; x < cells.x1; x += step) {
      unsigned c = corners (scene->mask, x, y, step);
      if (c == 0 || c == 15)
        continue;
      double mid = 0.5 + step / 2.0;
      int px = (int)floor (place.x + (x + mid) * place.across - size / 2.0 + 0.5),
          py = (int)floor (place.y + (y + mid) * place.down - size / 2.0 + 0.5);
      int w = MAX (size, (int)ceil (step * place.across)),
          h = MAX (size, (int)ceil (step * place.down));
      tessera_slide_fill (sheet, (TesseraSlideBox){px, py, px + w, py + h}, pixel);
    }
}

/* The line through a cell whose corners are so: from the middle of one edge to that of another.
 * Edges: 0 above, 1 right, 2 below, 3 left. Of the two ambiguous cases each has two lines. */
static const gint8 lines[16][4] = {
    {-1, -1, -1, -1}, {3, 0, -1, -1}, {0, 1, -1, -1}, {3, 1, -1, -1},
    {1, 2, -1, -1},   {3, 0, 1, 2},   {0, 2, -1, -1}, {3, 2, -1, -1},
    {2, 3, -1, -1},   {2, 0, -1, -1}, {0, 1, 2, 3},   {2, 1, -1, -1},
    {1, 3, -1, -1},   {1, 0, -1, -1}, {0, 3, -1, -1}, {-1, -1, -1, -1}};

static void
line_outline (const TesseraSlideScene *scene, const TesseraSlideFrame *frame,
              const TesseraSlideSheet *sheet)
{
  static const double at[4][2] = {{0.5, 0}, {1, 0.5}, {0.5, 1}, {0, 0.5}};
  Place place = place_of (scene, frame);
  TesseraSlideBox cells = cells_in (scene, frame);
  cairo_t *cr = begin (scene, frame, sheet);
  cairo_set_source_rgb (cr, ((scene->outline >> 16) & 255) / 255.0,
                        ((scene->outline >> 8) & 255) / 255.0, (scene->outline & 255) / 255.0);
  cairo_set_line_width (cr, OUTLINE * scene->pixel_ratio);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (int y = cells.y0; y < cells.y1; y++)
    for (int x = cells.x0; x < cells.x1; x++) {
      const gint8 *line = lines[corners (scene->mask, x, y, 1)];
      for (int k = 0; k < 4 && line[k] >= 0; k++) {
        double px = place.x + (x + 0.5 + at[line[k]][0]) * place.across,
               py = place.y + (y + 0.5 + at[line[k]][1]) * place.down;
        if (k % 2 == 0)
          cairo_move_to (cr, px, py);
        else
          cairo_line_to (cr, px, py);
      }
    }
  cairo_stroke (cr);
  end (cr, sheet);
}

void
tessera_slide_mask_outline (const TesseraSlideScene *scene, const TesseraSlideFrame *frame,
                            const TesseraSlideSheet *sheet)
{
  Place place = place_of (scene, frame);
  if (MIN (place.across, place.down) < FINE)
    dot_outline (scene, frame, sheet);
  else
    line_outline (scene, frame, sheet);
}
