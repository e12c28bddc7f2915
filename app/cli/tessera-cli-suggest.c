/* tessera suggest: which tiles to label next. */

#include "tessera-open.h"
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

/* What the sampler is told about the tiles. */
typedef struct {
  uint8_t *labelled, *blocked;
  float *points; /* finite everywhere; blocked tiles may lie anywhere */
  uint32_t n, free;
} Candidates;

static void
candidates_clear (Candidates *candidates)
{
  g_free (candidates->labelled);
  g_free (candidates->blocked);
  g_free (candidates->points);
}

static void
candidates_init (Candidates *candidates, const TsrTable *table, bool needs_place)
{
  *candidates = (Candidates){.labelled = g_new0 (uint8_t, (size_t)table->n + 1),
                             .blocked = g_new0 (uint8_t, (size_t)table->n + 1),
                             .points = g_new0 (float, 2 * (size_t)table->n + 1),
                             .n = table->n};
  for (uint32_t i = 0; i < table->n; i++) {
    float *point = candidates->points + 2 * (size_t)i;
    if (table->map)
      memcpy (point, table->map + 2 * (size_t)i, 2 * sizeof (float));
    bool placed = table->map && isfinite (point[0]) && isfinite (point[1]);
    if (!placed)
      point[0] = point[1] = 0;
    candidates->blocked[i] =
        table->excluded[i] || table->label[i] == TSR_LABEL_UNSURE || (needs_place && !placed);
    candidates->labelled[i] = !candidates->blocked[i] && table->label[i] >= 0;
    candidates->free += !candidates->blocked[i] && !candidates->labelled[i];
  }
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
  Candidates candidates;
  candidates_init (&candidates, table, fps);
  k = MIN (k, candidates.free);
  g_autofree uint32_t *chosen = g_new (uint32_t, k + 1);
  g_autofree float *radius = g_new (float, k + 1);
  float before = fps ? tsr_sample_radius (candidates.points, candidates.n, 2, candidates.labelled,
                                          candidates.blocked)
                     : NAN;
  if (fps)
    k = tsr_sample_fps (candidates.points, candidates.n, 2, candidates.labelled, candidates.blocked,
                        k, seed, chosen, radius);
  else
    k = tsr_sample_random (candidates.n, candidates.labelled, candidates.blocked, k, seed, chosen);
  candidates_clear (&candidates);
  json_object_set_new (cli->result, "strategy", json_string (strategy));
  report (cli, table, chosen, fps ? radius : NULL, k, before);
  return tsr_project_put_suggestions (project, chosen, k, strategy, error);
}

const TesseraCommand tessera_command_suggest = {
    .name = "suggest",
    .arguments = "PROJECT -k N",
    .summary = "Choose diverse tiles to label next, and keep them as the project's suggestions",
    .details = "Farthest point sampling (fps) in the map goes on from what is labelled. Excluded "
               "and unsure tiles are left out.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
