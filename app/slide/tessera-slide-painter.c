#include "tessera-slide-painter.h"

#include "tessera-map-strips.h"

struct TesseraSlidePainter {
  TesseraSlidePictureFunc done; /* NULL once freed */
  gpointer user;
  bool running;
  TesseraSlidePicture *next; /* waits until the running one is done */
};

typedef struct {
  TesseraSlidePainter *painter; /* touched on the main context only */
  TesseraSlidePicture *picture;
} Job;

void
tessera_slide_picture_free (TesseraSlidePicture *picture)
{
  if (!picture)
    return;
  tessera_slide_scene_unref (picture->scene);
  g_clear_pointer (&picture->image, cairo_surface_destroy);
  g_free (picture);
}

static void start (TesseraSlidePainter *painter, TesseraSlidePicture *picture);

static gboolean
deliver_cb (gpointer data)
{
  Job *job = data;
  TesseraSlidePainter *painter = job->painter;
  TesseraSlidePicture *picture = job->picture;
  g_free (job);
  painter->running = false;
  if (!painter->done) {
    tessera_slide_picture_free (picture);
    g_free (painter);
    return G_SOURCE_REMOVE;
  }
  if (painter->next)
    start (painter, g_steal_pointer (&painter->next));
  painter->done (picture, painter->user);
  return G_SOURCE_REMOVE;
}

void
tessera_slide_call_main (GSourceFunc func, gpointer data)
{
  GSource *source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, NULL);
  g_source_unref (source);
}

static void
paint_cb (gpointer data, gpointer unused)
{
  Job *job = data;
  tessera_map_strips_give_way ();
  job->picture->image = tessera_slide_scene_paint (job->picture->scene, &job->picture->frame);
  tessera_slide_call_main (deliver_cb, job);
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
start (TesseraSlidePainter *painter, TesseraSlidePicture *picture)
{
  Job *job = g_new (Job, 1);
  *job = (Job){painter, picture};
  painter->running = true;
  g_thread_pool_push (threads (), job, NULL);
}

TesseraSlidePainter *
tessera_slide_painter_new (TesseraSlidePictureFunc done, gpointer user)
{
  TesseraSlidePainter *painter = g_new0 (TesseraSlidePainter, 1);
  painter->done = done;
  painter->user = user;
  return painter;
}

void
tessera_slide_painter_free (TesseraSlidePainter *painter)
{
  g_clear_pointer (&painter->next, tessera_slide_picture_free);
  painter->done = NULL;
  if (!painter->running)
    g_free (painter);
}

void
tessera_slide_painter_order (TesseraSlidePainter *painter, TesseraSlideScene *scene,
                             const TesseraSlideFrame *frame, guint version)
{
  TesseraSlidePicture *picture = g_new0 (TesseraSlidePicture, 1);
  *picture = (TesseraSlidePicture){scene, *frame, version, NULL};
  if (!painter->running) {
    start (painter, picture);
    return;
  }
  g_clear_pointer (&painter->next, tessera_slide_picture_free);
  painter->next = picture;
}

bool
tessera_slide_painter_is_busy (TesseraSlidePainter *painter)
{
  return painter->running;
}
