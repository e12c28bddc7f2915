/* The rules against their definitions in double precision; what solves and calibrates them is in
 * test-rule-solvers.c. */

#include "plain.h"
#include "tsr-calibration.h"
#include "tsr-error.h"
#include "tsr-linear.h"
#include "tsr-metrics.h"
#include "tsr-rule.h"
#include "tsr-spread.h"

#include <stdlib.h>

/* --- rules --- */

typedef struct {
  size_t n, d, c;
  float *map, *w;
  int32_t *label;
  uint8_t *blocked;
  TsrRuleResult result;
  double temperature;
} Scene;

static void
scene_init (Scene *scene, size_t n, size_t c, double labelled, double blocked, uint64_t seed)
{
  *scene = (Scene){.n = n, .d = 9, .c = c};
  scene->map = plain_cloud (n, 2, c, false, seed);
  scene->w = plain_cloud (n, scene->d, c, false, seed);
  scene->label = g_new (int32_t, n + 1);
  scene->blocked = plain_flags (n, blocked, seed);
  g_autofree uint8_t *flags = plain_flags (n, labelled, seed + 1);
  TsrRandom random;
  tsr_random_init (&random, seed, 0xc1a5);
  for (size_t i = 0; i < n; i++) {
    scene->label[i] = flags[i] ? (int32_t)tsr_random_below (&random, (uint32_t)c) : -1;
    if (scene->blocked[i]) /* what is not there need not be finite */
      scene->w[i * scene->d] = scene->map[2 * i + 1] = NAN;
  }
  scene->result.prediction = g_new (TsrPrediction, n + 1);
  scene->result.probability = g_new (float, n *c + 1);
  scene->result.scores = g_new (float, n *c + 1);
  scene->result.told = g_new (int32_t, n + 1);
}

static void
scene_clear (Scene *scene)
{
  g_free (scene->map);
  g_free (scene->w);
  g_free (scene->label);
  g_free (scene->blocked);
  g_free (scene->result.prediction);
  g_free (scene->result.probability);
  g_free (scene->result.scores);
  g_free (scene->result.told);
}

static void
apply (Scene *scene, TsrRule rule)
{
  g_autoptr (GError) error = NULL;
  TsrRuleSpace *space =
      tsr_rule_space_new (scene->map, 2, scene->w, scene->d, scene->n, scene->blocked);
  bool ok = tsr_rule_apply (space, rule, scene->label, scene->c, &scene->result, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
  tsr_rule_space_free (space);
}

/* Distance from tile i to the nearest label of class c but `without`. */
static double
plain_to_class (const Scene *scene, TsrRule rule, size_t i, size_t c, size_t without)
{
  const float *points = rule == TSR_RULE_MAP ? scene->map : scene->w;
  size_t d = rule == TSR_RULE_MAP ? 2 : scene->d;
  double least = INFINITY;
  for (size_t j = 0; j < scene->n; j++)
    if (j != without && !scene->blocked[j] && scene->label[j] == (int32_t)c)
      least = fmin (least, plain_squared (points + i * d, points + j * d, d));
  return sqrt (least);
}

typedef struct {
  double distance;
  int32_t label;
} Near;

static int
compare_near (const void *a, const void *b)
{
  double x = ((const Near *)a)->distance, y = ((const Near *)b)->distance;
  return (x > y) - (x < y);
}

/* The logits of map, w and knn, from the definitions; distances here are far from copies. */
static void
plain_logits (const Scene *scene, TsrRule rule, size_t i, size_t without, double *logits)
{
  for (size_t c = 0; c < scene->c && rule != TSR_RULE_KNN; c++)
    logits[c] = -log (plain_to_class (scene, rule, i, c, without));
  if (rule != TSR_RULE_KNN)
    return;
  g_autofree Near *near = g_new (Near, scene->n + 1);
  size_t m = 0;
  double sum = 0;
  for (size_t j = 0; j < scene->n; j++)
    if (j != without && !scene->blocked[j] && scene->label[j] >= 0)
      near[m++] =
          (Near){sqrt (plain_squared (scene->w + i * scene->d, scene->w + j * scene->d, scene->d)),
                 scene->label[j]};
  qsort (near, m, sizeof *near, compare_near);
  for (size_t c = 0; c < scene->c; c++)
    logits[c] = 0;
  for (size_t j = 0; j < MIN (m, 5); j++) {
    logits[near[j].label] += 1 / near[j].distance;
    sum += 1 / near[j].distance;
  }
  for (size_t c = 0; c < scene->c; c++)
    logits[c] = isinf (plain_to_class (scene, TSR_RULE_W, i, c, SIZE_MAX))
                    ? -INFINITY
                    : log (logits[c] / sum + 0.05);
}

/* What holds for every rule. */
static void
check_answer (const Scene *scene, TsrRule rule)
{
  const float *points = rule == TSR_RULE_MAP ? scene->map : scene->w;
  size_t d = rule == TSR_RULE_MAP ? 2 : scene->d, labels = 0;
  for (size_t j = 0; j < scene->n; j++)
    labels += scene->label[j] >= 0 && !scene->blocked[j];
  for (size_t i = 0; i < scene->n; i++) {
    const TsrPrediction *p = &scene->result.prediction[i];
    const float *probability = scene->result.probability + i * scene->c;
    double sum = 0;
    for (size_t c = 0; c < scene->c; c++)
      sum += probability[c];
    if (scene->blocked[i] || labels == 0) {
      g_assert_cmpint (p->class_id, ==, TSR_NO_CLASS);
      g_assert_cmpuint (p->follows, ==, UINT32_MAX);
      g_assert_cmpfloat (sum, ==, 0);
      continue;
    }
    g_assert_cmpfloat (fabs (sum - 1), <=, 1e-5);
    g_assert_cmpint (p->class_id, >=, 0);
    g_assert_cmpfloat (p->margin, >=, 0);
    g_assert_cmpfloat (p->margin, <=, 1);
    for (size_t c = 0; c < scene->c; c++)
      g_assert_cmpfloat (probability[c], <=, probability[p->class_id] + 1e-6);
    if (scene->label[i] >= 0) {
      g_assert_cmpint (p->class_id, ==, scene->label[i]);
      g_assert_cmpuint (p->follows, ==, i);
      g_assert_cmpfloat (probability[p->class_id], ==, 1);
      continue;
    }
    g_assert_cmpint (scene->label[p->follows], ==, p->class_id);
    double there = sqrt (plain_squared (points + i * d, points + (size_t)p->follows * d, d)),
           nearest = plain_to_class (scene, rule, i, (size_t)p->class_id, SIZE_MAX);
    g_assert_cmpfloat (fabs (there - nearest), <=, 1e-5 * nearest);
    g_assert_cmpfloat (fabs (p->distance - nearest), <=, 1e-5 * nearest);
  }
}

static void
check_nearest (const Scene *scene, TsrRule rule)
{
  g_autofree float *held = g_new (float, scene->n * scene->c + 1);
  g_autofree int32_t *label = g_new (int32_t, scene->n + 1);
  size_t labels = 0;
  double logits[8], share[8];
  for (size_t i = 0; i < scene->n; i++) {
    if (scene->label[i] < 0 || scene->blocked[i])
      continue;
    plain_logits (scene, rule, i, i, logits);
    if (isinf (plain_to_class (scene, rule, i, (size_t)scene->label[i], i)))
      logits[scene->label[i]] = -INFINITY;
    for (size_t c = 0; c < scene->c; c++)
      held[labels * scene->c + c] = (float)logits[c];
    label[labels++] = scene->label[i];
  }
  double t = tsr_calibration_temperature (held, label, labels, scene->c);
  g_assert_cmpfloat (fabs (log (t / scene->result.temperature)), <=, 1e-3);
  double part = fmin (1, (double)scene->c / (double)(scene->c - 1) / (double)(labels + 2));
  for (size_t i = 0; i < scene->n; i++) {
    if (scene->blocked[i] || scene->label[i] >= 0)
      continue;
    plain_logits (scene, rule, i, SIZE_MAX, logits);
    for (size_t c = 0; c < scene->c; c++)
      logits[c] /= scene->result.temperature;
    plain_softmax (logits, scene->c, share);
    for (size_t c = 0; c < scene->c; c++) {
      double expected = (1 - part) * share[c] + part / (double)scene->c;
      g_assert_cmpfloat (fabs (scene->result.probability[i * scene->c + c] - expected), <=, 2e-5);
    }
  }
}

static void
test_rules (void)
{
  for (uint64_t round = 0; round < 30; round++) {
    Scene scene;
    scene_init (&scene, 20 + 12 * round, 2 + round % 4, round % 3 ? 0.15 : 0.5, round % 2 * 0.2,
                round);
    size_t classes = 0;
    for (size_t c = 0; c < scene.c; c++)
      for (size_t i = 0; i < scene.n; i++)
        if (scene.label[i] == (int32_t)c && !scene.blocked[i]) {
          classes++;
          break;
        }
    for (TsrRule rule = 0; rule < TSR_N_RULES; rule++) {
      apply (&scene, rule);
      check_answer (&scene, rule);
      if (rule <= TSR_RULE_KNN && classes > 1)
        check_nearest (&scene, rule);
    }
    scene_clear (&scene);
  }
}

/* No label, one label, one class, two tiles, a class that is never seen, all blocked. */
static void
test_rules_bounds (void)
{
  for (TsrRule rule = 0; rule < TSR_N_RULES; rule++) {
    for (size_t n = 1; n <= 4; n++)
      for (size_t labels = 0; labels <= n; labels++)
        for (int32_t two = 0; two < 2; two++) {
          Scene scene;
          scene_init (&scene, n, 3, 0, 0, n);
          for (size_t i = 0; i < labels; i++)
            scene.label[i] = two * (int32_t)(i % 2) * 2;
          apply (&scene, rule);
          check_answer (&scene, rule);
          if (labels == 1 && n > 1)
            g_assert_cmpfloat (fabs (scene.result.probability[3] - 2.0 / 3), <=, 1e-6);
          scene_clear (&scene);
        }
    Scene copies;
    scene_init (&copies, 12, 2, 0, 0, 1);
    memset (copies.map, 0, 24 * sizeof (float));
    memset (copies.w, 0, 12 * copies.d * sizeof (float));
    copies.label[0] = copies.label[5] = 1;
    copies.label[3] = 0;
    apply (&copies, rule);
    check_answer (&copies, rule);
    memset (copies.blocked, 1, 12);
    apply (&copies, rule);
    check_answer (&copies, rule);
    scene_clear (&copies);
  }
}

/* Clusters far apart, twenty labels each: everything is right and said to be likely. */
static void
test_rules_separate (void)
{
  size_t n = 300;
  Scene scene;
  scene_init (&scene, n, 3, 0, 0, 1);
  TsrRandom random;
  tsr_random_init (&random, 9, 9);
  for (size_t i = 0; i < n; i++) {
    for (size_t a = 0; a < scene.d; a++)
      scene.w[i * scene.d + a] = (float)(tsr_random_normal (&random) + 30.0 * (a == i % 3));
    for (size_t a = 0; a < 2; a++)
      scene.map[2 * i + a] =
          (float)(tsr_random_normal (&random) + 30.0 * (double)(i % 3) * (double)a);
    scene.label[i] = i < 60 ? (int32_t)(i % 3) : -1;
  }
  for (TsrRule rule = 0; rule < TSR_N_RULES; rule++) {
    apply (&scene, rule);
    for (size_t i = 0; i < n; i++) {
      g_assert_cmpint (scene.result.prediction[i].class_id, ==, (int32_t)(i % 3));
      g_assert_cmpfloat (scene.result.probability[i * 3 + i % 3], >, 0.9);
    }
  }
  scene_clear (&scene);
}

/* Far from every label in the graph: the nearest label in W decides. */
static void
test_spread_apart (void)
{
  Scene scene;
  scene_init (&scene, 60, 2, 0, 0, 1);
  for (size_t i = 0; i < 60; i++)
    for (size_t a = 0; a < scene.d; a++)
      scene.w[i * scene.d + a] = (float)(100 * (i / 20)) + (float)((i * 7 + a * 3) % 11) / 11;
  scene.label[0] = 0; /* the first group; the second has the other label, the third none */
  scene.label[20] = 1;
  apply (&scene, TSR_RULE_SPREAD);
  for (size_t i = 0; i < 60; i++)
    g_assert_cmpint (scene.result.prediction[i].class_id, ==, i < 20 ? 0 : 1);
  scene_clear (&scene);
}

/* Each label left out by hand: as many are told by the others as the rule says. */
static void
test_held (void)
{
  static const TsrRule rules[] = {TSR_RULE_MAP, TSR_RULE_W, TSR_RULE_KNN, TSR_RULE_SPREAD,
                                  TSR_RULE_LINEAR};
  size_t told = 0, missed = 0;
  for (uint64_t seed = 1; seed <= 6; seed++)
    for (size_t r = 0; r < G_N_ELEMENTS (rules); r++) {
      Scene scene;
      scene_init (&scene, 150, 2 + seed % 3, 0.15, 0.1, seed);
      for (size_t i = 0; i < scene.n; i++) /* classes that can be told: by the first coordinate */
        if (scene.label[i] >= 0 && !scene.blocked[i])
          scene.label[i] = scene.w[i * scene.d] > scene.w[0] ? 0 : 1;
      apply (&scene, rules[r]);
      g_autofree int32_t *first = g_memdup2 (scene.result.told, scene.n * sizeof *first);
      size_t held = scene.result.held, right = scene.result.held_right, labels = 0, plain = 0;
      size_t count[2] = {0};
      for (size_t i = 0; i < scene.n; i++)
        if (scene.label[i] >= 0 && !scene.blocked[i]) {
          labels++;
          count[scene.label[i]]++;
        } else
          g_assert_cmpint (first[i], ==, TSR_NO_CLASS);
      for (size_t i = 0; i < scene.n; i++) {
        int32_t own = scene.label[i];
        if (own < 0 || scene.blocked[i])
          continue;
        scene.label[i] = -1;
        apply (&scene, rules[r]);
        int32_t said = scene.result.prediction[i].class_id;
        plain += count[own] > 1 && said == own;
        if (count[0] > 0 && count[1] > 0)
          g_assert_cmpint (first[i], ==, count[own] > 1 ? said : TSR_NO_CLASS);
        scene.label[i] = own;
      }
      if (count[0] == 0 || count[1] == 0) {
        g_assert_cmpuint (held, ==, 0);
      } else {
        g_assert_cmpuint (labels, <=, 32);
        g_assert_cmpuint (held, ==, labels);
        g_assert_cmpuint (right, ==, plain);
        told += right;
        missed += held - right;
      }
      scene_clear (&scene);
    }
  g_assert_cmpuint (told, >, 100);
  g_assert_cmpuint (missed, >, 20);
}

static void
test_refused (void)
{
  for (TsrRule rule = 0; rule < TSR_N_RULES; rule++) {
    Scene scene;
    scene_init (&scene, 30, 2, 0.5, 0, 3);
    scene.w[7 * scene.d] = NAN;
    scene.map[14] = INFINITY;
    TsrRuleSpace *space = tsr_rule_space_new (scene.map, 2, scene.w, scene.d, 30, NULL);
    g_autoptr (GError) error = NULL;
    g_assert_false (tsr_rule_apply (space, rule, scene.label, 2, &scene.result, NULL, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
    g_assert_nonnull (strstr (error->message, "tile 7"));
    tsr_rule_space_free (space);
    scene_clear (&scene);
  }
  TsrRule rule = TSR_RULE_LINEAR;
  for (TsrRule r = 0; r < TSR_N_RULES; r++) {
    g_assert_true (tsr_rule_from_name (tsr_rule_name (r), &rule));
    g_assert_cmpint (rule, ==, r);
  }
  g_assert_false (tsr_rule_from_name ("svm", &rule));
  g_assert_false (tsr_rule_from_name (NULL, &rule));
}

/* Labels that come one after the other, and go: what the space remembers changes nothing. */
static void
test_again (void)
{
  for (TsrRule rule = 0; rule < TSR_N_RULES; rule++) {
    Scene scene;
    scene_init (&scene, 250, 3, 0.3, 0.1, 6);
    TsrRandom random;
    tsr_random_init (&random, 6, rule);
    TsrRuleSpace *space =
        tsr_rule_space_new (scene.map, 2, scene.w, scene.d, scene.n, scene.blocked);
    for (int round = 0; round < 12; round++) {
      uint32_t tile = tsr_random_below (&random, (uint32_t)scene.n);
      scene.label[tile] = (int32_t)(tsr_random_below (&random, 4)) - 1;
      if (round == 6) /* and none at all */
        for (size_t i = 0; i < scene.n; i++)
          scene.label[i] = i == tile ? 2 : -1;
      g_assert_true (tsr_rule_apply (space, rule, scene.label, scene.c, &scene.result, NULL, NULL));
      g_autofree TsrPrediction *prediction =
          g_memdup2 (scene.result.prediction, scene.n * sizeof *prediction);
      g_autofree float *probability =
          g_memdup2 (scene.result.probability, scene.n * scene.c * sizeof (float));
      apply (&scene, rule);
      g_assert_cmpmem (prediction, scene.n * sizeof *prediction, scene.result.prediction,
                       scene.n * sizeof *prediction);
      g_assert_cmpmem (probability, scene.n * scene.c * sizeof (float), scene.result.probability,
                       scene.n * scene.c * sizeof (float));
    }
    tsr_rule_space_free (space);
    scene_clear (&scene);
  }
}

/* --- the measures of probabilities --- */

static void
test_measures (void)
{
  const int32_t truth[] = {0, 1, -1, 1, 0}, predicted[] = {0, 1, 0, 0, -1};
  const float probability[] = {0.8f, 0.2f, 0.35f, 0.65f, 1, 0, 0.95f, 0.05f, 0, 1};
  double loss = -(log (0.8) + log (0.65) + log (0.05) + log (1e-12)) / 4;
  g_assert_cmpfloat (fabs (tsr_log_loss (truth, probability, 5, 2) - loss), <=, 1e-6);
  /* one tile in each bin: |0.8 - 1|, |0.65 - 1|, |0.95 - 0| */
  g_assert_cmpfloat (
      fabs (tsr_calibration_error (truth, predicted, probability, 5, 2) - (0.2 + 0.35 + 0.95) / 3),
      <=, 1e-6);
  const int32_t right[] = {0, 0, 0, 1}, all[] = {0, 0, 0, 0};
  const float same[] = {0.74f, 0.26f, 0.75f, 0.25f, 0.76f, 0.24f, 0.75f, 0.25f};
  g_assert_cmpfloat (tsr_calibration_error (right, all, same, 4, 2), <=, 1e-6);
  g_assert_true (isnan (tsr_log_loss (truth + 2, probability, 1, 2)));
  g_assert_true (isnan (tsr_calibration_error (truth + 2, predicted, probability, 1, 2)));
}

/* --- threads --- */

/* Everything that should not depend on them, as a number. */
static unsigned
digest (void)
{
  unsigned sum = 5381;
  Scene scene;
  scene_init (&scene, 3000, 3, 0.02, 0.1, 4);
  for (TsrRule rule = 0; rule < TSR_N_RULES; rule++) {
    apply (&scene, rule);
    const unsigned char *byte = (const unsigned char *)scene.result.probability;
    for (size_t i = 0; i < scene.n * scene.c * sizeof (float); i++)
      sum = sum * 33 + byte[i];
    for (size_t i = 0; i < scene.n; i++)
      sum = sum * 33 + scene.result.prediction[i].follows;
  }
  scene_clear (&scene);
  return sum;
}

static const char *program;

static void
test_threads (void)
{
  unsigned here = digest ();
  for (int threads = 1; threads <= 3; threads++) {
    const char *arguments[] = {program, "--digest", NULL};
    g_autofree char *out = NULL, *count = g_strdup_printf ("%d", threads);
    g_auto (GStrv) environment =
        g_environ_setenv (g_get_environ (), "TESSERA_THREADS", count, TRUE);
    g_autoptr (GError) error = NULL;
    g_spawn_sync (NULL, (char **)arguments, environment, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL,
                  NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint ((unsigned)g_ascii_strtoull (out, NULL, 10), ==, here);
  }
}

int
main (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "--digest") == 0) {
    g_print ("%u\n", digest ());
    return 0;
  }
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/spread/apart", test_spread_apart);
  g_test_add_func ("/rule/definitions", test_rules);
  g_test_add_func ("/rule/bounds", test_rules_bounds);
  g_test_add_func ("/rule/separate", test_rules_separate);
  g_test_add_func ("/rule/held", test_held);
  g_test_add_func ("/rule/refused", test_refused);
  g_test_add_func ("/rule/again", test_again);
  g_test_add_func ("/rule/measures", test_measures);
  g_test_add_func ("/rule/threads", test_threads);
  return g_test_run ();
}
