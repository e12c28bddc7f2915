/* What labels say of each other, against leaving each out by hand in double precision. */

#include "plain.h"
#include "tsr-error.h"
#include "tsr-told.h"

typedef struct {
  size_t n, d, c;
  float *x;
  int32_t *label, *told;
  uint8_t *blocked;
} Scene;

static void
scene_init (Scene *scene, size_t n, size_t d, size_t c, double labelled, bool copies, uint64_t seed)
{
  *scene = (Scene){.n = n, .d = d, .c = c};
  scene->x = plain_cloud (n, d, MAX (1, c), copies, seed);
  scene->label = g_new (int32_t, n + 1);
  scene->told = g_new (int32_t, n + 1);
  scene->blocked = plain_flags (n, 0.1, seed);
  g_autofree uint8_t *flags = plain_flags (n, labelled, seed + 1);
  TsrRandom random;
  tsr_random_init (&random, seed, 0x701d);
  for (size_t i = 0; i < n; i++) {
    scene->label[i] = flags[i] ? (int32_t)tsr_random_below (&random, (uint32_t)c) : -1;
    if (scene->blocked[i]) /* what is not there need not be finite */
      scene->x[i * d] = NAN;
  }
}

static void
scene_clear (Scene *scene)
{
  g_free (scene->x);
  g_free (scene->label);
  g_free (scene->told);
  g_free (scene->blocked);
}

static void
tell (Scene *scene, TsrRule rule)
{
  g_autoptr (GError) error = NULL;
  bool ok = tsr_told (rule, scene->x, scene->n, scene->d, scene->blocked, scene->label, scene->c,
                      scene->told, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

static bool
counts (const Scene *scene, size_t i)
{
  return scene->label[i] >= 0 && !scene->blocked[i];
}

static void
count_classes (const Scene *scene, size_t *count, size_t *seen)
{
  *seen = 0;
  memset (count, 0, scene->c * sizeof *count);
  for (size_t i = 0; i < scene->n; i++)
    if (counts (scene, i))
      *seen += count[scene->label[i]]++ == 0;
}

/* Whether a label as near as the nearest, to rounding, has the class; the first of copies is the
 * one. Counts the answers that are another class than the tile's. */
static void
check_nearest (const Scene *scene, size_t i, size_t *others)
{
  double least = INFINITY;
  size_t first = 0;
  for (size_t j = 0; j < scene->n; j++) {
    if (j == i || !counts (scene, j))
      continue;
    double squared = plain_squared (scene->x + i * scene->d, scene->x + j * scene->d, scene->d);
    if (squared < least) {
      least = squared;
      first = j;
    }
  }
  bool found = scene->label[first] == scene->told[i];
  for (size_t j = 0; !found && least > 0 && j < scene->n; j++)
    found = j != i && counts (scene, j) && scene->label[j] == scene->told[i] &&
            plain_squared (scene->x + i * scene->d, scene->x + j * scene->d, scene->d) <=
                least * (1 + 1e-5);
  g_assert_true (found);
  *others += scene->told[i] != scene->label[i];
}

static void
check_all (const Scene *scene, size_t *others)
{
  size_t count[16], seen;
  count_classes (scene, count, &seen);
  for (size_t i = 0; i < scene->n; i++)
    if (!counts (scene, i) || seen < 2 || count[scene->label[i]] < 2)
      g_assert_cmpint (scene->told[i], ==, TSR_NO_CLASS);
    else
      check_nearest (scene, i, others);
}

static void
test_nearest (void)
{
  static const size_t sizes[] = {1, 2, 3, 17, 200, 1500}, dimensions[] = {2, 16, 70};
  size_t others = 0;
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (size_t k = 0; k < G_N_ELEMENTS (dimensions); k++)
      for (int copies = 0; copies < 2; copies++) {
        Scene scene;
        scene_init (&scene, sizes[s], dimensions[k], 1 + (s + k) % 5, 0.9, copies != 0,
                    1 + s * 10 + k);
        tell (&scene, dimensions[k] == 2 ? TSR_RULE_MAP : TSR_RULE_W);
        check_all (&scene, &others);
        scene_clear (&scene);
      }
  g_assert_cmpuint (others, >, 1000);
}

/* Two copies with other labels tell each other; of three the first of the other two decides. */
static void
test_copies (void)
{
  float x[] = {1, 2, 1, 2, 1, 2, 9, 9, 9, 9};
  int32_t label[] = {0, 1, 0, 1, 1}, told[5];
  g_assert_true (tsr_told (TSR_RULE_MAP, x, 5, 2, NULL, label, 2, told, NULL, NULL));
  static const int32_t expected[] = {1, 0, 0, 1, 1};
  for (int i = 0; i < 5; i++)
    g_assert_cmpint (told[i], ==, expected[i]);
}

/* The other rules: leaving a label out by hand gives the class that is told. */
static void
test_rules (void)
{
  static const TsrRule rules[] = {TSR_RULE_KNN, TSR_RULE_SPREAD, TSR_RULE_LINEAR};
  size_t asked = 0, others = 0;
  for (size_t r = 0; r < G_N_ELEMENTS (rules); r++) {
    Scene scene;
    scene_init (&scene, 120, 6, 3, 0.2, false, 40 + r);
    /* Classes that can be told: what is told of noise is lost where it is calibrated. */
    for (size_t i = 0; i < scene.n; i++)
      if (counts (&scene, i))
        scene.label[i] = (scene.x[i * 6] > 0) + (scene.x[i * 6 + 1] > 0);
    size_t count[3], seen;
    count_classes (&scene, count, &seen);
    tell (&scene, rules[r]);
    g_autofree TsrPrediction *prediction = g_new (TsrPrediction, scene.n);
    g_autofree float *probability = g_new (float, scene.n *scene.c);
    TsrRuleSpace *space = tsr_rule_space_new (NULL, 0, scene.x, scene.d, scene.n, scene.blocked);
    for (size_t i = 0; i < scene.n; i++) {
      int32_t own = scene.label[i];
      if (!counts (&scene, i) || count[own] < 2) {
        g_assert_cmpint (scene.told[i], ==, TSR_NO_CLASS);
        continue;
      }
      TsrRuleResult result = {.prediction = prediction, .probability = probability};
      scene.label[i] = -1;
      g_assert_true (tsr_rule_apply (space, rules[r], scene.label, scene.c, &result, NULL, NULL));
      scene.label[i] = own;
      g_assert_cmpint (scene.told[i], ==, prediction[i].class_id);
      asked++;
      others += scene.told[i] != own;
    }
    tsr_rule_space_free (space);
    scene_clear (&scene);
  }
  g_assert_cmpuint (asked, >, 30);
  g_assert_cmpuint (others, >, 2);
}

static void
test_refused (void)
{
  float x[] = {0, 0, 1, NAN, 2, 2};
  int32_t label[] = {0, 1, 1}, told[3];
  uint8_t blocked[] = {0, 1, 0};
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_told (TSR_RULE_MAP, x, 3, 2, NULL, label, 2, told, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
  g_assert_true (tsr_told (TSR_RULE_MAP, x, 3, 2, blocked, label, 2, told, NULL, NULL));
  for (int i = 0; i < 3; i++) /* each is alone in its class */
    g_assert_cmpint (told[i], ==, TSR_NO_CLASS);
}

static void
test_cancelled (void)
{
  Scene scene;
  scene_init (&scene, 3000, 40, 2, 0.9, false, 5);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  TsrProgress progress = {.cancellable = cancellable};
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_told (TSR_RULE_W, scene.x, scene.n, scene.d, scene.blocked, scene.label,
                            scene.c, scene.told, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  scene_clear (&scene);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/told/nearest", test_nearest);
  g_test_add_func ("/told/copies", test_copies);
  g_test_add_func ("/told/rules", test_rules);
  g_test_add_func ("/told/refused", test_refused);
  g_test_add_func ("/told/cancelled", test_cancelled);
  return g_test_run ();
}
