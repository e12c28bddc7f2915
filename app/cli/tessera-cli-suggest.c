/* tessera suggest: which tiles to label next. */

#include "tessera-open.h"
#include "tsr-candidates.h"
#include "tsr-error.h"
#include "tsr-sampling.h"

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
                                         .choices = "fps,random",
                                         .help = "How they are chosen",
                                         .fallback = "fps"},
                                        {.name = "seed",
                                         .kind = TESSERA_OPTION_INTEGER,
                                         .help = "Seeds the first pick (fps) or the draw (random)",
                                         .fallback = "0",
                                         .min = 0,
                                         .max = INT64_MAX},
                                        TESSERA_COMMON_OPTIONS};

/* Chooses k tiles (fewer where there are no more) into chosen. From what was looked at the picks go
 * on, from the labels alone the radii are counted: before the first pick and, with fps, after each.
 */
static size_t
choose (const TsrTable *table, bool fps, size_t k, uint64_t seed, uint32_t **chosen, float **radius,
        float *before)
{
  const float *map = fps ? table->map : NULL;
  g_autofree uint8_t *seen = g_malloc ((size_t)table->n + 1),
                     *blocked = g_malloc ((size_t)table->n + 1);
  k = MIN (k,
           tsr_candidates_mark (map, table->label, table->excluded, table->n, true, seen, blocked));
  *chosen = g_new (uint32_t, k + 1);
  if (!fps)
    return tsr_sample_random (table->n, seen, blocked, k, seed, *chosen);
  k = tsr_sample_fps (map, table->n, 2, seen, blocked, k, seed, *chosen, NULL);
  tsr_candidates_mark (map, table->label, table->excluded, table->n, false, seen, blocked);
  *before = tsr_sample_radius (map, table->n, 2, seen, blocked);
  *radius = g_new (float, k + 1);
  tsr_sample_radii (map, table->n, 2, seen, blocked, *chosen, k, *radius);
  return k;
}

static void
report (TesseraCli *cli, const TsrTable *table, const uint32_t *chosen, const float *radius,
        size_t n, float before)
{
  json_t *tiles = json_array ();
  for (size_t i = 0; i < n; i++) {
    json_t *tile = tessera_cli_tile (table->names, chosen[i]);
    tessera_cli_set_number (tile, "radius_after", radius ? radius[i] : NAN);
    json_array_append_new (tiles, tile);
    g_autofree char *shown = tessera_cli_shown (table->names[chosen[i]]);
    tessera_cli_print (cli, "#%-8u %s\n", chosen[i], shown);
  }
  json_object_set_new (cli->result, "tiles", tiles);
  tessera_cli_set_number (cli->result, "radius", before);
  if (radius && n > 0)
    tessera_cli_print (
        cli, "With these labelled, every tile lies within %.4g map units of a labelled one.\n",
        radius[n - 1]);
}

static bool
run (TesseraCli *cli, GError **error)
{
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_WRITE, error);
  g_autoptr (TsrTable) table =
      project ? tsr_table_new (project, TSR_RULE_MAP, false, &cli->progress, error) : NULL;
  if (!table)
    return false;
  const char *strategy = tessera_options_text (cli->options, "strategy");
  bool fps = strcmp (strategy, "fps") == 0;
  if (fps && !table->map) {
    g_autofree char *shown = g_filename_display_name (cli->arguments[0]);
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 "“%s” has no map yet: run “tessera embed” and “tessera map” first, or use "
                 "--strategy random.",
                 shown);
    return false;
  }
  size_t k = (size_t)tessera_options_integer (cli->options, "k");
  uint64_t seed = (uint64_t)tessera_options_integer (cli->options, "seed");
  g_autofree uint32_t *chosen = NULL;
  g_autofree float *radius = NULL;
  float before = NAN;
  k = choose (table, fps, k, seed, &chosen, &radius, &before);
  json_object_set_new (cli->result, "strategy", json_string (strategy));
  report (cli, table, chosen, radius, k, before);
  return tsr_project_put_suggestions (project, chosen, k, strategy, error);
}

const TesseraCommand tessera_command_suggest = {
    .name = "suggest",
    .arguments = "PROJECT -k N",
    .summary = "Choose diverse tiles to label next, and keep them as the project's suggestions",
    .details = "Farthest point sampling (fps) in the map goes on from what was looked at: labelled "
               "and unsure tiles. Excluded\n"
               "ones are left out.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
