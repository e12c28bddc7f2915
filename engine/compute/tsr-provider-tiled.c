/* Products in tiles on GPUs: kernels of opencl/ that gather their operands straight from the images
 * (implicit GEMM), so that no matrix of patches is written and read again. */
#include "tsr-provider-private.h"

#include "tsr-device-private.h"
#include "tsr-error.h"
#include "tsr-exec-kernels.h"
#include "tsr-i18n.h"

#include <string.h>

/* As in opencl/tile.clh. */
#define GROUP_SIDE 16
#define TILE_STEP  16
#define LOCAL_MOST ((size_t)2 * TILE_STEP * 2 * (128 + 4) * sizeof (float))

/* A split is worth its second pass from so many pieces of k on. */
#define PIECES_LEAST 8
#define SPLITS_MOST  64
#define SPLIT_BYTES  ((size_t)128 << 20)

typedef struct {
  cl_kernel kernel, sum; /* own; the second adds up the splits */
  cl_mem last[4];        /* the operands the arguments were set for */
  size_t global[3];
  int splits, part, columns;
  cl_ulong plane;
  int shape[11];
  unsigned n_shape;
} TiledPlan;

/* The product an operation is; m, n and k are those of its largest phase. */
typedef struct {
  const char *file;
  size_t m, n, k, phases, out;
  int a_vector, b_vector, out_vector; /* what these must be multiples of: the contiguous extents */
  const char *defines;
} Product;

static bool
tiled_open (TsrProvider *provider, GError **error)
{
  TsrDevice *device = provider->device;
  size_t group = 0;
  cl_ulong local = 0;
  clGetDeviceInfo (device->id, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof group, &group, NULL);
  clGetDeviceInfo (device->id, CL_DEVICE_LOCAL_MEM_SIZE, sizeof local, &local, NULL);
  if (group >= GROUP_SIDE * GROUP_SIDE && local >= LOCAL_MOST)
    return true;
  g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE,
               _ ("“%s” has too little local memory (%zu KiB) or too small work-groups (%zu) for "
                  "tiled matrix products."),
               device->info->name, (size_t)local >> 10, group);
  return false;
}

static Product
matmul_product (const TsrMatmulShape *s)
{
  static const char *const defines[] = {"", "TRANSPOSE_B", "TRANSPOSE_A",
                                        "TRANSPOSE_A\nTRANSPOSE_B"};
  return (Product){.file = "matmul_tiled.cl",
                   .m = s->m,
                   .n = s->n,
                   .k = s->k,
                   .phases = 1,
                   .out = (size_t)s->m * s->n,
                   .a_vector = s->transpose_a ? s->m : s->k,
                   .b_vector = s->transpose_b ? s->k : s->n,
                   .out_vector = s->n,
                   .defines = defines[2 * s->transpose_a + s->transpose_b]};
}

static Product
conv_product (const TsrOp *op)
{
  const TsrConvShape *s = &op->conv;
  size_t pixels = (size_t)s->n * op->oh * op->ow, taps = (size_t)s->kh * s->kw;
  size_t stride = s->stride;
  switch (op->direction) {
  case TSR_CONV_FORWARD:
    return (Product){"conv_forward_tiled.cl", pixels, s->k, taps * s->c, 1,
                     pixels * s->k,           s->c,   s->c, s->k,        ""};
  case TSR_CONV_BY_DATA:
    return (Product){.file = "conv_by_data_tiled.cl",
                     .m = s->n * tsr_divide_up (s->h, stride) * tsr_divide_up (s->w, stride),
                     .n = s->c,
                     .k = tsr_divide_up (s->kh, stride) * tsr_divide_up (s->kw, stride) * s->k,
                     .phases = stride * stride,
                     .out = (size_t)s->n * s->h * s->w * s->c,
                     .a_vector = s->k,
                     .b_vector = s->c,
                     .out_vector = s->c,
                     .defines = ""};
  default:
    return (Product){.file = "conv_by_weight_tiled.cl",
                     .m = s->k,
                     .n = taps * s->c,
                     .k = pixels,
                     .phases = 1,
                     .out = s->k * taps * s->c,
                     .a_vector = s->k,
                     .b_vector = s->c,
                     .out_vector = s->c,
                     .defines = ""};
  }
}

static int
vector (int extent)
{
  return extent % 4 == 0 ? 4 : 1;
}

/* Tiles of 128 where they leave enough work-groups, or where splitting k makes up for it; and into
 * how many splits k falls. */
static void
choose_tiles (const TsrOp *op, const Product *p, int *tm, int *tn, size_t *splits)
{
  size_t wanted = 2 * (size_t)op->provider->device->info->compute_units;
  size_t pieces = tsr_divide_up (p->k, TILE_STEP), most = MAX (1, pieces / PIECES_LEAST);
  most = MIN (most, MAX (1, SPLIT_BYTES / (p->out * sizeof (float))));
  most = MIN (most, SPLITS_MOST);
  for (int size = 8; size >= 4; size -= 4) {
    *tm = p->m > 64 ? size : 4;
    *tn = p->n > 64 ? size : 4;
    size_t groups =
        tsr_divide_up (p->m, GROUP_SIDE * *tm) * tsr_divide_up (p->n, GROUP_SIDE * *tn) * p->phases;
    *splits = CLAMP (wanted / groups, 1, most);
    if (groups * *splits >= wanted / 2)
      break;
  }
}

static cl_kernel
own_kernel (TsrOp *op, const char *file, const char *entry, const char *defines, GError **error)
{
  TsrDevice *device = op->provider->device;
  cl_kernel shared = tsr_device_kernel (device, file, entry, defines, error);
  return shared ? tsr_device_copy_kernel (device, shared, error) : NULL;
}

static bool
tiled_plan (TsrOp *op, GError **error)
{
  TiledPlan *plan = op->plan = g_new0 (TiledPlan, 1);
  Product p = op->is_matmul ? matmul_product (&op->matmul) : conv_product (op);
  int tm, tn;
  size_t splits;
  choose_tiles (op, &p, &tm, &tn, &splits);
  size_t pieces = tsr_divide_up (tsr_divide_up (p.k, TILE_STEP), splits);
  plan->part = (int)(pieces * TILE_STEP);
  plan->splits = (int)tsr_divide_up (p.k, plan->part);
  plan->plane = p.out;
  plan->columns = plan->splits > 1 ? (int)p.out : 0; /* SPLIT_BYTES bounds it */
  plan->global[0] = GROUP_SIDE * tsr_divide_up (p.m, GROUP_SIDE * tm);
  plan->global[1] = GROUP_SIDE * tsr_divide_up (p.n, GROUP_SIDE * tn);
  plan->global[2] = p.phases * plan->splits;
  op->scratch = plan->splits > 1 ? plan->splits * p.out * sizeof (float) : 0;

  const TsrConvShape *s = &op->conv;
  const int conv[] = {s->n, s->h,  s->w,  s->c,      op->oh, op->ow,
                      s->k, s->kh, s->kw, s->stride, s->pad},
            matmul[] = {op->matmul.m, op->matmul.n, op->matmul.k};
  plan->n_shape = op->is_matmul ? G_N_ELEMENTS (matmul) : G_N_ELEMENTS (conv);
  for (unsigned i = 0; i < plan->n_shape; i++)
    plan->shape[i] = op->is_matmul ? matmul[i] : conv[i];
  g_autofree char *defines =
      g_strdup_printf ("TM %d\nTN %d\nVA %d\nVB %d\nVC %d\n%s", tm, tn, vector (p.a_vector),
                       vector (p.b_vector), vector (p.out_vector), p.defines);
  plan->kernel = own_kernel (op, p.file, "tile", defines, error);
  if (plan->kernel && plan->splits > 1)
    plan->sum = own_kernel (op, "sum_parts.cl", "sum_parts", NULL, error);
  return plan->kernel && (plan->splits == 1 || plan->sum);
}

/* An executor calls an operation with the same operands each time: setting arguments costs more
 * than the launch. */
static bool
set_arguments (TsrOp *op, TsrBuffer *first, TsrBuffer *second, TsrBuffer *out, TsrBuffer *scratch,
               GError **error)
{
  TiledPlan *plan = op->plan;
  TsrDevice *device = op->provider->device;
  TsrBuffer *to = plan->splits > 1 ? scratch : out;
  int block = 1;
  TsrArg args[6 + G_N_ELEMENTS (plan->shape)] = {TSR_ARG_BUFFER (first), TSR_ARG_BUFFER (second),
                                                 TSR_ARG_BUFFER (to),    TSR_ARG (plan->splits),
                                                 TSR_ARG (plan->part),   TSR_ARG (plan->plane)};
  for (unsigned i = 0; i < plan->n_shape; i++)
    args[6 + i] = TSR_ARG (plan->shape[i]);
  if (!tsr_device_set_arguments (device, plan->kernel, args, 6 + plan->n_shape, error))
    return false;
  if (plan->splits == 1)
    return true;
  TsrArg sum_args[] = {TSR_ARG_BUFFER (out), TSR_ARG_BUFFER (scratch), TSR_ARG (plan->columns),
                       TSR_ARG (plan->splits), TSR_ARG (block)};
  return tsr_device_set_arguments (device, plan->sum, sum_args, G_N_ELEMENTS (sum_args), error);
}

static bool
tiled_enqueue (TsrOp *op, TsrBuffer *a, TsrBuffer *b, TsrBuffer *out, TsrBuffer *scratch,
               GError **error)
{
  static const size_t local[] = {GROUP_SIDE, GROUP_SIDE, 1};
  TiledPlan *plan = op->plan;
  TsrDevice *device = op->provider->device;
  bool by_weight = !op->is_matmul && op->direction == TSR_CONV_BY_WEIGHT;
  cl_mem now[] = {a->mem, b->mem, out->mem, scratch ? scratch->mem : NULL};
  if (memcmp (now, plan->last, sizeof now) != 0) {
    memset (plan->last, 0, sizeof plan->last);
    if (!set_arguments (op, by_weight ? b : a, by_weight ? a : b, out, scratch, error))
      return false;
    memcpy (plan->last, now, sizeof now);
  }
  if (!tsr_device_enqueue (device, plan->kernel, 3, plan->global, local, error))
    return false;
  if (plan->splits == 1)
    return true;
  size_t items = plan->columns, group;
  tsr_device_groups (device, 1, true, &items, &group);
  return tsr_device_enqueue (device, plan->sum, 1, &items, &group, error);
}

static void
tiled_free (TsrOp *op)
{
  TiledPlan *plan = op->plan;
  tsr_device_release_kernel (op->provider->device, plan->kernel);
  tsr_device_release_kernel (op->provider->device, plan->sum);
  g_clear_pointer (&op->plan, g_free);
}

const TsrProviderTable tsr_provider_tiled = {
    .name = "tiled",
    .kind = TSR_PROVIDER_TILED,
    .open = tiled_open,
    .plan = tiled_plan,
    .enqueue = tiled_enqueue,
    .free = tiled_free,
};
