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
  g_free (guard);
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
