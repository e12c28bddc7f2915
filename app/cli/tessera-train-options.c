#include "tessera-train-options.h"

#include "tsr-error.h"

/* Sets *field if the command has the option and it was given. */
static void
take_integer (const TesseraOptions *options, const char *name, int *field)
{
  if (tessera_options_has (options, name) && tessera_options_given (options, name))
    *field = (int)tessera_options_integer (options, name);
}

static void
take_number (const TesseraOptions *options, const char *name, double *field)
{
  if (tessera_options_has (options, name) && tessera_options_given (options, name))
    *field = tessera_options_number (options, name);
}

/* The engine's number for a word; 0 for auto and for none. */
static int
orientations (const char *word)
{
  static const struct {
    const char *word;
    int number;
  } words[] = {{"all", 8}, {"mirrored", 2}, {"upright", 1}};
  for (size_t k = 0; k < G_N_ELEMENTS (words); k++)
    if (g_strcmp0 (word, words[k].word) == 0)
      return words[k].number;
  return 0;
}

bool
tessera_train_options (TesseraCli *cli, TsrTrainOptions *train, GError **error)
{
  const TesseraOptions *o = cli->options;
  *train = tsr_train_options_default ();
  if (tessera_options_given (o, "preset"))
    train->preset = tessera_options_text (o, "preset");
  take_integer (o, "resolution", &train->resolution);
  take_integer (o, "channels", &train->channels);
  take_integer (o, "channel-base", &train->channel_base);
  take_integer (o, "channel-max", &train->channel_max);
  take_integer (o, "w-dim", &train->w_dim);
  take_integer (o, "mapping-layers", &train->mapping_layers);
  take_integer (o, "shared-layers", &train->shared_layers);
  take_integer (o, "batch", &train->batch);
  take_number (o, "kimg", &train->kimg);
  take_number (o, "gamma", &train->gamma);
  take_number (o, "lambda", &train->lambda);
  take_number (o, "beta", &train->beta);
  take_number (o, "encoder-ema", &train->encoder_ema);
  take_number (o, "learning-rate", &train->learning_rate);
  if (tessera_options_given (o, "seed"))
    train->seed = (uint64_t)tessera_options_integer (o, "seed");
  train->resume = tessera_options_has (o, "resume") && tessera_options_flag (o, "resume");
  train->encoder_only =
      tessera_options_has (o, "encoder-only") && tessera_options_flag (o, "encoder-only");
  train->generator_reconstructs = tessera_options_has (o, "generator-reconstructs") &&
                                  tessera_options_flag (o, "generator-reconstructs");
  if (tessera_options_has (o, "orientations"))
    train->orientations = orientations (tessera_options_text (o, "orientations"));
  if (tessera_options_has (o, "choose"))
    train->choose = tessera_options_text (o, "choose");
  if (tessera_options_has (o, "latent"))
    train->latent = tessera_options_text (o, "latent");
  if (tessera_options_has (o, "augment"))
    train->augment = tessera_options_text (o, "augment");
  if (tessera_options_has (o, "precision"))
    train->precision = tessera_options_text (o, "precision");
  bool power = (train->resolution & (train->resolution - 1)) == 0;
  if (power && train->channels != 2)
    return true;
  g_set_error_literal (
      error, TSR_ERROR, TSR_ERROR_USAGE,
      power ? "--channels cannot be “2”; it takes 1 (grey) or 3 (RGB)."
            : "--resolution takes a power of two: 16, 32, 64, 128, 256, 512 or 1024.");
  return false;
}

TsrPrecision
tessera_train_precision (const TesseraCli *cli)
{
  return g_strcmp0 (tessera_options_text (cli->options, "precision"), "bf16") == 0 ? TSR_BF16
                                                                                   : TSR_F32;
}
