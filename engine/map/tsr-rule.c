#include "tsr-rule-private.h"

#include "tsr-calibration.h"
#include "tsr-distance.h"
#include "tsr-i18n.h"
#include "tsr-parallel.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define NONE UINT32_MAX

static const char *const names[TSR_N_RULES] = {"map", "w", "knn", "spread", "linear"};

const char *
tsr_rule_name (TsrRule rule)
{
  return names[rule];
}

const char *
tsr_rule_description (TsrRule rule)
{
  /* Translators: what a prediction follows; W is the model's own space */
  static const char *const texts[TSR_N_RULES] = {
      N_ ("nearest label in the map"), N_ ("nearest label in W"), N_ ("nearest labels in W"),
      N_ ("labels spread in W"), N_ ("linear rule in W")};
  return texts[rule];
}

bool
tsr_rule_from_name (const char *name, TsrRule *rule)
{
  for (int r = 0; name && r < TSR_N_RULES; r++)
    if (strcmp (name, names[r]) == 0) {
      *rule = (TsrRule)r;
      return true;
    }
  return false;
}

bool
tsr_rule_needs_w (TsrRule rule)
{
  return rule != TSR_RULE_MAP;
}

TsrRuleSpace *
tsr_rule_space_new (const float *map, size_t map_d, const float *w, size_t d, size_t n,
                    const uint8_t *blocked)
{
  TsrRuleSpace *space = g_new0 (TsrRuleSpace, 1);
  *space = (TsrRuleSpace){.map = map, .w = w, .map_d = map_d, .d = d, .n = n};
  space->blocked = g_new0 (uint8_t, n + 1);
  for (size_t i = 0; blocked && i < n; i++)
    space->blocked[i] = blocked[i] != 0;
  return space;
}

void
tsr_rule_space_free (TsrRuleSpace *space)
{
  if (!space)
    return;
  g_free (space->blocked);
  g_free (space->mean);
  g_free (space->scale);
  tsr_spread_graph_free (space->graph);
  tsr_followed_free (space->followed);
  g_free (space);
}

void
tsr_ruling_mark_alone (TsrRuling *ruling, size_t i, size_t own_count)
{
  if (own_count < 2)
    ruling->held[i * ruling->n_classes + (size_t)ruling->held_label[i]] = -INFINITY;
}

/* --- from logits to predictions --- */

typedef struct {
  const TsrRuling *ruling;
  const int32_t *label;
  double temperature;
  TsrFollow *follow; /* of the rules that do not come with a tile to follow, else NULL */
} Finish;

static void
predict (const Finish *finish, const float *probability, TsrPrediction *prediction)
{
  const TsrRuling *ruling = finish->ruling;
  size_t best = SIZE_MAX;
  float next = 0;
  for (size_t c = 0; c < ruling->n_classes; c++)
    if (ruling->count[c] > 0 && (best == SIZE_MAX || probability[c] > probability[best]))
      best = c;
  for (size_t c = 0; c < ruling->n_classes; c++)
    if (c != best)
      next = fmaxf (next, probability[c]);
  prediction->class_id = (int32_t)best;
  prediction->margin = ruling->seen > 1 ? fmaxf (0, probability[best] - next) : 1;
}

static void
finish_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Finish *finish = data;
  const TsrRuling *ruling = finish->ruling;
  size_t n_classes = ruling->n_classes;
  g_autofree uint32_t *following = g_new (uint32_t, end - begin);
  size_t count = 0;
  for (size_t i = begin; i < end; i++) {
    float *row = ruling->logits + i * n_classes;
    TsrPrediction *prediction = &ruling->prediction[i];
    bool blocked = ruling->space->blocked[i];
    if (blocked || finish->label[i] >= 0)
      memset (row, 0, n_classes * sizeof *row);
    if (blocked) {
      *prediction = (TsrPrediction){TSR_NO_CLASS, NONE, INFINITY, 0};
    } else if (finish->label[i] >= 0) {
      row[finish->label[i]] = 1;
      if (ruling->rule > TSR_RULE_W)
        *prediction = (TsrPrediction){finish->label[i], (uint32_t)i, 0, 1};
    } else {
      tsr_calibration_apply (row, n_classes, finish->temperature, ruling->labels);
      if (finish->follow) {
        predict (finish, row, prediction);
        following[count++] = (uint32_t)i;
      }
    }
  }
  if (finish->follow)
    tsr_follow_find (finish->follow, following, count, ruling->prediction);
}

/* --- the labels --- */

static void
gather_labels (TsrRuling *ruling, const int32_t *label)
{
  size_t n = ruling->space->n;
  ruling->tile = g_new (uint32_t, n + 1);
  ruling->label = g_new (int32_t, n + 1);
  ruling->count = g_new0 (size_t, ruling->n_classes + 1);
  for (size_t i = 0; i < n; i++)
    if (label[i] >= 0 && !ruling->space->blocked[i]) {
      ruling->seen += ruling->count[label[i]]++ == 0;
      ruling->tile[ruling->labels] = (uint32_t)i;
      ruling->label[ruling->labels++] = label[i];
    }
}

/* With one class there is nothing to weigh. */
static void
only_class (TsrRuling *ruling)
{
  for (size_t i = 0; i < ruling->space->n; i++)
    for (size_t c = 0; c < ruling->n_classes; c++)
      ruling->logits[i * ruling->n_classes + c] = ruling->count[c] > 0 ? 0 : -INFINITY;
}

/* Whether what the rule goes by is finite; looked at once. */
static bool
check (TsrRuling *ruling, GError **error)
{
  TsrRuleSpace *space = ruling->space;
  bool in_w = tsr_rule_needs_w (ruling->rule);
  space->checked[in_w] = space->checked[in_w] ||
                         tsr_points_check (in_w ? space->w : space->map, space->n,
                                           in_w ? space->d : space->map_d, space->blocked, error);
  return space->checked[in_w];
}

static bool
rule_on (TsrRuling *ruling, GError **error)
{
  if (!check (ruling, error))
    return false;
  if (ruling->rule < TSR_RULE_KNN)
    return tsr_ruling_nearest (ruling, error);
  if (ruling->seen < 2) {
    only_class (ruling);
    return true;
  }
  return ruling->rule == TSR_RULE_KNN      ? tsr_ruling_nearest (ruling, error)
         : ruling->rule == TSR_RULE_SPREAD ? tsr_ruling_spread (ruling, error)
                                           : tsr_ruling_linear (ruling, error);
}

size_t
tsr_ruling_asked (const TsrRuling *ruling, size_t i)
{
  return (size_t)((double)i * (double)ruling->labels / (double)ruling->asked);
}

/* The class the others say an asked label has: of the highest logit, the lower of equal ones. */
static int32_t
told_class (const TsrRuling *ruling, size_t i)
{
  const float *row = ruling->held + i * ruling->n_classes;
  size_t best = 0;
  for (size_t c = 1; c < ruling->n_classes; c++)
    if (row[c] > row[best])
      best = c;
  return row[best] > -INFINITY ? (int32_t)best : TSR_NO_CLASS;
}

/* What the labels say of each other, which is also what the calibration goes by. */
static void
note_held (const TsrRuling *ruling, TsrRuleResult *result)
{
  for (size_t i = 0; result->told && i < ruling->space->n; i++)
    result->told[i] = TSR_NO_CLASS;
  if (ruling->seen < 2)
    return;
  result->held = ruling->asked;
  for (size_t i = 0; i < ruling->asked; i++) {
    int32_t own = ruling->held_label[i], told = told_class (ruling, i);
    bool alone = ruling->count[own] < 2;
    result->held_right += !alone && told == own;
    if (result->told && !alone)
      result->told[ruling->tile[tsr_ruling_asked (ruling, i)]] = told;
  }
}

static TsrFollow *
follow_new (const TsrRuling *ruling)
{
  TsrRuleSpace *space = ruling->space;
  TsrFollow *follow = tsr_follow_new (space->w, space->d, ruling->tile, ruling->label,
                                      ruling->labels, ruling->n_classes);
  if (!space->followed)
    space->followed = tsr_followed_new (space->n);
  tsr_follow_use (follow, space->followed);
  return follow;
}

bool
tsr_rule_apply (TsrRuleSpace *space, TsrRule rule, const int32_t *label, size_t n_classes,
                TsrRuleResult *result, const TsrProgress *progress, GError **error)
{
  TsrRuling ruling = {.space = space, .rule = rule, .n_classes = n_classes, .progress = progress};
  size_t cells = space->n * n_classes;
  ruling.prediction = result->prediction;
  ruling.logits = result->probability;
  ruling.scores = result->scores;
  gather_labels (&ruling, label);
  result->temperature = 1;
  result->held = result->held_right = 0;
  bool ok = true;
  for (size_t i = 0; result->told && ruling.labels == 0 && i < space->n; i++)
    result->told[i] = TSR_NO_CLASS;
  if (ruling.labels == 0) {
    memset (result->probability, 0, cells * sizeof (float));
    for (size_t i = 0; i < space->n; i++)
      result->prediction[i] = (TsrPrediction){TSR_NO_CLASS, NONE, INFINITY, 0};
  } else if ((ok = rule_on (&ruling, error))) {
    result->temperature =
        tsr_calibration_temperature (ruling.held, ruling.held_label, ruling.asked, n_classes);
    note_held (&ruling, result);
    Finish finish = {.ruling = &ruling, .label = label, .temperature = result->temperature};
    if (rule > TSR_RULE_W)
      finish.follow = follow_new (&ruling);
    tsr_parallel_for (space->n, 512, finish_range, &finish);
    tsr_follow_free (finish.follow);
  }
  if (ok && result->scores && (ruling.labels == 0 || rule > TSR_RULE_W))
    memcpy (result->scores, result->probability, cells * sizeof (float));
  g_free (ruling.tile);
  g_free (ruling.label);
  g_free (ruling.count);
  g_free (ruling.held);
  g_free (ruling.held_label);
  return ok;
}
