/* Every operation of the graph, its gradient and its second derivative. The device's values are
 * held against a plain double evaluation, and the gradients (as graph) against finite differences
 * of that evaluation. */

#include "graph-reference.h"
#include "tsr-device.h"
#include "tsr-exec.h"
#include "tsr-random.h"

#include <math.h>
#include <string.h>

static TsrDevice *device;
static TsrProvider *provider;

/* ---- leaves: up to three inputs with random values ---- */

enum { MAX_LEAVES = 3 };

typedef struct {
  TsrGraph *graph;
  TsrNode *leaf[MAX_LEAVES];
  double *value[MAX_LEAVES];
  bool fixed[MAX_LEAVES]; /* not differentiated */
  unsigned n;
  TsrRandom random;
} Case;

static Case *
case_new (uint64_t seed)
{
  Case *self = g_new0 (Case, 1);
  self->graph = tsr_graph_new ();
  tsr_random_init (&self->random, seed, 7);
  return self;
}

static void
case_free (Case *self)
{
  for (unsigned k = 0; k < self->n; k++)
    g_free (self->value[k]);
  tsr_graph_free (self->graph);
  g_free (self);
}

/* Values are floats (the device gets exactly them), and at least 0.05 from 0, where some operations
 * have corners. */
static TsrNode *
input (Case *self, int n, int h, int w, int c, bool positive)
{
  unsigned k = self->n++;
  char name[2] = {(char)('a' + k), 0};
  TsrNode *leaf = self->leaf[k] = tsr_leaf (self->graph, name, n, h, w, c);
  size_t count = tsr_node_elements (leaf);
  self->value[k] = g_new (double, count);
  for (size_t j = 0; j < count; j++) {
    double x = tsr_random_normal (&self->random);
    x = x < 0 ? x - 0.05 : x + 0.05;
    self->value[k][j] = (double)(float)(positive ? fabs (x) + 0.5 : x);
  }
  return leaf;
}

static const double *
leaf_value (const TsrNode *leaf, void *user)
{
  Case *self = user;
  return self->value[leaf->name[0] - 'a'];
}

/* ---- checks ---- */

static void
check_close (const char *what, const double *reference, const double *values, size_t n,
             double bound)
{
  double difference = 0, norm = 0;
  for (size_t k = 0; k < n; k++) {
    difference += (values[k] - reference[k]) * (values[k] - reference[k]);
    norm += reference[k] * reference[k];
  }
  if (!(sqrt (difference) <= bound * sqrt (norm) + 1e-12))
    g_error ("%s: relative error %.2e", what, sqrt (difference / norm));
}

/* The device against the reference, with sentinels behind the result. */
static void
check_device (Case *self, TsrNode *node, const char *what)
{
  enum { GUARD = 16 };
  GError *error = NULL;
  size_t n = tsr_node_elements (node);
  TsrArena *arena = tsr_arena_new (device);
  TsrExec *exec = tsr_exec_new (self->graph, provider, arena, device, TSR_F32);
  TsrBuffer *buffers[MAX_LEAVES],
      *out = tsr_buffer_new (device, (n + GUARD) * sizeof (float), &error);
  g_assert_no_error (error);
  tsr_buffer_fill (out, 0x7fc0dead, &error);
  for (unsigned k = 0; k < self->n; k++) {
    size_t count = tsr_node_elements (self->leaf[k]);
    g_autofree float *values = g_new (float, count);
    for (size_t j = 0; j < count; j++)
      values[j] = (float)self->value[k][j];
    buffers[k] = tsr_buffer_new (device, count * sizeof (float), &error);
    tsr_buffer_write (buffers[k], 0, values, count * sizeof (float), &error);
    tsr_exec_bind (exec, self->leaf[k]->name, buffers[k]);
  }
  tsr_exec_output (exec, node, out);
  if (!tsr_exec_plan (exec, &error) || !tsr_exec_run (exec, &error) ||
      !tsr_device_finish (device, &error))
    g_error ("%s: %s", what, error->message);
  g_autofree float *result = g_new (float, n + GUARD);
  tsr_buffer_read (out, 0, result, (n + GUARD) * sizeof (float), &error);
  g_assert_no_error (error);
  for (size_t k = n; k < n + GUARD; k++) {
    uint32_t bits;
    memcpy (&bits, &result[k], sizeof bits);
    g_assert_cmphex (bits, ==, 0x7fc0dead);
  }
  g_autofree double *values = g_new (double, n),
                    *reference = reference_evaluate (node, leaf_value, self);
  for (size_t k = 0; k < n; k++)
    values[k] = (double)result[k];
  check_close (what, reference, values, n, 2e-5);
  tsr_exec_free (exec);
  tsr_arena_free (arena);
  tsr_buffer_free (out);
  for (unsigned k = 0; k < self->n; k++)
    tsr_buffer_free (buffers[k]);
}

/* The gradient of a scalar as graph against central differences of its reference value, at a few
 * elements of every leaf. */
static void
check_differences (Case *self, TsrNode *scalar, TsrNode **gradient, const char *what)
{
  const double step = 1e-5;
  for (unsigned k = 0; k < self->n; k++) {
    if (self->fixed[k]) {
      g_assert_null (gradient[k]);
      continue;
    }
    size_t n = tsr_node_elements (self->leaf[k]);
    g_autofree double *values =
        gradient[k] ? reference_evaluate (gradient[k], leaf_value, self) : g_new0 (double, n);
    double scale = 1e-3;
    for (size_t j = 0; j < n; j++)
      scale = MAX (scale, fabs (values[j]));
    for (unsigned trial = 0; trial < 6; trial++) {
      size_t j = tsr_random_below (&self->random, (uint32_t)n);
      double before = self->value[k][j];
      self->value[k][j] = before + step;
      g_autofree double *high = reference_evaluate (scalar, leaf_value, self);
      self->value[k][j] = before - step;
      g_autofree double *low = reference_evaluate (scalar, leaf_value, self);
      self->value[k][j] = before;
      double difference = (high[0] - low[0]) / (2 * step);
      if (!(fabs (difference - values[j]) <= 1e-5 * scale))
        g_error ("%s: leaf %u element %zu: %.9g by differences, %.9g by the graph", what, k, j,
                 difference, values[j]);
    }
  }
}

/* A scalar of y whose derivative depends on y, so that the second derivatives of y's rules matter.
 */
static TsrNode *
to_scalar (TsrNode *y)
{
  return tsr_sum (tsr_mul (y, tsr_affine (y, 0.5f, 0.2f)), TSR_AXIS_ALL);
}

/* Values, gradient, and gradient of the squared gradient of y with respect to all leaves. Frees the
 * case. */
static void
check (Case *self, TsrNode *y, const char *what)
{
  TsrNode *first[MAX_LEAVES] = {NULL}, *second[MAX_LEAVES] = {NULL}, *energy = NULL;
  check_device (self, y, what);
  TsrNode *scalar = to_scalar (y);
  tsr_gradient (scalar, NULL, self->leaf, self->n, first);
  check_differences (self, scalar, first, what);
  for (unsigned k = 0; k < self->n; k++) {
    if (!first[k])
      continue;
    g_assert_true (tsr_node_same_dims (first[k], self->leaf[k]));
    check_device (self, first[k], what);
    TsrNode *part = tsr_sum (tsr_square (first[k]), TSR_AXIS_ALL);
    energy = energy ? tsr_add (energy, part) : part;
  }
  if (energy) {
    tsr_gradient (energy, NULL, self->leaf, self->n, second);
    check_differences (self, energy, second, what);
    for (unsigned k = 0; k < self->n; k++)
      if (second[k])
        check_device (self, second[k], what);
  }
  case_free (self);
}

/* ---- the operations ---- */

static const int shapes[][4] = {{1, 1, 1, 1},  {1, 1, 1, 7},  {3, 1, 1, 16},  {2, 3, 5, 3},
                                {2, 4, 4, 17}, {4, 8, 8, 33}, {1, 1, 1, 5000}};

static void
test_unary (void)
{
  static const struct {
    TsrNode *(*build) (TsrNode *);
    const char *name;
    bool positive;
  } operations[] = {{tsr_reciprocal, "reciprocal", true},
                    {tsr_sqrt, "sqrt", true},
                    {tsr_rsqrt, "rsqrt", true},
                    {tsr_exp, "exp", false},
                    {tsr_softplus, "softplus", false},
                    {tsr_sigmoid, "sigmoid", false},
                    {tsr_tanh, "tanh", false},
                    {tsr_square, "square", false},
                    {tsr_relu, "relu", false},
                    {tsr_sign, "sign", false},
                    {tsr_stop_gradient, "stop", false}};
  for (size_t k = 0; k < G_N_ELEMENTS (operations); k++)
    for (size_t j = 0; j < G_N_ELEMENTS (shapes) - 1; j++) {
      Case *c = case_new (k * 100 + j);
      const int *d = shapes[j];
      TsrNode *x = input (c, d[0], d[1], d[2], d[3], operations[k].positive);
      TsrNode *y = operations[k].build (x);
      if (operations[k].build == tsr_stop_gradient) { /* flat: values only */
        TsrNode *gradient;
        tsr_gradient (y, NULL, &x, 1, &gradient);
        g_assert_null (gradient);
        check_device (c, y, operations[k].name);
        case_free (c);
      } else
        check (c, y, operations[k].name);
    }
}

static void
test_lrelu_affine (void)
{
  for (size_t j = 0; j < G_N_ELEMENTS (shapes); j++) {
    const int *d = shapes[j];
    Case *c = case_new (j);
    check (c,
           tsr_lrelu (tsr_affine (input (c, d[0], d[1], d[2], d[3], false), 1.5f, 0.001f), 0.2f,
                      1.41f),
           "lrelu");
  }
}

/* Every way one operand can be broadcast against another. */
static void
test_broadcast (void)
{
  static TsrNode *(*const operations[]) (TsrNode *, TsrNode *) = {tsr_add, tsr_sub, tsr_mul};
  const int full[4] = {3, 2, 5, 18};
  for (unsigned mask_a = 0; mask_a < 16; mask_a++)
    for (unsigned mask_b = 0; mask_b < 16; mask_b += 5) {
      Case *c = case_new (mask_a * 16 + mask_b);
      int a[4], b[4];
      for (int k = 0; k < 4; k++) {
        a[k] = mask_a & (1u << k) ? 1 : full[k];
        b[k] = mask_b & (1u << k) ? 1 : full[k];
      }
      TsrNode *x = input (c, a[0], a[1], a[2], a[3], false),
              *y = input (c, b[0], b[1], b[2], b[3], false);
      check (c, operations[(mask_a + mask_b) % 3](x, y), "broadcast");
    }
  Case *c = case_new (999);
  check (c, tsr_broadcast (input (c, 1, 2, 1, 5, false), (int[]){3, 2, 4, 5}), "broadcast node");
}

static void
test_sum (void)
{
  static const int sizes[][4] = {{2, 3, 4, 5}, {3, 4, 4, 32}, {1, 1, 300, 7}, {2, 16, 16, 48}};
  for (size_t j = 0; j < G_N_ELEMENTS (sizes); j++)
    for (unsigned axes = 1; axes < 16; axes++) {
      const int *d = sizes[j];
      Case *c = case_new (j * 16 + axes);
      TsrNode *x = input (c, d[0], d[1], d[2], d[3], false),
              *y = input (c, 1, d[1], 1, d[3], false);
      check (c, tsr_mean (tsr_mul (x, tsr_square (y)), axes), "sum");
    }
  /* Large enough that sums are cut into parts. */
  for (unsigned axes = 1; axes < 16; axes++) {
    Case *c = case_new (axes);
    TsrNode *x = input (c, 4, 40, 40, 24, false);
    check_device (c, tsr_sum (tsr_square (x), axes), "large sum");
    case_free (c);
  }
}

static void
test_shapes (void)
{
  for (int axis = 0; axis < 4; axis++) {
    Case *c = case_new ((uint64_t)axis);
    TsrNode *x = input (c, 3, 4, 5, 6, false);
    check (c, tsr_slice (x, axis, 1, 2), "slice");
    c = case_new (10 + (uint64_t)axis);
    check (c, tsr_pad (input (c, 3, 4, 5, 6, false), axis, 2, 1), "pad");
    c = case_new (20 + (uint64_t)axis);
    int d[4] = {2, 3, 2, 5};
    TsrNode *a = input (c, 2, 3, 2, 5, false);
    d[axis] = 4;
    check (c, tsr_concat (a, input (c, d[0], d[1], d[2], d[3], false), axis), "concat");
  }
  Case *c = case_new (40);
  TsrNode *x = input (c, 4, 2, 2, 6, false);
  TsrNode *y = tsr_reshape (x, 2, 2, 4, 6);
  check (c, tsr_reshape (tsr_mul (y, tsr_mean (y, TSR_AXIS_N)), 4, 1, 1, 24), "reshape");
}

static void
test_matmul (void)
{
  static const int sizes[][3] = {{1, 1, 1}, {3, 5, 7}, {16, 33, 16}, {4, 128, 9}};
  for (size_t j = 0; j < G_N_ELEMENTS (sizes); j++)
    for (int transposes = 0; transposes < 4; transposes++) {
      int m = sizes[j][0], n = sizes[j][1], k = sizes[j][2];
      bool ta = transposes & 1, tb = transposes & 2;
      Case *c = case_new (j * 4 + (unsigned)transposes);
      TsrNode *a = input (c, ta ? k : m, 1, 1, ta ? m : k, false),
              *b = input (c, tb ? n : k, 1, 1, tb ? k : n, false);
      check (c, tsr_matmul (a, b, ta, tb), "matmul");
    }
}

static void
test_conv (void)
{
  /* n h w c k kernel stride pad; by data also where several heights give one result */
  static const int sizes[][8] = {{1, 4, 4, 1, 1, 1, 1, 0},  {2, 5, 5, 3, 4, 3, 1, 1},
                                 {2, 9, 9, 5, 16, 3, 2, 0}, {1, 8, 8, 17, 3, 3, 2, 1},
                                 {2, 6, 6, 16, 8, 1, 1, 0}, {1, 7, 5, 2, 3, 3, 2, 1}};
  for (size_t j = 0; j < G_N_ELEMENTS (sizes); j++) {
    const int *s = sizes[j];
    Case *c = case_new (j);
    TsrNode *x = input (c, s[0], s[1], s[2], s[3], false),
            *w = input (c, s[4], s[5], s[5], s[3], false);
    check (c, tsr_conv (x, w, s[6], s[7]), "conv");
    c = case_new (100 + j);
    int oh = (s[1] + 2 * s[7] - s[5]) / s[6] + 1, ow = (s[2] + 2 * s[7] - s[5]) / s[6] + 1;
    x = input (c, s[0], oh, ow, s[4], false), w = input (c, s[4], s[5], s[5], s[3], false);
    check (c, tsr_conv_transposed (x, w, s[6], s[7]), "transposed conv");
  }
}

static void
test_fir (void)
{
  /* up, down, pads: the five uses in the networks and some more */
  static const int uses[][4] = {{1, 1, 1, 1}, {1, 1, 2, 2}, {2, 1, 2, 1}, {1, 2, 1, 1},
                                {2, 1, 3, 2}, {2, 2, 2, 2}, {1, 2, 2, 3}};
  static const int channels[] = {1, 3, 16, 21};
  for (size_t j = 0; j < G_N_ELEMENTS (uses); j++)
    for (size_t k = 0; k < G_N_ELEMENTS (channels); k++)
      for (int size = 4; size <= 9; size += 5) {
        const int *u = uses[j];
        Case *c = case_new (j * 10 + k);
        TsrNode *x = input (c, 2, size, size, channels[k], false);
        check (c, tsr_fir (x, u[0], u[1], u[2], u[3], 4), "fir");
      }
}

/* Kernels that are not square, as in the feature network, with explicit padding. */
static void
test_conv_oblong (void)
{
  static const int kernels[][2] = {{1, 7}, {7, 1}, {1, 3}, {3, 1}};
  for (size_t j = 0; j < G_N_ELEMENTS (kernels); j++) {
    int kh = kernels[j][0], kw = kernels[j][1];
    Case *c = case_new (j);
    TsrNode *x = input (c, 2, 7, 6, 5, false), *w = input (c, 17, kh, kw, 5, false);
    x = tsr_pad (tsr_pad (x, 1, kh / 2, kh / 2), 2, kw / 2, kw / 2);
    check (c, tsr_conv (x, w, 1, 0), "oblong conv");
  }
}

static void
test_pool (void)
{
  /* h w c, size stride pad of max pooling */
  static const int sizes[][6] = {{3, 3, 1, 3, 1, 0},  {1, 1, 5, 3, 1, 1}, {7, 9, 17, 3, 2, 0},
                                 {8, 5, 33, 3, 1, 1}, {6, 6, 3, 2, 2, 0}, {9, 9, 16, 5, 3, 2}};
  for (size_t j = 0; j < G_N_ELEMENTS (sizes); j++) {
    const int *s = sizes[j];
    Case *c = case_new (j);
    TsrNode *x = input (c, 3, s[0], s[1], s[2], false);
    check_device (c, tsr_max_pool (x, s[3], s[4], s[5]), "max pool");
    case_free (c);
    for (int count_padding = 0; count_padding < 2; count_padding++) {
      c = case_new (j);
      x = input (c, 2, s[0], s[1], s[2], false);
      TsrNode *pooled = tsr_average_pool (x, s[3] | 1, count_padding);
      check (c, tsr_mul (pooled, pooled), count_padding ? "average pool" : "average pool, inside");
    }
  }
}

/* The mean of what is inside only: of ones it is one, at the edge too. */
static void
test_pool_inside (void)
{
  TsrGraph *graph = tsr_graph_new ();
  TsrNode *ones = tsr_broadcast (tsr_const (graph, 1), (int[]){2, 4, 5, 3});
  g_autofree double *inside = reference_evaluate (tsr_average_pool (ones, 3, false), NULL, NULL),
                    *counted = reference_evaluate (tsr_average_pool (ones, 3, true), NULL, NULL);
  for (size_t k = 0; k < 2 * 4 * 5 * 3; k++)
    g_assert_cmpfloat_with_epsilon (inside[k], 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (counted[0], 4 / 9.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (counted[3], 6 / 9.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (counted[5 * 3 + 3], 1, 1e-12);
  tsr_graph_free (graph);
}

/* Random maps turn, shear, scale and shift by some pixels; edges are met everywhere in so small
 * images.
 */
static void
test_warp (void)
{
  static const int sizes[] = {1, 2, 5, 8, 17};
  for (int channels = 1; channels <= 3; channels += 2)
    for (size_t j = 0; j < G_N_ELEMENTS (sizes); j++)
      for (int adjoint = 0; adjoint < 2; adjoint++) {
        Case *c = case_new (j * 10 + (unsigned)channels);
        TsrNode *x = input (c, 3, sizes[j], sizes[j], channels, false);
        TsrNode *map = input (c, 3, 1, 1, 6 + channels * channels, false);
        c->fixed[1] = true;
        check (c, tsr_warp (x, map, adjoint), adjoint ? "warp, adjoint" : "warp");
      }
}

/* A chain with more operands than one kernel takes, values used twice, and an output that is also
 * read. */
static void
test_fusion (void)
{
  Case *c = case_new (5);
  TsrNode *x = input (c, 2, 3, 3, 16, false), *y = input (c, 2, 1, 1, 16, false),
          *z = input (c, 1, 1, 1, 16, true);
  TsrNode *sum = x;
  for (int k = 0; k < 40; k++) {
    TsrNode *part = tsr_sum (tsr_mul (x, tsr_affine (y, (float)k, 0.1f)), TSR_AXIS_H | TSR_AXIS_W);
    sum = tsr_add (sum, tsr_scale (tsr_mul (part, z), 0.001f));
  }
  check (c, tsr_mul (tsr_lrelu (sum, 0.2f, 1), tsr_rsqrt (tsr_affine (tsr_square (sum), 1, 1))),
         "fusion");
}

/* An output bound to a leaf is written after everything has read the leaf; equal expressions are
 * one node. */
static void
test_in_place (void)
{
  GError *error = NULL;
  TsrGraph *graph = tsr_graph_new ();
  TsrNode *x = tsr_leaf (graph, "x", 1, 1, 1, 8);
  g_assert_true (tsr_square (x) == tsr_mul (x, x));
  g_assert_true (tsr_scale (tsr_scale (x, 2), 3) == tsr_scale (x, 6));
  TsrNode *moved = tsr_affine (x, 1, 1), *read = tsr_scale (tsr_sum (x, TSR_AXIS_ALL), 2);
  TsrArena *arena = tsr_arena_new (device);
  TsrExec *exec = tsr_exec_new (graph, provider, arena, device, TSR_F32);
  TsrBuffer *buffer = tsr_buffer_new (device, 8 * sizeof (float), &error),
            *sum = tsr_buffer_new (device, sizeof (float), &error);
  tsr_exec_bind (exec, "x", buffer);
  tsr_exec_output (exec, moved, buffer);
  tsr_exec_output (exec, read, sum);
  g_assert_true (tsr_exec_plan (exec, &error));
  for (int k = 0; k < 3; k++) {
    float value, total;
    g_assert_true (tsr_exec_run (exec, &error));
    tsr_buffer_read (buffer, 0, &value, sizeof value, &error);
    tsr_buffer_read (sum, 0, &total, sizeof total, &error);
    g_assert_cmpfloat (value, ==, (float)(k + 1));
    g_assert_cmpfloat (total, ==, (float)(16 * k));
  }
  tsr_exec_free (exec);
  TsrExec *unbound = tsr_exec_new (graph, provider, arena, device, TSR_F32);
  tsr_exec_output (unbound, moved, sum->bytes >= 32 ? sum : buffer);
  g_assert_false (tsr_exec_plan (unbound, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  tsr_exec_free (unbound);
  tsr_buffer_free (buffer);
  tsr_buffer_free (sum);
  tsr_arena_free (arena);
  tsr_graph_free (graph);
}

static void
check_buffers (TsrLifetime *values, size_t n, size_t live_most)
{
  g_autoptr (GArray) sizes = tsr_arena_plan_buffers (values, n);
  size_t total = 0;
  for (guint k = 0; k < sizes->len; k++) {
    total += g_array_index (sizes, size_t, k);
    g_assert_true (k == 0 ||
                   g_array_index (sizes, size_t, k) <= g_array_index (sizes, size_t, k - 1));
  }
  g_assert_cmpuint (total, >=, live_most);
  g_assert_cmpuint (total, <=, live_most * 2);
  for (size_t k = 0; k < n; k++) {
    g_assert_cmpuint (values[k].place, <, sizes->len);
    g_assert_cmpuint (values[k].bytes, <=, g_array_index (sizes, size_t, values[k].place));
    for (size_t j = 0; j < k; j++)
      if (values[k].first <= values[j].last && values[j].first <= values[k].last)
        g_assert_cmpuint (values[k].place, !=, values[j].place);
  }
}

/* No two values that live at the same time overlap, whatever their sizes and lifetimes. */
static void
test_arena (void)
{
  TsrRandom random;
  tsr_random_init (&random, 3, 0);
  for (int trial = 0; trial < 50; trial++) {
    TsrLifetime values[60];
    size_t live_most = 0;
    for (int k = 0; k < 60; k++) {
      uint32_t first = tsr_random_below (&random, 100);
      values[k] = (TsrLifetime){1 + tsr_random_below (&random, 5000), first,
                                first + tsr_random_below (&random, 20), 0};
    }
    size_t total = tsr_arena_plan (values, 60, 128);
    for (uint32_t t = 0; t < 120; t++) {
      size_t live = 0;
      for (int k = 0; k < 60; k++)
        live += values[k].first <= t && t <= values[k].last ? values[k].bytes : 0;
      live_most = MAX (live_most, live);
    }
    g_assert_cmpuint (total, >=, live_most);
    g_assert_cmpuint (total, <=, live_most * 2);
    for (int k = 0; k < 60; k++)
      for (int j = 0; j < k; j++)
        if (values[k].first <= values[j].last && values[j].first <= values[k].last)
          g_assert_true (values[k].place + values[k].bytes <= values[j].place ||
                         values[j].place + values[j].bytes <= values[k].place);
    check_buffers (values, 60, live_most);
  }
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  g_test_init (&argc, &argv, NULL);
  device = tsr_device_open (NULL, &error);
  g_assert_no_error (error);
  provider = tsr_provider_new (device, TSR_PROVIDER_AUTO, &error);
  g_assert_no_error (error);
  g_test_add_func ("/graph/unary", test_unary);
  g_test_add_func ("/graph/lrelu-affine", test_lrelu_affine);
  g_test_add_func ("/graph/broadcast", test_broadcast);
  g_test_add_func ("/graph/sum", test_sum);
  g_test_add_func ("/graph/kernels/shapes", test_shapes);
  g_test_add_func ("/graph/matmul", test_matmul);
  g_test_add_func ("/graph/conv", test_conv);
  g_test_add_func ("/graph/conv-oblong", test_conv_oblong);
  g_test_add_func ("/graph/kernels/fir", test_fir);
  g_test_add_func ("/graph/kernels/pool", test_pool);
  g_test_add_func ("/graph/kernels/pool-inside", test_pool_inside);
  g_test_add_func ("/graph/kernels/warp", test_warp);
  g_test_add_func ("/graph/fusion", test_fusion);
  g_test_add_func ("/graph/in-place", test_in_place);
  g_test_add_func ("/graph/arena", test_arena);
  int result = g_test_run ();
  tsr_provider_free (provider);
  tsr_device_close (device);
  return result;
}
