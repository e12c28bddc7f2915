#include "tessera-slide-regions.h"

#include "tsr-error.h"

/* Files are told apart by their names, which a folder has none of. */
static bool
check_files (const char *option, char *const *paths, GError **error)
{
  for (guint i = 0; paths && paths[i]; i++)
    if (g_file_test (paths[i], G_FILE_TEST_IS_DIR)) {
      g_autofree char *shown = g_filename_display_name (paths[i]);
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   "“%s” is a folder; --%s takes GeoJSON files: name those in it.", shown, option);
      return false;
    }
  return true;
}

TsrSlideRegions *
tessera_slide_regions_new (TesseraCli *cli, char *const *files, size_t n, size_t absent,
                           GError **error)
{
  char *const *area = tessera_options_words (cli->options, "area");
  char *const *truth = tessera_options_flag (cli->options, "truth-from-area")
                           ? area
                           : tessera_options_words (cli->options, "truth");
  if (!check_files ("area", area, error) || !check_files ("truth", truth, error))
    return NULL;
  return tsr_slide_regions_new (files, n, absent, area, truth,
                                tessera_options_number (cli->options, "area-share"), NULL, error);
}

/* ---- classes ---- */

/* A name that cannot be a class's is ground truth all the same. */
static bool
add_class (TesseraCli *cli, TsrProject *project, const char *name, GError **error)
{
  g_autoptr (GError) cause = NULL;
  if (tsr_project_add_class (project, name, -1, &cause) >= 0)
    return true;
  if (!g_error_matches (cause, TSR_ERROR, TSR_ERROR_USAGE)) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  g_autofree char *reason = tessera_cli_shown (cause->message);
  tessera_cli_note (cli, "No class was made of the ground truth: %s", reason);
  return true;
}

bool
tessera_add_truth_classes (TesseraCli *cli, TsrProject *project, GError **error)
{
  g_autofree int32_t *truth = g_new (int32_t, (size_t)tsr_project_n_tiles (project) + 1);
  g_auto (GStrv) names = tsr_project_truth (project, truth);
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  json_t *list = json_array ();
  json_object_set_new (cli->result, "classes", list);
  for (guint i = 0; names && names[i]; i++) {
    json_array_append_new (list, json_string (names[i]));
    bool known = false;
    for (guint c = 0; c < classes->len && !known; c++)
      known = g_str_equal (((TsrClass *)g_ptr_array_index (classes, c))->name, names[i]);
    if (!known && !add_class (cli, project, names[i], error))
      return false;
  }
  return true;
}
