#include "tessera-map-painter.h"

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
    g_clear_pointer (&picture->pixels[i], g_bytes_unref);
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

static void
paint_cb (gpointer data, gpointer unused)
{
  Job *job = data;
  TesseraMapPicture *picture = job->picture;
  gsize stride = picture->frame.width, size = stride * picture->frame.height * 4;
  for (int layer = 0; layer < TESSERA_MAP_N_LAYERS; layer++) {
    if (!(job->layers & (1u << layer)))
      continue;
    guint32 *pixels =
        layer == TESSERA_MAP_LAYER_BASE ? g_malloc (MAX (size, 4)) : g_malloc0 (MAX (size, 4));
    if (layer == TESSERA_MAP_LAYER_BASE) {
      /* Opaque, so that moving it is copying instead of blending. */
      guint32 ground = 0xff000000u | picture->scene->ground;
      for (gsize i = 0; i < size / 4; i++)
        pixels[i] = ground;
      tessera_map_raster_paint (picture->scene, &picture->frame, pixels, stride);
    } else {
      tessera_map_raster_paint_selected (picture->scene, &picture->frame, pixels, stride);
    }
    picture->pixels[layer] = g_bytes_new_take (pixels, size);
  }
  /* Like input, ahead of redrawing: the frame that follows shows it. */
  g_main_context_invoke_full (NULL, G_PRIORITY_DEFAULT, deliver_cb, job, NULL);
}

static GThreadPool *
threads (void)
{
  static gsize pool;
  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, (gsize)g_thread_pool_new (paint_cb, NULL, 2, FALSE, NULL));
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
