#include "tessera-slide-loader.h"

#include "tessera-call-main.h"
#include "tessera-map-strips.h"
#include "tsr-parallel.h"

#include <math.h>
#include <string.h>

#define BLOCK        TESSERA_SLIDE_BLOCK
#define MOST_THREADS 4
#define MOST_STORED  2048  /* pixels of the file's level along a part that is read at once */
#define MOST_SIDE    16384 /* tsr_slide_read_tile's */
#define LEAST_PART   32    /* pixels of a block: damage is not narrowed down further */

/* What one thread is at. */
typedef struct {
  TesseraSlideKey key;
  bool busy, wanted;
} Slot;

struct TesseraSlideLoader {
  TsrSlide *slide;
  TesseraSlideBlockFunc done;
  gpointer user;
  GMutex lock; /* for all that follows */
  GCond wake;
  unsigned references; /* the owner's, each thread's, a pending delivery's */
  bool closed, delivering;
  GArray *wanted; /* TesseraSlideKey, the most urgent last */
  Slot slots[MOST_THREADS];
  guint n_slots;
  GQueue ready; /* TesseraSlideBlock */
  guint64 n_decoded;
};

typedef struct {
  TesseraSlideLoader *loader;
  Slot *slot;
} Worker;

void
tessera_slide_block_free (TesseraSlideBlock *block)
{
  if (!block)
    return;
  g_free (block->pixels);
  g_free (block->damage);
  g_free (block);
}

int
tessera_slide_coarsest (const TsrSlideInfo *info)
{
  int zoom = 0;
  for (int64_t longer = MAX (info->levels->width, info->levels->height);
       (int64_t)BLOCK << zoom < longer;)
    zoom++;
  return zoom;
}

int
tessera_slide_zoom_for (const TsrSlideInfo *info, double scale)
{
  if (!(scale > 0))
    return tessera_slide_coarsest (info);
  int zoom = (int)floor (-log2 (scale) + 1e-9);
  return CLAMP (zoom, 0, tessera_slide_coarsest (info));
}

static bool
same_key (const TesseraSlideKey *a, const TesseraSlideKey *b)
{
  return a->zoom == b->zoom && a->column == b->column && a->row == b->row;
}

/* ---- decoding, in the threads ---- */

typedef struct {
  TesseraSlideLoader *loader;
  Slot *slot;
  TesseraSlideBlock *block;
  bool stopped;
  uint8_t rgb[BLOCK * BLOCK * 3];
} Task;

static bool
is_stopped (Task *task)
{
  g_mutex_lock (&task->loader->lock);
  task->stopped = task->loader->closed || !task->slot->wanted;
  g_mutex_unlock (&task->loader->lock);
  return task->stopped;
}

static void
take_pixels (Task *task, int px, int py, int pixels)
{
  for (int row = 0; row < pixels; row++) {
    const uint8_t *from = task->rgb + (size_t)row * pixels * 3;
    guint32 *to = task->block->pixels + (size_t)(py + row) * BLOCK + px;
    for (int i = 0; i < pixels; i++)
      to[i] = 0xff000000u | (guint32)from[3 * i] << 16 | (guint32)from[3 * i + 1] << 8 |
              from[3 * i + 2];
  }
}

static void
hatch (Task *task, int px, int py, int pixels)
{
  for (int y = py; y < py + pixels; y++)
    for (int x = px; x < px + pixels; x++)
      task->block->pixels[y * BLOCK + x] = (x + y) % 8 < 2 ? 0xff8c8c8cu : 0xffe4e4e4u;
}

/* Reads the square of `side` pixels of level 0 at (x, y) into `pixels` pixels of the block at
 * (px, py). Where the file has much more pixels than that, part by part, so that it can be given
 * up; where something is damaged, part by part to find what is not. */
static void
read_part (Task *task, int64_t x, int64_t y, int64_t side, int px, int py, int pixels)
{
  TsrSlide *slide = task->loader->slide;
  const TsrSlideInfo *info = tsr_slide_info (slide);
  if (x >= info->levels->width || y >= info->levels->height || task->stopped || is_stopped (task))
    return;
  double ratio = (double)side / pixels,
         stored = (double)side / info->levels[tsr_slide_level_for (slide, ratio)].downsample;
  bool too_large = side > MOST_SIDE || stored > MOST_STORED;
  if (!too_large || pixels == 1) {
    g_autoptr (GError) error = NULL;
    if (side <= MOST_SIDE && tsr_slide_read_tile (slide, x, y, side, pixels, task->rgb, &error)) {
      take_pixels (task, px, py, pixels);
      return;
    }
    if (!task->block->damage && error)
      task->block->damage = g_strdup (error->message);
    if (pixels <= LEAST_PART) {
      hatch (task, px, py, pixels);
      return;
    }
  }
  for (int part = 0; part < 4; part++)
    read_part (task, x + part % 2 * (side / 2), y + part / 2 * (side / 2), side / 2,
               px + part % 2 * (pixels / 2), py + part / 2 * (pixels / 2), pixels / 2);
}

/* NULL if it was given up. */
static TesseraSlideBlock *
decode (TesseraSlideLoader *loader, Slot *slot)
{
  Task *task = g_new (Task, 1);
  TesseraSlideBlock *block = g_new0 (TesseraSlideBlock, 1);
  block->key = slot->key;
  block->pixels = g_malloc (TESSERA_SLIDE_BLOCK_BYTES);
  memset (block->pixels, 255, TESSERA_SLIDE_BLOCK_BYTES);
  *task = (Task){.loader = loader, .slot = slot, .block = block};
  int64_t side = (int64_t)BLOCK << block->key.zoom;
  read_part (task, block->key.column * side, block->key.row * side, side, 0, 0, BLOCK);
  if (task->stopped)
    g_clear_pointer (&block, tessera_slide_block_free);
  g_free (task);
  return block;
}

/* ---- threads ---- */

/* Called with the lock held, which is gone afterwards. */
static void
unref_locked (TesseraSlideLoader *loader)
{
  bool last = --loader->references == 0;
  g_mutex_unlock (&loader->lock);
  if (!last)
    return;
  g_queue_clear_full (&loader->ready, (GDestroyNotify)tessera_slide_block_free);
  g_array_unref (loader->wanted);
  tsr_slide_unref (loader->slide);
  g_cond_clear (&loader->wake);
  g_mutex_clear (&loader->lock);
  g_free (loader);
}

static gboolean
deliver_cb (gpointer data)
{
  TesseraSlideLoader *loader = data;
  g_mutex_lock (&loader->lock);
  loader->delivering = false;
  while (!loader->closed && !g_queue_is_empty (&loader->ready)) {
    TesseraSlideBlock *block = g_queue_pop_head (&loader->ready);
    loader->n_decoded++;
    g_mutex_unlock (&loader->lock);
    loader->done (block, loader->user); /* may free the loader, of which this holds a reference */
    g_mutex_lock (&loader->lock);
  }
  unref_locked (loader);
  return G_SOURCE_REMOVE;
}

/* Called with the lock held. */
static void
hand_over (TesseraSlideLoader *loader, TesseraSlideBlock *block)
{
  g_queue_push_tail (&loader->ready, block);
  if (loader->delivering)
    return;
  loader->delivering = true;
  loader->references++;
  tessera_call_main (deliver_cb, loader);
}

static gpointer
work (gpointer data)
{
  Worker *worker = data;
  TesseraSlideLoader *loader = worker->loader;
  Slot *slot = worker->slot;
  g_free (worker);
  tessera_map_strips_give_way ();
  g_mutex_lock (&loader->lock);
  while (!loader->closed) {
    if (loader->wanted->len == 0) {
      g_cond_wait (&loader->wake, &loader->lock);
      continue;
    }
    *slot = (Slot){g_array_index (loader->wanted, TesseraSlideKey, loader->wanted->len - 1), true,
                   true};
    g_array_set_size (loader->wanted, loader->wanted->len - 1);
    g_mutex_unlock (&loader->lock);
    TesseraSlideBlock *block = decode (loader, slot);
    g_mutex_lock (&loader->lock);
    slot->busy = false;
    if (block && !loader->closed)
      hand_over (loader, block);
    else
      tessera_slide_block_free (block);
  }
  unref_locked (loader);
  return NULL;
}

/* ---- the owner's side ---- */

TesseraSlideLoader *
tessera_slide_loader_new (TsrSlide *slide, TesseraSlideBlockFunc done, gpointer user)
{
  TesseraSlideLoader *loader = g_new0 (TesseraSlideLoader, 1);
  loader->slide = tsr_slide_ref (slide);
  loader->done = done;
  loader->user = user;
  loader->wanted = g_array_new (FALSE, FALSE, sizeof (TesseraSlideKey));
  loader->n_slots = CLAMP (tsr_parallel_workers (), 2, MOST_THREADS);
  loader->references = 1 + loader->n_slots;
  g_mutex_init (&loader->lock);
  g_cond_init (&loader->wake);
  for (guint i = 0; i < loader->n_slots; i++) {
    Worker *worker = g_new (Worker, 1);
    *worker = (Worker){loader, &loader->slots[i]};
    g_thread_unref (g_thread_new ("slide-block", work, worker));
  }
  return loader;
}

void
tessera_slide_loader_free (TesseraSlideLoader *loader)
{
  g_mutex_lock (&loader->lock);
  loader->closed = true;
  g_cond_broadcast (&loader->wake);
  unref_locked (loader);
}

/* Called with the lock held: whether it is done or under way, and then goes on. */
static bool
is_coming (TesseraSlideLoader *loader, const TesseraSlideKey *key)
{
  for (guint i = 0; i < loader->n_slots; i++)
    if (loader->slots[i].busy && same_key (&loader->slots[i].key, key)) {
      /* One that has been told to stop may have listened already. */
      return loader->slots[i].wanted;
    }
  for (GList *link = loader->ready.head; link; link = link->next)
    if (same_key (&((TesseraSlideBlock *)link->data)->key, key))
      return true;
  return false;
}

static bool
is_among (const TesseraSlideKey *key, const TesseraSlideKey *keys, guint n)
{
  for (guint i = 0; i < n; i++)
    if (same_key (key, &keys[i]))
      return true;
  return false;
}

void
tessera_slide_loader_want (TesseraSlideLoader *loader, const TesseraSlideKey *keys, guint n)
{
  g_mutex_lock (&loader->lock);
  for (guint i = 0; i < loader->n_slots; i++)
    loader->slots[i].wanted &= is_among (&loader->slots[i].key, keys, n);
  g_array_set_size (loader->wanted, 0);
  for (guint i = n; i-- > 0;)
    if (!is_coming (loader, &keys[i]))
      g_array_append_val (loader->wanted, keys[i]);
  if (loader->wanted->len > 0)
    g_cond_broadcast (&loader->wake);
  g_mutex_unlock (&loader->lock);
}

guint64
tessera_slide_loader_n_decoded (TesseraSlideLoader *loader)
{
  g_mutex_lock (&loader->lock);
  guint64 n = loader->n_decoded;
  g_mutex_unlock (&loader->lock);
  return n;
}
