/* A project's life: created whole or not at all, opened with suspicion, brought up to date, closed.
 * And its settings. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static TsrProject *
project_new (const char *path, bool read_only)
{
  TsrProject *project = g_new0 (TsrProject, 1);
  project->path = g_canonicalize_filename (path, NULL);
  char *real = realpath (project->path, NULL);
  project->file = g_strdup (real ? real : project->path);
  project->folder = g_path_get_dirname (project->file);
  free (real);
  project->read_only = read_only;
  project->roots = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return project;
}

void
tsr_project_settle (TsrProject *project)
{
  (void)sqlite3_wal_checkpoint_v2 (project->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

void
tsr_project_close (TsrProject *project)
{
  if (!project)
    return;
  tsr_db_disconnect (project);
  g_hash_table_unref (project->roots);
  g_free (project->path);
  g_free (project->file);
  g_free (project->folder);
  g_free (project);
}

const char *
tsr_project_path (const TsrProject *project)
{
  return project->path;
}

/* ---- create ---- */

static bool
fail_exists (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
               _ ("“%s” exists already; open it, or choose another name for the new project."),
               name);
  return false;
}

static bool
sync_path (const char *path, int flags)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | flags);
  if (fd < 0)
    return false;
  bool ok = fsync (fd) == 0;
  close (fd);
  return ok;
}

/* Gives a finished file its name without ever replacing another one. */
static bool
publish (const char *temporary, const char *path, GError **error)
{
  if (renameat2 (AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) != 0) {
    int errsv = errno;
    if (errsv == EEXIST)
      return fail_exists (path, error);
    if (errsv != EINVAL && errsv != ENOSYS && errsv != ENOTSUP) {
      tsr_file_set_errno (error, TSR_ERROR_PROJECT, "create", path, errsv);
      return false;
    }
    /* an old or foreign file system */
    if (g_file_test (path, G_FILE_TEST_EXISTS))
      return fail_exists (path, error);
    if (g_rename (temporary, path) != 0) {
      tsr_file_set_errno (error, TSR_ERROR_PROJECT, "create", path, errno);
      return false;
    }
  }
  g_autofree char *folder = g_path_get_dirname (path);
  (void)sync_path (folder, O_DIRECTORY); /* some file systems cannot */
  return true;
}

/* Writes a project into the empty file at path, empty but for what fill does. A rollback journal
 * here; opening it chooses WAL. */
static bool
fill_new (const char *path, const TsrSchema *schema, TsrProjectFill fill, void *data,
          GError **error)
{
  g_autoptr (TsrProject) project = project_new (path, false);
  if (!tsr_db_connect (project, TSR_CONNECT_WRITE, error) ||
      !tsr_db_exec (project, "PRAGMA page_size = 8192; PRAGMA auto_vacuum = NONE; BEGIN IMMEDIATE",
                    error))
    return false;
  if (!tsr_schema_apply (project->db, schema, 0))
    return tsr_db_fail (project, error);
  project->in_act = true; /* what fill does joins the one transaction */
  bool ok = !fill || fill (project, data, error);
  project->in_act = false;
  return ok && tsr_db_exec (project, "COMMIT", error);
}

/* SQLite takes a log or journal of that name for the new file's, and would lay the former one's
 * pages over it. It may hold labels that are nowhere else, so that it is not removed either. */
static bool
check_remains (const char *path, GError **error)
{
  static const char *const endings[] = {"-wal", "-journal"};
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree char *remains = g_strconcat (path, endings[i], NULL);
    GStatBuf info;
    if (g_lstat (remains, &info) != 0 || (S_ISREG (info.st_mode) && info.st_size == 0))
      continue;
    g_autofree char *name = g_filename_display_name (path),
                    *shown = g_filename_display_basename (remains);
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("“%s” cannot be created: “%s” is there, what is left of a project that was "
                    "called so and may hold its last labels. Move that to where the project is "
                    "now, or choose another name."),
                 name, shown);
    return false;
  }
  return true;
}

bool
tsr_project_create_filled (const char *path, const TsrSchema *schema, TsrProjectFill fill,
                           void *data, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  if (g_file_test (absolute, G_FILE_TEST_EXISTS))
    return fail_exists (absolute, error);
  if (!check_remains (absolute, error))
    return false;
  g_autofree char *temporary = g_strconcat (absolute, ".XXXXXX", NULL);
  int fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0644);
  if (fd < 0) {
    tsr_file_set_errno (error, TSR_ERROR_PROJECT, "create", absolute, errno);
    return false;
  }
  close (fd);
  GError *local = NULL;
  bool ok =
      fill_new (temporary, schema, fill, data, &local) && publish (temporary, absolute, &local);
  if (!ok) {
    g_unlink (temporary);
    g_autofree char *journal = g_strconcat (temporary, "-journal", NULL);
    g_unlink (journal);
    if (g_error_matches (local, TSR_ERROR,
                         TSR_ERROR_NO_SPACE)) { /* the user knows the name, not the temporary one */
      g_clear_error (&local);
      tsr_file_set_errno (&local, TSR_ERROR_PROJECT, "create", absolute, ENOSPC);
    }
    g_propagate_error (error, local);
  }
  return ok;
}

bool
tsr_project_create_with (const char *path, const TsrSchema *schema, GError **error)
{
  return tsr_project_create_filled (path, schema, NULL, NULL, error);
}

TsrProject *
tsr_project_create (const char *path, GError **error)
{
  if (!tsr_project_create_with (path, &tsr_project_schema, error))
    return NULL;
  return tsr_project_open (path, TSR_PROJECT_READ_WRITE, error);
}

/* ---- open ---- */

static bool
fail_foreign (const char *name, GError **error)
{
  g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
               _ ("“%s” is a database, but not a Tessera project; choose a file whose name ends in "
                  ".tessera."),
               name);
  return false;
}

/* SQLite would make a new database of an empty file, clear up behind another program in that
 * program's database, and says little about files that are none: so look first. */
static bool
check_file (TsrProject *project, bool *wal, GError **error)
{
  g_autofree char *name = g_filename_display_name (project->path);
  GStatBuf info;
  if (g_stat (project->path, &info) != 0) {
    if (errno == ENOENT)
      g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                   _ ("There is no project “%s”; check the name, or create it first."), name);
    else
      tsr_file_set_errno (error, TSR_ERROR_PROJECT, "open", project->path, errno);
    return false;
  }
  if (!S_ISREG (info.st_mode)) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("“%s” is not a project file; choose a file whose name ends in .tessera."),
                 name);
    return false;
  }
  if (access (project->path, R_OK) != 0) {
    tsr_file_set_errno (error, TSR_ERROR_PROJECT, "open", project->path, errno);
    return false;
  }
  uint8_t head[TSR_DB_HEAD];
  int n = tsr_db_read_head (project, head, error);
  if (n < 0)
    return false;
  if (n < TSR_DB_HEAD)
    return tsr_db_corrupt (project, n == 0 ? _ ("it is empty") : _ ("it is cut short"), error);
  if (memcmp (head, "SQLite format 3", 16) != 0) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_PROJECT,
        _ ("“%s” is not a Tessera project, or its beginning is damaged; choose another file "
           "or go back to a copy."),
        name);
    return false;
  }
  uint32_t id;
  memcpy (&id, head + 68, sizeof id); /* in the file itself since it was created */
  *wal = head[19] == 2;
  return GUINT32_FROM_BE (id) == TSR_PROJECT_APPLICATION_ID || fail_foreign (name, error);
}

/* Said before SQLite tries, which would speak of files the user has never heard of. */
static bool
check_writable (TsrProject *project, GError **error)
{
  if (project->read_only ||
      (access (project->path, W_OK) == 0 && access (project->folder, W_OK) == 0))
    return true;
  return tsr_db_fail_read_only (project, error);
}

static int
read_pragma (TsrProject *project, const char *sql, GError **error)
{
  g_autoptr (TsrStatement) statement = tsr_db_prepare (project, sql, error);
  return tsr_db_step (project, statement, error) > 0 ? sqlite3_column_int (statement, 0) : -1;
}

/* A copy of the project as it was, synced, at path. Read by another connection: this one holds the
 * lock for writing, which keeps everybody from changing the file meanwhile, and SQLite copies from
 * no connection that writes. */
static bool
copy_database (TsrProject *project, const char *path, GError **error)
{
  g_unlink (path);
  sqlite3 *source = NULL, *copy = NULL;
  int rc = sqlite3_open_v2 (project->path, &source, SQLITE_OPEN_READONLY, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_open_v2 (path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
  if (rc == SQLITE_OK) {
    sqlite3_backup *backup = sqlite3_backup_init (copy, "main", source, "main");
    sqlite3_backup_step (backup, -1);
    rc = backup ? sqlite3_backup_finish (backup) : sqlite3_errcode (copy);
  }
  int errsv = copy ? sqlite3_system_errno (copy) : 0;
  sqlite3_close (source);
  sqlite3_close (copy);
  if (rc == SQLITE_OK && sync_path (path, 0))
    return true;
  g_unlink (path);
  tsr_file_set_errno (error, TSR_ERROR_PROJECT, "copy the project before its upgrade to", path,
                      rc == SQLITE_FULL ? ENOSPC
                      : errsv           ? errsv
                                        : EIO);
  return false;
}

/* The copy outlives only a process that is killed meanwhile; the transaction itself happens whole
 * or not at all. */
static bool
migrate_locked (TsrProject *project, const TsrSchema *schema, int from, GError **error)
{
  g_autofree char *copy = g_strdup_printf ("%s.version-%d", project->path, from);
  if (!tsr_db_begin (project, error))
    return false;
  int now = read_pragma (project, "PRAGMA user_version", error);
  if (now != from) /* another process has done it while this one waited for the lock */
    return tsr_db_end (project, now > 0, error);
  bool copied = copy_database (project, copy, error);
  bool ok =
      copied && (tsr_schema_apply (project->db, schema, from) || tsr_db_fail (project, error));
  ok = tsr_db_end (project, ok, error);
  if (copied)
    g_unlink (copy);
  return ok;
}

/* A table that others refer to can be built anew only while references are not enforced, which
 * cannot be switched within a transaction. */
static bool
migrate (TsrProject *project, const TsrSchema *schema, int from, GError **error)
{
  sqlite3_db_config (project->db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
  bool ok = migrate_locked (project, schema, from, error);
  sqlite3_db_config (project->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
  return ok;
}

static bool
check_version (TsrProject *project, const TsrSchema *schema, GError **error)
{
  g_autofree char *name = g_filename_display_name (project->path);
  GError *local = NULL;
  int id = read_pragma (project, "PRAGMA application_id", &local);
  int version = local ? -1 : read_pragma (project, "PRAGMA user_version", &local);
  if (local) {
    g_propagate_error (error, local);
    return false;
  }
  if (id != TSR_PROJECT_APPLICATION_ID)
    return fail_foreign (name, error);
  if (version > schema->version) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_NEWER,
                 _ ("“%s” was made by a newer version of Tessera (its format is %d, this version "
                    "knows %d); update Tessera to open it."),
                 name, version, schema->version);
    return false;
  }
  if (version < 1)
    return tsr_db_corrupt (project, _ ("its version is not a number Tessera has ever used"), error);
  if (version == schema->version)
    return true;
  if (project->read_only) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_OLDER,
        _ ("“%s” was made by an older version of Tessera and must be upgraded; open it once "
           "where it can be written."),
        name);
    return false;
  }
  return migrate (project, schema, version, error);
}

TsrProject *
tsr_project_open_with (const char *path, TsrProjectMode mode, const TsrSchema *schema,
                       GError **error)
{
  g_autoptr (TsrProject) project = project_new (path, mode == TSR_PROJECT_READ_ONLY);
  bool wal = false;
  if (!check_file (project, &wal, error) || !check_writable (project, error) ||
      !tsr_db_open (project, wal, error) || !check_version (project, schema, error) ||
      !tsr_schema_verify (project, schema, error))
    return NULL;
  return g_steal_pointer (&project);
}

TsrProject *
tsr_project_open (const char *path, TsrProjectMode mode, GError **error)
{
  GError *cause = NULL;
  TsrProject *project = tsr_project_open_with (path, mode, &tsr_project_schema, &cause);
  /* who only reads brings an older project up to date too, where it can be written */
  if (g_error_matches (cause, TSR_ERROR, TSR_ERROR_OLDER)) {
    project = tsr_project_open_with (path, TSR_PROJECT_READ_WRITE, &tsr_project_schema, NULL);
    if (project) {
      tsr_project_close (project);
      g_clear_error (&cause);
      project = tsr_project_open_with (path, mode, &tsr_project_schema, &cause);
    }
  }
  if (cause)
    g_propagate_error (error, cause);
  if (project)
    tsr_project_ensure_id (project);
  return project;
}

/* ---- settings ---- */

char *
tsr_project_get (TsrProject *project, const char *key)
{
  g_autoptr (TsrStatement) get =
      tsr_db_prepare (project, "SELECT value FROM setting WHERE key = ?", NULL);
  if (get)
    sqlite3_bind_text (get, 1, key, -1, SQLITE_TRANSIENT);
  return tsr_db_step (project, get, NULL) > 0 ? tsr_db_text (get, 0) : NULL;
}

bool
tsr_project_set (TsrProject *project, const char *key, const char *value, GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  g_autoptr (TsrStatement) set = NULL;
  if (value)
    set = tsr_db_prepare (project,
                          "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET "
                          "value = excluded.value",
                          error);
  else
    set = tsr_db_prepare (project, "DELETE FROM setting WHERE key = ?1", error);
  if (set) {
    sqlite3_bind_text (set, 1, key, -1, SQLITE_TRANSIENT);
    if (value)
      sqlite3_bind_text (set, 2, value, -1, SQLITE_TRANSIENT);
  }
  return tsr_db_end (project, tsr_db_run (project, set, error), error);
}
