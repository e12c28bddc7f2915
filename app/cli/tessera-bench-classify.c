/* tessera bench classify: how long a label takes to recolour everything, and how long it takes to
 * choose what to label next. */

#include "tessera-bench.h"
#include "tsr-error.h"
#include "tsr-propagation.h"
#include "tsr-random.h"
#include "tsr-rule.h"
#include "tsr-strategy.h"

#include <math.h>
#include <time.h>

#define REFITS 5

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

/* Of all threads of the process: what others do on the machine does not count. */
static double
processor_now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
report (TesseraCli *cli, const char *key, const char *text, Times *times)
{
  TesseraTiming timing = tessera_timing (times->seconds, (guint)times->n);
  json_t *object = json_object ();
  tessera_cli_set_number (object, "median_s", timing.median);
  tessera_cli_set_number (object, "p99_s", timing.p99);
  json_object_set_new (cli->result, key, object);
  tessera_cli_print (cli, "  %-16s median %8.3f ms, 99th percentile %8.3f ms\n", text,
                     1e3 * timing.median, 1e3 * timing.p99);
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

/* Chooses k tiles, then k more with the first of them labelled. */
static bool
measure_strategy (TesseraCli *cli, TsrStrategy strategy, const float *points, size_t n, size_t d,
                  size_t k, json_t *result, GError **error)
{
  g_autofree uint8_t *labelled = g_new0 (uint8_t, n);
  g_autofree uint32_t *chosen = g_new (uint32_t, k);
  double seconds[2];
  for (int part = 0; part < 2; part++) {
    TsrStrategyInput input = {
        .strategy = strategy, .points = points, .n = n, .d = d, .labelled = labelled, .k = k};
    size_t found;
    double start = now ();
    if (!tsr_strategy_choose (&input, chosen, &found, &cli->progress, error))
      return false;
    seconds[part] = now () - start;
    for (size_t i = 0; i < found; i++)
      labelled[chosen[i]] = 1;
  }
  const char *name = tsr_strategy_name (strategy);
  json_t *object = json_object ();
  tessera_cli_set_number (object, "first_s", seconds[0]);
  tessera_cli_set_number (object, "more_s", seconds[1]);
  json_object_set_new (result, name, object);
  tessera_cli_print (cli, "  %-16s first %zu %8.3f s, %zu more %8.3f s\n", name, k, seconds[0], k,
                     seconds[1]);
  return true;
}

/* In the plane, as in the map. */
static bool
measure_suggestions (TesseraCli *cli, const float *points, size_t n, size_t d, size_t k,
                     GError **error)
{
  static const TsrStrategy strategies[] = {TSR_STRATEGY_FPS, TSR_STRATEGY_FPS_DENSE,
                                           TSR_STRATEGY_KMEANS};
  json_t *result = d == 2 ? json_object () : json_null ();
  json_object_set_new (cli->result, "suggest", result);
  for (size_t s = 0; d == 2 && s < G_N_ELEMENTS (strategies); s++)
    if (!measure_strategy (cli, strategies[s], points, n, d, MIN (k, n), result, error))
      return false;
  return true;
}

/* The linear rule with up to k labels: fitted anew, calibrated, and all tiles predicted. */
static bool
measure_linear (TesseraCli *cli, const float *points, size_t n, size_t d, size_t k, int32_t classes,
                TsrRandom *random, GError **error)
{
  if (d <= 2) {
    json_object_set_new (cli->result, "linear", json_null ());
    json_object_set_new (cli->result, "linear_processor", json_null ());
    return true;
  }
  g_autofree int32_t *label = g_new (int32_t, n);
  g_autofree TsrPrediction *prediction = g_new (TsrPrediction, n);
  g_autofree float *probability = g_new (float, n *(size_t)classes);
  double seconds[REFITS + 1], processor[REFITS + 1];
  for (size_t i = 0; i < n; i++)
    label[i] = -1;
  for (size_t i = 0; i + REFITS < k; i++)
    label[tsr_random_below (random, (uint32_t)n)] =
        (int32_t)tsr_random_below (random, (uint32_t)classes);
  TsrRuleSpace *space = tsr_rule_space_new (NULL, 0, points, d, n, NULL);
  TsrRuleResult result = {.prediction = prediction, .probability = probability};
  bool ok = true;
  for (int i = 0; ok && i <= REFITS; i++) { /* the first also finds the scale of the columns */
    label[tsr_random_below (random, (uint32_t)n)] =
        (int32_t)tsr_random_below (random, (uint32_t)classes);
    double start = now (), started = processor_now ();
    ok = tsr_rule_apply (space, TSR_RULE_LINEAR, label, (size_t)classes, &result, &cli->progress,
                         error);
    seconds[i] = now () - start;
    processor[i] = processor_now () - started;
  }
  tsr_rule_space_free (space);
  if (ok) {
    report (cli, "linear", "linear rule", &(Times){seconds + 1, REFITS});
    report (cli, "linear_processor", "  its processor", &(Times){processor + 1, REFITS});
  }
  return ok;
}

static bool
run (TesseraCli *cli, GError **error)
{
  size_t n = (size_t)tessera_options_integer (cli->options, "n"),
         k = (size_t)tessera_options_integer (cli->options, "k");
  size_t d = (size_t)tessera_options_integer (cli->options, "d");
  int32_t classes = (int32_t)tessera_options_integer (cli->options, "classes");
  if (k > n) { /* labels given twice would be timed as if they were new */
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 "-k %zu is more than there are points; it takes at most -n, which is %zu.", k, n);
    return false;
  }
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
  ok = ok && measure_suggestions (cli, points, n, d, k, error) &&
       measure_linear (cli, points, n, d, k, classes, &random, error);
  tessera_bench_report_memory (cli, tessera_bench_peak_memory ());
  return ok;
}

const TesseraCommand tessera_bench_classify = {
    .name = "bench classify",
    .arguments = "",
    .summary =
        "Time how long one label takes to recolour all tiles, and the choice of the next ones",
    .options = options,
    .run = run,
};
