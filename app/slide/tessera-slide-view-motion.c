/* TesseraSlideView's camera: where it may go, and what is asked for once it is there. */

#include "tessera-slide-view-private.h"

#include <math.h>
#include <string.h>

#define MARGIN     16   /* logical pixels beside a slide that is shown whole */
#define CLOSEST    4.0  /* screen pixels a pixel of level 0 */
#define SMALL_TILE 24.0 /* logical pixels: a tile that is shown is no smaller */

static double
closest (TesseraCanvas *canvas)
{
  return CLOSEST / tessera_canvas_ratio (canvas);
}

TesseraMapCamera
tessera_slide_view_fitted (TesseraCanvas *canvas, double width, double height)
{
  double across, down;
  tessera_slide_view_extent (TESSERA_SLIDE_VIEW (canvas), &across, &down);
  if (!(across > 0) || width < 1 || height < 1)
    return (TesseraMapCamera){0};
  double scale = MIN (MAX (width - 2 * MARGIN, 1) / across, MAX (height - 2 * MARGIN, 1) / down);
  return (TesseraMapCamera){across / 2, down / 2, MIN (scale, closest (canvas))};
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
tessera_slide_view_limited (TesseraCanvas *canvas, TesseraMapCamera camera)
{
  double across, down, width = tessera_canvas_width (canvas),
                       height = tessera_canvas_height (canvas);
  tessera_slide_view_extent (TESSERA_SLIDE_VIEW (canvas), &across, &down);
  TesseraMapCamera fit = tessera_slide_view_fitted (canvas, width, height);
  if (!(fit.scale > 0) || !(camera.scale > 0))
    return camera;
  camera.scale = CLAMP (camera.scale, fit.scale, closest (canvas));
  camera.x = limited_middle (camera.x, across, width / camera.scale);
  camera.y = limited_middle (camera.y, down, height / camera.scale);
  return camera;
}

void
tessera_slide_view_scales (TesseraCanvas *canvas, double *least, double *most)
{
  *least = tessera_slide_view_fitted (canvas, tessera_canvas_width (canvas),
                                      tessera_canvas_height (canvas))
               .scale;
  *most = MAX (closest (canvas), *least);
}

void
tessera_slide_view_refresh (TesseraCanvas *canvas)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (canvas);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (!self->slide || tessera_canvas_width (TESSERA_CANVAS (self)) < 1 ||
      tessera_canvas_height (TESSERA_CANVAS (self)) < 1)
    return;
  if (!(self->state->camera.scale > 0) ||
      (self->state->auto_fit && !self->state->motion.fly_start)) {
    TesseraMapCamera fit = tessera_slide_view_fitted (
        TESSERA_CANVAS (self), tessera_canvas_width (TESSERA_CANVAS (self)),
        tessera_canvas_height (TESSERA_CANVAS (self)));
    if (memcmp (&fit, &self->state->camera, sizeof fit) != 0) {
      self->state->camera = fit;
      tessera_canvas_emit_viewport (TESSERA_CANVAS (self));
    }
  }
  tessera_slide_blocks_want (self->blocks);
  tessera_slide_view_order_sheet (self);
}

void
tessera_slide_view_show_tile (TesseraSlideView *self, guint32 id)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  int place = self->index ? tessera_slide_index_find (self->index, id) : -1;
  if (place < 0)
    return;
  const TesseraSlideTile *tile = &tessera_slide_index_tiles (self->index)[place];
  TesseraMapCamera camera = tessera_map_motion_goal (&self->state->motion, &self->state->camera);
  camera.x = (double)tile->x + tile->width / 2.0;
  camera.y = (double)tile->y + tile->height / 2.0;
  camera.scale = MAX (camera.scale, SMALL_TILE / tile->width);
  tessera_canvas_set_auto_fit (TESSERA_CANVAS (self), FALSE);
  tessera_canvas_fly (TESSERA_CANVAS (self), camera);
}
