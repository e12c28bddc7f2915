#include "tsr-evaluate.h"

#include "tsr-error.h"
#include "tsr-metrics.h"
#include "tsr-propagation.h"
#include "tsr-sampling.h"

#include <math.h>
#include <string.h>

const char *
tsr_strategy_name (TsrStrategy strategy)
{
  static const char *const names[TSR_N_STRATEGIES] = {"fps", "random"};
  return names[strategy];
}

const char *
tsr_evaluate_metric_name (TsrEvaluateMetric metric)
{
  static const char *const names[TSR_N_METRICS] = {"accuracy", "balanced_accuracy", "macro_f1",
                                                   "auc", "classes_found"};
  return names[metric];
}

/* The tiles that take part, close together: row i of the arrays is tile tiles[i] of the input. */
typedef struct {
  const TsrEvaluateInput *input;
  uint32_t n;
  uint32_t *tiles;
  int32_t *truth;
  float *map,
      *w; /* w: NULL if no rule needs it; else owned, or the input's when all tiles take part */
  bool owns_w;
  uint32_t most;     /* the largest number of labels */
  size_t *ascending; /* the input's labels in ascending order: indices */
  double *values;    /* [strategy][rule][labels][metric][run] */
  /* scratch of one scoring */
  int32_t *rest, *predicted;
  float *scores;
} Study;

static void
study_clear (Study *study)
{
  g_free (study->tiles);
  g_free (study->truth);
  g_free (study->map);
  if (study->owns_w)
    g_free (study->w);
  g_free (study->ascending);
  g_free (study->values);
  g_free (study->rest);
  g_free (study->predicted);
  g_free (study->scores);
}

static bool
takes_part (const TsrEvaluateInput *input, uint32_t tile)
{
  if (input->truth[tile] < 0 || (uint32_t)input->truth[tile] >= input->n_classes)
    return false;
  if (input->left_out && input->left_out[tile])
    return false;
  if (!isfinite (input->map[2 * (size_t)tile]) || !isfinite (input->map[2 * (size_t)tile + 1]))
    return false;
  if (input->rules[TSR_RULE_W])
    for (uint32_t k = 0; k < input->d; k++)
      if (!isfinite (input->w[(size_t)tile * input->d + k]))
        return false;
  return true;
}

static void
gather_map (Study *study, const float *map)
{
  for (uint32_t i = 0; i < study->n; i++)
    memcpy (study->map + 2 * (size_t)i, map + 2 * (size_t)study->tiles[i], 2 * sizeof (float));
}

static void
gather_w (Study *study)
{
  const TsrEvaluateInput *input = study->input;
  if (!input->rules[TSR_RULE_W])
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

/* The labels' indices, fewest labels first: labels are only ever added. */
static size_t *
order_labels (const uint32_t *labels, size_t n)
{
  size_t *order = g_new (size_t, n + 1);
  for (size_t i = 0; i < n; i++) {
    size_t at = i;
    for (; at > 0 && labels[order[at - 1]] > labels[i]; at--)
      order[at] = order[at - 1];
    order[at] = i;
  }
  return order;
}

static bool
study_init (Study *study, const TsrEvaluateInput *input, GError **error)
{
  *study = (Study){.input = input, .tiles = g_new (uint32_t, (size_t)input->n + 1)};
  for (uint32_t tile = 0; tile < input->n; tile++)
    if (takes_part (input, tile))
      study->tiles[study->n++] = tile;
  for (size_t i = 0; i < input->n_labels; i++)
    study->most = MAX (study->most, input->labels[i]);
  if (input->n_labels == 0 || input->runs == 0 || study->most >= study->n) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 "%u labels leave nothing to score: only %u tiles have ground truth, a place on "
                 "the map and are not "
                 "excluded. Ask for fewer labels.",
                 study->most, study->n);
    return false;
  }
  size_t n = study->n;
  study->truth = g_new (int32_t, n);
  for (size_t i = 0; i < n; i++)
    study->truth[i] = input->truth[study->tiles[i]];
  study->map = g_new (float, 2 * n);
  gather_map (study, input->map);
  gather_w (study);
  study->ascending = order_labels (input->labels, input->n_labels);
  study->values = g_new (double, (size_t)TSR_N_STRATEGIES *TSR_N_RULES * input->n_labels *
                                     TSR_N_METRICS * input->runs);
  study->rest = g_new (int32_t, n);
  study->predicted = g_new (int32_t, n);
  study->scores = g_new (float, n * input->n_classes);
  return true;
}

/* The runs' values of one cell. */
static double *
cell (Study *study, TsrStrategy strategy, TsrRule rule, size_t label, TsrEvaluateMetric metric)
{
  size_t row = ((size_t)strategy * TSR_N_RULES + rule) * study->input->n_labels + label;
  return study->values + (row * TSR_N_METRICS + metric) * study->input->runs;
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

/* Scores what is not among the first k picks. */
static void
score (Study *study, const TsrPropagation *state, const uint32_t *picks, size_t k,
       TsrStrategy strategy, TsrRule rule, size_t label, unsigned run)
{
  size_t n = study->n, n_classes = study->input->n_classes;
  const TsrPrediction *prediction = tsr_propagation_predictions (state);
  memcpy (study->rest, study->truth, n * sizeof (int32_t));
  for (size_t i = 0; i < k; i++)
    study->rest[picks[i]] = -1;
  for (size_t i = 0; i < n; i++)
    study->predicted[i] = prediction[i].class_id;
  tsr_propagation_scores (state, n_classes, study->scores);
  TsrMetrics *metrics =
      tsr_metrics_new (study->rest, study->predicted, study->scores, n, n_classes);
  cell (study, strategy, rule, label, TSR_METRIC_ACCURACY)[run] = metrics->accuracy;
  cell (study, strategy, rule, label, TSR_METRIC_BALANCED_ACCURACY)[run] =
      metrics->balanced_accuracy;
  cell (study, strategy, rule, label, TSR_METRIC_MACRO_F1)[run] = metrics->macro_f1;
  cell (study, strategy, rule, label, TSR_METRIC_AUC)[run] = metrics->auc;
  cell (study, strategy, rule, label, TSR_METRIC_CLASSES_FOUND)[run] =
      count_classes (study, picks, k);
  tsr_metrics_free (metrics);
}

/* Gives the labels of the picks one budget after the other, scoring in between. */
static void
spread (Study *study, const uint32_t *picks, TsrStrategy strategy, TsrRule rule, unsigned run)
{
  const TsrEvaluateInput *input = study->input;
  TsrPropagation *state = rule == TSR_RULE_MAP ? tsr_propagation_new (study->map, study->n, 2)
                                               : tsr_propagation_new (study->w, study->n, input->d);
  uint32_t given = 0;
  for (size_t i = 0; i < input->n_labels; i++) {
    size_t label = study->ascending[i];
    for (; given < input->labels[label]; given++)
      tsr_propagation_set (state, picks[given], study->truth[picks[given]]);
    score (study, state, picks, given, strategy, rule, label, run);
  }
  tsr_propagation_free (state);
}

static TsrEvaluatePicks *
pick (Study *study, TsrStrategy strategy, unsigned run, uint32_t *picks, GError **error)
{
  size_t found =
      strategy == TSR_STRATEGY_FPS
          ? tsr_sample_fps (study->map, study->n, 2, NULL, NULL, study->most, run, picks, NULL)
          : tsr_sample_random (study->n, NULL, NULL, study->most, run, picks);
  if (found < study->most) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 "Only %zu of %u tiles could be chosen by %s; ask for fewer labels.", found,
                 study->most, tsr_strategy_name (strategy));
    return NULL;
  }
  TsrEvaluatePicks *kept = g_new (TsrEvaluatePicks, 1);
  *kept = (TsrEvaluatePicks){
      .strategy = strategy, .run = run, .tiles = g_new (uint32_t, found + 1), .n = found};
  for (size_t i = 0; i < found; i++)
    kept->tiles[i] = study->tiles[picks[i]];
  return kept;
}

static bool
evaluate_run (Study *study, unsigned run, GPtrArray *kept, GError **error)
{
  const TsrEvaluateInput *input = study->input;
  g_autofree uint32_t *picks = g_new (uint32_t, study->most + 1);
  for (TsrStrategy strategy = 0; strategy < TSR_N_STRATEGIES; strategy++) {
    if (!input->strategies[strategy])
      continue;
    if (!tsr_progress_step (input->progress, (double)run / input->runs, TSR_STAGE ("Evaluating"),
                            error))
      return false;
    TsrEvaluatePicks *chosen = pick (study, strategy, run, picks, error);
    if (!chosen)
      return false;
    g_ptr_array_add (kept, chosen);
    for (TsrRule rule = 0; rule < TSR_N_RULES; rule++)
      if (input->rules[rule])
        spread (study, picks, strategy, rule, run);
  }
  return true;
}

static bool
remap (Study *study, unsigned run, GError **error)
{
  const TsrEvaluateInput *input = study->input;
  g_autofree float *y = g_new (float, 2 * (size_t)input->n + 1);
  if (!input->remap (run, y, input->user, error))
    return false;
  gather_map (study, y);
  for (size_t i = 0; i < 2 * (size_t)study->n; i++)
    if (!isfinite (study->map[i])) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   "The map of run %u has no place for tile %u.", run, study->tiles[i / 2]);
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
add_rows (Study *study, GArray *rows)
{
  const TsrEvaluateInput *input = study->input;
  for (TsrStrategy strategy = 0; strategy < TSR_N_STRATEGIES; strategy++)
    for (TsrRule rule = 0; rule < TSR_N_RULES; rule++)
      for (size_t label = 0; label < input->n_labels; label++) {
        if (!input->strategies[strategy] || !input->rules[rule])
          continue;
        TsrEvaluateRow row = {.strategy = strategy, .rule = rule, .labels = input->labels[label]};
        for (TsrEvaluateMetric metric = 0; metric < TSR_N_METRICS; metric++)
          summarise (cell (study, strategy, rule, label, metric), input->runs, &row.mean[metric],
                     &row.sd[metric]);
        g_array_append_val (rows, row);
      }
}

static void
picks_free (gpointer data)
{
  TsrEvaluatePicks *picks = data;
  g_free (picks->tiles);
  g_free (picks);
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
