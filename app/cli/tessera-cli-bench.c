/* tessera bench: how fast this machine does it. */

#include "tessera-bench.h"

#include "tsr-error.h"

#include <sys/resource.h>
#include <unistd.h>

float *
tessera_bench_floats (size_t n, size_t d, GError **error)
{
  /* Asking malloc is not enough: Linux promises more than there is. */
  double there = (double)sysconf (_SC_PHYS_PAGES) * (double)sysconf (_SC_PAGESIZE);
  float *floats = (double)n * (double)d * sizeof (float) < there
                      ? g_try_malloc_n (n, d * sizeof (float))
                      : NULL;
  if (!floats)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 "%zu points of %zu dimensions do not fit into the memory.", n, d);
  return floats;
}

int64_t
tessera_bench_peak_memory (void)
{
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  return (int64_t)1024 * usage.ru_maxrss;
}

void
tessera_bench_report_memory (TesseraCli *cli, int64_t bytes)
{
  json_object_set_new (cli->result, "peak_memory_bytes", json_integer (bytes));
}

void
tessera_bench_report (TesseraCli *cli, const char *key, const char *text,
                      const TesseraTiming *timing)
{
  json_t *object = json_object ();
  tessera_cli_set_number (object, "median_s", timing->median / 1e3);
  tessera_cli_set_number (object, "p99_s", timing->p99 / 1e3);
  tessera_cli_set_number (object, "worst_s", timing->worst / 1e3);
  json_object_set_new (object, "runs", json_integer (timing->runs));
  json_object_set_new (cli->result, key, object);
  tessera_cli_print (cli, "  %-38s %9.3f  %9.3f  %9.3f\n", text, timing->median, timing->p99,
                     timing->worst);
}

static const TesseraOption options[] = {TESSERA_COMMON_OPTIONS};
static const TesseraCommand *const kinds[] = {
    &tessera_bench_train,    &tessera_bench_embed, &tessera_bench_tsne,
    &tessera_bench_classify, &tessera_bench_draw,  &tessera_bench_import,
    &tessera_bench_slide,    &tessera_bench_lab,   NULL};

const TesseraCommand tessera_command_bench = {
    .name = "bench",
    .arguments = "train|embed|tsne|classify|draw|import|slide|lab",
    .summary = "Measure the speed of this machine",
    .options = options,
    .kinds = kinds,
};
