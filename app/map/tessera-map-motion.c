#include "tessera-map-motion.h"

#include <math.h>

#define ZOOM_TIME 0.045  /* seconds in which a zoom covers 63 % of the way */
#define FLY_TIME  260000 /* microseconds */

void
tessera_map_motion_stop (TesseraMapMotion *motion)
{
  motion->zoom_target = 0;
  motion->fly_start = 0;
}

bool
tessera_map_motion_is_on (const TesseraMapMotion *motion)
{
  return motion->zoom_target > 0 || motion->fly_start != 0;
}

void
tessera_map_motion_fly (TesseraMapMotion *motion, TesseraMapCamera from, TesseraMapCamera to,
                        gint64 now)
{
  tessera_map_motion_stop (motion);
  motion->fly_from = from;
  motion->fly_to = to;
  motion->fly_start = now;
}

void
tessera_map_motion_zoom (TesseraMapMotion *motion, double scale, double x, double y)
{
  motion->fly_start = 0;
  motion->zoom_target = scale;
  motion->zoom_x = x;
  motion->zoom_y = y;
}

double
tessera_map_motion_scale (const TesseraMapMotion *motion, const TesseraMapCamera *camera)
{
  return motion->zoom_target > 0 ? motion->zoom_target : camera->scale;
}

TesseraMapCamera
tessera_map_motion_goal (const TesseraMapMotion *motion, const TesseraMapCamera *camera)
{
  return motion->fly_start ? motion->fly_to : *camera;
}

static void
step_zoom (TesseraMapMotion *motion, double seconds, double width, double height,
           TesseraMapCamera *camera)
{
  double left = log (motion->zoom_target / camera->scale),
         step = left * (1 - exp (-seconds / ZOOM_TIME));
  bool done = fabs (left - step) < 0.002;
  double scale = done ? motion->zoom_target : camera->scale * exp (step);
  tessera_map_camera_zoom_at (camera, width, height, motion->zoom_x, motion->zoom_y, scale);
  if (done)
    motion->zoom_target = 0;
}

static void
step_flight (TesseraMapMotion *motion, gint64 now, TesseraMapCamera *camera)
{
  double t = CLAMP ((double)(now - motion->fly_start) / FLY_TIME, 0, 1);
  *camera = tessera_map_camera_between (&motion->fly_from, &motion->fly_to, 1 - pow (1 - t, 3));
  if (t >= 1) {
    *camera = motion->fly_to;
    motion->fly_start = 0;
  }
}

bool
tessera_map_motion_step (TesseraMapMotion *motion, gint64 now, double width, double height,
                         TesseraMapCamera *camera)
{
  double seconds =
      motion->last_step ? CLAMP ((double)(now - motion->last_step) / 1e6, 0.001, 0.1) : 0.016;
  motion->last_step = now;
  if (motion->zoom_target > 0)
    step_zoom (motion, seconds, width, height, camera);
  else if (motion->fly_start)
    step_flight (motion, now, camera);
  else
    return false;
  return true;
}
