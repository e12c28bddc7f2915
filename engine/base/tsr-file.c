#include "tsr-file.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The reason and what to do about it, for what users meet; NULL: say what the system says. */
static const char *
advice (int errsv)
{
  switch (errsv) {
  case ENOSPC:
  case EDQUOT:
    return _ ("the disk is full. Free some space and try again");
  case ENOENT:
    return _ ("it does not exist. Check the name");
  case EACCES:
  case EPERM:
    return _ ("you have no permission. Change the permissions of the file or its folder, or choose "
              "another place");
  case EROFS:
    return _ ("the disk is read-only. Choose another place");
  case EISDIR:
    return _ ("it is a folder. Choose the name of a file");
  case ENOTDIR:
    return _ ("a part of its path is a file, not a folder. Check the path");
  case EEXIST:
  case ENOTEMPTY:
    return _ ("something of that name is there already. Choose another name");
  case ENAMETOOLONG:
    return _ ("the name is too long. Choose a shorter one");
  case EFBIG:
    return _ ("the file is too large for this disk. Choose another place");
  case EMFILE:
  case ENFILE:
    return _ ("too many files are open. Close other programs and try again");
  case ENOMEM:
    return _ ("there is not enough memory. Close other programs and try again");
  default:
    return NULL;
  }
}

/* What could not be done: whole sentences, because languages order them differently. Every
 * operation that the program names has one (tests/data/unmarked.py looks). */
static char *
cannot (const char *operation, const char *path)
{
  static const struct {
    const char *operation, *sentence;
  } known[] = {
      {"read", N_ ("Cannot read “%s”")},
      {"read the folder", N_ ("Cannot read the folder “%s”")},
      {"open", N_ ("Cannot open “%s”")},
      {"create", N_ ("Cannot create “%s”")},
      {"create the folder", N_ ("Cannot create the folder “%s”")},
      {"write", N_ ("Cannot write “%s”")},
      {"write to", N_ ("Cannot write to “%s”")},
      {"write into", N_ ("Cannot write into “%s”")},
      {"write the result to", N_ ("Cannot write the result to “%s”")},
      {"replace", N_ ("Cannot replace “%s”")},
      {"read thumbnails for", N_ ("Cannot read thumbnails for “%s”")},
      {"write thumbnails for", N_ ("Cannot write thumbnails for “%s”")},
      {"copy the project before its upgrade to",
       N_ ("Cannot copy the project to “%s” before its upgrade")},
  };
  g_autofree char *name = g_filename_display_name (path);
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (operation, known[i].operation) == 0) {
      GString *sentence = g_string_new (_ (known[i].sentence));
      g_string_replace (sentence, "%s", name, 1);
      return g_string_free (sentence, FALSE);
    }
  return g_strdup_printf ("Cannot %s “%s”", operation, name);
}

void
tsr_file_set_errno (GError **error, int code, const char *operation, const char *path, int errsv)
{
  g_autofree char *failed = cannot (operation, path);
  g_autofree char *folder = g_path_get_dirname (path);
  if (errsv == ENOSPC || errsv == EDQUOT)
    code = TSR_ERROR_NO_SPACE;
  if (errsv == ENOENT && !g_file_test (folder, G_FILE_TEST_EXISTS)) {
    g_autofree char *shown = g_filename_display_name (folder);
    g_set_error (error, TSR_ERROR, code,
                 /* Translators: the first %s is “Cannot write “name”” or the like. */
                 _ ("%s: there is no folder “%s”. Make it first, or choose another place."), failed,
                 shown);
  } else if (advice (errsv))
    g_set_error (error, TSR_ERROR, code,
                 /* Translators: “Cannot write “name”” or the like, and why. */
                 _ ("%s: %s."), failed, advice (errsv));
  else
    g_set_error (error, TSR_ERROR, code,
                 /* Translators: “Cannot write “name”” or the like, and what the system says. */
                 _ ("%s: %s. Check the disk and try again."), failed, g_strerror (errsv));
}

void
tsr_file_set_cause (GError **error, int code, const char *operation, const char *path,
                    const GError *cause)
{
  static const struct {
    int io, file, errsv;
  } known[] = {{G_IO_ERROR_NO_SPACE, G_FILE_ERROR_NOSPC, ENOSPC},
               {G_IO_ERROR_NOT_FOUND, G_FILE_ERROR_NOENT, ENOENT},
               {G_IO_ERROR_PERMISSION_DENIED, G_FILE_ERROR_ACCES, EACCES},
               {G_IO_ERROR_READ_ONLY, G_FILE_ERROR_ROFS, EROFS},
               {G_IO_ERROR_IS_DIRECTORY, G_FILE_ERROR_ISDIR, EISDIR},
               {G_IO_ERROR_NOT_DIRECTORY, G_FILE_ERROR_NOTDIR, ENOTDIR},
               {G_IO_ERROR_EXISTS, G_FILE_ERROR_EXIST, EEXIST},
               {G_IO_ERROR_FILENAME_TOO_LONG, G_FILE_ERROR_NAMETOOLONG, ENAMETOOLONG},
               {G_IO_ERROR_TOO_MANY_OPEN_FILES, G_FILE_ERROR_MFILE, EMFILE}};
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_error_matches (cause, G_IO_ERROR, known[i].io) ||
        g_error_matches (cause, G_FILE_ERROR, known[i].file)) {
      tsr_file_set_errno (error, code, operation, path, known[i].errsv);
      return;
    }
  g_autofree char *failed = cannot (operation, path);
  g_set_error (error, TSR_ERROR, code,
               /* Translators: “Cannot write “name”” or the like, and what the system says. */
               _ ("%s: %s. Check the disk and try again."), failed, cause->message);
}

int
tsr_file_open_regular (const char *path, int code, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status;
  if (fd >= 0 && fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    return fd;
  if (fd < 0)
    tsr_file_set_errno (error, code, "read", path, errno);
  else {
    g_autofree char *shown = g_filename_display_name (path);
    g_set_error (error, TSR_ERROR, code,
                 _ ("Cannot read “%s”: it is not a file, but a folder, a pipe or a device."),
                 shown);
    close (fd);
  }
  return -1;
}

bool
tsr_file_check_new_folder (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  if (!g_file_test (folder, G_FILE_TEST_EXISTS) || (dir && !g_dir_read_name (dir)))
    return true;
  g_autofree char *shown = g_filename_display_name (folder);
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               dir ? _ ("“%s” already has files in it; choose a new or empty folder.")
                   : _ ("“%s” is not a folder that can be read; choose a new or empty folder."),
               shown);
  return false;
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

/* The folder by its own name, as the system reads “..” behind links; as it is where there is none.
 */
static char *
settle_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (path);
  char *real = realpath (folder, NULL);
  char *place = real ? g_build_filename (real, name, NULL) : g_strdup (path);
  free (real);
  return place;
}

char *
tsr_file_place (const char *path)
{
  char *place = settle_folder (path);
  for (unsigned hops = 0; hops < 40; hops++) {
    g_autofree char *link = g_file_read_link (place, NULL);
    if (!link)
      break;
    g_autofree char *folder = g_path_get_dirname (place);
    g_autofree char *next =
        g_path_is_absolute (link) ? g_strdup (link) : g_build_filename (folder, link, NULL);
    g_free (place);
    place = settle_folder (next);
  }
  return place;
}

/* What is to be replaced: where path leads, if it is a link; NULL where no file may come. */
static char *
find_replaced (const char *path, GError **error)
{
  struct stat status;
  bool ends = g_str_has_suffix (path, "/"); /* which names a folder */
  if (stat (path, &status) != 0 || S_ISREG (status.st_mode) || S_ISDIR (status.st_mode))
    return ends ? g_strdup (path) : tsr_file_place (path);
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               _ ("Cannot write “%s”: it is not a file, but a pipe or a device. Choose the name of "
                  "a file."),
               shown);
  return NULL;
}

/* Nobody means to put a table in the place of the labels it is made of. */
static bool
refuse_project (const char *path, GError **error)
{
  static const char *const endings[] = {".tessera", ".tessera-wal", ".tessera-shm",
                                        ".tessera-journal"};
  g_autofree char *lower = g_ascii_strdown (path, -1), *shown = g_filename_display_name (path);
  bool project = false;
  for (size_t i = 0; i < G_N_ELEMENTS (endings) && !project; i++)
    project = g_str_has_suffix (lower, endings[i]);
  if (!project || !g_file_test (path, G_FILE_TEST_EXISTS))
    return true;
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               _ ("“%s” is a project, which is not replaced by what is exported; choose another "
                  "name."),
               shown);
  return false;
}

/* What a file is by its first bytes; NULL: of no kind that is known here, or plain text. */
static const char *
kind_of (const uint8_t *head, size_t n)
{
  static const struct {
    const char *kind, *magic;
    size_t at, length;
  } known[] = {{"sqlite", "SQLite format 3", 0, 16},
               {"png", "\x89PNG", 0, 4},
               {"jpeg", "\xff\xd8\xff", 0, 3},
               {"gif", "GIF8", 0, 4},
               {"webp", "WEBP", 8, 4},
               {"bmp", "BM", 0, 2},
               {"tiff", "II*\0", 0, 4},
               {"tiff", "MM\0*", 0, 4},
               {"tiff", "II+\0", 0, 4},
               {"tiff", "MM\0+", 0, 4},
               {"pdf", "%PDF-", 0, 5},
               {"gzip", "\x1f\x8b", 0, 2},
               {"zip", "PK\3\4", 0, 4},
               {"hdf5", "\x89HDF", 0, 4},
               {"safetensors", "\0\0\0\0{", 4, 5},
               {"json", "{", 0, 1},
               {"json", "[", 0, 1},
               {"markup", "<", 0, 1}};
  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].at + known[i].length <= n &&
        memcmp (head + known[i].at, known[i].magic, known[i].length) == 0)
      return known[i].kind;
  return NULL;
}

static const char *
kind_of_file (const char *path)
{
  uint8_t head[16];
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  ssize_t n = fd < 0 ? 0 : read (fd, head, sizeof head);
  if (fd >= 0)
    close (fd);
  return kind_of (head, (size_t)MAX (n, 0));
}

/* A name mistyped or picked from a list must not cost a slide, a tile or a model. */
static bool
check_kind (const char *temporary, const char *target, GError **error)
{
  const char *former = kind_of_file (target);
  if (!former || g_strcmp0 (former, kind_of_file (temporary)) == 0)
    return true;
  g_autofree char *shown = g_filename_display_name (target);
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_FAILED,
      _ ("“%s” is there already and is another kind of file, which is not replaced; choose "
         "another name."),
      shown);
  return false;
}

bool
tsr_file_check_writable (const char *path, GError **error)
{
  struct stat status;
  if (stat (path, &status) != 0 || ((status.st_mode & 0222) != 0 && access (path, W_OK) == 0))
    return true;
  tsr_file_set_errno (error, TSR_ERROR_FAILED, "replace", path, EACCES);
  return false;
}

/* The new file is as private as the former one. */
static bool
inherit_mode (int fd, const char *target, GError **error)
{
  struct stat status;
  if (!tsr_file_check_writable (target, error))
    return false;
  if (stat (target, &status) == 0)
    (void)fchmod (fd, status.st_mode & 0777); /* some file systems have no modes */
  return true;
}

bool
tsr_file_replace (const char *path, TsrFileFill fill, void *data, GError **error)
{
  g_autofree char *target = find_replaced (path, error);
  if (!target || !refuse_project (target, error))
    return false;
  g_autofree char *temporary = g_strdup_printf ("%s.XXXXXX", target);
  int fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0644);
  FILE *file = fd < 0 ? NULL : fdopen (fd, "wb");
  if (!file) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "create", path, errno);
    return false;
  }
  bool ok = inherit_mode (fd, target, error) && fill_and_sync (file, path, fill, data, error);
  if (fclose (file) != 0 && ok) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "write", path, errno);
    ok = false;
  }
  ok = ok && check_kind (temporary, target, error);
  if (ok && g_rename (temporary, target) != 0) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "replace", path, errno);
    ok = false;
  }
  if (ok)
    sync_folder (target);
  else
    g_unlink (temporary);
  return ok;
}
