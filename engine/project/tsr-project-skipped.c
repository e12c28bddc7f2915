/* Slides that could not join, kept to be looked at later. */

#include "tsr-project-private.h"

/* Refused slides lie in any folders, and what scans of folders leave is replaced root by root:
 * these have a root that no folder can be. */
#define NOWHERE "/dev/null"

static bool
forget (TsrProject *project, GError **error)
{
  g_autoptr (TsrStatement) statement = tsr_db_prepare (
      project, "DELETE FROM skipped WHERE root IN (SELECT id FROM root WHERE absolute = ?)", error);
  if (!statement)
    return false;
  tsr_db_bind_bytes (statement, 1, NOWHERE);
  return tsr_db_run (project, statement, error);
}

static bool
insert (TsrProject *project, const GPtrArray *skipped, GError **error)
{
  int64_t root = tsr_project_ensure_root (project, NOWHERE, error);
  g_autoptr (TsrStatement) statement =
      tsr_db_prepare (project, "INSERT INTO skipped (root, file, reason) VALUES (?, ?, ?)", error);
  bool ok = root >= 0 && statement;
  for (guint i = 0; ok && i < skipped->len; i++) {
    const TsrSkippedFile *file = skipped->pdata[i];
    g_autofree char *name = g_utf8_make_valid (file->file, -1),
                    *reason = g_utf8_make_valid (file->reason, -1);
    sqlite3_bind_int64 (statement, 1, root);
    sqlite3_bind_text (statement, 2, name, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text (statement, 3, reason, -1, SQLITE_TRANSIENT);
    ok = tsr_db_run (project, statement, error);
  }
  return ok;
}

bool
tsr_project_store_skipped_slides (TsrProject *project, const GPtrArray *skipped, GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  bool keep = skipped->len > 0 && !tsr_project_hides_slide_names (project),
       ok = forget (project, error) && (!keep || insert (project, skipped, error));
  g_hash_table_remove_all (project->roots); /* noted inside the transaction, which may be gone */
  return tsr_db_end (project, ok, error);
}
