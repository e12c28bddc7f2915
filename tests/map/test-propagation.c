/* Labels spread: whatever the order of changes, the state equals what the definition says of the
 * labels that are left. */

#include "tsr-propagation.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define CLASSES 5

/* A second, plain account of what has been labelled. */
typedef struct {
  size_t n, d;
  float *points;
  int32_t *label;
  uint8_t *blocked;
} Model;

/* Coordinates are small multiples of 1/8: squared distances are exact, ties are real. */
static Model
model_new (size_t n, size_t d, int range)
{
  Model model = {n, d, g_new (float, n *d), g_new (int32_t, n), g_new0 (uint8_t, n)};
  for (size_t i = 0; i < n * d; i++)
    model.points[i] = (float)g_test_rand_int_range (-range, range + 1) / 8;
  for (size_t i = 0; i < n; i++)
    model.label[i] = TSR_NO_CLASS;
  return model;
}

static void
model_clear (Model *model)
{
  g_free (model->points);
  g_free (model->label);
  g_free (model->blocked);
}

static double
squared_between (const Model *model, size_t i, size_t j)
{
  double sum = 0;
  for (size_t c = 0; c < model->d; c++) {
    double t = (double)model->points[i * model->d + c] - model->points[j * model->d + c];
    sum += t * t;
  }
  return sum;
}

/* The nearest source of tile i that is (or with `other`, is not) of class c; c negative: of any. */
static uint32_t
nearest (const Model *model, size_t i, int32_t c, bool other, double *squared)
{
  uint32_t found = UINT32_MAX;
  *squared = INFINITY;
  for (size_t j = 0; j < model->n; j++) {
    if (model->label[j] < 0 || model->blocked[j] || (c >= 0 && (model->label[j] == c) == other))
      continue;
    double value = squared_between (model, i, j);
    if (found == UINT32_MAX || value < *squared) {
      *squared = value;
      found = (uint32_t)j;
    }
  }
  return found;
}

static void
check_predictions (const Model *model, const TsrPropagation *state)
{
  const TsrPrediction *p = tsr_propagation_predictions (state);
  for (size_t i = 0; i < model->n; i++) {
    double squared, other;
    uint32_t follows = nearest (model, i, -1, false, &squared);
    if (model->label[i] >= 0) {
      follows = (uint32_t)i;
      squared = 0;
    }
    if (model->blocked[i] || follows == UINT32_MAX) {
      g_assert_cmpint (p[i].class_id, ==, TSR_NO_CLASS);
      g_assert_cmpuint (p[i].follows, ==, UINT32_MAX);
      continue;
    }
    int32_t c = model->label[follows];
    g_assert_cmpuint (p[i].follows, ==, follows);
    g_assert_cmpint (p[i].class_id, ==, c);
    g_assert_cmpfloat (p[i].distance, ==, sqrtf ((float)squared));
    float margin = 1;
    if (nearest (model, i, c, true, &other) != UINT32_MAX) {
      double a = sqrt (squared), b = sqrt (other);
      margin = a + b > 0 ? (float)((b - a) / (b + a)) : 0;
    }
    g_assert_cmpfloat_with_epsilon (p[i].margin, margin, 1e-6);
    g_assert_true (p[i].margin >= 0 && p[i].margin <= 1);
  }
}

static void
check_scores (const Model *model, const TsrPropagation *state)
{
  g_autofree float *scores = g_new (float, model->n *CLASSES);
  const TsrPrediction *p = tsr_propagation_predictions (state);
  tsr_propagation_scores (state, CLASSES, scores);
  for (size_t i = 0; i < model->n; i++)
    for (int32_t c = 0; c < CLASSES; c++) {
      double own, other, expected = 0;
      bool seen = nearest (model, i, c, false, &own) != UINT32_MAX;
      bool others = nearest (model, i, c, true, &other) != UINT32_MAX;
      if (seen && !model->blocked[i])
        expected = !others ? 1 : own + other > 0 ? sqrt (other) / (sqrt (own) + sqrt (other)) : 0.5;
      float found = scores[i * CLASSES + (size_t)c];
      g_assert_cmpfloat_with_epsilon (found, expected, 1e-6);
      if (c == p[i].class_id)
        g_assert_cmpfloat_with_epsilon (p[i].margin, 2 * found - 1, 1e-6);
    }
}

static void
change_many (Model *model, TsrPropagation *state)
{
  size_t count = (size_t)g_test_rand_int_range (0, (int)model->n);
  g_autofree uint32_t *tiles = g_new (uint32_t, count + 1);
  g_autofree int32_t *classes = g_new (int32_t, count + 1);
  bool clearing = g_test_rand_bit ();
  for (size_t j = 0; j < count; j++) {
    tiles[j] =
        (uint32_t)g_test_rand_int_range (0, (int)model->n); /* some twice: the later counts */
    classes[j] = g_test_rand_int_range (clearing ? -3 : 0, CLASSES);
    classes[j] = MAX (classes[j], TSR_NO_CLASS);
    model->label[tiles[j]] = classes[j];
  }
  tsr_propagation_set_many (state, tiles, classes, count);
}

static void
change_at_random (Model *model, TsrPropagation *state)
{
  uint32_t tile = (uint32_t)g_test_rand_int_range (0, (int)model->n);
  switch (g_test_rand_int_range (0, 12)) {
  case 0:
  case 1:
    model->label[tile] = TSR_NO_CLASS;
    tsr_propagation_set (state, tile, TSR_NO_CLASS);
    break;
  case 2:
  case 3:
    model->blocked[tile] = !model->blocked[tile];
    tsr_propagation_block (state, tile, model->blocked[tile]);
    break;
  case 4:
    change_many (model, state);
    break;
  default:
    model->label[tile] = g_test_rand_int_range (0, CLASSES);
    tsr_propagation_set (state, tile, model->label[tile]);
  }
}

static void
run_sequences (size_t n, size_t d, int range, int rounds, int changes)
{
  for (int round = 0; round < rounds; round++) {
    Model model = model_new (n, d, range);
    TsrPropagation *state = tsr_propagation_new (model.points, n, d);
    check_predictions (&model, state);
    check_scores (&model, state);
    for (int change = 0; change < changes; change++) {
      change_at_random (&model, state);
      check_predictions (&model, state);
      if (change % 8 == 0)
        check_scores (&model, state);
    }
    tsr_propagation_free (state);
    model_clear (&model);
  }
}

static void
test_sequences (void)
{
  run_sequences (1, 2, 3, 3, 30);
  run_sequences (2, 2, 1, 5, 40);
  run_sequences (25, 2, 3, 10, 60); /* many tiles on one spot */
  run_sequences (90, 2, 100, 6, 80);
  run_sequences (40, 1, 20, 4, 60);
  run_sequences (40, 19, 20, 6, 60);
}

static void
test_large (void)
{
  run_sequences (700, 2, 400, 1, 25); /* several chunks and the tree */
  run_sequences (600, 2, 6, 1, 25);
}

static void
test_out_of_range_classes (void)
{
  float points[] = {0, 0, 1, 0, 5, 0};
  TsrPropagation *state = tsr_propagation_new (points, 3, 2);
  tsr_propagation_set (state, 0, 1);
  tsr_propagation_set (state, 2,
                       9); /* beyond the classes asked for: still a label of another class */
  float scores[6];
  tsr_propagation_scores (state, 2, scores);
  const float expected[6] = {0, 1, 0, 0.8f, 0, 0};
  for (int i = 0; i < 6; i++)
    g_assert_cmpfloat_with_epsilon (scores[i], expected[i], 1e-6);
  tsr_propagation_free (state);
  state = tsr_propagation_new (points, 0, 2);
  tsr_propagation_set_many (state, NULL, NULL, 0);
  tsr_propagation_scores (state, 2, scores);
  tsr_propagation_free (state);
  tsr_propagation_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/propagation/sequences", test_sequences);
  g_test_add_func ("/propagation/large", test_large);
  g_test_add_func ("/propagation/out-of-range-classes", test_out_of_range_classes);
  return g_test_run ();
}
