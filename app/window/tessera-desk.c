#include "tessera-desk.h"

struct TesseraDesk {
  gatomicrefcount refs; /* one of the owner, one of each reply on its way */
  GThread *thread;
  GAsyncQueue *requests;
  GMainContext *context;
  TesseraDeskReplyFunc reply;
  gpointer user;
  bool closed; /* main context only */
  TesseraDeskState state;
};

/* Tells the thread to stop; never dereferenced. */
static TesseraRequest quit_request;

typedef struct {
  TesseraDesk *desk;
  TesseraReply *reply;
} Delivery;

static void
desk_unref (TesseraDesk *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_async_queue_unref (self->requests);
  g_main_context_unref (self->context);
  g_free (self->state.path);
  g_free (self->state.annotator);
  g_free (self->state.truth_classes);
  g_clear_pointer (&self->state.class_ids, g_array_unref);
  g_free (self);
}

static gboolean
deliver_cb (gpointer data)
{
  Delivery *delivery = data;
  if (!delivery->desk->closed)
    delivery->desk->reply (delivery->reply, delivery->desk->user);
  return G_SOURCE_REMOVE;
}

static void
delivery_free (gpointer data)
{
  Delivery *delivery = data;
  tessera_reply_free (delivery->reply);
  desk_unref (delivery->desk);
  g_free (delivery);
}

static void
post (TesseraDesk *self, TesseraReply *reply)
{
  Delivery *delivery = g_new (Delivery, 1);
  delivery->desk = self;
  delivery->reply = reply;
  g_atomic_ref_count_inc (&self->refs);

  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver_cb, delivery, delivery_free);
  g_source_attach (source, self->context);
}

/* Whether a request may have moved a label, and with it the coverage. */
static bool
moves_labels (TesseraRequestKind kind)
{
  return kind != TESSERA_REQUEST_SKIP && kind != TESSERA_REQUEST_DETAILS &&
         kind != TESSERA_REQUEST_SET;
}

/* People copy a project's file while its window is open: in a moment without requests but the poll
 * what was written comes into it. */
static void
settle (TesseraDesk *self, bool *waits)
{
  if (*waits && self->state.project != NULL && g_async_queue_length (self->requests) <= 0) {
    tsr_project_settle (self->state.project);
    *waits = false;
  }
}

static gpointer
desk_thread (gpointer data)
{
  TesseraDesk *self = data;
  bool stale = false, waits = false;
  for (;;) {
    TesseraRequest *request = g_async_queue_try_pop (self->requests);
    if (request == NULL && stale) {
      /* Measured only when nothing waits: typing comes first. */
      TesseraReply *measure = tessera_desk_measure (&self->state);
      if (measure != NULL)
        post (self, measure);
      stale = false;
    }
    if (request == NULL)
      request = g_async_queue_pop (self->requests);
    if (request == &quit_request)
      break;
    TesseraReply *reply = tessera_desk_execute (&self->state, request);
    if (request->kind == TESSERA_REQUEST_POLL)
      settle (self, &waits);
    else
      waits |= request->kind != TESSERA_REQUEST_DETAILS;
    stale |= moves_labels (request->kind) &&
             (reply->changes != NULL || reply->label != NULL || reply->queue != NULL);
    bool unfinished = reply->unfinished; /* posted, it is another thread's */
    post (self, reply);
    if (unfinished)
      post (self, tessera_desk_finish (&self->state, request->kind));
    tessera_request_free (request);
  }
  g_clear_pointer (&self->state.derived, tessera_derived_free);
  g_clear_pointer (&self->state.ended, g_array_unref);
  g_clear_pointer (&self->state.audit, tsr_audit_free);
  g_clear_pointer (&self->state.audit_text, g_free);
  g_clear_pointer (&self->state.project, tsr_project_close);
  return NULL;
}

TesseraDesk *
tessera_desk_new (const char *path, TesseraDeskReplyFunc reply, gpointer user)
{
  TesseraDesk *self = g_new0 (TesseraDesk, 1);
  g_atomic_ref_count_init (&self->refs);
  self->requests = g_async_queue_new ();
  self->context = g_main_context_ref_thread_default ();
  self->reply = reply;
  self->user = user;
  self->state.path = g_strdup (path);
  self->state.derived = tessera_derived_new ();
  self->thread = g_thread_new ("tessera-desk", desk_thread, self);
  return self;
}

void
tessera_desk_send (TesseraDesk *self, TesseraRequest *request)
{
  g_async_queue_push (self->requests, request);
}

void
tessera_desk_free (TesseraDesk *self)
{
  self->closed = true;
  g_async_queue_push (self->requests, &quit_request);
  g_thread_join (self->thread);
  desk_unref (self);
}
