/* Slides that have been moved are known by their fingerprint wherever they are. */

#include "tsr-folder-walk.h"
#include "tsr-i18n.h"
#include "tsr-project-private.h"
#include "tsr-slide-fingerprint.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

bool
tsr_project_store_slide_path (TsrProject *project, int32_t slide, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *base = g_path_get_basename (path);
  int64_t root = tsr_project_ensure_root (project, folder, error);
  g_autoptr (TsrStatement) store =
      root < 0
          ? NULL
          : tsr_db_prepare (project, "UPDATE slide SET root = ?2, path = ?3 WHERE id = ?1", error);
  if (!store)
    return false;
  sqlite3_bind_int (store, 1, slide);
  sqlite3_bind_int64 (store, 2, root);
  tsr_db_bind_bytes (store, 3, base);
  return tsr_db_run (project, store, error);
}

static bool
store_path (TsrProject *project, int32_t slide, const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  char *real = realpath (absolute, NULL);
  bool ok =
      tsr_db_begin (project, error) &&
      tsr_db_end (project,
                  tsr_project_store_slide_path (project, slide, real ? real : absolute, error),
                  error);
  free (real);
  g_hash_table_remove_all (project->roots); /* it may have changed which folder is meant */
  return ok;
}

static bool
refuse_other (TsrProject *project, int32_t slide, const char *path, GError **error)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT name FROM slide WHERE id = ?", NULL);
  if (find)
    sqlite3_bind_int (find, 1, slide);
  g_autofree char *name =
      tsr_db_step (project, find, NULL) > 0 ? tsr_db_text (find, 0) : g_strdup ("");
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE,
               _ ("“%s” is not the file that slide “%s” was made from: its fingerprint is another; "
                  "choose the slide's own file, or a copy of it."),
               shown, name);
  return false;
}

int
tsr_project_slide_matches (TsrProject *project, int32_t slide, const char *path, GError **error)
{
  uint8_t fingerprint[TSR_SLIDE_FINGERPRINT];
  int64_t size;
  int32_t found;
  if (!tsr_slide_fingerprint (path, &size, fingerprint, error))
    return -1;
  int hit = tsr_project_slide_of (project, fingerprint, &found, error);
  return hit <= 0 ? hit : found == slide;
}

bool
tsr_project_relink_slide (TsrProject *project, int32_t slide, const char *path, GError **error)
{
  uint8_t fingerprint[TSR_SLIDE_FINGERPRINT];
  int64_t size, stored;
  int32_t found;
  g_hash_table_remove_all (project->roots);
  g_autofree char *known = tsr_project_slide_path (project, slide, &stored, error);
  if (!known || !tsr_slide_fingerprint (path, &size, fingerprint, error))
    return false;
  int hit = tsr_project_slide_of (project, fingerprint, &found, error);
  if (hit < 0)
    return false;
  if (hit == 0 || found != slide)
    return refuse_other (project, slide, path, error);
  return store_path (project, slide, path, error);
}

static void
free_walked (gpointer data)
{
  tsr_walked_file_free (data);
}

/* Whether one of the missing slides has this size. */
static bool
is_wanted (const GPtrArray *slides, int64_t size)
{
  for (guint i = 0; i < slides->len; i++) {
    const TsrProjectSlide *slide = slides->pdata[i];
    if (!slide->present && slide->size == size)
      return true;
  }
  return false;
}

/* 1: it is a missing slide's and noted, 0: it is not, -1: error. What cannot be read is no slide.
 */
static int
try_file (TsrProject *project, GPtrArray *slides, const char *path, GError **error)
{
  GStatBuf info;
  uint8_t fingerprint[TSR_SLIDE_FINGERPRINT];
  int64_t size;
  int32_t slide;
  if (g_stat (path, &info) != 0 || !is_wanted (slides, info.st_size) ||
      !tsr_slide_fingerprint (path, &size, fingerprint, NULL))
    return 0;
  int hit = tsr_project_slide_of (project, fingerprint, &slide, error);
  if (hit <= 0)
    return hit;
  TsrProjectSlide *found = slide >= 0 && slide < (int32_t)slides->len ? slides->pdata[slide] : NULL;
  if (!found || found->present)
    return 0;
  found->present = true;
  return store_path (project, slide, path, error) ? 1 : -1;
}

int
tsr_project_relink_folder (TsrProject *project, const char *folder, const TsrProgress *progress,
                           GError **error)
{
  g_hash_table_remove_all (project->roots);
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (free_walked),
                        skipped = tsr_skipped_files_new ();
  TsrProgressShare share;
  TsrProgress looking =
      tsr_progress_share (progress, &share, 0, 0.5, TSR_STAGE ("Looking for slides"));
  if (!slides || !tsr_folder_walk (folder, &looking, files, skipped, error))
    return -1;
  int found = 0;
  for (guint i = 0; i < files->len; i++) {
    if (!tsr_progress_step (progress, 0.5 + 0.5 * i / files->len, TSR_STAGE ("Looking for slides"),
                            error))
      return -1;
    int hit = try_file (project, slides, ((TsrWalkedFile *)files->pdata[i])->path, error);
    if (hit < 0)
      return -1;
    found += hit;
  }
  return found;
}
