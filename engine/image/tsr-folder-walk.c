/* Folders that nobody has tidied: links in circles, pipes, unreadable corners, names of any bytes.
 */

#include "tsr-folder-walk.h"

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One more folder than this below the root is a mistake (a copy of a copy of ...), and paths have a
 * length limit anyway. */
#define MAX_DEPTH 256

typedef struct {
  dev_t device;
  ino_t inode;
} Identity;

/* A folder or link still to be visited. */
typedef struct {
  char *path, *relative;
  unsigned depth;
} Pending;

typedef struct {
  GPtrArray *files, *skipped;
  GQueue folders, links; /* of Pending */
  GHashTable *seen;      /* Identity -> relative name of what was seen there first */
} Walk;

static guint
hash_identity (gconstpointer key)
{
  const Identity *id = key;
  uint64_t mixed = ((uint64_t)id->inode ^ (uint64_t)id->device << 40) * 0x9E3779B97F4A7C15u;
  return (guint)(mixed >> 32);
}

static gboolean
same_identity (gconstpointer a, gconstpointer b)
{
  const Identity *x = a, *y = b;
  return x->device == y->device && x->inode == y->inode;
}

static Pending *
pending_new (const char *path, const char *relative, unsigned depth)
{
  Pending *pending = g_new (Pending, 1);
  *pending = (Pending){g_strdup (path), g_strdup (relative), depth};
  return pending;
}

static void
pending_free (Pending *pending)
{
  g_free (pending->path);
  g_free (pending->relative);
  g_free (pending);
}

void
tsr_walked_file_free (TsrWalkedFile *file)
{
  g_free (file->path);
  g_free (file->relative);
  g_free (file);
}

static void
free_skipped (gpointer data)
{
  TsrSkippedFile *file = data;
  g_free (file->file);
  g_free (file->reason);
  g_free (file);
}

GPtrArray *
tsr_skipped_files_new (void)
{
  return g_ptr_array_new_with_free_func (free_skipped);
}

void
tsr_skip_file (GPtrArray *skipped, const char *relative, const char *reason)
{
  TsrSkippedFile *file = g_new (TsrSkippedFile, 1);
  file->file = g_strdup (relative);
  file->reason = g_strconcat (reason, g_str_has_suffix (reason, ".") ? NULL : ".", NULL);
  if (file->reason[0])
    file->reason[0] = g_ascii_toupper (file->reason[0]);
  g_ptr_array_add (skipped, file);
}

/* Remembers where something was seen. Returns the name it was seen under before, or NULL. */
static const char *
remember (Walk *walk, const struct stat *status, const char *relative)
{
  Identity id = {status->st_dev, status->st_ino};
  const char *before = g_hash_table_lookup (walk->seen, &id);
  if (!before)
    g_hash_table_insert (walk->seen, g_memdup2 (&id, sizeof id), g_strdup (relative));
  return before;
}

static void
skip_repeat (Walk *walk, const char *relative, const char *before)
{
  g_autofree char *reason =
      *before ? g_strdup_printf (_ ("It is a link to “%s”, which is already in the list"), before)
              : g_strdup (_ ("It is a link back to the folder itself"));
  tsr_skip_file (walk->skipped, relative, reason);
}

static void
add_file (Walk *walk, const char *path, const char *relative)
{
  TsrWalkedFile *file = g_new (TsrWalkedFile, 1);
  *file = (TsrWalkedFile){g_strdup (path), g_strdup (relative)};
  g_ptr_array_add (walk->files, file);
}

/* Sorts one thing that is no link by its kind. */
static void
take (Walk *walk, const char *path, const char *relative, const struct stat *status, unsigned depth,
      bool through_link)
{
  if (S_ISREG (status->st_mode) || S_ISDIR (status->st_mode)) {
    const char *before = remember (walk, status, relative);
    if (before && (through_link || S_ISDIR (status->st_mode)))
      skip_repeat (walk, relative, before);
    else if (S_ISREG (status->st_mode)) /* a second hard link is a file like any other */
      add_file (walk, path, relative);
    else if (depth > MAX_DEPTH)
      tsr_skip_file (walk->skipped, relative,
                     _ ("The folder lies more than 256 folders deep; move it up"));
    else
      g_queue_push_tail (&walk->folders, pending_new (path, relative, depth));
    return;
  }
  tsr_skip_file (walk->skipped, relative,
                 S_ISFIFO (status->st_mode) || S_ISSOCK (status->st_mode)
                     ? _ ("It is a pipe or socket, not a file")
                     : _ ("It is a device, not a file"));
}

static void
skip_errno (Walk *walk, const char *relative, bool is_folder, int reason)
{
  g_autofree char *text = NULL;

  if (reason == EACCES || reason == EPERM)
    text =
        g_strdup (is_folder ? _ ("You may not read this folder; change its permissions or copy it")
                            : _ ("You may not read this file; change its permissions or copy it"));
  else if (reason == ENAMETOOLONG)
    text = g_strdup (
        is_folder ? _ ("The path of this folder is too long; move it up or shorten the names")
                  : _ ("The path of this file is too long; move it up or shorten the names"));
  else if (reason == ELOOP)
    text = g_strdup (_ ("It is a symbolic link that goes round in circles"));
  else if (reason == ENOENT)
    text = g_strdup (_ ("It is a symbolic link to something that does not exist"));
  else
    text = g_strdup_printf (is_folder ? _ ("This folder cannot be read (%s); check the disk")
                                      : _ ("This file cannot be read (%s); check the disk"),
                            g_strerror (reason));
  tsr_skip_file (walk->skipped, relative, text);
}

/* A project, and what SQLite keeps beside it, often lies among its slides or tiles. */
static bool
is_project (const char *name)
{
  static const char *const endings[] = {".tessera", ".tessera-wal", ".tessera-shm",
                                        ".tessera-journal"};
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (name, endings[i]))
      return true;
  return false;
}

static bool
is_hidden (const char *name)
{
  return name[0] == '.' || is_project (name) || strcmp (name, "__MACOSX") == 0 ||
         g_ascii_strcasecmp (name, "Thumbs.db") == 0 ||
         g_ascii_strcasecmp (name, "desktop.ini") == 0;
}

static void
visit_entry (Walk *walk, const Pending *folder, const char *name)
{
  g_autofree char *escaped = tsr_escape_name (name);
  g_autofree char *relative =
      *folder->relative ? g_strconcat (folder->relative, "/", escaped, NULL) : g_strdup (escaped);
  g_autofree char *path =
      g_strconcat (folder->path, g_str_has_suffix (folder->path, "/") ? "" : "/", name, NULL);
  struct stat status;
  if (lstat (path, &status) != 0)
    skip_errno (walk, relative, false, errno);
  else if (S_ISLNK (status.st_mode))
    g_queue_push_tail (&walk->links, pending_new (path, relative, folder->depth + 1));
  else
    take (walk, path, relative, &status, folder->depth + 1, false);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return tsr_natural_order (*(const char *const *)a, *(const char *const *)b);
}

/* Reads the names first and visits them in order, so that which of two links counts does not depend
 * on the disk. */
static bool
visit_folder (Walk *walk, const Pending *folder, const TsrProgress *progress, GError **error)
{
  DIR *directory = opendir (folder->path);
  if (!directory) {
    skip_errno (walk, folder->relative, true, errno);
    return true;
  }
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  struct dirent *entry;
  bool ok = true;
  for (errno = 0; ok && (entry = readdir (directory));) {
    if (!is_hidden (entry->d_name))
      g_ptr_array_add (names, g_strdup (entry->d_name));
    if (names->len % 4096 == 4095)
      ok = tsr_progress_step (progress, -1, TSR_STAGE ("Looking for images"), error);
  }
  closedir (directory);
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; ok && i < names->len; i++) {
    visit_entry (walk, folder, names->pdata[i]);
    if (i % 1024 == 0)
      ok = tsr_progress_step (progress, -1, TSR_STAGE ("Looking for images"), error);
  }
  return ok;
}

static void
follow_link (Walk *walk, const Pending *link)
{
  struct stat status;
  if (stat (link->path, &status) != 0)
    skip_errno (walk, link->relative, false, errno);
  else
    take (walk, link->path, link->relative, &status, link->depth, true);
}

/* Everything real first; then one link at a time, with all that is real behind it. */
static bool
visit_all (Walk *walk, const TsrProgress *progress, GError **error)
{
  for (;;) {
    Pending *next = g_queue_pop_head (&walk->folders);
    bool ok = true;
    if (next)
      ok = visit_folder (walk, next, progress, error);
    else if ((next = g_queue_pop_head (&walk->links)))
      follow_link (walk, next);
    else
      return true;
    pending_free (next);
    if (!ok)
      return false;
  }
}

bool
tsr_folder_walk (const char *root, const TsrProgress *progress, GPtrArray *files,
                 GPtrArray *skipped, GError **error)
{
  struct stat status;
  DIR *directory = opendir (root);
  if (!directory || fstat (dirfd (directory), &status) != 0) {
    tsr_file_set_errno (error, TSR_ERROR_IMAGE, "read the folder", root, errno);
    if (directory)
      closedir (directory);
    return false;
  }
  closedir (directory);
  Walk walk = {.files = files, .skipped = skipped, .folders = G_QUEUE_INIT, .links = G_QUEUE_INIT};
  walk.seen = g_hash_table_new_full (hash_identity, same_identity, g_free, g_free);
  remember (&walk, &status, "");
  g_queue_push_tail (&walk.folders, pending_new (root, "", 0));
  bool ok = visit_all (&walk, progress, error);
  g_queue_clear_full (&walk.folders, (GDestroyNotify)pending_free);
  g_queue_clear_full (&walk.links, (GDestroyNotify)pending_free);
  g_hash_table_unref (walk.seen);
  return ok;
}
