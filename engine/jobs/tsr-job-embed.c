#include "tsr-jobs.h"

#include "tsr-device.h"
#include "tsr-embedder.h"
#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-normalise.h"
#include "tsr-reconstruction.h"
#include "tsr-tile-source.h"
#include "tsr-train-choice.h"

#include <math.h>
#include <string.h>

enum { BATCH = 32, STORE = 1024, AT_ONCE = 64 << 20 /* bytes: some 0.4 s */ };

typedef struct {
  TsrEmbedJob *job;
  TsrProgress progress;
  TsrProject *project;
  TsrTileSource *source;
  TsrEmbedder *embedder;
  GArray *wanted;   /* positions in the source */
  char *vectors_id; /* the model and how tiles are normalised for it */
  float *w;         /* [n tiles, d] of the project, NAN where there is none */
  uint32_t n, d;
  bool same_model; /* as of the vectors that are there */
} Embedding;

static TsrEmbedder *
open_embedder (TsrDevice *device, TsrEmbedJob *job, TsrProject *project, TsrTileSource *source,
               GError **error)
{
  if (job->untrained) {
    TsrTrainOptions options = job->options;
    int size, channels;
    if (!tsr_tile_source_probe (source, &size, &channels, error) ||
        !tsr_train_options_resolve (&options, MAX (source->tiles->len, 2), size, channels, error))
      return NULL;
    TsrTrainerSettings settings = tsr_train_options_settings (&options);
    return tsr_embedder_new_untrained (device, &settings.model, options.seed, BATCH, job->precision,
                                       error);
  }
  g_autofree char *model = job->model ? g_strdup (job->model) : tsr_project_get_model (project);
  if (!model) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 _ ("The project “%s” has no model yet: train one first, or name a model file."),
                 job->project);
    return NULL;
  }
  return tsr_embedder_open (device, model, BATCH, job->encoder, job->precision, error);
}

/* The vectors there are, if they are this model's and only the missing ones are asked for; else
 * none. */
static bool
begin_vectors (Embedding *e, GError **error)
{
  g_autofree float *known = NULL;
  g_autofree char *model_id = NULL;
  uint32_t d = 0;
  GError *cause = NULL;
  e->w = g_new (float, (size_t)MAX (e->n, 1) * e->d);
  for (size_t k = 0; k < (size_t)e->n * e->d; k++)
    e->w[k] = NAN;
  if (!tsr_project_get_vectors (e->project, &known, &d, &model_id, &cause) && cause) {
    g_propagate_error (error, cause);
    return false;
  }
  bool same = known && d == e->d && g_strcmp0 (model_id, e->vectors_id) == 0;
  e->same_model = same;
  if (same && e->job->only_missing)
    memcpy (e->w, known, (size_t)e->n * e->d * sizeof (float));
  for (guint k = 0; k < e->source->tiles->len; k++)
    if (isnan (e->w[(size_t)g_array_index (e->source->tiles, uint32_t, k) * e->d]))
      g_array_append_val (e->wanted, k);
  return true;
}

/* Neighbouring wanted positions are decoded together; the next batch is decoded while the device
 * works on this one. */
static guint
next_batch (const Embedding *e, guint from, guint *count)
{
  guint first = g_array_index (e->wanted, guint, from);
  *count = 1;
  while (*count < (guint)tsr_embedder_capacity (e->embedder) && from + *count < e->wanted->len &&
         g_array_index (e->wanted, guint, from + *count) == first + *count)
    (*count)++;
  return first;
}

static bool
embed_all (Embedding *e, GError **error)
{
  const TsrModelConfig *c = tsr_embedder_config (e->embedder);
  size_t image = (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
  g_autofree uint8_t *pixels = g_new (uint8_t, BATCH * image);
  g_autofree float *result = g_new (float, (size_t)BATCH * e->d);
  guint running_first = 0, running = 0, count;
  for (guint done = 0; done < e->wanted->len || running > 0; done += count) {
    count = 0;
    guint first = done < e->wanted->len ? next_batch (e, done, &count) : 0;
    if (count > 0)
      tsr_tile_source_load (e->source, e->project, first, count, c->resolution, c->channels, pixels,
                            &e->job->lost);
    if (running > 0) {
      if (!tsr_embedder_collect (e->embedder, result, error))
        return false;
      for (guint k = 0; k < running; k++) {
        uint32_t tile = g_array_index (e->source->tiles, uint32_t, running_first + k);
        memcpy (e->w + (size_t)tile * e->d, result + (size_t)k * e->d, e->d * sizeof (float));
      }
    }
    if (count > 0 && !tsr_embedder_submit (e->embedder, pixels, (int)count, error))
      return false;
    running_first = first;
    running = count;
    if (!tsr_progress_step (&e->progress, (double)done / MAX (e->wanted->len, 1),
                            TSR_STAGE ("Reading every tile with the model"), error))
      return false;
  }
  return true;
}

/* What another model saw of the tiles says nothing of these vectors. */
static bool
forget_scores (Embedding *e, GError **error)
{
  return e->same_model ||
         tsr_project_remove_column (e->project, TSR_RECONSTRUCTION_COLUMN, NULL, error);
}

static bool
store_all (Embedding *e, GError **error)
{
  if (!tsr_project_clear_vectors (e->project, error) || !forget_scores (e, error))
    return false;
  for (uint32_t first = 0; first < e->n; first += STORE) {
    uint32_t count = MIN (STORE, e->n - first);
    if (!tsr_project_put_vectors (e->project, e->vectors_id, first, count, e->d,
                                  e->w + (size_t)first * e->d, error))
      return false;
  }
  return !e->job->model || tsr_project_set_model (e->project, e->job->model, error);
}

/* The former vectors stay until the new ones are all there, with the model they are of: a full disk
 * or a kill leaves the one or the other, and so does another program that embeds. Labels wait
 * meanwhile, so that what would take seconds goes in pieces: vectors can be had again. */
static bool
store (Embedding *e, GError **error)
{
  if ((uint64_t)e->n * e->d * sizeof (float) > AT_ONCE)
    return store_all (e, error);
  if (!tsr_project_begin_act (e->project, error))
    return false;
  return tsr_project_end_act (e->project, store_all (e, error), error);
}

/* A model trained on tiles of another look than these is used all the same, and that is said. */
static void
compare_look (TsrEmbedJob *job, TsrProject *project, const TsrProjectStains *stains)
{
  g_autofree char *model = job->untrained ? NULL
                           : job->model   ? g_strdup (job->model)
                                          : tsr_project_get_model (project),
                  *trained = model ? tsr_train_choice_look (model) : NULL,
                  *remark = tsr_normalise_mismatch (trained, stains);
  job->remark = g_intern_string (remark);
}

/* Whether there is nothing to read, and nothing to read it with: a project that was given all of
 * its vectors, or whose encoder was never trained, has no model and needs none. */
static bool
is_complete (const TsrEmbedJob *job, TsrProject *project, const TsrTileSource *source)
{
  g_autofree char *model = tsr_project_get_model (project), *model_id = NULL;
  g_autofree float *w = NULL;
  uint32_t d = 0;
  if (!job->only_missing || job->model || job->untrained || model ||
      !tsr_project_get_vectors (project, &w, &d, &model_id, NULL) || !w)
    return false;
  for (guint k = 0; k < source->tiles->len; k++)
    if (isnan (w[(size_t)g_array_index (source->tiles, uint32_t, k) * d]))
      return false;
  return true;
}

bool
tsr_job_embed (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  TsrEmbedJob *job = data;
  gint64 start = g_get_monotonic_time ();
  double flops = tsr_device_flops (device);
  TsrProgress progress = tsr_progress_cancelled_by (&job->progress, cancellable);
  g_autoptr (TsrProject) project = tsr_project_open (job->project, TSR_PROJECT_READ_WRITE, error);
  g_auto (TsrProjectStains) stains = {0};
  bool prepared = project && tsr_normalise_complete (project, &progress, error) &&
                  tsr_project_stains_read (project, &stains, error);
  g_autoptr (TsrTileSource) source = prepared ? tsr_tile_source_new (project, error) : NULL;
  if (source && is_complete (job, project, source))
    return true;
  g_autoptr (TsrEmbedder) embedder =
      source ? open_embedder (device, job, project, source, error) : NULL;
  if (!embedder)
    return false;
  g_autofree char *setting = tsr_project_get (project, TSR_SETTING_UPRIGHT);
  tsr_embedder_set_symmetric (embedder, !job->upright && g_strcmp0 (setting, "1") != 0);
  compare_look (job, project, &stains);
  job->computed_in = tsr_embedder_precision (embedder);
  Embedding e = {.job = job,
                 .progress = progress,
                 .project = project,
                 .source = source,
                 .embedder = embedder,
                 .wanted = g_array_new (FALSE, FALSE, sizeof (guint)),
                 .vectors_id =
                     tsr_project_stains_vectors_id (&stains, tsr_embedder_model_id (embedder)),
                 .n = tsr_project_n_tiles (project),
                 .d = (uint32_t)tsr_model_latent_dim (tsr_embedder_config (embedder))};
  bool ok = begin_vectors (&e, error) && embed_all (&e, error) && store (&e, error);
  job->embedded = ok ? e.wanted->len : 0;
  job->latent = tsr_embedder_config (embedder)->latent;
  double seconds = MAX (1e-6, (double)(g_get_monotonic_time () - start) * 1e-6);
  job->tiles_per_s = job->embedded / seconds;
  job->gflop_per_s = (tsr_device_flops (device) - flops) * 1e-9 / seconds;
  g_array_unref (e.wanted);
  g_free (e.vectors_id);
  g_free (e.w);
  return ok;
}
