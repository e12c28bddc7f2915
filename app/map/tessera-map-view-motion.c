/* TesseraMapView in movement: what moves by itself, how far the camera may go, and the decision
 * when a new raster is needed. */

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
tessera_map_view_place (TesseraMapView *self, guint32 tile, double *x, double *y)
{
  TesseraMapIndex *index = self->shown ? self->shown : self->index;
  return index && tessera_map_index_place (index, tile, x, y);
}

TesseraMapCamera
tessera_map_view_fitted (TesseraCanvas *canvas, double width, double height)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  if (!self->index)
    return (TesseraMapCamera){0};
  TesseraMapCamera fit =
      tessera_map_camera_fit (self->index, width, height, 0, self->insets, self->n_insets);
  double reach = tessera_map_view_picture_reach (self, self->index, fit.scale);
  if (reach > 0)
    fit = tessera_map_camera_fit (self->index, width, height, reach, self->insets, self->n_insets);
  return fit;
}

TesseraMapCamera
tessera_map_view_resting_camera (TesseraMapView *self)
{
  if (self->state->auto_fit && !self->state->motion.fly_start && self->index) {
    TesseraMapCamera fit = tessera_map_view_fitted (TESSERA_CANVAS (self),
                                                    tessera_canvas_width (TESSERA_CANVAS (self)),
                                                    tessera_canvas_height (TESSERA_CANVAS (self)));
    if (fit.scale > 0)
      return fit;
  }
  return self->state->camera;
}

static TesseraMapFrame
frame_for (TesseraMapView *self, const TesseraMapCamera *camera, double part)
{
  double ratio = tessera_canvas_ratio (TESSERA_CANVAS (self)),
         width = tessera_canvas_width (TESSERA_CANVAS (self)),
         height = tessera_canvas_height (TESSERA_CANVAS (self));
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
  double ratio = tessera_canvas_ratio (TESSERA_CANVAS (self)), scale = camera->scale * ratio;
  if (!(frame->scale > 0) || fabs (frame->scale / scale - 1) > 1e-9)
    return false;
  double width = tessera_canvas_width (TESSERA_CANVAS (self)) * ratio,
         height = tessera_canvas_height (TESSERA_CANVAS (self)) * ratio;
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
                             self->classes->len, tessera_canvas_selection (TESSERA_CANVAS (self)));
  scene->n_labelled = self->n_labelled;
  scene->n_selected = self->state->n_selected;
  scene->dark = tessera_map_view_is_dark (self);
  GdkRGBA ground;
  tessera_map_view_ground (self, &ground);
  scene->ground = (guint32)lroundf (ground.red * 255) << 16 |
                  (guint32)lroundf (ground.green * 255) << 8 | (guint32)lroundf (ground.blue * 255);
  scene->contours = self->contours;
  scene->pixel_ratio = tessera_canvas_ratio (TESSERA_CANVAS (self));
  return scene;
}

void
tessera_map_view_order (TesseraMapView *self, TesseraMapCloud *cloud, TesseraMapCamera camera,
                        guint layers)
{
  TesseraMapPicture *picture = g_new0 (TesseraMapPicture, 1);
  picture->scene = scene_of (self, cloud);
  bool on_the_way = cloud != self->cloud && self->state->auto_fit;
  picture->frame = self->ordered = frame_for (self, &camera, on_the_way ? GLIDE_PAD : PAD);
  picture->pixel_ratio = tessera_canvas_ratio (TESSERA_CANVAS (self));
  picture->camera = camera;
  picture->ordered_at = g_get_monotonic_time ();
  picture->moves_camera = self->state->auto_fit && !self->state->motion.fly_start;
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
tessera_map_view_refresh (TesseraCanvas *canvas)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (!self->index || tessera_canvas_width (TESSERA_CANVAS (self)) < 1 ||
      tessera_canvas_height (TESSERA_CANVAS (self)) < 1)
    return;
  if (!self->cloud)
    self->cloud = tessera_map_cloud_new (self->index, self->points);
  if (!self->sheets[TESSERA_MAP_LAYER_BASE].image)
    self->state->camera = tessera_map_view_resting_camera (self);
  if (self->glide_from) {
    tessera_canvas_wake (TESSERA_CANVAS (self));
    return;
  }
  TesseraMapCamera camera = tessera_map_view_resting_camera (self);
  if (!(camera.scale > 0))
    return;
  guint missing = 0;
  bool ordered = tessera_painter_is_busy (self->painter) && covers (self, &self->ordered, &camera);
  for (int layer = 0; layer < TESSERA_MAP_N_LAYERS; layer++) {
    const TesseraMapSheet *sheet = &self->sheets[layer];
    if (layer == TESSERA_MAP_LAYER_SELECTED && self->state->n_selected == 0)
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
  if (!missing && memcmp (&self->state->camera, &camera, sizeof camera) != 0) {
    self->state->camera = camera; /* what is painted already serves there too */
    tessera_canvas_emit_viewport (TESSERA_CANVAS (self));
  }
}

void
tessera_map_view_outdate (TesseraMapView *self, guint layers)
{
  for (int layer = 0; layer < TESSERA_MAP_N_LAYERS; layer++)
    if (layers & (1u << layer))
      self->version[layer]++;
  tessera_map_view_refresh (TESSERA_CANVAS (self));
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
    if (picture->moves_camera && self->state->auto_fit && !self->state->motion.fly_start &&
        memcmp (&self->state->camera, &picture->camera, sizeof self->state->camera) != 0) {
      self->state->camera = picture->camera;
      tessera_canvas_emit_viewport (TESSERA_CANVAS (self));
    }
    tessera_canvas_update_hover (TESSERA_CANVAS (self));
  }
  tessera_map_picture_free (picture);
  tessera_map_view_refresh (TESSERA_CANVAS (self));
  if (self->glide_from && self->glide_paced) /* a slow one need not wait for a frame as well */
    tessera_map_view_glide (self, g_get_monotonic_time ());
}

/* How far one may zoom: out to half the fitted scale, in until a single tile fills a good part of
 * the view. */
void
tessera_map_view_scales (TesseraCanvas *canvas, double *least, double *most)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  const TesseraMapGrid *grid = self->shown ? tessera_map_index_peek (self->shown) : NULL;
  double fit = tessera_map_view_fitted (canvas, tessera_canvas_width (canvas),
                                        tessera_canvas_height (canvas))
                   .scale;
  if (!(fit > 0))
    return;
  *least = fit / 2;
  *most = MAX (8 * fit, grid && grid->spacing > 0 ? 320 / grid->spacing : 0);
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

bool
tessera_map_view_tick (TesseraCanvas *canvas, gint64 now)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  if (self->glide_from)
    tessera_map_view_glide (self, now);
  bool glows = self->suggestions->len > 0 && tessera_canvas_animates (canvas);
  if (glows)
    glow (self, now);
  return glows || self->glide_from;
}

/* ---- the public part ---- */

void
tessera_map_view_reveal (TesseraMapView *self, int tile)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  tessera_canvas_reveal (TESSERA_CANVAS (self), tile);
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
  if (!self->state->auto_fit || !self->index)
    return;
  TesseraMapCamera fit =
      tessera_map_view_fitted (TESSERA_CANVAS (self), tessera_canvas_width (TESSERA_CANVAS (self)),
                               tessera_canvas_height (TESSERA_CANVAS (self)));
  if (self->sheets[TESSERA_MAP_LAYER_BASE].image && !self->glide_from && fit.scale > 0)
    tessera_canvas_fly (TESSERA_CANVAS (self), fit);
  else
    tessera_map_view_refresh (TESSERA_CANVAS (self)); /* and there at once */
}

gboolean
tessera_map_view_locate (TesseraMapView *self, guint tile, double *x, double *y)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), FALSE);
  double lx, ly;
  if (!tessera_map_view_place (self, tile, &lx, &ly) || !(self->state->camera.scale > 0))
    return FALSE;
  tessera_map_camera_project (&self->state->camera, tessera_canvas_width (TESSERA_CANVAS (self)),
                              tessera_canvas_height (TESSERA_CANVAS (self)), lx, ly, x, y);
  return TRUE;
}

gboolean
tessera_map_view_is_settled (TesseraMapView *self)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), FALSE);
  if (tessera_map_motion_is_on (&self->state->motion) || self->glide_from ||
      tessera_painter_is_busy (self->painter))
    return FALSE;
  if (!self->index)
    return TRUE;
  for (int layer = 0; layer < TESSERA_MAP_N_LAYERS; layer++) {
    const TesseraMapSheet *sheet = &self->sheets[layer];
    if (layer == TESSERA_MAP_LAYER_SELECTED && self->state->n_selected == 0)
      continue;
    if (!sheet->image || sheet->version != self->version[layer] ||
        !covers (self, &sheet->frame, &self->state->camera))
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
