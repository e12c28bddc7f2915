/* TesseraSlideView in movement: the smooth zoom, flights of the camera, and how far they may go. */

#include "tessera-slide-view-private.h"

#include <math.h>
#include <string.h>

#define MARGIN     16   /* logical pixels beside a slide that is shown whole */
#define CLOSEST    4.0  /* screen pixels a pixel of level 0 */
#define SMALL_TILE 24.0 /* logical pixels: a tile that is shown is no smaller */

static gboolean
animates (TesseraSlideView *self)
{
  gboolean enabled = TRUE;
  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-enable-animations", &enabled,
                NULL);
  return enabled;
}

static double
width_of (TesseraSlideView *self)
{
  return gtk_widget_get_width (GTK_WIDGET (self));
}

static double
height_of (TesseraSlideView *self)
{
  return gtk_widget_get_height (GTK_WIDGET (self));
}

static double
closest (TesseraSlideView *self)
{
  return CLOSEST / tessera_slide_view_ratio (self);
}

TesseraMapCamera
tessera_slide_view_fitted (TesseraSlideView *self, double width, double height)
{
  double across, down;
  tessera_slide_view_extent (self, &across, &down);
  if (!(across > 0) || width < 1 || height < 1)
    return (TesseraMapCamera){0};
  double scale = MIN (MAX (width - 2 * MARGIN, 1) / across, MAX (height - 2 * MARGIN, 1) / down);
  return (TesseraMapCamera){across / 2, down / 2, MIN (scale, closest (self))};
}

/* The middle of the view stays on a slide that is larger, and the middle of a smaller slide stays
 * in the view: every tile can be brought into the middle, and the slide is never lost. */
static double
limited_middle (double middle, double extent, double seen)
{
  double most = MAX (extent, seen) / 2;
  return CLAMP (middle, extent / 2 - most, extent / 2 + most);
}

TesseraMapCamera
tessera_slide_view_limited (TesseraSlideView *self, TesseraMapCamera camera)
{
  double across, down, width = width_of (self), height = height_of (self);
  tessera_slide_view_extent (self, &across, &down);
  TesseraMapCamera fit = tessera_slide_view_fitted (self, width, height);
  if (!(fit.scale > 0) || !(camera.scale > 0))
    return camera;
  camera.scale = CLAMP (camera.scale, fit.scale, closest (self));
  camera.x = limited_middle (camera.x, across, width / camera.scale);
  camera.y = limited_middle (camera.y, down, height / camera.scale);
  return camera;
}

void
tessera_slide_view_refresh (TesseraSlideView *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (!self->slide || width_of (self) < 1 || height_of (self) < 1)
    return;
  if (!(self->camera.scale > 0) || (self->auto_fit && !self->motion.fly_start)) {
    TesseraMapCamera fit = tessera_slide_view_fitted (self, width_of (self), height_of (self));
    if (memcmp (&fit, &self->camera, sizeof fit) != 0) {
      self->camera = fit;
      tessera_slide_view_emit_viewport (self);
    }
  }
  tessera_slide_blocks_want (self->blocks);
  tessera_slide_view_order_sheet (self);
}

void
tessera_slide_view_move_camera (TesseraSlideView *self, TesseraMapCamera camera)
{
  if (!(camera.scale > 0) || !isfinite (camera.x + camera.y + camera.scale))
    return;
  camera = tessera_slide_view_limited (self, camera);
  self->camera = camera;
  tessera_slide_view_emit_viewport (self);
  tessera_slide_view_refresh (self);
}

void
tessera_slide_view_stop (TesseraSlideView *self)
{
  tessera_map_motion_stop (&self->motion);
}

void
tessera_slide_view_leave_auto_fit (TesseraSlideView *self)
{
  if (!self->auto_fit)
    return;
  self->auto_fit = FALSE;
  g_object_notify (G_OBJECT (self), "auto-fit");
}

/* ---- movement ---- */

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer unused)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (widget);
  gint64 now = g_get_monotonic_time ();
  TesseraMapCamera camera = self->camera;
  if (tessera_map_motion_step (&self->motion, now, width_of (self), height_of (self), &camera))
    tessera_slide_view_move_camera (self, camera);
  if (tessera_map_motion_is_on (&self->motion))
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  tessera_slide_view_update_hover (self);
  return G_SOURCE_REMOVE;
}

static void
wake (TesseraSlideView *self)
{
  if (self->tick)
    return;
  self->motion.last_step = 0;
  self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
}

void
tessera_slide_view_fly (TesseraSlideView *self, TesseraMapCamera camera)
{
  tessera_slide_view_stop (self);
  camera = tessera_slide_view_limited (self, camera);
  if (!animates (self) || !(self->camera.scale > 0) || !gtk_widget_get_mapped (GTK_WIDGET (self))) {
    tessera_slide_view_move_camera (self, camera);
    return;
  }
  tessera_map_motion_fly (&self->motion, self->camera, camera, g_get_monotonic_time ());
  wake (self);
}

void
tessera_slide_view_zoom_by (TesseraSlideView *self, double factor, double x, double y)
{
  if (!(self->camera.scale > 0))
    return;
  TesseraMapCamera fit = tessera_slide_view_fitted (self, width_of (self), height_of (self));
  double from = tessera_map_motion_scale (&self->motion, &self->camera);
  double target = CLAMP (from * factor, fit.scale, MAX (closest (self), fit.scale));
  if (factor < 1 && target <= fit.scale) {
    tessera_slide_view_fit (self); /* there is nothing further out, and all of it is wanted */
    return;
  }
  tessera_slide_view_leave_auto_fit (self);
  self->motion.fly_start = 0;
  if (!animates (self)) {
    TesseraMapCamera camera = self->camera;
    tessera_map_camera_zoom_at (&camera, width_of (self), height_of (self), x, y, target);
    tessera_slide_view_move_camera (self, camera);
    return;
  }
  tessera_map_motion_zoom (&self->motion, target, x, y);
  wake (self);
}

/* ---- the public part ---- */

void
tessera_slide_view_fit (TesseraSlideView *self)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  TesseraMapCamera fit = tessera_slide_view_fitted (self, width_of (self), height_of (self));
  if (fit.scale > 0)
    tessera_slide_view_fly (self, fit);
  if (!self->auto_fit) {
    self->auto_fit = TRUE;
    g_object_notify (G_OBJECT (self), "auto-fit");
  }
}

void
tessera_slide_view_zoom_in (TesseraSlideView *self)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  tessera_slide_view_zoom_by (self, 1.5, width_of (self) / 2, height_of (self) / 2);
}

void
tessera_slide_view_zoom_out (TesseraSlideView *self)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  tessera_slide_view_zoom_by (self, 1 / 1.5, width_of (self) / 2, height_of (self) / 2);
}

gboolean
tessera_slide_view_get_viewport (TesseraSlideView *self, double *center_x, double *center_y,
                                 double *scale)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_VIEW (self), FALSE);
  if (!self->slide || !(self->camera.scale > 0))
    return FALSE;
  *center_x = self->camera.x;
  *center_y = self->camera.y;
  *scale = self->camera.scale;
  return TRUE;
}

void
tessera_slide_view_set_viewport (TesseraSlideView *self, double center_x, double center_y,
                                 double scale)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  tessera_slide_view_stop (self);
  tessera_slide_view_leave_auto_fit (self);
  tessera_slide_view_move_camera (self, (TesseraMapCamera){center_x, center_y, scale});
}

void
tessera_slide_view_show_tile (TesseraSlideView *self, guint32 id)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  int place = self->index ? tessera_slide_index_find (self->index, id) : -1;
  if (place < 0)
    return;
  const TesseraSlideTile *tile = &tessera_slide_index_tiles (self->index)[place];
  TesseraMapCamera camera = tessera_map_motion_goal (&self->motion, &self->camera);
  camera.x = (double)tile->x + tile->width / 2.0;
  camera.y = (double)tile->y + tile->height / 2.0;
  camera.scale = MAX (camera.scale, SMALL_TILE / tile->width);
  tessera_slide_view_leave_auto_fit (self);
  tessera_slide_view_fly (self, camera);
}
