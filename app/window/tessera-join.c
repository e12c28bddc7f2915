#include "tessera-join.h"

#include "tessera-outlive.h"
#include "tsr-column-file.h"

typedef struct {
  char *path, *table;
} Join;

static void
join_free (gpointer data)
{
  Join *join = data;
  g_free (join->path);
  g_free (join->table);
  g_free (join);
}

void
tessera_join_result_free (TesseraJoinResult *result)
{
  g_free (result->first);
  g_free (result->reason);
  g_free (result);
}

static TesseraJoinResult *
work (const Join *join, GError **error)
{
  g_autoptr (TsrProject) project = tsr_project_open (join->path, TSR_PROJECT_READ_WRITE, error);
  if (project == NULL)
    return NULL;
  g_autoptr (TsrColumnFile) file = tsr_column_file_read (project, join->table, error);
  if (file == NULL || !tsr_project_put_columns (project, file->columns, error))
    return NULL;
  TesseraJoinResult *result = g_new0 (TesseraJoinResult, 1);
  result->columns = file->columns->len;
  result->used = file->used;
  result->rows = file->rows;
  result->first = g_strdup (((const TsrColumn *)g_ptr_array_index (file->columns, 0))->name);
  if (file->bad->len > 0)
    result->reason = g_strdup (((const TsrBadRow *)g_ptr_array_index (file->bad, 0))->reason);
  return result;
}

static void
join_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  TesseraJoinResult *result = work (data, &error);
  if (result != NULL)
    g_task_return_pointer (task, result, (GDestroyNotify)tessera_join_result_free);
  else
    g_task_return_error (task, error);
}

void
tessera_join_async (const char *path, const char *table, GAsyncReadyCallback callback,
                    gpointer user)
{
  Join *join = g_new (Join, 1);
  *join = (Join){g_strdup (path), g_strdup (table)};
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user);
  g_task_set_task_data (task, join, join_free);
  tessera_outlive (task);
  g_task_run_in_thread (task, join_thread);
}

TesseraJoinResult *
tessera_join_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
