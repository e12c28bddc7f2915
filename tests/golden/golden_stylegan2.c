/* golden_stylegan2 PATH: evaluates the networks, their losses and every gradient from the weights
 * and inputs in a file of reference vectors (tests/golden/README.md) and prints the worst relative
 * error of each tensor and scalar. Exits 1 above 1e-3. */

#include "tsr-device.h"
#include "tsr-exec.h"
#include "tsr-losses.h"
#include "tsr-model-file.h"
#include "tsr-networks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOUND 1e-3

typedef struct {
  TsrDevice *device;
  TsrProvider *provider;
  TsrSafetensors *file;
  TsrModelConfig config;
  TsrParameters *parameters;
  TsrWeights *weights[TSR_N_NETS];
  GHashTable *inputs; /* name -> TsrBuffer, NHWC */
  int batch;
  bool failed;
} Golden;

/* What one evaluation is to be compared with. */
typedef struct {
  char *name; /* in the file */
  TsrNode *node;
  const TsrParameter *parameter; /* its layout, or NULL for images and vectors */
  TsrBuffer *buffer;
} Wanted;

static void
stop (const char *what, GError *error)
{
  printf ("%s: %s\n", what, error ? error->message : "failed");
  exit (1);
}

/* NCHW -> NHWC (or back) of an image batch; anything else is copied. */
static void
reorder (const TsrNode *node, const float *from, float *to, bool to_file)
{
  size_t n = (size_t)node->dim[0], pixels = (size_t)node->dim[1] * node->dim[2],
         channels = (size_t)node->dim[3];
  for (size_t i = 0; i < n; i++)
    for (size_t p = 0; p < pixels; p++)
      for (size_t c = 0; c < channels; c++) {
        size_t here = (i * pixels + p) * channels + c, file = (i * channels + c) * pixels + p;
        to[to_file ? file : here] = from[to_file ? here : file];
      }
}

static TsrNode *
input (Golden *g, TsrGraph *graph, const char *name, int n, int h, int w, int c)
{
  TsrNode *node = tsr_leaf (graph, name, n, h, w, c);
  if (g_hash_table_contains (g->inputs, name))
    return node;
  size_t count = tsr_node_elements (node);
  g_autofree float *packed = g_new (float, count), *values = g_new (float, count);
  GError *error = NULL;
  if (!tsr_safetensors_read_f32 (g->file, name, packed, count, &error))
    stop ("input", error);
  reorder (node, packed, values, false);
  TsrBuffer *buffer = tsr_buffer_new (g->device, count * sizeof (float), &error);
  if (!buffer || !tsr_buffer_write (buffer, 0, values, count * sizeof (float), &error))
    stop ("input", error);
  g_hash_table_insert (g->inputs, g_strdup (name), buffer);
  return node;
}

static void
want (Golden *g, GArray *wanted, const char *name, TsrNode *node, const TsrParameter *parameter)
{
  if (!tsr_safetensors_find (g->file, name)) /* files may leave tensors out */
    return;
  GError *error = NULL;
  Wanted item = {g_strdup (name), node, parameter,
                 tsr_buffer_new (g->device, tsr_node_elements (node) * sizeof (float), &error)};
  if (!item.buffer)
    stop (name, error);
  g_array_append_val (wanted, item);
}

/* Asks for the gradients of a loss with respect to every tensor of the networks the file has
 * references for. */
static void
want_gradients (Golden *g, GArray *wanted, TsrNode *loss, const char *tag)
{
  GPtrArray *leaves = g_ptr_array_new (), *parameters = g_ptr_array_new ();
  for (guint k = 0; k < g->parameters->list->len; k++) {
    const TsrParameter *p = &g_array_index (g->parameters->list, TsrParameter, k);
    g_autofree char *name = g_strdup_printf ("grad.%s.%s", tag, p->name);
    if (!tsr_safetensors_find (g->file, name))
      continue;
    g_ptr_array_add (leaves,
                     tsr_leaf (loss->graph, p->name, p->dim[0], p->dim[1], p->dim[2], p->dim[3]));
    g_ptr_array_add (parameters, (gpointer)p);
  }
  g_autofree TsrNode **gradient = g_new0 (TsrNode *, leaves->len + 1);
  tsr_gradient (loss, NULL, (TsrNode **)leaves->pdata, leaves->len, gradient);
  for (guint k = 0; k < leaves->len; k++) {
    const TsrParameter *p = parameters->pdata[k];
    g_autofree char *name = g_strdup_printf ("grad.%s.%s", tag, p->name);
    TsrNode *leaf = leaves->pdata[k];
    TsrNode *node =
        gradient[k] ? gradient[k] : tsr_broadcast (tsr_const (loss->graph, 0), leaf->dim);
    want (g, wanted, name, node, p);
  }
  g_ptr_array_unref (leaves);
  g_ptr_array_unref (parameters);
}

static double
norm_of (Golden *g, const char *name, double *values, size_t n)
{
  GError *error = NULL;
  double sum = 0;
  if (!tsr_safetensors_read_f64 (g->file, name, values, n, &error))
    stop (name, error);
  for (size_t k = 0; k < n; k++)
    sum += values[k] * values[k];
  return sqrt (sum);
}

/* Some gradients vanish in exact arithmetic, and the reference holds its rounding (1e-17): the norm
 * they are held against is at least a millionth of the largest gradient of the same loss. */
static double
norm_if_vanishing (Golden *g, const char *name, double norm)
{
  if (!g_str_has_prefix (name, "grad."))
    return norm;
  size_t tag = (size_t)(strchr (name + 5, '.') + 1 - name);
  double largest = 0;
  for (size_t k = 0; k < tsr_safetensors_count (g->file); k++) {
    const TsrTensorInfo *tensor = tsr_safetensors_at (g->file, k);
    if (strncmp (tensor->name, name, tag) != 0)
      continue;
    size_t n = tsr_tensor_count (tensor);
    g_autofree double *values = g_new (double, n);
    largest = MAX (largest, norm_of (g, tensor->name, values, n));
  }
  return norm < 1e-12 * largest ? 1e-4 * largest : norm;
}

/* Norm of the difference over norm of the reference. */
static void
compare (Golden *g, const Wanted *item)
{
  size_t n = tsr_node_elements (item->node);
  g_autofree float *values = g_new (float, n), *packed = g_new (float, n);
  g_autofree double *reference = g_new (double, n);
  GError *error = NULL;
  double norm = norm_if_vanishing (g, item->name, norm_of (g, item->name, reference, n)),
         difference = 0;
  if (!tsr_buffer_read (item->buffer, 0, values, n * sizeof (float), &error))
    stop (item->name, error);
  if (item->parameter)
    tsr_parameter_to_file (item->parameter, values, packed);
  else
    reorder (item->node, values, packed, true);
  for (size_t k = 0; k < n; k++)
    difference += (packed[k] - reference[k]) * (packed[k] - reference[k]);
  double relative = norm > 0 ? sqrt (difference) / norm : sqrt (difference);
  bool bad = !(relative <= BOUND);
  g->failed |= bad;
  printf ("%-60s %.2e%s\n", item->name, relative, bad ? "  <-- FAILED" : "");
}

static void
evaluate (Golden *g, TsrGraph *graph, GArray *wanted)
{
  GError *error = NULL;
  TsrArena *arena = tsr_arena_new (g->device);
  TsrExec *exec = tsr_exec_new (graph, g->provider, arena, g->device, TSR_F32);
  for (int net = 0; net < TSR_N_NETS; net++)
    tsr_weights_bind (g->weights[net], exec);
  GHashTableIter iter;
  gpointer name, buffer;
  g_hash_table_iter_init (&iter, g->inputs);
  while (g_hash_table_iter_next (&iter, &name, &buffer))
    tsr_exec_bind (exec, name, buffer);
  for (guint k = 0; k < wanted->len; k++) {
    Wanted *item = &g_array_index (wanted, Wanted, k);
    tsr_exec_output (exec, item->node, item->buffer);
  }
  if (!tsr_exec_plan (exec, &error) || !tsr_exec_run (exec, &error) ||
      !tsr_device_finish (g->device, &error))
    stop ("evaluation", error);
  for (guint k = 0; k < wanted->len; k++) {
    Wanted *item = &g_array_index (wanted, Wanted, k);
    compare (g, item);
    tsr_buffer_free (item->buffer);
    g_free (item->name);
  }
  tsr_exec_free (exec);
  tsr_arena_free (arena);
}

static void
adversarial_losses (Golden *g)
{
  const TsrModelConfig *c = &g->config;
  int n = g->batch, r = c->resolution;
  TsrGraph *graph = tsr_graph_new ();
  GArray *wanted = g_array_new (FALSE, TRUE, sizeof (Wanted));
  TsrNode *real = input (g, graph, "in.real", n, r, r, c->channels);
  TsrNode *w = tsr_build_mapping (c, input (g, graph, "in.z", n, 1, 1, c->z_dim));
  TsrNode *fake = tsr_build_synthesis_from_w (c, w, TSR_NOISE_CONST);
  TsrNode *logits_fake = tsr_build_discriminator (c, fake),
          *logits_real = tsr_build_discriminator (c, real);
  want (g, wanted, "out.w", w, NULL);
  want (g, wanted, "out.fake", fake, NULL);
  want (g, wanted, "out.logits_fake", logits_fake, NULL);
  want (g, wanted, "out.logits_real", logits_real, NULL);
  TsrNode *g_main = tsr_loss_real (logits_fake), *image_gradient;
  TsrNode *d_main = tsr_add (tsr_loss_fake (logits_fake), tsr_loss_real (logits_real));
  TsrNode *r1 = tsr_loss_r1 (logits_real, real, 10, &image_gradient);
  want (g, wanted, "loss.Gmain", g_main, NULL);
  want (g, wanted, "loss.Dmain", d_main, NULL);
  want (g, wanted, "loss.R1_gamma10", r1, NULL);
  want (g, wanted, "out.r1_image_grad", image_gradient, NULL);
  want_gradients (g, wanted, g_main, "Gmain");
  want_gradients (g, wanted, d_main, "Dmain");
  want_gradients (g, wanted, r1, "R1");
  evaluate (g, graph, wanted);
  g_array_unref (wanted);
  tsr_graph_free (graph);
}

static void
path_length (Golden *g)
{
  const TsrModelConfig *c = &g->config;
  int n = g->batch, r = c->resolution;
  TsrGraph *graph = tsr_graph_new ();
  GArray *wanted = g_array_new (FALSE, TRUE, sizeof (Wanted));
  TsrNode *w = tsr_build_mapping (c, input (g, graph, "in.z", n, 1, 1, c->z_dim)), *ws[64],
          *lengths;
  for (int k = 0; k < tsr_model_num_ws (c); k++)
    ws[k] = tsr_mark (w, k);
  TsrNode *fake = tsr_build_synthesis (c, ws, TSR_NOISE_CONST);
  TsrNode *noise = input (g, graph, "in.pl_noise", n, r, r, c->channels);
  lengths = tsr_path_lengths (fake, noise, ws, tsr_model_num_ws (c));
  TsrNode *loss = tsr_loss_path_length (lengths, tsr_const (graph, 0.3f), 2);
  want (g, wanted, "out.pl_lengths", lengths, NULL);
  want (g, wanted, "loss.PL_mean0.3_weight2", loss, NULL);
  want_gradients (g, wanted, loss, "PL");
  evaluate (g, graph, wanted);
  g_array_unref (wanted);
  tsr_graph_free (graph);
}

static void
encoder_losses (Golden *g)
{
  const TsrModelConfig *c = &g->config;
  int n = g->batch, r = c->resolution;
  TsrGraph *graph = tsr_graph_new ();
  GArray *wanted = g_array_new (FALSE, TRUE, sizeof (Wanted));
  TsrNode *real = input (g, graph, "in.real", n, r, r, c->channels);
  TsrNode *w = tsr_build_mapping (c, input (g, graph, "in.z", n, 1, 1, c->z_dim));
  TsrNode *fake = tsr_build_synthesis_from_w (c, w, TSR_NOISE_CONST);
  TsrNode *variance_fake, *variance_real;
  TsrNode *mean_fake = tsr_build_encoder (c, fake, &variance_fake),
          *mean_real = tsr_build_encoder (c, real, &variance_real);
  TsrNode *reconstruction = tsr_build_synthesis_from_w (c, mean_real, TSR_NOISE_CONST);
  want (g, wanted, "out.enc_mean_fake", mean_fake, NULL);
  want (g, wanted, "out.enc_logvar_fake", variance_fake, NULL);
  want (g, wanted, "out.enc_mean_real", mean_real, NULL);
  want (g, wanted, "out.enc_logvar_real", variance_real, NULL);
  want (g, wanted, "out.recon", reconstruction, NULL);
  TsrNode *nll = tsr_loss_nll (mean_fake, variance_fake, w, NULL),
          *mse = tsr_loss_mse (real, reconstruction);
  want (g, wanted, "loss.Enc_nll", nll, NULL);
  want (g, wanted, "loss.Enc_mse", mse, NULL);
  want_gradients (g, wanted, nll, "Enc_nll");
  want_gradients (g, wanted, mse, "Enc_mse");
  evaluate (g, graph, wanted);
  g_array_unref (wanted);
  tsr_graph_free (graph);
}

int
main (int argc, char **argv)
{
  Golden g = {.inputs = g_hash_table_new (g_str_hash, g_str_equal)};
  GError *error = NULL;
  if (argc != 2) {
    printf ("usage: golden_stylegan2 FILE\n");
    return 2;
  }
  g.file = tsr_safetensors_open (argv[1], &error);
  if (!g.file || !tsr_model_config_read (g.file, &g.config, &error))
    stop (argv[1], error);
  const TsrTensorInfo *z = tsr_safetensors_find (g.file, "in.z");
  const char *group = tsr_safetensors_metadata (g.file, "mbstd_group");
  g.batch = z ? (int)z->shape[0] : 0;
  g.config.mbstd_group = group ? atoi (group) : 4;
  g.device = tsr_device_open (NULL, &error);
  g.provider = g.device ? tsr_provider_new (g.device, TSR_PROVIDER_AUTO, &error) : NULL;
  if (!g.provider || g.batch < 1)
    stop ("device", error);
  printf ("%s on %s by %s\n", argv[1], tsr_device_info (g.device)->name,
          tsr_provider_name (g.provider));
  g.parameters = tsr_parameters_new (&g.config, tsr_buffer_alignment (g.device));
  for (int net = 0; net < TSR_N_NETS; net++) {
    const char *prefix = net == TSR_NET_D ? "D." : net == TSR_NET_E ? "E." : "G.";
    g.weights[net] = tsr_weights_new (g.device, g.parameters, net, &error);
    if (!g.weights[net] || !tsr_model_load_net (g.file, prefix, g.weights[net], &error))
      stop (argv[1], error);
  }
  adversarial_losses (&g);
  path_length (&g);
  if (g.config.shared_layers >= 0)
    encoder_losses (&g);
  printf ("%s\n", g.failed ? "FAILED" : "all within 1e-3");

  GHashTableIter iter;
  gpointer buffer;
  g_hash_table_iter_init (&iter, g.inputs);
  while (g_hash_table_iter_next (&iter, NULL, &buffer))
    tsr_buffer_free (buffer);
  g_hash_table_unref (g.inputs);
  for (int net = 0; net < TSR_N_NETS; net++)
    tsr_weights_free (g.weights[net]);
  tsr_parameters_free (g.parameters);
  tsr_provider_free (g.provider);
  tsr_device_close (g.device);
  tsr_safetensors_free (g.file);
  return g.failed;
}
