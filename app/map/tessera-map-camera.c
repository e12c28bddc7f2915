#include "tessera-map-camera.h"

#define FIT_MARGIN 28 /* logical pixels left free on each side */

void
tessera_map_camera_project (const TesseraMapCamera *camera, double width, double height, double x,
                            double y, double *px, double *py)
{
  *px = (x - camera->x) * camera->scale + width / 2;
  *py = (y - camera->y) * camera->scale + height / 2;
}

void
tessera_map_camera_unproject (const TesseraMapCamera *camera, double width, double height,
                              double px, double py, double *x, double *y)
{
  double scale = camera->scale > 0 ? camera->scale : 1;
  *x = (px - width / 2) / scale + camera->x;
  *y = (py - height / 2) / scale + camera->y;
}

TesseraMapCamera
tessera_map_camera_fit (const TesseraMapIndex *index, double width, double height)
{
  double x0, y0, x1, y1;
  if (!tessera_map_index_bounds (index, &x0, &y0, &x1, &y1))
    return (TesseraMapCamera){0};
  double free_width = MAX (width - 2 * FIT_MARGIN, 1),
         free_height = MAX (height - 2 * FIT_MARGIN, 1);
  double across = x1 - x0, down = y1 - y0;
  if (!(across > 0) && !(down > 0))
    across = down = 1; /* one point, or all in one place */
  double scale = across > 0 ? free_width / across : G_MAXDOUBLE;
  if (down > 0)
    scale = MIN (scale, free_height / down);
  return (TesseraMapCamera){(x0 + x1) / 2, (y0 + y1) / 2, scale};
}

void
tessera_map_camera_zoom_at (TesseraMapCamera *camera, double width, double height, double px,
                            double py, double scale)
{
  double x, y;
  tessera_map_camera_unproject (camera, width, height, px, py, &x, &y);
  camera->scale = scale;
  camera->x = x - (px - width / 2) / scale;
  camera->y = y - (py - height / 2) / scale;
}

TesseraMapCamera
tessera_map_camera_between (const TesseraMapCamera *from, const TesseraMapCamera *to, double t)
{
  if (!(from->scale > 0) || t >= 1)
    return *to;
  return (TesseraMapCamera){from->x + (to->x - from->x) * t, from->y + (to->y - from->y) * t,
                            1 / (1 / from->scale + (1 / to->scale - 1 / from->scale) * t)};
}
