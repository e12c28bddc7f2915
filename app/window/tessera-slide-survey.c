#include "tessera-slide-survey.h"

#include "tsr-folder-walk.h"
#include "tsr-project-slides.h"
#include "tsr-slide-cut.h"
#include "tsr-slide-list.h"
#include "tsr-slide-pool.h"

#include <math.h>

typedef struct {
  char **paths;
  char *project;
} Survey;

static void
survey_free (gpointer data)
{
  Survey *survey = data;
  g_strfreev (survey->paths);
  g_free (survey->project);
  g_free (survey);
}

static void
slide_free (gpointer data)
{
  TesseraSurveyedSlide *slide = data;
  g_free (slide->path);
  g_free (slide->name);
  g_free (slide->reason);
  g_free (slide->format);
  g_free (slide);
}

void
tessera_slide_survey_free (TesseraSlideSurvey *survey)
{
  g_clear_pointer (&survey->slides, g_ptr_array_unref);
  g_free (survey);
}

static void
free_walked (gpointer data)
{
  tsr_walked_file_free (data);
}

static void
add_slide (TesseraSlideSurvey *result, const TsrWalkedFile *file)
{
  TesseraSurveyedSlide *slide = g_new0 (TesseraSurveyedSlide, 1);
  g_autoptr (GError) cause = NULL;
  g_autoptr (TsrSlide) opened = tsr_slide_pool_open (file->path, &cause);
  slide->path = g_strdup (file->path);
  slide->name = g_strdup (file->relative);
  slide->mpp = slide->objective = NAN;
  if (opened != NULL) {
    const TsrSlideInfo *info = tsr_slide_info (opened);
    slide->format = g_strdup (info->format);
    slide->width = info->levels[0].width;
    slide->height = info->levels[0].height;
    slide->mpp = tsr_slide_effective_mpp (info, NAN);
    slide->objective = info->objective;
    result->n_slides++;
  } else
    slide->reason = tsr_image_reason (cause, file->path);
  g_ptr_array_add (result->slides, slide);
}

static bool
take_options (TesseraSlideSurvey *result, const char *path, GError **error)
{
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, error);
  if (project == NULL)
    return false;
  bool use_mask = true;
  g_autoptr (GError) cause = NULL;
  if (tsr_project_slide_options (project, &result->tiling, &result->mask, &use_mask, &cause))
    result->use_mask = use_mask;
  result->tiling.slide_mpp = NAN; /* of that slide, not of these */
  result->hides_names = tsr_project_hides_slide_names (project);
  if (cause != NULL)
    g_propagate_error (error, g_steal_pointer (&cause));
  return *error == NULL;
}

static void
survey_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Survey *survey = data;
  GError *error = NULL;
  TsrProgress progress = {.cancellable = cancellable};
  g_autoptr (TesseraSlideSurvey) result = g_new0 (TesseraSlideSurvey, 1);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (free_walked),
                        skipped = tsr_skipped_files_new ();
  result->slides = g_ptr_array_new_with_free_func (slide_free);
  result->tiling = tsr_tiling_options ();
  result->mask = tsr_mask_options ();
  result->use_mask = TRUE;
  if ((survey->project != NULL && !take_options (result, survey->project, &error)) ||
      !tsr_slide_list ((const char *const *)survey->paths, files, skipped, &progress, &error)) {
    g_task_return_error (task, error);
    return;
  }
  for (guint i = 0; i < files->len; i++)
    add_slide (result, files->pdata[i]);
  for (guint i = 0; i < skipped->len; i++) {
    const TsrSkippedFile *file = skipped->pdata[i];
    TesseraSurveyedSlide *refused = g_new0 (TesseraSurveyedSlide, 1);
    refused->name = g_strdup (file->file);
    refused->reason = g_strdup (file->reason);
    refused->mpp = refused->objective = NAN;
    g_ptr_array_add (result->slides, refused);
  }
  g_task_return_pointer (task, g_steal_pointer (&result),
                         (GDestroyNotify)tessera_slide_survey_free);
}

void
tessera_slide_survey_async (const char *const *paths, const char *project,
                            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user)
{
  Survey *survey = g_new (Survey, 1);
  *survey = (Survey){g_strdupv ((char **)paths), g_strdup (project)};
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user);
  g_task_set_task_data (task, survey, survey_free);
  g_task_run_in_thread (task, survey_thread);
}

TesseraSlideSurvey *
tessera_slide_survey_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Endings that only slides have; a .tif may as well be a tile. */
static gboolean
is_slide_name (const char *name)
{
  static const char *const endings[] = {".svs", ".ndpi", ".mrxs",    ".scn",     ".bif",
                                        ".vms", ".vmu",  ".svslide", ".ome.tif", ".ome.tiff"};
  g_autofree char *lower = g_ascii_strdown (name, -1);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (lower, endings[i]))
      return TRUE;
  return FALSE;
}

gboolean
tessera_slide_survey_guess (const char *path)
{
  enum { LOOKED_AT = 200 };
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return !g_str_has_suffix (path, ".tessera");
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  for (int i = 0; dir != NULL && i < LOOKED_AT && (name = g_dir_read_name (dir)) != NULL; i++)
    if (is_slide_name (name))
      return TRUE;
  return FALSE;
}
