#include "graph-reference.h"

#include "tsr-provider.h"

#include <math.h>
#include <string.h>

static double
at (const TsrNode *node, const double *values, const int index[4])
{
  size_t offset = 0;
  for (int k = 0; k < 4; k++)
    offset = offset * (size_t)node->dim[k] + (size_t)(node->dim[k] == 1 ? 0 : index[k]);
  return values[offset];
}

static double
pointwise (const TsrNode *node, double a, double b)
{
  switch (node->kind) {
  case TSR_NODE_ADD:
    return a + b;
  case TSR_NODE_SUB:
    return a - b;
  case TSR_NODE_MUL:
    return a * b;
  case TSR_NODE_AFFINE:
    return (double)node->f[0] * a + (double)node->f[1];
  case TSR_NODE_RECIPROCAL:
    return 1 / a;
  case TSR_NODE_SQRT:
    return sqrt (a);
  case TSR_NODE_RSQRT:
    return 1 / sqrt (a);
  case TSR_NODE_EXP:
    return exp (a);
  case TSR_NODE_SOFTPLUS:
    return a > 0 ? a + log1p (exp (-a)) : log1p (exp (a));
  case TSR_NODE_SIGMOID:
    return 1 / (1 + exp (-a));
  case TSR_NODE_TANH:
    return tanh (a);
  case TSR_NODE_LRELU:
    return (double)node->f[1] * (a >= 0 ? a : (double)node->f[0] * a);
  case TSR_NODE_LRELU_MASK:
    return (double)node->f[1] * (a >= 0 ? 1 : (double)node->f[0]);
  case TSR_NODE_RELU:
    return a >= 0 ? a : 0;
  case TSR_NODE_SIGN:
    return a > 0 ? 1 : a < 0 ? -1 : 0;
  default: /* broadcast, stop, mark */
    return a;
  }
}

static void
run_pointwise (const TsrNode *node, const double *a, const double *b, double *y)
{
  size_t n = 0;
  for (int i = 0; i < node->dim[0]; i++)
    for (int j = 0; j < node->dim[1]; j++)
      for (int k = 0; k < node->dim[2]; k++)
        for (int l = 0; l < node->dim[3]; l++) {
          const int index[4] = {i, j, k, l};
          y[n++] = pointwise (node, at (node->in[0], a, index), b ? at (node->in[1], b, index) : 0);
        }
}

/* Slice, pad and sum move or gather elements of their one input. */
static void
run_gather (const TsrNode *node, const double *a, double *y)
{
  const TsrNode *x = node->in[0];
  memset (y, 0, tsr_node_elements (node) * sizeof (double));
  size_t n = 0;
  for (int i = 0; i < x->dim[0]; i++)
    for (int j = 0; j < x->dim[1]; j++)
      for (int k = 0; k < x->dim[2]; k++)
        for (int l = 0; l < x->dim[3]; l++) {
          int to[4] = {i, j, k, l};
          double value = a[n++];
          if (node->kind == TSR_NODE_SLICE)
            to[node->i[0]] -= node->i[1];
          else if (node->kind == TSR_NODE_PAD)
            to[node->i[0]] += node->i[1];
          else
            for (int axis = 0; axis < 4; axis++)
              to[axis] = node->i[0] & (1 << axis) ? 0 : to[axis];
          bool inside = true;
          size_t offset = 0;
          for (int axis = 0; axis < 4; axis++) {
            inside = inside && to[axis] >= 0 && to[axis] < node->dim[axis];
            offset = offset * (size_t)node->dim[axis] + (size_t)to[axis];
          }
          if (inside)
            y[offset] += value;
        }
}

static void
run_matmul (const TsrNode *node, const double *a, const double *b, double *y)
{
  int m = node->dim[0], n = node->dim[3], depth = node->i[2];
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int k = 0; k < depth; k++)
        sum +=
            a[node->i[0] ? k * m + i : i * depth + k] * b[node->i[1] ? j * depth + k : k * n + j];
      y[i * n + j] = sum;
    }
}

/* All three directions are one loop over the products of the forward convolution. */
static void
run_conv (const TsrNode *node, const double *a, const double *b, double *y)
{
  const int n = node->i[1], h = node->i[2], w = node->i[3], c = node->i[4], k = node->i[5];
  const int kh = node->i[6], kw = node->i[7], stride = node->i[8], pad = node->i[9];
  const int oh = (h + 2 * pad - kh) / stride + 1, ow = (w + 2 * pad - kw) / stride + 1;
  memset (y, 0, tsr_node_elements (node) * sizeof (double));
  for (int i = 0; i < n; i++)
    for (int oy = 0; oy < oh; oy++)
      for (int ox = 0; ox < ow; ox++)
        for (int ky = 0; ky < kh; ky++)
          for (int kx = 0; kx < kw; kx++) {
            int iy = oy * stride + ky - pad, ix = ox * stride + kx - pad;
            if (iy < 0 || iy >= h || ix < 0 || ix >= w)
              continue;
            for (int o = 0; o < k; o++)
              for (int q = 0; q < c; q++) {
                size_t image = (((size_t)i * h + iy) * w + ix) * c + q,
                       result = (((size_t)i * oh + oy) * ow + ox) * k + o;
                size_t weight = (((size_t)o * kh + ky) * kw + kx) * c + q;
                if (node->i[0] == TSR_CONV_FORWARD)
                  y[result] += a[image] * b[weight];
                else if (node->i[0] == TSR_CONV_BY_DATA)
                  y[image] += a[result] * b[weight];
                else
                  y[weight] += a[image] * b[result];
              }
          }
}

static void
run_fir (const TsrNode *node, const double *a, double *y)
{
  static const double tap[4] = {0.125, 0.375, 0.375, 0.125};
  const TsrNode *x = node->in[0];
  int up = node->i[0], down = node->i[1], pad = node->i[2];
  size_t n = 0;
  for (int i = 0; i < node->dim[0]; i++)
    for (int oy = 0; oy < node->dim[1]; oy++)
      for (int ox = 0; ox < node->dim[2]; ox++)
        for (int c = 0; c < node->dim[3]; c++) {
          double sum = 0;
          for (int u = 0; u < 4; u++)
            for (int v = 0; v < 4; v++) {
              int sy = oy * down + u - pad, sx = ox * down + v - pad;
              if (sy < 0 || sx < 0 || sy % up || sx % up || sy / up >= x->dim[1] ||
                  sx / up >= x->dim[2])
                continue;
              sum += tap[u] * tap[v] *
                     a[(((size_t)i * x->dim[1] + sy / up) * x->dim[2] + sx / up) * x->dim[3] + c];
            }
          y[n++] = (double)node->f[0] * sum;
        }
}

/* Max pooling over what lies in the image; average pooling with zeros beyond it. */
static void
run_pool (const TsrNode *node, const double *a, double *y)
{
  const TsrNode *x = node->in[0];
  bool max = node->kind == TSR_NODE_MAX_POOL;
  int size = node->i[0], stride = max ? node->i[1] : 1, pad = max ? node->i[2] : size / 2;
  size_t n = 0;
  for (int i = 0; i < node->dim[0]; i++)
    for (int oy = 0; oy < node->dim[1]; oy++)
      for (int ox = 0; ox < node->dim[2]; ox++)
        for (int c = 0; c < node->dim[3]; c++) {
          double best = -INFINITY, sum = 0;
          for (int u = 0; u < size; u++)
            for (int v = 0; v < size; v++) {
              int sy = oy * stride + u - pad, sx = ox * stride + v - pad;
              if (sy < 0 || sx < 0 || sy >= x->dim[1] || sx >= x->dim[2])
                continue;
              double value = a[(((size_t)i * x->dim[1] + sy) * x->dim[2] + sx) * x->dim[3] + c];
              best = fmax (best, value);
              sum += value;
            }
          y[n++] = max ? best : sum / (size * size);
        }
}

static void
run_concat (const TsrNode *node, const double *a, const double *b, double *y)
{
  int axis = node->i[0], first = node->in[0]->dim[axis];
  size_t n = 0;
  for (int i = 0; i < node->dim[0]; i++)
    for (int j = 0; j < node->dim[1]; j++)
      for (int k = 0; k < node->dim[2]; k++)
        for (int l = 0; l < node->dim[3]; l++) {
          int index[4] = {i, j, k, l};
          bool behind = index[axis] >= first;
          index[axis] -= behind ? first : 0;
          y[n++] = at (node->in[behind], behind ? b : a, index);
        }
}

/* Keys' cubic convolution kernel, a = -1/2, of a distance. */
static double
keys (double d)
{
  d = fabs (d);
  return d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

/* The pixel that stands at `i` of an endless row of images, each mirrored at its outermost pixel.
 */
static int
mirrored (int i, int size)
{
  while (size > 1 && (i < 0 || i >= size))
    i = i < 0 ? -i : 2 * (size - 1) - i;
  return size > 1 ? i : 0;
}

/* As a matrix from source to result, applied either way. */
static void
run_warp (const TsrNode *node, const double *a, const double *map, double *y)
{
  int size = node->dim[1], c = node->dim[3], width = 6 + c * c;
  memset (y, 0, tsr_node_elements (node) * sizeof (double));
  for (int i = 0; i < node->dim[0]; i++) {
    const double *m = map + i * width;
    for (int py = 0; py < size; py++)
      for (int px = 0; px < size; px++) {
        double middle = 0.5 * (size - 1), dx = px - middle, dy = py - middle;
        double sx = m[0] * dx + m[1] * dy + m[2] + middle,
               sy = m[3] * dx + m[4] * dy + m[5] + middle;
        for (int ry = (int)floor (sy) - 3; ry <= sy + 3; ry++)
          for (int rx = (int)floor (sx) - 3; rx <= sx + 3; rx++) {
            double weight = keys (sy - ry) * keys (sx - rx);
            size_t source =
                       (((size_t)i * size + mirrored (ry, size)) * size + mirrored (rx, size)) * c,
                   result = (((size_t)i * size + py) * size + px) * c;
            for (int k = 0; k < c; k++)
              for (int q = 0; q < c; q++) {
                double factor = weight * m[6 + k * c + q];
                if (node->i[0])
                  y[source + q] += factor * a[result + k];
                else
                  y[result + k] += factor * a[source + q];
              }
          }
      }
  }
}

double *
reference_evaluate (TsrNode *root, ReferenceLeaf leaf, void *user)
{
  size_t count = (size_t)root->id + 1;
  TsrNode *const *nodes = tsr_graph_nodes (root->graph);
  g_autofree bool *needed = g_new0 (bool, count);
  g_autofree double **value = g_new0 (double *, count);
  needed[root->id] = true;
  for (size_t k = count; k-- > 0;)
    for (int j = 0; needed[k] && j < 2 && nodes[k]->in[j]; j++)
      needed[nodes[k]->in[j]->id] = true;
  for (size_t k = 0; k < count; k++) {
    TsrNode *node = nodes[k];
    if (!needed[k])
      continue;
    size_t n = tsr_node_elements (node);
    double *a = node->in[0] ? value[node->in[0]->id] : NULL,
           *b = node->in[1] ? value[node->in[1]->id] : NULL;
    double *y = value[k] = g_new (double, n);
    if (node->kind == TSR_NODE_LEAF)
      memcpy (y, leaf (node, user), n * sizeof (double));
    else if (node->kind == TSR_NODE_CONST)
      y[0] = (double)node->f[0];
    else if (node->kind == TSR_NODE_RESHAPE)
      memcpy (y, a, n * sizeof (double));
    else if (node->kind == TSR_NODE_MATMUL)
      run_matmul (node, a, b, y);
    else if (node->kind == TSR_NODE_CONV)
      run_conv (node, a, b, y);
    else if (node->kind == TSR_NODE_FIR)
      run_fir (node, a, y);
    else if (node->kind == TSR_NODE_MAX_POOL || node->kind == TSR_NODE_AVERAGE_POOL)
      run_pool (node, a, y);
    else if (node->kind == TSR_NODE_CONCAT)
      run_concat (node, a, b, y);
    else if (node->kind == TSR_NODE_WARP)
      run_warp (node, a, b, y);
    else if (tsr_node_is_pointwise (node))
      run_pointwise (node, a, b, y);
    else
      run_gather (node, a, y);
  }
  double *result = value[root->id];
  value[root->id] = NULL;
  for (size_t k = 0; k < count; k++)
    g_free (value[k]);
  return result;
}
