/* The connection: safety switches, statements, transactions, and SQLite's errors as sentences for
 * users. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS 5000 /* another program's import or bulk label may hold the file this long */

static bool
means_full (int system_errno)
{
  return system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG;
}

/* What waits beside a project's file and belongs to it: a copy without it would lack labels, or
 * hold half a change. Its name, or NULL; transfer full. */
static char *
what_waits (const TsrProject *project)
{
  const char *waits = tsr_db_has_content (project, "-journal") ? "-journal"
                      : tsr_db_has_content (project, "-wal")   ? "-wal"
                                                               : NULL;
  g_autofree char *base = g_filename_display_basename (project->file);
  return waits ? g_strconcat (base, waits, NULL) : NULL;
}

bool
tsr_db_fail_read_only (const TsrProject *project, GError **error)
{
  g_autofree char *name = g_filename_display_name (project->path), *waits = what_waits (project);
  g_autofree char *file = g_filename_display_name (project->file);
  if (waits)
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("“%s” cannot be changed because it or its folder is read-only; copy “%s” "
                    "together with “%s”, which lies beside it, to a folder you can write to, and "
                    "open the copy."),
                 name, file, waits);
  else
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("“%s” cannot be changed because it or its folder is read-only; copy it to a "
                    "folder you can write to, and open the copy."),
                 name);
  return false;
}

/* Whether a log waits that only who may write can read: its index is gone. */
static bool
is_stranded (const TsrProject *project)
{
  return tsr_db_has_content (project, "-wal") && access (project->path, R_OK) == 0 &&
         (access (project->path, W_OK) != 0 || access (project->folder, W_OK) != 0);
}

static void
fail_stranded (const TsrProject *project, GError **error)
{
  g_autofree char *name = g_filename_display_name (project->path), *waits = what_waits (project);
  g_autofree char *file = g_filename_display_name (project->file);
  if (waits)
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("A program was stopped while it wrote to “%s”, and that cannot be put in order "
                    "where it or its folder is read-only; copy “%s” together with “%s”, which lies "
                    "beside it, to a folder you can write to, and open the copy."),
                 name, file, waits);
  else
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("A program was stopped while it wrote to “%s”, and that cannot be put in order "
                    "where it or its folder is read-only; copy it to a folder you can write to, "
                    "and open the copy."),
                 name);
}

static void
set_error (TsrProject *project, int rc, int system_errno, const char *detail, GError **error)
{
  g_autofree char *name = g_filename_display_name (project->path);
  int primary = means_full (system_errno) && (rc & 0xff) == SQLITE_IOERR ? SQLITE_FULL : rc & 0xff;
  if (rc == SQLITE_READONLY_ROLLBACK || (primary == SQLITE_CANTOPEN && is_stranded (project))) {
    fail_stranded (project, error);
    return;
  }
  switch (primary) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
  case SQLITE_PROTOCOL:
    g_set_error (error, TSR_ERROR, TSR_ERROR_BUSY,
                 _ ("Another program is writing to “%s”; wait until it is done and try again."),
                 name);
    break;
  case SQLITE_FULL:
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_NO_SPACE,
        _ ("“%s” cannot be saved because the disk is full; free some space and try again."), name);
    break;
  case SQLITE_READONLY:
  case SQLITE_PERM:
  case SQLITE_AUTH:
    tsr_db_fail_read_only (project, error);
    break;
  case SQLITE_CANTOPEN:
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_PROJECT,
        _ ("“%s” cannot be opened (%s); check that you may read it and write to its folder."), name,
        system_errno ? g_strerror (system_errno) : detail);
    break;
  case SQLITE_IOERR:
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_PROJECT,
        _ ("The disk failed while “%s” was read or written (%s); check the disk and try again."),
        name, system_errno ? g_strerror (system_errno) : detail);
    break;
  case SQLITE_NOMEM:
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("There is not enough memory to work on “%s”; close other programs and try again."),
        name);
    break;
  case SQLITE_TOOBIG:
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("“%s” cannot hold so much in one piece; split the set into several projects."),
                 name);
    break;
  default: /* CORRUPT, NOTADB, CONSTRAINT, ERROR, ...: our SQL is fixed, so the file is not what it
              should be */
    project->damaged = true;
    g_set_error (error, TSR_ERROR, TSR_ERROR_CORRUPT,
                 _ ("“%s” is damaged (%s); go back to a copy of it made before."), name, detail);
  }
}

/* What SQLite says may quote names out of a damaged file: made one short line of valid text. */
static char *
one_line (const char *text)
{
  char *line = g_utf8_make_valid (text, -1);
  for (char *at = line; *at; at++)
    if (g_ascii_iscntrl (*at))
      *at = ' ';
  if (g_utf8_strlen (line, -1) > 120)
    strcpy (g_utf8_offset_to_pointer (line, 117), "...");
  return g_strstrip (line);
}

bool
tsr_db_fail (TsrProject *project, GError **error)
{
  int last = errno, system_errno = sqlite3_system_errno (project->db);
  if (system_errno == 0 && means_full (last)) /* SQLite does not note it for a commit */
    system_errno = last;
  g_autofree char *detail = one_line (sqlite3_errmsg (project->db));
  set_error (project, sqlite3_extended_errcode (project->db), system_errno, detail, error);
  return false;
}

bool
tsr_db_corrupt (TsrProject *project, const char *what, GError **error)
{
  g_autofree char *detail = one_line (what);
  set_error (project, SQLITE_CORRUPT, 0, detail, error);
  return false;
}

void
tsr_statement_done (TsrStatement *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

TsrStatement *
tsr_db_prepare (TsrProject *project, const char *sql, GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (project->statements, sql);
  if (statement)
    return statement;
  if (sqlite3_prepare_v3 (project->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
      SQLITE_OK) {
    tsr_db_fail (project, error);
    return NULL;
  }
  g_hash_table_insert (project->statements, (gpointer)sql, statement);
  return statement;
}

int
tsr_db_step (TsrProject *project, TsrStatement *statement, GError **error)
{
  if (!statement)
    return -1;
  errno = 0;
  int rc = sqlite3_step (statement);
  if (rc == SQLITE_ROW)
    return 1;
  if (rc == SQLITE_DONE)
    return 0;
  tsr_db_fail (project, error);
  return -1;
}

bool
tsr_db_run (TsrProject *project, TsrStatement *statement, GError **error)
{
  bool ok = tsr_db_step (project, statement, error) >= 0;
  if (statement)
    sqlite3_reset (statement);
  return ok;
}

bool
tsr_db_exec (TsrProject *project, const char *sql, GError **error)
{
  errno = 0;
  return sqlite3_exec (project->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
         tsr_db_fail (project, error);
}

int64_t
tsr_db_int (TsrProject *project, const char *sql, int64_t otherwise)
{
  g_autoptr (TsrStatement) statement = tsr_db_prepare (project, sql, NULL);
  return tsr_db_step (project, statement, NULL) > 0 ? sqlite3_column_int64 (statement, 0)
                                                    : otherwise;
}

/* What is written to a file that is no longer called so is lost with the last handle, and its log
 * under the former name would be another project's. */
static bool
check_place (TsrProject *project, GError **error)
{
  int moved = 0;
  if (sqlite3_file_control (project->db, NULL, SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK ||
      !moved)
    return true;
  g_autofree char *name = g_filename_display_name (project->path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
               _ ("“%s” was moved, removed or replaced while it was open, and nothing was changed; "
                  "close it, and open it from where it is now."),
               name);
  return false;
}

bool
tsr_db_begin (TsrProject *project, GError **error)
{
  if (project->read_only) {
    set_error (project, SQLITE_READONLY, 0, "", error);
    return false;
  }
  if (project->in_act)
    return true;
  if (!check_place (project, error))
    return false;
  g_autoptr (TsrStatement) begin = tsr_db_prepare (project, "BEGIN IMMEDIATE", error);
  return tsr_db_step (project, begin, error) >= 0;
}

bool
tsr_db_end (TsrProject *project, bool ok, GError **error)
{
  if (project->in_act) {
    project->act_failed |= !ok;
    return ok;
  }
  if (ok) {
    g_autoptr (TsrStatement) commit = tsr_db_prepare (project, "COMMIT", error);
    if (tsr_db_step (project, commit, error) >= 0)
      return true;
  }
  /* some failures (a full disk) have rolled back already */
  if (!sqlite3_get_autocommit (project->db))
    sqlite3_exec (project->db, "ROLLBACK", NULL, NULL, NULL);
  return false;
}

char *
tsr_db_text (TsrStatement *statement, int column)
{
  const char *text = (const char *)sqlite3_column_text (statement, column);
  return g_utf8_make_valid (text ? text : "", -1);
}

char *
tsr_db_bytes (TsrStatement *statement, int column)
{
  const void *bytes = sqlite3_column_blob (statement, column);
  int n = sqlite3_column_bytes (statement, column);
  if (!bytes || n == 0 || memchr (bytes, 0, n))
    return NULL;
  return g_strndup (bytes, n);
}

void
tsr_db_bind_bytes (TsrStatement *statement, int index, const char *bytes)
{
  if (bytes)
    sqlite3_bind_blob64 (statement, index, bytes, strlen (bytes), SQLITE_TRANSIENT);
  else
    sqlite3_bind_null (statement, index);
}

static void
harden (sqlite3 *db)
{
  sqlite3_extended_result_codes (db, 1);
  sqlite3_busy_timeout (db, BUSY_MS);
  sqlite3_db_config (db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config (db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  sqlite3_db_config (db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
  sqlite3_db_config (db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
  sqlite3_db_config (db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
  sqlite3_db_config (db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
}

static void
finalize (gpointer statement)
{
  sqlite3_finalize (statement);
}

bool
tsr_db_connect (TsrProject *project, TsrConnection how, GError **error)
{
  g_autofree char *escaped =
      g_uri_escape_bytes ((const guint8 *)project->path, strlen (project->path), "/");
  const char *query = how == TSR_CONNECT_IMMUTABLE ? "?immutable=1" : "";
  g_autofree char *uri = g_strconcat ("file:", escaped, query, NULL);
  int flags = how == TSR_CONNECT_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  int rc = sqlite3_open_v2 (uri, &project->db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
  if (!project->db) {
    set_error (project, rc, 0, sqlite3_errstr (rc), error);
    return false;
  }
  project->statements = g_hash_table_new_full (NULL, NULL, NULL, finalize);
  harden (project->db);
  /* mmap would turn a disk error into SIGBUS. Nothing here may read the file: the journal mode
   * comes first. */
  return (rc == SQLITE_OK || tsr_db_fail (project, error)) &&
         tsr_db_exec (
             project,
             "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY",
             error);
}

void
tsr_db_disconnect (TsrProject *project)
{
  g_clear_pointer (&project->statements, g_hash_table_unref);
  if (project->db && project->read_only && project->damaged && tsr_db_has_content (project, "-wal"))
    sqlite3_db_config (project->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  tsr_guard_close (project);
}

bool
tsr_db_has_content (const TsrProject *project, const char *suffix)
{
  g_autofree char *path = g_strconcat (project->file, suffix, NULL);
  GStatBuf info;
  return g_stat (path, &info) == 0 && info.st_size > 0;
}

/* Through SQLite's own descriptor: the kernel takes a process's locks on a file away when any of
 * its descriptors of that file is closed, also the locks of other handles, and then another process
 * would remove the log under them. SQLite waits with closing until nothing is locked. */
int
tsr_db_read_head (TsrProject *project, uint8_t head[TSR_DB_HEAD], GError **error)
{
  sqlite3_file *file = NULL;
  sqlite3_int64 size = 0;
  int n = -1;
  if (tsr_db_connect (project, TSR_CONNECT_READ, error)) {
    errno = 0;
    int rc = sqlite3_file_control (project->db, NULL, SQLITE_FCNTL_FILE_POINTER, &file);
    if (rc == SQLITE_OK)
      rc = file->pMethods->xFileSize (file, &size);
    int wanted = (int)MIN (size, TSR_DB_HEAD);
    if (rc == SQLITE_OK)
      rc = file->pMethods->xRead (file, head, wanted, 0);
    if (rc == SQLITE_OK)
      n = wanted;
    else
      tsr_file_set_errno (error, TSR_ERROR_PROJECT, "read", project->path, errno ? errno : EIO);
  }
  tsr_db_disconnect (project);
  return n;
}
