/* Random inputs, drawn on the device: latent vectors, noise, style mixing, tiles. Every purpose has
 * a stream of its own. */
#include "tsr-trainer-private.h"

bool
tsr_random_fill (TsrDevice *device, TsrBuffer *out, size_t n, unsigned share, uint64_t seed,
                 uint64_t stream, uint64_t step, GError **error)
{
  const TsrDeviceInfo *info = tsr_device_info (device);
  g_autofree char *defines =
      g_strdup_printf ("V %u", info->is_cpu ? tsr_device_vector_width (device) : 1);
  cl_kernel kernel =
      tsr_device_kernel (device, "random_normal.cl", "random_normal", defines, error);
  if (!kernel)
    return false;
  size_t blocks = (n + 3) / 4;
  size_t block = info->is_cpu ? MAX (1024, blocks / (4 * info->compute_units) + 1) : 1,
         items = (blocks + block - 1) / block;
  int ints[] = {(int)n, (int)block, (int)(share * blocks)};
  cl_ulong longs[] = {seed, stream, step};
  TsrArg args[] = {TSR_ARG_BUFFER (out), TSR_ARG (ints[0]),  TSR_ARG (ints[1]), TSR_ARG (ints[2]),
                   TSR_ARG (longs[0]),   TSR_ARG (longs[1]), TSR_ARG (longs[2])};
  return tsr_device_launch (device, kernel, 1, &items, NULL, args, G_N_ELEMENTS (args), error);
}

static bool
draw_normal (TsrTrainer *self, unsigned lane, const char *prefix, const char *field, size_t n,
             uint64_t stream, GError **error)
{
  g_autofree char *name = g_strconcat (prefix, field, NULL);
  TsrBuffer *buffer = tsr_trainer_lane_input (self, name, lane);
  return !buffer || tsr_random_fill (self->device, buffer, n, lane, self->settings.seed, stream,
                                     self->steps, error);
}

/* Which layers of which samples take the second w. In D's step the first half never mixes: those
 * samples train the encoder, whose likelihood makes no sense for an image of two w. */
static bool
draw_mixing (TsrTrainer *self, unsigned lane, const char *prefix, unsigned phase, int n, int pure,
             GError **error)
{
  if (self->settings.style_mixing <= 0)
    return true;
  g_autofree char *name = g_strconcat (prefix, ".keep", NULL),
                  *unmixed_name = g_strconcat (prefix, ".unmixed", NULL);
  TsrBuffer *keep = tsr_trainer_lane_input (self, name, lane),
            *unmixed = tsr_trainer_lane_input (self, unmixed_name, lane);
  cl_kernel kernel =
      tsr_device_kernel (self->device, "style_mixing.cl", "style_mixing", NULL, error);
  if (!kernel)
    return false;
  int ints[] = {tsr_model_num_ws (&self->settings.model), pure, n, (int)lane * n};
  cl_ulong longs[] = {self->settings.seed, STREAM_MIXING + phase, self->steps};
  TsrArg args[] = {TSR_ARG_BUFFER (keep),
                   TSR_ARG_BUFFER (unmixed),
                   TSR_ARG (ints[0]),
                   TSR_ARG (ints[1]),
                   TSR_ARG (ints[2]),
                   TSR_ARG (ints[3]),
                   TSR_ARG (self->settings.style_mixing),
                   TSR_ARG (longs[0]),
                   TSR_ARG (longs[1]),
                   TSR_ARG (longs[2])};
  size_t items = (size_t)n;
  return tsr_device_launch (self->device, kernel, 1, &items, NULL, args, G_N_ELEMENTS (args),
                            error);
}

static bool
draw_noise (TsrTrainer *self, unsigned lane, unsigned phase, int n, GError **error)
{
  char *names[64];
  int sizes[64], count = tsr_noise_leaves (&self->settings.model, names, sizes);
  bool ok = true;
  for (int k = 0; k < count; k++) {
    ok = ok &&
         draw_normal (self, lane, names[k], "", (size_t)n * (size_t)sizes[k] * (size_t)sizes[k],
                      STREAM_NOISE + 64 * phase + (unsigned)k, error);
    g_free (names[k]);
  }
  return ok;
}

/* Those of the lane's tiles that lie in a piece of their memory. */
static bool
draw_piece (TsrTrainer *self, unsigned lane, guint piece, cl_kernel kernel, GError **error)
{
  const TsrModelConfig *c = &self->settings.model;
  const TsrTileMemory *tiles = self->tiles;
  TsrBuffer *real = tsr_trainer_lane_input (self, "real", lane),
            *held = g_ptr_array_index (tiles->pieces, piece);
  int share = tsr_trainer_share (self);
  int ints[] = {(int)(piece * tiles->each),
                (int)(held->bytes / tiles->image),
                (int)tiles->count,
                c->resolution,
                c->channels,
                self->settings.orientations,
                (int)lane * share};
  cl_ulong longs[] = {self->settings.seed, STREAM_TILES, self->steps};
  TsrArg args[] = {TSR_ARG_BUFFER (real), TSR_ARG_BUFFER (held), TSR_ARG (ints[0]),
                   TSR_ARG (ints[1]),     TSR_ARG (ints[2]),     TSR_ARG (ints[3]),
                   TSR_ARG (ints[4]),     TSR_ARG (ints[5]),     TSR_ARG (ints[6]),
                   TSR_ARG (longs[0]),    TSR_ARG (longs[1]),    TSR_ARG (longs[2])};
  size_t items[2] = {(size_t)c->resolution, (size_t)share};
  return tsr_device_launch (self->device, kernel, 2, items, NULL, args, G_N_ELEMENTS (args), error);
}

static bool
draw_tiles (TsrTrainer *self, unsigned lane, GError **error)
{
  cl_kernel kernel = tsr_device_kernel (self->device, "draw_tiles.cl", "draw_tiles", NULL, error);
  for (guint piece = 0; kernel && piece < self->tiles->pieces->len; piece++)
    if (!draw_piece (self, lane, piece, kernel, error))
      return false;
  return kernel;
}

static bool
draw_lane (TsrTrainer *self, unsigned lane, Phase phase, GError **error)
{
  const TsrTrainerSettings *s = &self->settings;
  static const char *const prefixes[] = {"g", "pl", "d"};
  bool tiles = phase == PHASE_D || (phase == PHASE_G && s->reconstructing); /* the same ones */
  if (tiles && self->tiles && !draw_tiles (self, lane, error))
    return false;
  if (!self->random || phase > PHASE_D) /* R1 looks at the real images of the D step before it */
    return true;
  const char *prefix = prefixes[phase];
  int share = tsr_trainer_share (self), n = phase == PHASE_PL ? MAX (1, share / 2) : share;
  size_t latent = (size_t)n * (size_t)s->model.z_dim;
  size_t pixels = (size_t)n * (size_t)s->model.resolution * (size_t)s->model.resolution *
                  (size_t)s->model.channels;
  int pure = phase == PHASE_D && s->model.shared_layers >= 0 ? (n + 1) / 2 : 0;
  return tsr_trainer_draw_augmentation (self, lane, phase, error) &&
         draw_normal (self, lane, prefix, ".z", latent, STREAM_Z + phase, error) &&
         draw_normal (self, lane, prefix, ".z2", latent, STREAM_Z2 + phase, error) &&
         draw_mixing (self, lane, prefix, phase, n, pure, error) &&
         (s->noise == TSR_NOISE_CONST || draw_noise (self, lane, phase, n, error)) &&
         (phase != PHASE_PL ||
          draw_normal (self, lane, "pl", ".noise", pixels, STREAM_PL_NOISE, error));
}

bool
tsr_trainer_draw (TsrTrainer *self, Phase phase, GError **error)
{
  for (unsigned lane = 0; lane < self->lanes; lane++)
    if (!draw_lane (self, lane, phase, error))
      return false;
  return true;
}
