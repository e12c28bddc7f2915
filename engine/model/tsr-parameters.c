#include "tsr-parameters.h"

#include <string.h>

typedef struct {
  TsrParameters *parameters;
  size_t alignment; /* in floats */
} Builder;

static void
clear_parameter (gpointer data)
{
  g_free (((TsrParameter *)data)->name);
}

static TsrParameter *
add (Builder *builder, TsrNet net, TsrLayout layout, float mean, float sd, int rank,
     const int shape[4], const char *format, ...)
{
  TsrParameters *self = builder->parameters;
  TsrParameter p = {.net = net, .layout = layout, .init_mean = mean, .init_sd = sd, .rank = rank};
  va_list args;
  va_start (args, format);
  p.name = g_strdup_vprintf (format, args);
  va_end (args);
  memcpy (p.shape, shape, sizeof p.shape);
  p.offset = self->floats[net];
  size_t elements = 1;
  for (int k = 0; k < rank; k++)
    elements *= (size_t)shape[k];
  self->floats[net] +=
      (elements + builder->alignment - 1) / builder->alignment * builder->alignment;
  g_array_append_val (self->list, p);
  return &g_array_index (self->list, TsrParameter, self->list->len - 1);
}

static void
set_dim (TsrParameter *p, int n, int h, int w, int c)
{
  const int dim[4] = {n, h, w, c};
  memcpy (p->dim, dim, sizeof dim);
}

static void
add_conv (Builder *b, TsrNet net, const char *name, int out, int in, int kernel)
{
  TsrParameter *p =
      add (b, net, TSR_LAYOUT_OIHW, 0, 1, 4, (int[]){out, in, kernel, kernel}, "%s.weight", name);
  set_dim (p, out, kernel, kernel, in);
}

static void
add_vector (Builder *b, TsrNet net, const char *name, const char *field, int n, float mean,
            float sd)
{
  TsrParameter *p =
      add (b, net, TSR_LAYOUT_PLAIN, mean, sd, 1, (int[]){n, 0, 0, 0}, "%s.%s", name, field);
  set_dim (p, 1, 1, 1, n);
}

static void
add_dense (Builder *b, TsrNet net, const char *name, int out, int in, float sd, float bias)
{
  TsrParameter *p =
      add (b, net, TSR_LAYOUT_PLAIN, 0, sd, 2, (int[]){out, in, 0, 0}, "%s.weight", name);
  set_dim (p, out, 1, 1, in);
  add_vector (b, net, name, "bias", out, bias, 0);
}

/* The fully connected layer over the flattened 4x4 image. */
static void
add_flat_dense (Builder *b, TsrNet net, const char *name, int channels)
{
  TsrParameter *p = add (b, net, TSR_LAYOUT_FC_CHW, 0, 1, 2, (int[]){channels, channels * 16, 0, 0},
                         "%s.weight", name);
  set_dim (p, channels, 1, 1, channels * 16);
  add_vector (b, net, name, "bias", channels, 0, 0);
}

static void
add_style_layer (Builder *b, const TsrModelConfig *c, int resolution, const char *layer, int out,
                 int in, bool rgb)
{
  g_autofree char *name = g_strdup_printf ("G.synthesis.b%d.%s", resolution, layer);
  g_autofree char *affine = g_strconcat (name, ".affine", NULL);
  add_conv (b, TSR_NET_G, name, out, in, rgb ? 1 : 3);
  if (strcmp (layer, "conv0") == 0) { /* up-samples by a transposed convolution */
    TsrParameter *weight =
        &g_array_index (b->parameters->list, TsrParameter, b->parameters->list->len - 1);
    weight->layout = TSR_LAYOUT_OIHW_TRANSPOSED;
    set_dim (weight, in, 3, 3, out);
  }
  add_vector (b, TSR_NET_G, name, "bias", out, 0, 0);
  add_dense (b, TSR_NET_G, affine, in, c->w_dim, 1, 1);
  if (rgb)
    return;
  TsrParameter *p =
      add (b, TSR_NET_G, TSR_LAYOUT_PLAIN, 0, 0, 0, (int[4]){0}, "%s.noise_strength", name);
  set_dim (p, 1, 1, 1, 1);
  p = add (b, TSR_NET_G_BUFFERS, TSR_LAYOUT_PLAIN, 0, 1, 2, (int[]){resolution, resolution, 0, 0},
           "%s.noise_const", name);
  set_dim (p, 1, resolution, resolution, 1);
}

static void
add_generator (Builder *b, const TsrModelConfig *c)
{
  for (int k = 0; k < c->mapping_layers; k++) {
    g_autofree char *name = g_strdup_printf ("G.mapping.fc%d", k);
    add_dense (b, TSR_NET_G, name, c->w_dim, k == 0 ? c->z_dim : c->w_dim, 100,
               0); /* 1 / (multiplier 0.01) */
  }
  add_vector (b, TSR_NET_G_BUFFERS, "G.mapping", "w_avg", c->w_dim, 0, 0);
  int first = tsr_model_channels (c, 4);
  TsrParameter *p =
      add (b, TSR_NET_G, TSR_LAYOUT_CHW, 0, 1, 3, (int[]){first, 4, 4, 0}, "G.synthesis.b4.const");
  set_dim (p, 1, 4, 4, first);
  for (int r = 4; r <= c->resolution; r *= 2) {
    int out = tsr_model_channels (c, r);
    if (r > 4)
      add_style_layer (b, c, r, "conv0", out, tsr_model_channels (c, r / 2), false);
    add_style_layer (b, c, r, "conv1", out, out, false);
    add_style_layer (b, c, r, "torgb", c->channels, out, true);
  }
}

/* One path down the discriminator's layout: all of D, or for E those layers whose number is beyond
 * `shared`. */
static void
add_descent (Builder *b, const TsrModelConfig *c, TsrNet net, int shared)
{
  const char *prefix = net == TSR_NET_D ? "D" : "E";
  for (int r = c->resolution; r > 4; r /= 2) {
    int in = tsr_model_channels (c, r), out = tsr_model_channels (c, r / 2);
    g_autofree char *rgb = g_strdup_printf ("%s.b%d.fromrgb", prefix, r),
                    *conv0 = g_strdup_printf ("%s.b%d.conv0", prefix, r);
    g_autofree char *conv1 = g_strdup_printf ("%s.b%d.conv1", prefix, r),
                    *skip = g_strdup_printf ("%s.b%d.skip", prefix, r);
    if (r == c->resolution && shared < 1) {
      add_conv (b, net, rgb, in, c->channels, 1);
      add_vector (b, net, rgb, "bias", in, 0, 0);
    }
    if (tsr_model_layer_number (c, r, 0) > shared) {
      add_conv (b, net, conv0, in, in, 3);
      add_vector (b, net, conv0, "bias", in, 0, 0);
    }
    if (tsr_model_layer_number (c, r, 1) > shared) {
      add_conv (b, net, conv1, out, in, 3);
      add_vector (b, net, conv1, "bias", out, 0, 0);
      add_conv (b, net, skip, out, in, 1);
    }
  }
  int last = tsr_model_channels (c, 4);
  g_autofree char *conv = g_strconcat (prefix, ".b4.conv", NULL),
                  *fc = g_strconcat (prefix, ".b4.fc", NULL);
  if (tsr_model_layer_number (c, 4, 0) > shared) {
    add_conv (b, net, conv, last, last + (net == TSR_NET_D),
              3); /* D's has one more channel: the standard deviation */
    add_vector (b, net, conv, "bias", last, 0, 0);
  }
  if (tsr_model_layer_number (c, 4, 1) > shared)
    add_flat_dense (b, net, fc, last);
}

TsrParameters *
tsr_parameters_new (const TsrModelConfig *c, size_t alignment)
{
  TsrParameters *self = g_new0 (TsrParameters, 1);
  self->list = g_array_new (FALSE, TRUE, sizeof (TsrParameter));
  g_array_set_clear_func (self->list, clear_parameter);
  Builder b = {self, MAX (alignment / sizeof (float), 1)};
  add_generator (&b, c);
  add_descent (&b, c, TSR_NET_D, 0);
  add_dense (&b, TSR_NET_D, "D.b4.out", 1, tsr_model_channels (c, 4), 1, 0);
  if (c->shared_layers >= 0) {
    add_descent (&b, c, TSR_NET_E, c->shared_layers);
    add_dense (&b, TSR_NET_E, "E.out_mean", tsr_model_latent_dim (c), tsr_model_channels (c, 4), 1,
               0);
    add_dense (&b, TSR_NET_E, "E.out_logvar", tsr_model_latent_dim (c), tsr_model_channels (c, 4),
               1, 0);
  }
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint k = 0; k < self->list->len; k++) {
    TsrParameter *p = &g_array_index (self->list, TsrParameter, k);
    g_hash_table_insert (self->by_name, p->name, p);
  }
  return self;
}

void
tsr_parameters_free (TsrParameters *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->by_name);
  g_array_unref (self->list);
  g_free (self);
}

const TsrParameter *
tsr_parameters_find (const TsrParameters *self, const char *name)
{
  return g_hash_table_lookup (self->by_name, name);
}

size_t
tsr_parameter_elements (const TsrParameter *p)
{
  return (size_t)p->dim[0] * p->dim[1] * p->dim[2] * p->dim[3];
}

/* Both layouts are transposes of the last two axes of [outer][a][b]. */
static void
transpose (const float *from, float *to, size_t outer, size_t a, size_t b)
{
  for (size_t o = 0; o < outer; o++)
    for (size_t i = 0; i < a; i++)
      for (size_t j = 0; j < b; j++)
        to[(o * b + j) * a + i] = from[(o * a + i) * b + j];
}

/* The file's order as [outer][channels][pixels]. */
static void
file_axes (const TsrParameter *p, size_t *outer, size_t *channels, size_t *pixels)
{
  switch (p->layout) {
  case TSR_LAYOUT_OIHW:
    *outer = (size_t)p->shape[0], *channels = (size_t)p->shape[1],
    *pixels = (size_t)p->shape[2] * p->shape[3];
    break;
  case TSR_LAYOUT_OIHW_TRANSPOSED: /* [o][i][h][w] -> [i][h][w][o]: one transpose of [o][ihw] */
    *outer = 1, *channels = (size_t)p->shape[0],
    *pixels = (size_t)p->shape[1] * p->shape[2] * p->shape[3];
    break;
  case TSR_LAYOUT_FC_CHW:
    *outer = (size_t)p->shape[0], *channels = (size_t)p->shape[1] / 16, *pixels = 16;
    break;
  case TSR_LAYOUT_CHW:
    *outer = 1, *channels = (size_t)p->shape[0], *pixels = (size_t)p->shape[1] * p->shape[2];
    break;
  default:
    *outer = 1, *channels = 1, *pixels = tsr_parameter_elements (p);
    break;
  }
}

void
tsr_parameter_from_file (const TsrParameter *p, const float *from, float *to)
{
  size_t outer, channels, pixels;
  file_axes (p, &outer, &channels, &pixels);
  transpose (from, to, outer, channels, pixels);
}

void
tsr_parameter_to_file (const TsrParameter *p, const float *from, float *to)
{
  size_t outer, channels, pixels;
  file_axes (p, &outer, &channels, &pixels);
  transpose (from, to, outer, pixels, channels);
}

void
tsr_parameters_initialise (const TsrParameters *self, TsrNet net, uint64_t seed, float *values)
{
  memset (values, 0, self->floats[net] * sizeof (float));
  for (guint k = 0; k < self->list->len; k++) {
    const TsrParameter *p = &g_array_index (self->list, TsrParameter, k);
    if (p->net != net)
      continue;
    TsrRandom random;
    tsr_random_init (&random, seed, 0x1000 + k);
    for (size_t j = 0; j < tsr_parameter_elements (p); j++)
      values[p->offset + j] =
          p->init_mean + (p->init_sd > 0 ? p->init_sd * (float)tsr_random_normal (&random) : 0);
  }
}

TsrWeights *
tsr_weights_new (TsrDevice *device, const TsrParameters *parameters, TsrNet net, GError **error)
{
  TsrWeights *self = g_new0 (TsrWeights, 1);
  self->parameters = parameters;
  self->net = net;
  self->view = g_new0 (TsrBuffer *, parameters->list->len);
  self->block = tsr_buffer_new (device, MAX (parameters->floats[net], 16) * sizeof (float), error);
  bool ok = self->block;
  for (guint k = 0; ok && k < parameters->list->len; k++) {
    const TsrParameter *p = &g_array_index (parameters->list, TsrParameter, k);
    if (p->net != net)
      continue;
    self->view[k] = tsr_buffer_view (self->block, p->offset * sizeof (float),
                                     tsr_parameter_elements (p) * sizeof (float), error);
    ok = self->view[k];
  }
  if (ok)
    return self;
  tsr_weights_free (self);
  return NULL;
}

void
tsr_weights_free (TsrWeights *self)
{
  if (!self)
    return;
  for (guint k = 0; k < self->parameters->list->len; k++)
    tsr_buffer_free (self->view[k]);
  tsr_buffer_free (self->block);
  g_free (self->view);
  g_free (self);
}

void
tsr_weights_bind (const TsrWeights *self, TsrExec *exec)
{
  for (guint k = 0; k < self->parameters->list->len; k++)
    if (self->view[k])
      tsr_exec_bind (exec, g_array_index (self->parameters->list, TsrParameter, k).name,
                     self->view[k]);
}

TsrBuffer *
tsr_weights_find (const TsrWeights *self, const char *name)
{
  for (guint k = 0; k < self->parameters->list->len; k++)
    if (self->view[k] &&
        strcmp (g_array_index (self->parameters->list, TsrParameter, k).name, name) == 0)
      return self->view[k];
  return NULL;
}
