/* Pictures of a w for each layer, against a plain evaluation of the synthesis network in double
 * with weights modulated for each sample as in the paper (Karras et al. 2019, arXiv 1912.04958, eq.
 * 1 and 3), and the ways through the network against each other. */

#include "tsr-generator.h"
#include "tsr-model-file.h"
#include "tsr-random.h"

#include <math.h>
#include <string.h>

/* ---- the plain evaluation: one sample, channels first ---- */

typedef struct {
  int c, s; /* channels, side */
  double *x;
} Plane;

static double *
tensor (const TsrSafetensors *file, const char *layer, const char *what, size_t *n)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strdup_printf ("G.synthesis.%s.%s", layer, what);
  const TsrTensorInfo *info = tsr_safetensors_find (file, name);
  g_assert_nonnull (info);
  *n = tsr_tensor_count (info);
  double *values = g_new (double, *n);
  tsr_safetensors_read_f64 (file, name, values, *n, &error);
  g_assert_no_error (error);
  return values;
}

/* The style of a layer: its affine map of w. */
static double *
style_of (const TsrSafetensors *file, const char *layer, const float *w, int d, size_t *n)
{
  size_t m;
  g_autofree double *weight = tensor (file, layer, "affine.weight", &m);
  double *style = tensor (file, layer, "affine.bias", n);
  g_assert_cmpuint (m, ==, *n * (size_t)d);
  for (size_t i = 0; i < *n; i++)
    for (int j = 0; j < d; j++)
      style[i] += weight[i * (size_t)d + (size_t)j] * (double)w[j] / sqrt (d);
  return style;
}

/* Zeros put between the pixels (up 2), `before` and `after` zeros round, [1,3,3,1]/8 both ways. */
static Plane
filtered (Plane in, int up, int before, int after, double gain)
{
  static const double tap[4] = {1, 3, 3, 1};
  int wide = in.s * up + before + after, s = wide - 3;
  Plane out = {in.c, s, g_new0 (double, (size_t)in.c *(size_t)s *(size_t)s)};
  for (int c = 0; c < in.c; c++)
    for (int y = 0; y < s; y++)
      for (int x = 0; x < s; x++)
        for (int i = 0; i < 4; i++)
          for (int j = 0; j < 4; j++) {
            int v = y + i - before, u = x + j - before;
            if (v < 0 || u < 0 || v % up || u % up || v / up >= in.s || u / up >= in.s)
              continue;
            out.x[(c * s + y) * s + x] +=
                gain / 64 * tap[i] * tap[j] * in.x[(c * in.s + v / up) * in.s + u / up];
          }
  return out;
}

/* The weights of this sample: times the style, over the norm of each output's. */
static double *
modulated (const TsrSafetensors *file, const char *layer, const float *w, int d, int k,
           bool demodulate, size_t *outputs, size_t *inputs)
{
  size_t n;
  g_autofree double *style = style_of (file, layer, w, d, inputs);
  double *weight = tensor (file, layer, "weight", &n);
  size_t taps = (size_t)k * (size_t)k;
  *outputs = n / (*inputs * taps);
  for (size_t o = 0; o < *outputs; o++) {
    double sum = 1e-8;
    for (size_t i = 0; i < *inputs * taps; i++) {
      weight[o * *inputs * taps + i] *= style[i / taps];
      sum += weight[o * *inputs * taps + i] * weight[o * *inputs * taps + i];
    }
    for (size_t i = 0; demodulate && i < *inputs * taps; i++)
      weight[o * *inputs * taps + i] /= sqrt (sum);
  }
  return weight;
}

static Plane
layer_of (const TsrSafetensors *file, int resolution, const char *conv, Plane in, const float *w,
          int d, bool up)
{
  g_autofree char *layer = g_strdup_printf ("b%d.%s", resolution, conv);
  size_t outputs, inputs, n;
  g_autofree double *weight = modulated (file, layer, w, d, 3, true, &outputs, &inputs);
  g_assert_cmpuint (inputs, ==, (size_t)in.c);
  int side = up ? 2 * in.s + 1 : in.s, stride = up ? 2 : 1;
  Plane y = {(int)outputs, side, g_new0 (double, outputs *(size_t)side *(size_t)side)};
  for (int o = 0; o < y.c; o++)
    for (int c = 0; c < in.c; c++)
      for (int v = 0; v < in.s; v++)
        for (int u = 0; u < in.s; u++)
          for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) {
              /* transposed: a pixel is spread; else: it is gathered */
              int to_v = up ? v * stride + i : v - i + 1, to_u = up ? u * stride + j : u - j + 1;
              if (to_v < 0 || to_u < 0 || to_v >= side || to_u >= side)
                continue;
              y.x[(o * side + to_v) * side + to_u] +=
                  weight[((size_t)o * inputs + (size_t)c) * 9 + (size_t)(i * 3 + j)] *
                  in.x[(c * in.s + v) * in.s + u];
            }
  if (up) {
    Plane wide = y;
    y = filtered (wide, 1, 1, 1, 4);
    g_free (wide.x);
  }
  g_autofree double *noise = tensor (file, layer, "noise_const", &n);
  g_autofree double *strength = tensor (file, layer, "noise_strength", &n);
  g_autofree double *bias = tensor (file, layer, "bias", &n);
  size_t pixels = (size_t)y.s * (size_t)y.s;
  for (size_t k = 0; k < (size_t)y.c * pixels; k++) {
    double x = y.x[k] + noise[k % pixels] * strength[0] + bias[k / pixels];
    y.x[k] = sqrt (2) * (x > 0 ? x : 0.2 * x);
  }
  return y;
}

static Plane
rgb_of (const TsrSafetensors *file, int resolution, Plane in, const float *w, int d)
{
  g_autofree char *layer = g_strdup_printf ("b%d.torgb", resolution);
  size_t outputs, inputs, n, pixels = (size_t)in.s * (size_t)in.s;
  g_autofree double *weight = modulated (file, layer, w, d, 1, false, &outputs, &inputs);
  g_autofree double *bias = tensor (file, layer, "bias", &n);
  Plane out = {(int)outputs, in.s, g_new (double, outputs *pixels)};
  for (size_t o = 0; o < outputs; o++)
    for (size_t p = 0; p < pixels; p++) {
      double sum = 0;
      for (size_t c = 0; c < inputs; c++)
        sum += weight[o * inputs + c] * in.x[c * pixels + p];
      out.x[o * pixels + p] = sum / sqrt ((double)inputs) + bias[o];
    }
  return out;
}

static void
replace (Plane *plane, Plane by)
{
  g_free (plane->x);
  *plane = by;
}

static Plane
synthesise (const TsrSafetensors *file, int resolution, const float *ws, int d)
{
  size_t n;
  Plane x = {0, 4, NULL}, image = {0};
  x.x = tensor (file, "b4", "const", &n);
  x.c = (int)(n / 16);
  for (int i = 0, r = 4; r <= resolution; i++, r *= 2) {
    if (r > 4)
      replace (&x, layer_of (file, r, "conv0", x, ws + (2 * i - 1) * d, d, true));
    replace (&x, layer_of (file, r, "conv1", x, ws + 2 * i * d, d, false));
    Plane rgb = rgb_of (file, r, x, ws + (2 * i + 1) * d, d);
    if (image.x) {
      replace (&image, filtered (image, 2, 2, 1, 4));
      for (int k = 0; k < rgb.c * r * r; k++)
        rgb.x[k] += image.x[k];
    }
    replace (&image, rgb);
  }
  g_free (x.x);
  return image;
}

/* ---- the tests ---- */

static TsrDevice *device;

static char *
golden (const char *name)
{
  return g_build_filename (g_getenv ("TESSERA_GOLDEN"), name, NULL);
}

static float *
normal (size_t n, uint64_t seed)
{
  TsrRandom random;
  float *values = g_new (float, n);
  tsr_random_init (&random, seed, 0);
  for (size_t k = 0; k < n; k++)
    values[k] = (float)tsr_random_normal (&random);
  return values;
}

static TsrGenerator *
open_golden (const char *name, int batch)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = golden (name);
  TsrGenerator *generator = tsr_generator_open (device, path, batch, &error);
  g_assert_no_error (error);
  return generator;
}

/* Bytes, so that a difference of one is rounding: only values within a thousandth of a half may
 * differ by it. */
static void
check_layers (const char *name, int batch, int n)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = golden (name);
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, &error);
  g_autoptr (TsrGenerator) generator = open_golden (name, batch);
  const TsrModelConfig *c = tsr_generator_config (generator);
  int layers = tsr_model_num_ws (c), d = c->w_dim, r = c->resolution;
  size_t pixels = (size_t)(r * r), each = pixels * (size_t)c->channels;
  g_autofree float *ws = normal ((size_t)(n * layers * d), 5);
  g_autofree uint8_t *got = g_new (uint8_t, (size_t)n * each);
  g_assert_true (tsr_generator_from_layers (generator, ws, n, got, &error));
  unsigned differ = 0, grey = 0;
  for (int i = 0; i < n; i++) {
    Plane image = synthesise (file, r, ws + i * layers * d, d);
    g_assert_cmpint (image.c, ==, c->channels);
    for (size_t p = 0; p < pixels; p++)
      for (size_t k = 0; k < (size_t)c->channels; k++) {
        double exact = CLAMP ((image.x[k * pixels + p] + 1) * 127.5, 0.0, 255.0);
        int byte = got[(size_t)i * each + p * (size_t)c->channels + k];
        grey += byte > 0 && byte < 255;
        if (byte != (int)lrint (exact)) {
          g_assert_cmpfloat (fabs (fabs (exact - floor (exact)) - 0.5), <, 1e-3);
          differ++;
        }
      }
    g_free (image.x);
  }
  g_assert_cmpuint (differ * 100, <=, (unsigned)((size_t)n * each));
  g_assert_cmpuint (grey * 4, >, (unsigned)((size_t)n * each)); /* it is a picture */
}

static void
test_layers (void)
{
  check_layers ("sg2_r16_rgb_enc.safetensors", 1, 1);
  check_layers ("sg2_r16_rgb_enc.safetensors", 3, 2); /* not all of the batch */
  check_layers ("sg2_r32_grey_enc.safetensors", 2, 2);
}

/* The same vector in all layers is the way with one vector, bit for bit; the mapping's w goes the
 * way of z; truncation is towards the mean. */
static void
test_ways (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrGenerator) generator = open_golden ("sg2_r16_rgb_enc.safetensors", 2);
  const TsrModelConfig *c = tsr_generator_config (generator);
  int layers = tsr_model_num_ws (c), d = c->w_dim;
  size_t each = (size_t)(c->resolution * c->resolution * c->channels);
  g_autofree float *z = normal ((size_t)(2 * c->z_dim), 7), *w = g_new (float, 2 * d),
                   *mean = g_new (float, d), *ws = g_new (float, 2 * layers * d);
  g_autofree uint8_t *a = g_new (uint8_t, 2 * each), *b = g_new (uint8_t, 2 * each),
                     *by_z = g_new (uint8_t, 2 * each);
  g_assert_true (tsr_generator_map (generator, z, 2, w, &error));
  for (int i = 0; i < 2; i++)
    for (int k = 0; k < layers; k++)
      memcpy (ws + (i * layers + k) * d, w + i * d, (size_t)d * sizeof *w);
  g_assert_true (tsr_generator_from_w (generator, w, 2, a, &error));
  g_assert_true (tsr_generator_from_layers (generator, ws, 2, b, &error));
  g_assert_true (tsr_generator_from_z (generator, z, 2, 1, by_z, &error));
  g_assert_cmpmem (a, 2 * each, b, 2 * each);
  for (size_t k = 0; k < 2 * each; k++)
    g_assert_cmpint (abs (a[k] - by_z[k]), <=, 1);
  g_assert_true (memcmp (a, a + each, each) != 0);

  g_assert_true (tsr_generator_mean (generator, mean, &error));
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < d; j++)
      w[i * d + j] = mean[j] + 0.4f * (w[i * d + j] - mean[j]);
  g_assert_true (tsr_generator_from_w (generator, w, 2, a, &error));
  g_assert_true (tsr_generator_from_z (generator, z, 2, 0.4f, by_z, &error));
  for (size_t k = 0; k < 2 * each; k++)
    g_assert_cmpint (abs (a[k] - by_z[k]), <=, 1);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  device = tsr_device_open (NULL, &error);
  g_assert_no_error (error);
  g_test_add_func ("/generator/layers", test_layers);
  g_test_add_func ("/generator/ways", test_ways);
  int result = g_test_run ();
  tsr_device_close (device);
  return result;
}
