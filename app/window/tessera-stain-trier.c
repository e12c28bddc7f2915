#include "tessera-stain-trier.h"

struct TesseraStainTrier {
  gatomicrefcount refs; /* the task under way holds one */
  char *path;
  uint32_t n;
  TesseraStainTryFunc done;
  gpointer user;
  gboolean running, wanted, closed;
  TesseraStainWish now, next;
  GCancellable *cancellable; /* of what is running */
  TsrStainTrial *trial;      /* the running task's alone */
};

typedef struct {
  TesseraStainTry shown;
  uint8_t *after;
  char *reason;
} Outcome;

static void
trier_unref (TesseraStainTrier *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  tsr_stain_trial_free (self->trial);
  g_free (self->path);
  g_free (self);
}

static void
outcome_free (gpointer data)
{
  Outcome *outcome = data;
  g_free (outcome->after);
  g_free (outcome->reason);
  g_free (outcome);
}

/* ---- on the thread ---- */

static bool
try (TesseraStainTrier *self, Outcome *outcome, const TsrProgress *progress, GError **error)
{
  TesseraStainTry *shown = &outcome->shown;
  TsrStain reference;
  if (self->trial == NULL)
    self->trial = tsr_stain_trial_new (self->path, self->n, progress, error);
  if (self->trial == NULL)
    return false;
  shown->n = tsr_stain_trial_count (self->trial);
  shown->size = tsr_stain_trial_size (self->trial);
  shown->tiles = tsr_stain_trial_tiles (self->trial);
  shown->before = tsr_stain_trial_rgb (self->trial);
  outcome->after = g_malloc ((gsize)shown->n * shown->size * shown->size * 3);
  bool ok = tsr_stain_trial_reference (self->trial, shown->wish.method, shown->wish.reference,
                                       &reference, progress, error) &&
            tsr_stain_trial_apply (self->trial, shown->wish.method, &reference, outcome->after,
                                   &shown->unchanged, progress, error);
  if (ok)
    shown->after = outcome->after;
  return ok;
}

static void
try_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  TesseraStainTrier *self = data;
  GError *error = NULL;
  TsrProgress progress = {.cancellable = cancellable};
  Outcome *outcome = g_new0 (Outcome, 1);
  outcome->shown.wish = self->now;
  if (!try (self, outcome, &progress, &error)) {
    outcome->shown.reason = outcome->reason = g_strdup (error->message);
    g_clear_error (&error);
  }
  g_task_return_pointer (task, outcome, outcome_free);
}

/* ---- on the main thread ---- */

static void begin (TesseraStainTrier *self);

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  TesseraStainTrier *self = user;
  Outcome *outcome = g_task_propagate_pointer (G_TASK (result), NULL);
  gboolean given_up = g_cancellable_is_cancelled (self->cancellable);
  self->running = FALSE;
  g_clear_object (&self->cancellable);
  /* Before the next one begins: it would hand the trial to its thread. */
  if (outcome != NULL && !self->closed && !given_up)
    self->done (&outcome->shown, self->user);
  begin (self);
  g_clear_pointer (&outcome, outcome_free);
  trier_unref (self);
}

static void
begin (TesseraStainTrier *self)
{
  if (self->closed || self->running || !self->wanted)
    return;
  self->now = self->next;
  self->wanted = FALSE;
  self->running = TRUE;
  self->cancellable = g_cancellable_new ();
  g_atomic_ref_count_inc (&self->refs);
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, done_cb, self);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, try_thread);
}

TesseraStainTrier *
tessera_stain_trier_new (const char *path, uint32_t n, TesseraStainTryFunc done, gpointer user)
{
  TesseraStainTrier *self = g_new0 (TesseraStainTrier, 1);
  g_atomic_ref_count_init (&self->refs);
  self->path = g_strdup (path);
  self->n = n;
  self->done = done;
  self->user = user;
  return self;
}

void
tessera_stain_trier_free (TesseraStainTrier *self)
{
  if (self == NULL)
    return;
  self->closed = TRUE;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  trier_unref (self);
}

void
tessera_stain_trier_want (TesseraStainTrier *self, const TesseraStainWish *wish)
{
  self->next = *wish;
  self->wanted = TRUE;
  /* Another method needs the same stains: what is being read goes on. */
  if (self->running && (self->now.reference.kind != wish->reference.kind ||
                        self->now.reference.number != wish->reference.number))
    g_cancellable_cancel (self->cancellable);
  begin (self);
}

gboolean
tessera_stain_trier_is_busy (const TesseraStainTrier *self)
{
  return self->running || self->wanted;
}

/* ---- choosing ---- */

typedef struct {
  char *path;
  TesseraStainWish wish;
  const TsrProgress *progress;
} Choice;

static void
choice_free (gpointer data)
{
  g_free (((Choice *)data)->path);
  g_free (data);
}

/* Slides that have tiles, but tell no stain. */
static int
count_problems (const TsrProjectStains *stains)
{
  int n = 0;
  for (uint32_t i = 0; stains->method != TSR_STAIN_NONE && i <= stains->n_slides; i++)
    n += stains->of[i].known && stains->of[i].stain.method == TSR_STAIN_NONE;
  return n;
}

static int
choose (const Choice *choice, GError **error)
{
  g_auto (TsrProjectStains) stains = {0};
  TsrStainMethod method = choice->wish.method;
  TsrStain reference;
  TsrProgressShare share;
  TsrProgress first = tsr_progress_share (choice->progress, &share, 0, 0.2, NULL);
  /* The reference as a try of one tile finds it; a trial holds no more than it is asked for. */
  g_autoptr (TsrStainTrial) trial =
      method != TSR_STAIN_NONE ? tsr_stain_trial_new (choice->path, 1, &first, error) : NULL;
  if (method != TSR_STAIN_NONE &&
      (trial == NULL || !tsr_stain_trial_reference (trial, method, choice->wish.reference,
                                                    &reference, &first, error)))
    return -1;
  g_autoptr (TsrProject) project = tsr_project_open (choice->path, TSR_PROJECT_READ_WRITE, error);
  TsrProgressShare rest;
  TsrProgress second = tsr_progress_share (choice->progress, &rest, 0.2, 1, NULL);
  if (project == NULL || !tsr_normalise (project, method, &reference, &stains, &second, error))
    return -1;
  return count_problems (&stains);
}

static void
choose_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  int problems = choose (data, &error);
  if (problems >= 0)
    g_task_return_int (task, problems);
  else
    g_task_return_error (task, error);
}

void
tessera_stain_choose_async (const char *path, const TesseraStainWish *wish,
                            const TsrProgress *progress, GAsyncReadyCallback callback,
                            gpointer user)
{
  Choice *choice = g_new (Choice, 1);
  *choice = (Choice){g_strdup (path), *wish, progress};
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user);
  g_task_set_task_data (task, choice, choice_free);
  g_task_run_in_thread (task, choose_thread);
}

int
tessera_stain_choose_finish (GAsyncResult *result, GError **error)
{
  return (int)g_task_propagate_int (G_TASK (result), error);
}
