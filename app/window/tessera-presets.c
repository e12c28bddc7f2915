#include "tessera-presets.h"

#include "tessera-app-state.h"

#include <glib/gi18n.h>
#include <math.h>

static const TesseraPreset presets[TESSERA_N_PRESETS] = {
    {"quick", N_ ("Quick"),
     N_ ("A first look at the map, good enough to see whether classes part")},
    {"standard", N_ ("Standard"), N_ ("A good map for most sets; start here")},
    {"thorough", N_ ("Thorough"), N_ ("For fine differences; let it run overnight")},
    {"paper", N_ ("As in the paper"), N_ ("The published settings; wants a graphics processor")},
};

const TesseraPreset *
tessera_presets (void)
{
  return presets;
}

/* One network's forward pass: two 3x3 convolutions at each resolution. */
static double
forward_flops (const TsrTrainOptions *o)
{
  double sum = 0;
  for (int r = 4; r <= o->resolution; r *= 2) {
    double c = MIN (o->channel_base / r, o->channel_max);
    double up = MIN (2.0 * o->channel_base / r, o->channel_max);
    sum += 2.0 * r * r * 9 * (c * c + c * up);
  }
  return sum;
}

double
tessera_preset_flops (const TsrTrainOptions *resolved)
{
  /* Generator, discriminator and encoder steps with lazy R1 and path length: 14.75 GFLOP where one
   * forward pass of this sum is 1.7 (counted by tessera bench train --config S). */
  return 8.6 * forward_flops (resolved);
}

/* Before any training ran here: what a core with AVX-512 reached in docs/performance.md. */
#define GUESSED_FLOPS_PER_CORE 8e10

double
tessera_preset_seconds (const char *preset, guint32 n_tiles, int tile_size, int tile_channels,
                        gboolean *measured)
{
  TsrTrainOptions options = tsr_train_options_default ();
  options.preset = preset;
  if (!tsr_train_options_resolve (&options, n_tiles, tile_size, tile_channels, NULL))
    return -1;
  double learnt = tessera_app_state_get_double ("training-flops", 0);
  *measured = learnt > 0;
  double speed = learnt > 0 ? learnt : GUESSED_FLOPS_PER_CORE * g_get_num_processors ();
  return options.kimg * 1000 * tessera_preset_flops (&options) / speed;
}

void
tessera_preset_learn (const TsrTrainOptions *resolved, double images_per_s)
{
  if (images_per_s > 0 && isfinite (images_per_s))
    tessera_app_state_set_double ("training-flops", images_per_s * tessera_preset_flops (resolved));
}
