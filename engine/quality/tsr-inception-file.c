#include "tsr-inception-file.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <math.h>
#include <string.h>

#define EPSILON 1e-3 /* of the batch normalisation */

struct TsrInceptionWeights {
  TsrBuffer *block;
  GPtrArray *views; /* owned TsrBuffer */
  GPtrArray *names; /* of their leaves; owned */
  char *id;
};

void
tsr_inception_weights_free (TsrInceptionWeights *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->views);
  g_ptr_array_unref (self->names);
  tsr_buffer_free (self->block);
  g_free (self->id);
  g_free (self);
}

void
tsr_inception_weights_bind (const TsrInceptionWeights *self, TsrExec *exec)
{
  for (guint k = 0; k < self->views->len; k++)
    tsr_exec_bind (exec, self->names->pdata[k], self->views->pdata[k]);
}

const char *
tsr_inception_weights_id (const TsrInceptionWeights *self)
{
  return self->id;
}

/* ---- reading ---- */

/* A tensor of this shape; values [product of shape]. */
static bool
read_tensor (const TsrSafetensors *file, const char *layer, const char *part, unsigned ndim,
             const size_t *shape, float *values, GError **error)
{
  g_autofree char *name = g_strconcat (layer, part, NULL);
  const TsrTensorInfo *tensor = tsr_safetensors_find (file, name);
  if (tensor &&
      (tensor->ndim != ndim || memcmp (tensor->shape, shape, ndim * sizeof *shape) != 0)) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 _ ("The tensor “%s” of “%s” has another shape than InceptionV3's; take a file of "
                    "weights made as docs/quality.md says."),
                 name, tsr_safetensors_path (file));
    return false;
  }
  size_t count = 1;
  for (unsigned k = 0; k < ndim; k++)
    count *= shape[k];
  if (!tsr_safetensors_read_f32 (file, name, values, count, error))
    return false;
  for (size_t k = 0; k < count; k++)
    if (!isfinite (values[k])) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                   _ ("The tensor “%s” of “%s” holds a value that is not a finite number."), name,
                   tsr_safetensors_path (file));
      return false;
    }
  return true;
}

/* One layer: y = gamma (conv (x) - mean) / sqrt (variance + epsilon) + beta as a convolution and a
 * bias. weight {out,kh,kw,in} is the leaf. */
static bool
fold_layer (const TsrSafetensors *file, const char *layer, const TsrNode *leaf, float *weight,
            float *bias, GError **error)
{
  size_t out = (size_t)leaf->dim[0], taps = (size_t)leaf->dim[1] * (size_t)leaf->dim[2],
         in = (size_t)leaf->dim[3];
  const size_t shape[] = {out, in, (size_t)leaf->dim[1], (size_t)leaf->dim[2]};
  g_autofree float *raw = g_new (float, out *in *taps), *bn = g_new (float, 4 * out);
  float *gamma = bn, *beta = bn + out, *mean = bn + 2 * out, *variance = bn + 3 * out;
  if (!read_tensor (file, layer, ".conv.weight", 4, shape, raw, error) ||
      !read_tensor (file, layer, ".bn.weight", 1, shape, gamma, error) ||
      !read_tensor (file, layer, ".bn.bias", 1, shape, beta, error) ||
      !read_tensor (file, layer, ".bn.running_mean", 1, shape, mean, error) ||
      !read_tensor (file, layer, ".bn.running_var", 1, shape, variance, error))
    return false;
  for (size_t o = 0; o < out; o++) {
    double scale = (double)gamma[o] / sqrt (fmax ((double)variance[o], 0) + EPSILON);
    bias[o] = (float)((double)beta[o] - (double)mean[o] * scale);
    for (size_t t = 0; t < taps; t++)
      for (size_t i = 0; i < in; i++)
        weight[(o * taps + t) * in + i] = (float)((double)raw[(o * in + i) * taps + t] * scale);
  }
  return true;
}

/* The leaves of layers in the graph's order: weights[k] and the names "NAME.weight", with the
 * offset of each in the block (in floats); the bias follows at the next aligned place. */
typedef struct {
  const TsrNode *leaf;
  size_t weight, bias; /* offsets */
} Layer;

static GArray *
find_layers (const TsrGraph *graph, size_t alignment, size_t *floats)
{
  GArray *layers = g_array_new (FALSE, FALSE, sizeof (Layer));
  TsrNode *const *nodes = tsr_graph_nodes (graph);
  size_t step = alignment / sizeof (float);
  *floats = 0;
  for (size_t k = 0; k < tsr_graph_size (graph); k++) {
    if (nodes[k]->kind != TSR_NODE_LEAF || !g_str_has_suffix (nodes[k]->name, ".weight"))
      continue;
    Layer layer = {.leaf = nodes[k], .weight = *floats};
    layer.bias = layer.weight + (tsr_node_elements (nodes[k]) + step - 1) / step * step;
    *floats = layer.bias + ((size_t)nodes[k]->dim[0] + step - 1) / step * step;
    g_array_append_val (layers, layer);
  }
  return layers;
}

static bool
add_view (TsrInceptionWeights *self, const char *layer, const char *part, size_t offset,
          size_t count, GError **error)
{
  TsrBuffer *view =
      tsr_buffer_view (self->block, offset * sizeof (float), count * sizeof (float), error);
  if (!view)
    return false;
  g_ptr_array_add (self->views, view);
  g_ptr_array_add (self->names, g_strconcat (layer, part, NULL));
  return true;
}

TsrInceptionWeights *
tsr_inception_weights_load (const TsrSafetensors *file, const TsrGraph *graph, TsrDevice *device,
                            GError **error)
{
  size_t floats;
  g_autoptr (GArray) layers = find_layers (graph, tsr_buffer_alignment (device), &floats);
  g_autofree float *values = g_new0 (float, floats);
  TsrInceptionWeights *self = g_new0 (TsrInceptionWeights, 1);
  self->views = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_buffer_free);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->block = tsr_buffer_new (device, floats * sizeof (float), error);
  bool ok = self->block != NULL;
  for (guint k = 0; ok && k < layers->len; k++) {
    const Layer *layer = &g_array_index (layers, Layer, k);
    g_autofree char *name =
        g_strndup (layer->leaf->name, strlen (layer->leaf->name) - strlen (".weight"));
    ok =
        fold_layer (file, name, layer->leaf, values + layer->weight, values + layer->bias, error) &&
        add_view (self, name, ".weight", layer->weight, tsr_node_elements (layer->leaf), error) &&
        add_view (self, name, ".bias", layer->bias, (size_t)layer->leaf->dim[0], error);
  }
  if (ok && tsr_buffer_write (self->block, 0, values, floats * sizeof (float), error)) {
    self->id = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)values,
                                            floats * sizeof (float));
    return self;
  }
  tsr_inception_weights_free (self);
  return NULL;
}
