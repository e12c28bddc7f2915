#include "tessera-tile-store.h"

#include "tessera-texture.h"
#include "tsr-error.h"
#include "tsr-tile-pictures.h"

#include <glib/gi18n.h>

/* At 96 px a thumbnail takes 27 KB: at most about 110 MB. */
#define MAX_KEPT 4096
/* Of thumbnails asked for, only the newest are read: whoever scrolls through thousands wants those
 * that are in sight at the end. Half of what is kept, or the rest would push those out again. */
#define MAX_WISHES (MAX_KEPT / 2)

/* How long closing waits for a thread's read at hand. A share that does not answer, or a slide that
 * a library does not come to an end with, must not hold the window; that thread ends when it can.
 */
#define PATIENCE (G_USEC_PER_SEC / 4)

/* Counted, because the thread may outlive the store. */
typedef struct {
  GMutex lock;
  GCond changed;
  gboolean ended;
} End;

/* Thumbnails come from the project, everything larger from where the tiles lie: a disk that does
 * not answer holds up the second only. */
enum { THUMBNAILS, PICTURES, N_LANES };

typedef struct {
  GThread *thread;
  End *end; /* the thread's */
  GAsyncQueue *wishes;
} Lane;

struct _TesseraTileStore {
  GObject parent_instance;

  char *path;
  Lane lanes[N_LANES];

  GHashTable *kept;    /* tile -> Kept */
  GQueue order;        /* Kept, the one used last at its end */
  GHashTable *pending; /* tiles being read */
  gint *newest;        /* how many thumbnails were asked for; atomic, the thread reads it */
};

typedef struct {
  GdkTexture *texture; /* NULL: it cannot be read */
  uint32_t tile;
  GList link; /* in order */
} Kept;

G_DEFINE_FINAL_TYPE (TesseraTileStore, tessera_tile_store, G_TYPE_OBJECT)

enum { SIGNAL_READY, N_SIGNALS };
static guint signals[N_SIGNALS];

/* A wish is a GTask whose data is this. */
typedef struct {
  uint32_t tile;
  gboolean whole;
  int times;   /* in so much of its surroundings; 0: alone */
  gint number; /* of a thumbnail: which one asked for it is; else 0 */
} Wish;

/* Ends the thread. */
static int stop_mark;

static bool
read_tile (TsrProject *project, const Wish *wish, TsrImage *image, GError **error)
{
  if (wish->times > 0) {
    if (tsr_project_tile_surroundings (project, wish->tile, wish->times, image, error))
      return true;
    if (error != NULL && *error == NULL)
      g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE, _ ("Tile #%u lies on no slide."), wish->tile);
    return false;
  }
  if (wish->whole &&
      tsr_project_tile_picture (project, wish->tile, TSR_TILE_FINEST, 0, image, NULL))
    return true;
  if (tsr_project_thumbnail (project, wish->tile, image, error))
    return true;
  if (error != NULL && *error == NULL)
    g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE, _ ("Tile #%u has no picture."), wish->tile);
  return false;
}

static void
serve (TsrProject *project, GTask *task, gint *newest)
{
  const Wish *wish = g_task_get_task_data (task);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (wish->number > 0 && g_atomic_int_get (newest) - wish->number >= MAX_WISHES) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Scrolled past");
    return;
  }
  GError *error = NULL;
  TsrImage image = {0};
  if (!read_tile (project, wish, &image, &error)) {
    g_task_return_error (task, error);
    return;
  }
  GdkTexture *texture = tessera_texture_new (&image);
  tsr_image_clear (&image);
  g_task_return_pointer (task, texture, g_object_unref);
}

typedef struct {
  char *path;
  GAsyncQueue *wishes;
  gint *newest; /* reference counted, as the next */
  End *end;
} Reader;

static End *
end_new (void)
{
  End *end = g_atomic_rc_box_new0 (End);
  g_mutex_init (&end->lock);
  g_cond_init (&end->changed);
  return end;
}

static void
end_clear (gpointer data)
{
  End *end = data;
  g_mutex_clear (&end->lock);
  g_cond_clear (&end->changed);
}

static void
tell_end (End *end)
{
  g_mutex_lock (&end->lock);
  end->ended = TRUE;
  g_cond_signal (&end->changed);
  g_mutex_unlock (&end->lock);
  g_atomic_rc_box_release_full (end, end_clear);
}

static gboolean
wait_for_end (End *end)
{
  gint64 until = g_get_monotonic_time () + PATIENCE;
  g_mutex_lock (&end->lock);
  while (!end->ended && g_cond_wait_until (&end->changed, &end->lock, until))
    ;
  gboolean ended = end->ended;
  g_mutex_unlock (&end->lock);
  g_atomic_rc_box_release_full (end, end_clear);
  return ended;
}

static gpointer
reader_thread (gpointer data)
{
  Reader *self = data;
  g_autoptr (GError) failure = NULL;
  TsrProject *project = tsr_project_open (self->path, TSR_PROJECT_READ_ONLY, &failure);
  gpointer item;
  while ((item = g_async_queue_pop (self->wishes)) != &stop_mark) {
    g_autoptr (GTask) task = item;
    if (project != NULL)
      serve (project, task, self->newest);
    else
      g_task_return_error (task, g_error_copy (failure));
  }
  while ((item = g_async_queue_try_pop (self->wishes)) != NULL)
    if (item != &stop_mark) {
      g_task_return_new_error (item, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Closed");
      g_object_unref (item);
    }
  g_clear_pointer (&project, tsr_project_close);
  g_async_queue_unref (self->wishes);
  g_atomic_rc_box_release (self->newest);
  tell_end (self->end);
  g_free (self->path);
  g_free (self);
  return NULL;
}

void
tessera_tile_store_close (TesseraTileStore *self)
{
  g_return_if_fail (TESSERA_IS_TILE_STORE (self));
  for (int i = 0; i < N_LANES; i++)
    if (self->lanes[i].thread != NULL)
      g_async_queue_push_front (self->lanes[i].wishes, &stop_mark);
  for (int i = 0; i < N_LANES; i++) {
    GThread *thread = g_steal_pointer (&self->lanes[i].thread);
    if (thread == NULL)
      continue;
    if (wait_for_end (g_steal_pointer (&self->lanes[i].end)))
      g_thread_join (thread);
    else
      g_thread_unref (thread);
  }
}

static void
tessera_tile_store_finalize (GObject *object)
{
  TesseraTileStore *self = TESSERA_TILE_STORE (object);
  tessera_tile_store_close (self);
  for (int i = 0; i < N_LANES; i++)
    g_async_queue_unref (self->lanes[i].wishes);
  g_hash_table_unref (self->kept);
  g_hash_table_unref (self->pending);
  g_atomic_rc_box_release (self->newest);
  g_free (self->path);
  G_OBJECT_CLASS (tessera_tile_store_parent_class)->finalize (object);
}

static void
tessera_tile_store_class_init (TesseraTileStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tessera_tile_store_finalize;
  signals[SIGNAL_READY] =
      g_signal_new ("thumbnail-ready", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
kept_free (gpointer data)
{
  Kept *kept = data;
  g_clear_object (&kept->texture);
  g_free (kept);
}

static void
tessera_tile_store_init (TesseraTileStore *self)
{
  for (int i = 0; i < N_LANES; i++)
    self->lanes[i].wishes = g_async_queue_new ();
  self->kept = g_hash_table_new_full (NULL, NULL, NULL, kept_free);
  self->pending = g_hash_table_new (NULL, NULL);
  self->newest = g_atomic_rc_box_new0 (gint);
}

static void
start_lane (TesseraTileStore *self, Lane *lane)
{
  Reader *reader = g_new (Reader, 1);
  lane->end = end_new ();
  *reader = (Reader){.path = g_strdup (self->path),
                     .wishes = g_async_queue_ref (lane->wishes),
                     .newest = g_atomic_rc_box_acquire (self->newest),
                     .end = g_atomic_rc_box_acquire (lane->end)};
  lane->thread = g_thread_new ("tessera-tiles", reader_thread, reader);
}

TesseraTileStore *
tessera_tile_store_new (const char *path)
{
  TesseraTileStore *self = g_object_new (TESSERA_TYPE_TILE_STORE, NULL);
  self->path = g_strdup (path);
  for (int i = 0; i < N_LANES; i++)
    start_lane (self, &self->lanes[i]);
  return self;
}

static void
keep (TesseraTileStore *self, uint32_t tile, GdkTexture *texture)
{
  Kept *kept = g_new0 (Kept, 1);
  *kept = (Kept){.texture = texture, .tile = tile, .link = {.data = kept}};
  g_queue_push_tail_link (&self->order, &kept->link);
  g_hash_table_insert (self->kept, GUINT_TO_POINTER (tile), kept);
  while (g_hash_table_size (self->kept) > MAX_KEPT) {
    Kept *oldest = g_queue_peek_head (&self->order);
    g_queue_unlink (&self->order, &oldest->link);
    g_hash_table_remove (self->kept, GUINT_TO_POINTER (oldest->tile));
  }
}

static void
wish (TesseraTileStore *self, GTask *task, Wish wanted)
{
  Wish *data = g_memdup2 (&wanted, sizeof wanted);
  Lane *lane = &self->lanes[wanted.number > 0 ? THUMBNAILS : PICTURES];
  g_task_set_task_data (task, data, g_free);
  if (lane->thread == NULL) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Closed");
    g_object_unref (task);
    return;
  }
  g_async_queue_push_front (lane->wishes, task);
}

static void
thumbnail_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  TesseraTileStore *self = TESSERA_TILE_STORE (source);
  uint32_t tile = GPOINTER_TO_UINT (user);
  g_autoptr (GError) error = NULL;
  GdkTexture *texture = g_task_propagate_pointer (G_TASK (result), &error);
  g_hash_table_remove (self->pending, GUINT_TO_POINTER (tile));
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  keep (self, tile, texture);
  if (texture != NULL)
    g_signal_emit (self, signals[SIGNAL_READY], 0, tile);
}

GdkTexture *
tessera_tile_store_peek (TesseraTileStore *self, uint32_t tile)
{
  g_return_val_if_fail (TESSERA_IS_TILE_STORE (self), NULL);
  gpointer key = GUINT_TO_POINTER (tile);
  Kept *kept = g_hash_table_lookup (self->kept, key);
  if (kept != NULL) {
    g_queue_unlink (&self->order, &kept->link);
    g_queue_push_tail_link (&self->order, &kept->link);
    return kept->texture;
  }
  if (self->lanes[THUMBNAILS].thread == NULL || !g_hash_table_add (self->pending, key))
    return NULL;
  gint number = g_atomic_int_add (self->newest, 1) + 1;
  wish (self, g_task_new (self, NULL, thumbnail_cb, key),
        (Wish){.tile = tile, .number = MAX (1, number)});
  return NULL;
}

void
tessera_tile_store_load_async (TesseraTileStore *self, uint32_t tile, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user)
{
  g_return_if_fail (TESSERA_IS_TILE_STORE (self));
  wish (self, g_task_new (self, cancellable, callback, user), (Wish){tile, .whole = TRUE});
}

void
tessera_tile_store_load_around_async (TesseraTileStore *self, uint32_t tile, int times,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user)
{
  g_return_if_fail (TESSERA_IS_TILE_STORE (self));
  wish (self, g_task_new (self, cancellable, callback, user), (Wish){tile, .times = times});
}

GdkTexture *
tessera_tile_store_load_finish (TesseraTileStore *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
