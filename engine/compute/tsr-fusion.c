#include "tsr-fusion.h"

#include <string.h>

/* ---- which nodes are stored ---- */

static bool
is_cheap (const TsrNode *node)
{
  switch (node->kind) {
  case TSR_NODE_BROADCAST:
  case TSR_NODE_AFFINE:
  case TSR_NODE_LRELU_MASK:
  case TSR_NODE_SIGN:
  case TSR_NODE_STOP:
  case TSR_NODE_MARK:
    return true;
  default:
    return false;
  }
}

typedef struct {
  unsigned users;    /* needed nodes that read it */
  bool must_store;   /* read by something that takes no inlined operand, or an output */
  bool widened;      /* read by a node that iterates over more elements */
  unsigned operands; /* how many loads inlining it costs */
} Use;

static void
count_uses (const TsrGraph *graph, const bool *needed, const bool *is_output, Use *use)
{
  TsrNode *const *nodes = tsr_graph_nodes (graph);
  for (size_t k = 0; k < tsr_graph_size (graph); k++) {
    if (!needed[k])
      continue;
    use[k].must_store |= is_output[k];
    bool fusable = tsr_node_is_pointwise (nodes[k]) || nodes[k]->kind == TSR_NODE_SUM;
    for (int j = 0; j < 2 && nodes[k]->in[j]; j++) {
      const TsrNode *in = nodes[k]->in[j];
      if (j == 1 && in == nodes[k]->in[0])
        continue; /* x * x reads x once */
      use[in->id].users++;
      use[in->id].must_store |= !fusable;
      const TsrNode *loops = nodes[k]->kind == TSR_NODE_SUM ? in : nodes[k];
      use[in->id].widened |= tsr_node_elements (loops) > tsr_node_elements (in);
    }
  }
}

void
tsr_fusion_choose (const TsrGraph *graph, const bool *needed, const bool *is_output, bool *stored)
{
  size_t n = tsr_graph_size (graph);
  TsrNode *const *nodes = tsr_graph_nodes (graph);
  g_autofree Use *use = g_new0 (Use, n);
  count_uses (graph, needed, is_output, use);
  for (size_t k = 0; k < n; k++) {
    TsrNode *node = nodes[k];
    stored[k] = needed[k];
    if (!needed[k] || (!tsr_node_is_pointwise (node) && node->kind != TSR_NODE_SUM &&
                       node->kind != TSR_NODE_CONST)) {
      use[k].operands = 1;
      continue;
    }
    if (node->kind == TSR_NODE_CONST) { /* a literal, unless something reads it from memory */
      stored[k] = use[k].must_store;
      use[k].operands = stored[k];
      continue;
    }
    /* Operands counted with repeats: an upper bound. The larger side is stored when both would be
     * too many. */
    unsigned total = 0;
    for (int j = 0; j < 2 && node->in[j]; j++)
      total += use[node->in[j]->id].operands;
    while (total > TSR_FUSED_OPERANDS) {
      int j =
          !node->in[1] || use[node->in[0]->id].operands >= use[node->in[1]->id].operands ? 0 : 1;
      total -= use[node->in[j]->id].operands - 1;
      stored[node->in[j]->id] = true;
      use[node->in[j]->id].operands = 1;
    }
    bool inlined = tsr_node_is_pointwise (node) && !use[k].must_store && !use[k].widened &&
                   (use[k].users == 1 || (is_cheap (node) && total <= 1));
    stored[k] = !inlined;
    use[k].operands = inlined ? total : 1;
  }
}

/* ---- the kernel ---- */

typedef struct {
  TsrFused *fused;
  const bool *stored;
  GPtrArray *order; /* inlined nodes and constants, inputs first */
  GHashTable *seen;
} Walk;

static void
visit (Walk *walk, TsrNode *node)
{
  if (!g_hash_table_add (walk->seen, node))
    return;
  bool literal = node->kind == TSR_NODE_CONST && !walk->stored[node->id];
  if (walk->stored[node->id] || (!literal && !tsr_node_is_pointwise (node))) {
    g_assert (walk->fused->n_operands < TSR_FUSED_OPERANDS);
    walk->fused->operand[walk->fused->n_operands++] = node;
    return;
  }
  for (int j = 0; j < 2 && node->in[j]; j++)
    visit (walk, node->in[j]);
  g_ptr_array_add (walk->order, node);
}

static bool
mergeable (const TsrFused *fused, unsigned outer)
{
  if (fused->reduced[outer] != fused->reduced[outer + 1])
    return false;
  for (unsigned k = 0; k < fused->n_operands; k++)
    if (fused->stride[k][outer] != fused->stride[k][outer + 1] * fused->extent[outer + 1])
      return false;
  return true;
}

static void
drop_axis (TsrFused *fused, unsigned axis)
{
  for (unsigned j = axis; j + 1 < fused->rank; j++) {
    fused->extent[j] = fused->extent[j + 1];
    fused->reduced[j] = fused->reduced[j + 1];
    for (unsigned k = 0; k < fused->n_operands; k++)
      fused->stride[k][j] = fused->stride[k][j + 1];
  }
  fused->rank--;
}

/* Drops axes of size 1 and merges neighbours that every operand walks alike. */
static void
collapse (TsrFused *fused)
{
  for (unsigned j = 0; j < fused->rank && fused->rank > 1;)
    if (fused->extent[j] == 1)
      drop_axis (fused, j);
    else
      j++;
  for (unsigned j = fused->rank; j-- > 1;)
    if (mergeable (fused, j - 1)) {
      fused->extent[j] *= fused->extent[j - 1];
      drop_axis (fused, j - 1);
    }
}

static void
set_loops (TsrFused *fused, const int dim[4], unsigned reduced)
{
  fused->rank = 4;
  for (unsigned j = 0; j < 4; j++) {
    fused->extent[j] = dim[j];
    fused->reduced[j] = reduced & (1u << j);
  }
  for (unsigned k = 0; k < fused->n_operands; k++) {
    int stride = 1;
    for (int j = 3; j >= 0; j--) {
      int size = fused->operand[k]->dim[j];
      fused->stride[k][j] = size == 1 ? 0 : stride;
      stride *= size;
    }
  }
  collapse (fused);
  for (unsigned k = 0; k < fused->n_operands; k++)
    if (fused->extent[fused->rank - 1] ==
        1) /* a scalar: any stride will do, 1 keeps one kernel for it */
      fused->stride[k][fused->rank - 1] = 1;
}

/* Functions of one value alone; the rest (broadcast, stop, mark) is that value. */
static void
emit_function (GString *s, TsrNodeKind kind, const char *a)
{
  switch (kind) {
  case TSR_NODE_RECIPROCAL:
    g_string_append_printf (s, "1.0f / %s", a);
    break;
  case TSR_NODE_SQRT:
    g_string_append_printf (s, "sqrt (%s)", a);
    break;
  case TSR_NODE_RSQRT:
    g_string_append_printf (s, "1.0f / sqrt (%s)", a);
    break;
  case TSR_NODE_EXP:
    g_string_append_printf (s, "exp (%s)", a);
    break;
  case TSR_NODE_SOFTPLUS:
    g_string_append_printf (s, "fmax (%s, 0.0f) + log1p (exp (-fabs (%s)))", a, a);
    break;
  case TSR_NODE_SIGMOID:
    g_string_append_printf (s, "1.0f / (1.0f + exp (-%s))", a);
    break;
  case TSR_NODE_TANH:
    g_string_append_printf (s, "tanh (%s)", a);
    break;
  case TSR_NODE_SIGN:
    g_string_append_printf (s, "sign (%s)", a);
    break;
  default:
    g_string_append (s, a);
    break;
  }
}

/* The statement that computes node from the values named after its inputs. */
static void
emit_node (GString *s, const TsrNode *node, const char *type)
{
  char a[16] = "", b[16] = "";
  if (node->in[0])
    g_snprintf (a, sizeof a, "t%u", node->in[0]->id);
  if (node->in[1])
    g_snprintf (b, sizeof b, "t%u", node->in[1]->id);
  g_string_append_printf (s, "%s t%u = ", type, node->id);
  switch (node->kind) {
  case TSR_NODE_CONST:
    g_string_append_printf (s, "(%s)(%af)", type, node->f[0]);
    break;
  case TSR_NODE_ADD:
    g_string_append_printf (s, "%s + %s", a, b);
    break;
  case TSR_NODE_SUB:
    g_string_append_printf (s, "%s - %s", a, b);
    break;
  case TSR_NODE_MUL:
    g_string_append_printf (s, "%s * %s", a, node->in[1] ? b : a);
    break;
  case TSR_NODE_AFFINE:
    g_string_append_printf (s, "%s * %af + %af", a, node->f[0], node->f[1]);
    break;
  case TSR_NODE_LRELU: /* select, not fmax: fmax hides NaN and is slow on some CPUs */
    g_string_append_printf (s, "select (%s * %af, %s * %af, %s >= 0.0f)", a,
                            node->f[0] * node->f[1], a, node->f[1], a);
    break;
  case TSR_NODE_LRELU_MASK:
    g_string_append_printf (s, "select ((%s)(%af), (%s)(%af), %s >= 0.0f)", type,
                            node->f[0] * node->f[1], type, node->f[1], a);
    break;
  case TSR_NODE_RELU: /* lets NaN through */
    g_string_append_printf (s, "select (%s, (%s)(0.0f), %s < 0.0f)", a, type, a);
    break;
  default:
    emit_function (s, node->kind, a);
    break;
  }
  g_string_append (s, ";\n");
}

/* The loads and the expression, for `width` elements at c. Names are positions, not ids, so that
 * equal structures give equal text: the caller renumbers. */
static void
emit_body (GString *s, const TsrFused *fused, GPtrArray *order, unsigned width)
{
  char type[16];
  if (width == 1)
    g_strlcpy (type, "float", sizeof type);
  else
    g_snprintf (type, sizeof type, "float%u", width);
  for (unsigned k = 0; k < fused->n_operands; k++) {
    bool contiguous = fused->stride[k][fused->rank - 1] != 0;
    g_string_append_printf (s, "%s t%u = ", type, fused->operand[k]->id);
    if (!contiguous)
      g_string_append_printf (s, "(%s)(p%u[0]);\n", type, k);
    else if (width == 1)
      g_string_append_printf (s, "p%u[c];\n", k);
    else
      g_string_append_printf (s, "vload%u (0, p%u + c);\n", width, k);
  }
  for (guint j = 0; j < order->len; j++)
    emit_node (s, order->pdata[j], type);
}

static void
emit_parameters (GString *s, const TsrFused *fused)
{
  g_string_append (s, "__kernel void fused (__global float *restrict out");
  for (unsigned k = 0; k < fused->n_operands; k++)
    g_string_append_printf (s, ", __global const float *restrict a%u", k);
  for (unsigned j = 0; j < fused->rank; j++)
    g_string_append_printf (s, ", int n%u", j);
  for (unsigned k = 0; k < fused->n_operands; k++)
    for (unsigned j = 0; j + 1 < fused->rank; j++)
      g_string_append_printf (s, ", int s%u_%u", k, j);
}

/* Unpacks `index` into i<j> for the outer axes with reduced[j] == which. */
static void
emit_unpack (GString *s, const TsrFused *fused, const char *index, bool which)
{
  int axes[4], n = 0;
  for (unsigned j = 0; j + 1 < fused->rank; j++)
    if (fused->reduced[j] == which)
      axes[n++] = (int)j;
  for (int k = 0; k < n; k++) {
    g_string_append_printf (s, "const int i%d = %s", axes[k], index);
    for (int after = k + 1; after < n; after++)
      g_string_append_printf (s, " / n%d", axes[after]);
    if (k > 0)
      g_string_append_printf (s, " %% n%d", axes[k]);
    g_string_append (s, ";\n");
  }
}

static void
emit_pointers (GString *s, const TsrFused *fused)
{
  for (unsigned k = 0; k < fused->n_operands; k++) {
    g_string_append_printf (s, "__global const float *p%u = a%u", k, k);
    for (unsigned j = 0; j + 1 < fused->rank; j++)
      g_string_append_printf (s, " + (long) i%u * s%u_%u", j, k, j);
    g_string_append (s, ";\n");
  }
}

/* Work-item (x, y): columns [x*chunk, (x+1)*chunk) of rows [y*block, (y+1)*block). A CPU gets whole
 * blocks, a GPU one vector. */
static void
emit_pointwise (GString *s, const TsrFused *fused, GPtrArray *order, const TsrNode *root,
                unsigned width)
{
  unsigned inner = fused->rank - 1;
  emit_parameters (s, fused);
  g_string_append_printf (
      s,
      ", int rows, int chunk, int block)\n{\n"
      "const int first = get_global_id (0) * chunk, last = min (first + chunk, n%u);\n"
      "const int end = min ((int) (get_global_id (1) + 1) * block, rows);\n"
      "for (int row = get_global_id (1) * block; row < end; row++) {\n",
      inner);
  emit_unpack (s, fused, "row", false);
  emit_pointers (s, fused);
  g_string_append_printf (s, "__global float *q = out + (long) row * n%u;\nint c = first;\n",
                          inner);
  if (width > 1) {
    g_string_append_printf (s, "for (; c + %u <= last; c += %u) {\n", width, width);
    emit_body (s, fused, order, width);
    g_string_append_printf (s, "vstore%u (t%u, 0, q + c);\n}\n", width, root->id);
  }
  g_string_append (s, "for (; c < last; c++) {\n");
  emit_body (s, fused, order, 1);
  g_string_append_printf (s, "q[c] = t%u;\n}\n}\n}\n", root->id);
}

/* Of `vectors` vectors of `width` columns from c on: reads whole stretches of each row, for which
 * the row's place is worked out once. */
static void
emit_sum_columns (GString *s, const TsrFused *fused, GPtrArray *order, const TsrNode *value,
                  unsigned width, unsigned vectors)
{
  unsigned inner = fused->rank - 1;
  char type[16] = "float";
  if (width > 1)
    g_snprintf (type, sizeof type, "float%u", width);
  g_string_append_printf (s, "for (; c + %u <= last; c += %u) {\n", width * vectors,
                          width * vectors);
  for (unsigned v = 0; v < vectors; v++)
    g_string_append_printf (s, "%s sum%u = 0;\n", type, v);
  g_string_append (s, "const int begin = c;\nfor (int r = r0; r < r1; r++) {\n");
  emit_unpack (s, fused, "r", true);
  emit_pointers (s, fused);
  for (unsigned v = 0; v < vectors; v++) {
    g_string_append_printf (s, "{\nconst int c = begin + %u;\n", v * width);
    emit_body (s, fused, order, width);
    g_string_append_printf (s, "sum%u += t%u;\n}\n", v, value->id);
  }
  g_string_append_printf (
      s, "}\n__global float *q = out + ((long) get_global_id (1) * kept + a) * n%u + begin;\n",
      inner);
  for (unsigned v = 0; v < vectors; v++)
    if (width > 1)
      g_string_append_printf (s, "vstore%u (sum%u, %u, q);\n", width, v, v);
    else
      g_string_append_printf (s, "q[%u] = sum%u;\n", v, v);
  g_string_append (s, "}\n");
}

static void
emit_sum_kept (GString *s, const TsrFused *fused, GPtrArray *order, const TsrNode *value,
               unsigned width)
{
  if (width >= 8) /* a CPU's */
    emit_sum_columns (s, fused, order, value, width, 4);
  if (width > 1)
    emit_sum_columns (s, fused, order, value, width, 1);
  emit_sum_columns (s, fused, order, value, 1, 1);
}

static void
emit_sum_inner (GString *s, const TsrFused *fused, GPtrArray *order, const TsrNode *value,
                unsigned width)
{
  char type[16] = "float";
  if (width > 1)
    g_snprintf (type, sizeof type, "float%u", width);
  g_string_append_printf (s, "%s sum = 0;\nfloat tail = 0;\nfor (int r = r0; r < r1; r++) {\n",
                          type);
  emit_unpack (s, fused, "r", true);
  emit_pointers (s, fused);
  g_string_append (s, "c = first;\n");
  if (width > 1) {
    g_string_append_printf (s, "for (; c + %u <= last; c += skip) {\n", width);
    emit_body (s, fused, order, width);
    g_string_append_printf (s, "sum += t%u;\n}\n", value->id);
  }
  g_string_append (s, "for (; c < last; c++) {\n");
  emit_body (s, fused, order, 1);
  g_string_append_printf (s, "tail += t%u;\n}\n}\n", value->id);
  if (width == 1)
    g_string_append (s, "tail += sum;\n");
  for (unsigned lane = 0; width > 1 && lane < width; lane++)
    g_string_append_printf (s, "tail += sum.s%x;\n", lane);
  g_string_append (
      s, "out[((long) get_global_id (1) * across + get_global_id (0)) * kept + a] = tail;\n");
}

/* Work-item (x, y, z) of `across` x: columns [x*chunk, x*chunk + span), of which a sum over columns
 * takes one vector in `skip`; reduced rows [y*part, ...), kept rows [z*block, ...). Parts are
 * summed later. */
static void
emit_sum (GString *s, const TsrFused *fused, GPtrArray *order, const TsrNode *value, unsigned width)
{
  unsigned inner = fused->rank - 1;
  emit_parameters (s, fused);
  g_string_append_printf (
      s,
      ", int kept, int reduced, int chunk, int span, int skip, int across, int part, int "
      "block)\n{\n"
      "const int first = get_global_id (0) * chunk, last = min (first + span, n%u);\n"
      "const int r0 = get_global_id (1) * part, r1 = min (r0 + part, reduced);\n"
      "if (get_global_id (0) >= across || r0 >= reduced)\nreturn;\n"
      "const int end = min ((int) (get_global_id (2) + 1) * block, kept);\n"
      "for (int a = get_global_id (2) * block; a < end; a++) {\nint c = first;\n",
      inner);
  emit_unpack (s, fused, "a", false);
  if (fused->reduced[inner])
    emit_sum_inner (s, fused, order, value, width);
  else
    emit_sum_kept (s, fused, order, value, width);
  g_string_append (s, "}\n}\n");
}

/* Replaces t<id> by t<position>, so that the text depends on the structure alone and kernels are
 * shared. */
static char *
renumber (const char *text)
{
  g_autoptr (GHashTable) number = g_hash_table_new (g_direct_hash, g_direct_equal);
  GString *out = g_string_new (NULL);
  for (const char *p = text; *p;) {
    bool start = p == text || !(g_ascii_isalnum (p[-1]) || p[-1] == '_');
    if (start && p[0] == 't' && g_ascii_isdigit (p[1])) {
      char *end;
      gpointer id = GUINT_TO_POINTER ((guint)g_ascii_strtoull (p + 1, &end, 10) + 1);
      gpointer position = g_hash_table_lookup (number, id);
      if (!position) {
        position = GUINT_TO_POINTER (g_hash_table_size (number) + 1);
        g_hash_table_insert (number, id, position);
      }
      g_string_append_printf (out, "t%u", GPOINTER_TO_UINT (position) - 1);
      p = end;
    } else
      g_string_append_c (out, *p++);
  }
  return g_string_free (out, FALSE);
}

void
tsr_fused_init (TsrFused *fused, TsrNode *root, const bool *stored, unsigned width)
{
  *fused = (TsrFused){.is_sum = root->kind == TSR_NODE_SUM};
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_direct_hash, g_direct_equal);
  Walk walk = {.fused = fused, .stored = stored, .order = order, .seen = seen};
  TsrNode *value = fused->is_sum ? root->in[0] : root;
  if (fused->is_sum)
    visit (&walk, value);
  else {
    g_hash_table_add (seen, root);
    for (int j = 0; j < 2 && root->in[j]; j++)
      visit (&walk, root->in[j]);
    g_ptr_array_add (order, root);
  }
  set_loops (fused, value->dim, fused->is_sum ? (unsigned)root->i[0] : 0);

  g_autoptr (GString) s = g_string_new ("#pragma OPENCL FP_CONTRACT ON\n");
  if (fused->is_sum)
    emit_sum (s, fused, order, value, width);
  else
    emit_pointwise (s, fused, order, root, width);
  fused->source = renumber (s->str);
  g_snprintf (fused->name, sizeof fused->name, "%s of %u operations",
              fused->is_sum ? "sum" : "pointwise", order->len);
}

void
tsr_fused_clear (TsrFused *fused)
{
  g_clear_pointer (&fused->source, g_free);
}
