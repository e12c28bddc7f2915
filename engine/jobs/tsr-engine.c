#include "tsr-engine.h"

#include "tsr-device.h"
#include "tsr-error.h"
#include "tsr-i18n.h"

#include <locale.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct {
  const char *name;
  TsrEngineNeed need;
  TsrJob job;
  gpointer data;
  GTask *task; /* of an asynchronous job */
  GCancellable *cancellable;
  bool done, ok; /* of one that is waited for */
  GError *error;
} Request;

/* What runs while nothing else is to be done. */
typedef struct {
  TsrJob job;
  TsrEngineFailed failed;
  gpointer data;
  GDestroyNotify free_data;
} Guest;

struct TsrEngine {
  GThread *thread;
  GAsyncQueue *requests; /* Request; `stop` ends the thread, `wake` only has it look again */
  GMutex lock;
  GCond finished;
  GCancellable *current; /* of the running job, guarded by lock as are these: */
  bool stopping;
  Guest *guest;
  GCancellable *visit; /* of the guest while it runs */
  bool replaced;       /* there is another since it began */
  char *device_spec;
  TsrEngineNoticed noticed; /* or NULL; set before the first job, as is: */
  gpointer noticed_data;
  TsrDevice *device; /* touched by the engine thread only, as is: */
  char *notice;      /* what noticed was told last */
};

static Request stop, wake;

static void
free_request (Request *request)
{
  g_clear_object (&request->task);
  g_clear_object (&request->cancellable);
  g_free (request);
}

/* A driver's compiler may read numbers by the locale, and the window must stay smooth while
 * training runs. */
static void
settle_thread (void)
{
  static locale_t c_locale;
  static gsize once;
  if (g_once_init_enter (&once)) {
    c_locale = newlocale (LC_NUMERIC_MASK, "C", duplocale (LC_GLOBAL_LOCALE));
    g_once_init_leave (&once, 1);
  }
  if (c_locale)
    uselocale (c_locale);
  setpriority (PRIO_PROCESS, (id_t)syscall (SYS_gettid), 10);
}

/* Says what had to be fallen back to, once: a slower device, or slower kernels on it. */
static void
tell_notice (TsrEngine *self)
{
  const char *notice = self->device ? tsr_device_notice (self->device) : NULL;
  if (!notice || g_strcmp0 (notice, self->notice) == 0)
    return;
  g_free (self->notice);
  self->notice = g_strdup (notice);
  if (self->noticed)
    self->noticed (notice, self->noticed_data);
}

static bool
run_request (TsrEngine *self, Request *request, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (request->cancellable, error))
    return false;
  if (request->need != TSR_ENGINE_NO_DEVICE && !self->device) {
    bool must = request->need == TSR_ENGINE_DEVICE || self->device_spec;
    self->device = tsr_device_open (self->device_spec, must ? error : NULL);
    if (!self->device && must)
      return false;
    tell_notice (self);
  }
  bool ok = request->job (self->device, request->cancellable, request->data, error);
  tell_notice (self); /* a job opens providers, which may fall back, too */
  return ok;
}

static void
set_current (TsrEngine *self, GCancellable *cancellable)
{
  g_mutex_lock (&self->lock);
  g_set_object (&self->current, cancellable);
  if (self->stopping && cancellable)
    g_cancellable_cancel (cancellable);
  g_mutex_unlock (&self->lock);
}

static void
complete (TsrEngine *self, Request *request, bool ok, GError *error)
{
  if (request->task) {
    if (ok)
      g_task_return_boolean (request->task, TRUE);
    else
      g_task_return_error (request->task, error);
    free_request (request);
    return;
  }
  g_mutex_lock (&self->lock);
  request->ok = ok;
  request->error = error;
  request->done = true;
  g_cond_broadcast (&self->finished);
  g_mutex_unlock (&self->lock);
}

/* ---- the guest ---- */

static void
free_guest (Guest *guest)
{
  if (guest && guest->free_data)
    guest->free_data (guest->data);
  g_free (guest);
}

/* Queues something, before which the guest has to go: the one that is here as it is queued, and no
 * later one, which would wait for what has been done already. */
static void
push (TsrEngine *self, Request *request)
{
  g_mutex_lock (&self->lock);
  g_async_queue_push (self->requests, request);
  g_autoptr (GCancellable) visit = self->visit ? g_object_ref (self->visit) : NULL;
  g_mutex_unlock (&self->lock);
  if (visit) /* what it calls may take locks of its own */
    g_cancellable_cancel (visit);
}

/* Takes the guest in until something else is queued: either that is seen here, or who queued it
 * sees the visit. One that ends by itself has left for good. */
static void
host_guest (TsrEngine *self)
{
  g_autoptr (GError) error = NULL;
  g_mutex_lock (&self->lock);
  Guest *guest = g_async_queue_length (self->requests) > 0 ? NULL : self->guest;
  if (guest) {
    self->guest = NULL; /* it is ours while it runs */
    self->visit = g_cancellable_new ();
  }
  g_mutex_unlock (&self->lock);
  if (!guest)
    return;
  Request visit = {.need = TSR_ENGINE_DEVICE,
                   .job = guest->job,
                   .data = guest->data,
                   .cancellable = self->visit};
  bool ok = run_request (self, &visit, &error);
  bool left = ok || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (left && !ok && guest->failed)
    guest->failed (error, guest->data);
  g_mutex_lock (&self->lock);
  g_clear_object (&self->visit);
  if (!left && !self->replaced)
    self->guest = g_steal_pointer (&guest);
  self->replaced = false;
  g_mutex_unlock (&self->lock);
  free_guest (guest);
}

void
tsr_engine_set_guest (TsrEngine *self, TsrJob job, TsrEngineFailed failed, gpointer data,
                      GDestroyNotify free_data)
{
  Guest *guest = NULL;
  if (job) {
    guest = g_new0 (Guest, 1);
    *guest = (Guest){job, failed, data, free_data};
  }
  g_mutex_lock (&self->lock);
  Guest *former = self->guest;
  self->guest = guest;
  self->replaced = self->visit != NULL;
  g_mutex_unlock (&self->lock);
  free_guest (former);
  push (self, &wake);
}

/* ---- the thread ---- */

static gpointer
engine_main (gpointer data)
{
  TsrEngine *self = data;
  settle_thread ();
  for (;;) {
    host_guest (self);
    Request *request = g_async_queue_pop (self->requests);
    if (request == &stop)
      break;
    if (request == &wake)
      continue;
    GError *error = NULL;
    set_current (self, request->cancellable);
    bool ok = run_request (self, request, &error);
    set_current (self, NULL);
    if (!ok && !error)
      g_set_error (&error, TSR_ERROR, TSR_ERROR_FAILED, _ ("The job “%s” failed."), request->name);
    if (ok)
      g_clear_error (&error);
    complete (self, request, ok, error);
  }
  if (self->device)
    tsr_device_close (self->device);
  return NULL;
}

TsrEngine *
tsr_engine_new (const char *device_spec)
{
  TsrEngine *self = g_new0 (TsrEngine, 1);
  self->requests = g_async_queue_new ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->finished);
  self->device_spec = g_strdup (device_spec);
  self->thread = g_thread_new ("tsr-engine", engine_main, self);
  return self;
}

void
tsr_engine_set_noticed (TsrEngine *self, TsrEngineNoticed noticed, gpointer data)
{
  self->noticed = noticed;
  self->noticed_data = data;
}

void
tsr_engine_free (TsrEngine *self)
{
  if (!self)
    return;
  g_mutex_lock (&self->lock);
  self->stopping = true;
  if (self->current)
    g_cancellable_cancel (self->current);
  g_mutex_unlock (&self->lock);
  push (self, &stop);
  g_thread_join (self->thread);
  g_async_queue_unref (self->requests);
  free_guest (self->guest);
  g_cond_clear (&self->finished);
  g_mutex_clear (&self->lock);
  g_free (self->device_spec);
  g_free (self->notice);
  g_free (self);
}

static Request *
new_request (const char *name, TsrEngineNeed need, TsrJob job, gpointer data,
             GCancellable *cancellable)
{
  Request *request = g_new0 (Request, 1);
  request->name = name;
  request->need = need;
  request->job = job;
  request->data = data;
  request->cancellable = cancellable ? g_object_ref (cancellable) : g_cancellable_new ();
  return request;
}

void
tsr_engine_run_async (TsrEngine *self, const char *name, TsrEngineNeed need, TsrJob job,
                      gpointer data, GDestroyNotify free_data, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user)
{
  Request *request = new_request (name, need, job, data, cancellable);
  request->task = g_task_new (NULL, NULL, callback, user);
  g_task_set_name (request->task, name);
  g_task_set_task_data (request->task, data, free_data);
  push (self, request);
}

bool
tsr_engine_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

bool
tsr_engine_run (TsrEngine *self, const char *name, TsrEngineNeed need, TsrJob job, gpointer data,
                GCancellable *cancellable, GError **error)
{
  Request *request = new_request (name, need, job, data, cancellable);
  push (self, request);
  g_mutex_lock (&self->lock);
  while (!request->done)
    g_cond_wait (&self->finished, &self->lock);
  g_mutex_unlock (&self->lock);
  bool ok = request->ok;
  if (request->error)
    g_propagate_error (error, request->error);
  free_request (request);
  return ok;
}
