/* tessera demo without a window: the same job, as a table and pictures. With a display the window
 * shows it instead (tessera_cli_main returns -1). */

#include "tessera-cli.h"
#include "tessera-evaluation.h"
#include "tessera-open.h"
#include "tsr-balance.h"
#include "tsr-candidates.h"
#include "tsr-demo-project.h"
#include "tsr-export.h"
#include "tsr-jobs.h"
#include "tsr-map-figure.h"
#include "tsr-strategy.h"

#include <string.h>

#define N_SUGGESTIONS 20

static const TesseraOption options[] = {
    {.name = "headless",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Do not open the window, even with a display"},
    {.name = "reset",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Make the demonstration anew; its labels are gone"},
    {.name = "untrained",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Only make the project, without the shipped model, to train one on its tiles"},
    TESSERA_DEVICE_OPTION,
    TESSERA_COMMON_OPTIONS};

typedef struct {
  TesseraCli *cli;
  char *folder, *path;
  TsrProject *project;
} Demo;

/* Embeds and maps what an earlier start has not. */
static bool
compute (Demo *demo, GError **error)
{
  TesseraCli *cli = demo->cli;
  g_autofree float *w = NULL, *y = NULL;
  uint32_t d, n;
  g_autoptr (GError) cause = NULL;
  bool embedded = tsr_project_get_vectors (demo->project, &w, &d, NULL, &cause);
  bool mapped = !cause && tsr_project_get_map (demo->project, &y, &n, NULL, &cause);
  if (!cause && !embedded) {
    TsrEmbedJob job = {.project = demo->path, .progress = cli->progress};
    embedded = tessera_cli_run_job (cli, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &job, &cause);
    mapped = false;
  }
  if (!cause && embedded && !mapped) {
    TsrMapJob job = {
        .project = demo->path, .method = "tsne", .balance = TSR_BALANCE, .progress = cli->progress};
    mapped = tessera_cli_run_job (cli, "map", TSR_ENGINE_ANY_DEVICE, tsr_job_map, &job, &cause);
  }
  if (!cause)
    return true;
  g_propagate_error (error, g_steal_pointer (&cause));
  return false;
}

/* What the window would suggest, on from what the user may have looked at there. */
static bool
suggest (Demo *demo, const TsrTable *table, uint32_t *chosen, size_t *k, GError **error)
{
  g_autofree uint8_t *seen = g_new (uint8_t, (size_t)table->n + 1),
                     *blocked = g_new (uint8_t, (size_t)table->n + 1);
  tsr_candidates_mark (table->map, 2, table->label, table->excluded, table->n, true, seen, blocked);
  TsrStrategyInput input = {.strategy = TSR_STRATEGY_DEFAULT,
                            .points = table->map,
                            .n = table->n,
                            .d = 2,
                            .labelled = seen,
                            .blocked = blocked,
                            .k = N_SUGGESTIONS};
  *k = 0;
  return (!table->map || tsr_strategy_choose (&input, chosen, k, &demo->cli->progress, error)) &&
         tsr_project_put_suggestions (demo->project, chosen, *k,
                                      tsr_strategy_name (TSR_STRATEGY_DEFAULT), error);
}

static bool
write_file (Demo *demo, const TsrTable *table, const TsrFigureOptions *figure, const char *name,
            GError **error)
{
  g_autofree char *path = g_build_filename (demo->folder, name, NULL);
  if (!tsr_map_figure_write (table, figure, path, &demo->cli->progress, error))
    return false;
  json_array_append_new (json_object_get (demo->cli->result, "files"), json_string (path));
  g_autofree char *shown = tessera_cli_shown (path);
  tessera_cli_print (demo->cli, "  %s\n", shown);
  return true;
}

static bool
write_pictures (Demo *demo, const TsrTable *table, const uint32_t *chosen, size_t k, GError **error)
{
  TesseraCli *cli = demo->cli;
  bool labels = table->prediction != NULL;
  TsrFigureOptions figure = {.color = labels ? TSR_FIGURE_BY_PREDICTION : TSR_FIGURE_BY_TRUTH,
                             .title = "Tessera: the demonstration's map",
                             .english = true, /* as all the command line says of it */
                             .suggestions = chosen,
                             .n_suggestions = k};
  tsr_demo_project_clear_results (demo->folder);
  tessera_cli_print (cli, "\nWritten:\n");
  g_autofree char *thumbnails = g_build_filename (demo->folder, TSR_DEMO_SUGGESTED, NULL);
  if (!write_file (demo, table, &figure, TSR_DEMO_PICTURE, error) ||
      !write_file (demo, table, &figure, TSR_DEMO_DRAWING, error) ||
      !tsr_export_thumbnails (demo->project, chosen, k, thumbnails, error))
    return false;
  json_array_append_new (json_object_get (cli->result, "files"), json_string (thumbnails));
  g_autofree char *shown = tessera_cli_shown (thumbnails);
  tessera_cli_print (cli, "  %s: the %zu %s to label first\n", shown, k,
                     tessera_cli_noun (k, "tile", "tiles"));
  return true;
}

static bool
evaluate (Demo *demo, GError **error)
{
  static const uint32_t labels[] = {10, 20, 50};
  TesseraEvaluation evaluation = {.strategies = {true, true},
                                  .rules = {true, false},
                                  .labels = labels,
                                  .n_labels = G_N_ELEMENTS (labels),
                                  .runs = 5,
                                  .method = "tsne"};
  return tessera_evaluation_run (demo->cli, demo->project, &evaluation, error);
}

static bool
show (Demo *demo, GError **error)
{
  uint32_t chosen[N_SUGGESTIONS];
  size_t k = 0;
  demo->project = tsr_project_open (demo->path, TSR_PROJECT_READ_WRITE, error);
  if (!demo->project || !compute (demo, error) || !evaluate (demo, error))
    return false;
  g_autoptr (TsrTable) table =
      tsr_table_new (demo->project, TSR_RULE_MAP, false, &demo->cli->progress, error);
  return table && suggest (demo, table, chosen, &k, error) &&
         write_pictures (demo, table, chosen, k, error);
}

static bool
run (TesseraCli *cli, GError **error)
{
  Demo demo = {.cli = cli};
  bool fresh = false, reset = tessera_options_flag (cli->options, "reset");
  demo.folder = cli->n_arguments ? g_canonicalize_filename (cli->arguments[0], NULL)
                                 : tsr_demo_project_folder ();
  if (!tessera_cli_has_display ())
    tessera_cli_note (
        cli,
        "There is no display to open the window on: showing the demonstration as files instead.");
  bool untrained = tessera_options_flag (cli->options, "untrained");
  g_autofree char *model = untrained ? NULL : tsr_demo_model_find (TESSERA_PKGDATADIR, error);
  demo.path = model || untrained ? tsr_demo_project_prepare (demo.folder, model, reset, &fresh,
                                                             &cli->progress, error)
                                 : NULL;
  if (demo.path) {
    tessera_cli_set_text (cli->result, "project", demo.path);
    json_object_set_new (cli->result, "fresh", json_boolean (fresh));
    json_object_set_new (cli->result, "files", json_array ());
  }
  bool ok = demo.path && (untrained || show (&demo, error));
  if (ok) {
    g_autofree char *shown = tessera_cli_shown (demo.path);
    tessera_cli_print (cli, "  %s: the project, to open in the window\n", shown);
  }
  g_clear_pointer (&demo.project, tsr_project_close);
  g_free (demo.folder);
  g_free (demo.path);
  return ok;
}

const TesseraCommand tessera_command_demo = {
    .name = "demo",
    .arguments = "[DIR]",
    .summary =
        "Show the demonstration: in the window, or without a display as a table and pictures",
    .details = "It lives in DIR, new, empty or an earlier demonstration's, by default "
               "$XDG_DATA_HOME/tessera/demo. Without a window it is "
               "embedded and mapped, evaluated\n"
               "against its ground truth, and map.png, map.svg and the suggested tiles' thumbnails "
               "are written there.",
    .options = options,
    .max_arguments = 1,
    .run = run,
};
