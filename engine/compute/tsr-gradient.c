/* Reverse-mode differentiation that builds graph, one rule a kind of node. The set of kinds is
 * closed: every rule uses only kinds that have rules themselves, which is what gives second
 * derivatives. */

#include "tsr-graph.h"

#include "tsr-provider.h"

#include <string.h>

/* Sums g over the dimensions along which x was broadcast. */
static TsrNode *
reduce_to (TsrNode *g, const TsrNode *x)
{
  unsigned axes = 0;
  for (int k = 0; k < 4; k++)
    if (x->dim[k] == 1 && g->dim[k] != 1)
      axes |= 1u << k;
  return tsr_sum (g, axes);
}

/* The convolution of y's shape in another direction. */
static TsrNode *
conv_direction (const TsrNode *y, TsrConvDirection direction, TsrNode *a, TsrNode *b)
{
  return tsr_conv_directed (a, b, (int)direction, &y->i[1]);
}

static void
conv_rule (TsrNode *y, TsrNode *g, TsrNode *gradient[2])
{
  TsrNode *a = y->in[0], *b = y->in[1];
  switch ((TsrConvDirection)y->i[0]) {
  case TSR_CONV_FORWARD: /* (x, w) -> y */
    gradient[0] = conv_direction (y, TSR_CONV_BY_DATA, g, b);
    gradient[1] = conv_direction (y, TSR_CONV_BY_WEIGHT, a, g);
    break;
  case TSR_CONV_BY_DATA: /* (gy, w) -> gx, linear in both */
    gradient[0] = conv_direction (y, TSR_CONV_FORWARD, g, b);
    gradient[1] = conv_direction (y, TSR_CONV_BY_WEIGHT, g, a);
    break;
  case TSR_CONV_BY_WEIGHT: /* (x, gy) -> gw */
    gradient[0] = conv_direction (y, TSR_CONV_BY_DATA, b, g);
    gradient[1] = conv_direction (y, TSR_CONV_FORWARD, a, g);
    break;
  }
}

static void
matmul_rule (TsrNode *y, TsrNode *g, TsrNode *gradient[2])
{
  TsrNode *a = y->in[0], *b = y->in[1];
  bool ta = y->i[0], tb = y->i[1];
  TsrNode *ga = ta ? tsr_matmul (b, g, tb, true) : tsr_matmul (g, b, false, !tb);
  TsrNode *gb = tb ? tsr_matmul (g, a, true, ta) : tsr_matmul (a, g, !ta, false);
  gradient[0] = tsr_reshape (ga, a->dim[0], a->dim[1], a->dim[2], a->dim[3]);
  gradient[1] = tsr_reshape (gb, b->dim[0], b->dim[1], b->dim[2], b->dim[3]);
}

/* The adjoint of upfirdn is upfirdn with up and down exchanged; the filter is symmetric. */
static TsrNode *
fir_rule (TsrNode *y, TsrNode *g)
{
  const TsrNode *x = y->in[0];
  int up = y->i[0], down = y->i[1], before = y->i[2];
  int after = x->dim[1] * up - y->dim[1] * down + before - up + 1;
  return tsr_fir (g, down, up, 3 - before, after, y->f[0]);
}

static TsrNode *
unary_rule (TsrNode *y, TsrNode *g)
{
  TsrNode *x = y->in[0];
  switch (y->kind) {
  case TSR_NODE_AFFINE:
    return tsr_scale (g, y->f[0]);
  case TSR_NODE_RECIPROCAL:
    return tsr_scale (tsr_mul (g, tsr_square (y)), -1);
  case TSR_NODE_SQRT:
    return tsr_scale (tsr_mul (g, tsr_reciprocal (y)), 0.5f);
  case TSR_NODE_RSQRT:
    return tsr_scale (tsr_mul (g, tsr_mul (y, tsr_square (y))), -0.5f);
  case TSR_NODE_EXP:
    return tsr_mul (g, y);
  case TSR_NODE_SOFTPLUS:
    return tsr_mul (g, tsr_sigmoid (x));
  case TSR_NODE_SIGMOID:
    return tsr_mul (g, tsr_sub (y, tsr_square (y)));
  case TSR_NODE_TANH:
    return tsr_sub (g, tsr_mul (g, tsr_square (y)));
  case TSR_NODE_LRELU:
    /* From y rather than x: the gain is positive, so the signs agree, and x need not be kept. */
    return tsr_mul (g, tsr_lrelu_mask (y, y->f[0], y->f[1]));
  case TSR_NODE_RELU:
    return tsr_mul (g, tsr_sign (y));
  case TSR_NODE_BROADCAST:
    return reduce_to (g, x);
  case TSR_NODE_MARK:
    return g;
  case TSR_NODE_RESHAPE:
    return tsr_reshape (g, x->dim[0], x->dim[1], x->dim[2], x->dim[3]);
  case TSR_NODE_SLICE: {
    int axis = y->i[0];
    return tsr_pad (g, axis, y->i[1], x->dim[axis] - y->i[1] - y->i[2]);
  }
  case TSR_NODE_PAD:
    return tsr_slice (g, y->i[0], y->i[1], x->dim[y->i[0]]);
  case TSR_NODE_SUM:
    return tsr_broadcast (g, x->dim);
  case TSR_NODE_FIR:
    return fir_rule (y, g);
  case TSR_NODE_WARP:
    return tsr_warp (g, y->in[1], !y->i[0]);
  case TSR_NODE_AVERAGE_POOL:
    return tsr_average_pool (g, y->i[0], true);
  case TSR_NODE_MAX_POOL: /* only fixed networks have it, which nothing is trained through */
    g_assert_not_reached ();
  default: /* sign, mask and stop are flat; leaves and constants have no inputs */
    return NULL;
  }
}

static void
apply_rule (TsrNode *y, TsrNode *g, TsrNode *gradient[2])
{
  TsrNode *a = y->in[0], *b = y->in[1];
  switch (y->kind) {
  case TSR_NODE_ADD:
    gradient[0] = reduce_to (g, a);
    gradient[1] = reduce_to (g, b);
    break;
  case TSR_NODE_SUB:
    gradient[0] = reduce_to (g, a);
    gradient[1] = tsr_scale (reduce_to (g, b), -1);
    break;
  case TSR_NODE_MUL:
    gradient[0] = reduce_to (tsr_mul (g, b), a);
    gradient[1] = reduce_to (tsr_mul (g, a), b);
    break;
  case TSR_NODE_MATMUL:
    matmul_rule (y, g, gradient);
    break;
  case TSR_NODE_CONV:
    conv_rule (y, g, gradient);
    break;
  case TSR_NODE_CONCAT:
    gradient[0] = tsr_slice (g, y->i[0], 0, a->dim[y->i[0]]);
    gradient[1] = tsr_slice (g, y->i[0], a->dim[y->i[0]], b->dim[y->i[0]]);
    break;
  default:
    gradient[0] = unary_rule (y, g);
    break;
  }
}

bool
tsr_depends_on (TsrNode *y, const TsrNode *x)
{
  TsrNode *const *nodes = tsr_graph_nodes (y->graph);
  g_autofree bool *reached = g_new0 (bool, (size_t)y->id + 1);
  if (x->id > y->id)
    return false;
  reached[y->id] = true;
  for (size_t k = (size_t)y->id + 1; k-- > x->id;)
    for (int j = 0; reached[k] && nodes[k]->kind != TSR_NODE_STOP && j < 2 && nodes[k]->in[j]; j++)
      reached[nodes[k]->in[j]->id] = true;
  return reached[x->id];
}

void
tsr_gradient (TsrNode *y, TsrNode *seed, TsrNode *const *x, size_t count, TsrNode **gradient)
{
  TsrGraph *graph = y->graph;
  size_t n = (size_t)y->id + 1;
  g_autofree TsrNode **nodes = g_memdup2 (tsr_graph_nodes (graph), n * sizeof (TsrNode *));
  g_autofree bool *active = g_new0 (bool, n);
  g_autofree TsrNode **sum = g_new0 (TsrNode *, n);

  for (size_t k = 0; k < count; k++)
    if (x[k]->id < n)
      active[x[k]->id] = true;
  for (size_t k = 0; k < n; k++)
    for (int j = 0; j < 2; j++)
      if (nodes[k]->in[j] && active[nodes[k]->in[j]->id])
        active[k] = true;

  sum[y->id] = seed ? seed : tsr_broadcast (tsr_const (graph, 1), y->dim);
  for (size_t k = n; k-- > 0;) {
    if (!active[k] || !sum[k])
      continue;
    TsrNode *part[2] = {NULL, NULL};
    apply_rule (nodes[k], sum[k], part);
    for (int j = 0; j < 2; j++) {
      TsrNode *in = nodes[k]->in[j];
      if (in && part[j] && active[in->id])
        sum[in->id] = sum[in->id] ? tsr_add (sum[in->id], part[j]) : part[j];
    }
  }
  for (size_t k = 0; k < count; k++)
    gradient[k] = x[k]->id < n ? sum[x[k]->id] : NULL;
}
