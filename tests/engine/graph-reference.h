#pragma once
/* A graph evaluated node by node in double by the definition of each operation, with nothing shared
 * with the engine's kernels. */

#include "tsr-graph.h"

/** Gives a leaf's values; borrowed, [tsr_node_elements]. */
typedef const double *(*ReferenceLeaf) (const TsrNode *leaf, void *user);

/** Evaluates node; [tsr_node_elements], g_free. */
double *reference_evaluate (TsrNode *node, ReferenceLeaf leaf, void *user);
