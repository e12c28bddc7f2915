#include "tsr-embedder.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-model-file.h"
#include "tsr-networks.h"
#include "tsr-orientation.h"

struct TsrEmbedder {
  TsrDevice *device; /* borrowed */
  TsrModelConfig config;
  TsrParameters *parameters;
  TsrWeights *d, *e;
  TsrGraph *graph; /* of a lane's share of the batch */
  unsigned lanes;
  TsrProvider *provider[TSR_MAX_LANES];
  TsrArena *arena[TSR_MAX_LANES];
  TsrExec *exec[TSR_MAX_LANES];
  TsrBuffer *image[TSR_MAX_LANES], *w[TSR_MAX_LANES];
  float *staging; /* [batch][r][r][channels] */
  float *vectors; /* [batch][latent dimension], before orientations are averaged */
  int batch, submitted, orientations;
  bool symmetric;
  TsrPrecision precision;
  char *model_id, *symmetric_id;
};

void
tsr_embedder_free (TsrEmbedder *self)
{
  if (!self)
    return;
  tsr_device_finish (self->device, NULL);
  for (unsigned k = 0; k < self->lanes; k++) {
    tsr_exec_free (self->exec[k]);
    tsr_arena_free (self->arena[k]);
    tsr_buffer_free (self->image[k]);
    tsr_buffer_free (self->w[k]);
    tsr_provider_free (self->provider[k]);
  }
  tsr_graph_free (self->graph);
  tsr_weights_free (self->d);
  tsr_weights_free (self->e);
  tsr_parameters_free (self->parameters);
  g_free (self->staging);
  g_free (self->vectors);
  g_free (self->symmetric_id);
  g_free (self->model_id);
  g_free (self);
}

static size_t
image_floats (const TsrModelConfig *c)
{
  return (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
}

/* Tiles of the batch that each lane takes. */
static size_t
share (const TsrEmbedder *self)
{
  return (size_t)self->batch / self->lanes;
}

static bool
make_lane (TsrEmbedder *self, unsigned lane, TsrNode *w, TsrPrecision precision, GError **error)
{
  const TsrModelConfig *c = &self->config;
  size_t n = share (self) * sizeof (float);
  self->arena[lane] = tsr_arena_new (self->device);
  self->provider[lane] =
      tsr_provider_new_in_lane (self->device, TSR_PROVIDER_AUTO, lane, self->lanes, error);
  if (!self->provider[lane])
    return false;
  self->precision = tsr_provider_precision (self->provider[lane], precision);
  if (!(self->image[lane] = tsr_buffer_new (self->device, n * image_floats (c), error)) ||
      !(self->w[lane] = tsr_buffer_new (self->device, n * (size_t)tsr_model_latent_dim (c), error)))
    return false;
  TsrExec *exec = self->exec[lane] = tsr_exec_new (
      self->graph, self->provider[lane], self->arena[lane], self->device, self->precision);
  tsr_exec_bind (exec, "image", self->image[lane]);
  tsr_weights_bind (self->d, exec);
  tsr_weights_bind (self->e, exec);
  tsr_exec_output (exec, w, self->w[lane]);
  return tsr_exec_plan (exec, error);
}

static bool
make (TsrEmbedder *self, TsrPrecision precision, GError **error)
{
  const TsrModelConfig *c = &self->config;
  self->parameters = tsr_parameters_new (c, tsr_buffer_alignment (self->device));
  self->graph = tsr_graph_new ();
  self->lanes = tsr_device_lanes (self->device, (unsigned)self->batch);
  self->staging = g_new0 (float, (size_t)self->batch *image_floats (c));
  self->vectors = g_new0 (float, (size_t)self->batch *(size_t)tsr_model_latent_dim (c));
  self->d = tsr_weights_new (self->device, self->parameters, TSR_NET_D, error);
  self->e = self->d ? tsr_weights_new (self->device, self->parameters, TSR_NET_E, error) : NULL;
  TsrNode *image = tsr_leaf (self->graph, "image", (int)share (self), c->resolution, c->resolution,
                             c->channels),
          *w = tsr_build_encoder (c, image, NULL);
  bool ok = self->e;
  for (unsigned k = 0; ok && k < self->lanes; k++)
    ok = make_lane (self, k, w, precision, error);
  return ok;
}

/* The numbers the vectors depend on, so that vectors of another model are never mistaken for this
 * one's. */
static bool
identify (TsrEmbedder *self, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  TsrWeights *weights[] = {self->d, self->e};
  for (size_t k = 0; k < 2; k++) {
    size_t n = self->parameters->floats[weights[k]->net];
    g_autofree float *values = g_new (float, MAX (n, 1));
    if (n > 0 && !tsr_buffer_read (weights[k]->block, 0, values, n * sizeof (float), error))
      return false;
    g_checksum_update (sum, (const guchar *)values, (gssize)(n * sizeof (float)));
  }
  g_autofree char *weights_id = g_strndup (g_checksum_get_string (sum), 32);
  self->model_id = g_strconcat (weights_id, self->precision == TSR_BF16 ? "-bf16" : "", NULL);
  self->symmetric_id = g_strconcat (self->model_id,
                                    self->orientations == TSR_SYMMETRIES ? "-symmetric"
                                    : self->orientations == 2            ? "-mirrored"
                                                                         : "",
                                    NULL);
  return true;
}

static bool
load (TsrEmbedder *self, const TsrSafetensors *file, TsrEncoderWeights weights, GError **error)
{
  bool averaged = tsr_model_has_net (file, self->parameters, TSR_NET_D, "D_ema.") &&
                  tsr_model_has_net (file, self->parameters, TSR_NET_E, "E_ema.");
  if (weights == TSR_ENCODER_NEWEST && !averaged && !tsr_model_is_checkpoint (file)) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_MODEL,
        _ ("The model “%s” holds one set of weights, as it was exported, and not the newest of its "
           "training: name the checkpoint it came from, or read with the weights it has."),
        tsr_safetensors_path (file));
    return false;
  }
  averaged = averaged && weights == TSR_ENCODER_AVERAGED;
  const char *d = averaged ? "D_ema." : "D.", *e = averaged ? "E_ema." : "E.";
  self->orientations =
      tsr_orientations_parse (tsr_safetensors_metadata (file, TSR_MODEL_ORIENTATIONS));
  return tsr_model_load_net (file, d, self->d, error) &&
         tsr_model_load_net (file, e, self->e, error) && identify (self, error);
}

TsrEmbedder *
tsr_embedder_open (TsrDevice *device, const char *path, int batch, TsrEncoderWeights weights,
                   TsrPrecision precision, GError **error)
{
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, error);
  g_autoptr (TsrEmbedder) self = g_new0 (TsrEmbedder, 1);
  self->device = device;
  self->batch = batch;
  if (!file || !tsr_model_config_read (file, &self->config, error))
    return NULL;
  if (self->config.shared_layers < 0) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 _ ("The model “%s” has no encoder, so tiles cannot be embedded with it: train one "
                    "with “tessera train PROJECT "
                    "--encoder-only”."),
                 path);
    return NULL;
  }
  return make (self, precision, error) && load (self, file, weights, error)
             ? g_steal_pointer (&self)
             : NULL;
}

TsrEmbedder *
tsr_embedder_new_untrained (TsrDevice *device, const TsrModelConfig *config, uint64_t seed,
                            int batch, TsrPrecision precision, GError **error)
{
  g_autoptr (TsrEmbedder) self = g_new0 (TsrEmbedder, 1);
  self->device = device;
  self->batch = batch;
  self->config = *config;
  self->orientations = TSR_SYMMETRIES;
  if (!tsr_model_config_check (config, error) || !make (self, precision, error))
    return NULL;
  TsrWeights *weights[] = {self->d, self->e};
  for (size_t k = 0; k < 2; k++) {
    size_t n = self->parameters->floats[weights[k]->net];
    g_autofree float *values = g_new (float, MAX (n, 1));
    tsr_parameters_initialise (self->parameters, weights[k]->net, seed, values);
    if (n > 0 && !tsr_buffer_write (weights[k]->block, 0, values, n * sizeof (float), error))
      return NULL;
  }
  return identify (self, error) ? g_steal_pointer (&self) : NULL;
}

TsrPrecision
tsr_embedder_precision (const TsrEmbedder *self)
{
  return self->precision;
}

const TsrModelConfig *
tsr_embedder_config (const TsrEmbedder *self)
{
  return &self->config;
}

const char *
tsr_embedder_model_id (const TsrEmbedder *self)
{
  return self->symmetric ? self->symmetric_id : self->model_id;
}

void
tsr_embedder_set_symmetric (TsrEmbedder *self, bool symmetric)
{
  self->symmetric = symmetric;
}

static int
turns (const TsrEmbedder *self)
{
  return self->symmetric ? self->orientations : 1;
}

int
tsr_embedder_capacity (const TsrEmbedder *self)
{
  return MAX (1, self->batch / turns (self));
}

/* The tile in orientation `turn`. */
static void
stage (const TsrModelConfig *c, const uint8_t *from, int turn, float *to)
{
  int r = c->resolution, channels = c->channels;
  for (int y = 0; y < r; y++)
    for (int x = 0; x < r; x++) {
      const uint8_t *pixel = from + (size_t)tsr_oriented_pixel (r, turn, y, x) * (size_t)channels;
      for (int k = 0; k < channels; k++)
        *to++ = (float)pixel[k] * (2.0f / 255.0f) - 1;
    }
}

bool
tsr_embedder_submit (TsrEmbedder *self, const uint8_t *pixels, int n, GError **error)
{
  const TsrModelConfig *c = &self->config;
  size_t image = image_floats (c), each = (size_t)turns (self);
  g_assert (n > 0 && n <= tsr_embedder_capacity (self));
  for (size_t k = 0; k < (size_t)n; k++)
    for (size_t t = 0; t < each; t++)
      stage (c, pixels + k * image, (int)t, self->staging + (k * each + t) * image);
  self->submitted = n;
  size_t images = (size_t)n * each;
  for (unsigned lane = 0; lane < self->lanes && lane * share (self) < images; lane++)
    if (!tsr_buffer_write (
            self->image[lane], 0, self->staging + lane * share (self) * image,
            MIN (share (self), images - lane * share (self)) * image * sizeof (float), error))
      return false;
  return tsr_exec_run_lanes (self->exec, self->lanes, error);
}

bool
tsr_embedder_collect (TsrEmbedder *self, float *w, GError **error)
{
  size_t d = (size_t)tsr_model_latent_dim (&self->config), each = (size_t)turns (self),
         n = (size_t)self->submitted;
  if (!tsr_device_finish (self->device, error))
    return false;
  for (unsigned lane = 0; lane < self->lanes; lane++)
    if (!tsr_buffer_read (self->w[lane], 0, self->vectors + lane * share (self) * d,
                          share (self) * d * sizeof (float), error))
      return false;
  for (size_t k = 0; k < n; k++)
    for (size_t j = 0; j < d; j++) {
      float sum = 0;
      for (size_t t = 0; t < each; t++)
        sum += self->vectors[(k * each + t) * d + j];
      w[k * d + j] = sum / (float)each;
    }
  return true;
}
