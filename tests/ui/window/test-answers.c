/* What a label answers for: the tiles that follow it, and whether map and model tell the same of a
 * tile. */

#include "tessera-session-audit.h"
#include "tessera-tile-panel.h"
#include "truth-hands.h"
#include "window-test.h"

#include <math.h>

#define N 300

static gboolean
reviews (WindowTest *test, gpointer data)
{
  guint32 followers;
  tessera_session_get_followed (window_test_session (test), &followers);
  return followers > 0;
}

static void
test_followers (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  uint32_t labelled = truth_hands_current (&test);
  for (int i = 0; i < 8; i++)
    truth_hands_label (&test);
  for (int from_label = 0; from_label < 2; from_label++) {
    uint32_t start = labelled;
    guint n = 0;
    for (uint32_t i = 0; i < N; i++)
      if (tessera_session_get_prediction (session, i)->follows == labelled && i != labelled) {
        start = from_label ? labelled : i;
        n++;
      }
    g_assert_cmpuint (n, >, 0);
    tessera_session_select_one (session, start);
    window_test_wait (&test, "it is known what follows", reviews, NULL);
    g_autofree char *name = g_strdup_printf ("Review %u", n);
    window_test_settle (&test); /* laid out */
    window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), name));
    size_t selected;
    const uint32_t *tiles = tessera_session_get_selection (session, &selected);
    g_assert_cmpuint (selected, ==, n);
    for (size_t i = 0; i < selected; i++)
      g_assert_cmpuint (tessera_session_get_prediction (session, tiles[i])->follows, ==, labelled);
  }
  window_test_close (&test);
}

/* The class of the nearest labelled tile, plainly. */
static int32_t
nearest_class (WindowTest *test, const float *points, uint32_t d, uint32_t tile)
{
  TesseraSession *session = window_test_session (test);
  int32_t found = TSR_LABEL_NONE;
  double best = INFINITY;
  for (uint32_t i = 0; i < N; i++) {
    double sum = 0;
    for (uint32_t c = 0; c < d; c++)
      sum += pow ((double)points[i * d + c] - points[tile * d + c], 2);
    if (i == tile || tessera_session_get_label (session, i) < 0 || sum >= best)
      continue;
    best = sum;
    found = tessera_session_get_label (session, i);
  }
  return found;
}

static gboolean
has_rules (WindowTest *test, gpointer data)
{
  int32_t map_class, w_class;
  return tessera_session_get_rules (window_test_session (test), &map_class, &w_class);
}

/* Whether map and model tell the same is said where they do not. */
static void
test_rules (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  for (int i = 0; i < 8; i++)
    truth_hands_label (&test);
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (test.path, TSR_PROJECT_READ_ONLY, &error);
  g_autofree float *w = NULL;
  uint32_t d;
  g_assert_true (tsr_project_get_vectors (project, &w, &d, NULL, &error));
  const float *map = tessera_session_get_map (session);
  GtkWidget *panel = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_TILE_PANEL);
  guint apart = 0, alike = 0;
  for (uint32_t i = 0; i < N && (apart < 3 || alike < 3); i++) {
    int32_t on_map = nearest_class (&test, map, 2, i), in_w = nearest_class (&test, w, d, i);
    if (tessera_session_get_label (session, i) >= 0 || (on_map == in_w ? alike : apart) >= 3)
      continue;
    (on_map == in_w ? alike++ : apart++);
    tessera_session_select_one (session, i);
    window_test_wait (&test, "it is known what the rules say", has_rules, NULL);
    int32_t map_class, w_class;
    tessera_session_get_rules (session, &map_class, &w_class);
    g_assert_cmpint (map_class, ==, on_map);
    g_assert_cmpint (w_class, ==, in_w);
    g_autofree char *says = g_strdup_printf ("in the model's own space the nearest label says %s",
                                             tessera_session_get_class (session, in_w)->name);
    g_assert_cmpint (window_test_says (panel, says), ==, on_map != in_w);
  }
  g_assert_cmpuint (apart, ==, 3);
  g_assert_cmpuint (alike, ==, 3);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/answers/followers", test_followers);
  g_test_add_func ("/answers/rules", test_rules);
  return g_test_run ();
}
