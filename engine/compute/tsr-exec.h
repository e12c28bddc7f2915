#pragma once
/* Runs a graph on a device: leaves are bound to buffers, outputs are asked for, the rest is planned
 * once (which nodes are needed, which are fused, where each value lives) and then only enqueued,
 * without allocation or synchronisation. */

#include "tsr-arena.h"
#include "tsr-graph.h"
#include "tsr-provider.h"

typedef struct TsrExec TsrExec;

/** graph, provider and arena are borrowed and outlive the executor; the graph must not grow after
 * tsr_exec_plan. */
TsrExec *tsr_exec_new (TsrGraph *graph, TsrProvider *provider, TsrArena *arena, TsrDevice *device,
                       TsrPrecision precision);

/** Frees the executor, its operations and its views of the arena; bound buffers stay. Wait for the
 * device first, and free arena and provider afterwards. NULL is allowed. */
void tsr_exec_free (TsrExec *exec);

/** Binds a leaf by name to a buffer of at least its size; borrowed. Binding a name no leaf has is
 * fine. */
void tsr_exec_bind (TsrExec *exec, const char *leaf, TsrBuffer *buffer);

/** Asks for node to be computed into buffer (borrowed, at least its size). A buffer that is also
 * bound to a leaf is written after everything has read it. */
void tsr_exec_output (TsrExec *exec, TsrNode *node, TsrBuffer *buffer);

/** Plans everything: compiles kernels, chooses library primitives, reserves scratch in the arena.
 * Fails if a needed leaf is not bound. */
bool tsr_exec_plan (TsrExec *exec, GError **error);

/** Enqueues one evaluation. The first call takes the arena's memory. */
bool tsr_exec_run (TsrExec *exec, GError **error);

/** Enqueues one evaluation of each of n executors of the same graph's shape, the k-th on lane k
 * (that of its provider), beside each other: they start after what is on lane 0, and lane 0 goes on
 * after all of them. Each has an arena of its own. */
bool tsr_exec_run_lanes (TsrExec *const *lanes, unsigned n, GError **error);
