/* Every provider's convolutions, in every direction, against the definition in double precision. */
#include "check.h"

typedef struct {
  TsrProviderKind kind;
  TsrConvDirection direction;
  TsrPrecision precision;
  unsigned every; /* of the grid of shapes, one in so many */
} Suite;

static const int channels[] = {1, 3, 16, 17, 33, 64, 129};

/* 1 to 5 images, sides that the stride divides and sides that it does not. */
static void
check_geometries (Bench *bench, const Suite *suite, int c, int k, unsigned *index)
{
  static const int kernels[] = {1, 3, 4};
  static const int sides[][2] = {{5, 7}, {8, 8}, {9, 4}, {4, 4}, {7, 10}};
  for (int kernel = 0; kernel < 3; kernel++)
    for (int stride = 1; stride <= 2; stride++)
      for (int pad = 0; pad <= 2; pad++, ++*index) {
        if (*index % suite->every)
          continue;
        const int *side = sides[*index % G_N_ELEMENTS (sides)];
        Case what = {.direction = suite->direction,
                     .precision = suite->precision,
                     .conv = {.n = 1 + *index / 3 % 5,
                              .h = side[0],
                              .w = side[1],
                              .c = c,
                              .k = k,
                              .kh = kernels[kernel],
                              .kw = kernels[kernel],
                              .stride = stride,
                              .pad = pad}};
        check_case (bench, &what);
      }
}

static void
test_grid (gconstpointer data)
{
  const Suite *suite = data;
  Bench bench;
  if (!bench_open (&bench, suite->kind))
    return;
  unsigned index = 0;
  for (unsigned c = 0; c < G_N_ELEMENTS (channels); c++)
    for (unsigned k = 0; k < G_N_ELEMENTS (channels); k++)
      check_geometries (&bench, suite, channels[c], channels[k], &index);
  bench_close (&bench);
}

/* Shapes of the networks themselves, and odd ones. */
static void
test_special (gconstpointer data)
{
  const Suite *suite = data;
  static const TsrConvShape shapes[] = {
      {2, 16, 16, 3, 32, 1, 1, 1, 0},  /* from RGB */
      {2, 16, 16, 32, 3, 1, 1, 1, 0},  /* to RGB */
      {3, 4, 4, 65, 64, 3, 3, 1, 1},   /* after the minibatch's standard deviation */
      {2, 17, 17, 32, 48, 3, 3, 2, 0}, /* down by two after the blur */
      {2, 16, 16, 32, 48, 1, 1, 2, 0}, /* the skip path */
      {1, 1, 1, 16, 16, 1, 1, 1, 0},   /* one pixel */
      {1, 3, 3, 5, 7, 3, 3, 1, 0},     /* one result */
      {1, 2, 9, 8, 8, 1, 3, 1, 1},     /* not square, padding beyond the kernel's own height */
      {2, 6, 1, 24, 9, 3, 1, 3, 0},    /* stride 3 leaves nothing over, one column */
      {1, 8, 8, 16, 16, 3, 3, 3, 2},   /* stride 3 leaves rows over */
      {1, 5, 5, 2, 2, 5, 5, 1, 4},     /* more padding than image */
      {1, 33, 70, 16, 16, 3, 3, 1, 1}, /* wide */
      {16, 8, 8, 32, 32, 3, 3, 1, 1},  /* a training batch */
      {1, 4, 4, 256, 256, 3, 3, 1, 1}, /* few pixels, many channels */
  };
  Bench bench;
  if (!bench_open (&bench, suite->kind))
    return;
  for (unsigned i = 0; i < G_N_ELEMENTS (shapes); i++)
    check_case (
        &bench,
        &(Case){.direction = suite->direction, .precision = suite->precision, .conv = shapes[i]});
  bench_close (&bench);
}

/* Large enough for bf16 to be worth its rounding (small ones are computed in f32), blocked and
 * ragged channels. */
static void
test_deep (gconstpointer data)
{
  const Suite *suite = data;
  static const int pairs[][2] = {{16, 32},  {33, 17}, {64, 64}, {129, 20},
                                 {31, 129}, {1, 48},  {48, 3},  {3, 64}};
  static const int kernels[] = {1, 3, 4};
  Bench bench;
  if (!bench_open (&bench, suite->kind))
    return;
  for (unsigned i = 0; i < G_N_ELEMENTS (pairs); i++)
    for (int kernel = 0; kernel < 3; kernel++) {
      int stride = 1 + (int)(i + kernel) % 2, side = 16 * stride + (int)i % 3 - 1,
          k = kernels[kernel];
      TsrConvShape shape = {2, side, side + 3, pairs[i][0], pairs[i][1], k, k, stride, k / 2};
      check_case (
          &bench,
          &(Case){.direction = suite->direction, .precision = suite->precision, .conv = shape});
    }
  bench_close (&bench);
}

/* Where the processor multiplies bf16, it must be used: a result as exact as f32's would mean that
 * nothing was gained. Weight gradients use it only with matrix tiles. */
static void
test_bf16_is_used (gconstpointer data)
{
  const Suite *suite = data;
  if (!__builtin_cpu_supports ("avx512bf16") || g_getenv ("ONEDNN_MAX_CPU_ISA")) {
    g_test_skip ("This processor does not multiply bf16.");
    return;
  }
  if (suite->direction == TSR_CONV_BY_WEIGHT && !__builtin_cpu_supports ("amx-bf16")) {
    g_test_skip ("This processor has no matrix tiles, without which weight gradients stay in f32.");
    return;
  }
  Bench bench;
  if (!bench_open (&bench, suite->kind))
    return;
  TsrConvShape shape = {2, 20, 20, 32, 32, 3, 3, 1, 1};
  g_assert_true (rounds_to_bf16 (
      &bench, &(Case){.direction = suite->direction, .precision = TSR_BF16, .conv = shape}));
  g_assert_false (rounds_to_bf16 (
      &bench, &(Case){.direction = suite->direction, .precision = TSR_F32, .conv = shape}));
  bench_close (&bench);
}

static void
test_invalid (gconstpointer data)
{
  const Suite *suite = data;
  static const TsrConvShape shapes[] = {
      {0, 8, 8, 3, 3, 3, 3, 1, 1},  {1, 8, 8, 0, 3, 3, 3, 1, 1}, {1, 8, 8, 3, 3, 3, 3, 0, 1},
      {1, 8, 8, 3, 3, 3, 3, 1, -1}, {1, 2, 8, 3, 3, 5, 3, 1, 1},
  };
  Bench bench;
  if (!bench_open (&bench, suite->kind))
    return;
  for (unsigned i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (
        tsr_provider_conv (bench.provider, suite->direction, &shapes[i], TSR_F32, &error));
    g_assert_nonnull (error);
  }
  g_autoptr (GError) error = NULL;
  TsrConvShape shape = {1, 8, 8, 4, 4, 3, 3, 1, 1};
  TsrOp *op = tsr_provider_conv (bench.provider, TSR_CONV_FORWARD, &shape, TSR_F32, &error);
  g_assert_no_error (error);
  TsrBuffer *small = tsr_buffer_new (bench.device, 64, &error);
  g_assert_false (tsr_op_enqueue (op, small, small, small, NULL, &error));
  g_assert_nonnull (error);
  tsr_buffer_free (small);
  tsr_op_free (op);
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  static const char *const providers[] = {"auto", "plain", "onednn", "clblast", "tiled"};
  static const char *const directions[] = {"forward", "by-data", "by-weight"};
  static Suite suites[32];
  unsigned n = 0;
  g_test_init (&argc, &argv, NULL);
  for (int kind = TSR_PROVIDER_PLAIN; kind <= TSR_PROVIDER_TILED; kind++)
    for (int direction = 0; direction < 3; direction++)
      for (int precision = TSR_F32; precision <= (kind == TSR_PROVIDER_ONEDNN ? TSR_BF16 : TSR_F32);
           precision++) {
        Suite *suite = &suites[n++];
        *suite = (Suite){kind, direction, precision,
                         kind == TSR_PROVIDER_CLBLAST ? 7
                         : kind == TSR_PROVIDER_PLAIN ? 2
                         : kind == TSR_PROVIDER_TILED ? 3
                                                      : 1};
        g_autofree char *stem =
            g_strdup_printf ("/ops/conv/%s/%s/%s", providers[kind], directions[direction],
                             precision == TSR_BF16 ? "bf16" : "f32");
        g_autofree char *grid = g_strconcat (stem, "/grid", NULL),
                        *special = g_strconcat (stem, "/special", NULL);
        g_autofree char *invalid = g_strconcat (stem, "/invalid", NULL);
        g_test_add_data_func (grid, suite, test_grid);
        g_test_add_data_func (special, suite, test_special);
        g_autofree char *deep = g_strconcat (stem, "/deep", NULL),
                        *used = g_strconcat (stem, "/used", NULL);
        g_test_add_data_func (invalid, suite, test_invalid);
        g_test_add_data_func (deep, suite, test_deep);
        if (precision == TSR_BF16)
          g_test_add_data_func (used, suite, test_bf16_is_used);
      }
  return g_test_run ();
}
