#include "tsr-jobs.h"

#include "tsr-map-info.h"
#include "tsr-place.h"
#include "tsr-project.h"

#include <math.h>
#include <string.h>

/* The map over all tiles of today, NAN where it has none. */
static float *
lengthen (const float *old, uint32_t n_old, uint32_t n)
{
  float *y = g_new (float, 2 * (size_t)n + 1);
  for (size_t i = 0; i < 2 * (size_t)n; i++)
    y[i] = i < 2 * (size_t)n_old ? old[i] : NAN;
  return y;
}

/* Another map may have been made meanwhile, which this one knows nothing of and must not replace.
 */
static bool
put (TsrProject *project, const float *old, uint32_t n_old, const char *old_text, const float *y,
     uint32_t n, const char *text, bool *outdated, GError **error)
{
  g_autofree float *now = NULL;
  g_autofree char *text_now = NULL;
  uint32_t n_now;
  if (!tsr_project_begin_act (project, error))
    return false;
  *outdated = !tsr_project_get_map (project, &now, &n_now, &text_now, NULL) || n_now != n_old ||
              g_strcmp0 (text_now, old_text) != 0 ||
              memcmp (now, old, 2 * (size_t)n_old * sizeof (float)) != 0;
  bool ok = *outdated || tsr_project_put_map (project, y, n, text, error);
  return tsr_project_end_act (project, ok, error);
}

static bool
place (TsrPlaceJob *job, TsrProject *project, bool *outdated, const TsrProgress *progress,
       GError **error)
{
  *outdated = false;
  g_autofree float *w = NULL, *old = NULL;
  g_autofree char *text = NULL;
  uint32_t d, n_old, n = tsr_project_n_tiles (project);
  GError *cause = NULL;
  if (!tsr_project_get_map (project, &old, &n_old, &text, &cause) ||
      !tsr_project_get_vectors (project, &w, &d, NULL, &cause)) {
    if (cause)
      g_propagate_error (error, cause);
    return !cause;
  }
  g_autofree float *y = lengthen (old, n_old, n);
  g_autofree uint8_t *excluded = g_new0 (uint8_t, (size_t)n + 1);
  if (!tsr_project_labels (project, NULL, excluded, error))
    return false;
  for (size_t i = 0; i < n; i++)
    if (excluded[i]) /* keeps no vector here, so it gets no place */
      w[i * d] = NAN;
  g_autoptr (TsrMapInfo) info = tsr_map_info_parse (text);
  tsr_map_info_resize (info, n);
  /* only t-SNE's maps are at the scale that the descent takes for granted */
  TsrTransformOptions options = {.iterations = g_strcmp0 (info->method, "tsne") == 0 ? 0 : -1};
  if (!tsr_place_new_tiles (w, n, d, info->balance, &options, y, info->kept, info->trust.k,
                            &job->placed, progress, error))
    return false;
  g_autofree char *said = tsr_map_info_format (info);
  return job->placed == 0 || put (project, old, n_old, text, y, n, said, outdated, error);
}

bool
tsr_job_place (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  TsrPlaceJob *job = data;
  job->placed = 0;
  TsrProgress progress = tsr_progress_cancelled_by (&job->progress, cancellable);
  g_autoptr (TsrProject) project = tsr_project_open (job->project, TSR_PROJECT_READ_WRITE, error);
  bool outdated = true, ok = project != NULL;
  for (unsigned attempt = 0; ok && outdated && attempt < 3; attempt++)
    ok = place (job, project, &outdated, &progress, error);
  if (outdated)
    job->placed = 0;
  return ok;
}
