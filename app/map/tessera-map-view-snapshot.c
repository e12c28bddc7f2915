/* TesseraMapView's drawing: the rasters on screen as render nodes, and what comes above what. */

#include "tessera-map-view-private.h"

#include <adwaita.h>
#include <math.h>

#define CELL 256 /* logical pixels */

gboolean
tessera_map_view_is_dark (TesseraMapView *self)
{
  return adw_style_manager_get_dark (adw_style_manager_get_default ());
}

void
tessera_map_view_ground (TesseraMapView *self, GdkRGBA *color)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  if (!gtk_style_context_lookup_color (style, "view_bg_color", color))
    *color = tessera_map_view_is_dark (self) ? (GdkRGBA){0.118f, 0.118f, 0.118f, 1}
                                             : (GdkRGBA){1, 1, 1, 1};
}

void
tessera_map_view_clear_sheets (TesseraMapView *self)
{
  for (int i = 0; i < TESSERA_MAP_N_LAYERS; i++) {
    g_clear_pointer (&self->sheets[i].image, cairo_surface_destroy);
    g_clear_pointer (&self->sheets[i].node, gsk_render_node_unref);
    g_clear_object (&self->sheets[i].texture);
  }
}

static GskRenderNode *
cairo_cell (const TesseraMapSheet *sheet, const graphene_rect_t *rect, const graphene_rect_t *cell,
            bool sharp)
{
  GskRenderNode *node = gsk_cairo_node_new (cell);
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);
  cairo_translate (cr, rect->origin.x, rect->origin.y);
  cairo_scale (cr, rect->size.width / sheet->frame.width, rect->size.height / sheet->frame.height);
  cairo_set_source_surface (cr, sheet->image, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr),
                            sharp ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_FAST);
  cairo_paint (cr);
  cairo_destroy (cr);
  return node;
}

/* Without a GPU, GTK would copy the whole texture for every frame; drawn by hand it is read in
 * place. cairo still paints a node into a picture of its own before it goes on the screen, as much
 * of it as the frame's changes span: in cells that picture stays in the processor's cache, and a
 * light at one end of the map and one at the other do not span all of it. */
static GskRenderNode *
cairo_node (const TesseraMapSheet *sheet, const graphene_rect_t *rect, const graphene_rect_t *clip,
            bool sharp)
{
  g_autoptr (GPtrArray) cells =
      g_ptr_array_new_with_free_func ((GDestroyNotify)gsk_render_node_unref);
  for (float y = 0; y < clip->size.height; y += CELL)
    for (float x = 0; x < clip->size.width; x += CELL) {
      graphene_rect_t cell = GRAPHENE_RECT_INIT (x, y, MIN (CELL, clip->size.width - x),
                                                 MIN (CELL, clip->size.height - y)),
                      seen;
      if (graphene_rect_intersection (rect, &cell, &seen))
        g_ptr_array_add (cells, cairo_cell (sheet, rect, &seen, sharp));
    }
  return cells->len > 0 ? gsk_container_node_new ((GskRenderNode **)cells->pdata, cells->len)
                        : NULL;
}

static GskRenderNode *
texture_node (TesseraMapSheet *sheet, const graphene_rect_t *rect)
{
  if (!sheet->texture) {
    int width = cairo_image_surface_get_width (sheet->image),
        height = cairo_image_surface_get_height (sheet->image);
    gsize stride = cairo_image_surface_get_stride (sheet->image);
    g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (
        cairo_image_surface_get_data (sheet->image), stride * height,
        (GDestroyNotify)cairo_surface_destroy, cairo_surface_reference (sheet->image));
    sheet->texture = gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, stride);
  }
  return gsk_texture_node_new (sheet->texture, rect);
}

/* Where a raster's part of the map now is; false if there is none. */
static bool
sheet_rect (TesseraMapView *self, const TesseraMapSheet *sheet, graphene_rect_t *rect, bool *sharp)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)),
         height = gtk_widget_get_height (GTK_WIDGET (self));
  double ratio = MAX (gtk_widget_get_scale_factor (GTK_WIDGET (self)), 1);
  if (!sheet->image || !(self->state->camera.scale > 0) || !(sheet->frame.scale > 0))
    return false;
  double zoom = self->state->camera.scale / sheet->frame.scale, x, y;
  *sharp = fabs (zoom * ratio - 1) < 1e-9;
  tessera_map_camera_project (&self->state->camera, width, height, sheet->frame.x, sheet->frame.y,
                              &x, &y);
  if (*sharp) { /* whole pixels, or every point would blur */
    zoom = 1 / ratio;
    x = round (x * ratio) / ratio;
    y = round (y * ratio) / ratio;
  }
  graphene_rect_init (rect, x, y, sheet->frame.width * zoom, sheet->frame.height * zoom);
  return true;
}

static void
append_sheet (TesseraMapView *self, GtkSnapshot *snapshot, TesseraMapSheet *sheet)
{
  graphene_rect_t rect, clip;
  bool sharp;
  if (!sheet_rect (self, sheet, &rect, &sharp))
    return;
  if (!sheet->node || !graphene_rect_equal (&rect, &sheet->rect)) {
    graphene_rect_init (&clip, 0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                        gtk_widget_get_height (GTK_WIDGET (self)));
    g_clear_pointer (&sheet->node, gsk_render_node_unref);
    sheet->node = tessera_map_view_draws_with_cairo (self) ? cairo_node (sheet, &rect, &clip, sharp)
                                                           : texture_node (sheet, &rect);
    sheet->rect = rect;
  }
  if (sheet->node)
    gtk_snapshot_append_node (snapshot, sheet->node);
}

/* Whether the opaque base layer leaves no part of the widget bare. */
static bool
covers_all (TesseraMapView *self, const TesseraMapSheet *base, const graphene_rect_t *all)
{
  graphene_rect_t rect;
  bool sharp;
  return sheet_rect (self, base, &rect, &sharp) && graphene_rect_contains_rect (&rect, all);
}

void
tessera_map_view_snapshot (TesseraMapView *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  graphene_rect_t all =
      GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  GdkRGBA ground;
  tessera_map_view_ground (self, &ground);
  bool covered = self->index && covers_all (self, &self->sheets[TESSERA_MAP_LAYER_BASE], &all);
  if (!covered)
    gtk_snapshot_append_color (snapshot, &ground, &all);
  if (!self->index)
    return;
  append_sheet (self, snapshot, &self->sheets[TESSERA_MAP_LAYER_BASE]);
  if (self->state->n_selected > 0) {
    if (self->state->n_selected > 1) { /* the rest steps back, but stays in sight */
      ground.alpha = 0.66f;
      gtk_snapshot_append_color (snapshot, &ground, &all);
    }
    append_sheet (self, snapshot, &self->sheets[TESSERA_MAP_LAYER_SELECTED]);
  }
  tessera_map_view_snapshot_glow (self, snapshot);
  tessera_map_view_snapshot_tiles (self, snapshot);
  tessera_map_view_snapshot_overlay (self, snapshot);
}
