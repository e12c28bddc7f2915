/* oneDNN on CPU devices, called from inside the queue on the buffers' own bytes.
 *
 * Activations stay as they are (NHWC); weights are put into the layout the primitive prefers, in
 * scratch memory and inside the operation; with TSR_BF16 both inputs are rounded to bf16 there as
 * well, while sums and results stay f32. */
#include "tsr-provider-private.h"

#include "tsr-device-private.h"
#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-onednn-library.h"

typedef struct {
  const TsrOnednnLibrary *library;
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_attr_t attributes; /* scratch memory comes from us */
  bool has_bf16, has_amx;
  int threads; /* of an operation; 0: as many as OpenMP takes by itself */
} OnednnState;

/* One of a, b and out. Where the primitive wants another layout or type, `used` lies in scratch and
 * reorder fills (or, for the result, empties) it. */
typedef struct {
  int argument; /* DNNL_ARG_... */
  dnnl_memory_desc_t user_desc;
  dnnl_memory_t user, used;
  dnnl_primitive_t reorder;
  size_t offset; /* of used in scratch */
} Operand;

typedef struct {
  const OnednnState *state;
  Operand operands[3];
  bool swapped; /* the primitive's first operand is ours second: operands[0] takes b, operands[1]
                   takes a */
  dnnl_primitive_t primitive;
  dnnl_memory_t scratchpad;
  size_t scratchpad_offset, scratchpad_size;
} OnednnPlan;

/* ---- the library ---- */

static bool
onednn_fail (const TsrOp *op, dnnl_status_t status, GError **error)
{
  g_autofree char *why = g_strdup_printf (
      "oneDNN says %s", status == dnnl_out_of_memory       ? "that memory is exhausted"
                        : status == dnnl_unimplemented     ? "that it does not support this shape"
                        : status == dnnl_invalid_arguments ? "that an argument is invalid"
                                                           : "that something went wrong inside it");
  return tsr_op_fail (op, error, why);
}

static void
onednn_close (TsrProvider *provider)
{
  OnednnState *state = provider->state;
  if (state->attributes)
    state->library->primitive_attr_destroy (state->attributes);
  if (state->stream)
    state->library->stream_destroy (state->stream);
  if (state->engine)
    state->library->engine_destroy (state->engine);
  g_clear_pointer (&provider->state, g_free);
}

static bool
onednn_open (TsrProvider *provider, GError **error)
{
  if (!provider->device->runs_native) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE,
                 _ ("oneDNN works on CPU devices that run host functions, and “%s” does not."),
                 provider->device->info->name);
    return false;
  }
  const TsrOnednnLibrary *library = tsr_onednn_library (error);
  if (!library)
    return false;
  OnednnState *state = provider->state = g_new0 (OnednnState, 1);
  state->library = library;
  state->threads = provider->lanes > 1 ? (int)tsr_provider_units (provider) : 0;
  /* Emulated bf16 is slower than f32, so that it needs a processor that multiplies it. */
  state->has_bf16 = (library->get_effective_cpu_isa () & dnnl_cpu_isa_avx512_core_bf16) ==
                    dnnl_cpu_isa_avx512_core_bf16;
  state->has_amx = (library->get_effective_cpu_isa () & dnnl_cpu_isa_avx512_core_amx) ==
                   dnnl_cpu_isa_avx512_core_amx;
  if (library->engine_create (&state->engine, dnnl_cpu, 0) == dnnl_success &&
      library->stream_create (&state->stream, state->engine, dnnl_stream_default_flags) ==
          dnnl_success &&
      library->primitive_attr_create (&state->attributes) == dnnl_success &&
      library->primitive_attr_set_scratchpad_mode (state->attributes, dnnl_scratchpad_mode_user) ==
          dnnl_success)
    return true;
  onednn_close (provider);
  g_set_error_literal (error, TSR_ERROR, TSR_ERROR_DEVICE,
                       _ ("oneDNN cannot start on this processor."));
  return false;
}

static bool
onednn_has_bf16 (const TsrProvider *provider)
{
  return ((const OnednnState *)provider->state)->has_bf16;
}

/* ---- planning ---- */

static size_t
take_scratch (TsrOp *op, size_t bytes)
{
  size_t offset = op->scratch;
  op->scratch += (bytes + 63) / 64 * 64;
  return offset;
}

static void
want_scratchpad (OnednnPlan *plan, const_dnnl_primitive_desc_t pd)
{
  const TsrOnednnLibrary *library = plan->state->library;
  const dnnl_memory_desc_t *desc =
      library->primitive_desc_query_md (pd, dnnl_query_scratchpad_md, 0);
  if (desc)
    plan->scratchpad_size = MAX (plan->scratchpad_size, library->memory_desc_get_size (desc));
}

static dnnl_status_t
plan_reorder (OnednnPlan *plan, Operand *operand, const dnnl_memory_desc_t *used, bool is_result)
{
  const OnednnState *state = plan->state;
  const TsrOnednnLibrary *library = state->library;
  const dnnl_memory_desc_t *from = is_result ? used : &operand->user_desc;
  const dnnl_memory_desc_t *to = is_result ? &operand->user_desc : used;
  dnnl_primitive_desc_t pd;
  dnnl_status_t status = library->reorder_primitive_desc_create (&pd, from, state->engine, to,
                                                                 state->engine, state->attributes);
  if (status != dnnl_success)
    return status;
  want_scratchpad (plan, pd);
  status = library->primitive_create (&operand->reorder, pd);
  library->primitive_desc_destroy (pd);
  return status;
}

static dnnl_status_t
plan_operand (TsrOp *op, OnednnPlan *plan, Operand *operand, const_dnnl_primitive_desc_t pd)
{
  const OnednnState *state = plan->state;
  const TsrOnednnLibrary *library = state->library;
  dnnl_status_t status =
      library->memory_create (&operand->user, &operand->user_desc, state->engine, DNNL_MEMORY_NONE);
  if (status != dnnl_success)
    return status;
  const dnnl_memory_desc_t *used =
      library->primitive_desc_query_md (pd, dnnl_query_exec_arg_md, operand->argument);
  if (!used)
    return dnnl_runtime_error;
  if (library->memory_desc_equal (used, &operand->user_desc))
    return dnnl_success;
  operand->offset = take_scratch (op, library->memory_desc_get_size (used));
  status = library->memory_create (&operand->used, used, state->engine, DNNL_MEMORY_NONE);
  return status == dnnl_success ? plan_reorder (plan, operand, used, operand == &plan->operands[2])
                                : status;
}

/* Everything once the primitive is chosen. Takes pd. */
static dnnl_status_t
plan_primitive (TsrOp *op, OnednnPlan *plan, dnnl_primitive_desc_t pd)
{
  const OnednnState *state = plan->state;
  const TsrOnednnLibrary *library = state->library;
  dnnl_status_t status = dnnl_success;
  for (int i = 0; i < 3 && status == dnnl_success; i++)
    status = plan_operand (op, plan, &plan->operands[i], pd);
  want_scratchpad (plan, pd);
  if (status == dnnl_success)
    status = library->primitive_create (&plan->primitive, pd);
  library->primitive_desc_destroy (pd);
  if (status != dnnl_success || plan->scratchpad_size == 0)
    return status;
  plan->scratchpad_offset = take_scratch (op, plan->scratchpad_size);
  dnnl_memory_desc_t bytes;
  status = library->memory_desc_init_by_tag (
      &bytes, 1, (dnnl_dims_t){(dnnl_dim_t)plan->scratchpad_size}, dnnl_u8, dnnl_a);
  if (status == dnnl_success)
    status = library->memory_create (&plan->scratchpad, &bytes, state->engine, DNNL_MEMORY_NONE);
  return status;
}

/* The weight gradient of a strided convolution with one tap is taken over a copy of the pixels it
 * reads: oneDNN's own way of thinning them, on processors with AVX2 only, now and then takes in
 * what was in its scratch memory before. */
static bool
thins_input (const TsrOp *op)
{
  const TsrConvShape *s = &op->conv;
  return op->direction == TSR_CONV_BY_WEIGHT && s->kh == 1 && s->kw == 1 && s->stride > 1 &&
         s->pad == 0;
}

/* The convolution that the primitive does. */
static TsrConvShape
primitive_shape (const TsrOp *op)
{
  TsrConvShape s = op->conv;
  if (thins_input (op))
    s.h = op->oh, s.w = op->ow, s.stride = 1;
  return s;
}

/* How the caller stores x, w or y, of the primitive's dimensions; in logical order (n c h w and o i
 * h w) NHWC and OHWI are the same permutation. */
static dnnl_status_t
describe_user (const TsrOp *op, const TsrOnednnLibrary *library, int role, const dnnl_dims_t dims,
               dnnl_memory_desc_t *desc)
{
  const TsrConvShape *s = &op->conv;
  dnnl_status_t status = library->memory_desc_init_by_tag (desc, 4, dims, dnnl_f32, dnnl_acdb);
  if (status != dnnl_success || role != 0 || !thins_input (op))
    return status;
  /* Written by hand, because memory_desc_init_by_strides refuses images whose last row read is not
   * followed by as many rows as lie between two that are read. */
  dnnl_dim_t row = (dnnl_dim_t)s->w * s->c, *strides = desc->format_desc.blocking.strides;
  strides[0] = s->h * row;
  strides[2] = s->stride * row;
  strides[3] = (dnnl_dim_t)s->stride * s->c;
  return dnnl_success;
}

static dnnl_status_t
describe_convolution (TsrOp *op, OnednnPlan *plan, dnnl_data_type_t type,
                      dnnl_convolution_desc_t *desc)
{
  const TsrOnednnLibrary *library = plan->state->library;
  const TsrConvShape shape = primitive_shape (op), *s = &shape;
  static const int arguments[3][3] = {{DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
                                      {DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC},
                                      {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS}};
  static const int roles[3][3] = {
      {0, 1, 2}, {2, 1, 0}, {0, 2, 1}}; /* which of x, w, y each operand is */
  dnnl_dims_t dims[3] = {
      {s->n, s->c, s->h, s->w}, {s->k, s->c, s->kh, s->kw}, {s->n, s->k, op->oh, op->ow}};
  dnnl_memory_desc_t d[3]; /* x, w, y as the primitive should have them */
  for (int i = 0; i < 3; i++) {
    Operand *operand = &plan->operands[i];
    int role = roles[op->direction][i];
    operand->argument = arguments[op->direction][i];
    dnnl_status_t status = describe_user (op, library, role, dims[role], &operand->user_desc);
    if (status == dnnl_success)
      status = library->memory_desc_init_by_tag (&d[role], 4, dims[role], i == 2 ? dnnl_f32 : type,
                                                 role == 1 ? dnnl_format_tag_any : dnnl_acdb);
    if (status != dnnl_success)
      return status;
  }
  dnnl_dims_t strides = {s->stride, s->stride}, left = {s->pad, s->pad};
  dnnl_dims_t right = {(op->oh - 1) * s->stride + s->kh - s->h - s->pad,
                       (op->ow - 1) * s->stride + s->kw - s->w - s->pad};
  if (op->direction == TSR_CONV_FORWARD)
    return library->convolution_forward_desc_init (desc, dnnl_forward_training,
                                                   dnnl_convolution_direct, &d[0], &d[1], NULL,
                                                   &d[2], strides, left, right);
  if (op->direction == TSR_CONV_BY_DATA)
    return library->convolution_backward_data_desc_init (desc, dnnl_convolution_direct, &d[0],
                                                         &d[1], &d[2], strides, left, right);
  return library->convolution_backward_weights_desc_init (desc, dnnl_convolution_direct, &d[0],
                                                          &d[1], NULL, &d[2], strides, left, right);
}

/* oneDNN chooses the implementation of a backward pass with the help of the forward pass. */
static dnnl_status_t
create_hint (TsrOp *op, OnednnPlan *plan, const dnnl_convolution_desc_t *backward,
             dnnl_primitive_desc_t *hint)
{
  const OnednnState *state = plan->state;
  bool by_data = op->direction == TSR_CONV_BY_DATA;
  dnnl_memory_desc_t x = by_data ? backward->diff_src_desc : backward->src_desc;
  dnnl_memory_desc_t w = by_data ? backward->weights_desc : backward->diff_weights_desc;
  dnnl_memory_desc_t y = backward->diff_dst_desc;
  x.data_type = w.data_type = y.data_type; /* gradients may stay f32, forward inputs agree */
  dnnl_convolution_desc_t forward;
  dnnl_status_t status = state->library->convolution_forward_desc_init (
      &forward, dnnl_forward_training, dnnl_convolution_direct, &x, &w, NULL, &y, backward->strides,
      backward->padding[0], backward->padding[1]);
  if (status != dnnl_success)
    return status;
  return state->library->primitive_desc_create (hint, &forward, NULL, state->engine, NULL);
}

static dnnl_status_t
plan_convolution (TsrOp *op, OnednnPlan *plan, dnnl_data_type_t type)
{
  const OnednnState *state = plan->state;
  dnnl_convolution_desc_t desc;
  dnnl_primitive_desc_t hint = NULL, pd;
  dnnl_status_t status = describe_convolution (op, plan, type, &desc);
  if (status == dnnl_success && op->direction != TSR_CONV_FORWARD)
    status = create_hint (op, plan, &desc, &hint);
  if (status == dnnl_success)
    status =
        state->library->primitive_desc_create (&pd, &desc, state->attributes, state->engine, hint);
  if (hint)
    state->library->primitive_desc_destroy (hint);
  return status == dnnl_success ? plan_primitive (op, plan, pd) : status;
}

static dnnl_status_t
describe_matrix (const TsrOnednnLibrary *library, dnnl_memory_desc_t *desc, dnnl_data_type_t type,
                 int rows, int columns, bool transposed)
{
  dnnl_dims_t strides = {transposed ? 1 : columns, transposed ? rows : 1};
  return library->memory_desc_init_by_strides (desc, 2, (dnnl_dims_t){rows, columns}, type,
                                               strides);
}

/* The product of s, stored as it is or, with transpose_out, as [n][m]. */
static dnnl_status_t
plan_matmul (TsrOp *op, OnednnPlan *plan, const TsrMatmulShape *s, bool transpose_out,
             dnnl_data_type_t type)
{
  const OnednnState *state = plan->state;
  const TsrOnednnLibrary *library = state->library;
  const int arguments[3] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
  const int rows[3] = {s->m, s->k, s->m}, columns[3] = {s->k, s->n, s->n};
  const bool transposed[3] = {s->transpose_a, s->transpose_b, transpose_out};
  dnnl_memory_desc_t d[3];
  for (int i = 0; i < 3; i++) {
    Operand *operand = &plan->operands[i];
    operand->argument = arguments[i];
    dnnl_status_t status = describe_matrix (library, &operand->user_desc, dnnl_f32, rows[i],
                                            columns[i], transposed[i]);
    if (status == dnnl_success) /* a result is transposed by the reorder after it: no fast product
                                   writes it so */
      status = describe_matrix (library, &d[i], i == 2 ? dnnl_f32 : type, rows[i], columns[i],
                                i < 2 && transposed[i]);
    if (status != dnnl_success)
      return status;
  }
  dnnl_matmul_desc_t desc;
  dnnl_primitive_desc_t pd;
  dnnl_status_t status = library->matmul_desc_init (&desc, &d[0], &d[1], NULL, &d[2]);
  if (status == dnnl_success)
    status = library->primitive_desc_create (&pd, &desc, state->attributes, state->engine, NULL);
  return status == dnnl_success ? plan_primitive (op, plan, pd) : status;
}

/* A convolution with one tap is a product of matrices whose rows are pixels: as fast as the
 * convolution in general, and much faster for weight gradients of few channels (64 pixels square,
 * 64 to 3: 0.5 instead of 3.6 ms), whose long sums come out best with the few channels as the rows.
 * With many channels the convolution's own weight gradient is faster. */
static bool
is_product (const TsrOp *op)
{
  const TsrConvShape *s = &op->conv;
  bool one_tap = s->kh == 1 && s->kw == 1 && s->stride == 1 && s->pad == 0;
  return one_tap && (op->direction != TSR_CONV_BY_WEIGHT || MIN (s->c, s->k) < 16);
}

static dnnl_status_t
plan_one_tap (TsrOp *op, OnednnPlan *plan, dnnl_data_type_t type)
{
  const TsrConvShape *s = &op->conv;
  int pixels = s->n * s->h * s->w;
  TsrMatmulShape products[] = {
      {pixels, s->k, s->c, false, true},  /* y = x wᵀ */
      {pixels, s->c, s->k, false, false}, /* gx = gy w */
      {s->k, s->c, pixels, true, false},  /* gw = gyᵀ x */
      {s->c, s->k, pixels, true, false},  /* gwᵀ = xᵀ gy */
  };
  bool other_way = op->direction == TSR_CONV_BY_WEIGHT && s->c < s->k;
  plan->swapped = op->direction == TSR_CONV_BY_WEIGHT && !other_way;
  return plan_matmul (op, plan, &products[op->direction + other_way], other_way, type);
}

static void
onednn_free (TsrOp *op)
{
  OnednnPlan *plan = op->plan;
  const TsrOnednnLibrary *library = plan->state->library;
  for (int i = 0; i < 3; i++) {
    Operand *operand = &plan->operands[i];
    if (operand->user)
      library->memory_destroy (operand->user);
    if (operand->used)
      library->memory_destroy (operand->used);
    if (operand->reorder)
      library->primitive_destroy (operand->reorder);
  }
  if (plan->primitive)
    library->primitive_destroy (plan->primitive);
  if (plan->scratchpad)
    library->memory_destroy (plan->scratchpad);
  g_clear_pointer (&op->plan, g_free);
}

static dnnl_status_t
plan_as (TsrOp *op, dnnl_data_type_t type)
{
  OnednnPlan *plan = op->plan = g_new0 (OnednnPlan, 1);
  plan->state = op->provider->state;
  op->scratch = 0;
  if (op->is_matmul)
    return plan_matmul (op, plan, &op->matmul, false, type);
  return is_product (op) ? plan_one_tap (op, plan, type) : plan_convolution (op, plan, type);
}

/* Rounding to bf16 is a pass over both inputs, which only products of some depth repay. oneDNN's
 * weight gradients in bf16 wait for each other in loops that never sleep: one busy core makes them
 * five to hundreds of times slower, while f32 has next to no such waits. They are therefore left to
 * processors with matrix tiles (AMX), where they are four times faster than f32, and to images that
 * are large enough to wait rarely, and to single threads, which have nobody to wait for. */
static bool
gains_by_bf16 (const TsrOp *op)
{
  const OnednnState *state = op->provider->state;
  double values = (double)(op->bytes_a + op->bytes_b) / sizeof (float);
  bool weight_gradient = !op->is_matmul && op->direction == TSR_CONV_BY_WEIGHT && !is_product (op);
  if (weight_gradient && state->threads != 1 && (!state->has_amx || op->oh * op->ow < 256))
    return false;
  return op->flops / values >= 64;
}

static bool
plan_in_precision (TsrOp *op, GError **error)
{
  const OnednnState *state = op->provider->state;
  if (op->precision == TSR_BF16 && state->has_bf16 && gains_by_bf16 (op)) {
    if (plan_as (op, dnnl_bf16) == dnnl_success)
      return true;
    onednn_free (op); /* not every shape exists in bf16; f32 does no harm */
  }
  dnnl_status_t status = plan_as (op, dnnl_f32);
  return status == dnnl_success || onednn_fail (op, status, error);
}

/* Primitives are cut for as many threads as the planning thread would use. */
static bool
onednn_plan (TsrOp *op, GError **error)
{
  const OnednnState *state = op->provider->state;
  int usual = state->library->omp_get_max_threads ();
  if (state->threads > 0)
    state->library->omp_set_num_threads (state->threads);
  bool ok = plan_in_precision (op, error);
  if (state->threads > 0)
    state->library->omp_set_num_threads (usual);
  return ok;
}

/* ---- running ---- */

typedef struct {
  const OnednnPlan *plan;
  void *host[3]; /* in the order of plan->operands */
  char *scratch;
} Run;

static dnnl_status_t
execute_reorder (const OnednnPlan *plan, dnnl_primitive_t reorder, dnnl_memory_t from,
                 dnnl_memory_t to)
{
  dnnl_exec_arg_t args[3] = {
      {DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}, {DNNL_ARG_SCRATCHPAD, plan->scratchpad}};
  return plan->state->library->primitive_execute (reorder, plan->state->stream,
                                                  plan->scratchpad ? 3 : 2, args);
}

/* Runs inside the queue. */
static bool
run (void *data)
{
  const Run *self = data;
  const OnednnPlan *plan = self->plan;
  const TsrOnednnLibrary *library = plan->state->library;
  dnnl_status_t status = dnnl_success;
  dnnl_exec_arg_t args[4];
  int n_args = 3;
  if (plan->state->threads > 0)
    library->omp_set_num_threads (plan->state->threads);
  if (plan->scratchpad) {
    status =
        library->memory_set_data_handle (plan->scratchpad, self->scratch + plan->scratchpad_offset);
    args[n_args++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, plan->scratchpad};
  }
  for (int i = 0; i < 3 && status == dnnl_success; i++) {
    const Operand *operand = &plan->operands[i];
    args[i] = (dnnl_exec_arg_t){operand->argument, operand->used ? operand->used : operand->user};
    status = library->memory_set_data_handle (operand->user, self->host[i]);
    if (status == dnnl_success && operand->used)
      status = library->memory_set_data_handle (operand->used, self->scratch + operand->offset);
    if (status == dnnl_success && operand->reorder && i < 2)
      status = execute_reorder (plan, operand->reorder, operand->user, operand->used);
  }
  if (status == dnnl_success)
    status = library->primitive_execute (plan->primitive, plan->state->stream, n_args, args);
  const Operand *result = &plan->operands[2];
  if (status == dnnl_success && result->reorder)
    status = execute_reorder (plan, result->reorder, result->used, result->user);
  return status == dnnl_success && library->stream_wait (plan->state->stream) == dnnl_success;
}

static bool
onednn_enqueue (TsrOp *op, TsrBuffer *a, TsrBuffer *b, TsrBuffer *out, TsrBuffer *scratch,
                GError **error)
{
  const OnednnPlan *plan = op->plan;
  Run job = {plan,
             {plan->swapped ? b->host : a->host, plan->swapped ? a->host : b->host, out->host},
             scratch ? scratch->host : NULL};
  return tsr_device_native (op->provider->device, op->name, run, &job, sizeof job,
                            plan->state->threads == 1, error);
}

const TsrProviderTable tsr_provider_onednn = {
    .name = "onednn",
    .kind = TSR_PROVIDER_ONEDNN,
    .open = onednn_open,
    .close = onednn_close,
    .has_bf16 = onednn_has_bf16,
    .plan = onednn_plan,
    .enqueue = onednn_enqueue,
    .free = onednn_free,
};
