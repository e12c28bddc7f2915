#pragma once
/* Nearest neighbours on a device, exact. Products of a block of rows with blocks of all rows
 * propose, thinned out where they are made (opencl/nearest_keep.cl); the distances of what they
 * propose are computed from the differences (opencl/nearest_rank.cl). Rows of which rounding could
 * hide a neighbour are left to the processors (tsr_nearest_is_sure). */

#include "tsr-device.h"
#include "tsr-progress.h"

/** As tsr_knn_scaled: k nearest of each row of x [n,d], nearest first, equally near ones by index;
 * k + max (16, k / 4) are proposed, a set that does not depend on the order of work-items. squared
 * is of x over a power of two. block: bytes the products may take; 0: 256 MiB, or an eighth of the
 * device's memory. Stops with G_IO_ERROR_CANCELLED. */
bool tsr_map_neighbours (TsrDevice *device, const float *x, size_t n, size_t d, size_t k,
                         size_t block, uint32_t *index, float *squared, const TsrProgress *progress,
                         GError **error);
