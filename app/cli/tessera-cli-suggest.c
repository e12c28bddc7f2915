/* tessera suggest: which tiles to label next. */

#include "tessera-open.h"
#include "tsr-candidates.h"
#include "tsr-error.h"
#include "tsr-sampling.h"
#include "tsr-strategy.h"

#include <math.h>
#include <string.h>

static const TesseraOption options[] = {{.name = "k",
                                         .letter = 'k',
                                         .kind = TESSERA_OPTION_INTEGER,
                                         .value_name = "N",
                                         .help = "How many tiles",
                                         .fallback = "10",
                                         .min = 1,
                                         .max = 1e6},
                                        {.name = "strategy",
                                         .kind = TESSERA_OPTION_CHOICE,
                                         .choices = TESSERA_STRATEGIES,
                                         .help = "How they are chosen (default: the project's "
                                                 "setting, else kmeans)"},
                                        {.name = "in",
                                         .kind = TESSERA_OPTION_CHOICE,
                                         .choices = "map,w",
                                         .help = "Where they are apart, dense or typical",
                                         .fallback = "map"},
                                        {.name = "rule",
                                         .kind = TESSERA_OPTION_CHOICE,
                                         .choices = TESSERA_RULES,
                                         .help = "By whose predictions margin and mix go (default: "
                                                 "the project's setting, else map)"},
                                        {.name = "seed",
                                         .kind = TESSERA_OPTION_INTEGER,
                                         .help = "Seeds the first pick or the draw",
                                         .fallback = "0",
                                         .min = 0,
                                         .max = INT64_MAX},
                                        TESSERA_COMMON_OPTIONS};

/* What is chosen, and how far apart it is. */
typedef struct {
  TsrStrategy strategy;
  const float *points; /* the map or W; NULL: places do not matter */
  uint32_t d;
  size_t k;
  uint64_t seed;
  uint32_t *chosen; /* [k] */
  float *radius;    /* [k] or NULL */
  float before;
} Choice;

/* Chooses k tiles (fewer where there are no more). From what was looked at the picks go on, from
 * the labels alone the radii are counted: before the first pick and after each. */
static bool
choose (TesseraCli *cli, const TsrTable *table, Choice *choice, GError **error)
{
  g_autofree uint8_t *seen = g_malloc ((size_t)table->n + 1),
                     *blocked = g_malloc ((size_t)table->n + 1);
  g_autofree float *margin = table->prediction ? g_new (float, (size_t)table->n + 1) : NULL;
  for (uint32_t i = 0; margin && i < table->n; i++)
    margin[i] = table->prediction[i].margin;
  uint32_t candidates = tsr_candidates_mark (choice->points, choice->d, table->label,
                                             table->excluded, table->n, true, seen, blocked);
  TsrStrategyInput input = {.strategy = choice->strategy,
                            .points = choice->points,
                            .n = table->n,
                            .d = choice->d,
                            .labelled = seen,
                            .blocked = blocked,
                            .margin = margin,
                            .k = MIN (choice->k, candidates),
                            .seed = choice->seed};
  choice->chosen = g_new (uint32_t, input.k + 1);
  if (!tsr_strategy_choose (&input, choice->chosen, &choice->k, &cli->progress, error))
    return false;
  if (!choice->points)
    return true;
  tsr_candidates_mark (choice->points, choice->d, table->label, table->excluded, table->n, false,
                       seen, blocked);
  choice->before = tsr_sample_radius (choice->points, table->n, choice->d, seen, blocked);
  choice->radius = g_new (float, choice->k + 1);
  tsr_sample_radii (choice->points, table->n, choice->d, seen, blocked, choice->chosen, choice->k,
                    choice->radius);
  return true;
}

static void
report (TesseraCli *cli, const TsrTable *table, const Choice *choice, bool in_w)
{
  json_t *tiles = json_array ();
  const float *radius = choice->radius;
  for (size_t i = 0; i < choice->k; i++) {
    json_t *tile = tessera_cli_tile (table->names, choice->chosen[i]);
    tessera_cli_set_number (tile, "radius_after", radius ? radius[i] : NAN);
    json_array_append_new (tiles, tile);
    g_autofree char *shown = tessera_cli_shown (table->names[choice->chosen[i]]);
    tessera_cli_print (cli, "#%-8u %s\n", choice->chosen[i], shown);
  }
  json_object_set_new (cli->result, "tiles", tiles);
  tessera_cli_set_number (cli->result, "radius", choice->before);
  if (radius && choice->k > 0)
    tessera_cli_print (
        cli, "With these labelled, every tile lies within %.4g %s units of a labelled one.\n",
        radius[choice->k - 1], in_w ? "W" : "map");
}

static bool
lacks (TesseraCli *cli, const char *what, GError **error)
{
  g_autofree char *shown = g_filename_display_name (cli->arguments[0]);
  g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
               "“%s” has no %s first, or use --strategy random.", shown, what);
  return false;
}

/* Where the choice is made. *w keeps the vectors. */
static bool
find_points (TesseraCli *cli, TsrProject *project, const TsrTable *table, bool in_w, Choice *choice,
             float **w, GError **error)
{
  if (choice->strategy == TSR_STRATEGY_RANDOM)
    return true;
  choice->points = table->map;
  choice->d = 2;
  if (!in_w)
    return table->map || lacks (cli, "map yet: run “tessera embed” and “tessera map”", error);
  g_autoptr (GError) cause = NULL;
  if (!tsr_project_get_vectors (project, w, &choice->d, NULL, &cause)) {
    if (!cause)
      return lacks (cli, "W vectors yet: run “tessera embed”", error);
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  choice->points = *w;
  return true;
}

static bool
run (TesseraCli *cli, GError **error)
{
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_WRITE, error);
  const char *given = tessera_options_text (cli->options, "strategy");
  g_autofree char *stored = project && !given ? tsr_project_get (project, "strategy") : NULL;
  Choice choice = {.before = NAN,
                   .k = (size_t)tessera_options_integer (cli->options, "k"),
                   .seed = (uint64_t)tessera_options_integer (cli->options, "seed"),
                   .strategy = TSR_STRATEGY_DEFAULT};
  tsr_strategy_from_name (given ? given : stored, &choice.strategy);
  const char *name = tsr_strategy_name (choice.strategy);
  bool in_w = strcmp (tessera_options_text (cli->options, "in"), "w") == 0;
  TsrRule rule = project && tsr_strategy_needs_margin (choice.strategy)
                     ? tessera_cli_rule (cli, project)
                     : TSR_RULE_MAP;
  g_autoptr (TsrTable) table =
      project ? tsr_table_new (project, rule, false, &cli->progress, error) : NULL;
  g_autofree float *w = NULL;
  bool ok = table && find_points (cli, project, table, in_w, &choice, &w, error) &&
            choose (cli, table, &choice, error);
  if (ok) {
    json_object_set_new (cli->result, "strategy", json_string (name));
    report (cli, table, &choice, in_w);
    ok = tsr_project_put_suggestions (project, choice.chosen, choice.k, name, error);
  }
  g_free (choice.chosen);
  g_free (choice.radius);
  return ok;
}

const TesseraCommand tessera_command_suggest = {
    .name = "suggest",
    .arguments = "PROJECT -k N",
    .summary = "Choose diverse tiles to label next, and keep them as the project's suggestions",
    .details = "All strategies go on from what was looked at: labelled and unsure tiles. Excluded "
               "ones are left out. Typical ones\n"
               "(kmeans), farthest points (fps: the paper's way), the same without outliers "
               "(fps-dense), those that are least sure\n"
               "(margin), typical at first and unsure later (mix), or a draw (random).",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
