#include "tsr-trainer-private.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-number.h"
#include "tsr-orientation.h"

#include <math.h>
#include <string.h>

TsrTrainerSettings
tsr_trainer_settings_default (const TsrModelConfig *model, int batch)
{
  return (TsrTrainerSettings){
      .model = *model,
      .batch = batch,
      .learning_rate = 0.002f,
      .gamma = 0.0002f * (float)(model->resolution * model->resolution) / (float)batch,
      .lambda = 1 / (float)model->w_dim,
      .beta = 1,
      .pl_weight = 2,
      .r1_interval = 16,
      .pl_interval = 4,
      .style_mixing = 0.9f,
      .ema_kimg = 10,
      .encoder_ema_kimg = 10,
      .ema_rampup = 0.05f,
      .orientations = TSR_SYMMETRIES,
      .ada_target = 0.6f,
      .ada_kimg = 30,
      .ada_colour = 0.25f,
      .noise = TSR_NOISE_RANDOM,
      .precision = TSR_F32,
  };
}

/* ---- lifetime ---- */

static char *
name_in_lane (const char *name, unsigned lane)
{
  return lane > 0 ? g_strdup_printf ("%s@%u", name, lane) : g_strdup (name);
}

TsrBuffer *
tsr_trainer_lane_input (TsrTrainer *self, const char *name, unsigned lane)
{
  g_autofree char *key = name_in_lane (name, lane);
  return g_hash_table_lookup (self->inputs, key);
}

bool
tsr_trainer_make_inputs (TsrTrainer *self, const char *name, size_t n, GError **error)
{
  for (unsigned lane = 0; lane < self->lanes; lane++) {
    if (tsr_trainer_lane_input (self, name, lane))
      continue;
    TsrBuffer *buffer = tsr_buffer_new (self->device, n * sizeof (float), error);
    if (!buffer)
      return false;
    g_hash_table_insert (self->inputs, name_in_lane (name, lane), buffer);
  }
  return true;
}

int
tsr_trainer_share (const TsrTrainer *self)
{
  return self->settings.batch / (int)self->lanes;
}

/* Initial weights, which are the averages' too. */
static bool
initialise (TsrTrainer *self, GError **error)
{
  for (int net = 0; net < TSR_N_NETS; net++) {
    size_t n = self->parameters->floats[net];
    if (n == 0)
      continue;
    g_autofree float *values = g_new (float, n);
    tsr_parameters_initialise (self->parameters, net, self->settings.seed, values);
    if (!tsr_buffer_write (self->weights[net]->block, 0, values, n * sizeof (float), error) ||
        (self->averaged[net] &&
         !tsr_buffer_write (self->averaged[net]->block, 0, values, n * sizeof (float), error)))
      return false;
  }
  return true;
}

static bool
make_network (TsrTrainer *self, TsrNet net, GError **error)
{
  const TsrTrainerSettings *s = &self->settings;
  if (self->parameters->floats[net] == 0)
    return true;
  self->weights[net] = tsr_weights_new (self->device, self->parameters, net, error);
  if (!self->weights[net] || net == TSR_NET_G_BUFFERS)
    return self->weights[net];
  if (net == TSR_NET_G || s->encoder_ema_kimg > 0) {
    self->averaged[net] = tsr_weights_new (self->device, self->parameters, net, error);
    if (!self->averaged[net])
      return false;
  }
  TsrAdamSettings adam = {s->learning_rate, 0.99f, 1e-8f,
                          net == TSR_NET_G ? (s->pl_weight > 0 ? s->pl_interval : 0)
                                           : s->r1_interval};
  self->optimizer[net] =
      tsr_optimizer_new (self->device, self->weights[net], &adam, self->lanes, error);
  return self->optimizer[net];
}

static bool
make_networks (TsrTrainer *self, GError **error)
{
  for (int net = 0; net < TSR_N_NETS; net++)
    if (!make_network (self, net, error))
      return false;
  return initialise (self, error);
}

static bool
make_buffers (TsrTrainer *self, GError **error)
{
  const TsrModelConfig *c = &self->settings.model;
  size_t cell = tsr_buffer_alignment (self->device);
  size_t image =
      (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels * sizeof (float);
  self->cells = tsr_buffer_new (self->device, cell * N_STATS, error);
  self->sums = self->cells ? tsr_buffer_new (self->device, N_STATS * sizeof (float), error) : NULL;
  self->pl_mean = self->sums ? tsr_buffer_new (self->device, sizeof (float), error) : NULL;
  self->gamma = self->pl_mean ? tsr_buffer_new (self->device, sizeof (float), error) : NULL;
  self->ada = self->gamma ? tsr_buffer_new (self->device, sizeof (TsrAdaState), error) : NULL;
  self->images_out = self->ada ? tsr_buffer_new (self->device, PREVIEW * image, error) : NULL;
  if (!self->images_out ||
      !tsr_buffer_write (self->gamma, 0, &self->settings.gamma, sizeof self->settings.gamma, error))
    return false;
  for (int k = 0; k < N_STATS; k++) {
    self->cell[k] = tsr_buffer_view (self->cells, cell * (size_t)k, sizeof (float), error);
    if (!self->cell[k])
      return false;
  }
  return true;
}

/* The groups of the minibatch standard deviation are not divided. */
static bool
make_lanes (TsrTrainer *self, GError **error)
{
  const TsrTrainerSettings *s = &self->settings;
  int group = MAX (1, MIN (s->model.mbstd_group, s->batch));
  unsigned parts = s->batch % group == 0 ? (unsigned)(s->batch / group) : 1;
  self->lanes = tsr_device_lanes (self->device, parts);
  if (s->lanes > 0)
    self->lanes = s->lanes;
  g_assert (self->lanes <= TSR_MAX_LANES && s->batch % (int)self->lanes == 0);
  for (unsigned k = 0; k < self->lanes; k++) {
    self->arena[k] = tsr_arena_new (self->device);
    self->provider[k] =
        tsr_provider_new_in_lane (self->device, TSR_PROVIDER_AUTO, k, self->lanes, error);
    if (!self->provider[k])
      return false;
  }
  self->undivided = tsr_provider_new (self->device, TSR_PROVIDER_AUTO, error);
  return self->undivided;
}

/* What the arenas will take when the first step runs. */
static size_t
arena_bytes (const TsrTrainer *self)
{
  size_t bytes = 0;
  for (unsigned k = 0; k < self->lanes; k++)
    bytes += tsr_arena_bytes (self->arena[k]);
  return bytes;
}

/* Refuses now what would fail at the first step, and says what would not. */
static bool
fits (const TsrTrainer *self, GError **error)
{
  size_t wanted = arena_bytes (self), left = tsr_device_memory_left (self->device),
         most = tsr_device_largest_buffer (self->device), whole = 0;
  for (unsigned k = 0; k < self->lanes; k++)
    whole = MAX (whole, tsr_arena_largest (self->arena[k]));
  if (wanted <= left && whole <= most)
    return true;
  g_autofree char *want = tsr_number_bytes (wanted), *have = tsr_number_bytes (left);
  g_set_error (error, TSR_ERROR, TSR_ERROR_MEMORY,
               _ ("Training with a batch of %d takes %s more memory, and “%s” has %s left."),
               self->settings.batch, want, tsr_device_info (self->device)->name, have);
  return false;
}

TsrTrainer *
tsr_trainer_new_on (TsrDevice *device, const TsrTrainerSettings *settings, TsrTileMemory *tiles,
                    GError **error)
{
  if (!tsr_model_config_check (&settings->model, error))
    return NULL;
  TsrTrainer *self = g_new0 (TsrTrainer, 1);
  self->device = device;
  self->settings = *settings;
  self->tiles = tiles;
  self->random = settings->noise == TSR_NOISE_RANDOM;
  self->inputs =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)tsr_buffer_free);
  self->parameters = tsr_parameters_new (&settings->model, tsr_buffer_alignment (device));
  if (make_lanes (self, error) && make_networks (self, error) && make_buffers (self, error) &&
      tsr_trainer_build (self, error) && fits (self, error))
    return self;
  tsr_trainer_free (self);
  return NULL;
}

TsrTrainer *
tsr_trainer_new (TsrDevice *device, const TsrTrainerSettings *settings, const uint8_t *tiles,
                 uint32_t count, GError **error)
{
  const TsrModelConfig *c = &settings->model;
  size_t image = (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
  g_autoptr (TsrTileMemory) memory =
      tiles ? tsr_tile_memory_new (device, count, image, error) : NULL;
  if (tiles && (!memory || !tsr_tile_memory_write (memory, 0, count, tiles, error)))
    return NULL;
  TsrTrainer *self = tsr_trainer_new_on (device, settings, memory, error);
  if (self)
    self->own_tiles = g_steal_pointer (&memory);
  return self;
}

/* The largest batch of whole groups below what was asked for that fits now, by trying; 0: none. */
static int
largest_batch (TsrDevice *device, const TsrTrainerSettings *settings)
{
  int group = MAX (1, settings->model.mbstd_group), low = 0,
      high = (settings->batch + group - 1) / group;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    TsrTrainerSettings smaller = *settings;
    smaller.batch = middle * group;
    g_autoptr (TsrTrainer) trainer = tsr_trainer_new_on (device, &smaller, NULL, NULL);
    *(trainer ? &low : &high) = middle;
  }
  return low * group;
}

void
tsr_trainer_advise (TsrDevice *device, const TsrTrainerSettings *settings, GError **error)
{
  if (!error || !g_error_matches (*error, TSR_ERROR, TSR_ERROR_MEMORY))
    return;
  int batch = largest_batch (device, settings);
  g_autofree char *advice = batch > 0
                                ? g_strdup_printf ("Train with a batch of at most %d.", batch)
                                : g_strdup ("Train at a lower resolution or with fewer channels.");
  g_autofree char *said = g_steal_pointer (&(*error)->message);
  (*error)->message = g_strdup_printf ("%s %s", said, advice);
}

void
tsr_trainer_free (TsrTrainer *self)
{
  if (!self)
    return;
  tsr_device_finish (self->device, NULL); /* nothing may still run on what is freed now */
  for (int k = 0; k < N_PHASES; k++) {
    for (unsigned lane = 0; lane < self->step[k].lanes; lane++)
      tsr_exec_free (self->step[k].exec[lane]);
    for (guint j = 0; self->step[k].means && j < self->step[k].means->len; j++)
      for (unsigned lane = 0; lane < self->step[k].lanes; lane++)
        tsr_buffer_free (g_array_index (self->step[k].means, Mean, j).lane[lane]);
    g_clear_pointer (&self->step[k].means, g_array_unref);
    tsr_graph_free (self->step[k].graph);
  }
  for (int k = 0; k < N_STATS; k++)
    tsr_buffer_free (self->cell[k]);
  tsr_buffer_free (self->cells);
  tsr_buffer_free (self->sums);
  tsr_buffer_free (self->pl_mean);
  tsr_buffer_free (self->gamma);
  tsr_buffer_free (self->ada);
  tsr_tile_memory_free (self->own_tiles);
  tsr_buffer_free (self->images_out);
  g_hash_table_unref (self->inputs);
  for (int net = 0; net < TSR_N_NETS; net++) {
    tsr_optimizer_free (self->optimizer[net]);
    tsr_weights_free (self->averaged[net]);
    tsr_weights_free (self->weights[net]);
  }
  for (unsigned k = 0; k < self->lanes; k++) {
    tsr_arena_free (self->arena[k]);
    tsr_provider_free (self->provider[k]);
  }
  tsr_provider_free (self->undivided);
  tsr_parameters_free (self->parameters);
  g_free (self);
}

bool
tsr_trainer_set_pace (TsrTrainer *self, float gamma, float learning_rate, GError **error)
{
  self->settings.gamma = gamma;
  self->settings.learning_rate = learning_rate;
  for (int net = 0; net < TSR_N_NETS; net++)
    if (self->optimizer[net])
      tsr_optimizer_set_rate (self->optimizer[net], learning_rate);
  return tsr_buffer_write (self->gamma, 0, &gamma, sizeof gamma, error);
}

bool
tsr_trainer_reset (TsrTrainer *self, uint64_t seed, GError **error)
{
  self->settings.seed = seed;
  self->still = self->settings.augment && !self->settings.encoder_only;
  self->steps = self->images = 0;
  for (int net = 0; net < TSR_N_NETS; net++)
    if (self->optimizer[net] && !tsr_optimizer_reset (self->optimizer[net], error))
      return false;
  return tsr_buffer_fill (self->pl_mean, 0, error) && tsr_buffer_fill (self->ada, 0, error) &&
         tsr_device_finish (self->device, error) && initialise (self, error);
}

/* ---- a step ---- */

/* What the lanes computed of their shares, brought together. */
static bool
take_means (TsrTrainer *self, const Step *step, GError **error)
{
  for (guint k = 0; k < step->means->len; k++) {
    const Mean *mean = &g_array_index (step->means, Mean, k);
    size_t bytes = mean->lane[0]->bytes;
    for (unsigned lane = 1; lane < step->lanes; lane++)
      if (!tsr_add_lane (self->device, mean->lane[0], mean->lane[lane], 0, bytes / sizeof (float),
                         lane + 1 == step->lanes ? 1 / (float)step->lanes : 1, error))
        return false;
    if (!tsr_buffer_copy (mean->lane[0], 0, mean->to, 0, bytes, error))
      return false;
  }
  return true;
}

static bool
run_phase (TsrTrainer *self, Phase phase, GError **error)
{
  Step *step = &self->step[tsr_trainer_phase_now (self, phase)];
  if (step->lanes == 0)
    return true;
  if (!tsr_trainer_draw (self, phase, error) ||
      !tsr_exec_run_lanes (step->exec, step->lanes, error) || !take_means (self, step, error))
    return false;
  for (int k = 0; k < 2; k++)
    if (step->optimizer[k] &&
        !tsr_optimizer_step (step->optimizer[k], step->optimizer_phase[k], error))
      return false;
  return true;
}

/* Adds the scalars a phase has left to the running sums. */
static bool
accumulate (TsrTrainer *self, unsigned mask, GError **error)
{
  cl_kernel kernel = tsr_device_kernel (self->device, "adam.cl", "accumulate", NULL, error);
  if (!kernel)
    return false;
  for (int k = 0; k < N_STATS; k++) {
    if (!(mask & (1u << k)))
      continue;
    size_t one = 1;
    TsrArg args[] = {TSR_ARG_BUFFER (self->sums), TSR_ARG_BUFFER (self->cell[k]), TSR_ARG (k)};
    if (!tsr_device_launch (self->device, kernel, 1, &one, &one, args, G_N_ELEMENTS (args), error))
      return false;
    self->counted[k]++;
  }
  return true;
}

/* What an average keeps of itself in a step. */
static float
kept (const TsrTrainer *self, float kimg)
{
  const TsrTrainerSettings *s = &self->settings;
  double half_life = kimg * 1000;
  if (s->ema_rampup > 0)
    half_life = MIN (half_life, (double)self->images * s->ema_rampup);
  return (float)pow (0.5, s->batch / MAX (half_life, 1e-8));
}

static bool
move_averages (TsrTrainer *self, GError **error)
{
  const TsrTrainerSettings *s = &self->settings;
  float g = kept (self, s->ema_kimg), encoder = kept (self, s->encoder_ema_kimg);
  for (int net = 0; net < TSR_N_NETS; net++)
    if (self->averaged[net] && !(s->encoder_only && net == TSR_NET_G) &&
        !tsr_weights_average (self->device, self->averaged[net], self->weights[net],
                              net == TSR_NET_G ? g : encoder, error))
      return false;
  return true;
}

bool
tsr_trainer_step (TsrTrainer *self, GError **error)
{
  const TsrTrainerSettings *s = &self->settings;
  bool pl = self->step[PHASE_PL].lanes > 0 && self->steps % (uint64_t)s->pl_interval == 0;
  bool r1 = self->step[PHASE_R1].lanes > 0 && self->steps % (uint64_t)s->r1_interval == 0;
  unsigned stats = s->encoder_only ? 0 : 1u << STAT_G | 1u << STAT_D | 1u << STAT_SIGN;
  if (s->model.shared_layers >= 0)
    stats |= 1u << STAT_NLL | 1u << STAT_MSE;
  stats |= (pl ? 1u << STAT_PL : 0) | (r1 ? 1u << STAT_R1 : 0);
  if (!run_phase (self, PHASE_G, error) || (pl && !run_phase (self, PHASE_PL, error)) ||
      !run_phase (self, PHASE_D, error) || (r1 && !run_phase (self, PHASE_R1, error)))
    return false;
  self->steps++;
  self->images += (uint64_t)s->batch;
  return tsr_trainer_steer (self, error) && move_averages (self, error) &&
         accumulate (self, stats, error);
}

bool
tsr_trainer_wait (TsrTrainer *self, GError **error)
{
  return tsr_device_finish (self->device, error);
}

/* True for none. */
static bool
weights_are_finite (const TsrWeights *weights, bool *finite, GError **error)
{
  enum { PART = 1 << 16 };
  size_t n = weights ? weights->block->bytes / sizeof (float) : 0;
  g_autofree float *values = g_new (float, PART);
  for (size_t first = 0; first < n && *finite; first += PART) {
    size_t count = MIN (PART, n - first);
    if (!tsr_buffer_read (weights->block, first * sizeof (float), values, count * sizeof (float),
                          error))
      return false;
    for (size_t k = 0; k < count; k++)
      *finite = *finite && isfinite (values[k]);
  }
  return true;
}

bool
tsr_trainer_check (TsrTrainer *self, GError **error)
{
  bool finite = true;
  if (!tsr_device_finish (self->device, error))
    return false;
  for (int net = 0; net < TSR_N_NETS; net++)
    if (!weights_are_finite (self->weights[net], &finite, error) ||
        !weights_are_finite (self->averaged[net], &finite, error))
      return false;
  if (!finite)
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_DIVERGED,
                         _ ("a weight was no longer a finite number"));
  return finite;
}

uint64_t
tsr_trainer_steps (const TsrTrainer *self)
{
  return self->steps;
}

uint64_t
tsr_trainer_images (const TsrTrainer *self)
{
  return self->images;
}

bool
tsr_trainer_take_stats (TsrTrainer *self, TsrTrainerStats *stats, GError **error)
{
  float sums[N_STATS], zero[N_STATS] = {0};
  double mean[N_STATS];
  TsrAdaState ada;
  if (!tsr_device_finish (self->device, error) ||
      !tsr_buffer_read (self->sums, 0, sums, sizeof sums, error) ||
      !tsr_buffer_read (self->ada, 0, &ada, sizeof ada, error) ||
      !tsr_buffer_write (self->sums, 0, zero, sizeof zero, error))
    return false;
  for (int k = 0; k < N_STATS; k++) {
    mean[k] = self->counted[k] > 0 ? sums[k] / self->counted[k] : NAN;
    if (self->counted[k] > 0 && !isfinite (mean[k])) {
      g_set_error_literal (error, TSR_ERROR, TSR_ERROR_DIVERGED,
                           _ ("a loss was no longer a finite number"));
      return false;
    }
  }
  memset (self->counted, 0, sizeof self->counted);
  *stats = (TsrTrainerStats){.loss_g = mean[STAT_G],
                             .loss_d = mean[STAT_D],
                             .loss_r1 = mean[STAT_R1],
                             .loss_pl = mean[STAT_PL],
                             .loss_nll = mean[STAT_NLL],
                             .loss_mse = mean[STAT_MSE],
                             .real_sign = mean[STAT_SIGN],
                             .augment = self->settings.augment ? (double)ada.p : (double)NAN};
  return true;
}

/* ---- previews ---- */

static uint8_t
to_byte (float x)
{
  return (uint8_t)CLAMP (lrintf ((x + 1) * 127.5f), 0, 255);
}

/* Runs a preview step for `count` images and stores them as bytes. */
static bool
run_preview (TsrTrainer *self, Phase phase, unsigned count, uint8_t *pixels, GError **error)
{
  const TsrModelConfig *c = &self->settings.model;
  size_t n = (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels * count;
  g_autofree float *values = g_new (float, n);
  if (!tsr_exec_run (self->step[phase].exec[0], error) ||
      !tsr_buffer_read (self->images_out, 0, values, n * sizeof (float), error))
    return false;
  for (size_t k = 0; k < n; k++)
    pixels[k] = to_byte (values[k]);
  return true;
}

bool
tsr_trainer_sample (TsrTrainer *self, unsigned n, float psi, uint8_t *pixels, GError **error)
{
  const TsrModelConfig *c = &self->settings.model;
  size_t image = (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
  TsrBuffer *z = g_hash_table_lookup (self->inputs, "preview.z"),
            *psi_input = g_hash_table_lookup (self->inputs, "preview.psi");
  if (!tsr_buffer_write (psi_input, 0, &psi, sizeof psi, error))
    return false;
  for (unsigned done = 0; done < n; done += PREVIEW)
    if (!tsr_random_fill (self->device, z, (size_t)PREVIEW * (size_t)c->z_dim, 0,
                          self->settings.seed, STREAM_PREVIEW, done, error) ||
        !run_preview (self, PHASE_SAMPLE, MIN (PREVIEW, n - done), pixels + done * image, error))
      return false;
  return true;
}

bool
tsr_trainer_reconstruct (TsrTrainer *self, unsigned n, const uint8_t *pixels, uint8_t *result,
                         GError **error)
{
  const TsrModelConfig *c = &self->settings.model;
  size_t image = (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
  if (self->step[PHASE_RECONSTRUCT].lanes == 0)
    return false;
  TsrBuffer *input = g_hash_table_lookup (self->inputs, "preview.image");
  g_autofree float *values = g_new0 (float, PREVIEW *image);
  for (unsigned done = 0; done < n; done += PREVIEW) {
    unsigned count = MIN (PREVIEW, n - done);
    for (size_t k = 0; k < count * image; k++)
      values[k] = (float)pixels[done * image + k] / 127.5f - 1;
    if (!tsr_buffer_write (input, 0, values, PREVIEW * image * sizeof (float), error) ||
        !run_preview (self, PHASE_RECONSTRUCT, count, result + done * image, error))
      return false;
  }
  return true;
}

/* ---- access ---- */

TsrPrecision
tsr_trainer_precision (const TsrTrainer *self)
{
  return tsr_provider_precision (self->provider[0], self->settings.precision);
}

size_t
tsr_trainer_memory (const TsrTrainer *self)
{
  size_t now;
  tsr_device_memory (self->device, &now, NULL);
  for (unsigned k = 0; k < self->lanes; k++)
    now += tsr_arena_is_there (self->arena[k]) ? 0 : tsr_arena_bytes (self->arena[k]);
  return now;
}

TsrBuffer *
tsr_trainer_input (TsrTrainer *self, const char *name)
{
  return g_hash_table_lookup (self->inputs, name);
}

void
tsr_trainer_set_random (TsrTrainer *self, bool random)
{
  self->random = random;
}

TsrWeights *
tsr_trainer_weights (TsrTrainer *self, TsrNet net, bool averaged)
{
  return averaged && self->averaged[net] ? self->averaged[net] : self->weights[net];
}
