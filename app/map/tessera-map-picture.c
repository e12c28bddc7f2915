#include "tessera-map-picture.h"

void
tessera_map_picture_free (TesseraMapPicture *picture)
{
  if (!picture)
    return;
  for (int i = 0; i < TESSERA_MAP_N_LAYERS; i++)
    g_clear_pointer (&picture->layers[i], cairo_surface_destroy);
  g_clear_pointer (&picture->scene, tessera_map_scene_free);
  g_free (picture);
}

/* The images belong to cairo, which can then hand them on to render nodes without copying. */
static cairo_surface_t *
paint_layer (const TesseraMapPicture *picture, TesseraMapLayer layer)
{
  bool base = layer == TESSERA_MAP_LAYER_BASE;
  cairo_surface_t *surface =
      cairo_image_surface_create (base ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32,
                                  (int)picture->frame.width, (int)picture->frame.height);
  guint32 *pixels = (guint32 *)cairo_image_surface_get_data (surface);
  if (!pixels) /* no memory: the map stays as it was */
    return surface;
  gsize stride = cairo_image_surface_get_stride (surface) / 4;
  if (base) {
    /* Opaque, so that moving it is copying instead of blending. */
    guint32 ground = 0xff000000u | picture->scene->ground;
    for (gsize i = 0; i < stride * picture->frame.height; i++)
      pixels[i] = ground;
    tessera_map_raster_paint (picture->scene, &picture->frame, pixels, stride);
  } else {
    tessera_map_raster_paint_selected (picture->scene, &picture->frame, pixels, stride);
  }
  cairo_surface_mark_dirty (surface);
  return surface;
}

static void
paint (gpointer order)
{
  TesseraMapPicture *picture = order;
  for (int layer = 0; layer < TESSERA_MAP_N_LAYERS; layer++)
    if (picture->wanted & (1u << layer))
      picture->layers[layer] = paint_layer (picture, layer);
}

static void
supersede (gpointer order, gpointer waiting)
{
  ((TesseraMapPicture *)order)->wanted |= ((TesseraMapPicture *)waiting)->wanted;
}

const TesseraPainterKind tessera_map_picture_kind = {paint, supersede,
                                                     (GDestroyNotify)tessera_map_picture_free};
