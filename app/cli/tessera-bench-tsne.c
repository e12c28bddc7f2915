/* tessera bench tsne: the time of each stage of the map, its quality and its memory. */

#include "tessera-bench.h"
#include "tessera-map-options.h"
#include "tessera-npy.h"
#include "tsr-error.h"
#include "tsr-random.h"
#include "tsr-safetensors.h"

#include <math.h>
#include <string.h>

#define RECALL_ROWS                                                                                \
  500 /* rows, drawn, whose neighbours are checked against a plain search in double */
#define N_CLUSTERS 20 /* of the generated data */
#define CLUSTER_STEP                                                                               \
  3.0 /* their centres' spread against their own, per dimension of the subspace they lie in */

static const TesseraOption options[] = {
    {.name = "n",
     .letter = 'n',
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .help = "Points of the generated data; with --input, at most so many rows",
     .min = 2,
     .max = 1e8},
    {.name = "d",
     .letter = 'd',
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "D",
     .help = "Dimensions of the generated data",
     .fallback = "512",
     .min = 1,
     .max = 65536},
    {.name = "input",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE",
     .help = "Lay out this float32 array (.npy or .safetensors) instead"},
    TESSERA_MAP_OPTIONS,
    TESSERA_COMMON_OPTIONS};

/* Clusters in a subspace with noise in all dimensions, about what an encoder makes of tissue. */
static float *
generate (size_t n, size_t d, uint64_t seed, GError **error)
{
  float *x = tessera_bench_floats (n, d, error);
  if (!x)
    return NULL;
  TsrRandom random;
  tsr_random_init (&random, seed, 0);
  size_t inner = MIN (d, (size_t)10);
  g_autofree double *centre = g_new (double, N_CLUSTERS *inner);
  for (size_t i = 0; i < N_CLUSTERS * inner; i++)
    centre[i] = CLUSTER_STEP * tsr_random_normal (&random);
  for (size_t i = 0; i < n; i++) {
    uint32_t cluster = tsr_random_below (&random, N_CLUSTERS);
    for (size_t k = 0; k < d; k++)
      x[i * d + k] = (float)(k < inner ? centre[cluster * inner + k] + tsr_random_normal (&random)
                                       : 0.3 * tsr_random_normal (&random));
  }
  return x;
}

/* The first tensor of two dimensions. */
static bool
read_safetensors (const char *path, float **data, size_t *n, size_t *d, GError **error)
{
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, error);
  if (!file)
    return false;
  for (size_t i = 0; i < tsr_safetensors_count (file); i++) {
    const TsrTensorInfo *tensor = tsr_safetensors_at (file, i);
    if (tensor->ndim != 2 || tensor->shape[0] < 2 || tensor->shape[1] < 1)
      continue;
    *n = tensor->shape[0];
    *d = tensor->shape[1];
    *data = g_new (float, *n **d);
    if (tsr_safetensors_read_f32 (file, tensor->name, *data, *n * *d, error))
      return true;
    g_clear_pointer (data, g_free);
    return false;
  }
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               "“%s” holds no tensor of two dimensions to lay out.", shown);
  return false;
}

static bool
load (TesseraCli *cli, float **x, size_t *n, size_t *d, GError **error)
{
  const char *input = tessera_options_text (cli->options, "input");
  size_t wanted = (size_t)tessera_options_integer (cli->options, "n");
  if (!input) {
    *n = wanted ? wanted : 10000;
    *d = (size_t)tessera_options_integer (cli->options, "d");
    *x = generate (*n, *d, (uint64_t)tessera_options_integer (cli->options, "seed"), error);
    return *x != NULL;
  }
  bool ok = g_str_has_suffix (input, ".safetensors") ? read_safetensors (input, x, n, d, error)
                                                     : tessera_npy_read (input, x, n, d, error);
  if (ok && wanted)
    *n = MIN (*n, wanted);
  for (size_t i = 0; ok && i < *n * *d; i++)
    if (!isfinite ((*x)[i])) {
      g_autofree char *shown = g_filename_display_name (input);
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   "“%s” holds numbers that are not finite (row %zu).", shown, i / *d);
      ok = false;
    }
  return ok;
}

static bool
run (TesseraCli *cli, GError **error)
{
  g_autofree float *x = NULL;
  size_t n, d;
  if (!load (cli, &x, &n, &d, error))
    return false;
  TsrTsneOptions tsne = tessera_map_options (cli);
  tsne.keep_neighbours = true;
  TsrTsneReport report = {0};
  g_autofree float *y = g_new (float, 2 * n);
  if (!tsr_progress_step (&cli->progress, -1, "Laying out the map", error) ||
      !tsr_tsne (x, n, d, &tsne, y, NULL, NULL, &report, &cli->progress, error))
    return false;
  int64_t peak = tessera_bench_peak_memory ();
  g_autofree uint32_t *neighbours = report.neighbours;
  double recall = NAN;
  if (neighbours) {
    if (!tsr_progress_step (&cli->progress, -1, "Checking neighbours", error))
      return false;
    recall = tsr_knn_recall (x, n, d, report.k, neighbours, RECALL_ROWS, 0);
  }
  json_object_set_new (cli->result, "n", json_integer ((json_int_t)n));
  json_object_set_new (cli->result, "d", json_integer ((json_int_t)d));
  tessera_cli_set_number (cli->result, "perplexity", report.perplexity);
  tessera_map_set_iterations (cli->result, &report);
  tessera_cli_set_number (cli->result, "total_s", report.total_s);
  json_object_set_new (cli->result, "stages", tessera_map_stages (&report));
  tessera_cli_set_number (cli->result, "kl", report.kl);
  tessera_cli_set_number (cli->result, "recall", recall);
  tessera_bench_report_memory (cli, peak);
  tessera_cli_print (cli,
                     "%zu x %zu, perplexity %.3g, %d iterations: %.2f s\n"
                     "  neighbours %.2f s, affinities %.2f s, start %.2f s, optimisation %.2f s\n"
                     "  KL divergence %.4f, neighbour recall %.4f, peak memory %.0f MiB\n",
                     n, d, report.perplexity, report.iterations, report.total_s,
                     report.neighbours_s, report.affinities_s, report.initialise_s,
                     report.optimise_s, report.kl, recall, (double)peak / (1 << 20));
  return true;
}

const TesseraCommand tessera_bench_tsne = {
    .name = "bench tsne",
    .arguments = "",
    .summary = "Time the map, stage by stage",
    .details = "The KL divergence is that of openTSNE and scikit-learn. Recall is the share of "
               "true neighbours found, checked on\n"
               "500 rows after the timing.",
    .options = options,
    .run = run,
};
