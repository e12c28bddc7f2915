#include "tessera-health-task.h"

struct TesseraHealthTask {
  gatomicrefcount refs; /* the measurement under way holds one */
  char *path;
  TesseraHealthFunc done;
  gpointer user;
  gboolean running, wanted, closed;
  TsrRule rule; /* of the next one */
  double goal;
  GCancellable *cancellable;
};

typedef struct {
  char *path;
  TsrRule rule;
  double goal;
} Wish;

static void
wish_free (gpointer data)
{
  g_free (((Wish *)data)->path);
  g_free (data);
}

static void
task_unref (TesseraHealthTask *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_object (&self->cancellable);
  g_free (self->path);
  g_free (self);
}

static void
measure_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Wish *wish = data;
  GError *error = NULL;
  TsrProgress progress = {.cancellable = cancellable};
  g_autoptr (TsrProject) project = tsr_project_open (wish->path, TSR_PROJECT_READ_ONLY, &error);
  TsrHealth *health =
      project != NULL ? tsr_health_new (project, wish->rule, wish->goal, &progress, &error) : NULL;
  if (health != NULL)
    g_task_return_pointer (task, health, (GDestroyNotify)tsr_health_free);
  else
    g_task_return_error (task, error);
}

static void start (TesseraHealthTask *self);

static void
measured_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  TesseraHealthTask *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrHealth) health = g_task_propagate_pointer (G_TASK (result), &error);
  self->running = FALSE;
  if (!self->closed && self->wanted)
    start (self);
  else if (!self->closed)
    self->done (health, error, self->user);
  task_unref (self);
}

static void
start (TesseraHealthTask *self)
{
  Wish *wish = g_new (Wish, 1);
  *wish = (Wish){g_strdup (self->path), self->rule, self->goal};
  self->running = TRUE;
  self->wanted = FALSE;
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_atomic_ref_count_inc (&self->refs);
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, measured_cb, self);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, wish, wish_free);
  g_task_run_in_thread (task, measure_thread);
}

TesseraHealthTask *
tessera_health_task_new (const char *path, TesseraHealthFunc done, gpointer user)
{
  TesseraHealthTask *self = g_new0 (TesseraHealthTask, 1);
  g_atomic_ref_count_init (&self->refs);
  self->path = g_strdup (path);
  self->done = done;
  self->user = user;
  return self;
}

void
tessera_health_task_want (TesseraHealthTask *self, TsrRule rule, double goal)
{
  self->rule = rule;
  self->goal = goal;
  self->wanted = TRUE;
  if (self->running)
    g_cancellable_cancel (self->cancellable);
  else
    start (self);
}

gboolean
tessera_health_task_is_busy (const TesseraHealthTask *self)
{
  return self->running || self->wanted;
}

void
tessera_health_task_free (TesseraHealthTask *self)
{
  if (self == NULL)
    return;
  self->closed = TRUE;
  if (self->running)
    g_cancellable_cancel (self->cancellable);
  task_unref (self);
}
