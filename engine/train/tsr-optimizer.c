#include "tsr-optimizer.h"

#include <math.h>
#include <string.h>

enum { MAX_PHASES = 4 };

struct TsrOptimizer {
  TsrDevice *device;   /* borrowed */
  TsrWeights *weights; /* borrowed */
  TsrWeights *gradient[TSR_MAX_LANES], *moment;
  unsigned lanes;
  float rate, ratio, beta2, eps; /* ratio: the correction for lazy steps, which rate contains */
  unsigned n_phases;
  bool *touched[MAX_PHASES];
  uint64_t count[MAX_PHASES];
};

TsrOptimizer *
tsr_optimizer_new (TsrDevice *device, TsrWeights *weights, const TsrAdamSettings *settings,
                   unsigned lanes, GError **error)
{
  TsrOptimizer *self = g_new0 (TsrOptimizer, 1);
  double ratio = settings->interval > 0 ? settings->interval / (settings->interval + 1.0) : 1;
  self->device = device;
  self->weights = weights;
  self->ratio = (float)ratio;
  tsr_optimizer_set_rate (self, settings->rate);
  self->beta2 = (float)pow (settings->beta2, ratio);
  self->eps = settings->eps;
  self->lanes = lanes;
  for (unsigned k = 0; k <= lanes; k++) {
    TsrWeights **into = k < lanes ? &self->gradient[k] : &self->moment;
    *into = tsr_weights_new (device, weights->parameters, weights->net, error);
    if (!*into)
      break;
  }
  if (self->moment)
    return self;
  tsr_optimizer_free (self);
  return NULL;
}

void
tsr_optimizer_free (TsrOptimizer *self)
{
  if (!self)
    return;
  for (unsigned k = 0; k < self->n_phases; k++)
    g_free (self->touched[k]);
  for (unsigned k = 0; k < self->lanes; k++)
    tsr_weights_free (self->gradient[k]);
  tsr_weights_free (self->moment);
  g_free (self);
}

void
tsr_optimizer_set_rate (TsrOptimizer *self, float rate)
{
  self->rate = rate * self->ratio;
}

bool
tsr_optimizer_reset (TsrOptimizer *self, GError **error)
{
  memset (self->count, 0, sizeof self->count);
  return tsr_buffer_fill (self->moment->block, 0, error);
}

TsrWeights *
tsr_optimizer_gradient (TsrOptimizer *self, unsigned lane)
{
  return self->gradient[lane];
}

TsrWeights *
tsr_optimizer_moment (TsrOptimizer *self)
{
  return self->moment;
}

unsigned
tsr_optimizer_add_phase (TsrOptimizer *self, const bool *touched)
{
  g_assert (self->n_phases < MAX_PHASES);
  self->touched[self->n_phases] =
      g_memdup2 (touched, self->weights->parameters->list->len * sizeof (bool));
  return self->n_phases++;
}

uint64_t
tsr_optimizer_count (const TsrOptimizer *self, unsigned phase)
{
  return self->count[phase];
}

void
tsr_optimizer_set_count (TsrOptimizer *self, unsigned phase, uint64_t count)
{
  self->count[phase] = count;
}

/* A tensor's own step count: the steps of all phases that reach it. */
static uint64_t
tensor_steps (const TsrOptimizer *self, guint tensor)
{
  uint64_t steps = 0;
  for (unsigned k = 0; k < self->n_phases; k++)
    if (self->touched[k][tensor])
      steps += self->count[k];
  return steps;
}

static size_t
item_block (TsrDevice *device, size_t n, size_t *items)
{
  const TsrDeviceInfo *info = tsr_device_info (device);
  unsigned width = tsr_device_vector_width (device);
  size_t most = info->is_cpu ? 4 * (size_t)info->compute_units : SIZE_MAX;
  size_t block = info->is_cpu ? MAX (4096, (n + most - 1) / most) : width;
  block = (block + width - 1) / width * width;
  *items = (n + block - 1) / block;
  return block;
}

bool
tsr_add_lane (TsrDevice *device, TsrBuffer *sum, TsrBuffer *other, size_t first, size_t n,
              float factor, GError **error)
{
  g_autofree char *defines = g_strdup_printf ("V %u", tsr_device_vector_width (device));
  cl_kernel kernel = tsr_device_kernel (device, "add_lane.cl", "add_lane", defines, error);
  if (!kernel)
    return false;
  size_t items, block = item_block (device, n, &items);
  int ints[] = {(int)first, (int)n, (int)block};
  TsrArg args[] = {TSR_ARG_BUFFER (sum), TSR_ARG_BUFFER (other), TSR_ARG (ints[0]),
                   TSR_ARG (ints[1]),    TSR_ARG (ints[2]),      TSR_ARG (factor)};
  return tsr_device_launch (device, kernel, 1, &items, NULL, args, G_N_ELEMENTS (args), error);
}

static bool
update_range (TsrOptimizer *self, size_t first, size_t n, uint64_t steps, GError **error)
{
  for (unsigned k = 1; k < self->lanes; k++)
    if (!tsr_add_lane (self->device, self->gradient[0]->block, self->gradient[k]->block, first, n,
                       k + 1 == self->lanes ? 1 / (float)self->lanes : 1, error))
      return false;
  g_autofree char *defines = g_strdup_printf ("V %u", tsr_device_vector_width (self->device));
  cl_kernel kernel = tsr_device_kernel (self->device, "adam.cl", "adam", defines, error);
  if (!kernel)
    return false;
  size_t items, block = item_block (self->device, n, &items);
  int ints[] = {(int)first, (int)n, (int)block};
  float correction = (float)(1 - pow (self->beta2, (double)steps));
  TsrArg args[] = {TSR_ARG_BUFFER (self->weights->block),
                   TSR_ARG_BUFFER (self->moment->block),
                   TSR_ARG_BUFFER (self->gradient[0]->block),
                   TSR_ARG (ints[0]),
                   TSR_ARG (ints[1]),
                   TSR_ARG (ints[2]),
                   TSR_ARG (self->rate),
                   TSR_ARG (self->beta2),
                   TSR_ARG (correction),
                   TSR_ARG (self->eps)};
  return tsr_device_launch (self->device, kernel, 1, &items, NULL, args, G_N_ELEMENTS (args),
                            error);
}

bool
tsr_optimizer_step (TsrOptimizer *self, unsigned phase, GError **error)
{
  const TsrParameters *parameters = self->weights->parameters;
  const bool *touched = self->touched[phase];
  self->count[phase]++;
  /* Neighbouring tensors with the same step count are updated together: in the main phase that is
   * the whole network. */
  size_t first = 0, end = 0;
  uint64_t steps = 0;
  for (guint k = 0; k < parameters->list->len; k++) {
    const TsrParameter *p = &g_array_index (parameters->list, TsrParameter, k);
    if (p->net != self->weights->net)
      continue;
    uint64_t own = tensor_steps (self, k);
    if (end > first && (!touched[k] || own != steps)) { /* the run ends here */
      if (!update_range (self, first, end - first, steps, error))
        return false;
      first = end = 0;
    }
    if (!touched[k])
      continue;
    if (end == first)
      first = p->offset;
    end = p->offset + tsr_parameter_elements (p);
    steps = own;
  }
  return end == first || update_range (self, first, end - first, steps, error);
}

bool
tsr_weights_average (TsrDevice *device, TsrWeights *mean, const TsrWeights *weights, float keep,
                     GError **error)
{
  g_autofree char *defines = g_strdup_printf ("V %u", tsr_device_vector_width (device));
  cl_kernel kernel = tsr_device_kernel (device, "adam.cl", "average", defines, error);
  size_t n = weights->parameters->floats[weights->net];
  if (!kernel || n == 0)
    return kernel;
  size_t items, block = item_block (device, n, &items);
  int ints[] = {(int)n, (int)block};
  TsrArg args[] = {TSR_ARG_BUFFER (mean->block), TSR_ARG_BUFFER (weights->block), TSR_ARG (ints[0]),
                   TSR_ARG (ints[1]), TSR_ARG (keep)};
  return tsr_device_launch (device, kernel, 1, &items, NULL, args, G_N_ELEMENTS (args), error);
}
