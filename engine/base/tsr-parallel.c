#include "tsr-parallel.h"

#include <glib.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
  TsrParallelBody body;
  void *data;
  size_t n, grain;
  atomic_size_t next;
} Loop;

static struct {
  GMutex serial; /* one loop at a time */
  GMutex lock;
  GCond work, done;
  Loop *loop;
  unsigned generation, active, helpers;
} pool;

static unsigned
count_workers (void)
{
  const char *env = g_getenv ("TESSERA_THREADS");
  long n = env ? strtol (env, NULL, 10) : sysconf (_SC_NPROCESSORS_ONLN);
  return (unsigned)CLAMP (n, 1, 256);
}

unsigned
tsr_parallel_workers (void)
{
  static gsize workers;
  if (g_once_init_enter (&workers))
    g_once_init_leave (&workers, count_workers ());
  return (unsigned)workers;
}

static void
take_chunks (Loop *loop, unsigned worker)
{
  for (;;) {
    size_t begin = atomic_fetch_add (&loop->next, loop->grain);
    if (begin >= loop->n)
      return;
    loop->body (begin, MIN (begin + loop->grain, loop->n), worker, loop->data);
  }
}

static gpointer
helper_main (gpointer index)
{
  unsigned seen = 0;
  g_mutex_lock (&pool.lock);
  for (;;) {
    while (pool.generation == seen || !pool.loop)
      g_cond_wait (&pool.work, &pool.lock);
    seen = pool.generation;
    Loop *loop = pool.loop;
    pool.active++;
    g_mutex_unlock (&pool.lock);
    take_chunks (loop, GPOINTER_TO_UINT (index));
    g_mutex_lock (&pool.lock);
    if (--pool.active == 0)
      g_cond_signal (&pool.done);
  }
  return NULL;
}

static void
start_helpers (void)
{
  static gsize started;
  if (!g_once_init_enter (&started))
    return;
  pool.helpers = tsr_parallel_workers () - 1;
  for (unsigned i = 0; i < pool.helpers; i++)
    g_thread_unref (g_thread_new ("tsr-parallel", helper_main, GUINT_TO_POINTER (i + 1)));
  g_once_init_leave (&started, 1);
}

void
tsr_parallel_for (size_t n, size_t grain, TsrParallelBody body, void *data)
{
  if (n == 0)
    return;
  unsigned workers = tsr_parallel_workers ();
  if (grain == 0)
    grain = MAX (1, n / (8 * (size_t)workers));
  Loop loop = {.body = body, .data = data, .n = n, .grain = grain};
  if (workers == 1 || n <= grain) {
    take_chunks (&loop, 0);
    return;
  }
  start_helpers ();
  g_mutex_lock (&pool.serial);
  g_mutex_lock (&pool.lock);
  pool.loop = &loop;
  pool.generation++;
  g_cond_broadcast (&pool.work);
  g_mutex_unlock (&pool.lock);

  take_chunks (&loop, 0);

  g_mutex_lock (&pool.lock);
  pool.loop = NULL; /* a helper that wakes late finds nothing to take */
  while (pool.active > 0)
    g_cond_wait (&pool.done, &pool.lock);
  g_mutex_unlock (&pool.lock);
  g_mutex_unlock (&pool.serial);
}
