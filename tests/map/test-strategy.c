/* The strategies against plain re-implementations of what their headers say.
 */

#include "plain.h"
#include "tsr-density.h"
#include "tsr-error.h"
#include "tsr-sampling.h"
#include "tsr-strategy.h"

#include <stdlib.h>

/* --- strategies --- */

/* Farthest points among the allowed, one at a time from the definition. sources is changed. */
static size_t
plain_farthest (const float *points, size_t n, size_t d, uint8_t *sources, const uint8_t *allowed,
                size_t k, uint32_t *chosen)
{
  size_t found = 0;
  for (; found < k; found++) {
    size_t best = SIZE_MAX;
    float farthest = -1;
    for (size_t i = 0; i < n; i++) {
      double near = INFINITY;
      if (sources[i] || !allowed[i])
        continue;
      for (size_t j = 0; j < n; j++)
        if (sources[j])
          near = fmin (near, plain_squared (points + i * d, points + j * d, d));
      if ((float)near > farthest) {
        farthest = (float)near;
        best = i;
      }
    }
    if (best == SIZE_MAX)
      break;
    chosen[found] = (uint32_t)best;
    sources[best] = 1;
  }
  return found;
}

/* Coordinates are multiples of 1/8: squared distances are exact, ties real. */
static float *
lattice (size_t n, size_t d, uint64_t seed)
{
  float *points = plain_cloud (n, d, 3, false, seed);
  for (size_t i = 0; i < n * d; i++)
    points[i] = roundf (points[i] * 8) / 8;
  return points;
}

typedef struct {
  size_t n, d, k;
  float *points, *margin;
  uint8_t *labelled, *blocked;
  uint32_t *chosen, *expected;
  size_t found;
} Scene;

static void
scene_init (Scene *scene, size_t n, size_t d, size_t k, double labelled, double blocked,
            uint64_t seed)
{
  *scene = (Scene){.n = n, .d = d, .k = k};
  scene->points = lattice (n, d, seed);
  scene->labelled = plain_flags (n, labelled, seed);
  scene->blocked = plain_flags (n, blocked, seed + 77);
  scene->margin = g_new (float, n + 1);
  scene->chosen = g_new (uint32_t, k + 1);
  scene->expected = g_new (uint32_t, k + 1);
  TsrRandom random;
  tsr_random_init (&random, seed, 0xbeef);
  for (size_t i = 0; i < n; i++) {
    scene->labelled[i] = scene->labelled[i] && !scene->blocked[i];
    scene->margin[i] = (float)tsr_random_below (&random, 50) / 50; /* ties, and never 1 */
  }
}

static void
scene_clear (Scene *scene)
{
  g_free (scene->points);
  g_free (scene->labelled);
  g_free (scene->blocked);
  g_free (scene->margin);
  g_free (scene->chosen);
  g_free (scene->expected);
}

/* A state of the labels that is there already gives the same picks, and stays as it is. */
static void
check_cover (const Scene *scene, TsrStrategyInput input)
{
  g_autoptr (GError) error = NULL;
  g_autofree uint32_t *chosen = g_new (uint32_t, input.k + 1);
  TsrCover *cover = tsr_cover_new (scene->points, scene->n, scene->d, scene->blocked);
  for (size_t i = 0; i < scene->n; i++)
    if (scene->labelled[i])
      tsr_cover_add (cover, (uint32_t)i);
  size_t sources = tsr_cover_sources (cover);
  input.cover = cover;
  for (int again = 0; again < 2; again++) {
    size_t found;
    g_assert_true (tsr_strategy_choose (&input, chosen, &found, NULL, &error));
    g_assert_no_error (error);
    g_assert_cmpmem (chosen, found * sizeof *chosen, scene->chosen,
                     scene->found * sizeof *scene->chosen);
  }
  g_assert_cmpuint (tsr_cover_sources (cover), ==, sources);
  tsr_cover_free (cover);
}

static void
choose (Scene *scene, TsrStrategy strategy, const float *margin, size_t k, uint64_t seed)
{
  g_autoptr (GError) error = NULL;
  TsrStrategyInput input = {.strategy = strategy,
                            .points = scene->points,
                            .n = scene->n,
                            .d = scene->d,
                            .labelled = scene->labelled,
                            .blocked = scene->blocked,
                            .margin = margin,
                            .k = k,
                            .seed = seed};
  g_assert_true (tsr_strategy_choose (&input, scene->chosen, &scene->found, NULL, &error));
  g_assert_no_error (error);
  plain_check_choice (scene->chosen, scene->found, scene->n, scene->labelled, scene->blocked);
  check_cover (scene, input);
}

static size_t
candidates_of (const Scene *scene)
{
  size_t count = 0;
  for (size_t i = 0; i < scene->n; i++)
    count += !scene->labelled[i] && !scene->blocked[i];
  return count;
}

static void
expect (const Scene *scene, size_t n)
{
  g_assert_cmpuint (scene->found, ==, n);
  g_assert_cmpmem (scene->chosen, n * sizeof (uint32_t), scene->expected, n * sizeof (uint32_t));
}

static void
check_dense (Scene *scene, bool any)
{
  g_autofree uint8_t *sparse = g_new (uint8_t, scene->n + 1),
                     *sources = g_memdup2 (scene->labelled, scene->n + 1),
                     *allowed = g_new (uint8_t, scene->n + 1);
  tsr_density_mark_sparse (scene->points, scene->n, scene->d, scene->blocked, 16, 0.2, sparse, NULL,
                           NULL);
  choose (scene, TSR_STRATEGY_FPS_DENSE, NULL, scene->k, 3);
  size_t found = 0;
  if (!any && scene->found > 0) { /* the first pick is a draw */
    g_assert_false (sparse[scene->chosen[0]]);
    scene->expected[found++] = scene->chosen[0];
    sources[scene->chosen[0]] = 1;
  }
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < scene->n; i++)
      allowed[i] = !scene->blocked[i] && sparse[i] == pass;
    found += plain_farthest (scene->points, scene->n, scene->d, sources, allowed, scene->k - found,
                             scene->expected + found);
  }
  expect (scene, found);
  g_assert_cmpuint (found, ==, MIN (scene->k, candidates_of (scene)));
}

/* The least sure by margin and index, then the farthest among them. */
static size_t
plain_unsure (const Scene *scene, size_t begin, size_t k, uint32_t *expected)
{
  g_autofree uint8_t *allowed = g_new0 (uint8_t, scene->n + 1),
                     *sources = g_memdup2 (scene->labelled, scene->n + 1);
  for (size_t i = 0; i < begin; i++)
    sources[expected[i]] = 1;
  for (size_t pool = 1 + 5 * (k - begin - 1); k > begin && pool > 0; pool--) {
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < scene->n; i++)
      if (!sources[i] && !scene->blocked[i] && !allowed[i] &&
          (best == SIZE_MAX || scene->margin[i] < scene->margin[best]))
        best = i;
    if (best == SIZE_MAX)
      break;
    allowed[best] = 1;
  }
  return begin + plain_farthest (scene->points, scene->n, scene->d, sources, allowed, k - begin,
                                 expected + begin);
}

static void
check_margin (Scene *scene)
{
  choose (scene, TSR_STRATEGY_MARGIN, scene->margin, scene->k, 4);
  expect (scene, plain_unsure (scene, 0, scene->k, scene->expected));
}

static size_t
typical_among (size_t labels)
{
  return (size_t)floor (20 * log ((double)(labels + 20) / 20) + 0.5);
}

static void
check_mix (Scene *scene)
{
  size_t labels = 0;
  for (size_t i = 0; i < scene->n; i++)
    labels += scene->labelled[i];
  size_t typical =
      MIN (typical_among (labels + scene->k) - typical_among (labels), candidates_of (scene));
  choose (scene, TSR_STRATEGY_KMEANS, NULL, typical, 5);
  memcpy (scene->expected, scene->chosen, typical * sizeof (uint32_t));
  choose (scene, TSR_STRATEGY_MIX, scene->margin, scene->k, 5);
  expect (scene, plain_unsure (scene, typical, scene->k, scene->expected));
}

static void
test_strategies (void)
{
  for (uint64_t round = 0; round < 40; round++) {
    Scene scene;
    size_t n = 1 + round * 5;
    scene_init (&scene, n, round % 3 ? 2 : 4, 1 + round % 12, round % 4 ? 0.1 : 0,
                round % 2 ? 0.2 : 0, round);
    bool any = false;
    for (size_t i = 0; i < n; i++)
      any = any || scene.labelled[i];
    check_dense (&scene, any);
    if (any) {
      check_margin (&scene);
      check_mix (&scene);
    }
    choose (&scene, TSR_STRATEGY_FPS, NULL, scene.k, 6);
    size_t found = tsr_sample_fps (scene.points, n, scene.d, scene.labelled, scene.blocked, scene.k,
                                   6, scene.expected, NULL);
    expect (&scene, found);
    choose (&scene, TSR_STRATEGY_RANDOM, NULL, scene.k, 6);
    found = tsr_sample_random (n, scene.labelled, scene.blocked, scene.k, 6, scene.expected);
    expect (&scene, found);
    for (TsrStrategy s = 0; s < TSR_N_STRATEGIES; s++) { /* more than there are: all of them */
      Scene all;
      scene_init (&all, n, 2, n + 3, 0.2, 0.2, round);
      choose (&all, s, all.margin, n + 3, 7);
      if (s == TSR_STRATEGY_FPS || s == TSR_STRATEGY_RANDOM || s == TSR_STRATEGY_KMEANS ||
          s == TSR_STRATEGY_FPS_DENSE)
        g_assert_cmpuint (all.found, ==, candidates_of (&all));
      scene_clear (&all);
    }
    scene_clear (&scene);
  }
}

/* Without doubts the unsure strategies choose typical tiles. */
static void
test_no_doubt (void)
{
  Scene scene;
  scene_init (&scene, 200, 2, 8, 0.05, 0.1, 1);
  choose (&scene, TSR_STRATEGY_KMEANS, NULL, 8, 2);
  memcpy (scene.expected, scene.chosen, 8 * sizeof (uint32_t));
  for (size_t i = 0; i < scene.n; i++)
    scene.margin[i] = 1;
  for (TsrStrategy s = TSR_STRATEGY_MARGIN; s <= TSR_STRATEGY_MIX; s++) {
    choose (&scene, s, NULL, 8, 2);
    expect (&scene, 8);
    choose (&scene, s, scene.margin, 8, 2);
    expect (&scene, 8);
  }
  scene_clear (&scene);
}

/* Picking one after the other, each labelled before the next, is picking them at once. */
static void
test_nested (void)
{
  for (TsrStrategy s = 0; s < TSR_N_STRATEGIES; s++) {
    if (!tsr_strategy_is_nested (s) || s == TSR_STRATEGY_RANDOM)
      continue;
    Scene scene;
    scene_init (&scene, 300, 2, 12, 0.02, 0.1, 8);
    choose (&scene, s, NULL, 12, 1);
    memcpy (scene.expected, scene.chosen, 12 * sizeof (uint32_t));
    for (int i = 0; i < 12; i++) {
      choose (&scene, s, NULL, 1, 1);
      g_assert_cmpuint (scene.chosen[0], ==, scene.expected[i]);
      scene.labelled[scene.chosen[0]] = 1;
    }
    scene_clear (&scene);
  }
}

static void
test_refused (void)
{
  float points[] = {0, 0, 1, NAN, 2, 2};
  uint8_t blocked[] = {0, 1, 0};
  uint32_t chosen[3];
  size_t found;
  for (TsrStrategy s = 0; s < TSR_N_STRATEGIES; s++) {
    TsrStrategyInput input = {.strategy = s, .points = points, .n = 3, .d = 2, .k = 3};
    g_autoptr (GError) error = NULL;
    bool ok = tsr_strategy_choose (&input, chosen, &found, NULL, &error);
    g_assert_true (ok == (s == TSR_STRATEGY_RANDOM));
    if (!ok)
      g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
    input.blocked = blocked;
    g_assert_true (tsr_strategy_choose (&input, chosen, &found, NULL, NULL));
    g_assert_cmpuint (found, ==, 2);
    g_assert_true (chosen[0] != 1 && chosen[1] != 1);
  }
}

static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TsrProgress progress = {.cancellable = cancellable};
  Scene scene;
  scene_init (&scene, 100, 2, 5, 0.1, 0, 1);
  g_cancellable_cancel (cancellable);
  TsrStrategyInput input = {
      .strategy = TSR_STRATEGY_KMEANS, .points = scene.points, .n = 100, .d = 2, .k = 5};
  for (int i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;
    input.strategy = i ? TSR_STRATEGY_KMEANS : TSR_STRATEGY_FPS_DENSE;
    g_assert_false (tsr_strategy_choose (&input, scene.chosen, &scene.found, &progress, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  }
  scene_clear (&scene);
}

static void
test_names (void)
{
  TsrStrategy strategy = TSR_STRATEGY_MIX;
  for (TsrStrategy s = 0; s < TSR_N_STRATEGIES; s++) {
    g_assert_true (tsr_strategy_from_name (tsr_strategy_name (s), &strategy));
    g_assert_cmpint (strategy, ==, s);
  }
  g_assert_false (tsr_strategy_from_name ("best", &strategy));
  g_assert_false (tsr_strategy_from_name (NULL, &strategy));
  g_assert_cmpint (strategy, ==, TSR_STRATEGY_MIX);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/strategy/definitions", test_strategies);
  g_test_add_func ("/strategy/no-doubt", test_no_doubt);
  g_test_add_func ("/strategy/nested", test_nested);
  g_test_add_func ("/strategy/refused", test_refused);
  g_test_add_func ("/strategy/cancelled", test_cancelled);
  g_test_add_func ("/strategy/names", test_names);
  return g_test_run ();
}
