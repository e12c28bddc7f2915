/* tessera bench tsne: the time of each stage of the map, its quality and its memory. */

#include "tessera-bench.h"
#include "tessera-map-options.h"
#include "tessera-npy.h"
#include "tsr-device.h"
#include "tsr-error.h"
#include "tsr-map-device.h"
#include "tsr-random.h"
#include "tsr-safetensors.h"
#include "tsr-trust.h"

#include <math.h>
#include <string.h>

#define RECALL_ROWS                                                                                \
  512 /* rows, drawn, whose neighbours are checked against a plain search in double */
#define RECALL_BATCH 16 /* of them at a time; a multiple of what share a pass over the rows */
#define N_CLUSTERS   20 /* of the generated data */
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
    {.name = "trust",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Measure on the map how far it can be trusted, too"},
    TESSERA_MAP_OPTIONS,
    TESSERA_DEVICE_OPTION,
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
                   "“%s” holds numbers that are not finite (the first in row %zu of %zu). "
                   "Leave such rows out.",
                   shown, i / *d + 1, *n);
      ok = false;
    }
  return ok;
}

/* Of how many rows the neighbours are checked. */
static size_t
rows_checked (size_t n)
{
  return n > RECALL_ROWS ? RECALL_ROWS / RECALL_BATCH * RECALL_BATCH : n;
}

/* The share of the true neighbours, of some rows at a time: a million points take a minute. */
static bool
measure_recall (const float *x, size_t n, size_t d, const TsrTsneReport *report, double *recall,
                const TsrProgress *progress, GError **error)
{
  size_t batches = n > RECALL_ROWS ? rows_checked (n) / RECALL_BATCH : 1;
  *recall = 0;
  for (size_t b = 0; b < batches; b++) {
    if (!tsr_progress_step (progress, (double)b / (double)batches, "Checking neighbours", error))
      return false;
    *recall +=
        tsr_knn_recall (x, n, d, report->k, report->neighbours, batches > 1 ? RECALL_BATCH : 0, b) /
        (double)batches;
  }
  return true;
}

/* What the method took, in t-SNE's words: UMAP's graph is affinities, its epochs iterations. */
typedef struct {
  TsrTsneReport stages;
  TsrUmapReport umap;
  bool is_umap;
  const char *device, *remark; /* as TsrMapJob's */
} Made;

/* What is laid out, on the engine thread as maps are. */
typedef struct {
  TesseraCli *cli;
  const float *x;
  size_t n, d;
  float *y;
  Made *made;
} Bench;

static bool
lay_out_tsne (TsrDevice *device, const Bench *bench, const TsrProgress *progress, GError **error)
{
  TsrTsneOptions tsne = tessera_map_options (bench->cli);
  Made *made = bench->made;
  g_autoptr (TsrMapDevice) map = tsr_map_device_suits (device) ? tsr_map_device_new (device) : NULL;
  tsne.keep_neighbours = true;
  tsne.accelerator = map ? tsr_map_device_accelerator (map) : NULL;
  if (!tsr_tsne (bench->x, bench->n, bench->d, &tsne, bench->y, NULL, NULL, &made->stages, progress,
                 error))
    return false;
  if (made->stages.optimise_accelerated)
    made->device = g_intern_string (tsr_device_info (device)->name);
  if (map)
    made->remark = g_intern_string (tsr_map_device_notice (map));
  return true;
}

static bool
lay_out_job (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  const Bench *bench = data;
  TesseraCli *cli = bench->cli;
  Made *made = bench->made;
  TsrProgress progress = tsr_progress_cancelled_by (&cli->progress, cancellable);
  if (!tsr_progress_step (&progress, -1, "Laying out the map", error))
    return false;
  if (!made->is_umap)
    return lay_out_tsne (device, bench, &progress, error);
  TsrUmapOptions umap = tessera_umap_options (cli);
  if (!tsr_umap (bench->x, bench->n, bench->d, &umap, bench->y, NULL, NULL, &made->umap, &progress,
                 error))
    return false;
  made->stages = (TsrTsneReport){.neighbours_s = made->umap.neighbours_s,
                                 .affinities_s = made->umap.graph_s,
                                 .initialise_s = made->umap.initialise_s,
                                 .optimise_s = made->umap.optimise_s,
                                 .total_s = made->umap.total_s,
                                 .kl = NAN,
                                 .perplexity = NAN,
                                 .iterations = made->umap.epochs};
  return true;
}

static bool
lay_out (TesseraCli *cli, const float *x, size_t n, size_t d, float *y, Made *made, GError **error)
{
  const char *method = tessera_options_text (cli->options, "method");
  made->is_umap = strcmp (method, "umap") == 0;
  if (strcmp (method, "pca") == 0) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 "bench tsne times t-SNE or UMAP (--method umap); principal components have no "
                 "stages.");
    return false;
  }
  Bench bench = {cli, x, n, d, y, made};
  return tessera_cli_run_job (cli, "bench tsne",
                              made->is_umap ? TSR_ENGINE_NO_DEVICE : TSR_ENGINE_ANY_DEVICE,
                              lay_out_job, &bench, error);
}

static void
print_made (TesseraCli *cli, size_t n, size_t d, const Made *made, double recall, int64_t peak)
{
  const TsrTsneReport *stages = &made->stages;
  if (made->is_umap)
    tessera_cli_print (cli, "%zu x %zu, %zu neighbours, %d epochs: %.2f s\n", n, d,
                       made->umap.neighbours, stages->iterations, stages->total_s);
  else if (stages->perplexity > 0)
    tessera_cli_print (cli, "%zu x %zu, perplexity %.3g, %d iterations: %.2f s%s%s%s\n", n, d,
                       stages->perplexity, stages->iterations, stages->total_s,
                       made->device ? " on “" : "", made->device ? made->device : "",
                       made->device ? "”" : "");
  else
    tessera_cli_print (cli, "%zu x %zu: %.2f s\n", n, d, stages->total_s);
  tessera_cli_print (cli, "  neighbours %.2f s, %s %.2f s, start %.2f s, optimisation %.2f s\n",
                     stages->neighbours_s, made->is_umap ? "graph" : "affinities",
                     stages->affinities_s, stages->initialise_s, stages->optimise_s);
  if (isfinite (stages->kl)) /* UMAP has none, nor have three points */
    tessera_cli_print (cli, "  KL divergence %.4f, neighbour recall %.4f,", stages->kl, recall);
  tessera_cli_print (cli, "%s peak memory %.0f MiB\n", isfinite (stages->kl) ? "" : " ",
                     (double)peak / (1 << 20));
}

/* Whether neighbours in the vectors are neighbours on the map. */
static bool
measure_trust (TesseraCli *cli, const float *x, size_t n, size_t d, const float *y, GError **error)
{
  TsrTrust trust = {.kept = NAN, .trustworthiness = NAN, .continuity = NAN};
  bool wanted = tessera_options_flag (cli->options, "trust");
  if (wanted && !tsr_trust (x, n, d, y, 0, NULL, &trust, &cli->progress, error))
    return false;
  tessera_cli_set_number (cli->result, "kept", trust.kept);
  tessera_cli_set_number (cli->result, "trustworthiness", trust.trustworthiness);
  tessera_cli_set_number (cli->result, "continuity", trust.continuity);
  if (wanted && isfinite (trust.kept)) /* two tiles have no strangers */
    tessera_cli_print (cli, "  neighbours kept %.1f %%, trustworthiness %.3f, continuity %.3f\n",
                       100 * trust.kept, trust.trustworthiness, trust.continuity);
  return true;
}

static bool
run (TesseraCli *cli, GError **error)
{
  g_autofree float *x = NULL;
  size_t n, d;
  if (!tessera_map_check_options (cli, error) || !load (cli, &x, &n, &d, error))
    return false;
  Made made = {0};
  TsrTsneReport *report = &made.stages;
  g_autofree float *y = g_new (float, 2 * n);
  if (!lay_out (cli, x, n, d, y, &made, error))
    return false;
  int64_t peak = tessera_bench_peak_memory ();
  g_autofree uint32_t *neighbours = report->neighbours;
  double recall = NAN;
  if (neighbours && !measure_recall (x, n, d, report, &recall, &cli->progress, error))
    return false;
  json_object_set_new (cli->result, "method",
                       json_string (tessera_options_text (cli->options, "method")));
  json_object_set_new (cli->result, "n", json_integer ((json_int_t)n));
  json_object_set_new (cli->result, "d", json_integer ((json_int_t)d));
  tessera_cli_set_number (cli->result, "perplexity", report->perplexity);
  json_object_set_new (cli->result, "umap_neighbours",
                       made.is_umap ? json_integer ((json_int_t)made.umap.neighbours)
                                    : json_null ());
  tessera_map_set_iterations (cli->result, report);
  tessera_cli_set_number (cli->result, "total_s", report->total_s);
  json_object_set_new (cli->result, "stages", tessera_map_stages (report));
  tessera_cli_set_text (cli->result, "device", made.device);
  tessera_cli_set_text (cli->result, "remark", made.remark);
  tessera_cli_set_number (cli->result, "kl", report->kl);
  tessera_cli_set_number (cli->result, "recall", recall);
  json_object_set_new (cli->result, "recall_rows",
                       json_integer (neighbours ? (json_int_t)rows_checked (n) : 0));
  tessera_bench_report_memory (cli, peak);
  print_made (cli, n, d, &made, recall, peak);
  if (made.remark)
    tessera_cli_note (cli, "%s", made.remark);
  if (made.is_umap)
    tessera_map_note_neighbours (cli, made.umap.neighbours);
  else
    tessera_map_note_perplexity (cli, tessera_options_number (cli->options, "perplexity"), report);
  return measure_trust (cli, x, n, d, y, error);
}

const TesseraCommand tessera_bench_tsne = {
    .name = "bench tsne",
    .arguments = "",
    .summary = "Time the map, stage by stage",
    .details = "The KL divergence is that of openTSNE and scikit-learn. Recall is the share of "
               "true neighbours found, checked on\n"
               "512 rows after the timing.",
    .options = options,
    .run = run,
};
