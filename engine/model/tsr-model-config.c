#include "tsr-model-config.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

static const char *const latents[] = {[TSR_LATENT_W] = "w", [TSR_LATENT_Z] = "z"};

bool
tsr_model_config_check (const TsrModelConfig *c, GError **error)
{
  const char *wrong = NULL;
  if (c->resolution < 8 || c->resolution > 1024 || (c->resolution & (c->resolution - 1)))
    wrong = _ ("the resolution must be a power of two from 8 to 1024");
  else if (c->channels != 1 && c->channels != 3)
    wrong = _ ("images have 1 (grey) or 3 (RGB) channels");
  else if (c->z_dim < 1 || c->z_dim > 4096 || c->w_dim < 1 || c->w_dim > 4096)
    wrong = _ ("the dimensions of Z and W must be from 1 to 4096");
  else if (c->channel_base < 1 || c->channel_base > (1 << 20) || c->channel_max < 1 ||
           c->channel_max > 4096)
    wrong = _ ("the channel base must be from 1 to 1048576 and the channel maximum from 1 to 4096");
  else if (c->mapping_layers < 1 || c->mapping_layers > 16)
    wrong = _ ("the mapping network has from 1 to 16 layers");
  else if (c->shared_layers < -1 || c->shared_layers >= tsr_model_layers (c))
    wrong = _ ("the encoder can share from 0 to all but the last of the discriminator's layers");
  else if (c->mbstd_group < 1 || c->mbstd_group > 64)
    wrong = _ ("the group of the minibatch standard deviation must be from 1 to 64");
  if (wrong)
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, _ ("The model cannot be built: %s."), wrong);
  return !wrong;
}

const char *
tsr_latent_name (TsrLatent latent)
{
  return latents[latent];
}

bool
tsr_latent_find (const char *name, TsrLatent *latent)
{
  for (size_t k = 0; k < G_N_ELEMENTS (latents); k++)
    if (g_strcmp0 (latents[k], name) == 0) {
      *latent = (TsrLatent)k;
      return true;
    }
  return false;
}

int
tsr_model_latent_dim (const TsrModelConfig *c)
{
  return c->latent == TSR_LATENT_Z ? c->z_dim : c->w_dim;
}

int
tsr_model_channels (const TsrModelConfig *c, int resolution)
{
  return CLAMP (c->channel_base / resolution, 1, c->channel_max);
}

int
tsr_model_blocks (const TsrModelConfig *c)
{
  return g_bit_nth_msf ((gulong)c->resolution, -1) - 2;
}

int
tsr_model_layers (const TsrModelConfig *c)
{
  return 2 * tsr_model_blocks (c) + 4;
}

int
tsr_model_num_ws (const TsrModelConfig *c)
{
  return 2 * tsr_model_blocks (c) + 2;
}

int
tsr_model_layer_number (const TsrModelConfig *c, int resolution, int conv)
{
  int above = g_bit_nth_msf ((gulong)c->resolution, -1) - g_bit_nth_msf ((gulong)resolution, -1);
  return 2 + 2 * above + conv;
}
