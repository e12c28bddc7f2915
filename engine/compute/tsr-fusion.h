#pragma once
/* One kernel for a tree of pointwise nodes, alone or under a sum: the OpenCL source, its operands
 * and its loops. The source depends on the structure only, not on sizes, so layers of different
 * shape share compiled kernels. */

#include "tsr-graph.h"

enum { TSR_FUSED_OPERANDS = 12 }; /* at most; keeps register pressure and argument lists sane */

typedef struct {
  char *source; /* owned; the kernel is called "fused" */
  char name[48];
  unsigned n_operands;
  TsrNode *operand[TSR_FUSED_OPERANDS]; /* computed values the kernel reads */
  unsigned rank;                        /* loops after merging, the innermost last; at least 1 */
  int extent[4];
  int stride[TSR_FUSED_OPERANDS][4]; /* in elements; 0 where the operand is broadcast */
  bool reduced[4];
  bool is_sum;
} TsrFused;

/** Describes the kernel that computes `root` (pointwise, or a sum whose input may be inlined).
 * stored[id] tells which nodes are read from memory; the others under root are computed on the fly.
 * width is the vector width. */
void tsr_fused_init (TsrFused *fused, TsrNode *root, const bool *stored, unsigned width);

/** Frees the source, once or more often; the struct is the caller's. */
void tsr_fused_clear (TsrFused *fused);

/** Decides which pointwise nodes are worth storing: sets stored[id] for every node of the graph
 * that is needed, given the outputs. needed[id] and stored[id] have tsr_graph_size entries; needed
 * is input, stored output. */
void tsr_fusion_choose (const TsrGraph *graph, const bool *needed, const bool *is_output,
                        bool *stored);
