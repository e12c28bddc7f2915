#include "tessera-slide-scene.h"

#include "tessera-slide-scene-private.h"
#include "tessera-map-scene.h"
#include "tsr-marker.h"

#include <math.h>
#include <string.h>

#define OUTLINED      7.0  /* logical pixels: smaller tiles without colour are not outlined */
#define BORDERED      5.0  /* smaller labelled tiles are opaque instead of bordered */
#define THICK         10.0 /* from here on the border is thicker */
#define MARKED        32.0 /* from here on a tile wears its class's shape */
#define FEW           200  /* so many selected tiles are shown even where they are tiny */
#define LEAST_RING    5.0  /* logical pixels: half the side of such a tile's ring */
#define GRID_RGB      0x30343c
#define GRID_OPACITY  0.34
#define UNSURE_RGB    0x5e6068
#define LINE_RGB      0x202024
#define STAMPS_A_LOOK 2 /* predicted, labelled */

/* ---- scenes ---- */

TesseraSlideScene *
tessera_slide_scene_new (void)
{
  return g_new0 (TesseraSlideScene, 1);
}

void
tessera_slide_scene_free (TesseraSlideScene *scene)
{
  if (!scene)
    return;
  tessera_slide_index_unref (scene->index);
  tessera_slide_mask_unref (scene->mask);
  g_clear_pointer (&scene->points, g_bytes_unref);
  g_clear_pointer (&scene->selected, g_bytes_unref);
  g_free (scene->classes);
  g_free (scene);
}

static TesseraMapPoint
point_of (const TesseraSlideScene *scene, guint place)
{
  return tessera_map_point_of (scene->points, tessera_slide_index_tiles (scene->index)[place].id);
}

static TesseraMapLook
look_of (const TesseraSlideScene *scene, TesseraMapPoint point)
{
  return tessera_map_look (point, scene->classes, scene->n_classes);
}

/* A slide is bright whatever the window's style is, so that colours do not follow it. */
static bool
color_of (const TesseraSlideScene *scene, TesseraMapPoint point, guint32 *rgb)
{
  TesseraMapLook look = look_of (scene, point);
  bool classed = look == TESSERA_MAP_LOOK_LABELLED || look == TESSERA_MAP_LOOK_PREDICTED;
  if (look == TESSERA_MAP_LOOK_VALUE)
    *rgb = tsr_marker_ramp (point.value);
  else if (classed && scene->heatmap)
    *rgb = tsr_marker_ramp (point.margin);
  else if (classed)
    *rgb = tsr_marker_tone (scene->classes[point.class_index].rgb, false);
  else
    return false;
  return true;
}

/* ---- rectangles of pixels ---- */

/* How opaque a fill's pixel of the picture is, 0..255. */
static guint
fill_alpha (double opacity)
{
  return (guint)lround (255 * CLAMP (opacity, 0, 1));
}

guint32
tessera_slide_premultiplied (guint32 rgb, double opacity)
{
  guint alpha = fill_alpha (opacity), pixel = alpha << 24;
  for (int shift = 0; shift <= 16; shift += 8)
    pixel |= (((rgb >> shift) & 255) * alpha + 127) / 255 << shift;
  return pixel;
}

void
tessera_slide_fill (const TesseraSlideSheet *sheet, TesseraSlideBox box, guint32 pixel)
{
  box.x0 = MAX (box.x0, 0), box.y0 = MAX (box.y0, 0);
  box.x1 = MIN (box.x1, sheet->width), box.y1 = MIN (box.y1, sheet->height);
  for (int y = box.y0; y < box.y1; y++)
    for (int x = box.x0; x < box.x1; x++)
      sheet->pixels[(gsize)y * sheet->stride + x] = pixel;
}

/* A frame of `thickness` pixels along the inside of the box. */
static void
frame_box (const TesseraSlideSheet *sheet, TesseraSlideBox box, int thickness, guint32 pixel)
{
  int t = MIN (thickness, MIN (box.x1 - box.x0, box.y1 - box.y0) / 2);
  tessera_slide_fill (sheet, (TesseraSlideBox){box.x0, box.y0, box.x1, box.y0 + t}, pixel);
  tessera_slide_fill (sheet, (TesseraSlideBox){box.x0, box.y1 - t, box.x1, box.y1}, pixel);
  tessera_slide_fill (sheet, (TesseraSlideBox){box.x0, box.y0 + t, box.x0 + t, box.y1 - t}, pixel);
  tessera_slide_fill (sheet, (TesseraSlideBox){box.x1 - t, box.y0 + t, box.x1, box.y1 - t}, pixel);
}

static TesseraSlideBox
grown (TesseraSlideBox box, int by)
{
  return (TesseraSlideBox){box.x0 - by, box.y0 - by, box.x1 + by, box.y1 + by};
}

/* ---- tiles ---- */

typedef struct {
  const TesseraSlideScene *scene;
  const TesseraSlideFrame *frame;
  const TesseraSlideSheet *sheet;
  double side;         /* logical pixels of a usual tile */
  int line;            /* pixels of a thin line */
  bool last;           /* labelled tiles, over the others */
  const guint8 *rings; /* selected, by place */
  guint32 grid, unsure, dark;
  cairo_surface_t *stamps[TESSERA_MAP_NO_CLASS * STAMPS_A_LOOK];
  cairo_t *cr;
} Painter;

static int
edge (double at, double from, double scale)
{
  return (int)floor ((at - from) * scale + 0.5);
}

/* Where one tile ends the next begins, to the pixel: both come from the same numbers. The smallest
 * has one pixel. */
static TesseraSlideBox
box_of (const Painter *p, guint place)
{
  const TesseraSlideTile *tile = &tessera_slide_index_tiles (p->scene->index)[place];
  const TesseraSlideFrame *frame = p->frame;
  TesseraSlideBox box = {edge ((double)tile->x, frame->x, frame->scale),
                         edge ((double)tile->y, frame->y, frame->scale),
                         edge ((double)(tile->x + tile->width), frame->x, frame->scale),
                         edge ((double)(tile->y + tile->height), frame->y, frame->scale)};
  box.x1 = MAX (box.x1, box.x0 + 1), box.y1 = MAX (box.y1, box.y0 + 1);
  return box;
}

static void
marker_path (cairo_t *cr, int shape, double r)
{
  size_t n;
  const TsrMarkerVertex *v = tsr_marker_polygon (shape, &n);
  if (n == 0)
    cairo_arc (cr, 0, 0, r, 0, 2 * G_PI);
  for (size_t i = 0; i < n; i++)
    cairo_line_to (cr, r * v[i].x, r * v[i].y);
  cairo_close_path (cr);
}

static void
set_color (cairo_t *cr, guint32 rgb, double opacity)
{
  cairo_set_source_rgba (cr, ((rgb >> 16) & 255) / 255.0, ((rgb >> 8) & 255) / 255.0,
                         (rgb & 255) / 255.0, opacity);
}

/* The class's shape on a white disc, filled for a label: colour is never all there is to tell. */
static cairo_surface_t *
make_stamp (const Painter *p, const TesseraMapClass *class_, bool labelled, int side)
{
  cairo_surface_t *stamp = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, side, side);
  cairo_t *cr = cairo_create (stamp);
  double disc = side / 2.0, r = labelled ? 0.62 * disc : 0.54 * disc;
  cairo_translate (cr, disc, disc);
  cairo_arc (cr, 0, 0, disc - 0.5, 0, 2 * G_PI);
  set_color (cr, 0xffffff, labelled ? 0.95 : 0.75);
  cairo_fill (cr);
  set_color (cr, tsr_marker_tone (class_->rgb, false), 1);
  marker_path (cr, class_->shape, r);
  cairo_set_line_width (cr, 1.6 * p->scene->pixel_ratio);
  if (labelled)
    cairo_fill (cr);
  else
    cairo_stroke (cr);
  cairo_destroy (cr);
  return stamp;
}

static void
stamp_marker (Painter *p, TesseraSlideBox box, TesseraMapPoint point, bool labelled)
{
  double ratio = p->scene->pixel_ratio;
  int side = 2 * (int)lround (ratio * CLAMP (p->side * 0.12, 6, 9));
  cairo_surface_t **stamp = &p->stamps[point.class_index * STAMPS_A_LOOK + labelled];
  if (!*stamp)
    *stamp = make_stamp (p, &p->scene->classes[point.class_index], labelled, side);
  int gap = (int)lround (4 * ratio);
  cairo_set_source_surface (p->cr, *stamp, box.x0 + gap, box.y0 + gap);
  cairo_paint (p->cr);
}

/* A label's border: the class's colour, dark against the neighbours. */
static void
paint_border (const Painter *p, TesseraSlideBox box, guint32 rgb)
{
  if (p->side < BORDERED)
    return;
  guint32 pixel = tessera_slide_premultiplied (rgb, MIN (2.5 * p->scene->opacity, 1));
  int thickness = p->side < THICK ? p->line : 2 * p->line;
  if (p->side >= 2 * THICK) {
    frame_box (p->sheet, box, thickness + p->line, p->dark);
    box = grown (box, -p->line);
    thickness += p->side >= MARKED ? p->line : 0;
  }
  frame_box (p->sheet, box, thickness, pixel);
}

static void
paint_tile (guint place, gpointer user)
{
  Painter *p = user;
  const TesseraSlideScene *scene = p->scene;
  TesseraMapPoint point = point_of (scene, place);
  TesseraMapLook look = look_of (scene, point);
  bool labelled = look == TESSERA_MAP_LOOK_LABELLED;
  if (labelled != p->last)
    return;
  guint32 rgb;
  TesseraSlideBox box = box_of (p, place);
  if (!color_of (scene, point, &rgb)) {
    if (look == TESSERA_MAP_LOOK_UNSURE && p->side >= OUTLINED)
      frame_box (p->sheet, box, 2 * p->line, p->unsure);
    else if (scene->grid && p->side >= OUTLINED)
      frame_box (p->sheet, box, p->line, p->grid);
    return;
  }
  double opacity = labelled && p->side < BORDERED ? MIN (2.5 * scene->opacity, 1) : scene->opacity;
  tessera_slide_fill (p->sheet, box, tessera_slide_premultiplied (rgb, opacity));
  if (labelled)
    paint_border (p, box, rgb);
  else if (scene->grid && p->side >= OUTLINED)
    frame_box (p->sheet, box, p->line, tessera_slide_premultiplied (rgb, MIN (1.35 * opacity, 1)));
}

static void
mark_tile (guint place, gpointer user)
{
  Painter *p = user;
  TesseraMapPoint point = point_of (p->scene, place);
  TesseraMapLook look = look_of (p->scene, point);
  if (look == TESSERA_MAP_LOOK_LABELLED || look == TESSERA_MAP_LOOK_PREDICTED)
    stamp_marker (p, box_of (p, place), point, look == TESSERA_MAP_LOOK_LABELLED);
}

static void
ring_tile (guint place, gpointer user)
{
  Painter *p = user;
  if (!p->rings[place])
    return;
  TesseraSlideBox box = box_of (p, place);
  int least = (int)lround (LEAST_RING * p->scene->pixel_ratio);
  if (p->scene->n_selected <= FEW) {
    int x = (box.x0 + box.x1) / 2, y = (box.y0 + box.y1) / 2;
    box = (TesseraSlideBox){MIN (box.x0, x - least), MIN (box.y0, y - least),
                            MAX (box.x1, x + least), MAX (box.y1, y + least)};
  }
  bool roomy = p->scene->n_selected <= FEW || p->side >= OUTLINED;
  if (!roomy) {
    tessera_slide_fill (p->sheet, box, p->dark);
    return;
  }
  frame_box (p->sheet, grown (box, 3 * p->line), p->line, p->dark);
  frame_box (p->sheet, grown (box, 2 * p->line), 2 * p->line, 0xffffffffu);
  frame_box (p->sheet, box, p->line, p->dark);
}

static void
each_tile (Painter *p, void (*func) (guint place, gpointer user))
{
  const TesseraSlideFrame *frame = p->frame;
  double margin = 8 * p->scene->pixel_ratio / frame->scale;
  tessera_slide_index_in (p->scene->index, frame->x - margin, frame->y - margin,
                          frame->x + frame->width / frame->scale + margin,
                          frame->y + frame->height / frame->scale + margin, func, p);
}

static void
paint_tiles (const TesseraSlideScene *scene, const TesseraSlideFrame *frame,
             const TesseraSlideSheet *sheet)
{
  Painter p = {.scene = scene, .frame = frame, .sheet = sheet};
  p.side = tessera_slide_index_width (scene->index) * frame->scale / scene->pixel_ratio;
  p.line = MAX ((int)lround (scene->pixel_ratio), 1);
  p.grid = tessera_slide_premultiplied (GRID_RGB, GRID_OPACITY);
  p.unsure = tessera_slide_premultiplied (UNSURE_RGB, 0.9);
  p.dark = tessera_slide_premultiplied (LINE_RGB, 1);
  each_tile (&p, paint_tile);
  p.last = true;
  each_tile (&p, paint_tile);
  if (p.side >= MARKED && !scene->heatmap && scene->opacity > 0) {
    cairo_surface_mark_dirty (sheet->surface);
    p.cr = cairo_create (sheet->surface);
    each_tile (&p, mark_tile);
    cairo_destroy (p.cr);
    cairo_surface_flush (sheet->surface);
    for (guint i = 0; i < G_N_ELEMENTS (p.stamps); i++)
      g_clear_pointer (&p.stamps[i], cairo_surface_destroy);
  }
}

static void
paint_rings (const TesseraSlideScene *scene, const TesseraSlideFrame *frame,
             const TesseraSlideSheet *sheet)
{
  gsize size;
  const guint8 *rings = g_bytes_get_data (scene->selected, &size);
  if (size < tessera_slide_index_n (scene->index))
    return;
  Painter p = {.scene = scene, .frame = frame, .sheet = sheet, .rings = rings};
  p.side = tessera_slide_index_width (scene->index) * frame->scale / scene->pixel_ratio;
  p.line = MAX ((int)lround (scene->pixel_ratio), 1);
  p.dark = tessera_slide_premultiplied (LINE_RGB, 1);
  each_tile (&p, ring_tile);
}

cairo_surface_t *
tessera_slide_scene_paint (const TesseraSlideScene *scene, const TesseraSlideFrame *frame)
{
  TesseraSlideSheet sheet = {.width = (int)frame->width, .height = (int)frame->height};
  sheet.surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, sheet.width, sheet.height);
  sheet.pixels = (guint32 *)(void *)cairo_image_surface_get_data (sheet.surface);
  if (!sheet.pixels) /* no memory: nothing lies over the slide */
    return sheet.surface;
  sheet.stride = (gsize)cairo_image_surface_get_stride (sheet.surface) / 4;
  if (scene->mask)
    tessera_slide_mask_dim (scene, frame, &sheet);
  bool tiles = scene->index && scene->tiles;
  if (tiles && !scene->bare)
    paint_tiles (scene, frame, &sheet);
  if (scene->mask)
    tessera_slide_mask_outline (scene, frame, &sheet);
  if (tiles && scene->selected)
    paint_rings (scene, frame, &sheet);
  cairo_surface_mark_dirty (sheet.surface);
  return sheet.surface;
}
