#include "tsr-mapper.h"

#include "tsr-model-file.h"
#include "tsr-networks.h"

struct TsrMapper {
  TsrDevice *device; /* borrowed */
  TsrModelConfig config;
  TsrParameters *parameters;
  TsrWeights *g;
  TsrProvider *provider;
  TsrArena *arena;
  TsrGraph *graph;
  TsrExec *exec;
  TsrBuffer *z, *w;
  int batch;
};

void
tsr_mapper_free (TsrMapper *self)
{
  if (!self)
    return;
  tsr_device_finish (self->device, NULL);
  tsr_exec_free (self->exec);
  tsr_graph_free (self->graph);
  tsr_arena_free (self->arena);
  tsr_buffer_free (self->z);
  tsr_buffer_free (self->w);
  tsr_weights_free (self->g);
  tsr_provider_free (self->provider);
  tsr_parameters_free (self->parameters);
  g_free (self);
}

static bool
make (TsrMapper *self, GError **error)
{
  const TsrModelConfig *c = &self->config;
  size_t n = (size_t)self->batch;
  self->parameters = tsr_parameters_new (c, tsr_buffer_alignment (self->device));
  self->provider = tsr_provider_new (self->device, TSR_PROVIDER_AUTO, error);
  self->arena = tsr_arena_new (self->device);
  if (!self->provider ||
      !(self->g = tsr_weights_new (self->device, self->parameters, TSR_NET_G, error)) ||
      !(self->z = tsr_buffer_new (self->device, n * (size_t)c->z_dim * sizeof (float), error)) ||
      !(self->w = tsr_buffer_new (self->device, n * (size_t)c->w_dim * sizeof (float), error)))
    return false;
  self->graph = tsr_graph_new ();
  self->exec = tsr_exec_new (self->graph, self->provider, self->arena, self->device, TSR_F32);
  tsr_weights_bind (self->g, self->exec);
  tsr_exec_bind (self->exec, "z", self->z);
  TsrNode *z = tsr_leaf (self->graph, "z", self->batch, 1, 1, c->z_dim);
  tsr_exec_output (self->exec, tsr_build_mapping (c, z), self->w);
  return tsr_exec_plan (self->exec, error);
}

TsrMapper *
tsr_mapper_open (TsrDevice *device, const char *path, int batch, GError **error)
{
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, error);
  g_autoptr (TsrMapper) self = g_new0 (TsrMapper, 1);
  self->device = device;
  self->batch = batch;
  if (!file || !tsr_model_config_read (file, &self->config, error) || !make (self, error))
    return NULL;
  const char *prefix = tsr_model_generator_prefix (file, self->parameters);
  return tsr_model_load_net (file, prefix, self->g, error) ? g_steal_pointer (&self) : NULL;
}

const TsrModelConfig *
tsr_mapper_config (const TsrMapper *self)
{
  return &self->config;
}

bool
tsr_mapper_run (TsrMapper *self, const float *z, int n, float *w, GError **error)
{
  const TsrModelConfig *c = &self->config;
  g_assert (n > 0 && n <= self->batch);
  return tsr_buffer_write (self->z, 0, z, (size_t)n * (size_t)c->z_dim * sizeof (float), error) &&
         tsr_exec_run (self->exec, error) && tsr_device_finish (self->device, error) &&
         tsr_buffer_read (self->w, 0, w, (size_t)n * (size_t)c->w_dim * sizeof (float), error);
}
