/* What stands over TesseraSlideView in its corners: the scale bar, the overview with the part that
 * is seen, and, if it was asked for, the image of the glass's label. */

#include "tessera-slide-view-private.h"

#include <adwaita.h>
#include <math.h>

#define GAP         12  /* logical pixels from the edges */
#define LONGEST_BAR 150 /* logical pixels */
#define CARD_SIDES  20  /* left and right of the bar on its card */
#define TOOLS       128 /* what the buttons in the other corner take */
#define INSET_SIDE  180
#define INSET_SHARE                                                                                \
  0.35                 /* of the view's shorter side, at most: beside the map there is less room */
#define LEAST_VIEW 320 /* a smaller view has no room for an overview */
#define LABEL_SIDE 200
#define SEEN_ALL   0.98

/* ---- scale bar ---- */

double
tessera_slide_bar (double mpp, double scale, double most, double *amount, const char **unit)
{
  static const double steps[3] = {1, 2, 5};
  bool known = mpp > 0 && isfinite (mpp);
  double a_unit = scale / (known ? mpp : 1); /* logical pixels */
  *unit = known ? "µm" : "px";
  *amount = 0;
  if (!(a_unit > 0) || !isfinite (a_unit) || !(most > 0))
    return 0;
  double base = pow (10, floor (log10 (most / a_unit)));
  double length = base;
  for (int i = 0; i < 3; i++)
    if (steps[i] * base * a_unit <= most * (1 + 1e-9))
      length = steps[i] * base;
  *amount = length;
  if (known && length >= 1000 * (1 - 1e-9)) {
    *amount = length / 1000;
    *unit = "mm";
  }
  return length * a_unit;
}

static double
mpp_of (TesseraSlideView *self)
{
  return self->mpp > 0 ? self->mpp : tsr_slide_info (self->slide)->mpp_x;
}

static bool
is_dark (void)
{
  return adw_style_manager_get_dark (adw_style_manager_get_default ());
}

/* A card in the colours of what lies on the map. */
static void
append_card (TesseraSlideView *self, GtkSnapshot *snapshot, const graphene_rect_t *rect)
{
  GskRoundedRect outline;
  GdkRGBA paper = tessera_slide_view_style_color (self, "popover_bg_color",
                                                  is_dark () ? 0x383838 : 0xffffff),
          shade = {0, 0, 0, 0.25f};
  gsk_rounded_rect_init_from_rect (&outline, rect, 8);
  gtk_snapshot_append_outset_shadow (snapshot, &outline, &shade, 0, 1, 0, 4);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &paper, rect);
  gtk_snapshot_pop (snapshot);
}

static void
draw_bar (TesseraSlideView *self, GtkSnapshot *snapshot, double width, double height)
{
  const char *unit;
  double room = width - TOOLS - CARD_SIDES - GAP, amount;
  double length = tessera_slide_bar (mpp_of (self), self->state->camera.scale,
                                     MIN (room, LONGEST_BAR), &amount, &unit);
  if (!(length > 0))
    return;
  g_autofree char *text = g_strdup_printf ("%.12g %s", amount, unit);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int text_width, text_height;
  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  double inner = MAX (length, text_width), card_h = text_height + 15;
  graphene_rect_t card = GRAPHENE_RECT_INIT (GAP, (float)(height - GAP - card_h),
                                             (float)ceil (inner) + CARD_SIDES, (float)card_h);
  append_card (self, snapshot, &card);
  GdkRGBA ink =
      tessera_slide_view_style_color (self, "popover_fg_color", is_dark () ? 0xffffff : 0x202024);
  float left = card.origin.x + 10 + (float)floor ((inner - length) / 2),
        bottom = card.origin.y + card.size.height - 7, long_ = (float)length;
  gtk_snapshot_append_color (snapshot, &ink, &GRAPHENE_RECT_INIT (left, bottom - 2, long_, 2));
  gtk_snapshot_append_color (snapshot, &ink, &GRAPHENE_RECT_INIT (left, bottom - 6, 2, 6));
  gtk_snapshot_append_color (snapshot, &ink,
                             &GRAPHENE_RECT_INIT (left + long_ - 2, bottom - 6, 2, 6));
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT (card.origin.x + 10 + (float)floor ((inner - text_width) / 2),
                                      card.origin.y + 3));
  gtk_snapshot_append_layout (snapshot, layout, &ink);
  gtk_snapshot_restore (snapshot);
}

/* ---- overview ---- */

/* What is seen of the slide, in pixels of level 0. */
static void
seen_part (TesseraSlideView *self, double *x0, double *y0, double *x1, double *y1)
{
  double across, down,
      half_w = gtk_widget_get_width (GTK_WIDGET (self)) / 2.0 / self->state->camera.scale,
      half_h = gtk_widget_get_height (GTK_WIDGET (self)) / 2.0 / self->state->camera.scale;
  tessera_slide_view_extent (self, &across, &down);
  *x0 = CLAMP (self->state->camera.x - half_w, 0, across);
  *x1 = CLAMP (self->state->camera.x + half_w, 0, across);
  *y0 = CLAMP (self->state->camera.y - half_h, 0, down);
  *y1 = CLAMP (self->state->camera.y + half_h, 0, down);
}

gboolean
tessera_slide_view_get_inset (TesseraSlideView *self, graphene_rect_t *rect)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_VIEW (self), FALSE);
  double across, down, x0, y0, x1, y1, width = gtk_widget_get_width (GTK_WIDGET (self)),
                                       height = gtk_widget_get_height (GTK_WIDGET (self));
  tessera_slide_view_extent (self, &across, &down);
  if (!self->slide || !self->show_overview || !(self->state->camera.scale > 0) ||
      MIN (width, height) < LEAST_VIEW)
    return FALSE;
  seen_part (self, &x0, &y0, &x1, &y1);
  bool dragging = self->state->drag == TESSERA_CANVAS_DRAG_OWN;
  if ((x1 - x0) * (y1 - y0) >= SEEN_ALL * across * down && !dragging)
    return FALSE;
  double side = MIN (INSET_SIDE, INSET_SHARE * MIN (width, height)),
         scale = side / MAX (across, down), w = MAX (round (across * scale), 4),
         h = MAX (round (down * scale), 4);
  graphene_rect_init (rect, (float)(width - GAP - w), GAP, (float)w, (float)h);
  return TRUE;
}

static void
draw_inset (TesseraSlideView *self, GtkSnapshot *snapshot)
{
  graphene_rect_t rect, card;
  if (!tessera_slide_view_get_inset (self, &rect))
    return;
  double across, down, x0, y0, x1, y1;
  tessera_slide_view_extent (self, &across, &down);
  card = rect;
  graphene_rect_inset (&card, -4, -4);
  append_card (self, snapshot, &card);
  tessera_slide_blocks_snapshot_overview (self->blocks, snapshot, &rect);
  seen_part (self, &x0, &y0, &x1, &y1);
  double sx = rect.size.width / across, sy = rect.size.height / down;
  /* Never so small that it could not be found. */
  double w = MAX ((x1 - x0) * sx, 8), h = MAX ((y1 - y0) * sy, 8);
  double x = rect.origin.x + (x0 + x1) / 2 * sx - w / 2,
         y = rect.origin.y + (y0 + y1) / 2 * sy - h / 2;
  graphene_rect_t seen = GRAPHENE_RECT_INIT ((float)x, (float)y, (float)w, (float)h);
  GdkRGBA accent = tessera_slide_view_style_color (self, "accent_bg_color", 0x3584e4),
          fill = accent;
  fill.alpha = 0.14f;
  gtk_snapshot_push_clip (snapshot, &card);
  gtk_snapshot_append_color (snapshot, &fill, &seen);
  tessera_slide_view_line (snapshot, &seen, 2, 1, accent);
  gtk_snapshot_pop (snapshot);
}

void
tessera_slide_view_go_in_inset (TesseraCanvas *canvas, double x, double y)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (canvas);
  graphene_rect_t rect;
  double across, down;
  if (!tessera_slide_view_get_inset (self, &rect))
    return;
  tessera_slide_view_extent (self, &across, &down);
  TesseraMapCamera camera = self->state->camera;
  camera.x = CLAMP ((x - rect.origin.x) / rect.size.width, 0, 1) * across;
  camera.y = CLAMP ((y - rect.origin.y) / rect.size.height, 0, 1) * down;
  tessera_canvas_set_auto_fit (canvas, FALSE);
  tessera_canvas_move_camera (canvas, camera);
}

/* ---- the glass's label ---- */

static void
read_label (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  TsrSlide *slide = data;
  const GPtrArray *images = tsr_slide_info (slide)->images;
  TsrImage image = {0};
  GError *error = NULL;
  for (guint i = 0; images && i < images->len; i++) {
    const TsrSlideImage *listed = g_ptr_array_index (images, i);
    if (listed->kind != TSR_SLIDE_IMAGE_LABEL)
      continue;
    if (!tsr_slide_read_image (slide, listed->name, &image, &error)) {
      g_task_return_error (task, error);
      return;
    }
    gsize stride = (gsize)image.width * 3;
    g_autoptr (GBytes) bytes = g_bytes_new (image.pixels, stride * (gsize)image.height);
    g_task_return_pointer (
        task, gdk_memory_texture_new (image.width, image.height, GDK_MEMORY_R8G8B8, bytes, stride),
        g_object_unref);
    tsr_image_clear (&image);
    return;
  }
  g_task_return_pointer (task, NULL, NULL);
}

/* A label that cannot be read is not shown: nobody needs it to work. */
static void
label_read_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (source);
  g_autoptr (GdkTexture) texture = g_task_propagate_pointer (G_TASK (result), NULL);
  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    return;
  g_set_object (&self->label_image, texture);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
tessera_slide_view_show_label_image (TesseraSlideView *self, gboolean show)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  if (self->label_reading)
    g_cancellable_cancel (self->label_reading);
  g_clear_object (&self->label_reading);
  g_clear_object (&self->label_image);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (!show || !self->slide)
    return;
  self->label_reading = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (self, self->label_reading, label_read_cb, NULL);
  g_task_set_task_data (task, tsr_slide_ref (self->slide), (GDestroyNotify)tsr_slide_unref);
  g_task_run_in_thread (task, read_label);
}

static void
draw_label (TesseraSlideView *self, GtkSnapshot *snapshot, double width, double height)
{
  if (!self->label_image)
    return;
  double w = gdk_texture_get_width (self->label_image),
         h = gdk_texture_get_height (self->label_image), fit = LABEL_SIDE / MAX (w, h);
  graphene_rect_t rect = GRAPHENE_RECT_INIT ((float)round (width - GAP - w * fit),
                                             (float)round (height - GAP - h * fit),
                                             (float)round (w * fit), (float)round (h * fit));
  graphene_rect_t card = rect;
  graphene_rect_inset (&card, -4, -4);
  append_card (self, snapshot, &card);
  gtk_snapshot_append_texture (snapshot, self->label_image, &rect);
}

void
tessera_slide_view_snapshot_furniture (TesseraSlideView *self, GtkSnapshot *snapshot)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)),
         height = gtk_widget_get_height (GTK_WIDGET (self));
  if (self->show_scale_bar)
    draw_bar (self, snapshot, width, height);
  draw_inset (self, snapshot);
  draw_label (self, snapshot, width, height);
}
