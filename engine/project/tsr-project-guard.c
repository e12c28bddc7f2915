/* POSIX locks belong to the process: when any library in it closes any descriptor of a file, the
 * process loses every lock it has on that file. A file dialog that looks into the project's folder
 * is enough. SQLite's lock on an open project would be gone without its knowing, another program
 * would believe itself alone, and delete the log that labels are still written to.
 *
 * Locks of an open file description do not go that way. While a project is open in WAL mode, one
 * such lock for reading lies where SQLite's own shared locks lie, on the file and on the index of
 * the log: it stops nobody but those who need the project for themselves. */

#include "tsr-project-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where SQLite's unix VFS locks (os_unix.c, fixed by its file format): the shared range of the
 * file, and the byte of the index that says somebody is there. */
#define SHARED_FIRST 0x40000002
#define SHARED_SIZE  510
#define INDEX_BYTE   128

typedef struct {
  pid_t process; /* a forked child has no part in its parent's guards */
  dev_t device;
  ino_t inode;
  char *name;     /* the log beside it is called after this */
  unsigned users; /* handles of this process */
  int file, index;
} Guard;

/* Opening is held apart from the last closing: a descriptor closed here takes the locks of a
 * connection that has no guard yet. */
static GRWLock opening;
static GMutex mutex; /* of guards */
static GSList *guards;

void
tsr_guard_enter (void)
{
  g_rw_lock_reader_lock (&opening);
}

void
tsr_guard_leave (void)
{
  g_rw_lock_reader_unlock (&opening);
}

static bool
set_lock (int fd, short type, off_t start, off_t length)
{
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fd >= 0 && fcntl (fd, F_OFD_SETLK, &lock) == 0;
}

static Guard *
find (const struct stat *info)
{
  for (GSList *at = guards; at; at = at->next) {
    Guard *guard = at->data;
    if (guard->process == getpid () && guard->device == info->st_dev &&
        guard->inode == info->st_ino)
      return guard;
  }
  return NULL;
}

/* Whether anybody but this descriptor's has a lock there; closes what it opens. */
static bool
is_held (const char *path, off_t start, off_t length)
{
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  bool held = fd >= 0 && fcntl (fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  if (fd >= 0)
    close (fd);
  return held;
}

/* Who has a log open has its file open, too, earlier and longer. Somebody may come or go between
 * two looks, but not each time. */
static bool
is_log_of_another (const TsrProject *project, const char *index)
{
  for (unsigned look = 0; look < 3; look++) {
    if (!is_held (index, INDEX_BYTE, 1) || is_held (project->path, SHARED_FIRST, SHARED_SIZE) ||
        !is_held (index, INDEX_BYTE, 1))
      return false;
    g_usleep (20000);
  }
  return true;
}

bool
tsr_guard_is_replaced (const TsrProject *project)
{
  g_autofree char *index = g_strconcat (project->file, "-shm", NULL);
  struct stat info;
  bool replaced = false, known = false;
  if (stat (project->path, &info) != 0)
    return false;
  g_mutex_lock (&mutex);
  for (GSList *at = guards; at; at = at->next) {
    const Guard *guard = at->data;
    if (guard->process != getpid ())
      continue;
    bool same_file = guard->device == info.st_dev && guard->inode == info.st_ino,
         same_name = strcmp (guard->name, project->file) == 0;
    known |= same_file || same_name;
    replaced |= same_file != same_name;
  }
  g_mutex_unlock (&mutex);
  if (known || access (index, F_OK) != 0 || access (project->path, W_OK) != 0)
    return replaced;
  g_rw_lock_writer_lock (&opening); /* what is closed here takes nobody's locks away */
  replaced = is_log_of_another (project, index);
  g_rw_lock_writer_unlock (&opening);
  return replaced;
}

/* Descriptors are opened only for the first handle, and closed only after the last. */
void
tsr_guard_take (TsrProject *project)
{
  struct stat info;
  if (stat (project->path, &info) != 0)
    return;
  g_mutex_lock (&mutex);
  Guard *guard = find (&info);
  if (!guard) {
    g_autofree char *index = g_strconcat (project->file, "-shm", NULL);
    guard = g_new0 (Guard, 1);
    guard->process = getpid ();
    guard->device = info.st_dev;
    guard->inode = info.st_ino;
    guard->name = g_strdup (project->file);
    guard->file = open (project->path, O_RDONLY | O_CLOEXEC);
    guard->index = open (index, O_RDONLY | O_CLOEXEC);
    set_lock (guard->file, F_RDLCK, SHARED_FIRST, SHARED_SIZE);
    set_lock (guard->index, F_RDLCK, INDEX_BYTE, 1);
    guards = g_slist_prepend (guards, guard);
  }
  guard->users++;
  project->guard = guard;
  g_mutex_unlock (&mutex);
}

static void
drop (Guard *guard)
{
  if (guard->file >= 0)
    close (guard->file);
  if (guard->index >= 0)
    close (guard->index);
  g_free (guard->name);
  g_free (guard);
}

/* Of a file that is not called so any more SQLite leaves the log where it is, whose labels would be
 * missing there and be laid over what is called so now: they are carried over, and it is emptied.
 */
static void
carry_log_over (sqlite3 *db)
{
  int moved = 0;
  if (sqlite3_file_control (db, NULL, SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved)
    sqlite3_wal_checkpoint_v2 (db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

void
tsr_guard_close (TsrProject *project)
{
  Guard *guard = project->guard;
  if (!guard) {
    sqlite3_close (project->db);
    project->db = NULL;
    return;
  }
  g_rw_lock_writer_lock (&opening);
  g_mutex_lock (&mutex);
  bool last = --guard->users == 0;
  if (last) {
    if (!project->damaged)
      carry_log_over (project->db);
    guards = g_slist_remove (guards, guard);
    /* Let go, not closed: the connection tidies up under its own locks, which a close would take.
     */
    set_lock (guard->file, F_UNLCK, SHARED_FIRST, SHARED_SIZE);
    set_lock (guard->index, F_UNLCK, INDEX_BYTE, 1);
  }
  project->guard = NULL;
  sqlite3_close (project->db);
  project->db = NULL;
  if (last)
    drop (guard);
  g_mutex_unlock (&mutex);
  g_rw_lock_writer_unlock (&opening);
}
