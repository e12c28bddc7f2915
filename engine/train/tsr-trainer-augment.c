/* Adaptive discriminator augmentation (Karras et al. 2020): what D sees of real and generated
 * images alike is moved and recoloured at random, as strongly as keeps it from learning few tiles
 * by heart. The strength lives on the device, so that steering it waits for nothing. */
#include "tsr-trainer-private.h"

#include <string.h>

/* The strength moves once in as many steps, as published. */
enum { STEER_INTERVAL = 4 };

/* Looking at it makes the host wait for the device. */
enum { LOOK_INTERVAL = 16 };

static const struct {
  const char *role;
  Phase phase; /* draws for it; R1 looks at the real images of the D step before it */
} roles[] = {{"g", PHASE_G}, {"fake", PHASE_D}, {"real", PHASE_D}};

TsrNode *
tsr_trainer_augment (TsrTrainer *self, TsrNode *x, const char *role, GError **error)
{
  if (!self->settings.augment || self->still)
    return x;
  int n = x->dim[0], channels = x->dim[3], width = 6 + channels * channels;
  g_autofree char *map_name = g_strconcat (role, ".map", NULL),
                  *added_name = g_strconcat (role, ".added", NULL);
  TsrNode *map = tsr_leaf (x->graph, map_name, n, 1, 1, width),
          *added = tsr_leaf (x->graph, added_name, n, 1, 1, channels);
  if (!tsr_trainer_make_inputs (self, map_name, tsr_node_elements (map), error) ||
      !tsr_trainer_make_inputs (self, added_name, tsr_node_elements (added), error))
    return NULL;
  return tsr_add (tsr_warp (x, map, false), added);
}

static bool
draw_role (TsrTrainer *self, unsigned lane, size_t role, GError **error)
{
  const TsrTrainerSettings *s = &self->settings;
  g_autofree char *map_name = g_strconcat (roles[role].role, ".map", NULL),
                  *added_name = g_strconcat (roles[role].role, ".added", NULL);
  TsrBuffer *map = tsr_trainer_lane_input (self, map_name, lane),
            *added = tsr_trainer_lane_input (self, added_name, lane);
  if (!map)
    return true;
  cl_kernel kernel =
      tsr_device_kernel (self->device, "augment.cl", "draw_augmentation", NULL, error);
  if (!kernel)
    return false;
  int share = tsr_trainer_share (self),
      ints[] = {s->model.channels, s->model.resolution, share, (int)lane * share};
  cl_ulong longs[] = {s->seed, STREAM_AUGMENT + role, self->steps};
  TsrArg args[] = {TSR_ARG_BUFFER (map), TSR_ARG_BUFFER (added), TSR_ARG_BUFFER (self->ada),
                   TSR_ARG (ints[0]),    TSR_ARG (ints[1]),      TSR_ARG (s->ada_colour),
                   TSR_ARG (ints[2]),    TSR_ARG (ints[3]),      TSR_ARG (longs[0]),
                   TSR_ARG (longs[1]),   TSR_ARG (longs[2])};
  size_t items = (size_t)share;
  return tsr_device_launch (self->device, kernel, 1, &items, NULL, args, G_N_ELEMENTS (args),
                            error);
}

bool
tsr_trainer_draw_augmentation (TsrTrainer *self, unsigned lane, Phase phase, GError **error)
{
  if (self->still)
    return true;
  for (size_t k = 0; k < G_N_ELEMENTS (roles); k++)
    if (roles[k].phase == phase && !draw_role (self, lane, k, error))
      return false;
  return true;
}

Phase
tsr_trainer_phase_now (const TsrTrainer *self, Phase phase)
{
  if (!self->settings.augment || !self->still)
    return phase;
  return phase == PHASE_G    ? PHASE_G_STILL
         : phase == PHASE_D  ? PHASE_D_STILL
         : phase == PHASE_R1 ? PHASE_R1_STILL
                             : phase;
}

static bool
look (TsrTrainer *self, GError **error)
{
  TsrAdaState ada;
  if (self->steps % LOOK_INTERVAL != 0)
    return true;
  if (!tsr_buffer_read (self->ada, 0, &ada, sizeof ada, error))
    return false;
  self->still = ada.p <= 0;
  return true;
}

bool
tsr_trainer_steer (TsrTrainer *self, GError **error)
{
  const TsrTrainerSettings *s = &self->settings;
  if (!s->augment || s->encoder_only)
    return true;
  cl_kernel kernel =
      tsr_device_kernel (self->device, "augment.cl", "steer_augmentation", NULL, error);
  if (!kernel)
    return false;
  int interval = STEER_INTERVAL;
  float amount = (float)(s->batch * STEER_INTERVAL) / (s->ada_kimg * 1000);
  TsrArg args[] = {TSR_ARG_BUFFER (self->ada), TSR_ARG_BUFFER (self->cell[STAT_SIGN]),
                   TSR_ARG (interval), TSR_ARG (s->ada_target), TSR_ARG (amount)};
  size_t one = 1;
  return tsr_device_launch (self->device, kernel, 1, &one, &one, args, G_N_ELEMENTS (args),
                            error) &&
         look (self, error);
}
