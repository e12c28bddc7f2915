/* Thumbnails that wait until the project's file is locked for writing. */

#include "tsr-project-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct TsrSpool {
  TsrProject *project;
  FILE *file;
  int64_t end;
  uint8_t *buffer;
  size_t room;
};

static bool
fail (const TsrSpool *self, const char *operation, int reason, GError **error)
{
  tsr_file_set_errno (error, TSR_ERROR_PROJECT, operation, self->project->path, reason);
  return false;
}

/* A file without a name disappears with the process, however that ends. */
static FILE *
open_nameless (const char *folder)
{
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {
    g_autofree char *path = g_build_filename (folder, ".tessera-XXXXXX", NULL);
    fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
      unlink (path);
  }
  return fd < 0 ? NULL : fdopen (fd, "w+b");
}

TsrSpool *
tsr_spool_new (TsrProject *project, GError **error)
{
  TsrSpool *self = g_new0 (TsrSpool, 1);
  self->project = project;
  self->file = open_nameless (project->folder);
  if (self->file)
    return self;
  fail (self, "write thumbnails for", errno, error);
  tsr_spool_free (self);
  return NULL;
}

void
tsr_spool_free (TsrSpool *self)
{
  if (!self)
    return;
  if (self->file)
    fclose (self->file);
  g_free (self->buffer);
  g_free (self);
}

bool
tsr_spool_add (TsrSpool *self, GBytes *jpeg, TsrSpooled *where, GError **error)
{
  gsize length;
  const void *bytes = g_bytes_get_data (jpeg, &length);
  *where = (TsrSpooled){self->end, (uint32_t)length};
  self->end += (int64_t)length;
  return fwrite (bytes, 1, length, self->file) == length ||
         fail (self, "write thumbnails for", errno, error);
}

bool
tsr_spool_flush (TsrSpool *self, GError **error)
{
  return fflush (self->file) == 0 || fail (self, "write thumbnails for", errno, error);
}

bool
tsr_spool_store (TsrSpool *self, TsrSpooled where, uint32_t tile, GError **error)
{
  if (where.length > self->room) {
    self->room = where.length;
    self->buffer = g_realloc (self->buffer, self->room);
  }
  ssize_t got = pread (fileno (self->file), self->buffer, where.length, where.offset);
  if (got != (ssize_t)where.length)
    return fail (self, "read thumbnails for", got < 0 ? errno : EIO, error);
  g_autoptr (TsrStatement) insert =
      tsr_db_prepare (self->project, "INSERT INTO thumbnail (tile, jpeg) VALUES (?, ?)", error);
  if (!insert)
    return false;
  sqlite3_bind_int64 (insert, 1, tile);
  sqlite3_bind_blob64 (insert, 2, self->buffer, where.length, SQLITE_STATIC);
  return tsr_db_run (self->project, insert, error);
}
