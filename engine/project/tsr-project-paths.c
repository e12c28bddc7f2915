/* Paths are bytes. They are stored relative to the project's folder where that means something, so
 * that a study can be moved. */

#include "tsr-project-private.h"

#include <stdlib.h>
#include <string.h>

const char *
tsr_path_below (const char *path, const char *folder)
{
  size_t n = strlen (folder);
  while (n > 0 && folder[n - 1] == '/')
    n--;
  if (strncmp (path, folder, n) != 0 || path[n] != '/')
    return NULL;
  while (path[n] == '/')
    n++;
  return path + n;
}

char *
tsr_path_relative (const char *folder, const char *target)
{
  g_auto (GStrv) from = g_strsplit (folder + 1, "/", -1);
  g_auto (GStrv) to = g_strsplit (target + 1, "/", -1);
  guint same = 0;
  while (from[same] && to[same] && *from[same] && strcmp (from[same], to[same]) == 0)
    same++;
  if (same == 0)
    return NULL;
  GString *path = g_string_new (NULL);
  for (guint i = same; from[i]; i++)
    g_string_append (path, path->len ? "/.." : "..");
  for (guint i = same; to[i]; i++)
    g_string_append_printf (path, "%s%s", path->len ? "/" : "", to[i]);
  if (path->len == 0)
    g_string_append_c (path, '.');
  return g_string_free (path, FALSE);
}

char *
tsr_path_real (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  char *real = realpath (absolute, NULL), *copy = g_strdup (real ? real : absolute);
  free (real);
  return copy;
}

char *
tsr_path_display (const char *bytes)
{
  GString *text = g_string_new (NULL);
  for (const char *at = bytes; *at;) {
    const char *end;
    g_utf8_validate (at, -1, &end);
    g_string_append_len (text, at, end - at);
    at = end;
    if (*at)
      g_string_append_printf (text, "\\x%02X", (unsigned char)*at++);
  }
  return g_string_free (text, FALSE);
}
