/* tessera map: the W vectors become a map. */

#include "tessera-map-options.h"
#include "tessera-open.h"
#include "tsr-error.h"
#include "tsr-jobs.h"

#include <math.h>
#include <string.h>

static const TesseraOption options[] = {
    {.name = "fresh",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Lay it out as if there were no map yet (default: like the one before, so that places "
             "are found again)"},
    {.name = "continue",
     .kind = TESSERA_OPTION_FLAG,
     .help = "More iterations of the map that is there, instead of a new one"},
    TESSERA_MAP_OPTIONS,
    TESSERA_BALANCE_OPTION,
    TESSERA_DEVICE_OPTION,
    TESSERA_COMMON_OPTIONS};

/* Ctrl+C while the map forms. */
static TesseraKeep keep;

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
choose_start (TesseraCli *cli, TsrMapStart *start, GError **error)
{
  bool fresh = tessera_options_flag (cli->options, "fresh"),
       more = tessera_options_flag (cli->options, "continue");
  *start = fresh ? TSR_MAP_FRESH : more ? TSR_MAP_CONTINUED : TSR_MAP_ALIGNED;
  if (!more)
    return true;
  const char *against = fresh                                                  ? "--fresh"
                        : tessera_options_given (cli->options, "method")       ? "--method"
                        : tessera_options_given (cli->options, "exaggeration") ? "--exaggeration"
                        : tessera_options_given (cli->options, "balance")      ? "--balance"
                                                                               : NULL;
  if (against)
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, "--continue and %s exclude each other.",
                 against);
  return !against;
}

static void
report_layout (TesseraCli *cli, const TsrMapJob *job, uint32_t tiles)
{
  bool tsne = strcmp (job->method, "tsne") == 0, umap = strcmp (job->method, "umap") == 0;
  json_object_set_new (cli->result, "method", json_string (job->method));
  json_object_set_new (cli->result, "tiles", json_integer (tiles));
  tessera_cli_set_number (cli->result, "perplexity", tsne ? job->report.perplexity : NAN);
  json_object_set_new (cli->result, "umap_neighbours",
                       umap ? json_integer ((json_int_t)job->neighbours) : json_null ());
  tessera_map_set_iterations (cli->result, tsne || umap ? &job->report : NULL);
  tessera_cli_set_number (cli->result, "kl", tsne ? job->report.kl : NAN);
  tessera_cli_set_number (cli->result, "total_s", job->report.total_s);
  json_object_set_new (cli->result, "stages", tessera_map_stages (&job->report));
  tessera_cli_set_text (cli->result, "device", job->device);
  tessera_cli_set_text (cli->result, "remark", job->remark);
  tessera_cli_print (cli, "%u %s on the map", tiles, tessera_cli_noun (tiles, "tile", "tiles"));
  if (tsne && job->report.perplexity > 0) /* fewer than four have none */
    tessera_cli_print (cli, ", perplexity %.3g, KL divergence %.4f, %.1f s", job->report.perplexity,
                       job->report.kl, job->report.total_s);
  if (umap && job->neighbours > 0)
    tessera_cli_print (cli, ", %zu neighbours, %d epochs, %.1f s", job->neighbours,
                       job->report.iterations, job->report.total_s);
  if (job->device)
    tessera_cli_print (cli, " on “%s”", job->device);
  tessera_cli_print (cli, ".\n");
  if (job->remark)
    tessera_cli_note (cli, "%s", job->remark);
  if (tsne)
    tessera_map_note_perplexity (cli, job->options.perplexity, &job->report);
  if (umap)
    tessera_map_note_neighbours (cli, job->neighbours);
}

/* Tiles are never left off in silence. */
static void
report_left_off (TesseraCli *cli, const TsrMapJob *job)
{
  json_object_set_new (cli->result, "left_off", json_integer (job->left_off));
  if (job->left_off > 0)
    tessera_cli_note (cli, "%u %s not embedded yet, and not on the map: “tessera embed” does that.",
                      job->left_off, tessera_cli_noun (job->left_off, "tile is", "tiles are"));
}

/* That Ctrl+C ended it, and how to go on. */
static void
report_stopped (TesseraCli *cli, const TsrMapJob *job)
{
  json_object_set_new (cli->result, "stopped", json_boolean (job->stopped));
  if (!job->stopped)
    return;
  tessera_cli_print (cli, "Stopped: the map is kept as it was after %d iterations",
                     job->earlier + job->report.iterations);
  tessera_cli_print (cli, "%s.\n",
                     strcmp (job->method, "tsne") == 0 ? "; --continue goes on from there" : "");
}

/* What it has kept of the former map. */
static void
report_former (TesseraCli *cli, const TsrMapJob *job)
{
  json_object_set_new (cli->result, "known", json_integer (job->known));
  tessera_cli_set_number (cli->result, "moved", job->moved);
  json_object_set_new (cli->result, "earlier_iterations", json_integer (job->earlier));
  if (job->start == TSR_MAP_CONTINUED)
    tessera_cli_print (cli, "Continued after %d %s", job->earlier,
                       tessera_cli_noun ((guint64)job->earlier, "iteration", "iterations"));
  else if (job->known > 0)
    tessera_cli_print (cli, "Laid out like the map before");
  if (job->known > 0)
    tessera_cli_print (cli, "; the %u %s of it moved by %.3g (median).\n", job->known,
                       tessera_cli_noun (job->known, "tile", "tiles"), job->moved);
}

static void
report_trust (TesseraCli *cli, const TsrMapJob *job)
{
  const TsrTrust *trust = &job->trust;
  json_t *object = json_object ();
  json_object_set_new (object, "neighbours", json_integer ((json_int_t)trust->k));
  json_object_set_new (object, "ranked", json_integer ((json_int_t)trust->ranked));
  tessera_cli_set_number (object, "kept", trust->kept);
  tessera_cli_set_number (object, "trustworthiness", trust->trustworthiness);
  tessera_cli_set_number (object, "continuity", trust->continuity);
  tessera_cli_set_number (object, "seconds", job->trust_s);
  json_object_set_new (cli->result, "trust", object);
  g_autofree char *kept =
      trust->k == 1
          ? g_strdup_printf ("Of %.0f %% of the tiles the one nearest in W is nearest on the map.",
                             100 * trust->kept)
          : g_strdup_printf (
                "Of the %zu nearest tiles in W, %.0f %% are among the %zu nearest on the map.",
                trust->k, 100 * trust->kept, trust->k);
  if (trust->k > 0)
    tessera_cli_print (cli, "%s Trustworthiness %.3f, continuity %.3f.\n", kept,
                       trust->trustworthiness, trust->continuity);
}

static bool
run (TesseraCli *cli, GError **error)
{
  TsrMapStart start;
  if (!choose_start (cli, &start, error) || !tessera_map_check_options (cli, error))
    return false;
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_ONLY, error);
  if (!project)
    return false;
  g_clear_pointer (&project, tsr_project_close);
  TsrMapJob job = {.project = cli->arguments[0],
                   .method = tessera_options_text (cli->options, "method"),
                   .start = start,
                   .options = tessera_map_options (cli),
                   .umap = tessera_umap_options (cli),
                   .balance = tessera_options_number (cli->options, "balance"),
                   .stop = &keep.stop,
                   .forming = &keep.forming,
                   .progress = cli->progress};
  uint32_t tiles;
  g_atomic_pointer_set (&cli->keep, &keep);
  if (!tessera_cli_run_job (cli, "map", TSR_ENGINE_ANY_DEVICE, tsr_job_map, &job, error) ||
      !count_places (cli->arguments[0], &tiles, error))
    return false;
  report_layout (cli, &job, tiles);
  report_left_off (cli, &job);
  report_stopped (cli, &job);
  report_former (cli, &job);
  report_trust (cli, &job);
  g_autoptr (TsrProject) mapped =
      tsr_project_open (cli->arguments[0], TSR_PROJECT_READ_ONLY, error);
  return mapped && tessera_cli_report_vectors (cli, mapped, error);
}

const TesseraCommand tessera_command_map = {
    .name = "map",
    .arguments = "PROJECT",
    .summary = "Lay the embedded tiles out on a map",
    .details = "With few tiles the perplexity is clipped to (n - 1) / 3. Where there is a map "
               "already, the new one begins as that lies\n"
               "and is turned onto it. Ctrl+C while it forms keeps it as it is then; a second one "
               "gives it up.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
