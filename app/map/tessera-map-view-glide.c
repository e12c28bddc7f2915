/* TesseraMapView's layouts in movement: points glide from where they are to where the newest layout
 * has them, through pictures made in turn off the main thread. A movement that gets a new goal goes
 * on from the picture that was last ordered, at the time it was ordered: however slow pictures are
 * and however often goals change, points neither turn back nor stop. */

#include "tessera-map-view-private.h"

#define GLIDE_TIME   130000 /* of a layout that comes by itself, microseconds */
#define GLIDE_POINTS 150000 /* at most, of a layout that is to stay: nobody shall wait for it */
#define LEAST_TIME   40000  /* of one of a stream */
#define MOST_TIME    2000000
#define LEAST_PACE   33000 /* between two pictures of a stream */
#define MOST_PACE    80000 /* so that there are ten a second even where a picture costs as much */
#define REST         2     /* between pictures, in pictures: the processors have a map to make */

/* The goal is final: it is shown as soon as small maps have glided there, others by the next
 * picture. */
static gint64
time_to_stay (TesseraMapView *self)
{
  self->streamed_at = 0;
  return tessera_map_index_n (self->index) <= GLIDE_POINTS ? GLIDE_TIME : 0;
}

/* As long as it took from the layout before to this one, smoothed: so long it will take until the
 * next one. */
static gint64
time_to_next (TesseraMapView *self, gint64 now)
{
  gint64 since = self->streamed_at > 0 ? now - self->streamed_at : G_MAXINT64;
  self->streamed_at = now;
  if (since > 2 * MOST_TIME) { /* not measured yet, or no stream any more */
    self->stream_time = 0;
    return GLIDE_TIME;
  }
  self->stream_time = self->stream_time > 0 ? (self->stream_time + since) / 2 : since;
  return CLAMP (self->stream_time, LEAST_TIME, MOST_TIME);
}

void
tessera_map_view_start_glide (TesseraMapView *self, bool more)
{
  gint64 now = g_get_monotonic_time ();
  bool moves = self->glide_from != NULL;
  g_clear_pointer (&self->glide_from, tessera_map_places_unref);
  gint64 time = more ? time_to_next (self, now) : time_to_stay (self);
  if (time == 0 || !self->shown || !self->headed ||
      !tessera_canvas_animates (TESSERA_CANVAS (self)) ||
      !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  self->glide_from = tessera_map_places_ref (self->headed);
  self->glide_camera = self->headed_camera;
  self->glide_start = moves ? self->headed_at : now;
  self->glide_end = now + time;
  self->glide_paced = more;
  tessera_canvas_wake (TESSERA_CANVAS (self));
}

/* Pictures of a stream leave time for what makes the map; no more of them than the eye takes. */
static gint64
pace (TesseraMapView *self)
{
  return self->glide_paced ? CLAMP ((REST + 1) * self->raster_time, LEAST_PACE, MOST_PACE) : 0;
}

void
tessera_map_view_glide (TesseraMapView *self, gint64 now)
{
  if (tessera_painter_is_busy (self->painter) ||
      (now < self->glide_end && now - self->headed_at < pace (self)))
    return;
  double t = CLAMP (
      (double)(now - self->glide_start) / (double)(self->glide_end - self->glide_start), 0, 1);
  TesseraMapCamera camera = tessera_map_view_resting_camera (self);
  if (self->state->auto_fit && !self->state->motion.fly_start)
    camera = tessera_map_camera_between (&self->glide_camera, &camera, t);
  guint layers = 1u << TESSERA_MAP_LAYER_BASE | (self->state->n_selected > 0)
                                                    << TESSERA_MAP_LAYER_SELECTED;
  if (t >= 1) {
    tessera_map_view_order (self, self->cloud, camera, layers);
    return;
  }
  g_autoptr (TesseraMapIndex) between =
      tessera_map_index_new_between (self->glide_from, tessera_map_index_places (self->index), t);
  g_autoptr (TesseraMapCloud) cloud = tessera_map_cloud_new (between, self->points);
  tessera_map_view_order (self, cloud, camera, layers);
}
