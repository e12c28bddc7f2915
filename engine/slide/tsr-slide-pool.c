#include "tsr-slide-pool.h"

#include <glib/gstdio.h>
#include <string.h>

#define MOST_MEMORY ((uint64_t)512 << 20) /* bytes of slides that are held in memory whole */

/* What tells one state of a file from another. */
typedef struct {
  uint64_t device, inode, size;
  int64_t seconds, nanoseconds;
} Stamp;

typedef struct {
  char *path;
  Stamp stamp;
  TsrSlide *slide; /* NULL while a thread opens it */
  uint64_t memory;
} Entry;

static GMutex lock;
static GCond opened;
static GQueue entries = G_QUEUE_INIT; /* Entry, the last used first */

static void
entry_free (Entry *entry)
{
  tsr_slide_unref (entry->slide);
  g_free (entry->path);
  g_free (entry);
}

/* False where there is no such file; opening it then says why. */
static bool
read_stamp (const char *path, Stamp *stamp)
{
  GStatBuf info;
  *stamp = (Stamp){0};
  if (g_stat (path, &info) != 0)
    return false;
  *stamp = (Stamp){(uint64_t)info.st_dev, (uint64_t)info.st_ino, (uint64_t)info.st_size,
                   info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
  return true;
}

static bool
same_stamp (const Stamp *a, const Stamp *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size &&
         a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

static GList *
find (const char *path)
{
  for (GList *at = entries.head; at; at = at->next)
    if (strcmp (((Entry *)at->data)->path, path) == 0)
      return at;
  return NULL;
}

/* Least recently used ones leave, but never the newest. Called with the lock held; what leaves is
 * closed by the caller without it. */
static void
shrink (GQueue *leaving)
{
  uint64_t memory = 0;
  unsigned n = 0;
  for (GList *at = entries.head, *next; at; at = next) {
    Entry *entry = at->data;
    next = at->next;
    if (!entry->slide)
      continue;
    n++;
    memory += entry->memory;
    if (n > 1 && (n > TSR_SLIDE_POOL || memory > MOST_MEMORY)) {
      memory -= entry->memory;
      n--;
      g_queue_unlink (&entries, at);
      g_queue_push_tail_link (leaving, at);
    }
  }
}

static uint64_t
memory_of (const TsrSlide *slide)
{
  const TsrSlideInfo *info = tsr_slide_info (slide);
  if (strcmp (info->reader, "image") != 0)
    return 0;
  return (uint64_t)info->levels[0].width * (uint64_t)info->levels[0].height * 3;
}

/* The entry's thread opens the slide without the lock; others that want it wait. */
static TsrSlide *
open_entry (Entry *entry, GError **error)
{
  GQueue leaving = G_QUEUE_INIT;
  g_mutex_unlock (&lock);
  TsrSlide *slide = tsr_slide_open (entry->path, error);
  g_mutex_lock (&lock);
  if (slide) {
    entry->slide = tsr_slide_ref (slide);
    entry->memory = memory_of (slide);
    shrink (&leaving);
  } else {
    g_queue_remove (&entries, entry);
    entry_free (entry);
  }
  g_cond_broadcast (&opened);
  g_mutex_unlock (&lock);
  for (Entry *old; (old = g_queue_pop_head (&leaving));)
    entry_free (old);
  return slide;
}

TsrSlide *
tsr_slide_pool_open (const char *path, GError **error)
{
  Stamp stamp;
  if (!read_stamp (path, &stamp))
    return tsr_slide_open (path, error);
  Entry *stale = NULL;
  g_mutex_lock (&lock);
  GList *at;
  while ((at = find (path)) && !((Entry *)at->data)->slide)
    g_cond_wait (&opened, &lock);
  if (at && same_stamp (&((Entry *)at->data)->stamp, &stamp)) {
    TsrSlide *slide = tsr_slide_ref (((Entry *)at->data)->slide);
    g_queue_unlink (&entries, at);
    g_queue_push_head_link (&entries, at);
    g_mutex_unlock (&lock);
    return slide;
  }
  if (at) {
    stale = at->data;
    g_queue_delete_link (&entries, at);
  }
  Entry *entry = g_new (Entry, 1);
  *entry = (Entry){.path = g_strdup (path), .stamp = stamp};
  g_queue_push_head (&entries, entry);
  TsrSlide *slide = open_entry (entry, error);
  if (stale)
    entry_free (stale);
  return slide;
}

void
tsr_slide_pool_clear (void)
{
  GQueue leaving = G_QUEUE_INIT;
  g_mutex_lock (&lock);
  for (GList *at = entries.head, *next; at; at = next) {
    next = at->next;
    if (!((Entry *)at->data)->slide)
      continue;
    g_queue_unlink (&entries, at);
    g_queue_push_tail_link (&leaving, at);
  }
  g_mutex_unlock (&lock);
  for (Entry *old; (old = g_queue_pop_head (&leaving));)
    entry_free (old);
}
