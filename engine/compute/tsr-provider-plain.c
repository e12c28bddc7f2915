/* Plain kernels: what the libraries are tested against, and what works everywhere. */
#include "tsr-provider-private.h"

typedef struct {
  cl_kernel kernel;
  unsigned dims, n_args;
  size_t global[3];
  int args[12]; /* the sizes that follow the three buffers */
} PlainPlan;

static unsigned
vector_width (TsrOp *op, int n)
{
  unsigned v = tsr_device_vector_width (op->provider->device);
  while (v > 1 && v > (unsigned)n)
    v /= 2;
  return v;
}

static void
set_sizes (PlainPlan *plan, const int *sizes, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    plan->args[i] = sizes[i];
  plan->n_args = n;
}

static bool
plan_matmul (TsrOp *op, PlainPlan *plan, GError **error)
{
  const TsrMatmulShape *s = &op->matmul;
  unsigned v = vector_width (op, s->n);
  g_autofree char *defines = g_strdup_printf (
      "V %u\n%s\n%s", v, s->transpose_a ? "TRANSPOSE_A" : "", s->transpose_b ? "TRANSPOSE_B" : "");
  plan->dims = 2;
  plan->global[0] = (s->n + v - 1) / v;
  plan->global[1] = s->m;
  set_sizes (plan, (int[]){s->m, s->n, s->k}, 3);
  plan->kernel = tsr_device_kernel (op->provider->device, "matmul.cl", "matmul", defines, error);
  return plan->kernel != NULL;
}

static bool
plan_conv (TsrOp *op, PlainPlan *plan, GError **error)
{
  static const char *const files[] = {"conv_forward.cl", "conv_by_data.cl", "conv_by_weight.cl"};
  static const char *const entries[] = {"conv_forward", "conv_by_data", "conv_by_weight"};
  const TsrConvShape *s = &op->conv;
  unsigned v = vector_width (op, s->c);
  g_autofree char *defines = g_strdup_printf ("V %u", v);
  size_t c_vectors = (s->c + v - 1) / v;
  plan->dims = 3;
  size_t globals[3][3] = {
      {s->k, op->ow, (size_t)s->n * op->oh},
      {c_vectors, s->w, (size_t)s->n * s->h},
      {c_vectors, (size_t)s->kh * s->kw, s->k},
  };
  for (int i = 0; i < 3; i++)
    plan->global[i] = globals[op->direction][i];
  set_sizes (plan,
             (int[]){s->n, s->h, s->w, s->c, op->oh, op->ow, s->k, s->kh, s->kw, s->stride, s->pad},
             11);
  plan->kernel = tsr_device_kernel (op->provider->device, files[op->direction],
                                    entries[op->direction], defines, error);
  return plan->kernel != NULL;
}

static bool
plain_plan (TsrOp *op, GError **error)
{
  PlainPlan *plan = op->plan = g_new0 (PlainPlan, 1);
  return op->is_matmul ? plan_matmul (op, plan, error) : plan_conv (op, plan, error);
}

static bool
plain_enqueue (TsrOp *op, TsrBuffer *a, TsrBuffer *b, TsrBuffer *out, TsrBuffer *scratch,
               GError **error)
{
  PlainPlan *plan = op->plan;
  TsrArg args[15] = {TSR_ARG_BUFFER (a), TSR_ARG_BUFFER (b), TSR_ARG_BUFFER (out)};
  for (unsigned i = 0; i < plan->n_args; i++)
    args[3 + i] = TSR_ARG (plan->args[i]);
  return tsr_device_launch (op->provider->device, plan->kernel, plan->dims, plan->global, NULL,
                            args, 3 + plan->n_args, error);
}

static void
plain_free (TsrOp *op)
{
  g_free (op->plan);
}

const TsrProviderTable tsr_provider_plain = {
    .name = "plain",
    .kind = TSR_PROVIDER_PLAIN,
    .plan = plain_plan,
    .enqueue = plain_enqueue,
    .free = plain_free,
};
