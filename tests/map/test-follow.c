/* The nearest labelled tile of a class: products must find the very one that comparing with all
 * finds, whatever the scale and wherever the origin. */

#include "plain.h"
#include "tsr-distance.h"
#include "tsr-follow.h"

typedef struct {
  size_t n, d, labels, n_classes;
  float *w;
  uint32_t *tile;
  int32_t *label;
  TsrPrediction *prediction;
} Case;

static void
case_init (Case *c, size_t n, size_t d, size_t labels, size_t n_classes, bool copies)
{
  *c = (Case){.n = n, .d = d, .labels = labels, .n_classes = n_classes};
  TsrRandom random;
  tsr_random_init (&random, n + labels, 0xf0110);
  c->w = plain_cloud (n, d, 3, copies, d);
  c->tile = g_new (uint32_t, labels);
  c->label = g_new (int32_t, labels);
  c->prediction = g_new0 (TsrPrediction, n);
  bool *given = g_new0 (bool, n_classes);
  for (size_t s = 0; s < labels; s++) {
    c->tile[s] = tsr_random_below (&random, (uint32_t)n);
    c->label[s] = (int32_t)tsr_random_below (&random, (uint32_t)n_classes);
    given[c->label[s]] = true;
  }
  for (size_t i = 0; i < n; i++)
    do
      c->prediction[i].class_id = (int32_t)tsr_random_below (&random, (uint32_t)n_classes);
    while (!given[c->prediction[i].class_id]);
  g_free (given);
}

static void
case_clear (Case *c)
{
  g_free (c->w);
  g_free (c->tile);
  g_free (c->label);
  g_free (c->prediction);
}

/* The first label of the class at the least distance, by looking at all. */
static void
plain_follow (const Case *c, size_t i, uint32_t *follows, double *distance)
{
  float least = 0;
  bool have = false;
  for (size_t s = 0; s < c->labels; s++) {
    float squared;
    if (c->label[s] != c->prediction[i].class_id)
      continue;
    tsr_distances (c->w, c->d, c->tile[s], c->tile[s] + 1, c->w + i * c->d, &squared);
    if (!have || squared < least) {
      *follows = c->tile[s];
      least = squared;
    }
    have = true;
  }
  *distance = sqrt (plain_squared (c->w + i * c->d, c->w + *follows * c->d, c->d));
}

static void
check (Case *c, double relative)
{
  TsrFollow *follow = tsr_follow_new (c->w, c->d, c->tile, c->label, c->labels, c->n_classes);
  g_autofree uint32_t *index = g_new (uint32_t, c->n);
  for (size_t i = 0; i < c->n; i++) {
    index[i] = (uint32_t)(c->n - 1 - i);
    c->prediction[i].follows = UINT32_MAX;
    c->prediction[i].margin = 3;
  }
  for (size_t i = 0; i < c->n; i += 100)
    tsr_follow_find (follow, index + i, MIN (100, c->n - i), c->prediction);
  tsr_follow_free (follow);
  for (size_t i = 0; i < c->n; i++) {
    uint32_t expected = 0;
    double distance;
    plain_follow (c, i, &expected, &distance);
    g_assert_cmpuint (c->prediction[i].follows, ==, expected);
    g_assert_cmpfloat (c->prediction[i].margin, ==, 3);
    if (relative > 0)
      g_assert_cmpfloat_with_epsilon (c->prediction[i].distance, distance,
                                      relative * distance + 1e-30);
  }
}

static void
scale (Case *c, float factor, float offset)
{
  for (size_t k = 0; k < c->n * c->d; k++)
    c->w[k] = c->w[k] * factor + offset;
}

static void
test_nearest (void)
{
  const size_t shapes[][4] = {{1, 1, 1, 1},     {2, 1, 2, 2},    {30, 3, 5, 2},
                              {200, 7, 40, 3},  {300, 33, 9, 1}, {500, 20, 200, 4},
                              {400, 65, 90, 9}, {40, 600, 30, 2}};
  for (size_t s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (int copies = 0; copies < 2; copies++) {
      const size_t *shape = shapes[s];
      Case c;
      case_init (&c, shape[0], shape[1], shape[2], shape[3], copies);
      check (&c, 1e-5);
      scale (&c, 1, 1000); /* far from the origin: products tell next to nothing */
      check (&c, 1e-5);
      case_clear (&c);
      case_init (&c, shape[0], shape[1], shape[2], shape[3], copies);
      scale (&c, 0x1p-70f, 0); /* squares vanish */
      check (&c, 0);
      scale (&c, 0x1p+120f, 0);
      scale (&c, 0x1p+15f, 0); /* products overflow */
      check (&c, 0);
      scale (&c, 0, 5); /* all in one place */
      check (&c, 1e-5);
      case_clear (&c);
    }
}

/* Many ties that are exact: the label that came first. */
static void
test_ties (void)
{
  Case c;
  case_init (&c, 400, 6, 150, 3, false);
  for (size_t k = 0; k < c.n * c.d; k++)
    c.w[k] = (float)g_test_rand_int_range (0, 3);
  check (&c, 1e-6);
  scale (&c, 1, 4096);
  check (&c, 1e-6);
  case_clear (&c);
}

/* --- what was found before --- */

/* The labels of the array given, ascending; a class for every tile that has none. */
static void
take_labels (Case *c, const int32_t *given, TsrRandom *random)
{
  c->labels = 0;
  for (size_t i = 0; i < c->n; i++)
    if (given[i] >= 0) {
      c->tile[c->labels] = (uint32_t)i;
      c->label[c->labels++] = given[i];
    }
  for (size_t i = 0; i < c->n; i++)
    if (tsr_random_below (random, 3) == 0 || given[i] >= 0) /* most keep their class */
      c->prediction[i].class_id = c->label[tsr_random_below (random, (uint32_t)c->labels)];
}

static void
ask_unlabelled (Case *c, TsrFollowed *followed, const int32_t *given)
{
  TsrFollow *follow = tsr_follow_new (c->w, c->d, c->tile, c->label, c->labels, c->n_classes);
  g_autofree uint32_t *index = g_new (uint32_t, c->n + 1);
  size_t count = 0;
  for (size_t i = 0; i < c->n; i++)
    if (given[i] < 0)
      index[count++] = (uint32_t)i;
  tsr_follow_use (follow, followed);
  tsr_follow_find (follow, index, count, c->prediction);
  tsr_follow_free (follow);
}

/* Whatever labels come, go and change, all at once or one by one, what was found before leads to
 * what looking at all labels does. */
static void
test_again (void)
{
  Case c;
  const size_t n = 300;
  TsrRandom random;
  tsr_random_init (&random, 4, 0xf0110);
  case_init (&c, n, 5, n, 3, true);
  for (size_t k = 0; k < n * c.d; k++) /* half the time with exact ties */
    c.w[k] = k < n * c.d / 2 ? c.w[k] : roundf (c.w[k]);
  TsrFollowed *followed = tsr_followed_new (n);
  int32_t given[300];
  for (size_t i = 0; i < n; i++)
    given[i] = i % 10 == 0 ? (int32_t)(i / 10 % 3) : -1;
  for (int round = 0; round < 120; round++) {
    size_t changes = round % 8 == 7 ? 40 : round % 3; /* none, too */
    for (size_t s = 0; s < changes; s++) {
      uint32_t tile = tsr_random_below (&random, (uint32_t)n);
      given[tile] = given[tile] >= 0 && tsr_random_below (&random, 2)
                        ? -1
                        : (int32_t)tsr_random_below (&random, 3);
    }
    for (int32_t e = 0; e < 3; e++) /* no class without label */
      given[e] = e;
    take_labels (&c, given, &random);
    ask_unlabelled (&c, followed, given);
    for (size_t i = 0; i < n; i++) {
      uint32_t expected = 0;
      double distance;
      if (given[i] >= 0)
        continue;
      plain_follow (&c, i, &expected, &distance);
      g_assert_cmpuint (c.prediction[i].follows, ==, expected);
      g_assert_cmpfloat_with_epsilon (c.prediction[i].distance, distance, 1e-5 * distance + 1e-30);
    }
  }
  tsr_followed_free (followed);
  tsr_followed_free (NULL);
  case_clear (&c);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/follow/nearest", test_nearest);
  g_test_add_func ("/follow/ties", test_ties);
  g_test_add_func ("/follow/again", test_again);
  return g_test_run ();
}
