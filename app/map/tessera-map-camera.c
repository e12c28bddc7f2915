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

/* Fits the bounds x0, y0, x1, y1 into the widget without its margins, none less than least. */
static TesseraMapCamera
fit_into (const double bounds[4], double width, double height, double least,
          const TesseraMapInsets *margins)
{
  double left = MAX (margins->left, least), right = MAX (margins->right, least),
         top = MAX (margins->top, least), bottom = MAX (margins->bottom, least);
  double across = bounds[2] - bounds[0], down = bounds[3] - bounds[1];
  if (!(across > 0) && !(down > 0))
    across = down = 1; /* one point, or all in one place */
  double scale = across > 0 ? MAX (width - left - right, 1) / across : G_MAXDOUBLE;
  if (down > 0)
    scale = MIN (scale, MAX (height - top - bottom, 1) / down);
  return (TesseraMapCamera){(bounds[0] + bounds[2] - (left - right) / scale) / 2,
                            (bounds[1] + bounds[3] - (top - bottom) / scale) / 2, scale};
}

TesseraMapCamera
tessera_map_camera_fit (const TesseraMapIndex *index, double width, double height, double reach,
                        const TesseraMapInsets *insets, unsigned n)
{
  static const TesseraMapInsets none = {0};
  double bounds[4], least = MAX (reach, FIT_MARGIN);
  TesseraMapCamera best = {0};
  if (!tessera_map_index_bounds (index, &bounds[0], &bounds[1], &bounds[2], &bounds[3]))
    return best;
  for (unsigned i = 0; i < n; i++) {
    if (width - insets[i].left - insets[i].right < width / 3 ||
        height - insets[i].top - insets[i].bottom < height / 3)
      continue;
    TesseraMapCamera fit = fit_into (bounds, width, height, least, &insets[i]);
    if (fit.scale > best.scale)
      best = fit;
  }
  return best.scale > 0 ? best : fit_into (bounds, width, height, least, &none);
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
