#pragma once
/* The repulsive half of t-SNE's gradient on a device: what tsr_repulsion_interpolated computes, on
 * the same grid with the same splines and kernel. Charges are summed in fixed point, so that the
 * order in which points are spread changes nothing. */

#include "tsr-device.h"

/** Grid, transformed kernel and scratch, kept between iterations. */
typedef struct TsrMapRepulsion TsrMapRepulsion;

/** For n points; step as for tsr_repulsion_new. The device must have
 * cl_khr_int64_base_atomics. NULL with error. */
TsrMapRepulsion *tsr_map_repulsion_new (TsrDevice *device, size_t n, double step, GError **error);

/** Frees grid and scratch; NULL is allowed. */
void tsr_map_repulsion_free (TsrMapRepulsion *repulsion);

/** Enqueues force_i = sum_j q_ij^2 (y_i - y_j), [n,2], and z [tsr_map_groups (n)], whose sum is Z.
 * bounds (least and largest x, then y) hold y [n,2] to a node's width; they are the host's. */
bool tsr_map_repulsion_run (TsrMapRepulsion *repulsion, TsrBuffer *y, const float bounds[4],
                            TsrBuffer *force, TsrBuffer *z, GError **error);
