#include "tessera-map-strips.h"

#include "tsr-parallel.h"

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_THREADS 8
#define NICE        5 /* behind what the hand feels, ahead of a training (10) */

void
tessera_map_strips_give_way (void)
{
  static _Thread_local bool done;
  if (!done)
    setpriority (PRIO_PROCESS, (id_t)syscall (SYS_gettid), NICE);
  done = true;
}

typedef struct {
  gatomicrefcount refs;
  TesseraMapStripFunc func;
  gpointer data;
  guint n;
  gint next; /* strip to take */
  GMutex lock;
  GCond all_done;
  guint done;
} Job;

static void
job_unref (Job *job)
{
  if (!g_atomic_ref_count_dec (&job->refs))
    return;
  g_mutex_clear (&job->lock);
  g_cond_clear (&job->all_done);
  g_free (job);
}

static void
take_strips (Job *job)
{
  guint taken = 0;
  for (guint i; (i = (guint)g_atomic_int_add (&job->next, 1)) < job->n; taken++)
    job->func (i, job->data);
  g_mutex_lock (&job->lock);
  job->done += taken;
  if (job->done == job->n)
    g_cond_signal (&job->all_done);
  g_mutex_unlock (&job->lock);
}

/* A helper that comes late, after the caller has left, finds no strip to take and does not touch
 * data. */
static void
help_cb (gpointer data, gpointer unused)
{
  tessera_map_strips_give_way ();
  take_strips (data);
  job_unref (data);
}

/* Of their own (exclusive): a thread that gave way must not serve others. */
static GThreadPool *
helpers (void)
{
  static gsize pool;
  if (g_once_init_enter (&pool)) {
    int threads = (int)MIN (tsr_parallel_workers (), MAX_THREADS);
    g_once_init_leave (&pool, (gsize)g_thread_pool_new (help_cb, NULL, threads, TRUE, NULL));
  }
  return (GThreadPool *)pool;
}

void
tessera_map_strips_run (guint n, TesseraMapStripFunc func, gpointer data)
{
  guint threads = MIN (MIN (tsr_parallel_workers (), MAX_THREADS), n);
  Job *job = g_new0 (Job, 1);
  g_atomic_ref_count_init (&job->refs);
  g_mutex_init (&job->lock);
  g_cond_init (&job->all_done);
  job->func = func;
  job->data = data;
  job->n = n;
  for (guint i = 1; i < threads; i++) {
    g_atomic_ref_count_inc (&job->refs);
    g_thread_pool_push (helpers (), job, NULL);
  }
  take_strips (job);
  g_mutex_lock (&job->lock);
  while (job->done < n)
    g_cond_wait (&job->all_done, &job->lock);
  g_mutex_unlock (&job->lock);
  job_unref (job);
}
