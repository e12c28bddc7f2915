/* TesseraMapView in movement: the smooth zoom, flights of the camera, and the decision when a new
 * raster is needed. */

#include "tessera-map-view-private.h"

#include <math.h>
#include <string.h>

#define PAD          0.14  /* raster beyond the widget's edges, as a part of its larger side */
#define LEAST_PAD    0.05  /* of which this much must be left, or a new one is made */
#define GLIDE_PAD    0.01  /* of one of a map in movement that nobody has moved, gone at once */
#define MOST_SIDE    32000 /* cairo's images end soon after */
#define GLOW_TIME    2.0   /* seconds a breath takes */
#define GLOW_STEPS   60    /* frames a breath: more cannot be told apart */
#define GLOW_AT_ONCE 8     /* lights that change in one frame */

gboolean
tessera_map_view_animates (TesseraMapView *self)
{
  gboolean enabled = TRUE;
  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-enable-animations", &enabled,
                NULL);
  return enabled;
}

static double
ratio_of (TesseraMapView *self)
{
  return MAX (gtk_widget_get_scale_factor (GTK_WIDGET (self)), 1);
}

static double
width_of (TesseraMapView *self)
{
  return gtk_widget_get_width (GTK_WIDGET (self));
}

static double
height_of (TesseraMapView *self)
{
  return gtk_widget_get_height (GTK_WIDGET (self));
}

gboolean
tessera_map_view_place (TesseraMapView *self, guint32 tile, double *x, double *y)
{
  TesseraMapIndex *index = self->shown ? self->shown : self->index;
  return index && tessera_map_index_place (index, tile, x, y);
}

TesseraMapCamera
tessera_map_view_fitted (TesseraMapView *self, double width, double height)
{
  return tessera_map_camera_fit (self->index, width, height, self->insets, self->n_insets);
}

TesseraMapCamera
tessera_map_view_resting_camera (TesseraMapView *self)
{
  if (self->auto_fit && !self->motion.fly_start && self->index) {
    TesseraMapCamera fit = tessera_map_view_fitted (self, width_of (self), height_of (self));
    if (fit.scale > 0)
      return fit;
  }
  return self->camera;
}

static TesseraMapFrame
frame_for (TesseraMapView *self, const TesseraMapCamera *camera, double part)
{
  double ratio = ratio_of (self), width = width_of (self), height = height_of (self);
  double pad = ceil (part * MAX (width, height)), scale = camera->scale;
  return (TesseraMapFrame){.width = (guint)MIN ((width + 2 * pad) * ratio, MOST_SIDE),
                           .height = (guint)MIN ((height + 2 * pad) * ratio, MOST_SIDE),
                           .x = camera->x - (width / 2 + pad) / scale,
                           .y = camera->y - (height / 2 + pad) / scale,
                           .scale = scale * ratio};
}

/* Whether a raster is sharp for the camera and reaches far enough beyond the edges. */
static bool
covers (TesseraMapView *self, const TesseraMapFrame *frame, const TesseraMapCamera *camera)
{
  double ratio = ratio_of (self), scale = camera->scale * ratio;
  if (!(frame->scale > 0) || fabs (frame->scale / scale - 1) > 1e-9)
    return false;
  double width = width_of (self) * ratio, height = height_of (self) * ratio;
  double pad = LEAST_PAD * MAX (width, height);
  double left = (camera->x - frame->x) * scale - width / 2,
         top = (camera->y - frame->y) * scale - height / 2;
  return left >= pad && top >= pad && left + width + pad <= frame->width &&
         top + height + pad <= frame->height;
}

static TesseraMapScene *
scene_of (TesseraMapView *self, TesseraMapCloud *cloud)
{
  TesseraMapScene *scene =
      tessera_map_scene_new (cloud, (const TesseraMapClass *)self->classes->data,
                             self->classes->len, self->selected_snapshot);
  scene->n_labelled = self->n_labelled;
  scene->n_selected = self->n_selected;
  scene->dark = tessera_map_view_is_dark (self);
  GdkRGBA ground;
  tessera_map_view_ground (self, &ground);
  scene->ground = (guint32)lroundf (ground.red * 255) << 16 |
                  (guint32)lroundf (ground.green * 255) << 8 | (guint32)lroundf (ground.blue * 255);
  scene->contours = self->contours;
  scene->pixel_ratio = ratio_of (self);
  return scene;
}

void
tessera_map_view_order (TesseraMapView *self, TesseraMapCloud *cloud, TesseraMapCamera camera,
                        guint layers)
{
  TesseraMapPicture *picture = g_new0 (TesseraMapPicture, 1);
  picture->scene = scene_of (self, cloud);
  bool on_the_way = cloud != self->cloud && self->auto_fit;
  picture->frame = self->ordered = frame_for (self, &camera, on_the_way ? GLIDE_PAD : PAD);
  picture->pixel_ratio = ratio_of (self);
  picture->camera = camera;
  picture->ordered_at = g_get_monotonic_time ();
  picture->moves_camera = self->auto_fit && !self->motion.fly_start;
  memcpy (picture->version, self->version, sizeof self->version);
  memcpy (self->ordered_version, self->version, sizeof self->version);
  picture->wanted = layers;
  TesseraMapPlaces *places = tessera_map_index_places (tessera_map_cloud_index (cloud));
  tessera_map_places_ref (places);
  g_clear_pointer (&self->headed, tessera_map_places_unref);
  self->headed = places;
  self->headed_camera = camera;
  self->headed_at = picture->ordered_at;
  tessera_painter_order (self->painter, picture);
}

void
tessera_map_view_refresh (TesseraMapView *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (!self->index || width_of (self) < 1 || height_of (self) < 1)
    return;
  if (!self->cloud)
    self->cloud = tessera_map_cloud_new (self->index, self->points);
  if (!self->sheets[TESSERA_MAP_LAYER_BASE].image)
    self->camera = tessera_map_view_resting_camera (self);
  if (self->glide_from) {
    tessera_map_view_wake (self);
    return;
  }
  TesseraMapCamera camera = tessera_map_view_resting_camera (self);
  if (!(camera.scale > 0))
    return;
  guint missing = 0;
  bool ordered = tessera_painter_is_busy (self->painter) && covers (self, &self->ordered, &camera);
  for (int layer = 0; layer < TESSERA_MAP_N_LAYERS; layer++) {
    const TesseraMapSheet *sheet = &self->sheets[layer];
    if (layer == TESSERA_MAP_LAYER_SELECTED && self->n_selected == 0)
      continue;
    if (sheet->image && sheet->version == self->version[layer] &&
        covers (self, &sheet->frame, &camera))
      continue;
    missing |= 1u << layer;
    if (self->ordered_version[layer] != self->version[layer])
      ordered = false;
  }
  if (missing && !ordered)
    tessera_map_view_order (self, self->cloud, camera, missing);
  if (!missing && memcmp (&self->camera, &camera, sizeof camera) != 0) {
    self->camera = camera; /* what is painted already serves there too */
    tessera_map_view_emit_viewport (self);
  }
}

void
tessera_map_view_outdate (TesseraMapView *self, guint layers)
{
  for (int layer = 0; layer < TESSERA_MAP_N_LAYERS; layer++)
    if (layers & (1u << layer))
      self->version[layer]++;
  tessera_map_view_refresh (self);
}

void
tessera_map_view_picture_done (gpointer data, gpointer user)
{
  TesseraMapPicture *picture = data;
  TesseraMapView *self = user;
  self->n_rasters++;
  self->raster_time = g_get_monotonic_time () - picture->ordered_at;
  TesseraMapIndex *index = tessera_map_cloud_index (picture->scene->cloud);
  if (self->index && tessera_map_index_n (index) == tessera_map_index_n (self->index)) {
    for (int layer = 0; layer < TESSERA_MAP_N_LAYERS; layer++) {
      TesseraMapSheet *sheet = &self->sheets[layer];
      if (!picture->layers[layer])
        continue;
      g_clear_pointer (&sheet->image, cairo_surface_destroy);
      g_clear_pointer (&sheet->node, gsk_render_node_unref);
      g_clear_object (&sheet->texture);
      sheet->image = g_steal_pointer (&picture->layers[layer]);
      sheet->frame = picture->frame;
      sheet->version = picture->version[layer];
    }
    g_clear_pointer (&self->shown, tessera_map_index_unref);
    self->shown = tessera_map_index_ref (index);
    if (index == self->index)
      g_clear_pointer (&self->glide_from, tessera_map_places_unref);
    if (picture->moves_camera && self->auto_fit && !self->motion.fly_start &&
        memcmp (&self->camera, &picture->camera, sizeof self->camera) != 0) {
      self->camera = picture->camera;
      tessera_map_view_emit_viewport (self);
    }
    tessera_map_view_update_hover (self);
  }
  tessera_map_picture_free (picture);
  tessera_map_view_refresh (self);
  if (self->glide_from && self->glide_paced) /* a slow one need not wait for a frame as well */
    tessera_map_view_glide (self, g_get_monotonic_time ());
}

void
tessera_map_view_move_camera (TesseraMapView *self, TesseraMapCamera camera)
{
  if (!(camera.scale > 0) || !isfinite (camera.x + camera.y + camera.scale))
    return;
  self->camera = camera;
  tessera_map_view_emit_viewport (self);
  tessera_map_view_refresh (self);
}

void
tessera_map_view_stop (TesseraMapView *self)
{
  tessera_map_motion_stop (&self->motion);
}

void
tessera_map_view_leave_auto_fit (TesseraMapView *self)
{
  if (!self->auto_fit)
    return;
  self->auto_fit = FALSE;
  g_object_notify (G_OBJECT (self), "auto-fit");
}

void
tessera_map_view_fly (TesseraMapView *self, TesseraMapCamera camera)
{
  tessera_map_view_stop (self);
  if (!tessera_map_view_animates (self) || !(self->camera.scale > 0) ||
      !gtk_widget_get_mapped (GTK_WIDGET (self))) {
    tessera_map_view_move_camera (self, camera);
    return;
  }
  tessera_map_motion_fly (&self->motion, self->camera, camera, g_get_monotonic_time ());
  tessera_map_view_wake (self);
}

/* How far one may zoom: out to half the fitted scale, in until a single tile fills a good part of
 * the view. */
static double
limit_scale (TesseraMapView *self, double scale)
{
  const TesseraMapGrid *grid = self->shown ? tessera_map_index_peek (self->shown) : NULL;
  double fit =
      self->index ? tessera_map_view_fitted (self, width_of (self), height_of (self)).scale : 0;
  if (!(fit > 0))
    return scale;
  double most = MAX (8 * fit, grid && grid->spacing > 0 ? 320 / grid->spacing : 0);
  return CLAMP (scale, fit / 2, MAX (most, fit));
}

void
tessera_map_view_zoom_by (TesseraMapView *self, double factor, double x, double y)
{
  if (!(self->camera.scale > 0))
    return;
  tessera_map_view_leave_auto_fit (self);
  self->motion.fly_start = 0;
  double from = tessera_map_motion_scale (&self->motion, &self->camera);
  double target = limit_scale (self, from * factor);
  if (!tessera_map_view_animates (self)) {
    TesseraMapCamera camera = self->camera;
    tessera_map_camera_zoom_at (&camera, width_of (self), height_of (self), x, y, target);
    tessera_map_view_move_camera (self, camera);
    return;
  }
  tessera_map_motion_zoom (&self->motion, target, x, y);
  tessera_map_view_wake (self);
}

/* Lights take turns: in one frame only so many change, because GTK redraws the whole map once the
 * changes lie in more than 30 rectangles. Where a turn is long in coming there are twice the
 * frames.
 */
static void
glow (TesseraMapView *self, gint64 now)
{
  guint n = self->lights->len, turns = (n + GLOW_AT_ONCE - 1) / GLOW_AT_ONCE;
  int steps = turns > 2 ? 2 * GLOW_STEPS : GLOW_STEPS;
  double phase = floor (fmod (now / (1e6 * GLOW_TIME), 1) * steps) / steps;
  if (phase == self->glow)
    return;
  self->glow = phase;
  self->glow_turn = (self->glow_turn + 1) % turns;
  for (guint i = self->glow_turn; i < n; i += turns)
    g_array_index (self->lights, float, i) = (float)phase;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer unused)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (widget);
  gint64 now = g_get_monotonic_time ();
  TesseraMapCamera camera = self->camera;
  if (tessera_map_motion_step (&self->motion, now, width_of (self), height_of (self), &camera))
    tessera_map_view_move_camera (self, camera);
  if (self->glide_from)
    tessera_map_view_glide (self, now);
  bool glows = (self->suggestions->len > 0) && tessera_map_view_animates (self);
  if (glows)
    glow (self, now);
  if (glows || tessera_map_motion_is_on (&self->motion) || self->glide_from)
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

void
tessera_map_view_wake (TesseraMapView *self)
{
  if (self->tick)
    return;
  self->motion.last_step = 0;
  self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
}

/* ---- the public part ---- */

void
tessera_map_view_fit (TesseraMapView *self)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  if (self->index) {
    TesseraMapCamera fit = tessera_map_view_fitted (self, width_of (self), height_of (self));
    if (fit.scale > 0)
      tessera_map_view_fly (self, fit);
  }
  if (!self->auto_fit) {
    self->auto_fit = TRUE;
    g_object_notify (G_OBJECT (self), "auto-fit");
  }
}

void
tessera_map_view_set_insets (TesseraMapView *self, const TesseraMapInsets *choices, guint n)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self) && n <= TESSERA_MAP_MAX_INSETS);
  if (n == self->n_insets && (n == 0 || memcmp (choices, self->insets, n * sizeof *choices) == 0))
    return;
  if (n > 0)
    memcpy (self->insets, choices, n * sizeof *choices);
  self->n_insets = n;
  if (!self->auto_fit || !self->index)
    return;
  TesseraMapCamera fit = tessera_map_view_fitted (self, width_of (self), height_of (self));
  if (self->sheets[TESSERA_MAP_LAYER_BASE].image && !self->glide_from && fit.scale > 0)
    tessera_map_view_fly (self, fit);
  else
    tessera_map_view_refresh (self); /* and there at once */
}

/* Without a pointer: at the tile the keys are at, if it is seen, so that it stays in sight; else at
 * the middle. */
static void
zoom_without_pointer (TesseraMapView *self, double factor)
{
  double w = width_of (self), h = height_of (self), x, y;
  int tile = self->cursor >= 0 ? self->cursor : self->current;
  bool seen = tile >= 0 && tessera_map_view_locate (self, (guint)tile, &x, &y) && x >= 0 &&
              y >= 0 && x <= w && y <= h;
  tessera_map_view_zoom_by (self, factor, seen ? x : w / 2, seen ? y : h / 2);
}

void
tessera_map_view_zoom_in (TesseraMapView *self)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  zoom_without_pointer (self, 1.5);
}

void
tessera_map_view_zoom_out (TesseraMapView *self)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  zoom_without_pointer (self, 1 / 1.5);
}

void
tessera_map_view_reveal (TesseraMapView *self, int tile)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  double x, y, px, py, width = width_of (self), height = height_of (self);
  if (tile < 0 || !tessera_map_view_place (self, tile, &x, &y) || !(self->camera.scale > 0) ||
      width < 1)
    return;
  TesseraMapCamera camera = tessera_map_motion_goal (&self->motion, &self->camera);
  tessera_map_camera_project (&camera, width, height, x, y, &px, &py);
  double edge_x = MIN (0.12 * width, 90), edge_y = MIN (0.12 * height, 90);
  double dx = px < edge_x ? px - edge_x : MAX (px - (width - edge_x), 0);
  double dy = py < edge_y ? py - edge_y : MAX (py - (height - edge_y), 0);
  if (dx == 0 && dy == 0)
    return;
  /* A tile from outside comes well into view, not just past the edge. */
  dx += dx == 0 ? 0 : dx > 0 ? 0.15 * width : -0.15 * width;
  dy += dy == 0 ? 0 : dy > 0 ? 0.15 * height : -0.15 * height;
  tessera_map_view_leave_auto_fit (self);
  camera.x += dx / camera.scale;
  camera.y += dy / camera.scale;
  tessera_map_view_fly (self, camera);
}

gboolean
tessera_map_view_get_viewport (TesseraMapView *self, double *center_x, double *center_y,
                               double *scale)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), FALSE);
  if (!self->index || !(self->camera.scale > 0))
    return FALSE;
  *center_x = self->camera.x;
  *center_y = self->camera.y;
  *scale = self->camera.scale;
  return TRUE;
}

void
tessera_map_view_set_viewport (TesseraMapView *self, double center_x, double center_y, double scale)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  tessera_map_view_stop (self);
  tessera_map_view_leave_auto_fit (self);
  tessera_map_view_move_camera (self, (TesseraMapCamera){center_x, center_y, scale});
}

gboolean
tessera_map_view_locate (TesseraMapView *self, guint tile, double *x, double *y)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), FALSE);
  double lx, ly;
  if (!tessera_map_view_place (self, tile, &lx, &ly) || !(self->camera.scale > 0))
    return FALSE;
  tessera_map_camera_project (&self->camera, width_of (self), height_of (self), lx, ly, x, y);
  return TRUE;
}

gboolean
tessera_map_view_is_settled (TesseraMapView *self)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), FALSE);
  if (tessera_map_motion_is_on (&self->motion) || self->glide_from ||
      tessera_painter_is_busy (self->painter))
    return FALSE;
  if (!self->index)
    return TRUE;
  for (int layer = 0; layer < TESSERA_MAP_N_LAYERS; layer++) {
    const TesseraMapSheet *sheet = &self->sheets[layer];
    if (layer == TESSERA_MAP_LAYER_SELECTED && self->n_selected == 0)
      continue;
    if (!sheet->image || sheet->version != self->version[layer] ||
        !covers (self, &sheet->frame, &self->camera))
      return FALSE;
  }
  return TRUE;
}

guint64
tessera_map_view_get_n_rasters (TesseraMapView *self)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), 0);
  return self->n_rasters;
}
