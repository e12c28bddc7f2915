#include "tessera-presets.h"

#include "tessera-app-state.h"

#include "tsr-bench.h"
#include "tsr-train-width.h"

#include <glib/gi18n.h>
#include <math.h>

static const TesseraPreset presets[TESSERA_N_PRESETS] = {
    {"quick", N_ ("Quick"),
     N_ ("A first look at the map, good enough to see whether classes part")},
    {"standard", N_ ("Standard"), N_ ("A good map for most sets; start here")},
    {"thorough", N_ ("Thorough"), N_ ("For fine differences; a long run")},
    {"paper", N_ ("As in the paper"), N_ ("The published settings; wants a graphics processor")},
};

const TesseraPreset *
tessera_presets (void)
{
  return presets;
}

/* Where nothing was measured: what a core with AVX-512 reached in docs/performance.md. */
#define GUESSED_FLOPS_PER_CORE 8e10

/* Keys of the app state name the device that was chosen, so that figures of one are never
 * another's.
 */
static char *
key_of (const char *what, const char *preset)
{
  g_autofree char *device = tessera_app_state_get_string ("device");
  g_autofree char *key = g_strjoin ("-", what, device != NULL ? device : "best", preset, NULL);
  return g_strdup (g_strcanon (key, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-", '_'));
}

static double
remembered (const char *what, const char *preset)
{
  g_autofree char *key = key_of (what, preset);
  double value = tessera_app_state_get_double (key, 0);
  return isfinite (value) ? value : 0;
}

static void
remember (const char *what, const char *preset, double value)
{
  if (!(value > 0) || !isfinite (value))
    return;
  g_autofree char *key = key_of (what, preset);
  tessera_app_state_set_double (key, value);
}

/* Operations a second: as a training of this preset had them, or one of any preset, or part of the
 * convolutions' ceiling, or a guess. */
static double
speed (const char *preset, TesseraEstimate *estimate)
{
  double flops = remembered ("training-flops", preset);
  *estimate = TESSERA_ESTIMATE_LEARNT;
  if (flops <= 0)
    flops = remembered ("training-flops", "any");
  if (flops > 0)
    return flops;
  *estimate = TESSERA_ESTIMATE_MEASURED;
  flops = TSR_TYPICAL_EFFICIENCY * remembered ("ceiling-flops", NULL);
  if (flops > 0)
    return flops;
  *estimate = TESSERA_ESTIMATE_GUESSED;
  return GUESSED_FLOPS_PER_CORE * g_get_num_processors ();
}

double
tessera_preset_seconds (const char *preset, guint32 n_tiles, int tile_size, int tile_channels,
                        TesseraEstimate *estimate)
{
  TsrTrainOptions options = tsr_train_options_default ();
  options.preset = preset;
  if (!tsr_train_options_resolve (&options, n_tiles, tile_size, tile_channels, NULL))
    return -1;
  double flops = speed (preset, estimate);
  tsr_train_options_widen (&options, flops);
  double images_per_s = flops / tsr_train_flops (&options);
  return tsr_train_options_length (&options, images_per_s) * 1000 / images_per_s;
}

void
tessera_preset_learn (const char *preset, double flops)
{
  remember ("training-flops", preset, flops);
  remember ("training-flops", "any", flops);
}

void
tessera_preset_measured (double flops)
{
  if (flops > remembered ("ceiling-flops", NULL)) /* other programs only ever make it slower */
    remember ("ceiling-flops", NULL, flops);
}
