#include "tsr-model-file.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <math.h>
#include <string.h>

static const struct {
  const char *key;
  size_t offset;
} fields[] = {
    {"resolution", G_STRUCT_OFFSET (TsrModelConfig, resolution)},
    {"img_channels", G_STRUCT_OFFSET (TsrModelConfig, channels)},
    {"z_dim", G_STRUCT_OFFSET (TsrModelConfig, z_dim)},
    {"w_dim", G_STRUCT_OFFSET (TsrModelConfig, w_dim)},
    {"channel_base", G_STRUCT_OFFSET (TsrModelConfig, channel_base)},
    {"channel_max", G_STRUCT_OFFSET (TsrModelConfig, channel_max)},
    {"mapping_layers", G_STRUCT_OFFSET (TsrModelConfig, mapping_layers)},
    {"shared_layers", G_STRUCT_OFFSET (TsrModelConfig, shared_layers)},
    {"mbstd_group", G_STRUCT_OFFSET (TsrModelConfig, mbstd_group)},
};

/* ---- the configuration ---- */

G_GNUC_PRINTF (2, 3)
static const TsrTensorInfo *
find (const TsrSafetensors *file, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *name = g_strdup_vprintf (format, args);
  va_end (args);
  const TsrTensorInfo *tensor = tsr_safetensors_find (file, name);
  if (tensor || name[0] != 'G' || name[1] != '.')
    return tensor;
  g_autofree char *averaged = g_strconcat ("G_ema", name + 1, NULL);
  return tsr_safetensors_find (file, averaged);
}

/* More than any model has, and little enough to be multiplied by a resolution. */
#define MOST_EXTENT ((size_t)1 << 20)

static int
extent (const TsrTensorInfo *tensor, unsigned axis)
{
  return tensor && axis < tensor->ndim ? (int)MIN (tensor->shape[axis], MOST_EXTENT) : 0;
}

/* The channels of base / r clipped to max are known at every resolution: base from the highest, max
 * from 4. */
static void
infer_channels (const TsrSafetensors *file, TsrModelConfig *c)
{
  int top = extent (find (file, "G.synthesis.b%d.conv1.weight", c->resolution), 0);
  int bottom = extent (find (file, "G.synthesis.b4.conv1.weight"), 0);
  c->channel_max = bottom;
  c->channel_base = top * c->resolution;
  for (int r = 4; r <= c->resolution; r *= 2) {
    int here = extent (find (file, "G.synthesis.b%d.conv1.weight", r), 0);
    if (here < c->channel_max) { /* below the maximum the product is the base */
      c->channel_base = here * r;
      break;
    }
  }
}

/* The encoder owns all layers beyond the shared ones: count the shared from what it owns. */
static int
infer_shared (const TsrSafetensors *file, const TsrModelConfig *c)
{
  if (!find (file, "E.out_mean.weight"))
    return -1;
  if (find (file, "E.b%d.fromrgb.weight", c->resolution))
    return 0;
  for (int r = c->resolution; r > 4; r /= 2)
    for (int k = 0; k < 2; k++)
      if (find (file, "E.b%d.conv%d.weight", r, k))
        return tsr_model_layer_number (c, r, k) - 1;
  if (find (file, "E.b4.conv.weight"))
    return tsr_model_layer_number (c, 4, 0) - 1;
  return tsr_model_layers (c) - (find (file, "E.b4.fc.weight") ? 2 : 1);
}

static void
infer (const TsrSafetensors *file, TsrModelConfig *c)
{
  *c = (TsrModelConfig){.mbstd_group = 4};
  for (int r = 8; r <= 1024; r *= 2)
    if (find (file, "G.synthesis.b%d.conv1.weight", r))
      c->resolution = r;
  c->channels = extent (find (file, "G.synthesis.b4.torgb.weight"), 0);
  c->z_dim = extent (find (file, "G.mapping.fc0.weight"), 1);
  c->w_dim = extent (find (file, "G.mapping.fc0.weight"), 0);
  while (c->mapping_layers < 64 && find (file, "G.mapping.fc%d.weight", c->mapping_layers))
    c->mapping_layers++;
  if (c->resolution == 0)
    return;
  infer_channels (file, c);
  c->shared_layers = infer_shared (file, c);
}

/* Whether a stored tensor has a parameter's shape; extents of 1 do not count, as converters differ
 * there. */
static bool
has_shape (const TsrTensorInfo *tensor, const TsrParameter *p)
{
  unsigned at = 0;
  for (int j = 0; j < p->rank; j++) {
    if (p->shape[j] == 1)
      continue;
    while (at < tensor->ndim && tensor->shape[at] == 1)
      at++;
    if (at == tensor->ndim || tensor->shape[at++] != (size_t)p->shape[j])
      return false;
  }
  while (at < tensor->ndim && tensor->shape[at] == 1)
    at++;
  return at == tensor->ndim;
}

/* Every tensor whose name is a parameter's, behind whichever prefix, has its shape. */
static bool
shapes_fit (const TsrSafetensors *file, const TsrModelConfig *c, GError **error)
{
  static const char *const behind[] = {"", "_ema"};
  g_autoptr (TsrParameters) parameters = tsr_parameters_new (c, 0);
  for (guint k = 0; k < 2 * parameters->list->len; k++) {
    const TsrParameter *p = &g_array_index (parameters->list, TsrParameter, k / 2);
    g_autofree char *name = g_strdup_printf ("%c%s%s", p->name[0], behind[k % 2], p->name + 1);
    const TsrTensorInfo *tensor = tsr_safetensors_find (file, name);
    if (!tensor || has_shape (tensor, p))
      continue;
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_MODEL,
        _ ("The model “%s” cannot be used: its tensor “%s” does not have the shape that its "
           "other tensors ask for, so it is damaged or not a StyleGAN2 network of the kind "
           "Tessera builds."),
        tsr_safetensors_path (file), name);
    return false;
  }
  return true;
}

bool
tsr_model_config_read (const TsrSafetensors *file, TsrModelConfig *config, GError **error)
{
  infer (file, config);
  for (size_t k = 0; k < G_N_ELEMENTS (fields); k++) {
    const char *text = tsr_safetensors_metadata (file, fields[k].key);
    gint64 value;
    if (!text)
      continue;
    if (!g_ascii_string_to_signed (text, 10, -1, 1 << 20, &value, NULL)) {
      g_set_error (
          error, TSR_ERROR, TSR_ERROR_MODEL,
          _ ("The model “%s” cannot be used: its setting “%s” is “%.40s”, which is not a number."),
          tsr_safetensors_path (file), fields[k].key, text);
      return false;
    }
    G_STRUCT_MEMBER (int, config, fields[k].offset) = (int)value;
  }
  const char *latent = tsr_safetensors_metadata (file, TSR_MODEL_LATENT);
  if (latent && !tsr_latent_find (latent, &config->latent)) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_MODEL,
        _ ("The model “%s” cannot be used: its setting “%s” is “%.40s”, which is neither w "
           "nor z."),
        tsr_safetensors_path (file), TSR_MODEL_LATENT, latent);
    return false;
  }
  g_autoptr (GError) why = NULL;
  if (!tsr_model_config_check (config, &why)) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL, _ ("“%s” is not a model Tessera can use. %s"),
                 tsr_safetensors_path (file), why->message);
    return false;
  }
  return shapes_fit (file, config, error);
}

char **
tsr_model_config_metadata (const TsrModelConfig *config, const char *const *extra)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  g_strv_builder_add_many (builder, "kind", "ss-stylegan2", NULL);
  for (size_t k = 0; k < G_N_ELEMENTS (fields); k++) {
    g_autofree char *value =
        g_strdup_printf ("%d", G_STRUCT_MEMBER (int, config, fields[k].offset));
    g_strv_builder_add_many (builder, fields[k].key, value, NULL);
  }
  g_strv_builder_add_many (builder, TSR_MODEL_LATENT, tsr_latent_name (config->latent), NULL);
  for (; extra && extra[0]; extra += 2)
    g_strv_builder_add_many (builder, extra[0], extra[1], NULL);
  char **pairs = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return pairs;
}

/* ---- tensors ---- */

static char *
file_name (const TsrParameter *p, const char *prefix)
{
  return g_strconcat (prefix, strchr (p->name, '.') + 1, NULL);
}

bool
tsr_model_has_net (const TsrSafetensors *file, const TsrParameters *parameters, TsrNet net,
                   const char *prefix)
{
  for (guint k = 0; k < parameters->list->len; k++) {
    const TsrParameter *p = &g_array_index (parameters->list, TsrParameter, k);
    g_autofree char *name = file_name (p, prefix);
    if (p->net == net && !tsr_safetensors_find (file, name))
      return false;
  }
  return true;
}

const char *
tsr_model_generator_prefix (const TsrSafetensors *file, const TsrParameters *parameters)
{
  return tsr_model_has_net (file, parameters, TSR_NET_G, "G_ema.") ? "G_ema." : "G.";
}

bool
tsr_model_is_checkpoint (const TsrSafetensors *file)
{
  return tsr_safetensors_metadata (file, "trained_steps");
}

static bool
check_finite (const TsrSafetensors *file, const char *name, const float *values, size_t n,
              GError **error)
{
  for (size_t i = 0; i < n; i++)
    if (!isfinite (values[i])) {
      g_set_error (
          error, TSR_ERROR, TSR_ERROR_MODEL,
          _ ("The model “%s” cannot be used: its tensor “%s” holds values that are not "
             "numbers, so it is damaged or its training diverged; go back to an earlier one."),
          tsr_safetensors_path (file), name);
      return false;
    }
  return true;
}

bool
tsr_model_read_net (const TsrSafetensors *file, const TsrParameters *parameters, TsrNet net,
                    const char *prefix, float *values, GError **error)
{
  memset (values, 0, parameters->floats[net] * sizeof (float));
  for (guint k = 0; k < parameters->list->len; k++) {
    const TsrParameter *p = &g_array_index (parameters->list, TsrParameter, k);
    if (p->net != net)
      continue;
    size_t n = tsr_parameter_elements (p);
    g_autofree char *name = file_name (p, prefix);
    g_autofree float *packed = g_new (float, n);
    if (!tsr_safetensors_read_f32 (file, name, packed, n, error) ||
        !check_finite (file, name, packed, n, error))
      return false;
    tsr_parameter_from_file (p, packed, values + p->offset);
  }
  return true;
}

bool
tsr_model_load_net (const TsrSafetensors *file, const char *prefix, TsrWeights *weights,
                    GError **error)
{
  size_t n = weights->parameters->floats[weights->net];
  g_autofree float *values = g_new (float, MAX (n, 1));
  return tsr_model_read_net (file, weights->parameters, weights->net, prefix, values, error) &&
         (n == 0 || tsr_buffer_write (weights->block, 0, values, n * sizeof (float), error));
}

/* ---- saving ---- */

typedef struct {
  const TsrParameter *parameter;
  TsrBuffer *buffer;
} Source;

static bool
fetch (size_t index, const TsrTensorInfo *tensor, void *buffer, void *user, GError **error)
{
  const Source *source = &g_array_index ((GArray *)user, Source, index);
  size_t n = tsr_parameter_elements (source->parameter);
  g_autofree float *values = g_new (float, n);
  if (!tsr_buffer_read (source->buffer, 0, values, n * sizeof (float), error))
    return false;
  tsr_parameter_to_file (source->parameter, values, buffer);
  return true;
}

bool
tsr_model_save (const char *path, const TsrModelPart *parts, size_t n, const char *const *metadata,
                GError **error)
{
  g_autoptr (GArray) tensors = g_array_new (FALSE, TRUE, sizeof (TsrTensorInfo));
  g_autoptr (GArray) sources = g_array_new (FALSE, TRUE, sizeof (Source));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (size_t part = 0; part < n; part++) {
    const TsrWeights *weights = parts[part].weights;
    for (guint k = 0; k < weights->parameters->list->len; k++) {
      if (!weights->view[k])
        continue;
      const TsrParameter *p = &g_array_index (weights->parameters->list, TsrParameter, k);
      g_ptr_array_add (names, file_name (p, parts[part].prefix));
      TsrTensorInfo tensor = {.name = g_ptr_array_index (names, names->len - 1),
                              .dtype = TSR_DTYPE_F32,
                              .ndim = (unsigned)p->rank};
      for (int j = 0; j < p->rank; j++)
        tensor.shape[j] = (size_t)p->shape[j];
      g_array_append_val (tensors, tensor);
      g_array_append_val (sources, ((Source){p, weights->view[k]}));
    }
  }
  return tsr_safetensors_write_fetched (path, (TsrTensorInfo *)tensors->data, tensors->len,
                                        metadata, fetch, sources, error);
}

/* ---- handing a model on ---- */

/* Adds the tensors behind `from` under names behind `to`. */
static unsigned
add_renamed (const TsrSafetensors *file, GArray *tensors, GPtrArray *names, const char *from,
             const char *to)
{
  unsigned added = 0;
  for (size_t k = 0; k < tsr_safetensors_count (file); k++) {
    TsrTensorInfo tensor = *tsr_safetensors_at (file, k);
    if (!g_str_has_prefix (tensor.name, from))
      continue;
    g_ptr_array_add (names, g_strconcat (to, tensor.name + strlen (from), NULL));
    tensor.name = g_ptr_array_index (names, names->len - 1);
    g_array_append_val (tensors, tensor);
    added++;
  }
  return added;
}

/* What a training goes on from is more than an export holds. */
static bool
refuse_checkpoint (const char *path, GError **error)
{
  g_autoptr (TsrSafetensors) there =
      g_file_test (path, G_FILE_TEST_IS_REGULAR) ? tsr_safetensors_open (path, NULL) : NULL;
  if (!there || !tsr_model_is_checkpoint (there))
    return true;
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_FAILED,
      _ ("“%s” is a training's checkpoint, which is more than an exported model and is not "
         "replaced by one; choose another name."),
      shown);
  return false;
}

bool
tsr_model_export (const char *checkpoint, const char *path, GError **error)
{
  static const char *const parts[][3] = {
      {"G_ema.", "G.", "G_ema."}, {"D_ema.", "D.", "D."}, {"E_ema.", "E.", "E."}};
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (checkpoint, error);
  g_autoptr (GArray) tensors = g_array_new (FALSE, FALSE, sizeof (TsrTensorInfo));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  TsrModelConfig config;
  if (!file || !tsr_model_config_read (file, &config, error) || !refuse_checkpoint (path, error))
    return false;
  for (size_t k = 0; k < G_N_ELEMENTS (parts); k++)
    if (add_renamed (file, tensors, names, parts[k][0], parts[k][2]) == 0)
      add_renamed (file, tensors, names, parts[k][1], parts[k][2]);
  const char *orientations = tsr_safetensors_metadata (file, TSR_MODEL_ORIENTATIONS);
  const char *extra[] = {orientations ? TSR_MODEL_ORIENTATIONS : NULL, orientations, NULL};
  g_auto (GStrv) metadata = tsr_model_config_metadata (&config, extra);
  return tsr_safetensors_write (path, (TsrTensorInfo *)tensors->data, tensors->len,
                                (const char *const *)metadata, error);
}
