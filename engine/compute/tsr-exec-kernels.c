#include "tsr-exec-kernels.h"

#include <string.h>

size_t
tsr_divide_up (size_t n, size_t by)
{
  return (n + by - 1) / by;
}

size_t
tsr_cpu_items (const TsrProvider *provider, size_t work, size_t smallest)
{
  size_t units = tsr_provider_units (provider), most = units > 1 ? 4 * units : 1;
  return CLAMP (work / smallest, 1, most);
}

void
tsr_launch_init (TsrLaunch *launch, cl_kernel kernel)
{
  *launch = (TsrLaunch){.kernel = kernel, .global = {1, 1, 1}};
}

bool
tsr_launch_plan_sum_parts (TsrLaunch *launch, size_t n, size_t parts, TsrDevice *device,
                           const TsrProvider *provider, GError **error)
{
  bool cpu = tsr_device_info (device)->is_cpu;
  size_t block = 1, columns = 16;
  while (columns / 2 >= n)
    columns /= 2;
  g_autofree char *defines = g_strdup_printf ("COLUMNS %zu", columns);
  cl_kernel kernel = tsr_device_kernel (
      device, "sum_parts.cl", cpu ? "sum_parts" : "sum_many_parts", cpu ? NULL : defines, error);
  if (!kernel)
    return false;
  tsr_launch_init (launch, kernel);
  if (cpu)
    block = tsr_divide_up (n, tsr_cpu_items (provider, n * parts, 8192));
  launch->global[0] = tsr_divide_up (n, block);
  if (!cpu) {
    launch->local[0] = columns, launch->local[1] = 256 / columns, launch->local[2] = 1;
    launch->global[0] = tsr_divide_up (n, columns) * columns;
    launch->global[1] = launch->local[1];
  }
  launch->ints[0] = (int)n, launch->ints[1] = (int)parts, launch->ints[2] = (int)block;
  launch->n_ints = cpu ? 3 : 2;
  return true;
}

static void
set_ints (TsrLaunch *launch, const int *ints, size_t n)
{
  memcpy (launch->ints, ints, n * sizeof *ints);
  launch->n_ints = (unsigned)n;
}

/* Kernels that make images row by row: a CPU gets blocks of whole rows, others a pixel each. Adds
 * the arguments rows, block and columns. */
static void
set_rows (TsrLaunch *launch, const TsrNode *node, TsrDevice *device, const TsrProvider *provider)
{
  bool cpu = tsr_device_info (device)->is_cpu;
  size_t rows = (size_t)node->dim[0] * node->dim[1];
  size_t block = tsr_divide_up (rows, cpu ? tsr_cpu_items (provider, tsr_node_elements (node), 2048)
                                          : TSR_MOST_GROUPS);
  launch->ints[launch->n_ints++] = (int)rows;
  launch->ints[launch->n_ints++] = (int)block;
  launch->ints[launch->n_ints++] = cpu ? node->dim[2] : 1;
  launch->global[0] = cpu ? 1 : (size_t)node->dim[2];
  launch->global[1] = tsr_divide_up (rows, block);
}

static bool
plan_fir (TsrLaunch *launch, const TsrNode *node, TsrDevice *device, const TsrProvider *provider,
          GError **error)
{
  const TsrNode *x = node->in[0];
  bool cpu = tsr_device_info (device)->is_cpu;
  unsigned width = tsr_device_vector_width (device);
  if (!cpu && node->dim[3] % (int)width != 0)
    width = 1;
  g_autofree char *defines =
      g_strdup_printf ("V %u\nUP %d\nDOWN %d", width, node->i[0], node->i[1]);
  cl_kernel kernel =
      tsr_device_kernel (device, "fir.cl", cpu ? "fir" : "fir_point", defines, error);
  if (!kernel)
    return false;
  tsr_launch_init (launch, kernel);
  const int ints[] = {x->dim[1], x->dim[2], node->dim[1], node->dim[2], node->dim[3], node->i[2]};
  set_ints (launch, ints, G_N_ELEMENTS (ints));
  if (cpu)
    set_rows (launch, node, device, provider);
  else {
    launch->guarded = true;
    launch->ints[launch->n_ints++] = node->dim[0];
    launch->global[0] = (size_t)node->dim[3] / width * node->dim[2];
    launch->global[1] = (size_t)node->dim[1];
    launch->global[2] = (size_t)node->dim[0];
  }
  launch->has_gain = true;
  launch->gain = node->f[0];
  return true;
}

static bool
plan_pool (TsrLaunch *launch, const TsrNode *node, TsrDevice *device, const TsrProvider *provider,
           GError **error)
{
  const TsrNode *x = node->in[0];
  bool max = node->kind == TSR_NODE_MAX_POOL;
  g_autofree char *defines = g_strdup_printf ("V %u", tsr_device_vector_width (device));
  cl_kernel kernel = tsr_device_kernel (device, max ? "max_pool.cl" : "average_pool.cl",
                                        max ? "max_pool" : "average_pool", defines, error);
  if (!kernel)
    return false;
  tsr_launch_init (launch, kernel);
  const int of_max[] = {x->dim[1], x->dim[2],  node->dim[1], node->dim[2],
                        x->dim[3], node->i[0], node->i[1],   node->i[2]};
  const int of_average[] = {x->dim[1], x->dim[2], x->dim[3], node->i[0]};
  set_ints (launch, max ? of_max : of_average,
            max ? G_N_ELEMENTS (of_max) : G_N_ELEMENTS (of_average));
  set_rows (launch, node, device, provider);
  return true;
}

static bool
plan_concat (TsrLaunch *launch, const TsrNode *node, TsrDevice *device, const TsrProvider *provider,
             GError **error)
{
  cl_kernel kernel = tsr_device_kernel (device, "concat.cl", "concat", NULL, error);
  if (!kernel)
    return false;
  tsr_launch_init (launch, kernel);
  size_t rows = 1, inner = 1, length, block, chunk = 1;
  for (int k = 0; k < node->i[0]; k++)
    rows *= (size_t)node->dim[k];
  for (int k = node->i[0] + 1; k < 4; k++)
    inner *= (size_t)node->dim[k];
  length = inner * (size_t)node->dim[node->i[0]];
  block = tsr_divide_up (rows, TSR_MOST_GROUPS);
  if (tsr_device_info (device)->is_cpu) {
    size_t items = tsr_cpu_items (provider, rows * length, 4096);
    block = tsr_divide_up (rows, items);
    chunk = rows >= items ? length : tsr_divide_up (length, tsr_divide_up (items, rows));
  }
  const int ints[] = {(int)inner * node->in[0]->dim[node->i[0]],
                      (int)inner * node->in[1]->dim[node->i[0]], (int)rows, (int)block, (int)chunk};
  set_ints (launch, ints, G_N_ELEMENTS (ints));
  launch->global[0] = tsr_divide_up (length, chunk);
  launch->global[1] = tsr_divide_up (rows, block);
  return true;
}

/* Slices and pads: out[o][j][i] = in[o][j + shift][i] where that exists, else 0. */
static bool
plan_window (TsrLaunch *launch, const TsrNode *node, TsrDevice *device, GError **error)
{
  cl_kernel kernel = tsr_device_kernel (device, "window.cl", "window", NULL, error);
  if (!kernel)
    return false;
  tsr_launch_init (launch, kernel);
  int axis = node->i[0], outer = 1, inner = 1;
  for (int k = 0; k < axis; k++)
    outer *= node->dim[k];
  for (int k = axis + 1; k < 4; k++)
    inner *= node->dim[k];
  int block = (int)tsr_divide_up ((size_t)outer, TSR_MOST_GROUPS);
  const int ints[] = {outer,
                      node->dim[axis],
                      node->in[0]->dim[axis],
                      inner,
                      node->kind == TSR_NODE_SLICE ? node->i[1] : -node->i[1],
                      tsr_device_info (device)->is_cpu ? inner : 1,
                      block};
  set_ints (launch, ints, G_N_ELEMENTS (ints));
  launch->global[0] = tsr_device_info (device)->is_cpu ? 1 : (size_t)inner;
  launch->global[1] = (size_t)node->dim[axis];
  launch->global[2] = tsr_divide_up ((size_t)outer, (size_t)block);
  return true;
}

/* A CPU looks through an image once for as few row blocks as keep its cores busy; elsewhere each
 * pixel has a work-item. */
static bool
plan_warp (TsrLaunch *launch, const TsrNode *node, TsrDevice *device, const TsrProvider *provider,
           GError **error)
{
  static const char *const entries[2][2] = {{"warp_point", "warp_adjoint_point"},
                                            {"warp", "warp_adjoint"}};
  bool cpu = tsr_device_info (device)->is_cpu;
  g_autofree char *defines = g_strdup_printf ("C %d", node->dim[3]);
  cl_kernel kernel =
      tsr_device_kernel (device, "warp.cl", entries[cpu][node->i[0] != 0], defines, error);
  if (!kernel)
    return false;
  tsr_launch_init (launch, kernel);
  size_t size = (size_t)node->dim[1], images = (size_t)node->dim[0];
  if (!cpu) {
    launch->ints[launch->n_ints++] = (int)size;
    launch->global[0] = launch->global[1] = size;
    launch->global[2] = images;
    return true;
  }
  size_t blocks = MIN (tsr_divide_up (tsr_provider_units (provider), images), size);
  size_t rows = tsr_divide_up (size, blocks);
  const int ints[] = {(int)size, (int)rows};
  set_ints (launch, ints, G_N_ELEMENTS (ints));
  launch->global[0] = tsr_divide_up (size, rows);
  launch->global[1] = images;
  return true;
}

bool
tsr_launch_plan (TsrLaunch *launch, const TsrNode *node, TsrDevice *device,
                 const TsrProvider *provider, GError **error)
{
  switch (node->kind) {
  case TSR_NODE_SLICE:
  case TSR_NODE_PAD:
    return plan_window (launch, node, device, error);
  case TSR_NODE_CONCAT:
    return plan_concat (launch, node, device, provider, error);
  case TSR_NODE_MAX_POOL:
  case TSR_NODE_AVERAGE_POOL:
    return plan_pool (launch, node, device, provider, error);
  case TSR_NODE_FIR:
    return plan_fir (launch, node, device, provider, error);
  case TSR_NODE_WARP:
    return plan_warp (launch, node, device, provider, error);
  default:
    g_assert_not_reached ();
  }
}
