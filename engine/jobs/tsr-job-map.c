#include "tsr-jobs.h"

#include "tsr-balance.h"
#include "tsr-error.h"
#include "tsr-project.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

typedef struct {
  TsrMapJob *job;
  uint32_t n;       /* tiles of the project */
  GArray *tiles;    /* uint32_t: those on the map */
  char *model_id;   /* whose vectors they are */
  gint64 last_post; /* us */
} Mapping;

void
tsr_map_snapshot_free (TsrMapSnapshot *snapshot)
{
  if (!snapshot)
    return;
  g_free (snapshot->y);
  g_free (snapshot);
}

/* Places of all tiles from those of the mapped ones. */
static float *
spread (const Mapping *m, const float *y)
{
  float *all = g_new (float, 2 * (size_t)MAX (m->n, 1));
  for (size_t k = 0; k < 2 * (size_t)m->n; k++)
    all[k] = NAN;
  for (guint k = 0; k < m->tiles->len; k++)
    memcpy (all + 2 * (size_t)g_array_index (m->tiles, uint32_t, k), y + 2 * (size_t)k,
            2 * sizeof (float));
  return all;
}

static bool
stream (const float *y, size_t n, int iteration, int total, double kl, void *user)
{
  Mapping *m = user;
  gint64 now = g_get_monotonic_time ();
  if (!m->job->snapshots || now - m->last_post < 50000) /* the eye takes 20 a second */
    return true;
  m->last_post = now;
  TsrMapSnapshot *snapshot = g_new0 (TsrMapSnapshot, 1);
  *snapshot = (TsrMapSnapshot){m->n, spread (m, y), iteration, total, kl};
  tsr_mailbox_post (m->job->snapshots, snapshot);
  return true;
}

/* The rows of tiles that have a vector and are not excluded, packed. */
static float *
pack (Mapping *m, TsrProject *project, uint32_t *d, GError **error)
{
  g_autofree float *w = NULL;
  g_autofree uint8_t *excluded = g_new0 (uint8_t, MAX (m->n, 1));
  GError *cause = NULL;
  if (!tsr_project_labels (project, NULL, excluded, error))
    return NULL;
  if (!tsr_project_get_vectors (project, &w, d, &m->model_id, &cause)) {
    if (cause)
      g_propagate_error (error, cause);
    else
      g_set_error (
          error, TSR_ERROR, TSR_ERROR_PROJECT,
          "The tiles of “%s” have not been embedded yet: embed them first, then make the map.",
          m->job->project);
    return NULL;
  }
  for (uint32_t tile = 0; tile < m->n; tile++)
    if (!excluded[tile] && isfinite (w[(size_t)tile * *d]))
      g_array_append_val (m->tiles, tile);
  float *packed = g_new (float, (size_t)MAX (m->tiles->len, 1) * *d);
  for (guint k = 0; k < m->tiles->len; k++)
    memcpy (packed + (size_t)k * *d, w + (size_t)g_array_index (m->tiles, uint32_t, k) * *d,
            *d * sizeof (float));
  return packed;
}

static bool
lay_out (Mapping *m, const float *x, uint32_t d, float *y, GError **error)
{
  TsrMapJob *job = m->job;
  size_t n = m->tiles->len;
  if (g_strcmp0 (job->method, "pca") != 0) {
    size_t axes = d;
    g_autofree float *balanced =
        job->balance > 0 ? tsr_balance_axes (x, n, d, job->balance, &axes, &job->progress, error)
                         : NULL;
    if (job->balance > 0 && !balanced)
      return false;
    return tsr_tsne (balanced ? balanced : x, n, axes, &job->options, y, stream, m, &job->report,
                     &job->progress, error);
  }
  gint64 start = g_get_monotonic_time ();
  size_t components = MIN (2, MIN (n, d));
  g_autofree float *scores = g_new0 (float, 2 * MAX (n, 1));
  if (!tsr_pca (x, n, d, components, scores, NULL, NULL, error))
    return false;
  for (size_t k = 0; k < n; k++) {
    y[2 * k] = scores[components * k];
    y[2 * k + 1] = components > 1 ? scores[components * k + 1] : 0;
  }
  job->report =
      (TsrTsneReport){.total_s = (double)(g_get_monotonic_time () - start) * 1e-6, .kl = NAN};
  return true;
}

/* How the map was made, for the record. */
static char *
describe (const TsrMapJob *job, size_t n, const char *model_id)
{
  json_t *info = json_object ();
  bool pca = g_strcmp0 (job->method, "pca") == 0;
  json_object_set_new (info, "method", json_string (pca ? "pca" : "tsne"));
  if (model_id) /* tells a map from one of another model's vectors: tsr_map_info_is_stale () */
    json_object_set_new (info, "model", json_string (model_id));
  json_object_set_new (info, "tiles", json_integer ((json_int_t)n));
  json_object_set_new (info, "total_s", json_real (job->report.total_s));
  if (!pca) {
    json_object_set_new (info, "balance", json_real (job->balance));
    json_object_set_new (info, "perplexity", json_real (job->report.perplexity));
    json_object_set_new (info, "iterations", json_integer (job->report.iterations));
    json_object_set_new (info, "seed", json_integer ((json_int_t)job->options.seed));
    if (isfinite (job->report.kl))
      json_object_set_new (info, "kl", json_real (job->report.kl));
  }
  char *dumped = json_dumps (info, JSON_COMPACT), *text = g_strdup (dumped);
  free (dumped);
  json_decref (info);
  return text;
}

bool
tsr_job_map (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  TsrMapJob *job = data;
  if (!job->progress.cancellable)
    job->progress.cancellable = cancellable;
  g_autoptr (TsrProject) project = tsr_project_open (job->project, TSR_PROJECT_READ_WRITE, error);
  if (!project)
    return false;
  Mapping m = {.job = job,
               .n = tsr_project_n_tiles (project),
               .tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t))};
  uint32_t d = 0;
  g_autofree float *x = pack (&m, project, &d, error);
  bool ok = x;
  if (ok && m.tiles->len == 0) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 "No tile of “%s” can be put on a map: all are excluded or not embedded yet.",
                 job->project);
    ok = false;
  }
  if (ok) {
    g_autofree float *y = g_new0 (float, 2 * (size_t)m.tiles->len), *all = NULL;
    ok = lay_out (&m, x, d, y, error);
    if (ok) {
      g_autofree char *info = describe (job, m.tiles->len, m.model_id);
      all = spread (&m, y);
      ok = tsr_project_put_map (project, all, m.n, info, error);
    }
  }
  g_array_unref (m.tiles);
  g_free (m.model_id);
  return ok;
}
