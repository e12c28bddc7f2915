#include "tsr-graph.h"

#include "tsr-provider.h"

#include <string.h>

struct TsrGraph {
  GPtrArray *nodes;  /* owned TsrNode */
  GHashTable *known; /* the set of nodes by content */
  GStringChunk *names;
};

static guint
hash_node (gconstpointer p)
{
  const TsrNode *node = p;
  guint h = (guint)node->kind;
  for (int k = 0; k < 4; k++)
    h = h * 31 + (guint)node->dim[k];
  for (int k = 0; k < 2; k++)
    h = h * 31 + (node->in[k] ? node->in[k]->id + 1 : 0);
  for (int k = 0; k < 10; k++)
    h = h * 31 + (guint)node->i[k];
  guint bits[2];
  memcpy (bits, node->f, sizeof bits);
  return (h * 31 + bits[0]) * 31 + bits[1] + GPOINTER_TO_UINT (node->name);
}

static gboolean
equal_node (gconstpointer p, gconstpointer q)
{
  const TsrNode *a = p, *b = q;
  return a->kind == b->kind && a->name == b->name && memcmp (a->dim, b->dim, sizeof a->dim) == 0 &&
         memcmp (a->in, b->in, sizeof a->in) == 0 && memcmp (a->f, b->f, sizeof a->f) == 0 &&
         memcmp (a->i, b->i, sizeof a->i) == 0;
}

TsrGraph *
tsr_graph_new (void)
{
  TsrGraph *self = g_new0 (TsrGraph, 1);
  self->nodes = g_ptr_array_new_with_free_func (g_free);
  self->known = g_hash_table_new (hash_node, equal_node);
  self->names = g_string_chunk_new (4096);
  return self;
}

void
tsr_graph_free (TsrGraph *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->known);
  g_ptr_array_unref (self->nodes);
  g_string_chunk_free (self->names);
  g_free (self);
}

TsrNode *const *
tsr_graph_nodes (const TsrGraph *self)
{
  return (TsrNode *const *)self->nodes->pdata;
}

size_t
tsr_graph_size (const TsrGraph *self)
{
  return self->nodes->len;
}

size_t
tsr_node_elements (const TsrNode *node)
{
  return (size_t)node->dim[0] * node->dim[1] * node->dim[2] * node->dim[3];
}

bool
tsr_node_is_pointwise (const TsrNode *node)
{
  return node->kind >= TSR_NODE_ADD && node->kind <= TSR_NODE_MARK;
}

bool
tsr_node_same_dims (const TsrNode *a, const TsrNode *b)
{
  return memcmp (a->dim, b->dim, sizeof a->dim) == 0;
}

/* Returns the node equal to `want`, or appends it. */
static TsrNode *
intern (TsrGraph *graph, TsrNode want)
{
  for (int k = 0; k < 4; k++)
    g_assert (want.dim[k] > 0);
  want.graph = graph;
  TsrNode *node = g_hash_table_lookup (graph->known, &want);
  if (node)
    return node;
  node = g_new (TsrNode, 1);
  *node = want;
  node->id = graph->nodes->len;
  g_ptr_array_add (graph->nodes, node);
  g_hash_table_add (graph->known, node);
  return node;
}

static TsrNode
like (TsrNodeKind kind, TsrNode *x)
{
  TsrNode node = {.kind = kind, .in = {x}};
  memcpy (node.dim, x->dim, sizeof node.dim);
  return node;
}

TsrNode *
tsr_leaf (TsrGraph *graph, const char *name, int n, int h, int w, int c)
{
  const char *kept = g_string_chunk_insert_const (graph->names, name);
  return intern (graph, (TsrNode){.kind = TSR_NODE_LEAF, .dim = {n, h, w, c}, .name = kept});
}

TsrNode *
tsr_const (TsrGraph *graph, float value)
{
  return intern (graph, (TsrNode){.kind = TSR_NODE_CONST, .dim = {1, 1, 1, 1}, .f = {value}});
}

static bool
is_scalar_const (const TsrNode *node)
{
  return node->kind == TSR_NODE_CONST;
}

static TsrNode *
binary (TsrNodeKind kind, TsrNode *a, TsrNode *b)
{
  TsrNode node = {.kind = kind, .in = {a, b}};
  for (int k = 0; k < 4; k++) {
    g_assert (a->dim[k] == b->dim[k] || a->dim[k] == 1 || b->dim[k] == 1);
    node.dim[k] = MAX (a->dim[k], b->dim[k]);
  }
  return intern (a->graph, node);
}

TsrNode *
tsr_add (TsrNode *a, TsrNode *b)
{
  if (is_scalar_const (a))
    return tsr_affine (b, 1, a->f[0]);
  if (is_scalar_const (b))
    return tsr_affine (a, 1, b->f[0]);
  return a->id < b->id ? binary (TSR_NODE_ADD, a, b) : binary (TSR_NODE_ADD, b, a);
}

TsrNode *
tsr_sub (TsrNode *a, TsrNode *b)
{
  if (is_scalar_const (a))
    return tsr_affine (b, -1, a->f[0]);
  if (is_scalar_const (b))
    return tsr_affine (a, 1, -b->f[0]);
  return binary (TSR_NODE_SUB, a, b);
}

TsrNode *
tsr_mul (TsrNode *a, TsrNode *b)
{
  if (is_scalar_const (a))
    return tsr_affine (b, a->f[0], 0);
  if (is_scalar_const (b))
    return tsr_affine (a, b->f[0], 0);
  return a->id < b->id ? binary (TSR_NODE_MUL, a, b) : binary (TSR_NODE_MUL, b, a);
}

TsrNode *
tsr_affine (TsrNode *x, float scale, float offset)
{
  if (scale == 1 && offset == 0)
    return x;
  if (x->kind == TSR_NODE_CONST)
    return tsr_const (x->graph, scale * x->f[0] + offset);
  if (x->kind == TSR_NODE_AFFINE)
    return tsr_affine (x->in[0], scale * x->f[0], scale * x->f[1] + offset);
  TsrNode node = like (TSR_NODE_AFFINE, x);
  node.f[0] = scale;
  node.f[1] = offset;
  return intern (x->graph, node);
}

TsrNode *
tsr_scale (TsrNode *x, float scale)
{
  return tsr_affine (x, scale, 0);
}

TsrNode *
tsr_square (TsrNode *x)
{
  return tsr_mul (x, x);
}

static TsrNode *
unary (TsrNodeKind kind, TsrNode *x)
{
  return intern (x->graph, like (kind, x));
}

TsrNode *
tsr_reciprocal (TsrNode *x)
{
  return unary (TSR_NODE_RECIPROCAL, x);
}

TsrNode *
tsr_sqrt (TsrNode *x)
{
  return unary (TSR_NODE_SQRT, x);
}

TsrNode *
tsr_rsqrt (TsrNode *x)
{
  return unary (TSR_NODE_RSQRT, x);
}

TsrNode *
tsr_exp (TsrNode *x)
{
  return unary (TSR_NODE_EXP, x);
}

TsrNode *
tsr_softplus (TsrNode *x)
{
  return unary (TSR_NODE_SOFTPLUS, x);
}

TsrNode *
tsr_sigmoid (TsrNode *x)
{
  return unary (TSR_NODE_SIGMOID, x);
}

TsrNode *
tsr_tanh (TsrNode *x)
{
  return unary (TSR_NODE_TANH, x);
}

TsrNode *
tsr_relu (TsrNode *x)
{
  return unary (TSR_NODE_RELU, x);
}

TsrNode *
tsr_sign (TsrNode *x)
{
  return unary (TSR_NODE_SIGN, x);
}

TsrNode *
tsr_stop_gradient (TsrNode *x)
{
  return unary (TSR_NODE_STOP, x);
}

TsrNode *
tsr_mark (TsrNode *x, int tag)
{
  TsrNode node = like (TSR_NODE_MARK, x);
  node.i[0] = tag;
  return intern (x->graph, node);
}

TsrNode *
tsr_lrelu (TsrNode *x, float slope, float gain)
{
  g_assert (slope > 0 && slope < 1 && gain > 0);
  TsrNode node = like (TSR_NODE_LRELU, x);
  node.f[0] = slope;
  node.f[1] = gain;
  return intern (x->graph, node);
}

TsrNode *
tsr_lrelu_mask (TsrNode *x, float slope, float gain)
{
  TsrNode node = like (TSR_NODE_LRELU_MASK, x);
  node.f[0] = slope;
  node.f[1] = gain;
  return intern (x->graph, node);
}

TsrNode *
tsr_broadcast (TsrNode *x, const int dim[4])
{
  if (memcmp (x->dim, dim, sizeof x->dim) == 0)
    return x;
  TsrNode node = {.kind = TSR_NODE_BROADCAST, .in = {x}};
  for (int k = 0; k < 4; k++) {
    g_assert (x->dim[k] == dim[k] || x->dim[k] == 1);
    node.dim[k] = dim[k];
  }
  return intern (x->graph, node);
}

TsrNode *
tsr_reshape (TsrNode *x, int n, int h, int w, int c)
{
  TsrNode node = {.kind = TSR_NODE_RESHAPE, .in = {x}, .dim = {n, h, w, c}};
  g_assert (tsr_node_elements (&node) == tsr_node_elements (x));
  if (memcmp (x->dim, node.dim, sizeof x->dim) == 0)
    return x;
  if (x->kind == TSR_NODE_RESHAPE)
    return tsr_reshape (x->in[0], n, h, w, c);
  return intern (x->graph, node);
}

TsrNode *
tsr_slice (TsrNode *x, int axis, int start, int length)
{
  g_assert (start >= 0 && start + length <= x->dim[axis]);
  if (length == x->dim[axis])
    return x;
  TsrNode node = like (TSR_NODE_SLICE, x);
  node.dim[axis] = length;
  node.i[0] = axis, node.i[1] = start, node.i[2] = length;
  return intern (x->graph, node);
}

TsrNode *
tsr_pad (TsrNode *x, int axis, int before, int after)
{
  if (before == 0 && after == 0)
    return x;
  TsrNode node = like (TSR_NODE_PAD, x);
  node.dim[axis] += before + after;
  node.i[0] = axis, node.i[1] = before, node.i[2] = after;
  return intern (x->graph, node);
}

TsrNode *
tsr_concat (TsrNode *a, TsrNode *b, int axis)
{
  TsrNode node = like (TSR_NODE_CONCAT, a);
  for (int k = 0; k < 4; k++)
    g_assert (k == axis || a->dim[k] == b->dim[k]);
  node.dim[axis] += b->dim[axis];
  node.in[1] = b;
  node.i[0] = axis;
  return intern (a->graph, node);
}

TsrNode *
tsr_sum (TsrNode *x, unsigned axes)
{
  TsrNode node = like (TSR_NODE_SUM, x);
  for (int k = 0; k < 4; k++) {
    if (x->dim[k] == 1)
      axes &= ~(1u << k);
    if (axes & (1u << k))
      node.dim[k] = 1;
  }
  if (axes == 0)
    return x;
  node.i[0] = (int)axes;
  return intern (x->graph, node);
}

TsrNode *
tsr_mean (TsrNode *x, unsigned axes)
{
  TsrNode *sum = tsr_sum (x, axes);
  return tsr_scale (sum, (float)tsr_node_elements (sum) / (float)tsr_node_elements (x));
}

TsrNode *
tsr_matmul (TsrNode *a, TsrNode *b, bool transpose_a, bool transpose_b)
{
  int a_rows = a->dim[0] * a->dim[1] * a->dim[2], a_columns = a->dim[3];
  int b_rows = b->dim[0] * b->dim[1] * b->dim[2], b_columns = b->dim[3];
  int m = transpose_a ? a_columns : a_rows, k = transpose_a ? a_rows : a_columns;
  int n = transpose_b ? b_rows : b_columns;
  g_assert (k == (transpose_b ? b_columns : b_rows));
  TsrNode node = {.kind = TSR_NODE_MATMUL, .in = {a, b}, .dim = {m, 1, 1, n}};
  node.i[0] = transpose_a, node.i[1] = transpose_b, node.i[2] = k;
  return intern (a->graph, node);
}

TsrNode *
tsr_conv_directed (TsrNode *a, TsrNode *b, int direction, const int shape[9])
{
  int n = shape[0], h = shape[1], w = shape[2], c = shape[3], k = shape[4], kh = shape[5],
      kw = shape[6];
  int oh = (h + 2 * shape[8] - kh) / shape[7] + 1, ow = (w + 2 * shape[8] - kw) / shape[7] + 1;
  TsrNode node = {.kind = TSR_NODE_CONV, .in = {a, b}};
  const int dims[3][4] = {{n, oh, ow, k}, {n, h, w, c}, {k, kh, kw, c}};
  memcpy (node.dim, dims[direction], sizeof node.dim);
  node.i[0] = direction;
  memcpy (&node.i[1], shape, 9 * sizeof (int));
  return intern (a->graph, node);
}

TsrNode *
tsr_conv (TsrNode *x, TsrNode *weight, int stride, int pad)
{
  g_assert (x->dim[3] == weight->dim[3]);
  const int shape[9] = {x->dim[0],      x->dim[1],      x->dim[2], x->dim[3], weight->dim[0],
                        weight->dim[1], weight->dim[2], stride,    pad};
  return tsr_conv_directed (x, weight, TSR_CONV_FORWARD, shape);
}

TsrNode *
tsr_conv_transposed (TsrNode *x, TsrNode *weight, int stride, int pad)
{
  g_assert (x->dim[3] == weight->dim[0]);
  int oh = (x->dim[1] - 1) * stride + weight->dim[1] - 2 * pad;
  int ow = (x->dim[2] - 1) * stride + weight->dim[2] - 2 * pad;
  const int shape[9] = {x->dim[0],      oh,     ow, weight->dim[3], weight->dim[0], weight->dim[1],
                        weight->dim[2], stride, pad};
  return tsr_conv_directed (x, weight, TSR_CONV_BY_DATA, shape);
}

TsrNode *
tsr_warp (TsrNode *x, TsrNode *map, bool adjoint)
{
  g_assert (x->dim[1] == x->dim[2] && map->dim[0] == x->dim[0] &&
            map->dim[3] == 6 + x->dim[3] * x->dim[3]);
  TsrNode node = like (TSR_NODE_WARP, x);
  node.in[1] = map;
  node.i[0] = adjoint;
  return intern (x->graph, node);
}

TsrNode *
tsr_max_pool (TsrNode *x, int size, int stride, int pad)
{
  g_assert (size > 0 && stride > 0 && pad >= 0 && pad < size);
  TsrNode node = like (TSR_NODE_MAX_POOL, x);
  for (int k = 1; k < 3; k++) {
    g_assert (x->dim[k] + 2 * pad >= size);
    node.dim[k] = (x->dim[k] + 2 * pad - size) / stride + 1;
  }
  node.i[0] = size, node.i[1] = stride, node.i[2] = pad;
  return intern (x->graph, node);
}

/* Without the padding the mean is taken back to how many pixels it is of, which is what pooling
 * ones says: the node stays linear with a symmetric matrix, its own adjoint. */
TsrNode *
tsr_average_pool (TsrNode *x, int size, bool count_padding)
{
  g_assert (size > 0 && size % 2 == 1);
  TsrNode node = like (TSR_NODE_AVERAGE_POOL, x);
  node.i[0] = size;
  TsrNode *mean = intern (x->graph, node);
  if (count_padding)
    return mean;
  TsrNode *ones = tsr_broadcast (tsr_const (x->graph, 1), (int[]){1, x->dim[1], x->dim[2], 1});
  return tsr_mul (mean, tsr_reciprocal (tsr_average_pool (ones, size, true)));
}

TsrNode *
tsr_fir (TsrNode *x, int up, int down, int pad_before, int pad_after, float gain)
{
  g_assert (x->dim[1] == x->dim[2]); /* one pair of pads serves both axes, also in the adjoint */
  TsrNode node = like (TSR_NODE_FIR, x);
  for (int k = 1; k < 3; k++)
    node.dim[k] = (x->dim[k] * up + pad_before + pad_after - 4) / down + 1;
  node.i[0] = up, node.i[1] = down, node.i[2] = pad_before, node.i[3] = pad_after;
  node.f[0] = gain;
  return intern (x->graph, node);
}
