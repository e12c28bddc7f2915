#include "tsr-evaluate.h"

#include "tsr-density.h"
#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-metrics.h"
#include "tsr-vectors.h"

#include <math.h>
#include <string.h>

const char *
tsr_evaluate_metric_name (TsrEvaluateMetric metric)
{
  static const char *const names[TSR_N_METRICS] = {
      "accuracy",      "balanced_accuracy", "macro_f1",         "auc",
      "classes_found", "log_loss",          "calibration_error"};
  return names[metric];
}

/* The tiles that take part, close together: row i of the arrays is tile tiles[i] of the input. */
typedef struct {
  const TsrEvaluateInput *input;
  TsrProgress quiet; /* for what is inside a step: only to be stopped */
  uint32_t n;
  uint32_t *tiles;
  int32_t *truth;
  float *map,
      *w; /* w: NULL if no rule needs it; else owned, or the input's when all tiles take part */
  bool owns_w;
  TsrRuleSpace *space;
  uint8_t *sparse; /* of the map, or NULL: not looked for yet */
  uint32_t most;   /* the largest number of labels */
  double *values;  /* [strategy][rule][rounds][labels][metric][run] */
  double *grouped; /* [strategy][rule][rounds][labels][group]: sum of the runs' accuracies ... */
  unsigned *ran;   /* ... and how many they are; both NULL without groups */
  /* scratch of one scoring */
  int32_t *label, *rest, *predicted;
  TsrRuleResult result;
} Study;

static void
study_clear (Study *study)
{
  g_free (study->tiles);
  g_free (study->truth);
  g_free (study->map);
  if (study->owns_w)
    g_free (study->w);
  tsr_rule_space_free (study->space);
  g_free (study->sparse);
  g_free (study->values);
  g_free (study->grouped);
  g_free (study->ran);
  g_free (study->label);
  g_free (study->rest);
  g_free (study->predicted);
  g_free (study->result.prediction);
  g_free (study->result.probability);
  g_free (study->result.scores);
}

static bool
needs_w (const TsrEvaluateInput *input)
{
  for (TsrRule rule = 0; rule < TSR_N_RULES; rule++)
    if (input->rules[rule] && tsr_rule_needs_w (rule))
      return true;
  return false;
}

static bool
takes_part (const TsrEvaluateInput *input, uint32_t tile)
{
  if (input->truth[tile] < 0 || (uint32_t)input->truth[tile] >= input->n_classes)
    return false;
  if (input->left_out && input->left_out[tile])
    return false;
  return tsr_vectors_row_finite (input->map + (size_t)tile * input->map_d, input->map_d) &&
         (!needs_w (input) ||
          tsr_vectors_row_finite (input->w + (size_t)tile * input->d, input->d));
}

static void
gather_map (Study *study, const float *map)
{
  size_t d = study->input->map_d;
  for (uint32_t i = 0; i < study->n; i++)
    memcpy (study->map + i * d, map + study->tiles[i] * d, d * sizeof (float));
  g_clear_pointer (&study->sparse, g_free);
}

static void
gather_w (Study *study)
{
  const TsrEvaluateInput *input = study->input;
  if (!needs_w (input))
    return;
  if (study->n == input->n) {
    study->w = (float *)input->w;
    return;
  }
  size_t d = input->d;
  study->w = g_new (float, study->n *d + 1);
  study->owns_w = true;
  for (uint32_t i = 0; i < study->n; i++)
    memcpy (study->w + i * d, input->w + study->tiles[i] * d, d * sizeof (float));
}

static bool
study_init (Study *study, const TsrEvaluateInput *input, GError **error)
{
  *study = (Study){.input = input, .tiles = g_new (uint32_t, (size_t)input->n + 1)};
  if (input->progress)
    study->quiet.cancellable = input->progress->cancellable;
  for (uint32_t tile = 0; tile < input->n; tile++)
    if (takes_part (input, tile))
      study->tiles[study->n++] = tile;
  for (size_t i = 0; i < input->n_labels; i++)
    study->most = MAX (study->most, input->labels[i]);
  if (input->n_labels == 0 || input->n_rounds == 0 || input->runs == 0 || study->most >= study->n) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("%u labels leave nothing to score: only %u tiles have ground truth, a place on "
                    "the map and are not "
                    "excluded. Ask for fewer labels."),
                 study->most, study->n);
    return false;
  }
  size_t n = study->n, cells = n * input->n_classes;
  study->truth = g_new (int32_t, n);
  for (size_t i = 0; i < n; i++)
    study->truth[i] = input->truth[study->tiles[i]];
  study->map = g_new (float, n * input->map_d);
  gather_map (study, input->map);
  gather_w (study);
  study->space = tsr_rule_space_new (study->map, input->map_d, study->w, input->d, n, NULL);
  study->values = g_new (double, (size_t)TSR_N_STRATEGIES *TSR_N_RULES * input->n_rounds *
                                     input->n_labels * TSR_N_METRICS * input->runs);
  if (input->group) {
    size_t groups = (size_t)TSR_N_STRATEGIES * TSR_N_RULES * input->n_rounds * input->n_labels *
                    input->n_groups;
    study->grouped = g_new0 (double, groups + 1);
    study->ran = g_new0 (unsigned, groups + 1);
  }
  study->label = g_new (int32_t, n);
  study->rest = g_new (int32_t, n);
  study->predicted = g_new (int32_t, n);
  study->result = (TsrRuleResult){.prediction = g_new (TsrPrediction, n),
                                  .probability = g_new (float, cells),
                                  .scores = g_new (float, cells)};
  return true;
}

/* Where a value belongs. */
typedef struct {
  TsrStrategy strategy;
  TsrRule rule;
  size_t rounds, label; /* indices */
} Place;

static size_t
row_of (const Study *study, Place place)
{
  const TsrEvaluateInput *input = study->input;
  size_t row = ((size_t)place.strategy * TSR_N_RULES + place.rule) * input->n_rounds + place.rounds;
  return row * input->n_labels + place.label;
}

/* The runs' values of one cell. */
static double *
cell (Study *study, Place place, TsrEvaluateMetric metric)
{
  return study->values + (row_of (study, place) * TSR_N_METRICS + metric) * study->input->runs;
}

/* Adds how often this run is right among each group's tiles that are not labelled. */
static void
score_groups (Study *study, Place place)
{
  const TsrEvaluateInput *input = study->input;
  if (!input->group)
    return;
  size_t first = row_of (study, place) * input->n_groups;
  g_autofree uint32_t *right = g_new0 (uint32_t, (size_t)input->n_groups + 1),
                      *all = g_new0 (uint32_t, (size_t)input->n_groups + 1);
  for (size_t i = 0; i < study->n; i++) {
    int32_t group = input->group[study->tiles[i]];
    if (study->rest[i] < 0 || group < 0 || (uint32_t)group >= input->n_groups)
      continue;
    all[group]++;
    right[group] += study->predicted[i] == study->rest[i];
  }
  for (uint32_t g = 0; g < input->n_groups; g++)
    if (all[g] > 0) {
      study->grouped[first + g] += (double)right[g] / all[g];
      study->ran[first + g]++;
    }
}

static unsigned
count_classes (const Study *study, const uint32_t *picks, size_t k)
{
  g_autofree uint8_t *seen = g_new0 (uint8_t, study->input->n_classes);
  unsigned found = 0;
  for (size_t i = 0; i < k; i++) {
    uint8_t *flag = &seen[study->truth[picks[i]]];
    found += !*flag;
    *flag = 1;
  }
  return found;
}

/* What the rule says of the first k picks' labels. */
static bool
predict (Study *study, TsrRule rule, const uint32_t *picks, size_t k, GError **error)
{
  for (size_t i = 0; i < study->n; i++)
    study->label[i] = -1;
  for (size_t i = 0; i < k; i++)
    study->label[picks[i]] = study->truth[picks[i]];
  return tsr_rule_apply (study->space, rule, study->label, study->input->n_classes, &study->result,
                         &study->quiet, error);
}

/* Scores what is not among the first k picks. */
static bool
score (Study *study, const uint32_t *picks, size_t k, Place place, unsigned run, GError **error)
{
  size_t n = study->n, n_classes = study->input->n_classes;
  if (!predict (study, place.rule, picks, k, error))
    return false;
  memcpy (study->rest, study->truth, n * sizeof (int32_t));
  for (size_t i = 0; i < k; i++)
    study->rest[picks[i]] = -1;
  for (size_t i = 0; i < n; i++)
    study->predicted[i] = study->result.prediction[i].class_id;
  TsrMetrics *metrics =
      tsr_metrics_new (study->rest, study->predicted, study->result.scores, n, n_classes);
  const double values[TSR_N_METRICS] = {
      metrics->accuracy,
      metrics->balanced_accuracy,
      metrics->macro_f1,
      metrics->auc,
      count_classes (study, picks, k),
      tsr_log_loss (study->rest, study->result.probability, n, n_classes),
      tsr_calibration_error (study->rest, study->predicted, study->result.probability, n,
                             n_classes)};
  for (TsrEvaluateMetric metric = 0; metric < TSR_N_METRICS; metric++)
    cell (study, place, metric)[run] = values[metric];
  score_groups (study, place);
  tsr_metrics_free (metrics);
  return true;
}

/* --- choosing --- */

static void
keep (Study *study, TsrStrategy strategy, unsigned run, uint32_t rounds, int rule,
      const uint32_t *picks, size_t n, GPtrArray *kept)
{
  TsrEvaluatePicks *copy = g_new (TsrEvaluatePicks, 1);
  *copy = (TsrEvaluatePicks){.strategy = strategy, .run = run, .rounds = rounds, .rule = rule};
  copy->tiles = g_new (uint32_t, n + 1);
  copy->n = n;
  for (size_t i = 0; i < n; i++)
    copy->tiles[i] = study->tiles[picks[i]];
  g_ptr_array_add (kept, copy);
}

static bool
find_sparse (Study *study, GError **error)
{
  if (study->sparse)
    return true;
  study->sparse = g_new (uint8_t, study->n);
  return tsr_density_mark_sparse (study->map, study->n, study->input->map_d, NULL,
                                  TSR_DENSITY_NEIGHBOUR, TSR_DENSITY_SPARSE_SHARE, study->sparse,
                                  &study->quiet, error);
}

/* Picks k tiles in some rounds; the rule's margins are asked for after each where they are needed.
 */
static bool
pick (Study *study, TsrStrategy strategy, TsrRule rule, uint32_t rounds, size_t k, unsigned run,
      uint32_t *picks, GError **error)
{
  size_t n = study->n, given = 0;
  g_autofree uint8_t *labelled = g_new0 (uint8_t, n);
  g_autofree float *margin = g_new (float, n);
  TsrStrategyInput input = {.strategy = strategy,
                            .points = study->map,
                            .n = n,
                            .d = study->input->map_d,
                            .labelled = labelled,
                            .seed = run};
  if (strategy == TSR_STRATEGY_FPS_DENSE && !find_sparse (study, error))
    return false;
  input.sparse = study->sparse;
  for (uint32_t round = 0; round < rounds; round++) {
    size_t found;
    input.k = k * (round + 1) / rounds - given;
    if (given > 0 && input.k > 0 && tsr_strategy_needs_margin (strategy)) {
      if (!predict (study, rule, picks, given, error))
        return false;
      for (size_t i = 0; i < n; i++)
        margin[i] = study->result.prediction[i].margin;
      input.margin = margin;
    }
    if (!tsr_strategy_choose (&input, picks + given, &found, &study->quiet, error))
      return false;
    for (size_t i = 0; i < found; i++)
      labelled[picks[given + i]] = 1;
    given += found;
  }
  if (given == k)
    return true;
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               _ ("Only %zu of %zu tiles could be chosen by %s; ask for fewer labels."), given, k,
               tsr_strategy_name (strategy));
  return false;
}

/* Few picks are the first of many: one choice serves all. */
static bool
evaluate_nested (Study *study, TsrStrategy strategy, unsigned run, uint32_t *picks, GPtrArray *kept,
                 GError **error)
{
  const TsrEvaluateInput *input = study->input;
  if (!pick (study, strategy, 0, 1, study->most, run, picks, error))
    return false;
  keep (study, strategy, run, 0, -1, picks, study->most, kept);
  for (TsrRule rule = 0; rule < TSR_N_RULES; rule++)
    for (size_t label = 0; label < input->n_labels && input->rules[rule]; label++) {
      Place first = {strategy, rule, 0, label};
      if (!score (study, picks, input->labels[label], first, run, error))
        return false;
      for (size_t rounds = 1; rounds < input->n_rounds; rounds++) {
        score_groups (study, (Place){strategy, rule, rounds, label}); /* as just predicted */
        for (TsrEvaluateMetric metric = 0; metric < TSR_N_METRICS; metric++)
          cell (study, (Place){strategy, rule, rounds, label}, metric)[run] =
              cell (study, first, metric)[run];
      }
    }
  return true;
}

/* A choice for each number of labels and rounds, and for each rule where it looks at margins. */
static bool
evaluate_rounds (Study *study, TsrStrategy strategy, unsigned run, uint32_t *picks, GPtrArray *kept,
                 GError **error)
{
  const TsrEvaluateInput *input = study->input;
  bool by_rule = tsr_strategy_needs_margin (strategy);
  for (size_t rounds = 0; rounds < input->n_rounds; rounds++)
    for (size_t label = 0; label < input->n_labels; label++) {
      bool picked = false;
      for (TsrRule rule = 0; rule < TSR_N_RULES; rule++) {
        if (!input->rules[rule])
          continue;
        size_t k = input->labels[label];
        if (!picked || by_rule) {
          if (!pick (study, strategy, rule, input->rounds[rounds], k, run, picks, error))
            return false;
          keep (study, strategy, run, input->rounds[rounds], by_rule ? (int)rule : -1, picks, k,
                kept);
          picked = true;
        }
        if (!score (study, picks, k, (Place){strategy, rule, rounds, label}, run, error))
          return false;
      }
    }
  return true;
}

static bool
evaluate_run (Study *study, unsigned run, GPtrArray *kept, GError **error)
{
  const TsrEvaluateInput *input = study->input;
  g_autofree uint32_t *picks = g_new (uint32_t, study->most + 1);
  for (TsrStrategy strategy = 0; strategy < TSR_N_STRATEGIES; strategy++) {
    double done = (double)run + (double)strategy / TSR_N_STRATEGIES;
    if (!input->strategies[strategy])
      continue;
    if (!tsr_progress_step (input->progress, done / input->runs, TSR_STAGE ("Evaluating"), error))
      return false;
    if (!(tsr_strategy_is_nested (strategy) ? evaluate_nested : evaluate_rounds) (
            study, strategy, run, picks, kept, error))
      return false;
  }
  return true;
}

static bool
remap (Study *study, unsigned run, GError **error)
{
  const TsrEvaluateInput *input = study->input;
  size_t d = input->map_d;
  g_autofree float *y = g_new (float, d *(size_t)input->n + 1);
  if (!input->remap (run, y, input->user, error))
    return false;
  gather_map (study, y);
  for (size_t i = 0; i < d * study->n; i++)
    if (!isfinite (study->map[i])) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   _ ("The map of run %u has no place for tile %u."), run, study->tiles[i / d]);
      return false;
    }
  return true;
}

/* Mean and sample deviation of the values that are defined. */
static void
summarise (const double *values, unsigned n, double *mean, double *sd)
{
  double sum = 0, squares = 0;
  unsigned count = 0;
  for (unsigned i = 0; i < n; i++)
    if (isfinite (values[i])) {
      sum += values[i];
      count++;
    }
  *mean = count ? sum / count : NAN;
  for (unsigned i = 0; i < n; i++)
    if (isfinite (values[i]))
      squares += (values[i] - *mean) * (values[i] - *mean);
  *sd = count > 1 ? sqrt (squares / (count - 1)) : NAN;
}

static void
add_row (Study *study, Place place, GArray *rows)
{
  const TsrEvaluateInput *input = study->input;
  TsrEvaluateRow row = {.strategy = place.strategy,
                        .rule = place.rule,
                        .labels = input->labels[place.label],
                        .rounds = input->rounds[place.rounds]};
  for (TsrEvaluateMetric metric = 0; metric < TSR_N_METRICS; metric++)
    summarise (cell (study, place, metric), input->runs, &row.mean[metric], &row.sd[metric]);
  if (input->group) {
    size_t first = row_of (study, place) * input->n_groups;
    row.group = g_new (double, (size_t)input->n_groups + 1);
    for (uint32_t g = 0; g < input->n_groups; g++)
      row.group[g] = study->ran[first + g] > 0 ? study->grouped[first + g] / study->ran[first + g]
                                               : (double)NAN;
  }
  g_array_append_val (rows, row);
}

static void
add_rows (Study *study, GArray *rows)
{
  const TsrEvaluateInput *input = study->input;
  for (TsrStrategy strategy = 0; strategy < TSR_N_STRATEGIES; strategy++)
    for (TsrRule rule = 0; rule < TSR_N_RULES; rule++)
      for (size_t rounds = 0; rounds < input->n_rounds; rounds++)
        for (size_t label = 0; label < input->n_labels; label++)
          if (input->strategies[strategy] && input->rules[rule])
            add_row (study, (Place){strategy, rule, rounds, label}, rows);
}

static void
picks_free (gpointer data)
{
  TsrEvaluatePicks *picks = data;
  g_free (picks->tiles);
  g_free (picks);
}

static void
row_clear (gpointer data)
{
  g_free (((TsrEvaluateRow *)data)->group);
}

void
tsr_evaluate_result_free (TsrEvaluateResult *result)
{
  if (!result)
    return;
  g_array_unref (result->rows);
  g_ptr_array_unref (result->picks);
  g_free (result);
}

TsrEvaluateResult *
tsr_evaluate (const TsrEvaluateInput *input, GError **error)
{
  Study study;
  g_autoptr (TsrEvaluateResult) result = g_new0 (TsrEvaluateResult, 1);
  result->rows = g_array_new (FALSE, FALSE, sizeof (TsrEvaluateRow));
  g_array_set_clear_func (result->rows, row_clear);
  result->picks = g_ptr_array_new_with_free_func (picks_free);
  bool ok = study_init (&study, input, error);
  for (unsigned run = 0; ok && run < input->runs; run++)
    ok = (!input->remap || remap (&study, run, error)) &&
         evaluate_run (&study, run, result->picks, error);
  if (ok) {
    add_rows (&study, result->rows);
    result->tiles = study.n;
  }
  study_clear (&study);
  return ok ? g_steal_pointer (&result) : NULL;
}
