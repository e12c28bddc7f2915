/* TesseraSlideView's drawing: the order of what is drawn, the picture of tiles and mask over the
 * slide, and what follows the pointer. */

#include "tessera-slide-view-private.h"

#include <adwaita.h>
#include <math.h>

#define CELL      256   /* logical pixels */
#define PAD       0.14  /* picture beyond the widget's edges, as a part of its larger side */
#define LEAST_PAD 0.05  /* of which this much must be left, or a new one is made */
#define MOST_SIDE 32000 /* cairo's images end soon after */
#define LINE_RGB  0x202024
#define FOCUS_RGB 0x3584e4

static GdkRGBA
rgba (guint32 rgb, double alpha)
{
  return (GdkRGBA){((rgb >> 16) & 255) / 255.0f, ((rgb >> 8) & 255) / 255.0f, (rgb & 255) / 255.0f,
                   (float)alpha};
}

/* ---- images ---- */

/* Whether GTK draws without a GPU. */
static bool
draws_with_cairo (TesseraSlideView *self)
{
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  GskRenderer *renderer = native ? gtk_native_get_renderer (native) : NULL;
  return renderer && g_str_equal (G_OBJECT_TYPE_NAME (renderer), "GskCairoRenderer");
}

static GdkTexture *
texture_of (cairo_surface_t *image)
{
  int width = cairo_image_surface_get_width (image),
      height = cairo_image_surface_get_height (image);
  gsize stride = (gsize)cairo_image_surface_get_stride (image);
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (
      cairo_image_surface_get_data (image), stride * (gsize)height,
      (GDestroyNotify)cairo_surface_destroy, cairo_surface_reference (image));
  return gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, stride);
}

static void
append_cell (GtkSnapshot *snapshot, cairo_surface_t *image, const graphene_rect_t *rect,
             const graphene_rect_t *cell, bool sharp)
{
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, cell);
  cairo_translate (cr, rect->origin.x, rect->origin.y);
  cairo_scale (cr, rect->size.width / cairo_image_surface_get_width (image),
               rect->size.height / cairo_image_surface_get_height (image));
  cairo_set_source_surface (cr, image, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr),
                            sharp ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_BILINEAR);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_paint (cr);
  cairo_destroy (cr);
}

/* Without a GPU, GTK would copy the whole texture for every frame; drawn by hand it is read in
 * place, in cells whose picture stays in the processor's cache (as on the map). */
void
tessera_slide_view_append_image (TesseraSlideView *self, GtkSnapshot *snapshot,
                                 cairo_surface_t *image, GdkTexture **texture,
                                 const graphene_rect_t *rect, const graphene_rect_t *clip,
                                 bool sharp)
{
  graphene_rect_t seen, cell, part;
  if (!graphene_rect_intersection (rect, clip, &seen))
    return;
  if (!draws_with_cairo (self)) {
    if (!*texture)
      *texture = texture_of (image);
    gtk_snapshot_append_texture (snapshot, *texture, rect);
    return;
  }
  for (float y = 0; y < seen.size.height; y += CELL)
    for (float x = 0; x < seen.size.width; x += CELL) {
      graphene_rect_init (&cell, seen.origin.x + x, seen.origin.y + y, CELL, CELL);
      if (graphene_rect_intersection (&cell, &seen, &part))
        append_cell (snapshot, image, rect, &part, sharp);
    }
}

/* ---- the picture of tiles and mask ---- */

void
tessera_slide_view_clear_sheet (TesseraSlideView *self)
{
  g_clear_pointer (&self->sheet, cairo_surface_destroy);
  g_clear_pointer (&self->sheet_node, gsk_render_node_unref);
  g_clear_object (&self->sheet_texture);
}

static bool
has_overlay (TesseraSlideView *self)
{
  return self->slide && ((self->index && self->show_tiles) || (self->mask && self->show_mask));
}

static TesseraSlideFrame
frame_for (TesseraSlideView *self)
{
  double ratio = tessera_canvas_ratio (TESSERA_CANVAS (self)),
         width = gtk_widget_get_width (GTK_WIDGET (self)),
         height = gtk_widget_get_height (GTK_WIDGET (self)), scale = self->state->camera.scale;
  double pad = ceil (PAD * MAX (width, height));
  /* A corner on the screen's pixels: then the tiles' edges are where the blocks' are. */
  double left = floor ((width / 2 - self->state->camera.x * scale) * ratio + 0.5) / ratio,
         top = floor ((height / 2 - self->state->camera.y * scale) * ratio + 0.5) / ratio;
  return (TesseraSlideFrame){.width = (guint)MIN ((width + 2 * pad) * ratio, MOST_SIDE),
                             .height = (guint)MIN ((height + 2 * pad) * ratio, MOST_SIDE),
                             .x = (-left - pad) / scale,
                             .y = (-top - pad) / scale,
                             .scale = scale * ratio};
}

/* Whether a picture is sharp for the camera and reaches far enough beyond the edges. */
static bool
covers (TesseraSlideView *self, const TesseraSlideFrame *frame)
{
  double ratio = tessera_canvas_ratio (TESSERA_CANVAS (self)),
         scale = self->state->camera.scale * ratio;
  if (!(frame->scale > 0) || fabs (frame->scale / scale - 1) > 1e-9)
    return false;
  double width = gtk_widget_get_width (GTK_WIDGET (self)) * ratio,
         height = gtk_widget_get_height (GTK_WIDGET (self)) * ratio;
  double pad = LEAST_PAD * MAX (width, height);
  double left = (self->state->camera.x - frame->x) * scale - width / 2,
         top = (self->state->camera.y - frame->y) * scale - height / 2;
  return left >= pad && top >= pad && left + width + pad <= frame->width &&
         top + height + pad <= frame->height;
}

static TesseraSlideScene *
scene_of (TesseraSlideView *self)
{
  TesseraSlideScene *scene = tessera_slide_scene_new ();
  tessera_slide_view_extent (self, &scene->width, &scene->height);
  scene->index = self->index ? tessera_slide_index_ref (self->index) : NULL;
  scene->points = self->points ? g_bytes_ref (self->points) : NULL;
  scene->classes = g_memdup2 (self->classes->data, self->classes->len * sizeof (TesseraMapClass));
  scene->n_classes = self->classes->len;
  scene->mask =
      self->mask && self->show_mask && !self->bare ? tessera_slide_mask_ref (self->mask) : NULL;
  scene->opacity = self->opacity;
  scene->tiles = self->show_tiles;
  scene->bare = self->bare;
  scene->grid = self->show_grid;
  scene->heatmap = self->heatmap;
  scene->outline = LINE_RGB; /* neither a class's colour nor the stains' */
  scene->pixel_ratio = tessera_canvas_ratio (TESSERA_CANVAS (self));
  scene->n_selected = self->state->n_selected;
  if (self->state->n_selected > 0)
    scene->selected = g_bytes_ref (tessera_canvas_selection (TESSERA_CANVAS (self)));
  return scene;
}

TesseraSlideScene *
tessera_slide_view_dup_scene (TesseraSlideView *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_VIEW (self), NULL);
  TesseraSlideScene *scene = scene_of (self);
  g_clear_pointer (&scene->selected, g_bytes_unref);
  scene->n_selected = 0;
  scene->pixel_ratio = 2;
  return scene;
}

gboolean
tessera_slide_view_sheet_is_current (TesseraSlideView *self)
{
  return !has_overlay (self) ||
         (self->sheet && self->sheet_version == self->version && covers (self, &self->sheet_frame));
}

void
tessera_slide_view_order_sheet (TesseraSlideView *self)
{
  if (!has_overlay (self)) {
    tessera_slide_view_clear_sheet (self);
    return;
  }
  if (tessera_slide_view_sheet_is_current (self) || !(self->state->camera.scale > 0) ||
      gtk_widget_get_width (GTK_WIDGET (self)) < 1)
    return;
  if (tessera_painter_is_busy (self->painter) && self->ordered_version == self->version &&
      covers (self, &self->ordered_frame))
    return;
  self->ordered_frame = frame_for (self);
  self->ordered_version = self->version;
  tessera_painter_order (self->painter, tessera_slide_picture_new (
                                            scene_of (self), &self->ordered_frame, self->version));
}

void
tessera_slide_view_outdate (TesseraSlideView *self)
{
  self->version++;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  tessera_slide_view_order_sheet (self);
}

void
tessera_slide_view_picture_done (gpointer data, gpointer user)
{
  TesseraSlidePicture *picture = data;
  TesseraSlideView *self = user;
  self->n_pictures++;
  /* One of tiles that were replaced meanwhile would show them at their old places. */
  if (has_overlay (self) && picture->scene->index == self->index) {
    tessera_slide_view_clear_sheet (self);
    self->sheet = g_steal_pointer (&picture->image);
    self->sheet_frame = picture->frame;
    self->sheet_version = picture->version;
  }
  tessera_slide_picture_free (picture);
  tessera_slide_view_order_sheet (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
append_sheet (TesseraSlideView *self, GtkSnapshot *snapshot, const graphene_rect_t *all)
{
  if (!self->sheet || !(self->sheet_frame.scale > 0) || !has_overlay (self))
    return;
  double ratio = tessera_canvas_ratio (TESSERA_CANVAS (self)), x, y;
  double zoom = self->state->camera.scale / self->sheet_frame.scale;
  bool sharp = fabs (zoom * ratio - 1) < 1e-9;
  tessera_map_camera_project (&self->state->camera, all->size.width, all->size.height,
                              self->sheet_frame.x, self->sheet_frame.y, &x, &y);
  if (sharp) {
    zoom = 1 / ratio;
    x = floor (x * ratio + 0.5) / ratio;
    y = floor (y * ratio + 0.5) / ratio;
  }
  graphene_rect_t rect =
      GRAPHENE_RECT_INIT ((float)x, (float)y, (float)(self->sheet_frame.width * zoom),
                          (float)(self->sheet_frame.height * zoom));
  if (!self->sheet_node || !graphene_rect_equal (&rect, &self->sheet_rect)) {
    GtkSnapshot *parts = gtk_snapshot_new ();
    tessera_slide_view_append_image (self, parts, self->sheet, &self->sheet_texture, &rect, all,
                                     sharp);
    g_clear_pointer (&self->sheet_node, gsk_render_node_unref);
    self->sheet_node = gtk_snapshot_free_to_node (parts);
    self->sheet_rect = rect;
  }
  if (self->sheet_node)
    gtk_snapshot_append_node (snapshot, self->sheet_node);
}

/* ---- what follows the pointer ---- */

void
tessera_slide_view_line (GtkSnapshot *snapshot, const graphene_rect_t *rect, double width,
                         double radius, GdkRGBA color)
{
  GskRoundedRect outline;
  gsk_rounded_rect_init_from_rect (&outline, rect, (float)radius);
  const float widths[4] = {(float)width, (float)width, (float)width, (float)width};
  const GdkRGBA colors[4] = {color, color, color, color};
  gtk_snapshot_append_border (snapshot, &outline, widths, colors);
}

/* A ring round a tile, never so small that it is not seen: `color` between two dark lines. */
static void
ring (TesseraSlideView *self, GtkSnapshot *snapshot, int place, GdkRGBA color)
{
  graphene_rect_t rect;
  if (place < 0 || !self->index || !self->show_tiles ||
      !tessera_slide_view_locate (self, tessera_slide_index_tiles (self->index)[place].id, &rect))
    return;
  float least = 11, grow = 2;
  graphene_rect_inset (&rect, MIN ((rect.size.width - least) / 2, 0) - grow,
                       MIN ((rect.size.height - least) / 2, 0) - grow);
  tessera_slide_view_line (snapshot, &rect, 2, 2, color);
  graphene_rect_inset (&rect, -1, -1);
  tessera_slide_view_line (snapshot, &rect, 1, 3, rgba (LINE_RGB, 0.9));
}

static void
draw_box (TesseraSlideView *self, GtkSnapshot *snapshot)
{
  double x = MIN (self->state->drag_x, self->state->pointer_x),
         y = MIN (self->state->drag_y, self->state->pointer_y);
  graphene_rect_t rect = GRAPHENE_RECT_INIT (
      (float)x, (float)y, (float)fabs (self->state->pointer_x - self->state->drag_x),
      (float)fabs (self->state->pointer_y - self->state->drag_y));
  GdkRGBA fill = rgba (LINE_RGB, 0.1);
  gtk_snapshot_append_color (snapshot, &fill, &rect);
  tessera_slide_view_line (snapshot, &rect, 1.2, 1, rgba (LINE_RGB, 0.85));
}

/* A fine edge round the slide, which tells its end from the ground. */
static void
draw_edge (TesseraSlideView *self, GtkSnapshot *snapshot, const graphene_rect_t *all)
{
  double across, down, x, y, scale = self->state->camera.scale;
  tessera_slide_view_extent (self, &across, &down);
  tessera_map_camera_project (&self->state->camera, all->size.width, all->size.height, 0, 0, &x,
                              &y);
  graphene_rect_t rect =
      GRAPHENE_RECT_INIT ((float)floor (x) - 1, (float)floor (y) - 1,
                          (float)ceil (across * scale) + 2, (float)ceil (down * scale) + 2);
  GdkRGBA edge = tessera_slide_view_style_color (self, "view_fg_color", LINE_RGB);
  edge.alpha = 0.22f;
  tessera_slide_view_line (snapshot, &rect, 1, 0, edge);
}

void
tessera_slide_view_snapshot (TesseraSlideView *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  graphene_rect_t all =
      GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  GdkRGBA ground =
      tessera_slide_view_style_color (self, "window_bg_color", dark ? 0x242424 : 0xfafafa);
  gtk_snapshot_append_color (snapshot, &ground, &all);
  if (self->slide && self->state->camera.scale > 0) {
    tessera_slide_blocks_snapshot (self->blocks, snapshot);
    draw_edge (self, snapshot, &all);
    append_sheet (self, snapshot, &all);
    if (gtk_widget_has_visible_focus (widget))
      ring (self, snapshot, self->state->cursor,
            tessera_slide_view_style_color (self, "accent_bg_color", FOCUS_RGB));
    ring (self, snapshot, self->state->hovered, rgba (0xffffff, 0.95));
    if (self->state->drag == TESSERA_CANVAS_DRAG_BOX)
      draw_box (self, snapshot);
    tessera_slide_view_snapshot_furniture (self, snapshot);
  }
  if (gtk_widget_has_visible_focus (widget)) {
    GdkRGBA accent = tessera_slide_view_style_color (self, "accent_bg_color", FOCUS_RGB);
    graphene_rect_inset (&all, 1, 1);
    tessera_slide_view_line (snapshot, &all, 2, 4, accent);
  }
}
