#include "tessera-map-raster-private.h"

#include "tessera-map-blend.h"
#include "tessera-map-strips.h"

#include <math.h>
#include <string.h>

#define OPAQUE   0xff000000u
#define CONTRAST 3.05 /* WCAG 2.1, 1.4.11, and what rounding takes */
#define RINGED_SELECTION                                                                           \
  200 /* more selected points than this wear no rings: they would hide each other */

static double
smoothstep (double from, double to, double v)
{
  double t = CLAMP ((v - from) / (to - from), 0, 1);
  return t * t * (3 - 2 * t);
}

static guint32
neutral_color (const TesseraMapScene *scene, TesseraMapLook look)
{
  if (look == TESSERA_MAP_LOOK_UNSURE)
    return scene->dark ? 0xb4b4b8 : 0x6a6a6f;
  if (look == TESSERA_MAP_LOOK_FAINT)
    return scene->dark ? 0x77777c : 0xa9a9ae;
  return scene->dark ? 0x98989e : 0x727278;
}

static guint32
class_color (const TesseraMapScene *scene, guint class_index)
{
  return tsr_marker_tone (scene->classes[class_index].rgb, scene->dark);
}

guint32
tessera_map_raster_color (const TesseraMapScene *scene, TesseraMapPoint point)
{
  TesseraMapLook look = tessera_map_look (point, scene->classes, scene->n_classes);
  if (look == TESSERA_MAP_LOOK_VALUE)
    return tsr_marker_ramp (point.value);
  if (look == TESSERA_MAP_LOOK_LABELLED || look == TESSERA_MAP_LOOK_PREDICTED)
    return class_color (scene, point.class_index);
  return neutral_color (scene, look);
}

static double
channel (double value)
{
  double c = value / 255;
  return c <= 0.03928 ? c / 12.92 : pow ((c + 0.055) / 1.055, 2.4);
}

/* Relative luminance (WCAG 2.1) of a colour over the ground, alpha of 256. */
static double
luminance_over (guint32 rgb, guint32 ground, guint alpha)
{
  static const double weight[3] = {0.0722, 0.7152, 0.2126};
  double sum = 0;
  for (int k = 0; k < 3; k++) {
    guint above = rgb >> (8 * k) & 255, below = ground >> (8 * k) & 255;
    sum += weight[k] * channel ((above * alpha + below * (256.0 - alpha)) / 256);
  }
  return sum;
}

/* The least alpha, of 256, at which a colour stands out from the ground by CONTRAST. */
static guint16
least_alpha (guint32 rgb, guint32 ground)
{
  double below = luminance_over (rgb, ground, 0);
  guint low = 0, high = 256;
  while (low < high) {
    guint middle = (low + high) / 2;
    double there = luminance_over (rgb, ground, middle);
    if ((MAX (there, below) + 0.05) / (MIN (there, below) + 0.05) < CONTRAST)
      low = middle + 1;
    else
      high = middle;
  }
  return (guint16)MIN (low, 256);
}

static void
prepare_looks (TesseraMapRaster *raster)
{
  const TesseraMapScene *scene = raster->scene;
  TesseraMapClass kinds[3] = {{0}, {.hidden = FALSE}, {.hidden = TRUE}};
  for (guint state = 0; state < 3; state++)
    for (guint flags = 0; flags < TESSERA_MAP_N_FLAGS; flags++) {
      TesseraMapPoint p = {.class_index = state ? 0 : TESSERA_MAP_NO_CLASS, .flags = flags};
      raster->look[state][flags] = tessera_map_look (p, kinds + state, 1);
    }
  for (guint c = 0; c < scene->n_classes; c++) {
    raster->class_state[c] = scene->classes[c].hidden ? 2 : 1;
    raster->color[c] = OPAQUE | class_color (scene, c);
    raster->least_alpha[c] = least_alpha (raster->color[c], scene->ground);
    gint32 shape = scene->classes[c].shape;
    raster->shape[c] = shape >= 0 && shape < TSR_MARKER_N_SHAPES ? shape : TSR_MARKER_CIRCLE;
  }
  const guint32 *counts = tessera_map_cloud_counts (scene->cloud);
  for (guint c = 0; c < 256; c++)
    for (guint flags = 0; flags < TESSERA_MAP_N_FLAGS; flags++)
      if (counts[c * TESSERA_MAP_N_FLAGS + flags])
        raster->looks[raster->look[raster->class_state[c]][flags]] = true;
  raster->plain = OPAQUE | neutral_color (scene, TESSERA_MAP_LOOK_PLAIN);
  raster->faint = OPAQUE | neutral_color (scene, TESSERA_MAP_LOOK_FAINT);
  raster->unsure = OPAQUE | neutral_color (scene, TESSERA_MAP_LOOK_UNSURE);
  raster->paper = OPAQUE | scene->ground;
  raster->light_line = OPAQUE | 0xf6f6f6;
  raster->dark_line = OPAQUE | 0x202024;
  raster->line = scene->dark ? raster->light_line : raster->dark_line;
  for (guint i = 0; i < 256; i++)
    raster->ramp[i] = OPAQUE | tsr_marker_ramp (i);
}

static void
prepare_sprites (TesseraMapRaster *raster)
{
  double ratio = raster->scene->pixel_ratio, r = raster->sizes.point, logical = r / ratio;
  double edge = MAX (0.9 * ratio, 0.34 * r), line = CLAMP (0.28 * logical, 0.8, 1.3) * ratio;
  double moat = CLAMP (0.3 * raster->sizes.labelled / ratio, 0.4, 2.2) * ratio;
  bool markers = !raster->sizes.density;
  if (markers) {
    raster->dot = tessera_map_sprite_new (TSR_MARKER_CIRCLE, MAX (0.85 * r, 1), 0, 0);
    raster->faint_dot = tessera_map_sprite_new (TSR_MARKER_CIRCLE, MAX (0.7 * r, 0.9), 0, 0);
    raster->unsure_ring =
        tessera_map_sprite_new (TSR_MARKER_CIRCLE, r, MAX (0.9 * ratio, 0.25 * r), 0);
    raster->value_dot = tessera_map_sprite_new (TSR_MARKER_CIRCLE, r, 0, 0);
  }
  if (raster->selected && raster->scene->n_selected <= RINGED_SELECTION)
    raster->halo = tessera_map_sprite_new (TSR_MARKER_CIRCLE, MAX (r, 1.5 * ratio) + 2.6 * ratio,
                                           1.4 * ratio, 0);
  for (guint c = 0; c < raster->scene->n_classes; c++) {
    guint shape = raster->shape[c];
    if (markers && raster->looks[TESSERA_MAP_LOOK_PREDICTED] && !raster->predicted[shape])
      raster->predicted[shape] = tessera_map_sprite_new (shape, r, edge, 0);
    if (raster->looks[TESSERA_MAP_LOOK_LABELLED] && !raster->labelled[shape]) {
      raster->labelled[shape] = tessera_map_sprite_new (shape, raster->sizes.labelled, line, 0.7);
      raster->moat[shape] = tessera_map_sprite_new (shape, raster->sizes.labelled, moat, 1);
    }
  }
  /* Small markers have no room for a ring: there, the fill carries the margin. */
  double ringed = smoothstep (1.8, 3.6, logical);
  for (guint m = 0; m < 256; m++) {
    double sure = m / 255.0, small = 0.32 + 0.6 * sure;
    double fill = small + (0.08 + 0.3 * sure - small) * ringed,
           ring = small + (0.3 + 0.7 * sure - small) * ringed;
    raster->fill_alpha[m] = (guint16)lrint (256 * fill);
    raster->ring_alpha[m] = (guint16)lrint (256 * ring);
  }
}

static void
free_sprites (TesseraMapRaster *raster)
{
  tessera_map_sprite_free (raster->dot);
  tessera_map_sprite_free (raster->faint_dot);
  tessera_map_sprite_free (raster->unsure_ring);
  tessera_map_sprite_free (raster->value_dot);
  tessera_map_sprite_free (raster->halo);
  for (guint s = 0; s < TSR_MARKER_N_SHAPES; s++) {
    tessera_map_sprite_free (raster->predicted[s]);
    tessera_map_sprite_free (raster->labelled[s]);
    tessera_map_sprite_free (raster->moat[s]);
  }
}

static inline void
draw_point (const TesseraMapRaster *raster, const TesseraMapStrip *strip, TesseraMapLook look,
            TesseraMapPoint p, double x, double y)
{
  guint shape = raster->shape[p.class_index];
  guint32 color = raster->color[p.class_index];
  switch (look) {
  case TESSERA_MAP_LOOK_FAINT:
    tessera_map_blend_sprite (strip, raster->faint_dot, x, y, raster->faint, 56, 56);
    break;
  case TESSERA_MAP_LOOK_PLAIN:
    tessera_map_blend_sprite (strip, raster->dot, x, y, raster->plain, 200, 200);
    break;
  case TESSERA_MAP_LOOK_UNSURE:
    tessera_map_blend_sprite (strip, raster->unsure_ring, x, y, raster->unsure, 20, 220);
    break;
  case TESSERA_MAP_LOOK_PREDICTED:
    tessera_map_blend_sprite (
        strip, raster->predicted[shape], x, y, color, raster->fill_alpha[p.margin],
        MAX (raster->ring_alpha[p.margin], raster->least_alpha[p.class_index]));
    break;
  case TESSERA_MAP_LOOK_VALUE:
    tessera_map_blend_sprite (strip, raster->value_dot, x, y, raster->ramp[p.value], 220, 220);
    break;
  case TESSERA_MAP_LOOK_LABELLED:
    tessera_map_blend_sprite (strip, raster->moat[shape], x, y, raster->paper, 210, 210);
    tessera_map_blend_sprite (strip, raster->labelled[shape], x, y, raster->line, 0, 256);
    tessera_map_blend_sprite (strip, raster->labelled[shape], x, y, color, 256, 0);
    break;
  default:
    break;
  }
}

/* How far, in pixels, the largest marker of a look reaches from its point. */
static double
reach (const TesseraMapRaster *raster)
{
  return 1.5 * MAX (raster->sizes.labelled, raster->sizes.point) + 8 * raster->scene->pixel_ratio;
}

/* Draws all points of one look, or (N_LOOKS) the selection's rings, that touch the strip. */
static void
draw_look (const TesseraMapRaster *raster, const TesseraMapStrip *strip, TesseraMapLook look)
{
  const TesseraMapFrame *frame = raster->frame;
  const TesseraMapGrid *grid = raster->grid;
  double r = reach (raster) / frame->scale;
  guint32 c0, r0, c1, r1;
  tessera_map_grid_cells (grid, frame->x - r, frame->y + strip->y0 / frame->scale - r,
                          frame->x + frame->width / frame->scale + r,
                          frame->y + strip->y1 / frame->scale + r, &c0, &r0, &c1, &r1);
  for (guint32 row = r0; row <= r1; row++) {
    const guint32 *start = grid->start + (gsize)row * grid->columns;
    for (gsize k = start[c0]; k < start[c1 + 1]; k++) {
      TesseraMapPoint p = raster->points[k];
      bool rings = look == TESSERA_MAP_N_LOOKS;
      if ((!rings && tessera_map_raster_look (raster, p) != look) ||
          !tessera_map_raster_wants (raster, k))
        continue;
      double x = (grid->sorted[2 * k] - frame->x) * frame->scale,
             y = (grid->sorted[2 * k + 1] - frame->y) * frame->scale;
      if (rings)
        tessera_map_blend_sprite (strip, raster->halo, x, y, raster->line, 0, 235);
      else
        draw_point (raster, strip, look, p, x, y);
    }
  }
}

static void
paint_strip (guint i, gpointer data)
{
  const TesseraMapRaster *raster = data;
  guint y0 = i * TESSERA_MAP_STRIP_ROWS,
        y1 = MIN (raster->frame->height, y0 + TESSERA_MAP_STRIP_ROWS);
  TesseraMapStrip strip = {raster->pixels, raster->stride, (int)raster->frame->width, (int)y0,
                           (int)y1};
  if (raster->sizes.density)
    tessera_map_density_strip (raster, y0, y1);
  if (raster->halo)
    draw_look (raster, &strip, TESSERA_MAP_N_LOOKS);
  for (int look = 0; look < TESSERA_MAP_N_LOOKS; look++)
    if (raster->looks[look] && (look == TESSERA_MAP_LOOK_LABELLED || !raster->sizes.density))
      draw_look (raster, &strip, look);
}

static void
paint (TesseraMapScene *scene, const TesseraMapFrame *frame, guint32 *pixels, gsize stride,
       bool only_selected)
{
  TesseraMapRaster raster = {.scene = scene, .frame = frame, .pixels = pixels, .stride = stride};
  raster.grid = tessera_map_index_grid (tessera_map_cloud_index (scene->cloud));
  raster.points = tessera_map_cloud_points (scene->cloud);
  if (raster.grid->n_present == 0 || frame->width == 0 || frame->height == 0 || !(frame->scale > 0))
    return;
  if (only_selected) {
    if (!scene->selected)
      return;
    raster.selected = g_bytes_get_data (scene->selected, &raster.n_selected);
  }
  raster.sizes =
      tessera_map_sizes (raster.grid, scene->n_labelled, frame->scale, scene->pixel_ratio);
  prepare_looks (&raster);
  prepare_sprites (&raster);
  bool contours = scene->contours && !only_selected;
  if (contours && !raster.sizes.density)
    tessera_map_contours_paint (&raster);
  tessera_map_strips_run ((frame->height + TESSERA_MAP_STRIP_ROWS - 1) / TESSERA_MAP_STRIP_ROWS,
                          paint_strip, &raster);
  if (contours && raster.sizes.density) /* shading would cover them */
    tessera_map_contours_paint (&raster);
  free_sprites (&raster);
}

void
tessera_map_raster_paint (TesseraMapScene *scene, const TesseraMapFrame *frame, guint32 *pixels,
                          gsize stride)
{
  paint (scene, frame, pixels, stride, false);
}

void
tessera_map_raster_paint_selected (TesseraMapScene *scene, const TesseraMapFrame *frame,
                                   guint32 *pixels, gsize stride)
{
  paint (scene, frame, pixels, stride, true);
}
