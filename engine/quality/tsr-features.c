#include "tsr-features.h"

#include "tsr-image.h"
#include "tsr-inception-file.h"
#include "tsr-inception.h"
#include "tsr-model-file.h"
#include "tsr-networks.h"

enum { BLOCKS = 3 }; /* of the discriminator: one alone has few channels in a small model */

struct TsrFeatures {
  TsrDevice *device; /* borrowed */
  TsrFeaturesKind kind;
  TsrModelConfig config; /* of the discriminator */
  TsrParameters *parameters;
  TsrWeights *d;
  TsrInceptionWeights *inception;
  TsrProvider *provider;
  TsrArena *arena;
  TsrGraph *graph;
  TsrExec *exec;
  TsrBuffer *image, *result;
  float *staging; /* [batch][resolution][resolution][channels] */
  int batch, resolution, channels;
  size_t dim;
  char *id;
};

void
tsr_features_free (TsrFeatures *self)
{
  if (!self)
    return;
  tsr_device_finish (self->device, NULL);
  tsr_exec_free (self->exec);
  tsr_graph_free (self->graph);
  tsr_arena_free (self->arena);
  tsr_buffer_free (self->image);
  tsr_buffer_free (self->result);
  tsr_weights_free (self->d);
  tsr_inception_weights_free (self->inception);
  tsr_provider_free (self->provider);
  tsr_parameters_free (self->parameters);
  g_free (self->staging);
  g_free (self->id);
  g_free (self);
}

size_t
tsr_features_dim (const TsrFeatures *self)
{
  return self->dim;
}

const char *
tsr_features_id (const TsrFeatures *self)
{
  return self->id;
}

/* ---- the two sources: each builds its graph and loads its weights ---- */

static TsrInceptionVariant
variant (const TsrFeatures *self)
{
  return self->kind == TSR_FEATURES_INCEPTION_FID ? TSR_INCEPTION_FID : TSR_INCEPTION_TORCHVISION;
}

static TsrNode *
image_leaf (TsrFeatures *self, int resolution, int channels)
{
  self->resolution = resolution;
  self->channels = channels;
  return tsr_leaf (self->graph, "image", self->batch, resolution, resolution, channels);
}

static TsrNode *
build_discriminator (TsrFeatures *self)
{
  const TsrModelConfig *c = &self->config;
  int count = tsr_model_blocks (c);
  g_autofree TsrNode **blocks = g_new (TsrNode *, count);
  tsr_build_discriminator_blocks (c, image_leaf (self, c->resolution, c->channels), blocks);
  TsrNode *features = NULL;
  for (int k = MAX (0, count - BLOCKS); k < count; k++) {
    TsrNode *mean = tsr_mean (blocks[k], TSR_AXIS_H | TSR_AXIS_W);
    features = features ? tsr_concat (features, mean, 3) : mean;
  }
  return features;
}

static bool
load_discriminator (TsrFeatures *self, const TsrSafetensors *file, GError **error)
{
  const char *d = tsr_model_has_net (file, self->parameters, TSR_NET_D, "D_ema.") ? "D_ema." : "D.";
  if (!tsr_model_load_net (file, d, self->d, error))
    return false;
  size_t bytes = self->parameters->floats[TSR_NET_D] * sizeof (float);
  g_autofree guchar *values = g_malloc (bytes);
  if (!tsr_buffer_read (self->d->block, 0, values, bytes, error))
    return false;
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, values, bytes);
  self->id = g_strdup_printf ("discriminator-%.32s", sum);
  return true;
}

static TsrNode *
open_discriminator (TsrFeatures *self, const TsrSafetensors *file, GError **error)
{
  if (!tsr_model_config_read (file, &self->config, error))
    return NULL;
  self->parameters = tsr_parameters_new (&self->config, tsr_buffer_alignment (self->device));
  self->d = tsr_weights_new (self->device, self->parameters, TSR_NET_D, error);
  if (!self->d || !load_discriminator (self, file, error))
    return NULL;
  tsr_weights_bind (self->d, self->exec);
  return build_discriminator (self);
}

static TsrNode *
open_inception (TsrFeatures *self, const TsrSafetensors *file, GError **error)
{
  TsrNode *features =
      tsr_build_inception (image_leaf (self, TSR_INCEPTION_SIZE, 3), variant (self));
  self->inception = tsr_inception_weights_load (file, self->graph, self->device, error);
  if (!self->inception)
    return NULL;
  tsr_inception_weights_bind (self->inception, self->exec);
  self->id = g_strdup_printf ("inception-%s-%.32s",
                              variant (self) == TSR_INCEPTION_FID ? "fid" : "torchvision",
                              tsr_inception_weights_id (self->inception));
  return features;
}

static bool
open_source (TsrFeatures *self, const char *path, GError **error)
{
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, error);
  self->provider = tsr_provider_new (self->device, TSR_PROVIDER_AUTO, error);
  if (!file || !self->provider)
    return false;
  self->arena = tsr_arena_new (self->device);
  self->graph = tsr_graph_new ();
  self->exec = tsr_exec_new (self->graph, self->provider, self->arena, self->device, TSR_F32);
  TsrNode *features = self->kind == TSR_FEATURES_DISCRIMINATOR
                          ? open_discriminator (self, file, error)
                          : open_inception (self, file, error);
  if (!features)
    return false;
  size_t pixels = (size_t)self->batch * (size_t)self->resolution * (size_t)self->resolution *
                  (size_t)self->channels;
  self->dim = (size_t)features->dim[3];
  self->staging = g_new0 (float, pixels);
  self->image = tsr_buffer_new (self->device, pixels * sizeof (float), error);
  self->result =
      self->image
          ? tsr_buffer_new (self->device, (size_t)self->batch * self->dim * sizeof (float), error)
          : NULL;
  if (!self->result)
    return false;
  tsr_exec_bind (self->exec, "image", self->image);
  tsr_exec_output (self->exec, features, self->result);
  return tsr_exec_plan (self->exec, error);
}

TsrFeatures *
tsr_features_new (TsrDevice *device, TsrFeaturesKind kind, const char *path, int batch,
                  GError **error)
{
  g_return_val_if_fail (batch > 0, NULL);
  g_autoptr (TsrFeatures) self = g_new0 (TsrFeatures, 1);
  self->device = device;
  self->kind = kind;
  self->batch = batch;
  return open_source (self, path, error) ? g_steal_pointer (&self) : NULL;
}

/* ---- images ---- */

/* Rec. 601 luma, or the one channel three times; bytes to [-1, 1]. */
static void
stage_pixels (const uint8_t *from, int channels, size_t n, int wanted, float *to)
{
  for (size_t k = 0; k < n; k++, from += channels) {
    float luma = channels == 1 ? from[0] : 0.299f * from[0] + 0.587f * from[1] + 0.114f * from[2];
    for (int c = 0; c < wanted; c++)
      *to++ = (wanted == channels ? from[c] : luma) * (2.0f / 255.0f) - 1;
  }
}

static void
stage (const TsrFeatures *self, const uint8_t *pixels, int resolution, int channels, float *to)
{
  if (self->kind != TSR_FEATURES_DISCRIMINATOR) {
    tsr_inception_image (pixels, resolution, channels, variant (self), to);
    return;
  }
  size_t n = (size_t)self->resolution * (size_t)self->resolution;
  if (resolution == self->resolution) {
    stage_pixels (pixels, channels, n, self->channels, to);
    return;
  }
  const TsrImage image = {resolution, resolution, channels, (uint8_t *)pixels};
  TsrImage resized;
  tsr_image_resize (&image, self->resolution, &resized);
  stage_pixels (resized.pixels, channels, n, self->channels, to);
  tsr_image_clear (&resized);
}

/* Up to a batch of images. What an earlier batch left behind them is computed along. */
static bool
compute_batch (TsrFeatures *self, const uint8_t *pixels, size_t n, int resolution, int channels,
               float *result, GError **error)
{
  size_t from = (size_t)resolution * (size_t)resolution * (size_t)channels,
         to = (size_t)self->resolution * (size_t)self->resolution * (size_t)self->channels;
  for (size_t k = 0; k < n; k++)
    stage (self, pixels + k * from, resolution, channels, self->staging + k * to);
  return tsr_buffer_write (self->image, 0, self->staging, n * to * sizeof (float), error) &&
         tsr_exec_run (self->exec, error) && tsr_device_finish (self->device, error) &&
         tsr_buffer_read (self->result, 0, result, n * self->dim * sizeof (float), error);
}

bool
tsr_features_compute (TsrFeatures *self, const uint8_t *pixels, size_t n, int resolution,
                      int channels, float *result, const TsrProgress *progress, GError **error)
{
  g_return_val_if_fail (resolution > 0 && (channels == 1 || channels == 3), false);
  size_t image = (size_t)resolution * (size_t)resolution * (size_t)channels;
  for (size_t k = 0; k < n; k += (size_t)self->batch) {
    size_t count = MIN ((size_t)self->batch, n - k);
    if (!tsr_progress_step (progress, (double)k / (double)n, TSR_STAGE ("Measuring quality"),
                            error) ||
        !compute_batch (self, pixels + k * image, count, resolution, channels,
                        result + k * self->dim, error))
      return false;
  }
  return true;
}
