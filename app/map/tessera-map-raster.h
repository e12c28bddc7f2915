#pragma once
/* Paints a scene into pixels: premultiplied ARGB in native byte order (cairo's ARGB32,
 * GDK_MEMORY_DEFAULT), every point, none left out. Far out, where points are smaller than a pixel
 * or two, their coverage is summed and shown as shading, so that a million of them still tell dense
 * from sparse; nearer they are markers. Strips run in parallel; the result does not depend on how
 * many threads there are. No GTK here. */

#include "tessera-map-scene.h"

/** Paints the whole scene (selected is ignored) into pixels [height, stride], which must be
 * transparent (zero). stride is in pixels. Any thread. */
void tessera_map_raster_paint (TesseraMapScene *scene, const TesseraMapFrame *frame,
                               guint32 *pixels, gsize stride);

/** Paints only the scene's selected points, each with a ring unless there are very many. */
void tessera_map_raster_paint_selected (TesseraMapScene *scene, const TesseraMapFrame *frame,
                                        guint32 *pixels, gsize stride);

/** The colour (0xRRGGBB) of a look, class and value in this scene, as painted. */
guint32 tessera_map_raster_color (const TesseraMapScene *scene, TesseraMapPoint point);
