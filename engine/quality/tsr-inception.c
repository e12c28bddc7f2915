#include "tsr-inception.h"

#include <math.h>

/* The network under way; branches of a block are named after it. */
typedef struct {
  const char *block; /* "Mixed_5b", or NULL in the stem */
  TsrInceptionVariant variant;
} Net;

/* Convolution, batch normalisation (in weight and bias), ReLU. The graph pads both axes alike, so a
 * kernel that is not square gets its zeros beforehand. */
static TsrNode *
conv (const Net *net, TsrNode *x, const char *layer, int out, int kh, int kw, int stride, bool same)
{
  g_autofree char *name =
      net->block ? g_strconcat (net->block, ".", layer, NULL) : g_strdup (layer);
  g_autofree char *weight_name = g_strconcat (name, ".weight", NULL),
                  *bias_name = g_strconcat (name, ".bias", NULL);
  TsrNode *weight = tsr_leaf (x->graph, weight_name, out, kh, kw, x->dim[3]);
  TsrNode *bias = tsr_leaf (x->graph, bias_name, 1, 1, 1, out);
  if (same && kh != kw)
    x = tsr_pad (tsr_pad (x, 1, kh / 2, kh / 2), 2, kw / 2, kw / 2);
  TsrNode *y = tsr_conv (x, weight, stride, same && kh == kw ? kh / 2 : 0);
  return tsr_relu (tsr_add (y, bias));
}

static TsrNode *
conv1x1 (const Net *net, TsrNode *x, const char *layer, int out)
{
  return conv (net, x, layer, out, 1, 1, 1, false);
}

static TsrNode *
concat (TsrNode *a, TsrNode *b, TsrNode *c)
{
  return tsr_concat (tsr_concat (a, b, 3), c, 3);
}

/* The branch of a block that pools before its convolution. */
static TsrNode *
pool_branch (const Net *net, TsrNode *x, int out, bool by_maximum)
{
  bool count_padding = net->variant == TSR_INCEPTION_TORCHVISION;
  TsrNode *pooled = by_maximum ? tsr_max_pool (x, 3, 1, 1) : tsr_average_pool (x, 3, count_padding);
  return conv1x1 (net, pooled, "branch_pool", out);
}

/* At 35 x 35 pixels. */
static TsrNode *
block_a (const Net *net, TsrNode *x, int pool_features)
{
  TsrNode *a = conv1x1 (net, x, "branch1x1", 64);
  TsrNode *b = conv1x1 (net, x, "branch5x5_1", 48);
  b = conv (net, b, "branch5x5_2", 64, 5, 5, 1, true);
  TsrNode *c = conv1x1 (net, x, "branch3x3dbl_1", 64);
  c = conv (net, c, "branch3x3dbl_2", 96, 3, 3, 1, true);
  c = conv (net, c, "branch3x3dbl_3", 96, 3, 3, 1, true);
  return tsr_concat (concat (a, b, c), pool_branch (net, x, pool_features, false), 3);
}

/* From 35 x 35 to 17 x 17. */
static TsrNode *
block_b (const Net *net, TsrNode *x)
{
  TsrNode *a = conv (net, x, "branch3x3", 384, 3, 3, 2, false);
  TsrNode *b = conv1x1 (net, x, "branch3x3dbl_1", 64);
  b = conv (net, b, "branch3x3dbl_2", 96, 3, 3, 1, true);
  b = conv (net, b, "branch3x3dbl_3", 96, 3, 3, 2, false);
  return concat (a, b, tsr_max_pool (x, 3, 2, 0));
}

/* At 17 x 17, with 7 x 7 kernels taken apart. */
static TsrNode *
block_c (const Net *net, TsrNode *x, int width)
{
  TsrNode *a = conv1x1 (net, x, "branch1x1", 192);
  TsrNode *b = conv1x1 (net, x, "branch7x7_1", width);
  b = conv (net, b, "branch7x7_2", width, 1, 7, 1, true);
  b = conv (net, b, "branch7x7_3", 192, 7, 1, 1, true);
  TsrNode *c = conv1x1 (net, x, "branch7x7dbl_1", width);
  c = conv (net, c, "branch7x7dbl_2", width, 7, 1, 1, true);
  c = conv (net, c, "branch7x7dbl_3", width, 1, 7, 1, true);
  c = conv (net, c, "branch7x7dbl_4", width, 7, 1, 1, true);
  c = conv (net, c, "branch7x7dbl_5", 192, 1, 7, 1, true);
  return tsr_concat (concat (a, b, c), pool_branch (net, x, 192, false), 3);
}

/* From 17 x 17 to 8 x 8. */
static TsrNode *
block_d (const Net *net, TsrNode *x)
{
  TsrNode *a = conv1x1 (net, x, "branch3x3_1", 192);
  a = conv (net, a, "branch3x3_2", 320, 3, 3, 2, false);
  TsrNode *b = conv1x1 (net, x, "branch7x7x3_1", 192);
  b = conv (net, b, "branch7x7x3_2", 192, 1, 7, 1, true);
  b = conv (net, b, "branch7x7x3_3", 192, 7, 1, 1, true);
  b = conv (net, b, "branch7x7x3_4", 192, 3, 3, 2, false);
  return concat (a, b, tsr_max_pool (x, 3, 2, 0));
}

/* At 8 x 8, with 3 x 3 kernels taken apart into two halves side by side. */
static TsrNode *
block_e (const Net *net, TsrNode *x, bool pool_by_maximum)
{
  TsrNode *a = conv1x1 (net, x, "branch1x1", 320);
  TsrNode *b = conv1x1 (net, x, "branch3x3_1", 384);
  b = tsr_concat (conv (net, b, "branch3x3_2a", 384, 1, 3, 1, true),
                  conv (net, b, "branch3x3_2b", 384, 3, 1, 1, true), 3);
  TsrNode *c = conv1x1 (net, x, "branch3x3dbl_1", 448);
  c = conv (net, c, "branch3x3dbl_2", 384, 3, 3, 1, true);
  c = tsr_concat (conv (net, c, "branch3x3dbl_3a", 384, 1, 3, 1, true),
                  conv (net, c, "branch3x3dbl_3b", 384, 3, 1, 1, true), 3);
  return tsr_concat (concat (a, b, c), pool_branch (net, x, 192, pool_by_maximum), 3);
}

TsrNode *
tsr_build_inception (TsrNode *image, TsrInceptionVariant variant)
{
  const Net stem = {NULL, variant};
  g_assert (image->dim[1] == TSR_INCEPTION_SIZE && image->dim[2] == TSR_INCEPTION_SIZE &&
            image->dim[3] == 3);
  TsrNode *x = conv (&stem, image, "Conv2d_1a_3x3", 32, 3, 3, 2, false);
  x = conv (&stem, x, "Conv2d_2a_3x3", 32, 3, 3, 1, false);
  x = conv (&stem, x, "Conv2d_2b_3x3", 64, 3, 3, 1, true);
  x = tsr_max_pool (x, 3, 2, 0);
  x = conv1x1 (&stem, x, "Conv2d_3b_1x1", 80);
  x = conv (&stem, x, "Conv2d_4a_3x3", 192, 3, 3, 1, false);
  x = tsr_max_pool (x, 3, 2, 0);
  x = block_a (&(Net){"Mixed_5b", variant}, x, 32);
  x = block_a (&(Net){"Mixed_5c", variant}, x, 64);
  x = block_a (&(Net){"Mixed_5d", variant}, x, 64);
  x = block_b (&(Net){"Mixed_6a", variant}, x);
  x = block_c (&(Net){"Mixed_6b", variant}, x, 128);
  x = block_c (&(Net){"Mixed_6c", variant}, x, 160);
  x = block_c (&(Net){"Mixed_6d", variant}, x, 160);
  x = block_c (&(Net){"Mixed_6e", variant}, x, 192);
  x = block_d (&(Net){"Mixed_7a", variant}, x);
  x = block_e (&(Net){"Mixed_7b", variant}, x, false);
  x = block_e (&(Net){"Mixed_7c", variant}, x, variant == TSR_INCEPTION_FID);
  return tsr_mean (x, TSR_AXIS_H | TSR_AXIS_W);
}

/* The two pixels that an output coordinate lies between, and the share of the second. */
typedef struct {
  int low, high;
  float share;
} Between;

static Between
between (int at, int from, bool centres)
{
  double scale = (double)from / TSR_INCEPTION_SIZE;
  double position = centres ? MAX ((at + 0.5) * scale - 0.5, 0) : at * scale;
  int low = MIN ((int)position, from - 1);
  return (Between){low, MIN (low + 1, from - 1), (float)(position - low)};
}

void
tsr_inception_image (const uint8_t *pixels, int from, int channels, TsrInceptionVariant variant,
                     float *out)
{
  bool centres = variant == TSR_INCEPTION_TORCHVISION;
  float scale = centres ? 1 / 127.5f : 1 / 128.0f;
  for (int y = 0; y < TSR_INCEPTION_SIZE; y++) {
    Between v = between (y, from, centres);
    const uint8_t *above = pixels + (size_t)v.low * (size_t)from * (size_t)channels,
                  *below = pixels + (size_t)v.high * (size_t)from * (size_t)channels;
    for (int x = 0; x < TSR_INCEPTION_SIZE; x++) {
      Between h = between (x, from, centres);
      for (int c = 0; c < 3; c++) {
        int k = channels == 1 ? 0 : c, left = h.low * channels + k, right = h.high * channels + k;
        float top = above[left] + h.share * ((float)above[right] - above[left]);
        float bottom = below[left] + h.share * ((float)below[right] - below[left]);
        *out++ = (top + v.share * (bottom - top)) * scale - 1;
      }
    }
  }
}
