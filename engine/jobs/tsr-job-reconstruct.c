#include "tsr-jobs.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-reconstruction.h"

#include <math.h>
#include <string.h>

enum { BATCH = 32 };

typedef struct {
  TsrReconstructJob *job;
  TsrProgress progress;
  TsrProject *project;
  TsrTileSource *source;
  TsrEmbedder *embedder;
  TsrGenerator *generator;
  TsrReconstructionError *error; /* [n], NAN where a tile is excluded or cannot be read */
  uint32_t n;
} Reconstruction;

static bool
open_networks (Reconstruction *r, TsrDevice *device, GError **error)
{
  g_autofree char *model = tsr_project_get_model (r->project);
  if (!model) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_MODEL,
        _ ("The project “%s” has no model yet that could draw its tiles: train one first."),
        r->job->project);
    return false;
  }
  r->embedder =
      tsr_embedder_open (device, model, BATCH, TSR_ENCODER_AVERAGED, r->job->precision, error);
  r->generator = r->embedder ? tsr_generator_open (device, model, BATCH, error) : NULL;
  return r->generator != NULL;
}

static void
note (Reconstruction *r, guint at, const uint8_t *tile, const uint8_t *made)
{
  const TsrModelConfig *c = tsr_embedder_config (r->embedder);
  r->error[g_array_index (r->source->tiles, uint32_t, at)] =
      tsr_reconstruction_compare (tile, made, c->resolution, c->channels);
  r->job->compared++;
}

static bool
compare_all (Reconstruction *r, GError **error)
{
  const TsrModelConfig *c = tsr_embedder_config (r->embedder);
  size_t image = (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
  g_autofree uint8_t *tiles = g_new (uint8_t, BATCH * image),
                     *made = g_new (uint8_t, BATCH * image);
  g_autofree float *w = g_new (float, (size_t)BATCH *(size_t)c->w_dim);
  guint all = r->source->tiles->len, count;
  for (guint first = 0; first < all; first += count) {
    uint8_t missing[BATCH];
    count = MIN (BATCH, all - first);
    tsr_tile_source_load_known (r->source, r->project, first, count, c->resolution, c->channels,
                                tiles, missing, &r->job->lost);
    if (!tsr_reconstruction_encode (r->embedder, r->generator, tiles, (int)count, w, error) ||
        !tsr_generator_from_w (r->generator, w, (int)count, made, error))
      return false;
    for (guint k = 0; k < count; k++)
      if (!missing[k])
        note (r, first + k, tiles + k * image, made + k * image);
    if (!tsr_progress_step (&r->progress, (double)(first + count) / all,
                            TSR_STAGE ("Comparing tiles with what the model sees"), error))
      return false;
  }
  return true;
}

/* To a hundredth: the column's distinct texts stay few. */
static bool
store (Reconstruction *r, GError **error)
{
  g_autofree float *score = g_new (float, MAX (r->n, 1));
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) columns = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_column_unref);
  tsr_reconstruction_scores (r->error, r->n, score);
  for (uint32_t k = 0; k < r->n; k++) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_ptr_array_add (texts, isnan (score[k]) ? NULL
                                             : g_strdup (g_ascii_formatd (text, sizeof text, "%.2f",
                                                                          (double)score[k])));
    r->job->flagged += score[k] > TSR_RECONSTRUCTION_LIMIT;
  }
  g_ptr_array_add (
      columns, tsr_column_new (TSR_RECONSTRUCTION_COLUMN, (const char *const *)texts->pdata, r->n));
  return tsr_project_put_columns (r->project, columns, error);
}

bool
tsr_job_reconstruct (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  TsrReconstructJob *job = data;
  job->compared = job->flagged = 0;
  memset (&job->lost, 0, sizeof job->lost);
  g_autoptr (TsrProject) project = tsr_project_open (job->project, TSR_PROJECT_READ_WRITE, error);
  g_autoptr (TsrTileSource) source = project ? tsr_tile_source_new (project, error) : NULL;
  if (!source)
    return false;
  Reconstruction r = {.job = job,
                      .progress = tsr_progress_cancelled_by (&job->progress, cancellable),
                      .project = project,
                      .source = source,
                      .n = tsr_project_n_tiles (project)};
  r.error = g_new (TsrReconstructionError, MAX (r.n, 1));
  for (uint32_t k = 0; k < r.n; k++)
    r.error[k] = (TsrReconstructionError){NAN, NAN};
  bool ok = open_networks (&r, device, error) && compare_all (&r, error) && store (&r, error);
  tsr_embedder_free (r.embedder);
  tsr_generator_free (r.generator);
  g_free (r.error);
  return ok;
}
