#include "tsr-train-health.h"

#include "tsr-demo-project.h"

enum {
  GENERATED_TILES = 1024,
  FEATURE_BATCH = 16,
};

struct TsrTrainHealth {
  TsrDevice *device; /* borrowed */
  char *inception;
  int resolution, channels;
  uint32_t n;
  uint8_t *tiles; /* [n], until their features are known */
  TsrFeatures *features;
  float *real; /* [n, d], from the first measurement on */
};

/* The network, and one batch through it, which takes the memory. */
static bool
open_features (TsrTrainHealth *self, GError **error)
{
  g_autofree char *path =
      self->inception ? g_strdup (self->inception) : tsr_demo_model_find (NULL, error);
  if (!path)
    return false;
  self->features = tsr_features_new (
      self->device, self->inception ? TSR_FEATURES_INCEPTION_FID : TSR_FEATURES_DISCRIMINATOR, path,
      FEATURE_BATCH, error);
  if (!self->features)
    return false;
  g_autofree float *one = g_new (float, tsr_features_dim (self->features));
  return tsr_features_compute (self->features, self->tiles, 1, self->resolution, self->channels,
                               one, NULL, error);
}

TsrTrainHealth *
tsr_train_health_new (TsrDevice *device, const char *inception, uint8_t **tiles, uint32_t n,
                      int resolution, int channels, GError **error)
{
  g_autoptr (TsrTrainHealth) self = g_new0 (TsrTrainHealth, 1);
  self->device = device;
  self->inception = g_strdup (inception);
  self->resolution = resolution;
  self->channels = channels;
  self->n = n;
  self->tiles = *tiles;
  if (open_features (self, error)) {
    *tiles = NULL;
    return g_steal_pointer (&self);
  }
  self->tiles = NULL;
  return NULL;
}

void
tsr_train_health_free (TsrTrainHealth *self)
{
  if (!self)
    return;
  tsr_features_free (self->features);
  g_free (self->inception);
  g_free (self->tiles);
  g_free (self->real);
  g_free (self);
}

const char *
tsr_train_health_features (const TsrTrainHealth *self)
{
  return self->inception ? "InceptionV3" : "the discriminator of the demonstration's model";
}

static bool
know_real (TsrTrainHealth *self, const TsrProgress *progress, GError **error)
{
  g_autofree float *real = g_new (float, (size_t)self->n *tsr_features_dim (self->features));
  if (!tsr_features_compute (self->features, self->tiles, self->n, self->resolution, self->channels,
                             real, progress, error))
    return false;
  self->real = g_steal_pointer (&real);
  g_clear_pointer (&self->tiles, g_free);
  return true;
}

bool
tsr_train_health_measure (TsrTrainHealth *self, TsrTrainer *trainer, TsrQuality *quality,
                          const TsrProgress *progress, GError **error)
{
  if (!self->real && !know_real (self, progress, error))
    return false;
  size_t image = (size_t)self->resolution * (size_t)self->resolution * (size_t)self->channels,
         d = tsr_features_dim (self->features);
  g_autofree uint8_t *pixels = g_malloc (GENERATED_TILES * image);
  g_autofree float *generated = g_new (float, GENERATED_TILES *d);
  if (!tsr_trainer_sample (trainer, GENERATED_TILES, 1, pixels, error) ||
      !tsr_features_compute (self->features, pixels, GENERATED_TILES, self->resolution,
                             self->channels, generated, progress, error))
    return false;
  TsrFeatureSets sets = {self->real, self->n, generated, GENERATED_TILES, d};
  return tsr_quality_measure (&sets, 1, quality, progress, error);
}
