/* WAL where it works: readers never wait for the writer. It needs memory shared between all who
 * have the file open, which network file systems do not give; there a rollback journal serves,
 * slower but as safe.
 *
 * Log and index are removed by the last connection that closes, and only one that may write can do
 * that. So a project is read, too, by a connection that may write, where that is allowed, with
 * writing switched off. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

static const unsigned remote_file_systems[] = {
    0x6969,     /* NFS */
    0x517b,     /* SMB */
    0xff534d42, /* CIFS */
    0xfe534d42, /* SMB 2 */
    0x65735546, /* FUSE: sshfs, GVfs and others; some would work, but which cannot be told */
    0x01021997, /* 9P: virtual machines, WSL */
    0x5346414f, /* AFS */
    0x6b414653, /* kAFS */
    0x73757245, /* Coda */
    0x564c,     /* NCP */
    0x00c36400, /* Ceph */
    0x0bd00bd0, /* Lustre */
    0x19830326, /* BeeGFS */
    0x01161970, /* GFS2 */
    0x7461636f, /* OCFS2 */
    0x47504653, /* GPFS */
    0xaad7aaea, /* PanFS */
    0x786f4256, /* VirtualBox shared folder */
    0xbacbacbc, /* VMware shared folder */
};

bool
tsr_project_folder_is_remote (const char *folder)
{
  struct statfs info;
  if (statfs (folder, &info) != 0)
    return true; /* the choice that works everywhere */
  for (size_t i = 0; i < G_N_ELEMENTS (remote_file_systems); i++)
    if ((unsigned)info.f_type == remote_file_systems[i])
      return true;
  return false;
}

/* Runs "PRAGMA journal_mode = ..." and tells whether that mode came of it. */
static bool
try_journal_mode (TsrProject *project, const char *mode)
{
  g_autofree char *sql = g_strdup_printf ("PRAGMA journal_mode = %s", mode);
  sqlite3_stmt *statement = NULL;
  bool same = sqlite3_prepare_v2 (project->db, sql, -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step (statement) == SQLITE_ROW &&
              g_ascii_strcasecmp ((const char *)sqlite3_column_text (statement, 0), mode) == 0;
  sqlite3_finalize (statement);
  return same;
}

/* FULL: a WAL commit is synced before it returns. Only the first to open a new or formerly remote
 * file changes its mode; when two do so at once, SQLite refuses one of them without waiting. */
static bool
use_wal (TsrProject *project)
{
  gint64 deadline = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  while (!try_journal_mode (project, "wal")) {
    if ((sqlite3_errcode (project->db) & 0xff) != SQLITE_BUSY || g_get_monotonic_time () > deadline)
      return false;
    g_usleep (10000);
  }
  return sqlite3_exec (project->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL) == SQLITE_OK;
}

/* A file that was in WAL mode on a local disk can leave it only by a connection that holds it
 * alone, since the shared memory is what does not work. EXTRA: the folder is synced after the
 * journal's removal, which is the commit. */
static bool
use_rollback (TsrProject *project, GError **error)
{
  bool ok = tsr_db_exec (project, "PRAGMA locking_mode = EXCLUSIVE", error);
  if (ok && !try_journal_mode (project, "delete"))
    ok = tsr_db_fail (project, error);
  return ok && tsr_db_exec (project,
                            "PRAGMA locking_mode = NORMAL; PRAGMA synchronous = EXTRA;"
                            "SELECT count (*) FROM sqlite_schema" /* lets the lock go */,
                            error);
}

/* ---- reading ---- */

#define INDEX_BYTES 32768 /* the least that an index in use has */

/* Whether the first read failed for want of the shared index, which a full disk has no room for and
 * some file systems cannot have. */
static bool
lacks_index (TsrProject *project)
{
  int rc = sqlite3_extended_errcode (project->db);
  return rc == SQLITE_IOERR_SHMSIZE || rc == SQLITE_IOERR_SHMMAP || rc == SQLITE_IOERR_SHMOPEN ||
         rc == SQLITE_IOERR_SHMLOCK || (rc & 0xff) == SQLITE_CANTOPEN;
}

/* What was begun of an index and could not be finished. The caller holds the file alone. */
static void
remove_index_stub (const TsrProject *project)
{
  g_autofree char *path = g_strconcat (project->file, "-shm", NULL);
  GStatBuf info;
  if (g_stat (path, &info) == 0 && info.st_size < INDEX_BYTES)
    g_unlink (path);
}

/* Without an index in a file: one in memory serves whoever holds the project alone. Others wait
 * meanwhile; a log with content is read like any other. */
static bool
read_alone (TsrProject *project, GError **error)
{
  tsr_db_disconnect (project);
  if (!tsr_db_connect (project, TSR_CONNECT_WRITE, error) ||
      !tsr_db_exec (project,
                    "PRAGMA query_only = ON; PRAGMA locking_mode = EXCLUSIVE;"
                    "PRAGMA schema_version",
                    error))
    return false;
  remove_index_stub (project);
  return true;
}

/* By a connection that can clear up when it is the last to close. */
static bool
read_tidily (TsrProject *project, GError **error)
{
  GError *cause = NULL;
  if (!tsr_db_connect (project, TSR_CONNECT_WRITE, error))
    return false;
  if (tsr_db_exec (project, "PRAGMA query_only = ON; PRAGMA schema_version", &cause))
    return true;
  if (!lacks_index (project)) {
    g_propagate_error (error, cause);
    return false;
  }
  g_clear_error (&cause);
  return read_alone (project, error);
}

/* Who may write takes a half change back that a killed program left in a rollback journal, as any
 * program does that opens the file; in rollback mode there is nothing else to clear. Without the
 * right to write, an index could not be made (in the folder) or not be removed, and would be in its
 * owner's way (beside the file): then nothing is made. But where an index is, somebody may have the
 * project open, and what waits in a log must not be missed: both are then read by SQLite's rules,
 * which write nothing. */
static bool
open_to_read (TsrProject *project, bool wal, GError **error)
{
  g_autofree char *index = g_strconcat (project->file, "-shm", NULL);
  bool writable = access (project->path, W_OK) == 0 && access (project->folder, W_OK) == 0,
       journal = tsr_db_has_content (project, "-journal");
  if (writable && (wal || journal))
    return read_tidily (project, error);
  if (!wal || journal)
    return tsr_db_connect (project, TSR_CONNECT_READ, error);
  bool closed = !tsr_db_has_content (project, "-wal") && !g_file_test (index, G_FILE_TEST_EXISTS);
  return tsr_db_connect (project, closed ? TSR_CONNECT_IMMUTABLE : TSR_CONNECT_READ, error);
}

/* ---- writing ---- */

/* Somebody who reads on a full disk holds the project alone: that the disk is full is what keeps
 * others from writing. */
static bool
disk_is_full (const TsrProject *project)
{
  struct statvfs info;
  return statvfs (project->folder, &info) == 0 &&
         (uint64_t)info.f_bavail * info.f_frsize < 2 * INDEX_BYTES;
}

static bool
open_to_write (TsrProject *project, GError **error)
{
  if (!tsr_db_connect (project, TSR_CONNECT_WRITE, error))
    return false;
  bool rollback = g_strcmp0 (g_getenv ("TESSERA_PROJECT_JOURNAL"), "rollback") == 0 ||
                  tsr_project_folder_is_remote (project->folder);
  if (!rollback && use_wal (project))
    return true;
  int rc = sqlite3_errcode (project->db) & 0xff;
  if (!rollback && rc == SQLITE_BUSY && disk_is_full (project)) {
    tsr_file_set_errno (error, TSR_ERROR_PROJECT, "write to", project->path, ENOSPC);
    return false;
  }
  if (!rollback &&
      (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB || rc == SQLITE_BUSY || rc == SQLITE_FULL))
    return tsr_db_fail (project, error);
  /* a fresh connection: exclusive locking must be asked for before WAL is first touched */
  tsr_db_disconnect (project);
  return tsr_db_connect (project, TSR_CONNECT_WRITE, error) && use_rollback (project, error);
}

/* ---- both ---- */

/* Whether the connection shares a log with others, and holds the locks that say so. */
static bool
shares_log (TsrProject *project)
{
  if (project->read_only &&
      (access (project->path, W_OK) != 0 || access (project->folder, W_OK) != 0))
    return false; /* read without locks, or without any say in who is last */
  sqlite3_stmt *statement = NULL;
  bool wal =
      sqlite3_prepare_v2 (project->db, "PRAGMA journal_mode", -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW &&
      g_strcmp0 ((const char *)sqlite3_column_text (statement, 0), "wal") == 0;
  sqlite3_finalize (statement);
  return wal && sqlite3_exec (project->db, "PRAGMA schema_version", NULL, NULL, NULL) == SQLITE_OK;
}

bool
tsr_db_open (TsrProject *project, bool wal, GError **error)
{
  if (tsr_guard_is_replaced (project)) {
    g_autofree char *name = g_filename_display_name (project->path);
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_PROJECT,
        _ ("“%s” cannot be opened while what was called so before, or this file by another "
           "name, is open; close that in every window and program, and open it then."),
        name);
    return false;
  }
  tsr_guard_enter ();
  /* the limit gives the room of a big import's log back */
  bool ok =
      (project->read_only ? open_to_read (project, wal, error) : open_to_write (project, error)) &&
      tsr_db_exec (project, "PRAGMA cache_size = -16000; PRAGMA journal_size_limit = 16777216",
                   error);
  if (ok && shares_log (project))
    tsr_guard_take (project);
  tsr_guard_leave ();
  return ok;
}
