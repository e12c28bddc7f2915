/* A training on disk: one safetensors file that is also a model. Moments stand behind "adam_v.",
 * averages behind "G_ema.", "D_ema.", "E_ema." (the encoder's own layers, and with D's those it
 * shares; both only where it is averaged); counters in the metadata. All that is random
 * follows from the seed and the counters. */
#include "tsr-trainer-private.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-model-file.h"

#include <math.h>
#include <string.h>

static const struct {
  TsrNet net;
  const char *plain, *averaged, *moment;
} nets[] = {
    {TSR_NET_G, "G.", "G_ema.", "adam_v.G."},
    {TSR_NET_D, "D.", "D_ema.", "adam_v.D."},
    {TSR_NET_E, "E.", "E_ema.", "adam_v.E."},
};

static void
add_number (GStrvBuilder *builder, const char *key, double value)
{
  g_autofree char *text = g_strdup_printf ("%a", value);
  g_strv_builder_add_many (builder, key, text, NULL);
}

static void
add_count (GStrvBuilder *builder, const char *key, uint64_t value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, value);
  g_strv_builder_add_many (builder, key, text, NULL);
}

/* The step counts of every phase's optimisers, in the order of phases. */
static void
add_counters (TsrTrainer *self, GStrvBuilder *builder)
{
  for (int phase = 0; phase < N_PHASES; phase++)
    for (int k = 0; k < 2; k++) {
      const Step *step = &self->step[phase];
      g_autofree char *key = g_strdup_printf ("adam_steps.%d.%d", phase, k);
      if (step->optimizer[k] && !step->twin)
        add_count (builder, key,
                   tsr_optimizer_count (step->optimizer[k], step->optimizer_phase[k]));
    }
}

bool
tsr_trainer_save (TsrTrainer *self, const char *path, const char *const *extra, GError **error)
{
  float pl_mean;
  TsrAdaState ada;
  if (!tsr_device_finish (self->device, error) ||
      !tsr_buffer_read (self->pl_mean, 0, &pl_mean, sizeof pl_mean, error) ||
      !tsr_buffer_read (self->ada, 0, &ada, sizeof ada, error))
    return false;
  TsrModelPart parts[16];
  size_t n = 0;
  for (size_t k = 0; k < G_N_ELEMENTS (nets); k++) {
    if (!self->weights[nets[k].net])
      continue;
    parts[n++] = (TsrModelPart){nets[k].plain, self->weights[nets[k].net]};
    if (self->averaged[nets[k].net])
      parts[n++] = (TsrModelPart){nets[k].averaged, self->averaged[nets[k].net]};
    parts[n++] =
        (TsrModelPart){nets[k].moment, tsr_optimizer_moment (self->optimizer[nets[k].net])};
  }
  parts[n++] = (TsrModelPart){"G.", self->weights[TSR_NET_G_BUFFERS]};
  parts[n++] = (TsrModelPart){"G_ema.", self->weights[TSR_NET_G_BUFFERS]};

  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  add_count (builder, "trained_steps", self->steps);
  add_count (builder, "trained_images", self->images);
  add_count (builder, "seed", self->settings.seed);
  add_number (builder, "pl_mean", pl_mean);
  add_count (builder, TSR_MODEL_ORIENTATIONS, (uint64_t)self->settings.orientations);
  if (self->settings.augment) {
    add_number (builder, "ada.p", ada.p);
    add_count (builder, "ada.still", self->still);
    add_number (builder, "ada.sign_sum", ada.sign_sum);
    add_number (builder, "ada.sign_count", ada.sign_count);
  }
  add_counters (self, builder);
  for (; extra && extra[0]; extra += 2)
    g_strv_builder_add_many (builder, extra[0], extra[1], NULL);
  g_auto (GStrv) pairs = g_strv_builder_end (builder);
  g_auto (GStrv) metadata =
      tsr_model_config_metadata (&self->settings.model, (const char *const *)pairs);
  return tsr_model_save (path, parts, n, (const char *const *)metadata, error);
}

bool
tsr_trainer_export (TsrTrainer *self, const char *path, const char *const *extra, GError **error)
{
  TsrModelPart parts[4];
  size_t n = 0;
  parts[n++] = (TsrModelPart){"G_ema.", self->averaged[TSR_NET_G]};
  parts[n++] = (TsrModelPart){"G_ema.", self->weights[TSR_NET_G_BUFFERS]};
  parts[n++] = (TsrModelPart){"D.", tsr_trainer_weights (self, TSR_NET_D, true)};
  if (self->weights[TSR_NET_E])
    parts[n++] = (TsrModelPart){"E.", tsr_trainer_weights (self, TSR_NET_E, true)};
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  add_count (builder, TSR_MODEL_ORIENTATIONS, (uint64_t)self->settings.orientations);
  for (; extra && extra[0]; extra += 2)
    g_strv_builder_add_many (builder, extra[0], extra[1], NULL);
  g_auto (GStrv) pairs = g_strv_builder_end (builder);
  g_auto (GStrv) metadata =
      tsr_model_config_metadata (&self->settings.model, (const char *const *)pairs);
  return tsr_device_finish (self->device, error) &&
         tsr_model_save (path, parts, n, (const char *const *)metadata, error);
}

/* ---- loading ---- */

static bool
same_shape (const TsrModelConfig *a, const TsrModelConfig *b)
{
  return a->resolution == b->resolution && a->channels == b->channels && a->z_dim == b->z_dim &&
         a->w_dim == b->w_dim && a->channel_base == b->channel_base &&
         a->channel_max == b->channel_max && a->mapping_layers == b->mapping_layers;
}

/* An encoder of the same cut that speaks of the same space. */
static bool
same_encoder (const TsrModelConfig *a, const TsrModelConfig *b)
{
  return a->shared_layers == b->shared_layers && a->latent == b->latent;
}

static float
number_of (const TsrSafetensors *file, const char *key)
{
  const char *text = tsr_safetensors_metadata (file, key);
  return text ? (float)g_ascii_strtod (text, NULL) : 0;
}

static uint64_t
count_of (const TsrSafetensors *file, const char *key)
{
  const char *text = tsr_safetensors_metadata (file, key);
  return text ? g_ascii_strtoull (text, NULL, 10) : 0;
}

/* A network behind its prefix where the file has it, else behind the other one. Leaves the weights
 * alone if it has neither. */
static bool
load_net (TsrTrainer *self, const TsrSafetensors *file, TsrWeights *into, const char *prefix,
          const char *other, GError **error)
{
  if (!into)
    return true;
  if (!tsr_model_has_net (file, self->parameters, into->net, prefix)) {
    prefix = other;
    if (!tsr_model_has_net (file, self->parameters, into->net, prefix))
      return true;
  }
  return tsr_model_load_net (file, prefix, into, error);
}

/* Everything a resumed run needs to go on as if it had not stopped. */
static bool
load_state (TsrTrainer *self, const TsrSafetensors *file, GError **error)
{
  for (size_t k = 0; k < G_N_ELEMENTS (nets); k++) {
    TsrOptimizer *optimizer = self->optimizer[nets[k].net];
    if (optimizer &&
        !tsr_model_load_net (file, nets[k].moment, tsr_optimizer_moment (optimizer), error))
      return false;
  }
  for (int phase = 0; phase < N_PHASES; phase++)
    for (int k = 0; k < 2; k++) {
      Step *step = &self->step[phase];
      g_autofree char *key = g_strdup_printf ("adam_steps.%d.%d", phase, k);
      if (step->optimizer[k] && !step->twin)
        tsr_optimizer_set_count (step->optimizer[k], step->optimizer_phase[k],
                                 count_of (file, key));
    }
  float pl_mean = number_of (file, "pl_mean");
  TsrAdaState ada = {number_of (file, "ada.p"), number_of (file, "ada.sign_sum"),
                     number_of (file, "ada.sign_count")};
  self->still =
      self->settings.augment && !self->settings.encoder_only && count_of (file, "ada.still");
  self->steps = count_of (file, "trained_steps");
  self->images = count_of (file, "trained_images");
  self->settings.seed = count_of (file, "seed");
  return tsr_buffer_write (self->pl_mean, 0, &pl_mean, sizeof pl_mean, error) &&
         tsr_buffer_write (self->ada, 0, &ada, sizeof ada, error);
}

/* Everything that same_shape compares, so that what differs can be seen; transfer full. */
static char *
shape_text (const TsrModelConfig *c)
{
  return g_strdup_printf (
      _ ("%d pixels, %d channels, base %d, max %d, W of %d, Z of %d, %d mapping "
         "layers"),
      c->resolution, c->channels, c->channel_base, c->channel_max, c->w_dim, c->z_dim,
      c->mapping_layers);
}

bool
tsr_trainer_load (TsrTrainer *self, const char *path, bool resume, GError **error)
{
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, error);
  TsrModelConfig config;
  if (!file || !tsr_model_config_read (file, &config, error))
    return false;
  if (!same_shape (&config, &self->settings.model)) {
    g_autofree char *is = shape_text (&config), *asked = shape_text (&self->settings.model);
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_MODEL,
        _ ("The model “%s” has another shape (%s) than the training that was asked for (%s): "
           "leave these options out to go on with it, or train a new model."),
        path, is, asked);
    return false;
  }
  for (size_t k = 0; k < G_N_ELEMENTS (nets); k++) {
    if (nets[k].net == TSR_NET_E && !same_encoder (&config, &self->settings.model))
      continue; /* it starts fresh */
    if (!load_net (self, file, self->weights[nets[k].net], nets[k].plain, nets[k].averaged,
                   error) ||
        !load_net (self, file, self->averaged[nets[k].net], nets[k].averaged, nets[k].plain, error))
      return false;
  }
  if (!load_net (self, file, self->weights[TSR_NET_G_BUFFERS], "G.", "G_ema.", error))
    return false;
  bool exact =
      resume && tsr_model_is_checkpoint (file) && same_encoder (&config, &self->settings.model);
  return !exact || load_state (self, file, error);
}
