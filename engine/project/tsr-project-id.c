#include "tsr-project-id.h"

#include "tsr-project-private.h"

#define ID "id"

void
tsr_project_ensure_id (TsrProject *project)
{
  g_autofree char *known = tsr_project_get (project, ID), *id = g_uuid_string_random ();
  if (known || project->read_only || project->damaged)
    return;
  g_autoptr (TsrStatement) insert =
      tsr_db_prepare (project, "INSERT OR IGNORE INTO setting VALUES ('" ID "', ?)", NULL);
  if (!insert)
    return;
  sqlite3_bind_text (insert, 1, id, -1, SQLITE_TRANSIENT);
  tsr_db_run (project, insert, NULL);
}

char *
tsr_project_id (TsrProject *project)
{
  char *id = tsr_project_get (project, ID);
  return id ? id : g_path_get_basename (project->path);
}
