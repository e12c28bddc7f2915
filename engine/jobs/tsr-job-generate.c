#include "tsr-jobs.h"

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-generator.h"
#include "tsr-random.h"

#include <errno.h>
#include <glib/gstdio.h>

enum { BATCH = 16 };

static bool
save_batch (const TsrGenerateJob *job, const TsrModelConfig *c, uint8_t *pixels, uint32_t first,
            int count, GError **error)
{
  size_t image = (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
  for (int k = 0; k < count; k++) {
    g_autofree char *name = g_strdup_printf ("generated-%06u.png", first + (uint32_t)k);
    g_autofree char *path = g_build_filename (job->out, name, NULL);
    TsrImage tile = {c->resolution, c->resolution, c->channels, pixels + (size_t)k * image};
    if (!tsr_image_save_png (&tile, path, error))
      return false;
  }
  return true;
}

bool
tsr_job_generate (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  TsrGenerateJob *job = data;
  TsrProgress progress = tsr_progress_cancelled_by (&job->progress, cancellable);
  if (!tsr_file_check_new_folder (job->out, error))
    return false;
  g_autoptr (TsrGenerator) generator = tsr_generator_open (device, job->model, BATCH, error);
  if (!generator)
    return false;
  if (g_mkdir_with_parents (job->out, 0777) != 0) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "create", job->out, errno);
    return false;
  }
  const TsrModelConfig *c = tsr_generator_config (generator);
  size_t image = (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
  g_autofree float *z = g_new (float, (size_t)BATCH *(size_t)c->z_dim);
  g_autofree uint8_t *pixels = g_new (uint8_t, BATCH * image);
  for (uint32_t done = 0; done < job->n; done += BATCH) {
    int count = (int)MIN (BATCH, job->n - done);
    for (int k = 0; k < count; k++) { /* image k depends on the seed and k alone */
      TsrRandom random;
      tsr_random_init (&random, job->seed, (uint64_t)done + (uint64_t)k);
      for (int j = 0; j < c->z_dim; j++)
        z[k * c->z_dim + j] = (float)tsr_random_normal (&random);
    }
    if (!tsr_generator_from_z (generator, z, count, (float)job->truncation, pixels, error) ||
        !save_batch (job, c, pixels, done, count, error) ||
        !tsr_progress_step (&progress, (double)(done + (uint32_t)count) / job->n,
                            TSR_STAGE ("Generating tiles"), error))
      return false;
  }
  return true;
}
