#include "tsr-demo-project.h"

#include "tsr-demo.h"
#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"
#include "tsr-jobs.h"
#include "tsr-project.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define PROJECT "demo.tessera"

char *
tsr_demo_project_folder (void)
{
  const char *chosen = g_getenv (TSR_DEMO_FOLDER_VARIABLE);
  return chosen ? g_strdup (chosen)
                : g_build_filename (g_get_user_data_dir (), "tessera", "demo", NULL);
}

char *
tsr_demo_model_find (const char *data_dir, GError **error)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *bin = program ? g_path_get_dirname (program) : g_strdup (".");
  const char *named = g_getenv ("TESSERA_DATA_DIR");
  char *const candidates[] = {
      named ? g_build_filename (named, TSR_DEMO_MODEL_NAME, NULL) : NULL,
      g_build_filename (bin, "..", "..", "data", TSR_DEMO_MODEL_NAME, NULL),
      g_build_filename (bin, "..", "share", "tessera", TSR_DEMO_MODEL_NAME, NULL),
      data_dir ? g_build_filename (data_dir, TSR_DEMO_MODEL_NAME, NULL) : NULL,
  };
  char *found = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++) {
    if (!found && candidates[i] && g_file_test (candidates[i], G_FILE_TEST_IS_REGULAR))
      found = g_canonicalize_filename (candidates[i], NULL);
    g_free (candidates[i]);
  }
  if (!found)
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 _ ("The demonstration's model “%s” is not installed; set TESSERA_DATA_DIR to the "
                    "folder it is in."),
                 TSR_DEMO_MODEL_NAME);
  return found;
}

/* The model goes with the project, so that an update of the program does not pull it away. */
static bool
copy_model (const char *model, const char *target, GError **error)
{
  g_autoptr (GFile) from = g_file_new_for_path (model), to = g_file_new_for_path (target);
  g_autoptr (GError) cause = NULL;
  if (g_file_copy (from, to, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &cause))
    return true;
  tsr_file_set_cause (error, TSR_ERROR_FAILED, "write", target, cause);
  return false;
}

static bool
add_classes (TsrProject *project, GError **error)
{
  g_autofree int32_t *truth = g_new (int32_t, (size_t)tsr_project_n_tiles (project) + 1);
  g_auto (GStrv) names = tsr_project_truth (project, truth);
  for (guint i = 0; names && names[i]; i++)
    if (tsr_project_add_class (project, names[i], -1, error) < 0)
      return false;
  return true;
}

static bool
fill (TsrProject *project, const char *tiles, const char *model, const TsrProgress *progress,
      GError **error)
{
  TsrFolderScan *scan = tsr_folder_scan (tiles, progress, error);
  bool ok = scan && tsr_project_add_tiles (project, tiles, scan, true, progress, error) >= 0 &&
            add_classes (project, error) &&
            (!model || tsr_project_set_model (project, model, error)) &&
            tsr_project_set (project, TSR_SETTING_UPRIGHT, "1", error); /* there within seconds */
  g_clear_pointer (&scan, tsr_folder_scan_free);
  return ok;
}

static void
remove_project (const char *path)
{
  static const char *const endings[] = {"-wal", "-shm", "-journal", ""};
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree char *file = g_strconcat (path, endings[i], NULL);
    g_unlink (file);
  }
}

static void
remove_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_unlink (path);
}

void
tsr_demo_project_clear_results (const char *folder)
{
  g_autofree char *suggested = g_build_filename (folder, TSR_DEMO_SUGGESTED, NULL);
  g_autoptr (GDir) dir = g_dir_open (suggested, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    if (g_str_has_suffix (name, ".png"))
      remove_file (suggested, name);
  g_rmdir (suggested); /* unless something else is in it */
  remove_file (folder, TSR_DEMO_PICTURE);
  remove_file (folder, TSR_DEMO_DRAWING);
}

/* ---- whose folder it is ---- */

/* Made before anything else, so that a demonstration that was interrupted is known as one too. */
#define MARK ".tessera-demonstration"

static bool
write_mark (const char *folder, GError **error)
{
  static const char text[] = "Tessera made this folder for its demonstration. It writes over files "
                             "in here; keep others elsewhere.\n";
  g_autofree char *path = g_build_filename (folder, MARK, NULL);
  g_autoptr (GError) cause = NULL;
  if (g_file_set_contents (path, text, -1, &cause))
    return true;
  tsr_file_set_cause (error, TSR_ERROR_FAILED, "write", path, cause);
  return false;
}

/* A demonstration that was moved or copied away refers to its tiles where they are, and lies among
 * somebody's files. */
static bool
has_own_tiles (TsrProject *project, const char *folder)
{
  g_autofree char *tile = tsr_project_tile_path (project, 0),
                  *tiles = g_build_filename (folder, "tiles", "", NULL);
  char *real = tile ? realpath (tile, NULL) : NULL, *real_tiles = realpath (tiles, NULL);
  g_autofree char *below = real_tiles ? g_strconcat (real_tiles, "/", NULL) : NULL;
  bool own = real && below && g_str_has_prefix (real, below);
  free (real);
  free (real_tiles);
  return own;
}

/* Whether a project's ground truth is the demonstration's: so are those known that were made before
 * there was a mark. */
static bool
has_demo_truth (const char *path)
{
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return false;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  if (!project || !has_own_tiles (project, folder))
    return false;
  g_autofree int32_t *truth = g_new (int32_t, (size_t)tsr_project_n_tiles (project) + 1);
  g_auto (GStrv) names = tsr_project_truth (project, truth);
  if (!names || g_strv_length (names) != tsr_demo_n_classes ())
    return false;
  for (unsigned c = 0; c < tsr_demo_n_classes (); c++)
    if (!g_strv_contains ((const char *const *)names, tsr_demo_class_name (c)))
      return false;
  return true;
}

static bool
is_own (const char *folder)
{
  g_autofree char *mark = g_build_filename (folder, MARK, NULL);
  g_autofree char *path = g_build_filename (folder, PROJECT, NULL);
  return g_file_test (mark, G_FILE_TEST_IS_REGULAR) || has_demo_truth (path);
}

static bool
check_folder (const char *folder, GError **error)
{
  if (is_own (folder) || tsr_file_check_new_folder (folder, NULL))
    return true;
  g_autofree char *shown = g_filename_display_name (folder);
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               _ ("“%s” is not a demonstration's folder and has other files in it; choose a new or "
                  "empty folder for the demonstration."),
               shown);
  return false;
}

void
tsr_demo_project_remove (const char *folder)
{
  g_autofree char *absolute = g_canonicalize_filename (folder, NULL);
  g_autofree char *path = g_build_filename (absolute, PROJECT, NULL);
  if (!is_own (absolute) || !write_mark (absolute, NULL))
    return;
  remove_project (path);
  tsr_demo_project_clear_results (absolute);
}

/* Builds the project under another name: what is interrupted is built again, never opened. */
static bool
build (const char *folder, const char *path, const char *model, const TsrProgress *progress,
       GError **error)
{
  g_autofree char *tiles = g_build_filename (folder, "tiles", NULL);
  g_autofree char *draft = g_strconcat (path, ".new", NULL);
  g_autofree char *copy = g_build_filename (folder, TSR_DEMO_MODEL_NAME, NULL);
  if (!tsr_demo_write (tiles, TSR_DEMO_PER_CLASS, TSR_DEMO_SIZE, TSR_DEMO_SEED, progress, error) ||
      (model && !copy_model (model, copy, error)))
    return false;
  remove_project (draft);
  TsrProject *project = tsr_project_create (draft, error);
  bool ok = project && fill (project, tiles, model ? copy : NULL, progress, error);
  if (project)
    tsr_project_close (project);
  if (ok) {
    remove_project (path);
    ok = g_rename (draft, path) == 0;
    if (!ok)
      tsr_file_set_errno (error, TSR_ERROR_PROJECT, "create", path, errno);
    tsr_demo_project_clear_results (folder);
    if (!model)
      remove_file (folder, TSR_DEMO_MODEL_NAME);
  }
  if (!ok)
    remove_project (draft);
  return ok;
}

char *
tsr_demo_project_prepare (const char *folder, const char *model, bool reset, bool *fresh,
                          const TsrProgress *progress, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (folder, NULL);
  g_autofree char *path = g_build_filename (absolute, PROJECT, NULL);
  if (!check_folder (absolute, error))
    return NULL;
  bool there = g_file_test (path, G_FILE_TEST_EXISTS);
  if (fresh)
    *fresh = reset || !there;
  if (there && !reset)
    return g_steal_pointer (&path);
  if (g_mkdir_with_parents (absolute, 0777) != 0) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "create", absolute, errno);
    return NULL;
  }
  if (!write_mark (absolute, error))
    return NULL;
  return build (absolute, path, model, progress, error) ? g_steal_pointer (&path) : NULL;
}
