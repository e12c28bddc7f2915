#include "tsr-demo-project.h"

#include "tsr-demo.h"
#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-project.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

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
                 "The demonstration's model “%s” is not installed; set TESSERA_DATA_DIR to the "
                 "folder it is in.",
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
            (!model || tsr_project_set_model (project, model, error));
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
  g_autofree char *path = g_build_filename (absolute, "demo.tessera", NULL);
  bool there = g_file_test (path, G_FILE_TEST_EXISTS);
  if (fresh)
    *fresh = reset || !there;
  if (there && !reset)
    return g_steal_pointer (&path);
  if (g_mkdir_with_parents (absolute, 0777) != 0) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "create", absolute, errno);
    return NULL;
  }
  return build (absolute, path, model, progress, error) ? g_steal_pointer (&path) : NULL;
}
