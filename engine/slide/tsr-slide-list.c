#include "tsr-slide-list.h"

#include "tsr-i18n.h"
#include "tsr-slide-pool.h"

#include <string.h>

static void
free_walked (gpointer data)
{
  tsr_walked_file_free (data);
}

static int
compare_files (gconstpointer a, gconstpointer b)
{
  const TsrWalkedFile *one = *(const TsrWalkedFile *const *)a,
                      *other = *(const TsrWalkedFile *const *)b;
  return tsr_natural_order (one->relative, other->relative);
}

/* MIRAX keeps a slide's pixels in a folder beside its file, which is no folder of slides. */
static bool
belongs_to_mirax (const GPtrArray *files, const char *path)
{
  for (guint i = 0; i < files->len; i++) {
    const char *other = ((TsrWalkedFile *)files->pdata[i])->path;
    size_t n = strlen (other);
    if (n > 5 && g_ascii_strcasecmp (other + n - 5, ".mrxs") == 0 &&
        strncmp (path, other, n - 5) == 0 && path[n - 5] == '/')
      return true;
  }
  return false;
}

static void
add_file (GPtrArray *files, const char *path, const char *relative)
{
  TsrWalkedFile *file = g_new (TsrWalkedFile, 1);
  *file = (TsrWalkedFile){g_canonicalize_filename (path, NULL), g_strdup (relative)};
  g_ptr_array_add (files, file);
}

static void
skip (GPtrArray *skipped, const char *path, const char *shown, const GError *cause)
{
  g_autofree char *reason = tsr_image_reason (cause, path);
  tsr_skip_file (skipped, shown, reason);
}

static bool
list_folder (const char *folder, GPtrArray *files, GPtrArray *skipped, const TsrProgress *progress,
             GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (free_walked);
  if (!tsr_folder_walk (folder, progress, found, skipped, error))
    return false;
  g_ptr_array_sort (found, compare_files);
  for (guint i = 0; i < found->len; i++) {
    const TsrWalkedFile *file = found->pdata[i];
    g_autoptr (GError) cause = NULL;
    if (!tsr_progress_step (progress, 0, NULL, error))
      return false;
    if (belongs_to_mirax (found, file->path))
      continue;
    g_autoptr (TsrSlide) slide = tsr_slide_pool_open (file->path, &cause);
    if (!slide)
      skip (skipped, file->path, file->relative, cause);
    else if (strcmp (tsr_slide_info (slide)->reader, "image") == 0)
      tsr_skip_file (skipped, file->relative,
                     _ ("It is a plain image; name the file itself to take it as a slide"));
    else
      add_file (files, file->path, file->relative);
  }
  return true;
}

static void
list_file (const char *path, GPtrArray *files, GPtrArray *skipped)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *base = g_path_get_basename (path), *shown = tsr_escape_name (base);
  g_autoptr (TsrSlide) slide = tsr_slide_pool_open (path, &cause);
  if (slide)
    add_file (files, path, shown);
  else
    skip (skipped, path, shown, cause);
}

bool
tsr_slide_list (const char *const *paths, GPtrArray *files, GPtrArray *skipped,
                const TsrProgress *progress, GError **error)
{
  TsrProgressShare share;
  TsrProgress looking =
      tsr_progress_share (progress, &share, 0, 0, TSR_STAGE ("Looking for slides"));
  for (guint i = 0; paths[i]; i++) {
    if (!tsr_progress_step (&looking, 0, NULL, error))
      return false;
    if (!g_file_test (paths[i], G_FILE_TEST_IS_DIR))
      list_file (paths[i], files, skipped);
    else if (!list_folder (paths[i], files, skipped, &looking, error))
      return false;
  }
  return true;
}
