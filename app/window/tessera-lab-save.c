#include "tessera-lab-save.h"

#include "tessera-outlive.h"
#include "tsr-project-sources.h"

#include <string.h>

enum { SMALLEST = 256, FRAME_MS = 40 };

typedef struct {
  uint8_t *pictures; /* [n][size][size][channels] */
  int n, size, channels;
  gboolean animated;
  char *project, *path;
} Save;

static void
save_free (gpointer data)
{
  Save *save = data;
  g_free (save->pictures);
  g_free (save->project);
  g_free (save->path);
  g_free (save);
}

/* Each pixel `times` as wide: crisp, as on the screen. */
static void
enlarge (Save *save, int times)
{
  size_t side = (size_t)save->size * (size_t)times, c = (size_t)save->channels;
  uint8_t *large = g_malloc ((size_t)save->n * side * side * c), *to = large;
  for (size_t k = 0; k < (size_t)save->n; k++)
    for (size_t y = 0; y < side; y++)
      for (size_t x = 0; x < side; x++, to += c)
        memcpy (to,
                save->pictures +
                    ((k * (size_t)save->size + y / (size_t)times) * (size_t)save->size +
                     x / (size_t)times) *
                        c,
                c);
  g_free (save->pictures);
  save->pictures = large;
  save->size = (int)side;
}

static bool
write_animation (const Save *save, GError **error)
{
  size_t one = (size_t)save->size * (size_t)save->size * (size_t)save->channels;
  int n = save->n > 2 ? 2 * save->n - 2 : save->n; /* and back, the ends once */
  g_autofree uint8_t *all = g_malloc ((size_t)n * one);
  for (int k = 0; k < n; k++)
    memcpy (all + (size_t)k * one,
            save->pictures + (size_t)(k < save->n ? k : 2 * save->n - 2 - k) * one, one);
  return tsr_image_save_animation (all, n, save->size, save->channels, FRAME_MS, save->path, error);
}

static bool
check_output (const Save *save, GError **error)
{
  g_autoptr (TsrProject) project = tsr_project_open (save->project, TSR_PROJECT_READ_ONLY, error);
  return project != NULL && tsr_project_check_output (project, save->path, error);
}

static bool
write_pictures (Save *save, GError **error)
{
  enlarge (save, MAX (1, (SMALLEST + save->size - 1) / save->size));
  if (save->animated)
    return write_animation (save, error);
  TsrImage strip = tsr_image_grid (save->pictures, save->n, save->size, save->channels, save->n);
  bool ok = tsr_image_save_png (&strip, save->path, error);
  tsr_image_clear (&strip);
  return ok;
}

static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Save *save = data;
  GError *error = NULL;
  if (check_output (save, &error) && write_pictures (save, &error))
    g_task_return_pointer (task, g_strdup (save->path), g_free);
  else
    g_task_return_error (task, error);
}

void
tessera_lab_save_async (const TsrLabAnswer *answer, gboolean animated, const char *project,
                        const char *path, GAsyncReadyCallback callback, gpointer user)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user);
  size_t bytes =
      (size_t)answer->n * (size_t)answer->size * (size_t)answer->size * (size_t)answer->channels;
  Save *save = g_new0 (Save, 1);
  *save = (Save){g_memdup2 (answer->pictures, bytes),
                 (int)answer->n,
                 answer->size,
                 answer->channels,
                 animated,
                 g_strdup (project),
                 g_strdup (path)};
  g_task_set_task_data (task, save, save_free);
  tessera_outlive (task);
  g_task_run_in_thread (task, save_thread);
}

char *
tessera_lab_save_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
