#include "tsr-generator.h"

#include "tsr-model-file.h"
#include "tsr-networks.h"

#include <math.h>
#include <string.h>

/* Ways through the network, each a graph on the same weights, planned when it is first taken. */
typedef enum { FROM_Z, FROM_W, FROM_LAYERS, Z_TO_W, N_WAYS } Way;

typedef struct {
  TsrGraph *graph;
  TsrArena *arena; /* of its own: one that has been run cannot take another's plan */
  TsrExec *exec;   /* NULL: not planned yet */
} Path;

struct TsrGenerator {
  TsrDevice *device; /* borrowed */
  TsrModelConfig config;
  TsrParameters *parameters;
  TsrWeights *g, *buffers;
  TsrProvider *provider;
  Path path[N_WAYS];
  TsrBuffer *z, *psi, *w, *image;
  TsrBuffer *layers,
      **layer;   /* [layers][n][w_dim], each layer's w at a multiple of the alignment */
  size_t stride; /* bytes from one layer's to the next */
  int batch;
};

static void
free_path (Path *path)
{
  tsr_exec_free (path->exec);
  tsr_arena_free (path->arena);
  tsr_graph_free (path->graph);
}

void
tsr_generator_free (TsrGenerator *self)
{
  if (!self)
    return;
  tsr_device_finish (self->device, NULL);
  for (int k = 0; k < N_WAYS; k++)
    free_path (&self->path[k]);
  for (int k = 0; self->layer && k < tsr_model_num_ws (&self->config); k++)
    tsr_buffer_free (self->layer[k]);
  g_free (self->layer);
  tsr_buffer_free (self->layers);
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

static TsrNode *
leaf_of_w (const TsrGenerator *self, TsrGraph *graph, const char *name)
{
  return tsr_leaf (graph, name, self->batch, 1, 1, self->config.w_dim);
}

static TsrNode *
build (const TsrGenerator *self, TsrGraph *graph, Way way)
{
  const TsrModelConfig *c = &self->config;
  TsrNode *w, *ws[64];
  if (way == FROM_LAYERS) {
    for (int k = 0; k < tsr_model_num_ws (c); k++) {
      g_autofree char *name = g_strdup_printf ("w%d", k);
      ws[k] = leaf_of_w (self, graph, name);
    }
    return tsr_build_synthesis (c, ws, TSR_NOISE_CONST);
  }
  if (way == FROM_W)
    return tsr_build_synthesis_from_w (c, leaf_of_w (self, graph, "w"), TSR_NOISE_CONST);
  w = tsr_build_mapping (c, tsr_leaf (graph, "z", self->batch, 1, 1, c->z_dim));
  if (way == Z_TO_W)
    return w;
  TsrNode *w_avg = tsr_leaf (graph, "G.mapping.w_avg", 1, 1, 1, c->w_dim);
  w = tsr_add (w_avg, tsr_mul (tsr_sub (w, w_avg), tsr_leaf (graph, "psi", 1, 1, 1, 1)));
  return tsr_build_synthesis_from_w (c, w, TSR_NOISE_CONST);
}

static bool
make_layers (TsrGenerator *self, GError **error)
{
  int layers = tsr_model_num_ws (&self->config);
  size_t bytes = (size_t)self->batch * (size_t)self->config.w_dim * sizeof (float),
         alignment = tsr_buffer_alignment (self->device);
  self->stride = (bytes + alignment - 1) / alignment * alignment;
  self->layer = g_new0 (TsrBuffer *, layers);
  self->layers = tsr_buffer_new (self->device, self->stride * (size_t)layers, error);
  for (int k = 0; self->layers && k < layers; k++)
    if (!(self->layer[k] = tsr_buffer_view (self->layers, (size_t)k * self->stride, bytes, error)))
      return false;
  return self->layers != NULL;
}

static bool
plan (TsrGenerator *self, Way way, GError **error)
{
  Path *path = &self->path[way];
  if (path->exec)
    return true;
  if (way == FROM_LAYERS && !self->layers && !make_layers (self, error))
    return false;
  path->graph = tsr_graph_new ();
  path->arena = tsr_arena_new (self->device);
  TsrExec *exec = tsr_exec_new (path->graph, self->provider, path->arena, self->device, TSR_F32);
  TsrNode *result = build (self, path->graph, way);
  tsr_weights_bind (self->g, exec);
  tsr_weights_bind (self->buffers, exec);
  tsr_exec_bind (exec, "z", self->z);
  tsr_exec_bind (exec, "psi", self->psi);
  tsr_exec_bind (exec, "w", self->w);
  for (int k = 0; self->layers && k < tsr_model_num_ws (&self->config); k++) {
    g_autofree char *name = g_strdup_printf ("w%d", k);
    tsr_exec_bind (exec, name, self->layer[k]);
  }
  tsr_exec_output (exec, result, way == Z_TO_W ? self->w : self->image);
  path->exec = exec;
  if (tsr_exec_plan (exec, error))
    return true;
  free_path (path);
  *path = (Path){0};
  return false;
}

static bool
make (TsrGenerator *self, GError **error)
{
  const TsrModelConfig *c = &self->config;
  size_t n = (size_t)self->batch,
         pixels = (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
  self->parameters = tsr_parameters_new (c, tsr_buffer_alignment (self->device));
  self->provider = tsr_provider_new (self->device, TSR_PROVIDER_AUTO, error);
  return self->provider &&
         (self->g = tsr_weights_new (self->device, self->parameters, TSR_NET_G, error)) &&
         (self->buffers =
              tsr_weights_new (self->device, self->parameters, TSR_NET_G_BUFFERS, error)) &&
         (self->z = tsr_buffer_new (self->device, n * (size_t)c->z_dim * sizeof (float), error)) &&
         (self->w = tsr_buffer_new (self->device, n * (size_t)c->w_dim * sizeof (float), error)) &&
         (self->psi = tsr_buffer_new (self->device, sizeof (float), error)) &&
         (self->image = tsr_buffer_new (self->device, n * pixels * sizeof (float), error));
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
  const char *prefix = tsr_model_generator_prefix (file, self->parameters);
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
run (TsrGenerator *self, Way way, GError **error)
{
  return plan (self, way, error) && tsr_exec_run (self->path[way].exec, error) &&
         tsr_device_finish (self->device, error);
}

static bool
draw (TsrGenerator *self, Way way, int n, uint8_t *pixels, GError **error)
{
  const TsrModelConfig *c = &self->config;
  size_t count = (size_t)n * (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
  g_autofree float *values = g_new (float, count);
  if (!run (self, way, error) ||
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
         draw (self, FROM_Z, n, pixels, error);
}

bool
tsr_generator_from_w (TsrGenerator *self, const float *w, int n, uint8_t *pixels, GError **error)
{
  g_assert (n > 0 && n <= self->batch);
  return tsr_buffer_write (self->w, 0, w, (size_t)n * (size_t)self->config.w_dim * sizeof (float),
                           error) &&
         draw (self, FROM_W, n, pixels, error);
}

bool
tsr_generator_from_layers (TsrGenerator *self, const float *w, int n, uint8_t *pixels,
                           GError **error)
{
  g_assert (n > 0 && n <= self->batch);
  size_t layers = (size_t)tsr_model_num_ws (&self->config), d = (size_t)self->config.w_dim;
  if (!plan (self, FROM_LAYERS, error))
    return false;
  g_autofree uint8_t *staging = g_malloc0 (layers * self->stride);
  for (size_t k = 0; k < layers; k++)
    for (size_t i = 0; i < (size_t)n; i++)
      memcpy (staging + k * self->stride + i * d * sizeof (float), w + (i * layers + k) * d,
              d * sizeof (float));
  return tsr_buffer_write (self->layers, 0, staging, layers * self->stride, error) &&
         draw (self, FROM_LAYERS, n, pixels, error);
}

bool
tsr_generator_map (TsrGenerator *self, const float *z, int n, float *w, GError **error)
{
  g_assert (n > 0 && n <= self->batch);
  const TsrModelConfig *c = &self->config;
  return tsr_buffer_write (self->z, 0, z, (size_t)n * (size_t)c->z_dim * sizeof (float), error) &&
         run (self, Z_TO_W, error) &&
         tsr_buffer_read (self->w, 0, w, (size_t)n * (size_t)c->w_dim * sizeof (float), error);
}

bool
tsr_generator_mean (TsrGenerator *self, float *w, GError **error)
{
  return tsr_buffer_read (tsr_weights_find (self->buffers, "G.mapping.w_avg"), 0, w,
                          (size_t)self->config.w_dim * sizeof (float), error);
}
