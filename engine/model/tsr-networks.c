#include "tsr-networks.h"

#include <math.h>

#define LRELU_SLOPE 0.2f
#define LRELU_GAIN  ((float)G_SQRT2)

G_GNUC_PRINTF (6, 7)
static TsrNode *
parameter (TsrGraph *graph, int n, int h, int w, int c, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *name = g_strdup_vprintf (format, args);
  va_end (args);
  return tsr_leaf (graph, name, n, h, w, c);
}

/* Equalised learning rate: weights stay N(0,1) and the layer scales its result by multiplier / sqrt
 * (fan in). */
static TsrNode *
dense (TsrNode *x, const char *name, int out, float multiplier)
{
  int in = x->dim[3];
  TsrNode *weight = parameter (x->graph, out, 1, 1, in, "%s.weight", name);
  TsrNode *bias = parameter (x->graph, 1, 1, 1, out, "%s.bias", name);
  TsrNode *y = tsr_scale (tsr_matmul (x, weight, false, true), multiplier / sqrtf ((float)in));
  return tsr_add (y, tsr_scale (bias, multiplier));
}

static TsrNode *
dense_lrelu (TsrNode *x, const char *name, int out, float multiplier)
{
  return tsr_lrelu (dense (x, name, out, multiplier), LRELU_SLOPE, LRELU_GAIN);
}

TsrNode *
tsr_build_mapping (const TsrModelConfig *c, TsrNode *z)
{
  TsrNode *x =
      tsr_mul (z, tsr_rsqrt (tsr_affine (tsr_mean (tsr_square (z), TSR_AXIS_C), 1, 1e-8f)));
  for (int k = 0; k < c->mapping_layers; k++) {
    g_autofree char *name = g_strdup_printf ("G.mapping.fc%d", k);
    x = dense_lrelu (x, name, c->w_dim, 0.01f);
  }
  return x;
}

/* ---- synthesis ---- */

/* Modulated convolution without per-sample weights: scale the input channels by the style,
 * convolve, scale the output channels by the demodulation factor rsqrt (sum_i s_i^2 sum_k w_oik^2 +
 * 1e-8). A transposed convolution's weight is {in,3,3,out}. */
static TsrNode *
modulated_conv (TsrNode *x, TsrNode *style, TsrNode *weight, bool up)
{
  TsrNode *energy = tsr_sum (tsr_square (weight), TSR_AXIS_H | TSR_AXIS_W);
  TsrNode *demodulation =
      tsr_rsqrt (tsr_affine (tsr_matmul (tsr_square (style), energy, false, !up), 1, 1e-8f));
  TsrNode *y = tsr_mul (x, style);
  if (up)
    y = tsr_fir (tsr_conv_transposed (y, weight, 2, 0), 1, 1, 1, 1, 4);
  else
    y = tsr_conv (y, weight, 1, weight->dim[1] / 2);
  return tsr_mul (y, demodulation);
}

static TsrNode *
style_layer (const TsrModelConfig *c, TsrNode *x, TsrNode *w, int resolution, const char *layer,
             bool up, TsrNoiseMode mode)
{
  TsrGraph *graph = x->graph;
  int in = x->dim[3], out = tsr_model_channels (c, resolution);
  g_autofree char *name = g_strdup_printf ("G.synthesis.b%d.%s", resolution, layer);
  g_autofree char *affine = g_strconcat (name, ".affine", NULL);
  TsrNode *weight = parameter (graph, up ? in : out, 3, 3, up ? out : in, "%s.weight", name);
  TsrNode *strength = parameter (graph, 1, 1, 1, 1, "%s.noise_strength", name);
  TsrNode *bias = parameter (graph, 1, 1, 1, out, "%s.bias", name);
  TsrNode *noise = mode == TSR_NOISE_CONST
                       ? parameter (graph, 1, resolution, resolution, 1, "%s.noise_const", name)
                       : parameter (graph, w->dim[0], resolution, resolution, 1, "noise.b%d.%s",
                                    resolution, layer);
  TsrNode *y = modulated_conv (x, dense (w, affine, in, 1), weight, up);
  y = tsr_add (tsr_add (y, tsr_mul (noise, strength)), bias);
  return tsr_lrelu (y, LRELU_SLOPE, LRELU_GAIN);
}

static TsrNode *
to_rgb (const TsrModelConfig *c, TsrNode *x, TsrNode *w, int resolution)
{
  int in = x->dim[3];
  g_autofree char *name = g_strdup_printf ("G.synthesis.b%d.torgb", resolution);
  g_autofree char *affine = g_strconcat (name, ".affine", NULL);
  TsrNode *weight = parameter (x->graph, c->channels, 1, 1, in, "%s.weight", name);
  TsrNode *bias = parameter (x->graph, 1, 1, 1, c->channels, "%s.bias", name);
  TsrNode *style = tsr_scale (dense (w, affine, in, 1), 1 / sqrtf ((float)in));
  return tsr_add (tsr_conv (tsr_mul (x, style), weight, 1, 0), bias);
}

TsrNode *
tsr_build_synthesis (const TsrModelConfig *c, TsrNode *const *ws, TsrNoiseMode noise)
{
  int n = ws[0]->dim[0], first = tsr_model_channels (c, 4), next = 0;
  TsrNode *constant = parameter (ws[0]->graph, 1, 4, 4, first, "G.synthesis.b4.const");
  TsrNode *x = tsr_broadcast (constant, (int[]){n, 4, 4, first}), *image = NULL;
  for (int r = 4; r <= c->resolution; r *= 2) {
    if (r > 4)
      x = style_layer (c, x, ws[next++], r, "conv0", true, noise);
    x = style_layer (c, x, ws[next++], r, "conv1", false, noise);
    TsrNode *rgb = to_rgb (c, x, ws[next], r); /* shares its w with the next block's first layer */
    image = image ? tsr_add (tsr_fir (image, 2, 1, 2, 1, 4), rgb) : rgb;
  }
  return image;
}

TsrNode *
tsr_build_synthesis_from_w (const TsrModelConfig *c, TsrNode *w, TsrNoiseMode noise)
{
  TsrNode *ws[64];
  for (int k = 0; k < tsr_model_num_ws (c); k++)
    ws[k] = w;
  return tsr_build_synthesis (c, ws, noise);
}

TsrNode *
tsr_build_synthesis_from_latent (const TsrModelConfig *c, TsrNode *latent, TsrNoiseMode noise)
{
  bool z = c->latent == TSR_LATENT_Z;
  return tsr_build_synthesis_from_w (c, z ? tsr_build_mapping (c, latent) : latent, noise);
}

int
tsr_noise_leaves (const TsrModelConfig *c, char **names, int *sizes)
{
  int n = 0;
  for (int r = 4; r <= c->resolution; r *= 2)
    for (int k = r == 4 ? 1 : 0; k < 2; k++) {
      names[n] = g_strdup_printf ("noise.b%d.conv%d", r, k);
      sizes[n++] = r;
    }
  return n;
}

/* ---- discriminator and encoder ---- */

/* A path down through D's layout; layers numbered above `shared` are the encoder's own. shared < 0:
 * all are D's. */
typedef struct {
  const TsrModelConfig *config;
  int shared;
} Descent;

static const char *
owner (const Descent *d, int layer)
{
  return d->shared >= 0 && layer > d->shared ? "E" : "D";
}

static TsrNode *
conv_layer (TsrNode *x, const char *owner_, int resolution, const char *layer, int out, int kernel,
            int stride, int pad)
{
  int in = x->dim[3];
  TsrNode *weight =
      parameter (x->graph, out, kernel, kernel, in, "%s.b%d.%s.weight", owner_, resolution, layer);
  TsrNode *bias = parameter (x->graph, 1, 1, 1, out, "%s.b%d.%s.bias", owner_, resolution, layer);
  TsrNode *y = tsr_scale (tsr_conv (x, weight, stride, pad),
                          1 / sqrtf ((float)in * (float)(kernel * kernel)));
  return tsr_lrelu (tsr_add (y, bias), LRELU_SLOPE, LRELU_GAIN);
}

/* A residual block; both branches are scaled by sqrt (1/2). */
static TsrNode *
block (const Descent *d, TsrNode *x, int r)
{
  const TsrModelConfig *c = d->config;
  int in = tsr_model_channels (c, r), out = tsr_model_channels (c, r / 2);
  const char *owner0 = owner (d, tsr_model_layer_number (c, r, 0)),
             *owner1 = owner (d, tsr_model_layer_number (c, r, 1));
  TsrNode *weight = parameter (x->graph, out, 1, 1, in, "%s.b%d.skip.weight", owner1, r);
  TsrNode *skip = tsr_conv (tsr_fir (x, 1, 2, 1, 1, 1), weight, 1, 0);
  TsrNode *y = conv_layer (x, owner0, r, "conv0", in, 3, 1, 1);
  y = conv_layer (tsr_fir (y, 1, 1, 2, 2, 1), owner1, r, "conv1", out, 3, 2, 0);
  return tsr_add (tsr_scale (skip, (float)G_SQRT2 / 2 / sqrtf ((float)in)),
                  tsr_scale (y, (float)G_SQRT2 / 2));
}

/* One more channel: the standard deviation over a group of samples strided through the batch,
 * averaged over pixels and channels. */
static TsrNode *
append_minibatch_stddev (const TsrModelConfig *c, TsrNode *x)
{
  int n = x->dim[0], h = x->dim[1], w = x->dim[2], channels = x->dim[3],
      group = MIN (c->mbstd_group, n);
  while (n % group)
    group--;
  TsrNode *y = tsr_reshape (x, group, n / group, h * w, channels);
  y = tsr_sub (y, tsr_mean (y, TSR_AXIS_N));
  y = tsr_sqrt (tsr_affine (tsr_mean (tsr_square (y), TSR_AXIS_N), 1, 1e-8f));
  y = tsr_mean (y, TSR_AXIS_W | TSR_AXIS_C);
  y = tsr_broadcast (y, (int[]){group, n / group, h * w, 1});
  return tsr_concat (x, tsr_reshape (y, n, h, w, 1), 3);
}

/* The encoder's group is 1, so that a tile embeds alike alone and in any batch: the deviation is
 * then sqrt (0 + 1e-8). */
static TsrNode *
append_constant_stddev (TsrNode *x)
{
  TsrNode *plane =
      tsr_broadcast (tsr_const (x->graph, 1e-4f), (int[]){x->dim[0], x->dim[1], x->dim[2], 1});
  return tsr_concat (x, plane, 3);
}

/* Everything before the epilogue; blocks (or NULL) takes each block's result. */
static TsrNode *
descend_blocks (const Descent *d, TsrNode *image, TsrNode **blocks)
{
  const TsrModelConfig *c = d->config;
  TsrNode *x = conv_layer (image, owner (d, 1), c->resolution, "fromrgb",
                           tsr_model_channels (c, c->resolution), 1, 1, 0);
  for (int r = c->resolution; r > 4; r /= 2) {
    x = block (d, x, r);
    if (blocks)
      *blocks++ = x;
  }
  return x;
}

/* Everything up to the fully connected layer's features {n,1,1,channels}. */
static TsrNode *
descend (const Descent *d, TsrNode *image)
{
  const TsrModelConfig *c = d->config;
  TsrNode *x = descend_blocks (d, image, NULL);
  int last = tsr_model_channels (c, 4);
  const char *conv_owner = owner (d, tsr_model_layer_number (c, 4, 0));
  if (d->shared < 0)
    x = append_minibatch_stddev (c, x);
  else if (conv_owner[0] == 'D')
    x = append_constant_stddev (x);
  x = conv_layer (x, conv_owner, 4, "conv", last, 3, 1, 1);
  x = tsr_reshape (x, x->dim[0], 1, 1, 16 * last);
  g_autofree char *fc = g_strdup_printf ("%s.b4.fc", owner (d, tsr_model_layer_number (c, 4, 1)));
  return dense_lrelu (x, fc, last, 1);
}

TsrNode *
tsr_build_discriminator (const TsrModelConfig *c, TsrNode *image)
{
  return dense (descend (&(Descent){c, -1}, image), "D.b4.out", 1, 1);
}

void
tsr_build_discriminator_blocks (const TsrModelConfig *c, TsrNode *image, TsrNode **blocks)
{
  descend_blocks (&(Descent){c, -1}, image, blocks);
}

TsrNode *
tsr_build_encoder (const TsrModelConfig *c, TsrNode *image, TsrNode **log_variance)
{
  TsrNode *features = descend (&(Descent){c, c->shared_layers}, image);
  if (log_variance) {
    TsrNode *raw = dense (features, "E.out_logvar", tsr_model_latent_dim (c), 1);
    *log_variance = tsr_scale (tsr_tanh (tsr_scale (raw, 1 / TSR_LOGVAR_BOUND)), TSR_LOGVAR_BOUND);
  }
  return dense (features, "E.out_mean", tsr_model_latent_dim (c), 1);
}
