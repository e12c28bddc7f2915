/* tessera bench classify: how long a label takes to recolour everything. */

#include "tessera-bench.h"
#include "tsr-propagation.h"
#include "tsr-random.h"

#include <math.h>

static const TesseraOption options[] = {
    {.name = "n",
     .letter = 'n',
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .help = "Tiles",
     .fallback = "1000000",
     .min = 2,
     .max = 1e8},
    {.name = "k",
     .letter = 'k',
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "K",
     .help = "Labels given, one after the other",
     .fallback = "1000",
     .min = 1,
     .max = 1e6},
    {.name = "d",
     .letter = 'd',
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "D",
     .help = "Dimensions: 2 for the map's rule, W's for the rule in W",
     .fallback = "2",
     .min = 1,
     .max = 65536},
    {.name = "classes",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .help = "Classes",
     .fallback = "5",
     .min = 1,
     .max = 1000},
    {.name = "seed",
     .kind = TESSERA_OPTION_INTEGER,
     .help = "Of points and labels",
     .fallback = "0",
     .min = 0,
     .max = INT64_MAX},
    TESSERA_COMMON_OPTIONS};

/* Times of one kind of change, in seconds. */
typedef struct {
  double *seconds;
  size_t n;
} Times;

static double
now (void)
{
  return (double)g_get_monotonic_time () / G_USEC_PER_SEC;
}

static void
report (TesseraCli *cli, const char *key, const char *text, Times *times)
{
  double median, p99;
  tessera_bench_percentiles (times->seconds, times->n, &median, &p99);
  json_t *object = json_object ();
  tessera_cli_set_number (object, "median_s", median);
  tessera_cli_set_number (object, "p99_s", p99);
  json_object_set_new (cli->result, key, object);
  tessera_cli_print (cli, "  %-16s median %8.3f ms, 99th percentile %8.3f ms\n", text, 1e3 * median,
                     1e3 * p99);
}

static bool
measure (TesseraCli *cli, TsrPropagation *state, size_t n, size_t k, int32_t classes,
         TsrRandom *random, GError **error)
{
  g_autofree uint32_t *tiles = g_new (uint32_t, k);
  g_autofree double *adding = g_new (double, k), *clearing = g_new (double, k);
  for (size_t i = 0; i < k; i++) {
    tiles[i] = tsr_random_below (random, (uint32_t)n);
    int32_t class_ = (int32_t)tsr_random_below (random, (uint32_t)classes);
    if (!tsr_progress_step (&cli->progress, (double)i / k / 2, "Labelling", error))
      return false;
    double start = now ();
    tsr_propagation_set (state, tiles[i], class_);
    adding[i] = now () - start;
  }
  for (size_t i = k; i-- > 0;) { /* undo, newest first */
    if (!tsr_progress_step (&cli->progress, 0.5 + (double)(k - i) / k / 2, "Clearing", error))
      return false;
    double start = now ();
    tsr_propagation_set (state, tiles[i], TSR_NO_CLASS);
    clearing[k - 1 - i] = now () - start;
  }
  report (cli, "label", "adding a label", &(Times){adding, k});
  report (cli, "clear", "clearing one", &(Times){clearing, k});
  return true;
}

static bool
run (TesseraCli *cli, GError **error)
{
  size_t n = (size_t)tessera_options_integer (cli->options, "n"),
         k = (size_t)tessera_options_integer (cli->options, "k");
  size_t d = (size_t)tessera_options_integer (cli->options, "d");
  int32_t classes = (int32_t)tessera_options_integer (cli->options, "classes");
  TsrRandom random;
  tsr_random_init (&random, (uint64_t)tessera_options_integer (cli->options, "seed"), 0);
  g_autofree float *points = tessera_bench_floats (n, d, error);
  if (!points)
    return false;
  for (size_t i = 0; i < n * d; i++)
    points[i] = (float)(100 * tsr_random_uniform (&random));
  json_object_set_new (cli->result, "n", json_integer ((json_int_t)n));
  json_object_set_new (cli->result, "k", json_integer ((json_int_t)k));
  json_object_set_new (cli->result, "d", json_integer ((json_int_t)d));
  tessera_cli_print (cli, "%zu tiles, %zu labels, %d classes, %zu dimensions\n", n, k, classes, d);
  TsrPropagation *state = tsr_propagation_new (points, n, d);
  bool ok = measure (cli, state, n, k, classes, &random, error);
  tsr_propagation_free (state);
  tessera_bench_report_memory (cli, tessera_bench_peak_memory ());
  return ok;
}

const TesseraCommand tessera_bench_classify = {
    .name = "bench classify",
    .arguments = "",
    .summary = "Time how long one label takes to recolour all tiles",
    .options = options,
    .run = run,
};
