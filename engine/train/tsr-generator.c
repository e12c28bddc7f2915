#include "tsr-generator.h"

#include "tsr-model-file.h"
#include "tsr-networks.h"

#include <math.h>

/* From z or from w: two graphs on the same weights. */
typedef struct {
  TsrGraph *graph;
  TsrExec *exec;
} Path;

struct TsrGenerator {
  TsrDevice *device; /* borrowed */
  TsrModelConfig config;
  TsrParameters *parameters;
  TsrWeights *g, *buffers;
  TsrProvider *provider;
  TsrArena *arena;
  Path from_z, from_w;
  TsrBuffer *z, *psi, *w, *image;
  int batch;
};

static void
free_path (Path *path)
{
  tsr_exec_free (path->exec);
  tsr_graph_free (path->graph);
}

void
tsr_generator_free (TsrGenerator *self)
{
  if (!self)
    return;
  tsr_device_finish (self->device, NULL);
  free_path (&self->from_z);
  free_path (&self->from_w);
  tsr_arena_free (self->arena);
  tsr_buffer_free (self->z);
  tsr_buffer_free (self->psi);
  tsr_buffer_free (self->w);
  tsr_buffer_free (self->image);
  tsr_weights_free (self->g);
  tsr_weights_free (self->buffers);
  tsr_provider_free (self->provider);
  tsr_parameters_free (self->parameters);
  g_free (self);
}

static bool
make_path (TsrGenerator *self, Path *path, bool from_z, GError **error)
{
  const TsrModelConfig *c = &self->config;
  path->graph = tsr_graph_new ();
  path->exec = tsr_exec_new (path->graph, self->provider, self->arena, self->device, TSR_F32);
  TsrNode *w;
  if (from_z) {
    TsrNode *w_avg = tsr_leaf (path->graph, "G.mapping.w_avg", 1, 1, 1, c->w_dim);
    w = tsr_build_mapping (c, tsr_leaf (path->graph, "z", self->batch, 1, 1, c->z_dim));
    w = tsr_add (w_avg, tsr_mul (tsr_sub (w, w_avg), tsr_leaf (path->graph, "psi", 1, 1, 1, 1)));
  } else
    w = tsr_leaf (path->graph, "w", self->batch, 1, 1, c->w_dim);
  tsr_weights_bind (self->g, path->exec);
  tsr_weights_bind (self->buffers, path->exec);
  tsr_exec_bind (path->exec, "z", self->z);
  tsr_exec_bind (path->exec, "psi", self->psi);
  tsr_exec_bind (path->exec, "w", self->w);
  tsr_exec_output (path->exec, tsr_build_synthesis_from_w (c, w, TSR_NOISE_CONST), self->image);
  return tsr_exec_plan (path->exec, error);
}

static bool
make (TsrGenerator *self, GError **error)
{
  const TsrModelConfig *c = &self->config;
  size_t n = (size_t)self->batch,
         pixels = (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
  self->parameters = tsr_parameters_new (c, tsr_buffer_alignment (self->device));
  self->provider = tsr_provider_new (self->device, TSR_PROVIDER_AUTO, error);
  self->arena = tsr_arena_new (self->device);
  return self->provider &&
         (self->g = tsr_weights_new (self->device, self->parameters, TSR_NET_G, error)) &&
         (self->buffers =
              tsr_weights_new (self->device, self->parameters, TSR_NET_G_BUFFERS, error)) &&
         (self->z = tsr_buffer_new (self->device, n * (size_t)c->z_dim * sizeof (float), error)) &&
         (self->w = tsr_buffer_new (self->device, n * (size_t)c->w_dim * sizeof (float), error)) &&
         (self->psi = tsr_buffer_new (self->device, sizeof (float), error)) &&
         (self->image = tsr_buffer_new (self->device, n * pixels * sizeof (float), error)) &&
         make_path (self, &self->from_z, true, error) &&
         make_path (self, &self->from_w, false, error);
}

TsrGenerator *
tsr_generator_open (TsrDevice *device, const char *path, int batch, GError **error)
{
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, error);
  g_autoptr (TsrGenerator) self = g_new0 (TsrGenerator, 1);
  self->device = device;
  self->batch = batch;
  if (!file || !tsr_model_config_read (file, &self->config, error) || !make (self, error))
    return NULL;
  const char *prefix =
      tsr_model_has_net (file, self->parameters, TSR_NET_G, "G_ema.") ? "G_ema." : "G.";
  return tsr_model_load_net (file, prefix, self->g, error) &&
                 tsr_model_load_net (file, prefix, self->buffers, error)
             ? g_steal_pointer (&self)
             : NULL;
}

const TsrModelConfig *
tsr_generator_config (const TsrGenerator *self)
{
  return &self->config;
}

static bool
run (TsrGenerator *self, Path *path, int n, uint8_t *pixels, GError **error)
{
  const TsrModelConfig *c = &self->config;
  size_t count = (size_t)n * (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
  g_autofree float *values = g_new (float, count);
  if (!tsr_exec_run (path->exec, error) || !tsr_device_finish (self->device, error) ||
      !tsr_buffer_read (self->image, 0, values, count * sizeof (float), error))
    return false;
  for (size_t k = 0; k < count; k++)
    pixels[k] = (uint8_t)CLAMP (lrintf ((values[k] + 1) * 127.5f), 0, 255);
  return true;
}

bool
tsr_generator_from_z (TsrGenerator *self, const float *z, int n, float psi, uint8_t *pixels,
                      GError **error)
{
  g_assert (n > 0 && n <= self->batch);
  return tsr_buffer_write (self->z, 0, z, (size_t)n * (size_t)self->config.z_dim * sizeof (float),
                           error) &&
         tsr_buffer_write (self->psi, 0, &psi, sizeof psi, error) &&
         run (self, &self->from_z, n, pixels, error);
}

bool
tsr_generator_from_w (TsrGenerator *self, const float *w, int n, uint8_t *pixels, GError **error)
{
  g_assert (n > 0 && n <= self->batch);
  return tsr_buffer_write (self->w, 0, w, (size_t)n * (size_t)self->config.w_dim * sizeof (float),
                           error) &&
         run (self, &self->from_w, n, pixels, error);
}
