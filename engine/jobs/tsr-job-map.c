#include "tsr-jobs.h"

#include "tsr-align.h"
#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-layout.h"
#include "tsr-map-device.h"
#include "tsr-map-info.h"
#include "tsr-map-start.h"
#include "tsr-project.h"

#include <math.h>
#include <string.h>

typedef struct {
  TsrMapJob *job;
  TsrDevice *device; /* or NULL */
  TsrProgress progress;
  uint32_t n;              /* tiles of the project */
  GArray *tiles;           /* uint32_t: those on the map */
  char *model_id;          /* whose vectors they are */
  gint64 last_post;        /* us */
  TsrMapInfo *former_info; /* of the map that was there; NULL: none */
  float *former;           /* [tiles,2] its places, NAN where it has none; NULL: not begun from */
  float *start;            /* [tiles,2] where this one begins; NULL: afresh */
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
  if (m->job->forming)
    g_atomic_int_set (m->job->forming, 1);
  if (m->job->stop && g_atomic_int_get (m->job->stop)) {
    m->job->stopped = true;
    return false;
  }
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
          _ ("The tiles of “%s” have not been embedded yet: embed them first, then make the map."),
          m->job->project);
    return NULL;
  }
  for (uint32_t tile = 0; tile < m->n; tile++)
    if (!excluded[tile] && isfinite (w[(size_t)tile * *d]))
      g_array_append_val (m->tiles, tile);
    else
      m->job->left_off += !excluded[tile];
  float *packed = g_new (float, (size_t)MAX (m->tiles->len, 1) * *d);
  for (guint k = 0; k < m->tiles->len; k++)
    memcpy (packed + (size_t)k * *d, w + (size_t)g_array_index (m->tiles, uint32_t, k) * *d,
            *d * sizeof (float));
  return packed;
}

/* ---- the former map ---- */

static bool
refuse_to_continue (const Mapping *m, GError **error)
{
  const TsrMapInfo *info = m->former_info;
  const char *why = !info                                   ? _ ("it has no map yet")
                    : g_strcmp0 (info->method, "tsne") != 0 ? _ ("its map is not one of t-SNE")
                    : g_strcmp0 (info->model, m->model_id) != 0
                        ? _ ("its map is of another model's vectors")
                    : !m->former ? _ ("its map knows too few of the tiles")
                                 : NULL;
  if (why && m->tiles->len < 4)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_PROJECT,
        _ ("The map of “%s” cannot be continued: fewer than four tiles leave t-SNE nothing "
           "to arrange."),
        m->job->project);
  else if (why)
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("The map of “%s” cannot be continued: %s. Make a new one."), m->job->project,
                 why);
  return !why;
}

/* Places of the mapped tiles where the former map had them, and where this one is to begin. */
static bool
begin (Mapping *m, TsrProject *project, const float *x, uint32_t d, const TsrProgress *progress,
       GError **error)
{
  TsrMapJob *job = m->job;
  g_autofree float *old = NULL;
  g_autofree char *text = NULL;
  uint32_t n_old = 0, n = m->tiles->len;
  GError *cause = NULL;
  if (job->start == TSR_MAP_FRESH)
    return true;
  if (tsr_project_get_map (project, &old, &n_old, &text, &cause)) {
    m->former_info = tsr_map_info_parse (text);
    m->start = g_new (float, 2 * (size_t)n);
    g_autofree uint8_t *known = g_new (uint8_t, n);
    if (tsr_map_start (old, n_old, (const uint32_t *)m->tiles->data, n, x, d, m->start, known,
                       progress, &cause)) {
      m->former = g_new (float, 2 * (size_t)n);
      for (size_t k = 0; k < 2 * (size_t)n; k++)
        m->former[k] = known[k / 2] ? m->start[k] : NAN;
      for (uint32_t k = 0; k < n; k++)
        job->known += known[k];
      if (job->start == TSR_MAP_ALIGNED)
        tsr_map_start_shrink (m->start, n);
    } else {
      g_clear_pointer (&m->start, g_free);
    }
  }
  if (cause) {
    g_propagate_error (error, cause);
    return false;
  }
  return job->start == TSR_MAP_ALIGNED || refuse_to_continue (m, error);
}

/* Turns the map onto the former one, so that a place that was known is found again. It keeps its
 * scale, which new tiles and further iterations go by. */
static void
align (Mapping *m, float *y)
{
  size_t n = m->tiles->len;
  if (!m->former)
    return;
  TsrAlignment alignment = tsr_align_find (y, m->former, n, false);
  tsr_align_apply (&alignment, y, n);
  m->job->moved = tsr_align_median (y, m->former, n);
}

/* ---- this map ---- */

static bool
lay_out_pca (TsrMapJob *job, const float *x, size_t n, uint32_t d, float *y,
             const TsrProgress *progress, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  if (!tsr_layout_pca (x, n, d, y, progress, error))
    return false;
  job->report =
      (TsrTsneReport){.total_s = (double)(g_get_monotonic_time () - start) * 1e-6, .kl = NAN};
  return true;
}

/* UMAP brings the start to its own size; its attractions take the place of affinities. */
static bool
lay_out_umap (Mapping *m, const float *x, uint32_t d, float *y, const TsrProgress *progress,
              GError **error)
{
  TsrMapJob *job = m->job;
  TsrUmapOptions options = job->umap;
  TsrUmapReport report;
  options.start = m->start;
  if (!tsr_layout_umap (x, m->tiles->len, d, job->balance, &options, y, stream, m, &report,
                        progress, error))
    return false;
  job->report = (TsrTsneReport){.neighbours_s = report.neighbours_s,
                                .affinities_s = report.graph_s,
                                .initialise_s = report.initialise_s,
                                .optimise_s = report.optimise_s,
                                .total_s = report.total_s,
                                .kl = NAN,
                                .iterations = report.epochs};
  job->neighbours = report.neighbours;
  return true;
}

/* On the device where that can make maps. */
static bool
lay_out_tsne (Mapping *m, const float *x, uint32_t d, TsrTsneOptions *options, float *y,
              const TsrProgress *progress, GError **error)
{
  TsrMapJob *job = m->job;
  g_autoptr (TsrMapDevice) map =
      tsr_map_device_suits (m->device) ? tsr_map_device_new (m->device) : NULL;
  options->accelerator = map ? tsr_map_device_accelerator (map) : NULL;
  if (!tsr_layout_tsne (x, m->tiles->len, d, job->balance, options, y, stream, m, &job->report,
                        progress, error))
    return false;
  if (job->report.optimise_accelerated)
    job->device = g_intern_string (tsr_device_info (m->device)->name);
  if (map)
    job->remark = g_intern_string (tsr_map_device_notice (map));
  return true;
}

static bool
lay_out (Mapping *m, const float *x, uint32_t d, float *y, const TsrProgress *progress,
         GError **error)
{
  TsrMapJob *job = m->job;
  size_t n = m->tiles->len;
  if (g_strcmp0 (job->method, "pca") == 0)
    return lay_out_pca (job, x, n, d, y, progress, error);
  if (g_strcmp0 (job->method, "umap") == 0)
    return lay_out_umap (m, x, d, y, progress, error);
  TsrTsneOptions options = job->options;
  options.start = m->start;
  if (job->start == TSR_MAP_CONTINUED) {
    options.skip_exaggeration = true;
    job->earlier = m->former_info->iterations;
    job->balance = m->former_info->balance;
    if (!(options.perplexity > 0))
      options.perplexity = m->former_info->perplexity;
  }
  return lay_out_tsne (m, x, d, &options, y, progress, error);
}

/* How the map was made, for the record, and how far each tile's place can be trusted. */
static char *
describe (const Mapping *m, const uint8_t *kept)
{
  const TsrMapJob *job = m->job;
  bool pca = g_strcmp0 (job->method, "pca") == 0, umap = g_strcmp0 (job->method, "umap") == 0;
  g_autoptr (TsrMapInfo) info = tsr_map_info_parse (NULL);
  info->method = g_strdup (pca ? "pca" : umap ? "umap" : "tsne");
  info->model = g_strdup (m->model_id);
  info->tiles = m->tiles->len;
  info->balance = pca ? 0 : job->balance;
  info->perplexity = job->report.perplexity;
  info->kl = job->report.kl;
  info->total_s = job->report.total_s;
  info->iterations = job->earlier + job->report.iterations;
  info->seed = umap ? job->umap.seed : job->options.seed;
  info->neighbours = (uint32_t)job->neighbours;
  info->stopped = job->stopped;
  info->trust = job->trust;
  if (job->trust.k > 0) {
    info->kept = g_new0 (uint8_t, 1);
    tsr_map_info_resize (info, m->n);
    for (guint k = 0; k < m->tiles->len; k++)
      info->kept[g_array_index (m->tiles, uint32_t, k)] = kept[k];
  }
  return tsr_map_info_format (info);
}

static bool
make (Mapping *m, TsrProject *project, const float *x, uint32_t d, GError **error)
{
  TsrMapJob *job = m->job;
  size_t n = m->tiles->len;
  g_autofree float *y = g_new0 (float, 2 * n), *all = NULL;
  g_autofree uint8_t *kept = g_new (uint8_t, n);
  TsrProgressShare share;
  TsrProgress part = tsr_progress_share (&m->progress, &share, 0, 0.05, NULL);
  if (!begin (m, project, x, d, &part, error))
    return false;
  part = tsr_progress_share (&m->progress, &share, 0.05, 0.95, NULL);
  if (!lay_out (m, x, d, y, &part, error))
    return false;
  align (m, y);
  gint64 start = g_get_monotonic_time ();
  part = tsr_progress_share (&m->progress, &share, 0.95, 1, NULL);
  if (!tsr_trust (x, n, d, y, 0, kept, &job->trust, &part, error))
    return false;
  job->trust_s = (double)(g_get_monotonic_time () - start) * 1e-6;
  g_autofree char *info = describe (m, kept);
  all = spread (m, y);
  return tsr_project_put_map (project, all, m->n, info, error);
}

bool
tsr_job_map (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  TsrMapJob *job = data;
  job->moved = NAN;
  job->known = 0;
  job->left_off = 0;
  job->earlier = 0;
  job->neighbours = 0;
  job->device = NULL;
  job->remark = NULL;
  job->stopped = false;
  g_autoptr (TsrProject) project = tsr_project_open (job->project, TSR_PROJECT_READ_WRITE, error);
  if (!project)
    return false;
  Mapping m = {.job = job,
               .device = device,
               .progress = tsr_progress_cancelled_by (&job->progress, cancellable),
               .n = tsr_project_n_tiles (project),
               .tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t))};
  uint32_t d = 0;
  g_autofree float *x = pack (&m, project, &d, error);
  bool ok = x;
  if (ok && m.tiles->len == 0) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("No tile of “%s” can be put on a map: all are excluded or not embedded yet."),
                 job->project);
    ok = false;
  }
  ok = ok && make (&m, project, x, d, error);
  g_array_unref (m.tiles);
  g_free (m.model_id);
  g_free (m.former);
  g_free (m.start);
  tsr_map_info_free (m.former_info);
  return ok;
}
