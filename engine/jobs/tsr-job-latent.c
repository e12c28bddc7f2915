#include "tsr-jobs.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-mapper.h"
#include "tsr-vectors.h"

#include <math.h>
#include <string.h>

enum { BATCH = 64 };

static bool
check (const TsrLatentJob *job, const TsrModelConfig *c, GError **error)
{
  if (c->latent == TSR_LATENT_Z && (uint32_t)c->z_dim == job->d)
    return true;
  g_autofree char *shown = g_filename_display_name (job->model);
  g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
               _ ("The vectors are not in the Z of the model “%s”: embed the tiles with it first."),
               shown);
  return false;
}

/* Maps the rows [first, first + count) of z that there are, the others have no w. */
static bool
map_rows (const TsrLatentJob *job, TsrMapper *mapper, uint32_t first, uint32_t count, float *z,
          float *w, GError **error)
{
  size_t d = job->d, w_dim = job->w_dim;
  uint32_t rows[BATCH];
  int n = 0;
  for (uint32_t i = first; i < first + count; i++) {
    if (tsr_vectors_row_finite (job->z + i * d, d)) {
      memcpy (z + (size_t)n * d, job->z + i * d, d * sizeof *z);
      rows[n++] = i;
    }
    for (size_t k = 0; k < w_dim; k++)
      job->w[i * w_dim + k] = NAN;
  }
  if (n == 0)
    return true;
  if (!tsr_mapper_run (mapper, z, n, w, error))
    return false;
  for (int k = 0; k < n; k++)
    memcpy (job->w + rows[k] * w_dim, w + (size_t)k * w_dim, w_dim * sizeof *w);
  return true;
}

bool
tsr_job_latent (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  TsrLatentJob *job = data;
  TsrProgress progress = tsr_progress_cancelled_by (&job->progress, cancellable);
  g_autoptr (TsrMapper) mapper = tsr_mapper_open (device, job->model, BATCH, error);
  job->w = NULL;
  if (!mapper || !check (job, tsr_mapper_config (mapper), error))
    return false;
  job->w_dim = (uint32_t)tsr_mapper_config (mapper)->w_dim;
  job->w = g_new (float, (size_t)job->n * job->w_dim + 1);
  g_autofree float *z = g_new0 (float, (size_t)BATCH * job->d),
                   *w = g_new (float, (size_t)BATCH * job->w_dim);
  for (uint32_t i = 0; i < job->n; i += BATCH)
    if (!map_rows (job, mapper, i, MIN (BATCH, job->n - i), z, w, error) ||
        !tsr_progress_step (&progress, (double)i / job->n, TSR_STAGE ("Mapping vectors to W"),
                            error)) {
      g_clear_pointer (&job->w, g_free);
      return false;
    }
  return true;
}
