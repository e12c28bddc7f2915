/* CLBlast on GPUs: a convolution is a product with the matrix of its input's patches (im2col),
 * [pixels of y][taps and channels], which lies in scratch memory for as many images at a time as
 * COLUMN_BYTES holds. */
#include "tsr-provider-private.h"

#include "tsr-device-private.h"

#include <clblast_c.h>

#define COLUMN_BYTES ((size_t)64 << 20)

/* C[m][n] = op(A) op(B) + beta C; offsets and row lengths (ld) in floats. */
typedef struct {
  bool ta, tb;
  size_t m, n, k, a_offset, a_ld, b_offset, b_ld, c_offset, c_ld;
  float beta;
} Gemm;

typedef struct {
  int chunk;            /* images at a time */
  size_t column_values; /* of one image: pixels of y, taps and channels; 0 where x itself is the
                           matrix */
  size_t temp_bytes;    /* CLBlast's own scratch memory comes first */
  size_t column_offset; /* in floats */
  cl_kernel kernel;     /* im2col or col2im */
  unsigned v;
} ClblastPlan;

static bool
clblast_check (const TsrOp *op, CLBlastStatusCode code, GError **error)
{
  if (code == CLBlastSuccess)
    return true;
  g_autofree char *why =
      code > -1000 ? g_strdup_printf ("CLBlast reports %s (%d)", tsr_device_error_name (code), code)
                   : g_strdup_printf ("CLBlast reports error %d", code);
  return tsr_op_fail (op, error, why);
}

static CLBlastTranspose
transposed (bool yes)
{
  return yes ? CLBlastTransposeYes : CLBlastTransposeNo;
}

/* ---- one product ---- */

static bool
gemm_plan (TsrOp *op, const Gemm *g, GError **error)
{
  ClblastPlan *plan = op->plan;
  size_t bytes = 0;
  CLBlastStatusCode code = CLBlastSGemmTempBufferSize (
      CLBlastLayoutRowMajor, transposed (g->ta), transposed (g->tb), g->m, g->n, g->k, g->a_offset,
      g->a_ld, g->b_offset, g->b_ld, g->c_offset, g->c_ld, &op->provider->device->queue, &bytes);
  plan->temp_bytes = MAX (plan->temp_bytes, bytes);
  return clblast_check (op, code, error);
}

static bool
gemm_run (TsrOp *op, const Gemm *g, TsrBuffer *a, TsrBuffer *b, TsrBuffer *c, TsrBuffer *temp,
          GError **error)
{
  TsrDevice *device = op->provider->device;
  cl_event event;
  cl_event *want = tsr_profile_event (device, &event);
  locale_t former = uselocale (device->c_numbers);
  CLBlastStatusCode code =
      temp ? CLBlastSgemmWithTempBuffer (
                 CLBlastLayoutRowMajor, transposed (g->ta), transposed (g->tb), g->m, g->n, g->k, 1,
                 a->mem, g->a_offset, g->a_ld, b->mem, g->b_offset, g->b_ld, g->beta, c->mem,
                 g->c_offset, g->c_ld, &device->queue, want, temp->mem)
           : CLBlastSgemm (CLBlastLayoutRowMajor, transposed (g->ta), transposed (g->tb), g->m,
                           g->n, g->k, 1, a->mem, g->a_offset, g->a_ld, b->mem, g->b_offset,
                           g->b_ld, g->beta, c->mem, g->c_offset, g->c_ld, &device->queue, want);
  uselocale (former);
  if (!clblast_check (op, code, error))
    return false;
  tsr_profile_commit (device, op->name, &event);
  return true;
}

static Gemm
matmul_gemm (const TsrMatmulShape *s)
{
  return (Gemm){.ta = s->transpose_a,
                .tb = s->transpose_b,
                .m = s->m,
                .n = s->n,
                .k = s->k,
                .a_ld = s->transpose_a ? s->m : s->k,
                .b_ld = s->transpose_b ? s->k : s->n,
                .c_ld = s->n};
}

/* The product of images [first, first + count). */
static Gemm
conv_gemm (const TsrOp *op, int first, int count)
{
  const TsrConvShape *s = &op->conv;
  size_t pixels = (size_t)op->oh * op->ow, taps = (size_t)s->kh * s->kw * s->c;
  size_t rows = count * pixels, y_offset = first * pixels * s->k;
  size_t column_offset = ((ClblastPlan *)op->plan)->column_offset;
  switch (op->direction) {
  case TSR_CONV_FORWARD:
    return (Gemm){.tb = true,
                  .m = rows,
                  .n = s->k,
                  .k = taps,
                  .a_offset = column_offset,
                  .a_ld = taps,
                  .b_ld = taps,
                  .c_offset = y_offset,
                  .c_ld = s->k};
  case TSR_CONV_BY_DATA:
    return (Gemm){.m = rows,
                  .n = taps,
                  .k = s->k,
                  .a_offset = y_offset,
                  .a_ld = s->k,
                  .b_ld = taps,
                  .c_offset = column_offset,
                  .c_ld = taps};
  default:
    return (Gemm){.ta = true,
                  .m = s->k,
                  .n = taps,
                  .k = rows,
                  .a_offset = y_offset,
                  .a_ld = s->k,
                  .b_offset = column_offset,
                  .b_ld = taps,
                  .c_ld = taps,
                  .beta = first > 0};
  }
}

/* ---- planning ---- */

static bool
plan_columns (TsrOp *op, GError **error)
{
  ClblastPlan *plan = op->plan;
  const TsrConvShape *s = &op->conv;
  plan->chunk = s->n;
  if (s->kh == 1 && s->kw == 1 && s->stride == 1 && s->pad == 0)
    return true;
  plan->column_offset = 64; /* CLBlast needs more scratch memory where an offset is not 0 */
  plan->column_values = (size_t)op->oh * op->ow * s->kh * s->kw * s->c;
  plan->chunk = (int)CLAMP (COLUMN_BYTES / (plan->column_values * sizeof (float)), 1, (size_t)s->n);
  plan->v = tsr_device_vector_width (op->provider->device);
  while (s->c % plan->v)
    plan->v /= 2;
  const char *entry = op->direction == TSR_CONV_BY_DATA ? "col2im" : "im2col";
  g_autofree char *file = g_strconcat (entry, ".cl", NULL);
  g_autofree char *defines = g_strdup_printf ("V %u", plan->v);
  plan->kernel = tsr_device_kernel (op->provider->device, file, entry, defines, error);
  return plan->kernel != NULL;
}

static bool
plan_conv (TsrOp *op, GError **error)
{
  ClblastPlan *plan = op->plan;
  if (!plan_columns (op, error))
    return false;
  for (int first = 0; first < op->conv.n; first += plan->chunk) {
    Gemm g = conv_gemm (op, first, MIN (plan->chunk, op->conv.n - first));
    if (!gemm_plan (op, &g, error))
      return false;
  }
  return true;
}

static bool
clblast_plan (TsrOp *op, GError **error)
{
  ClblastPlan *plan = op->plan = g_new0 (ClblastPlan, 1);
  Gemm g = matmul_gemm (&op->matmul);
  if (!(op->is_matmul ? gemm_plan (op, &g, error) : plan_conv (op, error)))
    return false;
  if (plan->column_values > 0)
    plan->column_offset = (plan->temp_bytes / sizeof (float) / 64 + 1) * 64;
  op->scratch = plan->column_values > 0
                    ? (plan->column_offset + plan->chunk * plan->column_values) * sizeof (float)
                    : plan->temp_bytes;
  return true;
}

/* ---- running ---- */

static bool
run_columns (TsrOp *op, TsrBuffer *image, TsrBuffer *column, int first, int count, GError **error)
{
  const ClblastPlan *plan = op->plan;
  const TsrConvShape *s = &op->conv;
  cl_ulong offset = plan->column_offset;
  int sizes[] = {first, s->h, s->w, s->c, op->oh, op->ow, s->kh, s->kw, s->stride, s->pad};
  TsrArg args[13] = {TSR_ARG_BUFFER (image), TSR_ARG_BUFFER (column), TSR_ARG (offset)};
  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    args[3 + i] = TSR_ARG (sizes[i]);
  size_t channels = s->c / plan->v, taps = (size_t)s->kh * s->kw;
  size_t patches[] = {channels * count * op->oh * op->ow, taps, 1},
         pixels[] = {channels * count * s->h * s->w, 1, 1};
  return tsr_device_launch (op->provider->device, plan->kernel, 3,
                            op->direction == TSR_CONV_BY_DATA ? pixels : patches, NULL, args, 13,
                            error);
}

static bool
run_chunk (TsrOp *op, TsrBuffer *a, TsrBuffer *b, TsrBuffer *out, TsrBuffer *scratch,
           TsrBuffer *temp, int first, GError **error)
{
  const ClblastPlan *plan = op->plan;
  int count = MIN (plan->chunk, op->conv.n - first);
  bool columns = plan->column_values > 0;
  Gemm g = conv_gemm (op, first, count);
  if (op->direction == TSR_CONV_BY_DATA)
    return gemm_run (op, &g, a, b, columns ? scratch : out, temp, error) &&
           (!columns || run_columns (op, out, scratch, first, count, error));
  if (columns && !run_columns (op, a, scratch, first, count, error))
    return false;
  TsrBuffer *x = columns ? scratch : a;
  return op->direction == TSR_CONV_FORWARD ? gemm_run (op, &g, x, b, out, temp, error)
                                           : gemm_run (op, &g, b, x, out, temp, error);
}

static bool
clblast_enqueue (TsrOp *op, TsrBuffer *a, TsrBuffer *b, TsrBuffer *out, TsrBuffer *scratch,
                 GError **error)
{
  const ClblastPlan *plan = op->plan;
  TsrBuffer *temp = plan->temp_bytes > 0 ? scratch : NULL;
  bool ok = true;
  Gemm g = matmul_gemm (&op->matmul);
  if (op->is_matmul)
    ok = gemm_run (op, &g, a, b, out, temp, error);
  else
    for (int first = 0; first < op->conv.n && ok; first += plan->chunk)
      ok = run_chunk (op, a, b, out, scratch, temp, first, error);
  return ok;
}

static void
clblast_free (TsrOp *op)
{
  g_clear_pointer (&op->plan, g_free);
}

const TsrProviderTable tsr_provider_clblast = {
    .name = "clblast",
    .kind = TSR_PROVIDER_CLBLAST,
    .plan = clblast_plan,
    .enqueue = clblast_enqueue,
    .free = clblast_free,
};
