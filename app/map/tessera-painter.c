#include "tessera-painter.h"

#include "tessera-call-main.h"
#include "tessera-map-strips.h"

struct TesseraPainter {
  const TesseraPainterKind *kind;
  TesseraPainterFunc done; /* NULL once freed */
  gpointer user;
  bool running;
  gpointer next; /* waits until the running one is done */
};

typedef struct {
  TesseraPainter *painter; /* touched on the main context only, but for kind */
  gpointer picture;
} Job;

static void start (TesseraPainter *painter, gpointer order);

static gboolean
deliver_cb (gpointer data)
{
  Job *job = data;
  TesseraPainter *painter = job->painter;
  gpointer picture = job->picture;
  g_free (job);
  painter->running = false;
  if (!painter->done) {
    painter->kind->free (picture);
    g_free (painter);
    return G_SOURCE_REMOVE;
  }
  if (painter->next)
    start (painter, g_steal_pointer (&painter->next));
  painter->done (picture, painter->user);
  return G_SOURCE_REMOVE;
}

static void
paint_cb (gpointer data, gpointer unused)
{
  Job *job = data;
  tessera_map_strips_give_way ();
  job->painter->kind->paint (job->picture);
  tessera_call_main (deliver_cb, job);
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
start (TesseraPainter *painter, gpointer order)
{
  Job *job = g_new (Job, 1);
  *job = (Job){painter, order};
  painter->running = true;
  g_thread_pool_push (threads (), job, NULL);
}

TesseraPainter *
tessera_painter_new (const TesseraPainterKind *kind, TesseraPainterFunc done, gpointer user)
{
  TesseraPainter *painter = g_new (TesseraPainter, 1);
  *painter = (TesseraPainter){.kind = kind, .done = done, .user = user};
  return painter;
}

void
tessera_painter_free (TesseraPainter *painter)
{
  if (!painter)
    return;
  g_clear_pointer (&painter->next, painter->kind->free);
  painter->done = NULL;
  if (!painter->running)
    g_free (painter);
}

void
tessera_painter_order (TesseraPainter *painter, gpointer order)
{
  if (!painter->running) {
    start (painter, order);
    return;
  }
  if (painter->next && painter->kind->supersede)
    painter->kind->supersede (order, painter->next);
  g_clear_pointer (&painter->next, painter->kind->free);
  painter->next = order;
}

bool
tessera_painter_is_busy (const TesseraPainter *painter)
{
  return painter->running;
}
