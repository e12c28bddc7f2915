/* tessera evaluate: how few labels are enough. */

#include "tessera-evaluation.h"
#include "tessera-map-options.h"
#include "tessera-open.h"
#include "tsr-error.h"
#include "tsr-model-config.h"
#include "tsr-model-file.h"
#include "tsr-safetensors.h"

#include <string.h>

static const TesseraOption options[] = {
    {.name = "labels",
     .kind = TESSERA_OPTION_INTEGERS,
     .help = "How many tiles are labelled",
     .fallback = "10,20,50",
     .min = 1,
     .max = 1e6},
    {.name = "runs",
     .kind = TESSERA_OPTION_INTEGER,
     .help = "Run r seeds the first pick and the random draw with r",
     .fallback = "5",
     .min = 1,
     .max = 10000},
    {.name = "strategies",
     .kind = TESSERA_OPTION_CHOICES,
     .choices = TESSERA_STRATEGIES,
     .help = "How tiles are chosen",
     .fallback = "fps,random"},
    {.name = "rules",
     .kind = TESSERA_OPTION_CHOICES,
     .choices = TESSERA_RULES,
     .help = "How labels are spread to the other tiles",
     .fallback = "map"},
    {.name = "rounds",
     .kind = TESSERA_OPTION_INTEGERS,
     .help = "In how many sittings the labels are given; each goes on from those before",
     .fallback = "1",
     .min = 1,
     .max = 1e6},
    {.name = "space",
     .kind = TESSERA_OPTION_CHOICES,
     .choices = "w,z",
     .help = "The latent space of the vectors: the one the encoder was trained in (default), or W "
             "of an encoder of Z, by way of the mapping network"},
    {.name = "reduction",
     .kind = TESSERA_OPTION_CHOICES,
     .choices = "none,pca,umap,tsne",
     .help = "What tiles are chosen on and the rule map goes by: the space itself, its first two "
             "components, UMAP or t-SNE (default: as --method)"},
    {.name = "features",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "w,pixels",
     .help = "What is evaluated: the encoder's W, or raw pixels (32 x 32, PCA to 50), the baseline",
     .fallback = "w"},
    {.name = "remap",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Make a new map for every run, seeded with the run"},
    {.name = "group-by",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "COLUMN",
     .help = "Also the accuracy within each slide (slide), or each value of a joined column"},
    {.name = "picks",
     .kind = TESSERA_OPTION_FLAG,
     .help = "With --json: list the tiles each run labelled"},
    TESSERA_MAP_OPTIONS,
    TESSERA_BALANCE_OPTION,
    TESSERA_DEVICE_OPTION,
    TESSERA_COMMON_OPTIONS};

static bool
contains (char *const *words, const char *word)
{
  return g_strv_contains ((const char *const *)words, word);
}

/* The space of the project's vectors: what its model's encoder says; W where no file tells. */
static TsrLatent
latent_of (TsrProject *project)
{
  g_autofree char *path = tsr_project_get_model (project);
  g_autoptr (TsrSafetensors) file = path ? tsr_safetensors_open (path, NULL) : NULL;
  TsrLatent latent = TSR_LATENT_W;
  if (file)
    tsr_latent_find (tsr_safetensors_metadata (file, TSR_MODEL_LATENT), &latent);
  return latent;
}

/* Vectors of Z have a place in W, where the mapping network takes them; from W no way leads back.
 */
static bool
read_spaces (TesseraCli *cli, TesseraEvaluation *evaluation, GError **error)
{
  char *const *spaces = tessera_options_words (cli->options, "space");
  for (TsrLatent s = TSR_LATENT_W; spaces && s <= TSR_LATENT_Z; s++)
    evaluation->spaces[s] = contains (spaces, tsr_latent_name (s));
  g_autofree char *shown = g_filename_display_name (cli->arguments[0]);
  if (spaces && evaluation->pixels) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 "--space is of the encoder's vectors: leave it out with --features pixels.");
    return false;
  }
  if (evaluation->latent == TSR_LATENT_Z || !evaluation->spaces[TSR_LATENT_Z])
    return true;
  g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
               "The encoder of “%s” was trained in W, from which no way leads back to Z: use "
               "--space w, or train one with “tessera train --latent z”, which has both.",
               shown);
  return false;
}

/* Which space and reductions; not all that can be said can be done. */
static bool
read_ablations (TesseraCli *cli, TsrProject *project, TesseraEvaluation *evaluation, GError **error)
{
  char *const *reductions = tessera_options_words (cli->options, "reduction");
  evaluation->latent = latent_of (project);
  if (!read_spaces (cli, evaluation, error))
    return false;
  if (reductions && tessera_options_given (cli->options, "method")) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 "--reduction says how the map is laid out: leave out --method.");
    return false;
  }
  evaluation->compared = reductions != NULL;
  for (TesseraReduction r = 0; reductions && r < TESSERA_N_REDUCTIONS; r++)
    evaluation->reductions[r] = contains (reductions, tessera_reduction_name (r));
  return true;
}

static uint32_t *
read_counts (TesseraCli *cli, const char *name, size_t *n)
{
  const int64_t *values = tessera_options_integers (cli->options, name, n);
  uint32_t *counts = g_new (uint32_t, *n + 1);
  for (size_t i = 0; i < *n; i++)
    counts[i] = (uint32_t)values[i];
  return counts;
}

/* Labels given all at once leave nothing to be unsure of when tiles are chosen. */
static void
note_single_round (TesseraCli *cli, const TesseraEvaluation *evaluation)
{
  bool unsure =
           evaluation->strategies[TSR_STRATEGY_MARGIN] || evaluation->strategies[TSR_STRATEGY_MIX],
       once = true;
  for (size_t r = 0; r < evaluation->n_rounds; r++)
    once = once && evaluation->rounds[r] == 1;
  if (unsure && once)
    tessera_cli_note (cli, "In one round margin and mix choose as kmeans does, because nothing is "
                           "labelled yet: give --rounds 5, say.");
}

/* A round gives a label at least. */
static void
note_many_rounds (TesseraCli *cli, const TesseraEvaluation *evaluation)
{
  for (size_t r = 0; r < evaluation->n_rounds; r++)
    for (size_t l = 0; l < evaluation->n_labels; l++)
      if (evaluation->rounds[r] > evaluation->labels[l]) {
        tessera_cli_note (cli,
                          "%u labels are given one at a time, in no more than as many rounds; %u "
                          "were asked for.",
                          evaluation->labels[l], evaluation->rounds[r]);
        return;
      }
}

static bool
run (TesseraCli *cli, GError **error)
{
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_ONLY, error);
  if (!project)
    return false;
  TesseraEvaluation evaluation = {
      .map = tessera_map_options (cli),
      .umap = tessera_umap_options (cli),
      .balance = tessera_options_number (cli->options, "balance"),
      .method = tessera_options_text (cli->options, "method"),
      .pixels = strcmp (tessera_options_text (cli->options, "features"), "pixels") == 0,
      .remap = tessera_options_flag (cli->options, "remap"),
      .fresh_map = tessera_options_given (cli->options, "perplexity") ||
                   tessera_options_given (cli->options, "method") ||
                   tessera_options_given (cli->options, "balance") ||
                   tessera_options_given (cli->options, "neighbours") ||
                   tessera_options_given (cli->options, "min-dist") ||
                   tessera_options_given (cli->options, "seed") ||
                   tessera_options_given (cli->options, "iterations") ||
                   tessera_options_given (cli->options, "exaggeration"),
      .picks = tessera_options_flag (cli->options, "picks"),
      .group_by = tessera_options_text (cli->options, "group-by"),
      .runs = (unsigned)tessera_options_integer (cli->options, "runs")};
  if (evaluation.pixels && !tessera_options_given (cli->options, "balance"))
    evaluation.balance = 0; /* the baseline as it is usually made; balanced it was no better */
  char *const *strategies = tessera_options_words (cli->options, "strategies");
  char *const *rules = tessera_options_words (cli->options, "rules");
  for (TsrStrategy s = 0; s < TSR_N_STRATEGIES; s++)
    evaluation.strategies[s] = contains (strategies, tsr_strategy_name (s));
  for (TsrRule r = 0; r < TSR_N_RULES; r++)
    evaluation.rules[r] = contains (rules, tsr_rule_name (r));
  g_autofree uint32_t *labels = read_counts (cli, "labels", &evaluation.n_labels);
  g_autofree uint32_t *rounds = read_counts (cli, "rounds", &evaluation.n_rounds);
  evaluation.labels = labels;
  evaluation.rounds = rounds;
  note_single_round (cli, &evaluation);
  note_many_rounds (cli, &evaluation);
  g_autofree char *model = tsr_project_get_model (project);
  evaluation.model = model;
  if (!read_ablations (cli, project, &evaluation, error))
    return false;
  return tessera_evaluation_run (cli, project, &evaluation, error);
}

const TesseraCommand tessera_command_evaluate = {
    .name = "evaluate",
    .arguments = "PROJECT",
    .summary = "Measure how well few labels classify the rest, playing the annotator from the "
               "ground truth",
    .details = "The map is made once (the project's own, if it has one and no map option is "
               "given). Only tiles that were not\n"
               "labelled are scored. The ground truth serves to play the annotator and to score, "
               "nothing else.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
