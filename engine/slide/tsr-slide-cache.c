/* The cache of decoded blocks: a table by place, a queue by last use, one lock. The lock is held
 * for look-ups only, never while something is decoded or copied. */

#include "tsr-slide-cache.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

struct TsrSlideBlock {
  uint64_t slide;
  int64_t column, row;
  int level;
  unsigned held;
  bool ready, listed; /* listed: in the table and the queue */
  size_t size;
  GList link; /* in the queue, newest first */
  uint8_t *rgb;
};

static struct {
  GMutex lock;
  GCond decoded;
  GHashTable *table; /* TsrSlideBlock as key and value */
  GQueue queue;
  size_t size, limit;
  uint64_t n_decoded;
} cache = {.limit = (size_t)128 << 20};

static guint
hash_block (gconstpointer data)
{
  const TsrSlideBlock *self = data;
  uint64_t mixed = self->slide * 0x9E3779B97F4A7C15u ^ (uint64_t)self->level << 58 ^
                   (uint64_t)self->row << 29 ^ (uint64_t)self->column;
  mixed *= 0xBF58476D1CE4E5B9u;
  return (guint)(mixed >> 32);
}

static gboolean
same_block (gconstpointer a, gconstpointer b)
{
  const TsrSlideBlock *one = a, *other = b;
  return one->slide == other->slide && one->level == other->level && one->row == other->row &&
         one->column == other->column;
}

static void
free_block (TsrSlideBlock *block)
{
  g_free (block->rgb);
  g_free (block);
}

/* Called with the lock held. Who still reads the block frees it. */
static void
unlist (TsrSlideBlock *block)
{
  g_hash_table_remove (cache.table, block);
  g_queue_unlink (&cache.queue, &block->link);
  cache.size -= block->size;
  block->listed = false;
  if (block->held == 0)
    free_block (block);
}

/* Called with the lock held. Blocks in use stay: they are needed whatever the limit is. */
static void
shrink (void)
{
  GList *link = cache.queue.tail;
  while (link && cache.size > cache.limit) {
    TsrSlideBlock *block = link->data;
    link = link->prev;
    if (block->held == 0)
      unlist (block);
  }
}

/* Called with the lock held. */
static TsrSlideBlock *
add_block (const TsrSlideBlock *key, size_t size)
{
  TsrSlideBlock *block = g_new (TsrSlideBlock, 1);
  *block = *key;
  block->size = size;
  block->held = 1;
  block->listed = true;
  block->link.data = block;
  g_hash_table_add (cache.table, block);
  g_queue_push_head_link (&cache.queue, &block->link);
  cache.size += size;
  shrink ();
  return block;
}

static bool
decode (TsrSlide *slide, TsrSlideBlock *block, GError **error)
{
  block->rgb = g_try_malloc (block->size);
  if (!block->rgb) {
    tsr_image_refuse (error, _ ("There is not enough memory for its pixels; close other programs"));
    return false;
  }
  return slide->reader->read_block (slide, block->level, block->column, block->row, block->rgb,
                                    error);
}

/* Called with the lock held: the block if it is there and ready, after waiting for whoever decodes
 * it. */
static TsrSlideBlock *
find_ready (const TsrSlideBlock *key)
{
  for (;;) {
    TsrSlideBlock *block = g_hash_table_lookup (cache.table, key);
    if (!block)
      return NULL;
    if (block->ready) {
      block->held++;
      g_queue_unlink (&cache.queue, &block->link);
      g_queue_push_head_link (&cache.queue, &block->link);
      return block;
    }
    g_cond_wait (&cache.decoded, &cache.lock);
  }
}

const uint8_t *
tsr_slide_cache_get (TsrSlide *slide, int level, int64_t column, int64_t row, TsrSlideBlock **hold,
                     GError **error)
{
  const TsrSlideStored *stored = &slide->stored[level];
  TsrSlideBlock key = {.slide = slide->id, .level = level, .column = column, .row = row};
  g_mutex_lock (&cache.lock);
  if (!cache.table)
    cache.table = g_hash_table_new (hash_block, same_block);
  TsrSlideBlock *block = find_ready (&key);
  if (block) {
    g_mutex_unlock (&cache.lock);
    *hold = block;
    return block->rgb;
  }
  block = add_block (&key, (size_t)stored->block_w * stored->block_h * 3);
  cache.n_decoded++;
  g_mutex_unlock (&cache.lock);
  bool ok = decode (slide, block, error);
  g_mutex_lock (&cache.lock);
  block->ready = ok;
  if (!ok) { /* whoever waits tries for itself and gets a reason of its own */
    block->held = 0;
    unlist (block);
  }
  g_cond_broadcast (&cache.decoded);
  g_mutex_unlock (&cache.lock);
  *hold = ok ? block : NULL;
  return ok ? block->rgb : NULL;
}

void
tsr_slide_cache_release (TsrSlideBlock *hold)
{
  g_mutex_lock (&cache.lock);
  if (--hold->held == 0) {
    if (!hold->listed)
      free_block (hold);
    else
      shrink ();
  }
  g_mutex_unlock (&cache.lock);
}

void
tsr_slide_cache_forget (const TsrSlide *slide)
{
  g_mutex_lock (&cache.lock);
  for (GList *link = cache.queue.head; link;) {
    TsrSlideBlock *block = link->data;
    link = link->next;
    if (block->slide == slide->id)
      unlist (block);
  }
  g_mutex_unlock (&cache.lock);
}

void
tsr_slide_set_cache_limit (size_t bytes)
{
  g_mutex_lock (&cache.lock);
  cache.limit = bytes;
  shrink ();
  g_mutex_unlock (&cache.lock);
}

uint64_t
tsr_slide_blocks_decoded (void)
{
  g_mutex_lock (&cache.lock);
  uint64_t n = cache.n_decoded;
  g_mutex_unlock (&cache.lock);
  return n;
}
