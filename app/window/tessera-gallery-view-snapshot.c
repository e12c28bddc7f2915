/* How the gallery looks: only rows in sight, each thumbnail a texture, each class mark one that is
 * painted once. */

#include "tessera-gallery-view-private.h"

#include "tessera-swatch.h"

#include <math.h>

enum { MARK = 18 }; /* px a side */

static GdkRGBA
style_colour (TesseraGalleryView *self, const char *name, GdkRGBA fallback)
{
  GdkRGBA colour;
  return gtk_style_context_lookup_color (gtk_widget_get_style_context (GTK_WIDGET (self)), name,
                                         &colour)
             ? colour
             : fallback;
}

static GdkRGBA
faded (GdkRGBA colour, double alpha)
{
  colour.alpha = (float)alpha;
  return colour;
}

/* ---- class marks ---- */

/* class_ NULL: unsure. */
static GdkTexture *
paint_mark (TesseraGalleryView *self, const TsrClass *class_, gboolean filled)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self)), side = MARK * scale;
  GdkRGBA ground = style_colour (self, "view_bg_color", (GdkRGBA){1, 1, 1, 1});
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, side, side);
  cairo_t *cr = cairo_create (surface);
  cairo_scale (cr, scale, scale);
  cairo_new_sub_path (cr); /* rounded towards the middle of the picture */
  cairo_arc (cr, MARK / 2., MARK / 2., MARK / 2., G_PI, 1.5 * G_PI);
  cairo_line_to (cr, MARK, 0);
  cairo_line_to (cr, MARK, MARK);
  cairo_line_to (cr, 0, MARK);
  cairo_close_path (cr);
  cairo_set_source_rgba (cr, ground.red, ground.green, ground.blue, 0.88);
  cairo_fill (cr);
  if (class_ != NULL)
    tessera_swatch_draw (cr, MARK, MARK, class_, filled);
  else
    tessera_swatch_draw_unsure (cr, MARK, MARK);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  int stride = cairo_image_surface_get_stride (surface);
  g_autoptr (GBytes) bytes =
      g_bytes_new (cairo_image_surface_get_data (surface), (gsize)stride * (gsize)side);
  cairo_surface_destroy (surface);
  return gdk_memory_texture_new (side, side, GDK_MEMORY_DEFAULT, bytes, (gsize)stride);
}

static GdkTexture *
mark_of (TesseraGalleryView *self, uint32_t tile)
{
  int32_t label = tessera_session_get_label (self->session, tile);
  const TsrPrediction *prediction = tessera_session_get_prediction (self->session, tile);
  int32_t id = label >= 0 ? label : prediction != NULL ? prediction->class_id : TSR_LABEL_NONE;
  gboolean unsure = label == TSR_LABEL_UNSURE;
  if (id < 0 && !unsure)
    return NULL;
  gpointer key = GUINT_TO_POINTER (unsure ? G_MAXUINT : 2 * (guint)id + (label >= 0) + 1);
  GdkTexture *mark = g_hash_table_lookup (self->marks, key);
  if (mark != NULL)
    return mark;
  const TsrClass *class_ = unsure ? NULL : tessera_session_get_class (self->session, id);
  if (class_ == NULL && !unsure)
    return NULL;
  mark = paint_mark (self, class_, label >= 0);
  g_hash_table_insert (self->marks, key, mark);
  return mark;
}

/* ---- thumbnails ---- */

typedef struct {
  GdkRGBA accent, ground, faint;
  gboolean focus; /* the current tile has it, visibly */
  graphene_rect_t box;
} Looks;

static void
draw_picture (TesseraGalleryView *self, GtkSnapshot *snapshot, uint32_t tile,
              const graphene_rect_t *cell, const Looks *looks)
{
  GdkTexture *texture = tessera_tile_store_peek (self->store, tile);
  if (texture == NULL) {
    gtk_snapshot_append_color (snapshot, &looks->faint, cell);
    return;
  }
  float w = (float)gdk_texture_get_width (texture), h = (float)gdk_texture_get_height (texture),
        scale = cell->size.width / MAX (w, h);
  graphene_rect_t area = GRAPHENE_RECT_INIT (
      cell->origin.x + floorf ((cell->size.width - w * scale) / 2),
      cell->origin.y + floorf ((cell->size.height - h * scale) / 2), w * scale, h * scale);
  gtk_snapshot_append_texture (snapshot, texture, &area);
}

static void
draw_frame (GtkSnapshot *snapshot, const graphene_rect_t *cell, float outset, float width,
            const GdkRGBA *colour)
{
  graphene_rect_t area = *cell;
  graphene_rect_inset (&area, -outset, -outset);
  GskRoundedRect outline;
  gsk_rounded_rect_init_from_rect (&outline, &area, 3);
  const float widths[] = {width, width, width, width};
  const GdkRGBA colours[] = {*colour, *colour, *colour, *colour};
  gtk_snapshot_append_border (snapshot, &outline, widths, colours);
}

static gboolean
shown_selected (TesseraGalleryView *self, uint32_t tile, const graphene_rect_t *cell,
                const Looks *looks)
{
  gboolean selected = tessera_session_is_selected (self->session, tile);
  if (!self->boxing)
    return selected;
  gboolean inside = graphene_rect_intersection (cell, &looks->box, NULL);
  return self->box_mode == TESSERA_SELECT_REPLACE ? inside
         : self->box_mode == TESSERA_SELECT_ADD   ? selected || inside
                                                  : selected && !inside;
}

static void
draw_tile (TesseraGalleryView *self, GtkSnapshot *snapshot, uint32_t place, const Looks *looks)
{
  uint32_t tile = self->order->tiles[place];
  graphene_rect_t cell = tessera_gallery_view_cell (self, place);
  draw_picture (self, snapshot, tile, &cell, looks);
  if (tessera_session_get_excluded (self->session, tile)) {
    GdkRGBA veil = faded (looks->ground, 0.7);
    gtk_snapshot_append_color (snapshot, &veil, &cell);
  } else {
    GdkTexture *mark = mark_of (self, tile);
    if (mark != NULL)
      gtk_snapshot_append_texture (snapshot, mark,
                                   &GRAPHENE_RECT_INIT (cell.origin.x + cell.size.width - MARK,
                                                        cell.origin.y + cell.size.height - MARK,
                                                        MARK, MARK));
  }
  gboolean current = tile == tessera_session_get_current (self->session) && !self->boxing;
  /* No tint: it would be taken for the stain. */
  if (shown_selected (self, tile, &cell, looks))
    draw_frame (snapshot, &cell, current ? 3 : 2, current ? 4 : 3, &looks->accent);
  if (current) /* a second line inside: not told by colour alone */
    draw_frame (snapshot, &cell, -1, looks->focus ? 2 : 1, &looks->ground);
}

void
tessera_gallery_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TesseraGalleryView *self = TESSERA_GALLERY_VIEW (widget);
  uint32_t first, end;
  if (tessera_gallery_view_n (self) == 0)
    return;
  GdkRGBA text;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &text);
  Looks looks = {
      .accent = style_colour (self, "accent_bg_color", (GdkRGBA){0.2f, 0.5f, 0.9f, 1}),
      .ground = style_colour (self, "view_bg_color", (GdkRGBA){1, 1, 1, 1}),
      .faint = faded (text, 0.07),
      .focus = gtk_widget_has_visible_focus (widget),
      .box = tessera_gallery_view_box (self),
  };
  tessera_gallery_view_in_sight (self, &first, &end);
  for (uint32_t place = first; place < end; place++)
    draw_tile (self, snapshot, place, &looks);
  if (self->boxing) {
    GdkRGBA tint = faded (looks.accent, 0.15);
    gtk_snapshot_append_color (snapshot, &tint, &looks.box);
    draw_frame (snapshot, &looks.box, 0, 1, &looks.accent);
  }
  if (looks.focus) { /* round all, as on the map: no tile may be the current one */
    GdkRGBA ring = faded (looks.accent, 0.7);
    draw_frame (snapshot,
                &GRAPHENE_RECT_INIT (0, 0, (float)gtk_widget_get_width (widget),
                                     (float)gtk_widget_get_height (widget)),
                -1, 2, &ring);
  }
}
