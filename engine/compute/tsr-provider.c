/* Which library convolves and multiplies, and what all of them check. */
#include "tsr-provider-private.h"

#include "tsr-device-private.h"
#include "tsr-error.h"
#include "tsr-i18n.h"

static const TsrProviderTable *const tables[] = {&tsr_provider_plain, &tsr_provider_onednn,
                                                 &tsr_provider_clblast, &tsr_provider_tiled};

static bool
kind_by_name (const char *name, TsrProviderKind *kind)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (tables); i++)
    if (g_ascii_strcasecmp (name, tables[i]->name) == 0) {
      *kind = tables[i]->kind;
      return true;
    }
  return false;
}

/* The device's best: oneDNN needs host functions in the queue, CLBlast and tiles are slow on CPUs.
 */
static TsrProviderKind
kind_by_device (TsrDevice *device)
{
  if (device->info->is_cpu)
    return device->runs_native ? TSR_PROVIDER_ONEDNN : TSR_PROVIDER_PLAIN;
  return TSR_PROVIDER_TILED;
}

static TsrProvider *
open_kind (TsrDevice *device, TsrProviderKind kind, unsigned lane, unsigned lanes, GError **error)
{
  TsrProvider *provider = g_new0 (TsrProvider, 1);
  provider->device = device;
  provider->lane = lane;
  provider->lanes = lanes;
  for (unsigned i = 0; i < G_N_ELEMENTS (tables); i++)
    if (tables[i]->kind == kind)
      provider->table = tables[i];
  if (!provider->table->open || provider->table->open (provider, error))
    return provider;
  g_free (provider);
  return NULL;
}

TsrProvider *
tsr_provider_new (TsrDevice *device, TsrProviderKind kind, GError **error)
{
  return tsr_provider_new_in_lane (device, kind, 0, 1, error);
}

/* Every lane and every job opens providers: what has been said is not said again. */
static void
add_notice (TsrDevice *device, const char *why, const char *instead)
{
  g_autofree char *sentences = g_strdup_printf ("%s %s", why, instead);
  if (device->notice && strstr (device->notice, sentences))
    return;
  g_autofree char *former = g_steal_pointer (&device->notice);
  device->notice = g_strconcat (former ? former : "", former ? " " : "", sentences, NULL);
}

TsrProvider *
tsr_provider_new_in_lane (TsrDevice *device, TsrProviderKind kind, unsigned lane, unsigned lanes,
                          GError **error)
{
  if (kind != TSR_PROVIDER_AUTO)
    return open_kind (device, kind, lane, lanes, error);
  const char *name = g_getenv ("TESSERA_PROVIDER");
  if (name && *name) {
    if (kind_by_name (name, &kind))
      return open_kind (device, kind, lane, lanes, error);
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("TESSERA_PROVIDER is “%s”, but must be plain, onednn, clblast or tiled."),
                 name);
    return NULL;
  }
  kind = kind_by_device (device);
  g_autoptr (GError) why = NULL;
  TsrProvider *provider = open_kind (device, kind, lane, lanes, &why);
  if (provider)
    return provider;
  bool plain = device->info->is_cpu;
  add_notice (device, why->message,
              plain ? _ ("Plain kernels are used instead, which are slower.")
                    : _ ("CLBlast is used instead, which is slower."));
  return open_kind (device, plain ? TSR_PROVIDER_PLAIN : TSR_PROVIDER_CLBLAST, lane, lanes, error);
}

void
tsr_provider_free (TsrProvider *provider)
{
  if (!provider)
    return;
  if (provider->table->close)
    provider->table->close (provider);
  g_free (provider);
}

unsigned
tsr_provider_lane (const TsrProvider *provider)
{
  return provider->lane;
}

unsigned
tsr_provider_units (const TsrProvider *provider)
{
  return MAX (1, provider->device->info->compute_units / provider->lanes);
}

const char *
tsr_provider_name (const TsrProvider *provider)
{
  return provider->table->name;
}

TsrPrecision
tsr_provider_precision (const TsrProvider *provider, TsrPrecision asked)
{
  bool has_bf16 = provider->table->has_bf16 && provider->table->has_bf16 (provider);
  return has_bf16 ? asked : TSR_F32;
}

bool
tsr_op_fail (const TsrOp *op, GError **error, const char *why)
{
  g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE, "The operation “%s” failed on “%s”: %s.",
               op->name, op->provider->device->info->name, why);
  return false;
}

static TsrOp *
plan (TsrOp *op, GError **error)
{
  if (op->provider->table->plan (op, error))
    return op;
  tsr_op_free (op);
  return NULL;
}

static bool
conv_is_valid (const TsrConvShape *s)
{
  return s->n > 0 && s->h > 0 && s->w > 0 && s->c > 0 && s->k > 0 && s->kh > 0 && s->kw > 0 &&
         s->stride > 0 && s->pad >= 0 && s->h + 2 * s->pad >= s->kh && s->w + 2 * s->pad >= s->kw;
}

TsrOp *
tsr_provider_conv (TsrProvider *provider, TsrConvDirection direction, const TsrConvShape *shape,
                   TsrPrecision precision, GError **error)
{
  static const char *const names[] = {"forward", "by data", "by weight"};
  const TsrConvShape *s = shape;
  if (!conv_is_valid (s)) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_DEVICE,
        "A convolution of %d x %d x %d x %d by %d x %d x %d (stride %d, padding %d) has no result.",
        s->n, s->h, s->w, s->c, s->k, s->kh, s->kw, s->stride, s->pad);
    return NULL;
  }
  TsrOp *op = g_new0 (TsrOp, 1);
  g_autofree char *name =
      g_strdup_printf ("conv %s %dx%d%s, %d to %d at %dx%d", names[direction], s->kh, s->kw,
                       s->stride > 1 ? " strided" : "", s->c, s->k, s->h, s->w);
  *op = (TsrOp){.provider = provider,
                .name = g_intern_string (name),
                .direction = direction,
                .conv = *s,
                .oh = (s->h + 2 * s->pad - s->kh) / s->stride + 1,
                .ow = (s->w + 2 * s->pad - s->kw) / s->stride + 1,
                .precision = precision};
  size_t x = sizeof (float) * s->n * s->h * s->w * s->c,
         w = sizeof (float) * s->k * s->kh * s->kw * s->c;
  size_t y = sizeof (float) * s->n * op->oh * op->ow * s->k;
  op->bytes_a = direction == TSR_CONV_BY_DATA ? y : x;
  op->bytes_b = direction == TSR_CONV_BY_WEIGHT ? y : w;
  op->bytes_out = direction == TSR_CONV_FORWARD ? y : direction == TSR_CONV_BY_DATA ? x : w;
  op->flops = 2.0 * s->n * op->oh * op->ow * s->k * s->kh * s->kw * s->c;
  return plan (op, error);
}

TsrOp *
tsr_provider_matmul (TsrProvider *provider, int m, int n, int k, bool transpose_a, bool transpose_b,
                     TsrPrecision precision, GError **error)
{
  if (m <= 0 || n <= 0 || k <= 0) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE,
                 "A matrix product of %d x %d by %d x %d has no result.", m, k, k, n);
    return NULL;
  }
  TsrOp *op = g_new0 (TsrOp, 1);
  g_autofree char *name = g_strdup_printf ("matmul %s%s, %d x %d x %d", transpose_a ? "T" : "N",
                                           transpose_b ? "T" : "N", m, n, k);
  *op = (TsrOp){.provider = provider,
                .name = g_intern_string (name),
                .is_matmul = true,
                .matmul = {m, n, k, transpose_a, transpose_b},
                .precision = precision,
                .flops = 2.0 * m * n * k,
                .bytes_a = sizeof (float) * m * k,
                .bytes_b = sizeof (float) * k * n,
                .bytes_out = sizeof (float) * m * n};
  return plan (op, error);
}

size_t
tsr_op_scratch (const TsrOp *op)
{
  return op->scratch;
}

double
tsr_op_flops (const TsrOp *op)
{
  return op->flops;
}

bool
tsr_op_enqueue (TsrOp *op, TsrBuffer *a, TsrBuffer *b, TsrBuffer *out, TsrBuffer *scratch,
                GError **error)
{
  if (a->bytes < op->bytes_a || b->bytes < op->bytes_b || out->bytes < op->bytes_out)
    return tsr_op_fail (op, error, "an operand is smaller than its shape says");
  if (op->scratch > 0 && (!scratch || scratch->bytes < op->scratch))
    return tsr_op_fail (op, error, "it was given too little scratch memory");
  TsrDevice *device = op->provider->device;
  tsr_profile_begin (device, op->name, op->flops);
  bool ok = op->provider->table->enqueue (op, a, b, out, scratch, error);
  tsr_profile_end (device);
  return ok;
}

void
tsr_op_free (TsrOp *op)
{
  if (!op)
    return;
  if (op->plan) {
    tsr_device_drain (op->provider->device); /* it may still be running */
    op->provider->table->free (op);
  }
  g_free (op);
}
