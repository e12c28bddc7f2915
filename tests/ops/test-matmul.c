/* Every provider's matrix products, in all four arrangements, against the definition in double
 * precision. */
#include "check.h"

typedef struct {
  TsrProviderKind kind;
  TsrPrecision precision;
} Suite;

static void
test_matmul (gconstpointer data)
{
  const Suite *suite = data;
  static const int shapes[][3] = {
      {1, 1, 1},     {1, 5, 3},    {5, 1, 3},      {7, 16, 1},    {3, 17, 33},   {16, 16, 16},
      {17, 33, 5},   {64, 64, 64}, {33, 129, 64},  {129, 17, 65}, {2, 512, 512}, {1, 64, 512},
      {100, 100, 7}, {200, 3, 50}, {3, 200, 1000}, {255, 31, 90},
  };
  Bench bench;
  if (!bench_open (&bench, suite->kind))
    return;
  for (unsigned i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (int transposes = 0; transposes < 4; transposes++)
      check_case (&bench, &(Case){.is_matmul = true,
                                  .m = shapes[i][0],
                                  .n = shapes[i][1],
                                  .k = shapes[i][2],
                                  .ta = transposes & 1,
                                  .tb = transposes & 2,
                                  .precision = suite->precision});
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  static const Suite suites[] = {{TSR_PROVIDER_PLAIN, TSR_F32},
                                 {TSR_PROVIDER_ONEDNN, TSR_F32},
                                 {TSR_PROVIDER_ONEDNN, TSR_BF16},
                                 {TSR_PROVIDER_CLBLAST, TSR_F32},
                                 {TSR_PROVIDER_TILED, TSR_F32}};
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/ops/matmul/plain/f32", &suites[0], test_matmul);
  g_test_add_data_func ("/ops/matmul/onednn/f32", &suites[1], test_matmul);
  g_test_add_data_func ("/ops/matmul/onednn/bf16", &suites[2], test_matmul);
  g_test_add_data_func ("/ops/matmul/clblast/f32", &suites[3], test_matmul);
  g_test_add_data_func ("/ops/matmul/tiled/f32", &suites[4], test_matmul);
  return g_test_run ();
}
