/* TesseraMapView's upper layer: what moves or follows the pointer. Made of a few render nodes a
 * frame; the map below keeps its own node, so nothing here ever makes GTK redraw it. */

#include "tessera-map-view-private.h"

#include "tsr-marker.h"

#include <math.h>

#define CARD_PICTURE 132
#define CARD_PADDING 8
#define CARD_GAP     20
#define LEAST_CORE   4.6 /* a suggestion's marker: below this shapes look alike */

typedef struct {
  GtkSnapshot *snapshot;
  double width, height;
  bool dark;
  double breath;                 /* of the light that is drawn, 0..1 */
  guint32 glow, edge_rgb, paper; /* 0xRRGGBB */
  GdkRGBA edge, line, ground;
} Overlay;

static GdkRGBA
rgba (guint32 rgb, double alpha)
{
  return (GdkRGBA){((rgb >> 16) & 255) / 255.0f, ((rgb >> 8) & 255) / 255.0f, (rgb & 255) / 255.0f,
                   (float)alpha};
}

static bool
locate (TesseraMapView *self, const Overlay *o, int tile, double *x, double *y)
{
  if (tile < 0 || !tessera_map_view_locate (self, tile, x, y))
    return false;
  return *x > -60 && *y > -60 && *x < o->width + 60 && *y < o->height + 60;
}

/* The radius of what is drawn for a tile, in logical pixels. */
static double
radius_of (TesseraMapView *self, int tile)
{
  TesseraMapSizes sizes = tessera_map_view_sizes (self);
  TesseraMapPoint p = tessera_map_point_of (self->points, tile);
  double ratio = MAX (gtk_widget_get_scale_factor (GTK_WIDGET (self)), 1);
  return (p.flags & TESSERA_MAP_POINT_LABELLED ? sizes.labelled * 1.2 : sizes.point) / ratio;
}

/* A ring round a tile's point, or a frame round its picture, `gap` pixels away from it. */
static void
ring (TesseraMapView *self, const Overlay *o, int tile, double x, double y, double gap,
      double width, GdkRGBA color)
{
  double half = tessera_map_view_tile_half (self, tile);
  double r = half > 0 ? half + gap : MAX (radius_of (self, tile), 2.5) + gap;
  GskRoundedRect outline;
  graphene_rect_t rect =
      GRAPHENE_RECT_INIT (x - r - width, y - r - width, 2 * (r + width), 2 * (r + width));
  gsk_rounded_rect_init_from_rect (&outline, &rect, half > 0 ? 5 + gap : r + width);
  const float widths[4] = {width, width, width, width};
  const GdkRGBA colors[4] = {color, color, color, color};
  gtk_snapshot_append_border (o->snapshot, &outline, widths, colors);
}

enum { STAMP_LIGHT, STAMP_CORE };

/* Puts a kept picture at (x, y): itself on whole pixels, or it would blur, with what is drawn in it
 * to `parts` (1 or 4) parts of a pixel. */
static void
stamp (TesseraMapView *self, const Overlay *o, const TesseraMapStampKey *key, double x, double y,
       double reach, int parts, TesseraMapStampFunc func)
{
  int ratio = MAX (gtk_widget_get_scale_factor (GTK_WIDGET (self)), 1);
  double px = round (x * ratio * parts) / parts, py = round (y * ratio * parts) / parts;
  TesseraMapStampPlace place = {.half = (gint32)ceil (reach) + 1,
                                .ratio = ratio,
                                .x = (gint32)lrint (4 * (px - floor (px))),
                                .y = (gint32)lrint (4 * (py - floor (py)))};
  GdkTexture *texture = tessera_map_stamps_get (self->stamps, key, &place, func);
  graphene_rect_t rect =
      GRAPHENE_RECT_INIT (floor (px) / ratio - place.half, floor (py) / ratio - place.half,
                          2 * place.half, 2 * place.half);
  gtk_snapshot_append_texture (o->snapshot, texture, &rect);
}

/* number: the radius in eighths of a pixel, the strength in 255ths. */
static void
paint_light (cairo_t *cr, const TesseraMapStampKey *key)
{
  static const double at[5] = {0, 0.3, 0.55, 0.8, 1},
                      shape[5] = {1, 0.78, 0.34, 0.08, 0}; /* about a Gaussian */
  double radius = key->number[0] / 8.0, strength = key->number[1] / 255.0;
  cairo_pattern_t *pattern = cairo_pattern_create_radial (0, 0, 0, 0, 0, radius);
  GdkRGBA color = rgba (key->rgb[0], 1);
  for (int i = 0; i < 5; i++)
    cairo_pattern_add_color_stop_rgba (pattern, at[i], color.red, color.green, color.blue,
                                       strength * shape[i]);
  cairo_set_source (cr, pattern);
  cairo_paint (cr);
  cairo_pattern_destroy (pattern);
}

static void
halo (TesseraMapView *self, const Overlay *o, double x, double y, double radius, double strength)
{
  TesseraMapStampKey key = {.kind = STAMP_LIGHT,
                            .rgb = {o->glow},
                            .number = {(gint32)lrint (8 * radius), (gint32)lrint (255 * strength)}};
  stamp (self, o, &key, x, y, radius, 1, paint_light);
}

static void
disc (cairo_t *cr, double r, guint32 color)
{
  GdkRGBA c = rgba (color, 1);
  gdk_cairo_set_source_rgba (cr, &c);
  cairo_arc (cr, 0, 0, r, 0, 2 * G_PI);
  cairo_fill (cr);
}

/* What lies in the middle of the light: a clean disc (rgb[0] on rgb[1]) with the point's marker as
 * everywhere on the map (rgb[2]): a label filled, a prediction an outline, what has no class a grey
 * disc; never so small that the class's shape is lost. number: the radius in sixteenths of a pixel,
 * the shape (-1: none), whether it is filled, whether it is the current one. */
static void
paint_core (cairo_t *cr, const TesseraMapStampKey *key)
{
  double r = key->number[0] / 16.0;
  bool filled = key->number[2], current = key->number[3];
  disc (cr, r + (current ? 6 : 4.6), key->rgb[1]);
  disc (cr, r + (current ? 3.8 : 3), key->rgb[0]);
  if (key->number[1] < 0) {
    disc (cr, r - 0.2, key->rgb[2]);
    return;
  }
  size_t n;
  const TsrMarkerVertex *v = tsr_marker_polygon (key->number[1], &n);
  double reach = filled ? 0.92 * r : r - 0.9; /* a line lies half outside */
  if (n == 0)
    cairo_arc (cr, 0, 0, reach, 0, 2 * G_PI);
  for (size_t i = 0; i < n; i++)
    cairo_line_to (cr, reach * v[i].x, reach * v[i].y);
  cairo_close_path (cr);
  GdkRGBA color = rgba (key->rgb[2], 1);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 1.8);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  if (filled)
    cairo_fill (cr);
  else
    cairo_stroke (cr);
}

static void
draw_core (TesseraMapView *self, const Overlay *o, guint32 tile, double x, double y, bool current)
{
  TesseraMapScene scene = {.classes = (TesseraMapClass *)self->classes->data,
                           .n_classes = self->classes->len,
                           .dark = o->dark};
  TesseraMapPoint p = tessera_map_point_of (self->points, tile);
  TesseraMapLook look = tessera_map_look (p, scene.classes, scene.n_classes);
  bool labelled = look == TESSERA_MAP_LOOK_LABELLED,
       has_shape = labelled || look == TESSERA_MAP_LOOK_PREDICTED;
  double r = MAX (radius_of (self, tile), LEAST_CORE);
  TesseraMapStampKey key = {.kind = STAMP_CORE,
                            .rgb = {o->paper, o->edge_rgb, tessera_map_raster_color (&scene, p)},
                            .number = {(gint32)lrint (16 * r),
                                       has_shape ? scene.classes[p.class_index].shape : -1,
                                       labelled, current}};
  stamp (self, o, &key, x, y, MAX (1.7 * r, r + 6), 4, paint_core);
}

/* How far the i-th light has breathed in, 0..1. */
static double
breath_of (TesseraMapView *self, guint i)
{
  if (!tessera_canvas_animates (TESSERA_CANVAS (self)))
    return 0.7;
  return 0.5 - 0.5 * cos (2 * G_PI * g_array_index (self->lights, float, i));
}

/* Calls draw for every suggestion in view, the current one last. */
static void
each_suggestion (TesseraMapView *self, Overlay *o,
                 void (*draw) (TesseraMapView *, const Overlay *, guint32, double, double, bool))
{
  double x, y;
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < self->suggestions->len; i++) {
      guint32 tile = g_array_index (self->suggestions, guint32, i);
      bool current = (int)tile == self->state->current;
      if (current != (pass == 1) || !locate (self, o, tile, &x, &y))
        continue;
      o->breath = breath_of (self, i);
      draw (self, o, tile, x, y, current);
    }
}

/* The breathing light itself; larger and stronger for the current suggestion. */
static void
draw_light (TesseraMapView *self, const Overlay *o, guint32 tile, double x, double y, bool current)
{
  double half = tessera_map_view_tile_half (self, tile), point = radius_of (self, tile),
         breath = o->breath;
  double radius = half > 0 ? 1.3 * half + 34 : MAX (point - 3, 0) + (current ? 36 : 24);
  halo (self, o, x, y, radius + (current ? 7 : 4) * breath,
        current ? 0.68 + 0.32 * breath : 0.5 + 0.34 * breath);
}

static void
draw_marker (TesseraMapView *self, const Overlay *o, guint32 tile, double x, double y, bool current)
{
  double half = tessera_map_view_tile_half (self, tile);
  if (half > 0)
    ring (self, o, tile, x, y, 1.5, current ? 3.5 : 2.5, o->edge);
  else
    draw_core (self, o, tile, x, y, current);
  if (current)
    ring (self, o, tile, x, y, (half > 0 ? 7 : 10.5) + 1.5 * o->breath, 1.6, o->edge);
}

static void
draw_rings (TesseraMapView *self, const Overlay *o)
{
  double x, y;
  bool glows = g_hash_table_contains (self->suggested, GUINT_TO_POINTER (self->state->current + 1));
  if (!glows && locate (self, o, self->state->current, &x, &y)) {
    ring (self, o, self->state->current, x, y, 2.5, 2, o->line);
    ring (self, o, self->state->current, x, y, 4.5, 1.2, o->ground);
  }
  if (self->state->cursor >= 0 && gtk_widget_has_visible_focus (GTK_WIDGET (self)) &&
      locate (self, o, self->state->cursor, &x, &y)) {
    ring (self, o, self->state->cursor, x, y, 4, 2.5, rgba (0x3584e4, 1));
    ring (self, o, self->state->cursor, x, y, 6.5, 1.2, o->ground);
  }
  if (self->state->hovered >= 0 && locate (self, o, self->state->hovered, &x, &y)) {
    ring (self, o, self->state->hovered, x, y, 1, 1.2, o->ground);
    ring (self, o, self->state->hovered, x, y, 2.2, 1.8, o->line);
  }
}

static void
draw_box (TesseraMapView *self, const Overlay *o)
{
  double x = MIN (self->state->drag_x, self->state->pointer_x),
         y = MIN (self->state->drag_y, self->state->pointer_y);
  graphene_rect_t rect =
      GRAPHENE_RECT_INIT (x, y, fabs (self->state->pointer_x - self->state->drag_x),
                          fabs (self->state->pointer_y - self->state->drag_y));
  GdkRGBA fill = o->line, edge = o->line;
  fill.alpha = 0.08f, edge.alpha = 0.75f;
  gtk_snapshot_append_color (o->snapshot, &fill, &rect);
  GskRoundedRect outline;
  gsk_rounded_rect_init_from_rect (&outline, &rect, 1);
  gtk_snapshot_append_border (o->snapshot, &outline, (const float[4]){1.2f, 1.2f, 1.2f, 1.2f},
                              (const GdkRGBA[4]){edge, edge, edge, edge});
}

static void
draw_lasso (TesseraMapView *self, const Overlay *o)
{
  if (self->lasso->len < 4)
    return;
  cairo_t *cr =
      gtk_snapshot_append_cairo (o->snapshot, &GRAPHENE_RECT_INIT (0, 0, o->width, o->height));
  for (guint i = 0; i + 1 < self->lasso->len; i += 2) {
    double x, y;
    tessera_map_camera_project (&self->state->camera, o->width, o->height,
                                g_array_index (self->lasso, double, i),
                                g_array_index (self->lasso, double, i + 1), &x, &y);
    cairo_line_to (cr, x, y);
  }
  cairo_close_path (cr);
  cairo_set_source_rgba (cr, o->line.red, o->line.green, o->line.blue, 0.08);
  cairo_fill_preserve (cr);
  cairo_set_source_rgba (cr, o->line.red, o->line.green, o->line.blue, 0.8);
  cairo_set_line_width (cr, 1.4);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_dash (cr, (const double[2]){5, 3}, 2, 0);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static PangoLayout *
caption_layout (TesseraMapView *self, int tile)
{
  g_autofree char *text = self->caption ? self->caption (self, tile, self->caption_user) : NULL;
  if (!text || !*text)
    return NULL;
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  pango_layout_set_width (layout, CARD_PICTURE * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_height (layout, -3); /* lines */
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  PangoAttrList *attributes = pango_attr_list_new ();
  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  /* A file's name broken over two lines has no hyphen that is not its own. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  return layout;
}

/* The picture keeps its proportions inside a square. */
static void
append_picture (GtkSnapshot *snapshot, GdkTexture *texture, double x, double y, double edge)
{
  double w = gdk_texture_get_width (texture), h = gdk_texture_get_height (texture),
         fit = edge / MAX (w, h);
  graphene_rect_t rect =
      GRAPHENE_RECT_INIT (x + (edge - w * fit) / 2, y + (edge - h * fit) / 2, w * fit, h * fit);
  gtk_snapshot_append_texture (snapshot, texture, &rect);
}

/* The hovered tile's picture and caption, beside its point and never beyond the widget's edges. */
static void
draw_card (TesseraMapView *self, const Overlay *o)
{
  double x, y;
  if (!self->card_shown || !locate (self, o, self->state->hovered, &x, &y) ||
      (!self->thumbnail && !self->caption))
    return;
  g_autoptr (PangoLayout) layout = caption_layout (self, self->state->hovered);
  GdkTexture *texture = tessera_map_view_texture (self, self->state->hovered);
  int text_height = 0;
  if (layout)
    pango_layout_get_pixel_size (layout, NULL, &text_height);
  double width = CARD_PICTURE + 2 * CARD_PADDING;
  double height = 2 * CARD_PADDING + (self->thumbnail ? CARD_PICTURE : 0) + text_height +
                  (layout && self->thumbnail ? 6 : 0);
  double gap = MAX (tessera_map_view_tile_half (self, self->state->hovered) + 8, CARD_GAP);
  double left = x + gap + width <= o->width - 4 ? x + gap : x - gap - width;
  double top = CLAMP (y - height / 2, 6, MAX (o->height - height - 6, 6));
  left = round (CLAMP (left, 4, MAX (o->width - width - 4, 4))), top = round (top);
  GskRoundedRect outline;
  graphene_rect_t rect = GRAPHENE_RECT_INIT (left, top, width, height);
  gsk_rounded_rect_init_from_rect (&outline, &rect, 10);
  GdkRGBA shade = {0, 0, 0, o->dark ? 0.5f : 0.22f},
          paper = rgba (o->dark ? 0x383838 : 0xffffff, 1);
  gtk_snapshot_append_outset_shadow (o->snapshot, &outline, &shade, 0, 2, 0, 10);
  gtk_snapshot_push_rounded_clip (o->snapshot, &outline);
  gtk_snapshot_append_color (o->snapshot, &paper, &rect);
  gtk_snapshot_pop (o->snapshot);
  if (self->thumbnail) {
    GskRoundedRect clip;
    graphene_rect_t picture =
        GRAPHENE_RECT_INIT (left + CARD_PADDING, top + CARD_PADDING, CARD_PICTURE, CARD_PICTURE);
    gsk_rounded_rect_init_from_rect (&clip, &picture, 5);
    gtk_snapshot_push_rounded_clip (o->snapshot, &clip);
    GdkRGBA empty = o->line;
    empty.alpha = 0.08f;
    if (texture)
      append_picture (o->snapshot, texture, left + CARD_PADDING, top + CARD_PADDING, CARD_PICTURE);
    else
      gtk_snapshot_append_color (o->snapshot, &empty, &picture);
    gtk_snapshot_pop (o->snapshot);
  }
  if (layout) {
    gtk_snapshot_save (o->snapshot);
    gtk_snapshot_translate (
        o->snapshot,
        &GRAPHENE_POINT_INIT (left + CARD_PADDING, top + height - CARD_PADDING - text_height));
    gtk_snapshot_append_layout (o->snapshot, layout, &o->line);
    gtk_snapshot_restore (o->snapshot);
  }
}

static Overlay
overlay_of (TesseraMapView *self, GtkSnapshot *snapshot)
{
  Overlay o = {.snapshot = snapshot, .dark = tessera_map_view_is_dark (self)};
  o.width = gtk_widget_get_width (GTK_WIDGET (self));
  o.height = gtk_widget_get_height (GTK_WIDGET (self));
  o.glow = o.dark ? 0xffc93c : 0xf5b400;
  o.edge_rgb = o.dark ? 0xffd466 : 0xd98e00;
  o.paper = o.dark ? 0x1e1e1e : 0xffffff;
  o.edge = rgba (o.edge_rgb, 1);
  o.line = rgba (o.dark ? 0xf6f6f6 : 0x202024, 1);
  o.ground = rgba (o.paper, 0.8);
  return o;
}

void
tessera_map_view_snapshot_glow (TesseraMapView *self, GtkSnapshot *snapshot)
{
  Overlay o = overlay_of (self, snapshot);
  each_suggestion (self, &o, draw_light);
}

void
tessera_map_view_snapshot_overlay (TesseraMapView *self, GtkSnapshot *snapshot)
{
  Overlay o = overlay_of (self, snapshot);
  each_suggestion (self, &o, draw_marker);
  draw_rings (self, &o);
  if (self->state->drag == TESSERA_CANVAS_DRAG_BOX)
    draw_box (self, &o);
  if (self->state->drag == TESSERA_CANVAS_DRAG_OWN)
    draw_lasso (self, &o);
  draw_card (self, &o);
  if (gtk_widget_has_visible_focus (GTK_WIDGET (self))) {
    GskRoundedRect outline;
    GdkRGBA accent = rgba (0x3584e4, 0.7);
    gsk_rounded_rect_init_from_rect (&outline,
                                     &GRAPHENE_RECT_INIT (1, 1, o.width - 2, o.height - 2), 4);
    gtk_snapshot_append_border (snapshot, &outline, (const float[4]){2, 2, 2, 2},
                                (const GdkRGBA[4]){accent, accent, accent, accent});
  }
}
