#pragma once
/* How the nodes that have a kernel of their own in opencl/ are launched: which kernel, its integer
 * arguments and its range. For tsr-exec.c, which adds the buffers. */

#include "tsr-fusion.h"
#include "tsr-provider.h"

enum { TSR_LAUNCH_INTS = 4 + 3 * TSR_FUSED_OPERANDS + 8 };

/** One launch; its arguments are the buffers, the integers and the gain, in this order. */
typedef struct {
  cl_kernel kernel;
  size_t global[3], local[3]; /* local[0] 0: tsr_device_groups chooses */
  bool guarded;               /* work-items beyond the range do nothing */
  unsigned n_buffers, n_ints;
  uint32_t buffer[1 + TSR_FUSED_OPERANDS]; /* values of the executor; the first is written */
  int ints[TSR_LAUNCH_INTS];
  float gain;
  bool has_gain;
} TsrLaunch;

/** n / by, rounded up. */
size_t tsr_divide_up (size_t n, size_t by);

/** How many work-items a CPU device gets for n units of work: several for each of the provider's
 * cores, none with less than `smallest` units. */
size_t tsr_cpu_items (const TsrProvider *provider, size_t work, size_t smallest);

/** A GPU takes at most so many work-groups along the second and third axis. */
#define TSR_MOST_GROUPS 32768

/** A launch of kernel over one work-item, without arguments. */
void tsr_launch_init (TsrLaunch *launch, cl_kernel kernel);

/** Adds the integers every generated kernel takes: its extents and its operands' strides. */
void tsr_launch_push_fused (TsrLaunch *launch, const TsrFused *fused);

/** Sets the range of a pointwise kernel, and adds its integers. */
void tsr_launch_pointwise_range (TsrLaunch *launch, const TsrFused *fused, const TsrDevice *device,
                                 const TsrProvider *provider);

/** The same for a sum, which may be cut into parts; returns into how many: with more than one the
 * kernel writes [parts][n], for tsr_launch_plan_sum_parts to add up. */
size_t tsr_launch_sum_range (TsrLaunch *launch, const TsrFused *fused, const TsrDevice *device,
                             const TsrProvider *provider);

/** The launch that sums [parts][n] over the parts, without its buffers: the sums, then the parts.
 */
bool tsr_launch_plan_sum_parts (TsrLaunch *launch, size_t n, size_t parts, TsrDevice *device,
                                const TsrProvider *provider, GError **error);

/** The launch that computes a node which is neither pointwise nor a sum, product or convolution,
 * without its buffers: the result, then the inputs. */
bool tsr_launch_plan (TsrLaunch *launch, const TsrNode *node, TsrDevice *device,
                      const TsrProvider *provider, GError **error);
