#include "tsr-slide-companions.h"

#include "tsr-i18n.h"
#include "tsr-image-reader.h"

#include <string.h>
#include <sys/stat.h>

#define MAX_KEY_FILE (1 << 20) /* bytes; Hamamatsu's are a few kilobytes */

/* What is not there is the library's to say. */
static bool
check (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct stat status;
  if (stat (path, &status) != 0 || S_ISREG (status.st_mode) || S_ISDIR (status.st_mode))
    return true;
  g_autofree char *shown = g_filename_display_name (name);
  tsr_image_refuse (
      error,
      _ ("“%s”, which belongs to it, is a pipe or a device, not a file; copy the slide "
         "again with all of its files"),
      shown);
  return false;
}

/* MIRAX: a folder of the slide's name holds the index and the data files, and nothing else. */
static bool
check_folder (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    if (!check (folder, name, error))
      return false;
  return true;
}

/* Hamamatsu: an INI file, some of whose values name files beside it. */
static bool
check_values (const char *path, const char *folder, GError **error)
{
  struct stat status;
  g_autofree char *text = NULL;
  if (stat (path, &status) != 0 || !S_ISREG (status.st_mode) || status.st_size > MAX_KEY_FILE ||
      !g_file_get_contents (path, &text, NULL, NULL))
    return true;
  g_auto (GStrv) lines = g_strsplit_set (text, "\r\n", -1);
  for (guint i = 0; lines[i]; i++) {
    char *value = strchr (lines[i], '=');
    if (value && *g_strstrip (value + 1) && !check (folder, g_strstrip (value + 1), error))
      return false;
  }
  return true;
}

bool
tsr_slide_check_companions (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *lower = g_ascii_strdown (path, -1);
  if (g_str_has_suffix (lower, ".mrxs")) {
    g_autofree char *own = g_strndup (path, strlen (path) - strlen (".mrxs"));
    return check_folder (own, error);
  }
  return !(g_str_has_suffix (lower, ".vms") || g_str_has_suffix (lower, ".vmu")) ||
         check_values (path, folder, error);
}
