#include "tessera-slide-picture.h"

TesseraSlidePicture *
tessera_slide_picture_new (TesseraSlideScene *scene, const TesseraSlideFrame *frame, guint version)
{
  TesseraSlidePicture *picture = g_new (TesseraSlidePicture, 1);
  *picture = (TesseraSlidePicture){scene, *frame, version, NULL};
  return picture;
}

void
tessera_slide_picture_free (TesseraSlidePicture *picture)
{
  if (!picture)
    return;
  tessera_slide_scene_free (picture->scene);
  g_clear_pointer (&picture->image, cairo_surface_destroy);
  g_free (picture);
}

static void
paint (gpointer order)
{
  TesseraSlidePicture *picture = order;
  picture->image = tessera_slide_scene_paint (picture->scene, &picture->frame);
}

const TesseraPainterKind tessera_slide_picture_kind = {paint, NULL,
                                                       (GDestroyNotify)tessera_slide_picture_free};
