/* Features of the shipped model's discriminator against a plain evaluation in double, and what they
 * may not depend on: the other images, the batch, the form an image comes in. */

#include "../engine/graph-reference.h"
#include "tsr-error.h"
#include "tsr-features.h"
#include "tsr-image.h"
#include "tsr-inception.h"
#include "tsr-model-file.h"
#include "tsr-networks.h"
#include "tsr-random.h"

#include <math.h>
#include <string.h>

enum { R = 64, D = 192 };

static TsrDevice *device;
static char *model;

/* Smooth tiles with some noise. */
static uint8_t *
tiles (size_t n, int r, int channels, uint64_t seed)
{
  uint8_t *pixels = g_new (uint8_t, n * (size_t)(r * r * channels)), *p = pixels;
  TsrRandom random;
  tsr_random_init (&random, seed, 1);
  for (size_t k = 0; k < n; k++) {
    double f[3], phase = tsr_random_uniform (&random) * 6;
    for (int c = 0; c < 3; c++)
      f[c] = 2 + 9 * tsr_random_uniform (&random);
    for (int y = 0; y < r; y++)
      for (int x = 0; x < r; x++)
        for (int c = 0; c < channels; c++) {
          double value = 128 + 90 * sin (f[c] * y / r + phase) * cos (f[(c + 1) % 3] * x / r) +
                         20 * tsr_random_normal (&random);
          *p++ = (uint8_t)CLAMP (value, 0, 255);
        }
  }
  return pixels;
}

static TsrFeatures *
open_features (int batch)
{
  GError *error = NULL;
  TsrFeatures *features =
      tsr_features_new (device, TSR_FEATURES_DISCRIMINATOR, model, batch, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tsr_features_dim (features), ==, D);
  return features;
}

static float *
compute (TsrFeatures *features, const uint8_t *pixels, size_t n, int r, int channels)
{
  GError *error = NULL;
  float *result = g_new (float, n *tsr_features_dim (features));
  tsr_features_compute (features, pixels, n, r, channels, result, NULL, &error);
  g_assert_no_error (error);
  return result;
}

static void
assert_alike (const float *a, const float *b, size_t n, double bound)
{
  double difference = 0, norm = 0;
  for (size_t k = 0; k < n; k++) {
    g_assert_true (isfinite (a[k]) && isfinite (b[k]));
    difference += pow ((double)a[k] - (double)b[k], 2);
    norm += (double)b[k] * (double)b[k];
  }
  g_assert_cmpfloat (norm, >, 0);
  g_assert_cmpfloat (sqrt (difference / norm), <=, bound);
}

/* ---- the reference ---- */

typedef struct {
  TsrParameters *parameters;
  double *weights, *image;
} Source;

static const double *
leaf_value (const TsrNode *leaf, void *user)
{
  const Source *source = user;
  if (strcmp (leaf->name, "image") == 0)
    return source->image;
  return source->weights + tsr_parameters_find (source->parameters, leaf->name)->offset;
}

static void
test_reference (void)
{
  GError *error = NULL;
  g_autoptr (TsrFeatures) features = open_features (2);
  g_autofree uint8_t *pixels = tiles (1, R, 3, 1);
  g_autofree float *found = compute (features, pixels, 1, R, 3);
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (model, &error);
  g_assert_no_error (error);
  TsrModelConfig config;
  g_assert_true (tsr_model_config_read (file, &config, NULL));
  g_autoptr (TsrParameters) parameters = tsr_parameters_new (&config, 128);
  size_t floats = parameters->floats[TSR_NET_D];
  g_autofree float *raw = g_new (float, floats);
  g_assert_true (tsr_model_read_net (file, parameters, TSR_NET_D, "D.", raw, NULL));
  g_autofree double *weights = g_new (double, floats), *image = g_new (double, R *R * 3);
  for (size_t k = 0; k < floats; k++)
    weights[k] = (double)raw[k];
  for (size_t k = 0; k < R * R * 3; k++)
    image[k] = pixels[k] / 127.5 - 1;
  Source source = {parameters, weights, image};
  TsrGraph *graph = tsr_graph_new ();
  TsrNode *blocks[16];
  tsr_build_discriminator_blocks (&config, tsr_leaf (graph, "image", 1, R, R, 3), blocks);
  float expected[D] = {0}, *at = expected;
  for (int k = 1; k < 4; k++) { /* 16 x 16, 8 x 8, 4 x 4 */
    int side = R >> (k + 1), channels = blocks[k]->dim[3];
    g_assert_cmpint (blocks[k]->dim[1], ==, side);
    g_autofree double *values = reference_evaluate (blocks[k], leaf_value, &source);
    for (int c = 0; c < channels; c++) {
      double sum = 0;
      for (int p = 0; p < side * side; p++)
        sum += values[p * channels + c];
      *at++ = (float)(sum / (side * side));
    }
  }
  g_assert_true (at == expected + D);
  assert_alike (found, expected, D, 1e-5);
  tsr_graph_free (graph);
}

/* ---- what does not matter ---- */

static void
test_batches (void)
{
  g_autoptr (TsrFeatures) one = open_features (1), eight = open_features (8);
  g_autofree uint8_t *pixels = tiles (11, R, 3, 2);
  g_autofree float *alone = compute (one, pixels, 11, R, 3),
                   *together = compute (eight, pixels, 11, R, 3),
                   *again = compute (eight, pixels + 3 * R * R * 3, 2, R, 3);
  assert_alike (together, alone, 11 * D, 1e-5);
  assert_alike (again, together + 3 * D, (size_t)2 * D, 1e-6);
  double apart = 0;
  for (size_t c = 0; c < D; c++)
    apart += fabs ((double)alone[c] - (double)alone[D + c]);
  g_assert_cmpfloat (apart, >, 0.1); /* other images, other features */
  g_assert_cmpstr (tsr_features_id (one), ==, tsr_features_id (eight));
  g_assert_true (g_str_has_prefix (tsr_features_id (one), "discriminator-"));
}

/* Grey is the same grey in every channel; other sizes are resized. */
static void
test_forms (void)
{
  g_autoptr (TsrFeatures) features = open_features (4);
  static const int sizes[] = {16, 64, 100, 128};
  for (size_t k = 0; k < G_N_ELEMENTS (sizes); k++) {
    int r = sizes[k];
    size_t count = (size_t)(r * r);
    g_autofree uint8_t *grey = tiles (1, r, 1, k), *rgb = g_new (uint8_t, 3 * count);
    for (size_t p = 0; p < 3 * count; p++)
      rgb[p] = grey[p / 3];
    TsrImage resized, image = {r, r, 3, rgb};
    tsr_image_resize (&image, R, &resized);
    g_autofree float *of_grey = compute (features, grey, 1, r, 1),
                     *of_rgb = compute (features, rgb, 1, r, 3),
                     *of_resized = compute (features, resized.pixels, 1, R, 3);
    assert_alike (of_grey, of_rgb, D, 1e-6);
    assert_alike (of_rgb, of_resized, D, 1e-6);
    tsr_image_clear (&resized);
  }
}

/* ---- InceptionV3's images ---- */

static void
test_inception_image (void)
{
  size_t count = (size_t)TSR_INCEPTION_SIZE * TSR_INCEPTION_SIZE * 3;
  g_autofree float *out = g_new (float, count);
  g_autofree uint8_t *same = tiles (1, TSR_INCEPTION_SIZE, 3, 3);
  for (int v = 0; v < 2; v++) {
    tsr_inception_image (same, TSR_INCEPTION_SIZE, 3, v, out);
    for (size_t k = 0; k < count; k++)
      g_assert_cmpfloat_with_epsilon (
          out[k], v == TSR_INCEPTION_FID ? (same[k] - 128) / 128.0 : same[k] / 127.5 - 1, 1e-6);
  }
  /* two grey pixels a side, the right ones 200: where the slope lies tells the variants apart */
  const uint8_t two[] = {0, 200, 0, 200};
  tsr_inception_image (two, 2, 1, TSR_INCEPTION_FID, out);
  for (int x = 0; x < TSR_INCEPTION_SIZE; x++)
    g_assert_cmpfloat_with_epsilon (out[3 * x + 1], (200 * MIN (x * 2 / 299.0, 1) - 128) / 128,
                                    1e-5);
  tsr_inception_image (two, 2, 1, TSR_INCEPTION_TORCHVISION, out);
  for (int x = 0; x < TSR_INCEPTION_SIZE; x++)
    g_assert_cmpfloat_with_epsilon (
        out[3 * x + 2], 200 * CLAMP ((x + 0.5) * 2 / 299 - 0.5, 0, 1) / 127.5 - 1, 1e-5);
}

/* A file without the network's tensors, and one that is not there. */
static void
test_refusals (void)
{
  GError *error = NULL;
  g_assert_null (tsr_features_new (device, TSR_FEATURES_INCEPTION_FID, model, 1, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_assert_nonnull (strstr (error->message, "Conv2d_1a_3x3.conv.weight"));
  g_clear_error (&error);
  g_assert_null (
      tsr_features_new (device, TSR_FEATURES_DISCRIMINATOR, "/nowhere/model", 1, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
}

/* Off unless asked for: -m perf. */
static void
test_time (void)
{
  g_autoptr (TsrFeatures) features = open_features (32);
  g_autofree uint8_t *pixels = tiles (1000, R, 3, 5);
  g_free (compute (features, pixels, 32, R, 3));
  g_test_timer_start ();
  g_free (compute (features, pixels, 1000, R, 3));
  g_test_message ("features of 1000 images in %.1f s", g_test_timer_elapsed ());
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  g_test_init (&argc, &argv, NULL);
  model = g_build_filename (g_getenv ("TESSERA_DATA_DIR"), "demo-model.safetensors", NULL);
  device = tsr_device_open (NULL, &error);
  g_assert_no_error (error);
  g_test_add_func ("/features/reference", test_reference);
  g_test_add_func ("/features/batches", test_batches);
  g_test_add_func ("/features/forms", test_forms);
  g_test_add_func ("/features/inception-image", test_inception_image);
  g_test_add_func ("/features/refusals", test_refusals);
  if (g_test_perf ())
    g_test_add_func ("/features/time", test_time);
  int result = g_test_run ();
  size_t now, peak;
  tsr_device_memory (device, &now, &peak);
  g_assert_cmpuint (now, ==, 0);
  tsr_device_close (device);
  g_free (model);
  return result;
}
