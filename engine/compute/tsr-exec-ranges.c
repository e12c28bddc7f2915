/* How the work-items of a generated kernel share its rows and columns. A CPU gets a few work-items
 * with much that lies together, a GPU many with a vector each, neighbours beside neighbours. */
#include "tsr-exec-kernels.h"

#include <string.h>

void
tsr_launch_push_fused (TsrLaunch *launch, const TsrFused *fused)
{
  for (unsigned j = 0; j < fused->rank; j++)
    launch->ints[launch->n_ints++] = fused->extent[j];
  for (unsigned k = 0; k < fused->n_operands; k++)
    for (unsigned j = 0; j + 1 < fused->rank; j++)
      launch->ints[launch->n_ints++] = fused->stride[k][j];
}

void
tsr_launch_pointwise_range (TsrLaunch *launch, const TsrFused *fused, const TsrDevice *device,
                            const TsrProvider *provider)
{
  unsigned width = tsr_device_vector_width (device);
  size_t columns = (size_t)fused->extent[fused->rank - 1], rows = 1, chunk, block;
  for (unsigned j = 0; j + 1 < fused->rank; j++)
    rows *= (size_t)fused->extent[j];
  if (!tsr_device_info (device)->is_cpu) {
    chunk = width;
    block = tsr_divide_up (rows, TSR_MOST_GROUPS);
  } else if (fused->rank == 1) {
    chunk =
        tsr_divide_up (tsr_divide_up (columns, tsr_cpu_items (provider, columns, 4096)), width) *
        width;
    block = 1;
  } else {
    chunk = columns;
    block = tsr_divide_up (rows, tsr_cpu_items (provider, rows * columns, 4096));
  }
  launch->guarded = true;
  launch->global[0] = tsr_divide_up (columns, chunk);
  launch->global[1] = tsr_divide_up (rows, block);
  launch->ints[launch->n_ints++] = (int)rows;
  launch->ints[launch->n_ints++] = (int)chunk;
  launch->ints[launch->n_ints++] = (int)block;
}

/* How the work-items of a sum share its columns, its reduced and its kept rows (tsr-fusion.c). */
typedef struct {
  size_t columns, kept, reduced;
  bool over_columns;
  size_t chunk, span, skip, across, part, block;
} SumRange;

/* A CPU gets as few work-items as keep its cores busy, each with columns that lie together. */
static void
share_sum_on_cpu (const TsrProvider *provider, SumRange *r, size_t width)
{
  size_t items = tsr_cpu_items (provider, r->columns * r->kept * r->reduced, 8192);
  if (r->kept >= items) /* enough to do without cutting the sums */
    r->block = tsr_divide_up (r->kept, items);
  else if (r->reduced >= 2 * items / r->kept)
    r->part = tsr_divide_up (r->reduced, tsr_divide_up (items, r->kept));
  else if (r->over_columns || r->columns > 16 * width)
    r->chunk =
        tsr_divide_up (tsr_divide_up (r->columns, tsr_divide_up (items, r->kept)), width) * width;
  r->span = r->chunk;
  r->skip = width;
  r->across = tsr_divide_up (r->columns, r->chunk);
}

/* A GPU gets a vector of columns each, so that neighbours read what lies together, and as many
 * parts as keep it busy but leave each something to add up. */
static void
share_sum_on_gpu (const TsrProvider *provider, SumRange *r, size_t width)
{
  enum { MOST_PARTS = 512, LEAST_VECTORS = 4 };
  size_t wanted = 512 * (size_t)tsr_provider_units (provider),
         vectors = tsr_divide_up (r->columns, width), parts;
  r->chunk = width;
  r->across = vectors;
  r->span = width;
  if (r->over_columns) {
    parts = CLAMP (wanted / r->kept, 1, MAX (1, vectors / LEAST_VECTORS));
    r->across = MIN (parts, 16 * MOST_PARTS);
    r->span = r->columns;
  }
  parts = CLAMP (wanted / (r->across * r->kept), 1, MAX (1, r->reduced / LEAST_VECTORS));
  r->part = tsr_divide_up (r->reduced, MIN (parts, MOST_PARTS));
  r->skip = width * r->across;
  r->block = tsr_divide_up (r->kept, TSR_MOST_GROUPS);
}

size_t
tsr_launch_sum_range (TsrLaunch *launch, const TsrFused *fused, const TsrDevice *device,
                      const TsrProvider *provider)
{
  unsigned width = tsr_device_vector_width (device), inner = fused->rank - 1;
  SumRange r = {.columns = (size_t)fused->extent[inner],
                .kept = 1,
                .reduced = 1,
                .over_columns = fused->reduced[inner],
                .block = 1};
  for (unsigned j = 0; j < inner; j++)
    *(fused->reduced[j] ? &r.reduced : &r.kept) *= (size_t)fused->extent[j];
  r.chunk = r.columns;
  r.part = r.reduced;
  if (tsr_device_info (device)->is_cpu)
    share_sum_on_cpu (provider, &r, width);
  else
    share_sum_on_gpu (provider, &r, width);
  launch->guarded = true;
  launch->global[0] = r.across;
  launch->global[1] = tsr_divide_up (r.reduced, r.part);
  launch->global[2] = tsr_divide_up (r.kept, r.block);
  int ints[] = {(int)r.kept, (int)r.reduced, (int)r.chunk, (int)r.span,
                (int)r.skip, (int)r.across,  (int)r.part,  (int)r.block};
  memcpy (launch->ints + launch->n_ints, ints, sizeof ints);
  launch->n_ints += G_N_ELEMENTS (ints);
  return launch->global[1] * (r.over_columns ? r.across : 1);
}
