#pragma once
/* A differentiable tensor graph: built once for each kind of training step, differentiated by
 * building more graph, so that second derivatives (R1, path length) come from the same rules. A
 * graph only describes; tsr-exec.h plans and runs it.
 *
 * Every value is f32 with four dimensions [n][h][w][c], row-major. A matrix has rows n*h*w and
 * columns c; a vector for each sample is {n,1,1,c}, a scalar {1,1,1,1}. Pointwise operations
 * broadcast dimensions of size 1. Nodes belong to their graph and are never freed alone; equal
 * nodes are one node (hash-consing), so building an expression twice costs nothing. */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TsrGraph TsrGraph;
typedef struct TsrNode TsrNode;

typedef enum {
  TSR_NODE_LEAF,  /* bound to a buffer by name when the graph is run */
  TSR_NODE_CONST, /* f[0] everywhere */
  /* pointwise: fused with their neighbours */
  TSR_NODE_ADD,
  TSR_NODE_SUB,
  TSR_NODE_MUL,
  TSR_NODE_AFFINE, /* f[0] x + f[1] */
  TSR_NODE_RECIPROCAL,
  TSR_NODE_SQRT,
  TSR_NODE_RSQRT,
  TSR_NODE_EXP,
  TSR_NODE_SOFTPLUS,
  TSR_NODE_SIGMOID,
  TSR_NODE_TANH,
  TSR_NODE_LRELU,      /* f[1] (x >= 0 ? x : f[0] x): slope, gain */
  TSR_NODE_LRELU_MASK, /* f[1] (x >= 0 ? 1 : f[0]) */
  TSR_NODE_RELU,       /* x >= 0 ? x : 0 */
  TSR_NODE_SIGN,
  TSR_NODE_BROADCAST,
  TSR_NODE_STOP, /* identity that passes no gradient */
  TSR_NODE_MARK, /* identity that is a node of its own, to differentiate with respect to it */
  /* the rest */
  TSR_NODE_RESHAPE,
  TSR_NODE_SLICE,  /* [i1, i1 + i2) along dimension i0 */
  TSR_NODE_PAD,    /* i1 zeros before and i2 after along dimension i0 */
  TSR_NODE_CONCAT, /* in[1] behind in[0] along dimension i0 */
  TSR_NODE_SUM,    /* over the dimensions in bit mask i0; kept as 1 */
  TSR_NODE_MATMUL, /* op(A) op(B); i0, i1: transposed */
  TSR_NODE_CONV, /* i0 direction (TsrConvDirection), i1..i9 the shape n h w c k kh kw stride pad */
  TSR_NODE_FIR,  /* upfirdn by [1,3,3,1]/8 in both directions: i0 up, i1 down, i2 pad before, i3 pad
                    after; gain f[0] */
  TSR_NODE_WARP, /* every image moved and its channels mixed as in[1] says; i0: the adjoint */
  TSR_NODE_MAX_POOL,     /* of squares i0 wide, i1 apart, i2 beyond the edge; values only */
  TSR_NODE_AVERAGE_POOL, /* of squares i0 wide round every pixel, zeros beyond the edge */
} TsrNodeKind;

struct TsrNode {
  TsrGraph *graph;
  TsrNodeKind kind;
  uint32_t id; /* position in the graph; inputs come before */
  int dim[4];
  TsrNode *in[2];
  float f[2];
  int i[10];
  const char *name; /* of a leaf */
};

/** Creates an empty graph. */
TsrGraph *tsr_graph_new (void);
/** Frees the graph with all its nodes and names; NULL is allowed. */
void tsr_graph_free (TsrGraph *graph);

/** The nodes in an order in which every node follows its inputs; borrowed array of tsr_graph_size
 * entries. */
TsrNode *const *tsr_graph_nodes (const TsrGraph *graph);
/** The number of nodes so far; ids are below it. */
size_t tsr_graph_size (const TsrGraph *graph);

/** The number of elements of a node. */
size_t tsr_node_elements (const TsrNode *node);
/** Whether the node is computed element by element from inputs that broadcast. */
bool tsr_node_is_pointwise (const TsrNode *node);
/** Whether both have the same four dimensions. */
bool tsr_node_same_dims (const TsrNode *a, const TsrNode *b);

/* ---- leaves ---- */

/** A value bound by name at run time (a parameter or an input). The same name gives the same node.
 */
TsrNode *tsr_leaf (TsrGraph *graph, const char *name, int n, int h, int w, int c);
/** A scalar constant. */
TsrNode *tsr_const (TsrGraph *graph, float value);

/* ---- pointwise ---- */

/** a + b. As in every operation on two values, each dimension is the same in both or 1 in one,
 * which is broadcast. */
TsrNode *tsr_add (TsrNode *a, TsrNode *b);
/** a - b, broadcast. */
TsrNode *tsr_sub (TsrNode *a, TsrNode *b);
/** a b, element by element, broadcast. */
TsrNode *tsr_mul (TsrNode *a, TsrNode *b);
/** scale x + offset. */
TsrNode *tsr_affine (TsrNode *x, float scale, float offset);
/** scale x. */
TsrNode *tsr_scale (TsrNode *x, float scale);
/** x^2. */
TsrNode *tsr_square (TsrNode *x);
/** 1 / x. */
TsrNode *tsr_reciprocal (TsrNode *x);
/** The square root of x >= 0; its gradient at 0 is infinite, so add an epsilon where x may vanish.
 */
TsrNode *tsr_sqrt (TsrNode *x);
/** 1 / sqrt x, x > 0. */
TsrNode *tsr_rsqrt (TsrNode *x);
/** e^x. */
TsrNode *tsr_exp (TsrNode *x);
/** log (1 + exp x), without overflow. */
TsrNode *tsr_softplus (TsrNode *x);
/** 1 / (1 + exp (-x)). */
TsrNode *tsr_sigmoid (TsrNode *x);
/** The hyperbolic tangent. */
TsrNode *tsr_tanh (TsrNode *x);
/** Leaky ReLU with a gain > 0; 0 < slope < 1. */
TsrNode *tsr_lrelu (TsrNode *x, float slope, float gain);
/** gain (x >= 0 ? 1 : slope), the derivative of tsr_lrelu; its own gradient is 0. */
TsrNode *tsr_lrelu_mask (TsrNode *x, float slope, float gain);
/** The larger of x and 0; its gradient at 0 is 0. */
TsrNode *tsr_relu (TsrNode *x);
/** -1, 0 or 1; its gradient is 0. */
TsrNode *tsr_sign (TsrNode *x);
/** The same values, through which no gradient passes. */
TsrNode *tsr_stop_gradient (TsrNode *x);
/** The same values as a node of its own: `tag` keeps several marks of one value apart. */
TsrNode *tsr_mark (TsrNode *x, int tag);
/** Repeats x along dimensions where it has size 1. */
TsrNode *tsr_broadcast (TsrNode *x, const int dim[4]);

/* ---- shape ---- */

/** The same elements in the same order under other dimensions (no copy). */
TsrNode *tsr_reshape (TsrNode *x, int n, int h, int w, int c);
/** [start, start + length) of x along axis (0 to 3), within its size; x itself where that is all of
 * it. */
TsrNode *tsr_slice (TsrNode *x, int axis, int start, int length);
/** x with `before` zeros in front and `after` behind along axis (0 to 3); x itself where both are
 * 0. */
TsrNode *tsr_pad (TsrNode *x, int axis, int before, int after);
/** a and b one after the other along axis; elsewhere they have the same sizes. */
TsrNode *tsr_concat (TsrNode *a, TsrNode *b, int axis);

/* ---- sums and products ---- */

enum { TSR_AXIS_N = 1, TSR_AXIS_H = 2, TSR_AXIS_W = 4, TSR_AXIS_C = 8, TSR_AXIS_ALL = 15 };

/** Sum over a set of axes, which keep size 1. */
TsrNode *tsr_sum (TsrNode *x, unsigned axes);
/** Mean over a set of axes, which keep size 1. */
TsrNode *tsr_mean (TsrNode *x, unsigned axes);
/** op(A) op(B) as matrices; the result is {rows,1,1,columns}. */
TsrNode *tsr_matmul (TsrNode *a, TsrNode *b, bool transpose_a, bool transpose_b);
/** Cross-correlation of x {n,h,w,c} with weights {k,kh,kw,c}, zero padding. */
TsrNode *tsr_conv (TsrNode *x, TsrNode *weight, int stride, int pad);
/** The transposed convolution of x {n,h,w,k} with weights {k,kh,kw,c} to {n,oh,ow,c}: the adjoint
 * of tsr_conv with respect to its input; oh = (h-1) stride + kh - 2 pad. */
TsrNode *tsr_conv_transposed (TsrNode *x, TsrNode *weight, int stride, int pad);
/** A convolution of the shape {n, h, w, c, k, kh, kw, stride, pad} in a TsrConvDirection: FORWARD
 * (x, w), BY_DATA (gy, w), BY_WEIGHT (x, gy). The gradient of a convolution is made of the other
 * two. */
TsrNode *tsr_conv_directed (TsrNode *a, TsrNode *b, int direction, const int shape[9]);
/** Up-sampling by zeros, padding, filtering with [1,3,3,1]/8 along both axes, down-sampling
 * (upfirdn2d of StyleGAN2); gain multiplies the result. */
TsrNode *tsr_fir (TsrNode *x, int up, int down, int pad_before, int pad_after, float gain);

/** Moves the pixels of each square image x {n,r,r,c} by an affine map and mixes its channels by a
 * matrix, both of map {n,1,1,6+c*c} (opencl/warp.cl), with cubic interpolation and mirrored edges;
 * c is 1 or 3. adjoint: the transposed linear map. Linear in x; no gradient passes to map. After
 * Karras et al. 2020 (StyleGAN2-ADA), appendix B. */
TsrNode *tsr_warp (TsrNode *x, TsrNode *map, bool adjoint);

/** The largest value of each size x size square of every channel, squares `stride` apart, the first
 * `pad` < size beyond the edge, where there is nothing: {n, (h + 2 pad - size) / stride + 1, ...}.
 * NaN spreads. Values only: asking for a gradient through it is a programming error. */
TsrNode *tsr_max_pool (TsrNode *x, int size, int stride, int pad);

/** The mean over the size x size square round every pixel, size odd: x's dimensions. Where the
 * square reaches beyond the edge, its pixels there count as zeros (count_padding; PyTorch's
 * count_include_pad) or not at all (as TensorFlow's SAME pooling). */
TsrNode *tsr_average_pool (TsrNode *x, int size, bool count_padding);

/* ---- differentiation ---- */

/** Whether y is computed from x at all, through flat operations (masks, signs) too. A gradient of
 * NULL where this holds is zero everywhere; autograd libraries return zeros there, and their
 * optimisers then count a step. */
bool tsr_depends_on (TsrNode *y, const TsrNode *x);

/** Appends the gradient of sum(y * seed) with respect to each of x[count] (seed NULL: ones) and
 * stores the nodes in gradient[count]; NULL where y does not depend on x. Reverse mode; the new
 * nodes can be differentiated again. */
void tsr_gradient (TsrNode *y, TsrNode *seed, TsrNode *const *x, size_t count, TsrNode **gradient);
