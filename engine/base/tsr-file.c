#include "tsr-file.h"

#include "tsr-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

void
tsr_file_set_errno (GError **error, int code, const char *operation, const char *path, int errsv)
{
  g_autofree char *name = g_filename_display_name (path);
  if (errsv == ENOSPC || errsv == EDQUOT)
    g_set_error (error, TSR_ERROR, TSR_ERROR_NO_SPACE,
                 "Cannot %s “%s”: the disk is full. Free some space and try again.", operation,
                 name);
  else
    g_set_error (error, TSR_ERROR, code, "Cannot %s “%s”: %s.", operation, name,
                 g_strerror (errsv));
}

static void
sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return; /* some file systems cannot open a folder; the rename itself is atomic all the same */
  (void)fsync (fd);
  close (fd);
}

static bool
fill_and_sync (FILE *file, const char *path, TsrFileFill fill, void *data, GError **error)
{
  if (!fill (file, data, error))
    return false;
  if (fflush (file) != 0 || ferror (file) || fsync (fileno (file)) != 0) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "write", path, errno ? errno : EIO);
    return false;
  }
  return true;
}

bool
tsr_file_replace (const char *path, TsrFileFill fill, void *data, GError **error)
{
  g_autofree char *temporary = g_strdup_printf ("%s.XXXXXX", path);
  int fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0644);
  FILE *file = fd < 0 ? NULL : fdopen (fd, "wb");
  if (!file) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "create", path, errno);
    return false;
  }
  bool ok = fill_and_sync (file, path, fill, data, error);
  if (fclose (file) != 0 && ok) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "write", path, errno);
    ok = false;
  }
  if (ok && g_rename (temporary, path) != 0) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "replace", path, errno);
    ok = false;
  }
  if (ok)
    sync_folder (path);
  else
    g_unlink (temporary);
  return ok;
}
