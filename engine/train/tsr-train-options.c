#include "tsr-train-options.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-trainer.h"

#include <string.h>

/* So many tiles no discriminator learns by heart within the length of a training. */
enum { ADA_TILES = 30000 };

/* What a preset decides. Sizes are upper bounds: the tiles may be smaller. The length is a time,
 * but no less than a slow device needs to learn anything (docs/results.md: some 60 kimg to pass the
 * untrained encoder; quick is a first look), and no more than a fast one can use. */
typedef struct {
  const char *name;
  int resolution, channel_base, channel_max, w_dim, mapping_layers, batch;
  double minutes, kimg_least, kimg_most;
} Preset;

static const Preset presets[] = {
    {"quick", 64, 2048, 64, 128, 2, 16, 5, 10, 60},
    {"standard", 64, 2048, 64, 128, 2, 16, 60, 80, 1000},
    {"thorough", 128, 4096, 128, 128, 2, 16, 480, 100, 5000},
    {"paper", 256, 16384, 512, 512, 8, 16, 0, 5000, 5000},
};

TsrTrainOptions
tsr_train_options_default (void)
{
  return (TsrTrainOptions){
      .shared_layers = -1, .gamma = -1, .lambda = -1, .beta = -1, .encoder_ema = -1};
}

static const Preset *
find_preset (const char *name, GError **error)
{
  for (size_t k = 0; k < G_N_ELEMENTS (presets); k++)
    if (strcmp (presets[k].name, name ? name : "standard") == 0)
      return &presets[k];
  g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
               _ ("There is no preset “%s”: choose quick, standard, thorough or paper."), name);
  return NULL;
}

const char *
tsr_train_preset (const char *name)
{
  const Preset *preset = name ? find_preset (name, NULL) : NULL;
  return preset ? preset->name : NULL;
}

static int
power_of_two_below (int n)
{
  int r = 1;
  while (r * 2 <= n)
    r *= 2;
  return r;
}

static bool
check (const TsrTrainOptions *o, GError **error)
{
  const char *wrong = NULL;
  if (o->resolution < 16 || o->resolution > 1024 || (o->resolution & (o->resolution - 1)))
    wrong = _ ("the resolution must be a power of two from 16 to 1024");
  else if (o->batch < 1 || o->batch > 512)
    wrong = _ ("the batch must be from 1 to 512");
  else if (!(o->kimg < 1e6))
    wrong = _ ("the length must be less than a billion images");
  else if (!(o->gamma >= 0 && o->gamma < 1e4) || !(o->lambda >= 0 && o->lambda < 1e4) ||
           !(o->beta >= 0 && o->beta < 1e4))
    wrong = _ ("gamma, lambda and beta must be 0 or more");
  else if (!(o->encoder_ema >= 0 && o->encoder_ema < 1e6))
    wrong = _ ("the half-life of the encoder's average must be 0 (none) or more");
  else if (!(o->learning_rate > 0 && o->learning_rate < 1))
    wrong = _ ("the learning rate must lie between 0 and 1");
  else if (o->precision && strcmp (o->precision, "f32") != 0 && strcmp (o->precision, "bf16") != 0)
    wrong = _ ("the precision is f32 or bf16");
  else if (o->augment && strcmp (o->augment, "ada") != 0 && strcmp (o->augment, "none") != 0)
    wrong = _ ("the augmentation is ada or none");
  else if (strcmp (o->choose, "last") != 0 && strcmp (o->choose, "reconstruction") != 0)
    wrong = _ ("the state that becomes the model is chosen by “last” or “reconstruction”");
  else if (!tsr_latent_find (o->latent, &(TsrLatent){0}))
    wrong = _ ("the encoder's latent vector is w or z");
  else if (o->generator_reconstructs && o->encoder_only)
    wrong = _ ("a frozen generator cannot learn to give tiles back (--encoder-only)");
  if (wrong)
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, _ ("Training cannot start: %s."), wrong);
  return !wrong;
}

bool
tsr_train_options_resolve (TsrTrainOptions *o, uint32_t n_tiles, int tile_size, int tile_channels,
                           GError **error)
{
  const Preset *preset = find_preset (o->preset, error);
  if (!preset)
    return false;
  if (n_tiles < 2) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("Training needs at least two tiles, and the project has %u: add more tiles first."),
        n_tiles);
    return false;
  }
  o->preset = preset->name;
  o->open.width = o->channel_base == 0 && o->channel_max == 0;
  o->open.batch = o->batch == 0;
  o->open.gamma = o->gamma < 0;
  if (o->resolution == 0)
    o->resolution = CLAMP (power_of_two_below (tile_size), 16, preset->resolution);
  if (o->channels == 0)
    o->channels = tile_channels == 1 ? 1 : 3;
  if (o->channel_base == 0)
    o->channel_base = preset->channel_base;
  if (o->channel_max == 0)
    o->channel_max = preset->channel_max;
  if (o->w_dim == 0)
    o->w_dim = preset->w_dim;
  if (o->mapping_layers == 0)
    o->mapping_layers = preset->mapping_layers;
  if (o->batch == 0)
    o->batch = preset->batch;
  tsr_train_options_set_batch (o, o->batch);
  if (!(o->kimg > 0)) {
    o->kimg = 0;
    o->minutes = preset->minutes;
    o->kimg_least = preset->kimg_least;
    o->kimg_most = preset->kimg_most;
  }
  if (o->lambda < 0)
    o->lambda = 1.0 / o->w_dim;
  if (o->beta < 0) /* more than the likelihood's weight: what real tiles look like in W hangs on it
                      (docs/results.md) */
    o->beta = 4;
  if (o->encoder_ema < 0)
    o->encoder_ema = 10; /* the generator's */
  if (o->learning_rate <= 0)
    o->learning_rate = 0.002;
  if (!o->choose)
    o->choose = "last";
  if (!o->latent)
    o->latent = tsr_latent_name (TSR_LATENT_W);
  if (!o->augment)
    o->augment = n_tiles < ADA_TILES ? "ada" : "none";
  return check (o, error);
}

void
tsr_train_options_set_batch (TsrTrainOptions *o, int batch)
{
  o->batch = batch;
  if (o->open.gamma) /* the published heuristic alone proved too weak on small sets */
    o->gamma = 5 * 0.0002 * o->resolution * o->resolution / batch;
}

double
tsr_train_options_length (const TsrTrainOptions *o, double images_per_s)
{
  return o->kimg > 0 ? o->kimg
                     : CLAMP (images_per_s * o->minutes * 60 / 1000, o->kimg_least, o->kimg_most);
}

TsrTrainerSettings
tsr_train_options_settings (const TsrTrainOptions *o)
{
  TsrModelConfig model = {.resolution = o->resolution,
                          .channels = o->channels,
                          .z_dim = o->w_dim,
                          .w_dim = o->w_dim,
                          .channel_base = o->channel_base,
                          .channel_max = o->channel_max,
                          .mapping_layers = o->mapping_layers,
                          .mbstd_group = 4};
  tsr_latent_find (o->latent, &model.latent);
  model.shared_layers = o->shared_layers >= 0 ? o->shared_layers : tsr_model_layers (&model) - 4;
  TsrTrainerSettings s = tsr_trainer_settings_default (&model, o->batch);
  s.learning_rate = (float)o->learning_rate;
  s.gamma = (float)o->gamma;
  s.lambda = (float)o->lambda;
  s.beta = (float)o->beta;
  s.encoder_ema_kimg = (float)o->encoder_ema;
  s.seed = o->seed;
  s.encoder_only = o->encoder_only;
  s.reconstructing = o->generator_reconstructs;
  s.augment = o->augment && strcmp (o->augment, "ada") == 0 && !o->encoder_only;
  if (o->orientations > 0)
    s.orientations = o->orientations;
  s.precision = o->precision && strcmp (o->precision, "bf16") == 0 ? TSR_BF16 : TSR_F32;
  return s;
}
