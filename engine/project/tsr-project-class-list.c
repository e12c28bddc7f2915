/* The list of classes as a whole: put back as it was before a change of names, looks, keys or
 * order. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

static bool
fail_labelled (TsrProject *project, int32_t id, GError **error)
{
  g_autofree char *name = tsr_class_name (project, id);
  g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
               _ ("The class “%s” has labels now; remove it in its menu."), name ? name : "");
  return false;
}

/* Takes the classes from the list that are not in `classes`. */
static bool
retire (TsrProject *project, const GPtrArray *classes, GError **error)
{
  g_autoptr (GPtrArray) listed = tsr_project_classes (project);
  for (guint i = 0; i < listed->len; i++) {
    int32_t id = ((const TsrClass *)listed->pdata[i])->id;
    bool stays = false;
    for (guint k = 0; k < classes->len; k++)
      stays |= ((const TsrClass *)classes->pdata[k])->id == id;
    if (stays)
      continue;
    g_autoptr (TsrStatement) find =
        tsr_db_prepare (project, "SELECT 1 FROM label WHERE value = ? LIMIT 1", error);
    if (find)
      sqlite3_bind_int (find, 1, id);
    int found = tsr_db_step (project, find, error);
    if (found > 0)
      return fail_labelled (project, id, error);
    if (found < 0 || !tsr_class_set_active (project, id, false, error))
      return false;
  }
  return true;
}

/* Keys are unique in the list: they are all laid down before any is taken up. */
static bool
free_keys (TsrProject *project, GError **error)
{
  g_autoptr (TsrStatement) update =
      tsr_db_prepare (project, "UPDATE class SET key = NULL WHERE active", error);
  return update && tsr_db_run (project, update, error);
}

static bool
store (TsrProject *project, const GPtrArray *classes, GError **error)
{
  if (!retire (project, classes, error) || !free_keys (project, error))
    return false;
  g_autoptr (TsrStatement) move =
      tsr_db_prepare (project, "UPDATE class SET position = ? WHERE id = ?", error);
  if (!move)
    return false;
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *class_ = classes->pdata[i];
    int active = tsr_class_is_active (project, class_->id, error);
    if (active < 0 || (active == 0 && !tsr_class_set_active (project, class_->id, true, error)) ||
        !tsr_class_store_look (project, class_, error))
      return false;
    sqlite3_bind_int64 (move, 1, i);
    sqlite3_bind_int (move, 2, class_->id);
    if (!tsr_db_run (project, move, error))
      return false;
  }
  return true;
}

bool
tsr_project_put_classes (TsrProject *project, const GPtrArray *classes, GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  return tsr_db_end (project, store (project, classes, error), error);
}
