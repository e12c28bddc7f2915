/* The session without a window: what is typed reaches the disk in order, and everything that
 * follows from it is right. */

#include "session-fixture.h"
#include "tsr-tile-source.h"
#include "window-fixture.h"

#include <math.h>
#include <string.h>

static void
test_open (SessionFixture *f, gconstpointer data)
{
  g_assert_cmpuint (tessera_session_get_n_tiles (f->session), ==, SESSION_TILES);
  g_assert_cmpuint (tessera_session_get_classes (f->session)->len, ==, SESSION_CLASSES);
  g_assert_nonnull (tessera_session_get_map (f->session));
  g_assert_true (tessera_session_has_vectors (f->session));
  g_assert_true (tessera_session_has_truth (f->session));
  g_assert_cmpuint (tessera_session_get_queue (f->session)->len, ==, 20);
  g_autoptr (TsrProject) project = tsr_project_open (f->path, TSR_PROJECT_READ_ONLY, NULL);
  g_auto (GStrv) names = tsr_project_tile_names (project);
  for (uint32_t i = 0; i < SESSION_TILES; i++)
    g_assert_cmpstr (tessera_session_get_tile_name (f->session, i), ==, names[i]);
  /* The first suggestion is already there to be looked at. */
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, session_queued (f, 0));
  for (int i = 0; i < 200; i++) {
    float now, then;
    uint32_t more;
    if (tessera_session_get_coverage (f->session, &now, &then, &more)) {
      g_assert_true (isinf (now));
      g_assert_cmpfloat (then, >, 0);
      g_assert_true (isfinite (then));
      return;
    }
    session_spin (5);
  }
  g_assert_not_reached ();
}

static void
test_label (SessionFixture *f, gconstpointer data)
{
  uint32_t first = session_queued (f, 0), second = session_queued (f, 1);
  tessera_session_label (f->session, session_class_id (f, 2));
  /* Not before it is on disk. */
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, first);
  g_assert_cmpint (tessera_session_get_label (f->session, first), ==, TSR_LABEL_NONE);
  session_wait_idle (f->session);
  g_assert_cmpint (window_fixture_label_on_disk (f->path, first), ==, session_class_id (f, 2));
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, second);
  g_assert_cmpuint (session_queued (f, 0), ==, second);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 1);
  /* One class: every tile follows that label. */
  TesseraClassCount count = tessera_session_count_class (f->session, session_class_id (f, 2));
  g_assert_cmpuint (count.labelled, ==, 1);
  g_assert_cmpuint (count.predicted, ==, SESSION_TILES - 1);
  const TsrPrediction *p = tessera_session_get_prediction (f->session, second);
  g_assert_cmpint (p->class_id, ==, session_class_id (f, 2));
  g_assert_cmpuint (p->follows, ==, first);
}

/* Somebody copies the project's file, and nothing else, while its window is open: after a moment
 * of rest the labels are in it. */
static void
test_copied (SessionFixture *f, gconstpointer data)
{
  uint32_t first = session_queued (f, 0);
  g_autofree char *copy = g_build_filename (f->folder, "copy.tessera", NULL);
  int32_t wanted = session_class_id (f, 2), found = TSR_LABEL_NONE;
  tessera_session_label (f->session, wanted);
  session_wait_idle (f->session);
  for (unsigned i = 0; i < 100 && found != wanted; i++) {
    g_autofree char *bytes = NULL;
    gsize n;
    session_spin (100);
    g_assert_true (g_file_get_contents (f->path, &bytes, &n, NULL));
    g_assert_true (g_file_set_contents (copy, bytes, (gssize)n, NULL));
    found = window_fixture_label_on_disk (copy, first);
  }
  g_assert_cmpint (found, ==, wanted);
}

/* Typed faster than any disk: nothing is lost, nothing changes place. */
static void
test_fast_typing (SessionFixture *f, gconstpointer data)
{
  uint32_t expected[12];
  for (guint i = 0; i < 12; i++)
    expected[i] = session_queued (f, i);
  for (unsigned i = 0; i < 12; i++)
    tessera_session_label (f->session, session_class_id (f, i % SESSION_CLASSES));
  session_wait_idle (f->session);
  for (unsigned i = 0; i < 12; i++) {
    g_assert_cmpint (window_fixture_label_on_disk (f->path, expected[i]), ==,
                     session_class_id (f, i % SESSION_CLASSES));
    g_assert_cmpint (tessera_session_get_label (f->session, expected[i]), ==,
                     session_class_id (f, i % SESSION_CLASSES));
  }
  g_assert_cmpuint (window_fixture_journal_length (f->path), ==, 12);
  g_assert_cmpuint (tessera_session_get_queue (f->session)->len, ==, 8);
  uint32_t done, total;
  tessera_session_get_batch (f->session, &done, &total);
  g_assert_cmpuint (done, ==, 12);
  g_assert_cmpuint (total, ==, 20);
}

static void
test_batch_goes_on (SessionFixture *f, gconstpointer data)
{
  for (unsigned i = 0; i < 20; i++)
    tessera_session_label (f->session, session_class_id (f, i % SESSION_CLASSES));
  session_wait_idle (f->session);
  g_assert_cmpuint (tessera_session_get_queue (f->session)->len, ==, 20);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 20);
  g_assert_cmpuint (f->toasts->len, ==, 1);
  for (guint i = 0; i < 20; i++)
    g_assert_cmpint (tessera_session_get_label (f->session, session_queued (f, i)), ==,
                     TSR_LABEL_NONE);
}

static void
test_undo (SessionFixture *f, gconstpointer data)
{
  uint32_t first = session_queued (f, 0), second = session_queued (f, 1);
  g_assert_false (tessera_session_can_undo (f->session));
  tessera_session_label (f->session, session_class_id (f, 1));
  tessera_session_undo (f->session);
  session_wait_idle (f->session);
  g_assert_cmpint (window_fixture_label_on_disk (f->path, first), ==, TSR_LABEL_NONE);
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, first);
  g_assert_cmpuint (session_queued (f, 0), ==, first); /* suggested again, before the others */
  g_assert_true (tessera_session_can_redo (f->session));
  tessera_session_redo (f->session);
  session_wait_idle (f->session);
  g_assert_cmpint (window_fixture_label_on_disk (f->path, first), ==, session_class_id (f, 1));
  g_assert_cmpuint (session_queued (f, 0), ==, second);
  tessera_session_redo (f->session); /* with nothing to redo */
  session_wait_idle (f->session);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 1);
}

static void
test_clear_and_relabel (SessionFixture *f, gconstpointer data)
{
  uint32_t first = session_queued (f, 0);
  tessera_session_label (f->session, session_class_id (f, 0));
  session_wait_idle (f->session);
  tessera_session_select_one (f->session, first);
  tessera_session_label (f->session, session_class_id (f, 3));
  session_wait_idle (f->session);
  g_assert_cmpint (window_fixture_label_on_disk (f->path, first), ==, session_class_id (f, 3));
  tessera_session_select_one (f->session, first);
  tessera_session_label (f->session, TSR_LABEL_NONE);
  session_wait_idle (f->session);
  g_assert_cmpint (window_fixture_label_on_disk (f->path, first), ==, TSR_LABEL_NONE);
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, first); /* clearing stays */
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 0);
  g_assert_cmpint (tessera_session_get_prediction (f->session, first)->class_id, ==, TSR_NO_CLASS);
}

static void
count_cb (TesseraSession *session, unsigned *count)
{
  ++*count;
}

/* Draws a batch; the coverage that comes with it is of the labels as they are. */
static void
suggest_and_measure (SessionFixture *f, float *now, float *then)
{
  unsigned measured = 0;
  uint32_t more;
  gulong handler =
      g_signal_connect (f->session, "coverage-changed", G_CALLBACK (count_cb), &measured);
  tessera_session_suggest (f->session, 20);
  session_wait_idle (f->session);
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  while (measured == 0 && g_get_monotonic_time () < end)
    session_spin (2);
  g_assert_cmpuint (measured, >, 0);
  g_assert_true (tessera_session_get_coverage (f->session, now, then, &more));
  g_signal_handler_disconnect (f->session, handler);
}

/* What is kept up to date from label to label is what opening the project finds. */
static void
test_kept_up_to_date (SessionFixture *f, gconstpointer data)
{
  for (unsigned i = 0; i < 60; i++) {
    uint32_t tile = (i * 97 + 13) % SESSION_TILES;
    if (i % 3 != 0)
      tessera_session_select_one (f->session, tile); /* not the one that was next */
    if (i % 11 == 5)
      tessera_session_exclude (f->session, TRUE);
    else if (i % 7 == 3)
      tessera_session_undo (f->session);
    else if (i % 13 == 6)
      tessera_session_skip (f->session);
    else
      tessera_session_label (f->session, i % 5 == 4    ? TSR_LABEL_UNSURE
                                         : i % 17 == 9 ? TSR_LABEL_NONE
                                                       : session_class_id (f, i % SESSION_CLASSES));
    session_wait_idle (f->session);
  }
  float now, then, now_again, then_again;
  suggest_and_measure (f, &now, &then);
  g_autoptr (GArray) queue = g_array_copy ((GArray *)tessera_session_get_queue (f->session));
  TesseraClassCount counts[SESSION_CLASSES];
  g_autofree TsrPrediction *predictions =
      g_memdup2 (tessera_session_get_predictions (f->session), SESSION_TILES * sizeof *predictions);
  for (unsigned c = 0; c < SESSION_CLASSES; c++)
    counts[c] = tessera_session_count_class (f->session, session_class_id (f, c));
  uint32_t labelled = tessera_session_count_labelled (f->session),
           unsure = tessera_session_count_unsure (f->session),
           excluded = tessera_session_count_excluded (f->session), counted, counted_again;
  double accuracy = tessera_session_accuracy (f->session, &counted);
  g_assert_cmpuint (labelled, >, 10);
  g_assert_cmpuint (unsure, >, 0);
  g_assert_cmpuint (excluded, >, 0);

  session_fixture_close (f);
  session_fixture_open (f);
  suggest_and_measure (f, &now_again, &then_again);
  g_assert_cmpfloat (now, ==, now_again);
  g_assert_cmpfloat (then, ==, then_again);
  const GArray *again = tessera_session_get_queue (f->session);
  g_assert_cmpmem (queue->data, queue->len * sizeof (uint32_t), again->data,
                   again->len * sizeof (uint32_t));
  for (unsigned c = 0; c < SESSION_CLASSES; c++) {
    TesseraClassCount count = tessera_session_count_class (f->session, session_class_id (f, c));
    g_assert_cmpuint (count.labelled, ==, counts[c].labelled);
    g_assert_cmpuint (count.predicted, ==, counts[c].predicted);
  }
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, labelled);
  g_assert_cmpuint (tessera_session_count_unsure (f->session), ==, unsure);
  g_assert_cmpuint (tessera_session_count_excluded (f->session), ==, excluded);
  g_assert_cmpfloat (tessera_session_accuracy (f->session, &counted_again), ==, accuracy);
  g_assert_cmpuint (counted, ==, counted_again);
  g_assert_cmpmem (predictions, SESSION_TILES * sizeof *predictions,
                   tessera_session_get_predictions (f->session),
                   SESSION_TILES * sizeof *predictions);
}

typedef struct {
  uint32_t tile, next; /* labelled, and suggested before that */
  int32_t label;
  unsigned coloured, suggested;
} Order;

static void
coloured_cb (TesseraSession *session, Order *order)
{
  order->coloured++;
  g_assert_cmpuint (order->suggested, ==, 0);
  g_assert_true (tessera_session_is_busy (session));
  g_assert_cmpint (tessera_session_get_label (session, order->tile), ==, order->label);
  g_assert_cmpint (tessera_session_get_prediction (session, order->next)->class_id, ==,
                   order->label);
  g_assert_cmpuint (tessera_session_get_current (session), ==, order->tile);
}

static void
suggested_cb (TesseraSession *session, Order *order)
{
  g_assert_cmpuint (order->coloured, ==, 1);
  order->suggested++;
}

/* A label out of turn colours the map before what is suggested next is told. */
static void
test_colours_first (SessionFixture *f, gconstpointer data)
{
  uint32_t next = session_queued (f, 0);
  Order order = {(next + 1) % SESSION_TILES, next, session_class_id (f, 1), 0, 0};
  g_assert_false (tessera_session_is_suggested (f->session, order.tile));
  tessera_session_select_one (f->session, order.tile);
  gulong coloured =
             g_signal_connect (f->session, "labels-changed", G_CALLBACK (coloured_cb), &order),
         suggested = g_signal_connect (f->session, "suggestions-changed", G_CALLBACK (suggested_cb),
                                       &order);
  tessera_session_label (f->session, order.label);
  session_wait_idle (f->session);
  g_assert_cmpuint (order.coloured, ==, 1);
  g_assert_cmpuint (order.suggested, ==, 1);
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, session_queued (f, 0));
  g_signal_handler_disconnect (f->session, coloured);
  g_signal_handler_disconnect (f->session, suggested);
}

static void
test_skip_unsure_exclude (SessionFixture *f, gconstpointer data)
{
  uint32_t a = session_queued (f, 0), b = session_queued (f, 1);
  tessera_session_skip (f->session);
  session_wait_idle (f->session);
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, b);
  g_assert_cmpuint (session_queued (f, 19), ==, a);
  g_assert_cmpuint (window_fixture_journal_length (f->path), ==, 0);

  tessera_session_label (f->session, TSR_LABEL_UNSURE);
  session_wait_idle (f->session);
  g_assert_cmpint (window_fixture_label_on_disk (f->path, b), ==, TSR_LABEL_UNSURE);
  g_assert_false (tessera_session_is_suggested (f->session, b));
  g_assert_true (tessera_session_is_suggested (f->session, a)); /* skipped is not forgotten */
  g_assert_cmpuint (tessera_session_count_unsure (f->session), ==, 1);

  uint32_t c = tessera_session_get_current (f->session);
  tessera_session_exclude (f->session, TRUE);
  session_wait_idle (f->session);
  g_assert_true (tessera_session_get_excluded (f->session, c));
  g_assert_false (tessera_session_is_suggested (f->session, c));
  tessera_session_select_one (f->session, c);
  tessera_session_exclude (f->session, FALSE);
  session_wait_idle (f->session);
  g_assert_false (tessera_session_get_excluded (f->session, c));
}

/* What was excluded by mistake is asked for again, first, and the others are those of before. */
static void
test_exclude_and_back (SessionFixture *f, gconstpointer strategy)
{
  tessera_session_set_setting (f->session, "strategy", strategy);
  tessera_session_suggest (f->session, 20);
  session_wait_idle (f->session);
  tessera_session_label (f->session, session_class_id (f, 0));
  session_wait_idle (f->session);
  g_autoptr (GArray) before = g_array_copy ((GArray *)tessera_session_get_queue (f->session));
  uint32_t a = session_queued (f, 0);
  for (unsigned round = 0; round < 2; round++) {
    tessera_session_select_one (f->session, a);
    tessera_session_exclude (f->session, TRUE);
    session_wait_idle (f->session);
    g_assert_false (tessera_session_is_suggested (f->session, a));
    if (round == 0)
      tessera_session_undo (f->session);
    else {
      tessera_session_select_one (f->session, a);
      tessera_session_exclude (f->session, FALSE);
    }
    session_wait_idle (f->session);
    const GArray *queue = tessera_session_get_queue (f->session);
    g_assert_cmpmem (queue->data, queue->len * sizeof (uint32_t), before->data,
                     before->len * sizeof (uint32_t));
  }
}

static void
test_bulk (SessionFixture *f, gconstpointer data)
{
  uint32_t tiles[40];
  for (uint32_t i = 0; i < 40; i++)
    tiles[i] = i * 3;
  tessera_session_select (f->session, tiles, 40, TESSERA_SELECT_REPLACE);
  tessera_session_select (f->session, tiles, 5, TESSERA_SELECT_REMOVE);
  uint32_t extra = 1;
  tessera_session_select (f->session, &extra, 1, TESSERA_SELECT_ADD);
  size_t n;
  tessera_session_get_selection (f->session, &n);
  g_assert_cmpuint (n, ==, 36);
  tessera_session_label (f->session, session_class_id (f, 4));
  session_wait_idle (f->session);
  g_assert_cmpuint (window_fixture_journal_length (f->path), ==, 1); /* one entry */
  g_assert_cmpint (window_fixture_label_on_disk (f->path, 1), ==, session_class_id (f, 4));
  g_assert_cmpint (window_fixture_label_on_disk (f->path, 0), ==, TSR_LABEL_NONE);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 36);
  tessera_session_undo (f->session);
  session_wait_idle (f->session);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 0);
  tessera_session_get_selection (f->session, &n);
  g_assert_cmpuint (n, ==, 36); /* what was undone is selected */
}

/* Labels that were there are not replaced in silence, and undo lets the suggestions glow again that
 * were among the tiles. */
static void
test_bulk_over_labels (SessionFixture *f, gconstpointer data)
{
  uint32_t done, total, tiles[40];
  tiles[5] = session_queued (f, 0);
  tessera_session_label (f->session, session_class_id (f, 0));
  session_wait_idle (f->session);
  for (guint i = 0; i < 5; i++)
    tiles[i] = session_queued (f, i);
  tessera_session_select (f->session, tiles, 6, TESSERA_SELECT_REPLACE);
  g_ptr_array_set_size (f->toasts, 0);
  tessera_session_label (f->session, session_class_id (f, 1));
  session_wait_idle (f->session);
  g_assert_cmpuint (f->toasts->len, ==, 1);
  g_assert_nonnull (strstr (f->toasts->pdata[0], "6 tiles, 1 of which had another label"));
  tessera_session_get_batch (f->session, &done, &total);
  g_assert_cmpuint (done, ==, 6);
  g_assert_cmpuint (total, ==, 20);
  tessera_session_undo (f->session);
  session_wait_idle (f->session);
  tessera_session_get_batch (f->session, &done, &total);
  g_assert_cmpuint (done, ==, 1);
  g_assert_cmpuint (total, ==, 20);
  for (guint i = 0; i < 5; i++)
    g_assert_true (tessera_session_is_suggested (f->session, tiles[i]));

  /* of many tiles that are cleared only those count that had a label */
  tessera_session_select (f->session, tiles, 6, TESSERA_SELECT_REPLACE);
  g_ptr_array_set_size (f->toasts, 0);
  tessera_session_label (f->session, TSR_LABEL_NONE);
  session_wait_idle (f->session);
  g_assert_cmpuint (f->toasts->len, ==, 1);
  g_assert_nonnull (strstr (f->toasts->pdata[0], "Label of 1 tile cleared"));
}

/* Tiles that undo gives back are suggested again; nobody has looked at those before them. */
static void
test_bulk_of_all (SessionFixture *f, gconstpointer data)
{
  guint n = tessera_session_get_n_tiles (f->session);
  g_autofree uint32_t *tiles = g_new (uint32_t, n);
  for (guint i = 0; i < n; i++)
    tiles[i] = i;
  tessera_session_select (f->session, tiles, n, TESSERA_SELECT_REPLACE);
  tessera_session_label (f->session, session_class_id (f, 0));
  session_wait_idle (f->session);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, n);
  g_ptr_array_set_size (f->toasts, 0);
  tessera_session_undo (f->session);
  session_wait_idle (f->session);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 0);
  g_assert_cmpuint (tessera_session_get_queue (f->session)->len, >, 0);
  for (guint i = 0; i < f->toasts->len; i++)
    g_assert_null (strstr (f->toasts->pdata[i], "looked at"));
}

static void
test_classes (SessionFixture *f, gconstpointer data)
{
  int32_t a = session_class_id (f, 0), b = session_class_id (f, 1);
  uint32_t first = session_queued (f, 0);
  tessera_session_label (f->session, a);
  tessera_session_add_class (f->session, "  Vessel ", -1);
  session_wait_idle (f->session);
  GPtrArray *classes = tessera_session_get_classes (f->session);
  g_assert_cmpuint (classes->len, ==, SESSION_CLASSES + 1);
  g_assert_cmpstr (((TsrClass *)g_ptr_array_index (classes, SESSION_CLASSES))->name, ==, "Vessel");
  tessera_session_add_class (f->session, "Vessel", -1); /* refused with a word */
  tessera_session_add_class (f->session, "   ", -1);
  session_wait_idle (f->session);
  g_assert_cmpuint (tessera_session_get_classes (f->session)->len, ==, SESSION_CLASSES + 1);
  g_assert_cmpuint (f->toasts->len, ==, 2); /* one of the class added */

  TsrClass renamed = *tessera_session_get_class (f->session, a);
  renamed.name = (char *)"Carcinoma";
  renamed.rgb = 0x123456;
  tessera_session_update_class (f->session, &renamed);
  tessera_session_move_class (f->session, a, 2);
  session_wait_idle (f->session);
  g_assert_cmpstr (tessera_session_get_class (f->session, a)->name, ==, "Carcinoma");
  g_assert_cmpuint (tessera_session_get_class (f->session, a)->rgb, ==, 0x123456);
  g_assert_cmpint (session_class_id (f, 2), ==, a);

  tessera_session_merge_class (f->session, a, b);
  session_wait_idle (f->session);
  g_assert_null (tessera_session_get_class (f->session, a));
  g_assert_cmpint (tessera_session_get_label (f->session, first), ==, b);
  g_assert_cmpint (tessera_session_get_prediction (f->session, session_queued (f, 0))->class_id, ==,
                   b);
  tessera_session_undo (f->session);
  session_wait_idle (f->session);
  g_assert_nonnull (tessera_session_get_class (f->session, a));
  g_assert_cmpint (tessera_session_get_label (f->session, first), ==, a);
  tessera_session_remove_class (f->session, a);
  session_wait_idle (f->session);
  g_assert_null (tessera_session_get_class (f->session, a));
  g_assert_cmpint (window_fixture_label_on_disk (f->path, first), ==, TSR_LABEL_NONE);
  tessera_session_undo (f->session);
  session_wait_idle (f->session);
  g_assert_cmpint (tessera_session_get_label (f->session, first), ==, a);
}

/* `tessera label` in another process. */
static void
test_foreign (SessionFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) other = tsr_project_open (f->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  uint32_t tile = session_queued (f, 3);
  int32_t value = session_class_id (f, 1);
  g_assert_true (
      tsr_project_label (other, &tile, &value, 1, true, TSR_HOW_COMMAND, "Someone", NULL, &error));
  for (int i = 0; i < 300 && tessera_session_get_label (f->session, tile) != value; i++)
    session_spin (10);
  g_assert_cmpint (tessera_session_get_label (f->session, tile), ==, value);
  g_assert_cmpuint (tessera_session_count_class (f->session, value).predicted, ==,
                    SESSION_TILES - 1);
  g_assert_false (tessera_session_is_suggested (f->session, tile));
}

static void
test_restart (SessionFixture *f, gconstpointer data)
{
  for (unsigned i = 0; i < 7; i++)
    tessera_session_label (f->session, session_class_id (f, i % SESSION_CLASSES));
  tessera_session_set_setting (f->session, "rule", "w");
  session_wait_idle (f->session);
  uint32_t next = session_queued (f, 0);
  session_fixture_close (f);
  session_fixture_open (f);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 7);
  g_assert_cmpuint (session_queued (f, 0), ==, next);
  g_assert_cmpstr (tessera_session_get_setting (f->session, "rule", "map"), ==, "w");
  uint32_t done, total;
  tessera_session_get_batch (f->session, &done, &total);
  g_assert_cmpuint (done, ==, 7);
  g_assert_cmpuint (total, ==, 20);
  g_assert_true (tessera_session_can_undo (f->session));
}

static void
test_reset (SessionFixture *f, gconstpointer data)
{
  for (unsigned i = 0; i < 5; i++)
    tessera_session_label (f->session, session_class_id (f, i));
  tessera_session_exclude (f->session, TRUE);
  tessera_session_reset (f->session);
  session_wait_idle (f->session);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 0);
  g_assert_cmpuint (tessera_session_count_excluded (f->session), ==, 0);
  g_assert_cmpuint (tessera_session_get_queue (f->session)->len, ==, 20);
  tessera_session_undo (f->session);
  session_wait_idle (f->session);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 5);
}

static void
failed_cb (TesseraSession *session, const char *message, char **said)
{
  *said = g_strdup (message);
}

static void
test_not_a_project (void)
{
  char *folder = window_fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "broken.tessera", NULL);
  g_assert_true (
      g_file_set_contents (path, "this is no database, whatever its name says", -1, NULL));
  TesseraSession *session = tessera_session_new (path);
  g_autofree char *said = NULL;
  g_signal_connect (session, "failed", G_CALLBACK (failed_cb), &said);
  for (int i = 0; i < 500 && said == NULL; i++)
    session_spin (5);
  g_assert_nonnull (said);
  g_assert_nonnull (strstr (said, "broken.tessera"));
  tessera_session_label (session, 0); /* of no use, and no harm */
  tessera_session_close (session);
  g_assert_finalize_object (session);
  window_fixture_remove (folder);
}

/* What a training will see is asked of a few tiles, and said of them as of all. */
static void
test_sample (void)
{
  static const unsigned sizes[] = {1, 3, TSR_TILE_SOURCE_SAMPLE, 150};
  for (guint k = 0; k < G_N_ELEMENTS (sizes); k++) {
    g_autofree char *name = g_strdup_printf ("sample-%u", sizes[k]);
    char *folder = window_fixture_folder ();
    g_autofree char *path =
        window_fixture_project (folder, name, sizes[k], 1, WINDOW_FIXTURE_TILES);
    g_autoptr (GError) error = NULL;
    TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
    TsrTileSource *all = tsr_tile_source_new (project, &error),
                  *some = tsr_tile_source_new_sample (project, TSR_TILE_SOURCE_SAMPLE, &error);
    g_assert_cmpuint (all->tiles->len, ==, sizes[k]);
    g_assert_cmpuint (some->tiles->len, ==, MIN (sizes[k], TSR_TILE_SOURCE_SAMPLE));
    for (guint i = 0; i < some->tiles->len;
         i++) { /* the tiles that all of them would be probed by */
      guint at = (guint)((guint64)i * sizes[k] / some->tiles->len);
      g_assert_cmpuint (g_array_index (some->tiles, uint32_t, i), ==, at);
      g_assert_cmpuint (g_array_index (all->tiles, uint32_t, at), ==, at);
    }
    int size[2], channels[2];
    g_assert_true (tsr_tile_source_probe (all, &size[0], &channels[0], &error));
    g_assert_true (tsr_tile_source_probe (some, &size[1], &channels[1], &error));
    g_assert_cmpint (size[0], ==, size[1]);
    g_assert_cmpint (channels[0], ==, channels[1]);
    tsr_tile_source_free (all);
    tsr_tile_source_free (some);
    tsr_project_close (project);
    window_fixture_remove (folder);
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
      {"open", test_open},
      {"label", test_label},
      {"copied", test_copied},
      {"fast-typing", test_fast_typing},
      {"batch-goes-on", test_batch_goes_on},
      {"undo", test_undo},
      {"clear-and-relabel", test_clear_and_relabel},
      {"skip-unsure-exclude", test_skip_unsure_exclude},
      {"kept-up-to-date", test_kept_up_to_date},
      {"colours-first", test_colours_first},
      {"bulk", test_bulk},
      {"bulk-over-labels", test_bulk_over_labels},
      {"bulk-of-all", test_bulk_of_all},
      {"classes", test_classes},
      {"foreign", test_foreign},
      {"restart", test_restart},
      {"reset", test_reset},
  };
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree char *path = g_strconcat ("/session/", tests[i].name, NULL);
    g_test_add (path, SessionFixture, NULL, session_fixture_set_up, tests[i].test,
                session_fixture_tear_down);
  }
  g_test_add ("/session/exclude-and-back/farthest", SessionFixture, "fps", session_fixture_set_up,
              test_exclude_and_back, session_fixture_tear_down);
  g_test_add ("/session/exclude-and-back/kmeans", SessionFixture, "kmeans", session_fixture_set_up,
              test_exclude_and_back, session_fixture_tear_down);
  g_test_add_func ("/session/not-a-project", test_not_a_project);
  g_test_add_func ("/session/sample", test_sample);
  return g_test_run ();
}
