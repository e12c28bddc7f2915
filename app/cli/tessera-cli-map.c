/* tessera map: the W vectors become a map. */

#include "tessera-map-options.h"
#include "tessera-open.h"
#include "tsr-jobs.h"

#include <math.h>
#include <string.h>

static const TesseraOption options[] = {TESSERA_MAP_OPTIONS, TESSERA_BALANCE_OPTION,
                                        TESSERA_COMMON_OPTIONS};

static bool
count_places (const char *path, uint32_t *count, GError **error)
{
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, error);
  g_autofree float *y = NULL;
  uint32_t n = 0;
  *count = 0;
  if (!project)
    return false;
  g_autoptr (GError) cause = NULL;
  if (!tsr_project_get_map (project, &y, &n, NULL, &cause) && cause) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  for (uint32_t i = 0; i < n; i++)
    *count += isfinite (y[2 * (size_t)i]) != 0;
  return true;
}

static bool
run (TesseraCli *cli, GError **error)
{
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_ONLY, error);
  if (!project)
    return false;
  g_clear_pointer (&project, tsr_project_close);
  TsrMapJob job = {.project = cli->arguments[0],
                   .method = tessera_options_text (cli->options, "method"),
                   .options = tessera_map_options (cli),
                   .balance = tessera_options_number (cli->options, "balance"),
                   .progress = cli->progress};
  uint32_t tiles;
  if (!tessera_cli_run_job (cli, "map", false, tsr_job_map, &job, error) ||
      !count_places (cli->arguments[0], &tiles, error))
    return false;
  bool tsne = strcmp (job.method, "tsne") == 0;
  json_object_set_new (cli->result, "method", json_string (job.method));
  json_object_set_new (cli->result, "tiles", json_integer (tiles));
  tessera_cli_set_number (cli->result, "perplexity", tsne ? job.report.perplexity : NAN);
  tessera_map_set_iterations (cli->result, tsne ? &job.report : NULL);
  tessera_cli_set_number (cli->result, "kl", tsne ? job.report.kl : NAN);
  tessera_cli_set_number (cli->result, "total_s", job.report.total_s);
  json_object_set_new (cli->result, "stages", tessera_map_stages (&job.report));
  tessera_cli_print (cli, "%u tiles on the map", tiles);
  if (tsne)
    tessera_cli_print (cli, ", perplexity %.3g, KL divergence %.4f, %.1f s", job.report.perplexity,
                       job.report.kl, job.report.total_s);
  tessera_cli_print (cli, ".\n");
  return true;
}

const TesseraCommand tessera_command_map = {
    .name = "map",
    .arguments = "PROJECT",
    .summary = "Lay the embedded tiles out on a map",
    .details = "With few tiles the perplexity is clipped to (n - 1) / 3.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
