#include "tsr-lab-private.h"

#include "tsr-device.h"

#include <string.h>

struct TsrLab {
  gatomicrefcount refs;
  char *path, *model;
  GMutex lock; /* guards what follows */
  GCond news;
  TsrLabRequest *request[TSR_LAB_N_SLOTS];
  TsrMailbox *answers[TSR_LAB_N_SLOTS];
  TsrLabShared *world;
  bool hosted;
};

/* ---- what is asked and answered ---- */

TsrLabRequest *
tsr_lab_request_new (uint32_t n)
{
  TsrLabRequest *self = g_new0 (TsrLabRequest, 1);
  self->n = n;
  self->recipes = g_new0 (TsrLabRecipe, MAX (n, 1));
  for (uint32_t k = 0; k < n; k++)
    self->recipes[k].psi = 1;
  return self;
}

void
tsr_lab_point_clear (TsrLabPoint *point)
{
  g_clear_pointer (&point->data, g_bytes_unref);
  *point = (TsrLabPoint){0};
}

void
tsr_lab_point_set (TsrLabPoint *to, const TsrLabPoint *from)
{
  TsrLabPoint copy = *from;
  if (copy.data)
    g_bytes_ref (copy.data);
  tsr_lab_point_clear (to);
  *to = copy;
}

void
tsr_lab_request_free (TsrLabRequest *self)
{
  if (!self)
    return;
  for (uint32_t k = 0; k < self->n; k++) {
    tsr_lab_point_clear (&self->recipes[k].a);
    tsr_lab_point_clear (&self->recipes[k].b);
    tsr_lab_point_clear (&self->recipes[k].from);
    tsr_lab_point_clear (&self->recipes[k].to);
  }
  g_free (self->recipes);
  g_free (self);
}

void
tsr_lab_answer_free (TsrLabAnswer *self)
{
  if (!self)
    return;
  g_free (self->problem);
  g_free (self->pictures);
  g_free (self->real);
  g_free (self->vector);
  g_free (self->nearest);
  g_free (self);
}

static TsrLabShared *
share (const TsrLabWorld *world)
{
  static gint serial;
  TsrLabShared *self = g_new0 (TsrLabShared, 1);
  g_atomic_ref_count_init (&self->refs);
  self->serial = g_atomic_int_add (&serial, 1);
  if (world)
    self->is = *world;
  return self;
}

static void
let_go (TsrLabShared *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  if (self->is.release)
    self->is.release (self->is.owner);
  g_free (self);
}

/* ---- the lab ---- */

TsrLab *
tsr_lab_new (const char *path, const char *model)
{
  TsrLab *self = g_new0 (TsrLab, 1);
  g_atomic_ref_count_init (&self->refs);
  self->path = g_strdup (path);
  self->model = g_strdup (model);
  self->world = share (NULL);
  g_mutex_init (&self->lock);
  g_cond_init (&self->news);
  return self;
}

TsrLab *
tsr_lab_ref (TsrLab *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
tsr_lab_unref (TsrLab *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->refs))
    return;
  for (int k = 0; k < TSR_LAB_N_SLOTS; k++) {
    tsr_lab_request_free (self->request[k]);
    g_clear_pointer (&self->answers[k], tsr_mailbox_unref);
  }
  let_go (self->world);
  g_cond_clear (&self->news);
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self->model);
  g_free (self);
}

void
tsr_lab_listen (TsrLab *self, TsrLabSlot slot, TsrMailbox *mailbox)
{
  g_mutex_lock (&self->lock);
  TsrMailbox *former = self->answers[slot];
  self->answers[slot] = mailbox ? tsr_mailbox_ref (mailbox) : NULL;
  g_mutex_unlock (&self->lock);
  if (former)
    tsr_mailbox_unref (former);
}

void
tsr_lab_set_world (TsrLab *self, const TsrLabWorld *world)
{
  TsrLabShared *next = share (world);
  g_mutex_lock (&self->lock);
  TsrLabShared *former = self->world;
  self->world = next;
  g_mutex_unlock (&self->lock);
  let_go (former);
}

void
tsr_lab_ask (TsrLab *self, TsrLabSlot slot, TsrLabRequest *request)
{
  g_mutex_lock (&self->lock);
  TsrLabRequest *former = self->request[slot];
  self->request[slot] = request;
  g_cond_broadcast (&self->news);
  g_mutex_unlock (&self->lock);
  tsr_lab_request_free (former);
}

/* The first slot that was asked, or N_SLOTS. */
static int
first_asked (const TsrLab *self)
{
  int slot = 0;
  while (slot < TSR_LAB_N_SLOTS && !self->request[slot])
    slot++;
  return slot;
}

bool
tsr_lab_wants_host (TsrLab *self)
{
  g_mutex_lock (&self->lock);
  bool wants = !self->hosted && first_asked (self) < TSR_LAB_N_SLOTS;
  self->hosted |= wants;
  g_mutex_unlock (&self->lock);
  return wants;
}

void
tsr_lab_lost_host (TsrLab *self)
{
  g_mutex_lock (&self->lock);
  self->hosted = false;
  g_mutex_unlock (&self->lock);
}

static void
post (TsrLab *self, int slot, TsrLabAnswer *answer)
{
  g_mutex_lock (&self->lock);
  g_autoptr (TsrMailbox) mailbox =
      self->answers[slot] ? tsr_mailbox_ref (self->answers[slot]) : NULL;
  g_mutex_unlock (&self->lock);
  if (mailbox)
    tsr_mailbox_post (mailbox, answer);
  else
    tsr_lab_answer_free (answer);
}

void
tsr_lab_failed (const GError *error, gpointer data)
{
  TsrLab *self = data;
  bool asked[TSR_LAB_N_SLOTS];
  g_mutex_lock (&self->lock);
  self->hosted = false;
  for (int k = 0; k < TSR_LAB_N_SLOTS; k++) {
    asked[k] = self->request[k] != NULL;
    g_clear_pointer (&self->request[k], tsr_lab_request_free);
  }
  g_mutex_unlock (&self->lock);
  for (int k = 0; k < TSR_LAB_N_SLOTS; k++)
    if (asked[k]) {
      TsrLabAnswer *answer = g_new0 (TsrLabAnswer, 1);
      answer->problem = g_strdup (error->message);
      post (self, k, answer);
    }
}

/* ---- on the engine thread ---- */

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  TsrLab *self = data;
  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->news);
  g_mutex_unlock (&self->lock);
}

/* Sleeps until something is asked; NULL when cancelled. */
static TsrLabRequest *
await (TsrLab *self, GCancellable *cancellable, int *slot, TsrLabShared **world)
{
  TsrLabRequest *request = NULL;
  g_mutex_lock (&self->lock);
  while (!g_cancellable_is_cancelled (cancellable) &&
         (*slot = first_asked (self)) == TSR_LAB_N_SLOTS)
    g_cond_wait (&self->news, &self->lock);
  if (!g_cancellable_is_cancelled (cancellable)) {
    request = g_steal_pointer (&self->request[*slot]);
    g_atomic_ref_count_inc (&self->world->refs);
    *world = self->world;
  }
  g_mutex_unlock (&self->lock);
  return request;
}

/* A request that was given up is answered when the lab is back, unless there is a newer one. */
static void
put_back (TsrLab *self, int slot, TsrLabRequest *request)
{
  g_mutex_lock (&self->lock);
  if (!self->request[slot])
    self->request[slot] = g_steal_pointer (&request);
  g_mutex_unlock (&self->lock);
  tsr_lab_request_free (request);
}

/* The networks are opened for the first question: a lab that nobody asks costs nothing. */
static bool
serve (TsrLab *self, TsrDevice *device, TsrLabDrawer **drawer, GCancellable *cancellable,
       GError **error)
{
  int slot = 0;
  TsrLabShared *world = NULL;
  TsrLabRequest *request = await (self, cancellable, &slot, &world);
  if (!request)
    return !g_cancellable_set_error_if_cancelled (cancellable, error);
  if (!*drawer)
    *drawer = tsr_lab_drawer_new (device, self->path, self->model, error);
  TsrLabAnswer *answer =
      *drawer ? tsr_lab_drawer_answer (*drawer, world, request, cancellable, error) : NULL;
  let_go (world);
  if (!answer) {
    put_back (self, slot, request);
    return false;
  }
  tsr_lab_request_free (request);
  post (self, slot, answer);
  return true;
}

bool
tsr_job_lab (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  TsrLab *self = data;
  TsrLabDrawer *drawer = NULL;
  gulong id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
  tsr_device_interrupt (device, cancellable); /* compiling kernels may take long the first time */
  while (serve (self, device, &drawer, cancellable, error))
    ;
  tsr_device_interrupt (device, NULL);
  g_cancellable_disconnect (cancellable, id);
  tsr_lab_drawer_free (drawer);
  return false;
}
