/* How a session spreads labels and chooses what is to be labelled next: every strategy, every rule.
 */

#include "session-fixture.h"
#include "tsr-rule.h"
#include "tsr-strategy.h"
#include "window-fixture.h"

#include <math.h>

static uint32_t
nearest_of_truth (SessionFixture *f, const char *name)
{
  for (uint32_t i = 0; i < SESSION_TILES; i++)
    if (g_strcmp0 (tessera_session_get_truth (f->session, i), name) == 0)
      return i;
  g_assert_not_reached ();
}

/* A right label in each cloud of W: nearly everything is right by W. */
static void
test_accuracy (SessionFixture *f, gconstpointer data)
{
  tessera_session_set_setting (f->session, "rule", "w");
  g_assert_true (isnan (tessera_session_accuracy (f->session, NULL)));
  for (unsigned c = 0; c < SESSION_CLASSES; c++) {
    const TsrClass *class_ = g_ptr_array_index (tessera_session_get_classes (f->session), c);
    int32_t id = class_->id;
    tessera_session_select_one (f->session, nearest_of_truth (f, class_->name));
    tessera_session_label (f->session, id);
    session_wait_idle (f->session);
  }
  uint32_t counted;
  double accuracy = tessera_session_accuracy (f->session, &counted);
  g_assert_cmpuint (counted, ==, SESSION_TILES - SESSION_CLASSES);
  g_assert_cmpfloat (accuracy, >, 0.8);
}

static void
test_random_and_batch (SessionFixture *f, gconstpointer data)
{
  tessera_session_set_setting (f->session, "batch", "10");
  tessera_session_set_setting (f->session, "strategy", "random");
  tessera_session_suggest (f->session, 0);
  session_wait_idle (f->session);
  g_assert_cmpuint (tessera_session_get_queue (f->session)->len, ==, 10);
}

/* Every strategy fills a batch with tiles that have no label, and goes on after it is done. */
static void
test_strategies (SessionFixture *f, gconstpointer data)
{
  tessera_session_set_setting (f->session, "batch", "6");
  for (TsrStrategy strategy = 0; strategy < TSR_N_STRATEGIES; strategy++) {
    tessera_session_set_setting (f->session, "strategy", tsr_strategy_name (strategy));
    tessera_session_suggest (f->session, 0);
    session_wait_idle (f->session);
    for (unsigned i = 0; i < 7; i++) { /* the last is the first of the next batch */
      uint32_t tile = session_queued (f, 0);
      g_assert_cmpint (tessera_session_get_label (f->session, tile), ==, TSR_LABEL_NONE);
      tessera_session_select_one (f->session, tile);
      tessera_session_label (f->session, session_class_id (f, i % SESSION_CLASSES));
      session_wait_idle (f->session);
    }
    g_assert_cmpuint (tessera_session_get_queue (f->session)->len, ==, 5);
  }
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 7 * TSR_N_STRATEGIES);
}

/* The engine's answer to the same labels, tile by tile. */
static void
check_rule (SessionFixture *f, TsrRule rule)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (f->path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  g_autofree float *w = NULL;
  uint32_t d;
  g_assert_true (tsr_project_get_vectors (project, &w, &d, NULL, &error));
  int32_t label[SESSION_TILES];
  TsrPrediction prediction[SESSION_TILES];
  float probability[SESSION_TILES * SESSION_CLASSES];
  for (uint32_t i = 0; i < SESSION_TILES; i++) {
    label[i] = -1;
    for (int32_t c = 0; c < SESSION_CLASSES; c++)
      if (tessera_session_get_label (f->session, i) == session_class_id (f, (unsigned)c))
        label[i] = c;
  }
  TsrRuleSpace *space = tsr_rule_space_new (NULL, 0, w, d, SESSION_TILES, NULL);
  TsrRuleResult result = {.prediction = prediction, .probability = probability};
  g_assert_true (tsr_rule_apply (space, rule, label, SESSION_CLASSES, &result, NULL, &error));
  tsr_rule_space_free (space);
  for (uint32_t i = 0; i < SESSION_TILES; i++) {
    const TsrPrediction *shown = tessera_session_get_prediction (f->session, i);
    g_assert_cmpint (shown->class_id, ==, session_class_id (f, (unsigned)prediction[i].class_id));
    g_assert_cmpuint (shown->follows, ==, prediction[i].follows);
    g_assert_cmpfloat (fabsf (shown->margin - prediction[i].margin), <=, 1e-6f);
  }
}

/* A rule that is fitted anew follows labels, exclusions and undoing like the others. */
static void
test_fitted_rules (SessionFixture *f, gconstpointer data)
{
  for (TsrRule rule = TSR_RULE_KNN; rule < TSR_N_RULES; rule++) {
    tessera_session_set_setting (f->session, "rule", tsr_rule_name (rule));
    session_wait_idle (f->session);
    uint32_t first = session_queued (f, 0);
    g_assert_cmpint (tessera_session_get_prediction (f->session, first)->class_id, ==,
                     TSR_NO_CLASS);
    for (unsigned c = 0; c < SESSION_CLASSES; c++) {
      const TsrClass *class_ = g_ptr_array_index (tessera_session_get_classes (f->session), c);
      int32_t id = class_->id;
      tessera_session_select_one (f->session, nearest_of_truth (f, class_->name));
      tessera_session_label (f->session, id);
      session_wait_idle (f->session);
    }
    check_rule (f, rule);
    uint32_t tile = session_queued (f, 0);
    tessera_session_select_one (f->session, tile);
    tessera_session_exclude (f->session, TRUE);
    session_wait_idle (f->session);
    g_assert_cmpint (tessera_session_get_prediction (f->session, tile)->class_id, ==, TSR_NO_CLASS);
    for (unsigned i = 0; i <= SESSION_CLASSES; i++) {
      tessera_session_undo (f->session);
      session_wait_idle (f->session);
    }
    g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 0);
    g_assert_cmpint (tessera_session_get_prediction (f->session, tile)->class_id, ==, TSR_NO_CLASS);
  }
}

int
main (int argc, char **argv)
{
  window_fixture_home ();
  g_test_init (&argc, &argv, NULL);
  static const struct {
    const char *name;
    void (*test) (SessionFixture *, gconstpointer);
  } tests[] = {
      {"accuracy", test_accuracy},
      {"random-and-batch", test_random_and_batch},
      {"strategies", test_strategies},
      {"fitted", test_fitted_rules},
  };
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree char *path = g_strconcat ("/session-rules/", tests[i].name, NULL);
    g_test_add (path, SessionFixture, NULL, session_fixture_set_up, tests[i].test,
                session_fixture_tear_down);
  }
  return g_test_run ();
}
