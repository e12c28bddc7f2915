#include "tsr-exec.h"

#include "tsr-error.h"
#include "tsr-exec-kernels.h"

#include <string.h>

enum { MAX_ARGS = 2 + TSR_FUSED_OPERANDS + TSR_LAUNCH_INTS };

#define NO_VALUE UINT32_MAX

/* Where a stored node lives: an outside buffer, or a view of the arena that the plan places. */
typedef struct {
  TsrBuffer *outside; /* borrowed */
  TsrBuffer *view;    /* owned */
  TsrLifetime life;   /* of the view */
} Value;

typedef enum { STEP_LAUNCH, STEP_OP, STEP_COPY, STEP_FILL } StepKind;

typedef struct {
  TsrDevice *device; /* borrowed */
  StepKind kind;
  TsrLaunch launch;
  cl_kernel kernel; /* of LAUNCH, with its arguments, once the views exist; owned */
  size_t global[3], local[3];
  TsrOp *op;                   /* owned */
  uint32_t a, b, out, scratch; /* values of OP, COPY (a -> out), FILL (out) */
  float fill;
} Step;

typedef struct {
  TsrNode *node;
  TsrBuffer *buffer;
} Output;

struct TsrExec {
  TsrGraph *graph;
  TsrProvider *provider;
  TsrArena *arena;
  TsrDevice *device;
  TsrPrecision precision;
  GHashTable *bound;  /* name -> TsrBuffer */
  GArray *outputs;    /* Output */
  GArray *values;     /* Value */
  GPtrArray *steps;   /* owned Step */
  uint32_t *value_of; /* by node id */
  bool *stored;
  bool ready; /* views exist */
  size_t scratch;
};

static void
free_step (gpointer data)
{
  Step *step = data;
  if (step->kernel)
    tsr_device_release_kernel (step->device, step->kernel);
  tsr_op_free (step->op);
  g_free (step);
}

static void
clear_value (gpointer data)
{
  tsr_buffer_free (((Value *)data)->view);
}

TsrExec *
tsr_exec_new (TsrGraph *graph, TsrProvider *provider, TsrArena *arena, TsrDevice *device,
              TsrPrecision precision)
{
  TsrExec *self = g_new0 (TsrExec, 1);
  self->graph = graph;
  self->provider = provider;
  self->arena = arena;
  self->device = device;
  self->precision = precision;
  self->bound = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->outputs = g_array_new (FALSE, TRUE, sizeof (Output));
  self->values = g_array_new (FALSE, TRUE, sizeof (Value));
  g_array_set_clear_func (self->values, clear_value);
  self->steps = g_ptr_array_new_with_free_func (free_step);
  return self;
}

void
tsr_exec_free (TsrExec *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->steps);
  g_array_unref (self->values);
  g_array_unref (self->outputs);
  g_hash_table_unref (self->bound);
  g_free (self->value_of);
  g_free (self->stored);
  g_free (self);
}

void
tsr_exec_bind (TsrExec *self, const char *leaf, TsrBuffer *buffer)
{
  g_hash_table_insert (self->bound, g_strdup (leaf), buffer);
}

void
tsr_exec_output (TsrExec *self, TsrNode *node, TsrBuffer *buffer)
{
  g_assert (buffer->bytes >= tsr_node_elements (node) * sizeof (float));
  g_array_append_val (self->outputs, ((Output){node, buffer}));
}

/* ---- values ---- */

static Value *
value_at (TsrExec *self, uint32_t index)
{
  return &g_array_index (self->values, Value, index);
}

static uint32_t
add_value (TsrExec *self, size_t bytes, TsrBuffer *outside)
{
  Value value = {.outside = outside, .life = {bytes, self->steps->len, self->steps->len, 0}};
  g_array_append_val (self->values, value);
  return self->values->len - 1;
}

/* Notes that the step about to be added reads the node, and returns where it lives. */
static uint32_t
use (TsrExec *self, const TsrNode *node)
{
  uint32_t index = self->value_of[node->id];
  g_assert (index != NO_VALUE);
  value_at (self, index)->life.last = self->steps->len;
  return index;
}

static TsrBuffer *
value_buffer (TsrExec *self, uint32_t index)
{
  Value *value = value_at (self, index);
  return value->outside ? value->outside : value->view;
}

/* ---- steps ---- */

static Step *
add_step (TsrExec *self, StepKind kind)
{
  Step *step = g_new0 (Step, 1);
  step->device = self->device;
  step->kind = kind;
  step->scratch = NO_VALUE;
  g_ptr_array_add (self->steps, step);
  return step;
}

/* Sums the parts of a sum that was cut: [parts][n] -> [n]. */
static bool
plan_sum_parts (TsrExec *self, uint32_t partial, size_t parts, uint32_t out, size_t n,
                GError **error)
{
  TsrLaunch launch;
  if (!tsr_launch_plan_sum_parts (&launch, n, parts, self->device, self->provider, error))
    return false;
  launch.buffer[0] = out;
  launch.buffer[1] = partial;
  launch.n_buffers = 2;
  value_at (self, partial)->life.last = self->steps->len;
  value_at (self, out)->life.last = self->steps->len;
  add_step (self, STEP_LAUNCH)->launch = launch;
  return true;
}

static bool
plan_fused (TsrExec *self, TsrNode *node, uint32_t out, GError **error)
{
  TsrFused fused;
  tsr_fused_init (&fused, node, self->stored, tsr_device_vector_width (self->device));
  cl_kernel kernel =
      tsr_device_kernel_from_source (self->device, fused.name, "fused", fused.source, error);
  if (!kernel) {
    tsr_fused_clear (&fused);
    return false;
  }
  TsrLaunch launch;
  tsr_launch_init (&launch, kernel);
  tsr_launch_push_fused (&launch, &fused);
  size_t parts = 1, n = tsr_node_elements (node);
  if (fused.is_sum)
    parts = tsr_launch_sum_range (&launch, &fused, self->device, self->provider);
  else
    tsr_launch_pointwise_range (&launch, &fused, self->device, self->provider);
  uint32_t written = parts > 1 ? add_value (self, parts * n * sizeof (float), NULL) : out;
  launch.buffer[launch.n_buffers++] = written;
  for (unsigned k = 0; k < fused.n_operands; k++)
    launch.buffer[launch.n_buffers++] = use (self, fused.operand[k]);
  tsr_fused_clear (&fused);
  add_step (self, STEP_LAUNCH)->launch = launch;
  return parts == 1 || plan_sum_parts (self, written, parts, out, n, error);
}

/* A kernel of opencl/. */
static bool
plan_kernel (TsrExec *self, TsrNode *node, uint32_t out, GError **error)
{
  TsrLaunch launch;
  if (!tsr_launch_plan (&launch, node, self->device, self->provider, error))
    return false;
  launch.buffer[launch.n_buffers++] = out;
  for (int j = 0; j < 2 && node->in[j]; j++)
    launch.buffer[launch.n_buffers++] = use (self, node->in[j]);
  add_step (self, STEP_LAUNCH)->launch = launch;
  return true;
}

static bool
plan_op (TsrExec *self, TsrNode *node, uint32_t out, GError **error)
{
  TsrOp *op;
  if (node->kind == TSR_NODE_MATMUL)
    op = tsr_provider_matmul (self->provider, node->dim[0], node->dim[3], node->i[2], node->i[0],
                              node->i[1], self->precision, error);
  else {
    TsrConvShape shape = {node->i[1], node->i[2], node->i[3], node->i[4], node->i[5],
                          node->i[6], node->i[7], node->i[8], node->i[9]};
    op = tsr_provider_conv (self->provider, (TsrConvDirection)node->i[0], &shape, self->precision,
                            error);
  }
  if (!op)
    return false;
  uint32_t a = use (self, node->in[0]), b = use (self, node->in[1]);
  uint32_t scratch =
      tsr_op_scratch (op) > 0 ? add_value (self, tsr_op_scratch (op), NULL) : NO_VALUE;
  Step *step = add_step (self, STEP_OP);
  step->op = op;
  step->a = a, step->b = b, step->out = out, step->scratch = scratch;
  return true;
}

static void
add_copy (TsrExec *self, uint32_t from, TsrBuffer *to, size_t bytes)
{
  uint32_t out = add_value (self, bytes, to);
  value_at (self, from)->life.last = self->steps->len;
  Step *step = add_step (self, STEP_COPY);
  step->a = from;
  step->out = out;
}

/* ---- the plan ---- */

static bool *
find_needed (const TsrExec *self, bool *is_output)
{
  bool *needed = g_new0 (bool, tsr_graph_size (self->graph));
  TsrNode *const *nodes = tsr_graph_nodes (self->graph);
  for (guint k = 0; k < self->outputs->len; k++) {
    const TsrNode *node = g_array_index (self->outputs, Output, k).node;
    needed[node->id] = is_output[node->id] = true;
  }
  for (size_t k = tsr_graph_size (self->graph); k-- > 0;)
    for (int j = 0; needed[k] && j < 2 && nodes[k]->in[j]; j++)
      needed[nodes[k]->in[j]->id] = true;
  return needed;
}

/* The buffer an output may be computed into directly: not one that is also read, nor a reshaped or
 * leaf value. */
static TsrBuffer *
direct_output (const TsrExec *self, const TsrNode *node, GHashTable *read)
{
  if (node->kind == TSR_NODE_LEAF || node->kind == TSR_NODE_RESHAPE)
    return NULL;
  for (guint k = 0; k < self->outputs->len; k++) {
    Output *output = &g_array_index (self->outputs, Output, k);
    if (output->node == node && !g_hash_table_contains (read, output->buffer))
      return output->buffer;
  }
  return NULL;
}

static bool
plan_node (TsrExec *self, TsrNode *node, GHashTable *read, GError **error)
{
  if (node->kind == TSR_NODE_LEAF) {
    TsrBuffer *buffer = g_hash_table_lookup (self->bound, node->name);
    size_t bytes = tsr_node_elements (node) * sizeof (float);
    if (!buffer || buffer->bytes < bytes) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED, "The value “%s” of a computation is %s.",
                   node->name, buffer ? "bound to too small a buffer" : "not bound to a buffer");
      return false;
    }
    self->value_of[node->id] = add_value (self, bytes, buffer);
    return true;
  }
  if (node->kind == TSR_NODE_RESHAPE) {
    self->value_of[node->id] = self->value_of[node->in[0]->id];
    return true;
  }
  uint32_t out =
      add_value (self, tsr_node_elements (node) * sizeof (float), direct_output (self, node, read));
  self->value_of[node->id] = out;
  switch (node->kind) {
  case TSR_NODE_CONST: {
    Step *step = add_step (self, STEP_FILL);
    step->out = out;
    step->fill = node->f[0];
    return true;
  }
  case TSR_NODE_SLICE:
  case TSR_NODE_PAD:
  case TSR_NODE_CONCAT:
  case TSR_NODE_FIR:
  case TSR_NODE_WARP:
  case TSR_NODE_MAX_POOL:
  case TSR_NODE_AVERAGE_POOL:
    return plan_kernel (self, node, out, error);
  case TSR_NODE_MATMUL:
  case TSR_NODE_CONV:
    return plan_op (self, node, out, error);
  default:
    return plan_fused (self, node, out, error);
  }
}

static void
place_values (TsrExec *self)
{
  g_autoptr (GArray) lifetimes = g_array_new (FALSE, TRUE, sizeof (TsrLifetime));
  for (guint k = 0; k < self->values->len; k++) {
    Value *value = value_at (self, k);
    if (!value->outside)
      g_array_append_val (lifetimes, value->life);
  }
  self->scratch = tsr_arena_place (self->arena, (TsrLifetime *)lifetimes->data, lifetimes->len);
  for (guint k = 0, j = 0; k < self->values->len; k++) {
    Value *value = value_at (self, k);
    if (!value->outside)
      value->life = g_array_index (lifetimes, TsrLifetime, j++);
  }
}

bool
tsr_exec_plan (TsrExec *self, GError **error)
{
  size_t n = tsr_graph_size (self->graph);
  g_autofree bool *is_output = g_new0 (bool, n);
  g_autofree bool *needed = find_needed (self, is_output);
  self->stored = g_new0 (bool, n);
  self->value_of = g_new (uint32_t, n);
  memset (self->value_of, 0xff, n * sizeof (uint32_t));
  tsr_fusion_choose (self->graph, needed, is_output, self->stored);

  g_autoptr (GHashTable) read = g_hash_table_new (g_direct_hash, g_direct_equal);
  TsrNode *const *nodes = tsr_graph_nodes (self->graph);
  for (size_t k = 0; k < n; k++)
    if (needed[k] && nodes[k]->kind == TSR_NODE_LEAF)
      g_hash_table_add (read, g_hash_table_lookup (self->bound, nodes[k]->name));
  for (size_t k = 0; k < n; k++)
    if (self->stored[k] && !plan_node (self, nodes[k], read, error))
      return false;
  for (guint k = 0; k < self->outputs->len; k++) {
    Output *output = &g_array_index (self->outputs, Output, k);
    uint32_t value = self->value_of[output->node->id];
    if (value_at (self, value)->outside != output->buffer)
      add_copy (self, value, output->buffer, tsr_node_elements (output->node) * sizeof (float));
  }
  place_values (self);
  return true;
}

/* ---- running ---- */

/* Gives a launch its kernel, arguments and range, which no run changes. */
static bool
make_ready (TsrExec *self, Step *step, GError **error)
{
  const TsrLaunch *launch = &step->launch;
  TsrArg args[MAX_ARGS];
  unsigned n = 0;
  for (unsigned k = 0; k < launch->n_buffers; k++)
    args[n++] = TSR_ARG_BUFFER (value_buffer (self, launch->buffer[k]));
  for (unsigned k = 0; k < launch->n_ints; k++)
    args[n++] = TSR_ARG (launch->ints[k]);
  if (launch->has_gain)
    args[n++] = TSR_ARG (launch->gain);
  memcpy (step->global, launch->global, sizeof step->global);
  memcpy (step->local, launch->local, sizeof step->local);
  if (step->local[0] == 0)
    tsr_device_groups (self->device, 3, launch->guarded, step->global, step->local);
  cl_kernel kernel = tsr_device_copy_kernel (self->device, launch->kernel, error);
  if (!kernel)
    return false;
  if (!tsr_device_set_arguments (self->device, kernel, args, n, error)) {
    tsr_device_release_kernel (self->device, kernel);
    return false;
  }
  step->kernel = kernel;
  return true;
}

static bool
make_views (TsrExec *self, GError **error)
{
  for (guint k = 0; k < self->values->len; k++) {
    Value *value = value_at (self, k);
    if (value->outside || value->view)
      continue;
    value->view = tsr_arena_view (self->arena, &value->life, error);
    if (!value->view)
      return false;
  }
  for (guint k = 0; k < self->steps->len; k++) {
    Step *step = self->steps->pdata[k];
    if (step->kind == STEP_LAUNCH && !step->kernel && !make_ready (self, step, error))
      return false;
  }
  self->ready = true;
  return true;
}

static bool
run_step (TsrExec *self, const Step *step, GError **error)
{
  switch (step->kind) {
  case STEP_LAUNCH:
    return tsr_device_enqueue (self->device, step->kernel, 3, step->global, step->local, error);
  case STEP_OP:
    return tsr_op_enqueue (step->op, value_buffer (self, step->a), value_buffer (self, step->b),
                           value_buffer (self, step->out),
                           step->scratch == NO_VALUE ? NULL : value_buffer (self, step->scratch),
                           error);
  case STEP_COPY:
    return tsr_buffer_copy (value_buffer (self, step->a), 0, value_buffer (self, step->out), 0,
                            value_at (self, step->out)->life.bytes, error);
  case STEP_FILL: {
    uint32_t bits;
    memcpy (&bits, &step->fill, sizeof bits);
    return tsr_buffer_fill (value_buffer (self, step->out), bits, error);
  }
  }
  g_assert_not_reached ();
}

bool
tsr_exec_run (TsrExec *self, GError **error)
{
  return tsr_exec_run_lanes (&self, 1, error);
}

/* Step by step, so that no lane waits until all of another is enqueued. */
bool
tsr_exec_run_lanes (TsrExec *const *lanes, unsigned n, GError **error)
{
  TsrDevice *device = lanes[0]->device;
  guint steps = lanes[0]->steps->len;
  for (unsigned k = 0; k < n; k++) {
    g_assert (tsr_provider_lane (lanes[k]->provider) == k && lanes[k]->steps->len == steps);
    if (!lanes[k]->ready && !make_views (lanes[k], error))
      return false;
  }
  if (n > 1 && !tsr_device_fork (device, n, error))
    return false;
  bool ok = true;
  for (guint j = 0; ok && j < steps; j++)
    for (unsigned k = 0; ok && k < n; k++)
      ok = (n == 1 || tsr_device_use_lane (device, k, error)) &&
           run_step (lanes[k], lanes[k]->steps->pdata[j], error);
  for (unsigned k = 0; ok && k < n; k++)
    ok = (n == 1 || tsr_device_use_lane (device, k, error)) && tsr_device_flush (device, error);
  if (n > 1 && !tsr_device_join (device, n, ok ? error : NULL))
    return false;
  return ok;
}
