#include "tsr-mailbox.h"

struct TsrMailbox {
  gatomicrefcount references;
  GMutex lock;
  GMainContext *context;
  TsrMailboxFunc receive;
  gpointer user;
  GDestroyNotify free_snapshot;
  gpointer slot;
  gboolean pending, closed;
};

TsrMailbox *
tsr_mailbox_new (TsrMailboxFunc receive, gpointer user, GDestroyNotify free_snapshot)
{
  TsrMailbox *self = g_new0 (TsrMailbox, 1);
  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->lock);
  self->context = g_main_context_ref_thread_default ();
  self->receive = receive;
  self->user = user;
  self->free_snapshot = free_snapshot;
  return self;
}

TsrMailbox *
tsr_mailbox_ref (TsrMailbox *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
tsr_mailbox_unref (TsrMailbox *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  if (self->slot)
    self->free_snapshot (self->slot);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
deliver (gpointer data)
{
  TsrMailbox *self = data;
  g_mutex_lock (&self->lock);
  gpointer snapshot = g_steal_pointer (&self->slot);
  self->pending = FALSE;
  gboolean closed = self->closed;
  g_mutex_unlock (&self->lock);
  if (snapshot && !closed)
    self->receive (snapshot, self->user);
  if (snapshot)
    self->free_snapshot (snapshot);
  return G_SOURCE_REMOVE;
}

void
tsr_mailbox_post (TsrMailbox *self, gpointer snapshot)
{
  g_mutex_lock (&self->lock);
  gpointer old = self->closed ? snapshot : self->slot;
  gboolean schedule = !self->closed && !self->pending;
  if (!self->closed) {
    self->slot = snapshot;
    self->pending = TRUE;
  }
  g_mutex_unlock (&self->lock);
  if (old)
    self->free_snapshot (old);
  if (schedule) {
    GSource *source = g_idle_source_new ();
    g_source_set_priority (source, G_PRIORITY_DEFAULT);
    g_source_set_callback (source, deliver, tsr_mailbox_ref (self),
                           (GDestroyNotify)tsr_mailbox_unref);
    g_source_attach (source, self->context);
    g_source_unref (source);
  }
}

void
tsr_mailbox_close (TsrMailbox *self)
{
  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  g_mutex_unlock (&self->lock);
}
