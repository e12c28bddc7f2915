#pragma once
/* Squared distances of many points to one, the inner loop of sampling and of every rule, and what
 * points must be before they are measured. */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Squared Euclidean distances of rows [begin, end) of points [.,d] to the point at from [d], into
 * out [end - begin]. Single precision, summed in sixteen chains, the same on every machine of a
 * kind. */
void tsr_distances (const float *points, size_t d, size_t begin, size_t end, const float *from,
                    float *out);

/** The same of the rows index[0 .. count) of points, into out [count]. */
void tsr_distances_of (const float *points, size_t d, const uint32_t *index, size_t count,
                       const float *from, float *out);

/** Checks that every row of points [n,d] that is not blocked (NULL: none is) is finite; if not,
 * names the first such tile in error. */
bool tsr_points_check (const float *points, size_t n, size_t d, const uint8_t *blocked,
                       GError **error);
