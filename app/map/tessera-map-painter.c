#include "tessera-map-painter.h"

#include "tessera-map-strips.h"

struct TesseraMapPainter {
  TesseraMapPainterFunc done; /* NULL once freed */
  gpointer user;
  bool running;
  TesseraMapPicture *next; /* waits until the running one is done */
  guint next_layers;
};

typedef struct {
  TesseraMapPainter *painter; /* touched on the main context only */
  TesseraMapPicture *picture;
  guint layers;
} Job;

void
tessera_map_picture_free (TesseraMapPicture *picture)
{
  if (!picture)
    return;
  for (int i = 0; i < TESSERA_MAP_N_LAYERS; i++)
    g_clear_pointer (&picture->layers[i], cairo_surface_destroy);
  g_clear_pointer (&picture->scene, tessera_map_scene_unref);
  g_free (picture);
}

static void start (TesseraMapPainter *painter, TesseraMapPicture *picture, guint layers);

static gboolean
deliver_cb (gpointer data)
{
  Job *job = data;
  TesseraMapPainter *painter = job->painter;
  painter->running = false;
  if (!painter->done) {
    tessera_map_picture_free (job->picture);
    g_free (painter);
    g_free (job);
    return G_SOURCE_REMOVE;
  }
  if (painter->next) {
    TesseraMapPicture *next = painter->next;
    painter->next = NULL;
    start (painter, next, painter->next_layers);
  }
  painter->done (job->picture, painter->user);
  g_free (job);
  return G_SOURCE_REMOVE;
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
paint_cb (gpointer data, gpointer unused)
{
  Job *job = data;
  tessera_map_strips_give_way ();
  for (int layer = 0; layer < TESSERA_MAP_N_LAYERS; layer++)
    if (job->layers & (1u << layer))
      job->picture->layers[layer] = paint_layer (job->picture, layer);
  /* Like input, ahead of redrawing: the frame that follows shows it. */
  g_main_context_invoke_full (NULL, G_PRIORITY_DEFAULT, deliver_cb, job, NULL);
}

static GThreadPool *
threads (void)
{
  static gsize pool;
  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, (gsize)g_thread_pool_new (paint_cb, NULL, 2, TRUE, NULL));
  return (GThreadPool *)pool;
}

static void
start (TesseraMapPainter *painter, TesseraMapPicture *picture, guint layers)
{
  Job *job = g_new0 (Job, 1);
  job->painter = painter;
  job->picture = picture;
  job->layers = layers;
  painter->running = true;
  g_thread_pool_push (threads (), job, NULL);
}

TesseraMapPainter *
tessera_map_painter_new (TesseraMapPainterFunc done, gpointer user)
{
  TesseraMapPainter *painter = g_new0 (TesseraMapPainter, 1);
  painter->done = done;
  painter->user = user;
  return painter;
}

void
tessera_map_painter_free (TesseraMapPainter *painter)
{
  g_clear_pointer (&painter->next, tessera_map_picture_free);
  painter->done = NULL;
  if (!painter->running)
    g_free (painter);
}

void
tessera_map_painter_order (TesseraMapPainter *painter, TesseraMapPicture *order, guint layers)
{
  if (!painter->running) {
    start (painter, order, layers);
    return;
  }
  if (painter->next)
    layers |= painter->next_layers;
  g_clear_pointer (&painter->next, tessera_map_picture_free);
  painter->next = order;
  painter->next_layers = layers;
}

bool
tessera_map_painter_is_busy (TesseraMapPainter *painter)
{
  return painter->running;
}
