#pragma once
/* A k-d tree over labelled points of the plane, for when many labels must be compared with many
 * tiles. */

#include <stddef.h>
#include <stdint.h>

typedef struct TsrLabelTree TsrLabelTree;

/** Builds the tree over points[sources[s]] (points [.,2] borrowed), each of class
 * classes[sources[s]]. */
TsrLabelTree *tsr_label_tree_new (const float *points, const uint32_t *sources, size_t count,
                                  const int32_t *classes);

/** Frees the tree, not the points; NULL is allowed. */
void tsr_label_tree_free (TsrLabelTree *tree);

/** Finds the source nearest to (x, y) that is not of class `without` (a negative one excludes
 * nothing); of equally near ones the lowest index. Returns UINT32_MAX if there is none, else its
 * squared distance too, dx dx + dy dy in single precision. */
uint32_t tsr_label_tree_nearest (const TsrLabelTree *tree, float x, float y, int32_t without,
                                 float *squared);
