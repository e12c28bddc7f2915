/* The session without a window: what is typed reaches the disk in order, and everything that
 * follows from it is right. */

#include "tessera-map-point.h"
#include "tessera-session.h"
#include "tsr-rule.h"
#include "tsr-strategy.h"
#include "tsr-tile-source.h"
#include "window-fixture.h"

#include <math.h>
#include <string.h>

#define N         300
#define N_CLASSES 5

typedef struct {
  char *folder, *path;
  TesseraSession *session;
  GPtrArray *toasts;
  unsigned labels_changed;
} Fixture;

static void
spin (unsigned milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;
  while (g_get_monotonic_time () < end) {
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
  }
}

static void
wait_idle (TesseraSession *session)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  while (!tessera_session_is_open (session) || tessera_session_is_busy (session)) {
    if (g_get_monotonic_time () > end)
      g_error ("the session never came to rest");
    spin (2);
  }
}

static void
toast_cb (TesseraSession *session, const char *text, guint act, Fixture *f)
{
  g_ptr_array_add (f->toasts, g_strdup (text));
}

/* What a tile is to look like, by the session's own word of it. */
static TesseraMapPoint
expected_point (TesseraSession *session, uint32_t tile)
{
  TesseraMapPoint point = {.class_index = TESSERA_MAP_NO_CLASS};
  if (tessera_session_get_all_excluded (session)[tile]) {
    point.flags = TESSERA_MAP_POINT_EXCLUDED;
    return point;
  }
  int32_t label = tessera_session_get_labels (session)[tile], id = label;
  const TsrPrediction *prediction = tessera_session_get_prediction (session, tile);
  if (prediction != NULL && prediction->class_id < 0)
    prediction = NULL;
  if (label < 0 && prediction != NULL)
    id = prediction->class_id;
  GPtrArray *classes = tessera_session_get_classes (session);
  for (guint i = 0; id >= 0 && i < classes->len; i++)
    if (((TsrClass *)g_ptr_array_index (classes, i))->id == id)
      point.class_index = (guint8)i;
  if (label == TSR_LABEL_UNSURE)
    point.flags |= TESSERA_MAP_POINT_UNSURE;
  if (label >= 0)
    point.flags |= TESSERA_MAP_POINT_LABELLED;
  else if (prediction != NULL)
    point.flags |= TESSERA_MAP_POINT_PREDICTED;
  if (label >= 0)
    point.margin = 255;
  else if (prediction != NULL)
    point.margin = (guint8)(fminf (fmaxf (prediction->margin, 0), 1) * 255);
  return point;
}

/* The desk's colours, after whatever has changed. */
static void
check_colours (TesseraSession *session)
{
  g_autoptr (GBytes) colours = tessera_session_get_colours (session);
  uint32_t n = tessera_session_get_n_tiles (session);
  g_assert_nonnull (colours);
  gsize size;
  const TesseraMapPoint *points = g_bytes_get_data (colours, &size);
  g_assert_cmpuint (size, ==, n * sizeof *points);
  for (uint32_t i = 0; i < n; i++) {
    TesseraMapPoint point = expected_point (session, i);
    g_assert_cmpmem (&points[i], sizeof point, &point, sizeof point);
  }
}

static void
labels_cb (TesseraSession *session, Fixture *f)
{
  f->labels_changed++;
  check_colours (session);
}

static void
open_session (Fixture *f)
{
  f->session = tessera_session_new (f->path);
  g_signal_connect (f->session, "toast", G_CALLBACK (toast_cb), f);
  g_signal_connect (f->session, "labels-changed", G_CALLBACK (labels_cb), f);
  g_signal_connect (f->session, "classes-changed", G_CALLBACK (check_colours), NULL);
  wait_idle (f->session);
}

static void
close_session (Fixture *f)
{
  tessera_session_close (f->session);
  g_assert_finalize_object (f->session);
  f->session = NULL;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = window_fixture_folder ();
  f->path = window_fixture_project (f->folder, "test", N, N_CLASSES, WINDOW_FIXTURE_ALL);
  f->toasts = g_ptr_array_new_with_free_func (g_free);
  open_session (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->session != NULL)
    close_session (f);
  g_ptr_array_unref (f->toasts);
  window_fixture_remove (f->folder);
  g_free (f->path);
}

static int32_t
class_id (Fixture *f, unsigned i)
{
  return ((TsrClass *)g_ptr_array_index (tessera_session_get_classes (f->session), i))->id;
}

static uint32_t
queued (Fixture *f, guint i)
{
  const GArray *queue = tessera_session_get_queue (f->session);
  g_assert_cmpuint (i, <, queue->len);
  return g_array_index (queue, uint32_t, i);
}

static void
test_open (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (tessera_session_get_n_tiles (f->session), ==, N);
  g_assert_cmpuint (tessera_session_get_classes (f->session)->len, ==, N_CLASSES);
  g_assert_nonnull (tessera_session_get_map (f->session));
  g_assert_true (tessera_session_has_vectors (f->session));
  g_assert_true (tessera_session_has_truth (f->session));
  g_assert_cmpuint (tessera_session_get_queue (f->session)->len, ==, 20);
  g_autoptr (TsrProject) project = tsr_project_open (f->path, TSR_PROJECT_READ_ONLY, NULL);
  g_auto (GStrv) names = tsr_project_tile_names (project);
  for (uint32_t i = 0; i < N; i++)
    g_assert_cmpstr (tessera_session_get_tile_name (f->session, i), ==, names[i]);
  /* The first suggestion is already there to be looked at. */
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, queued (f, 0));
  for (int i = 0; i < 200; i++) {
    float now, then;
    uint32_t more;
    if (tessera_session_get_coverage (f->session, &now, &then, &more)) {
      g_assert_true (isinf (now));
      g_assert_cmpfloat (then, >, 0);
      g_assert_true (isfinite (then));
      return;
    }
    spin (5);
  }
  g_assert_not_reached ();
}

static void
test_label (Fixture *f, gconstpointer data)
{
  uint32_t first = queued (f, 0), second = queued (f, 1);
  tessera_session_label (f->session, class_id (f, 2));
  /* Not before it is on disk. */
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, first);
  g_assert_cmpint (tessera_session_get_label (f->session, first), ==, TSR_LABEL_NONE);
  wait_idle (f->session);
  g_assert_cmpint (window_fixture_label_on_disk (f->path, first), ==, class_id (f, 2));
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, second);
  g_assert_cmpuint (queued (f, 0), ==, second);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 1);
  /* One class: every tile follows that label. */
  TesseraClassCount count = tessera_session_count_class (f->session, class_id (f, 2));
  g_assert_cmpuint (count.labelled, ==, 1);
  g_assert_cmpuint (count.predicted, ==, N - 1);
  const TsrPrediction *p = tessera_session_get_prediction (f->session, second);
  g_assert_cmpint (p->class_id, ==, class_id (f, 2));
  g_assert_cmpuint (p->follows, ==, first);
}

/* Typed faster than any disk: nothing is lost, nothing changes place. */
static void
test_fast_typing (Fixture *f, gconstpointer data)
{
  uint32_t expected[12];
  for (guint i = 0; i < 12; i++)
    expected[i] = queued (f, i);
  for (unsigned i = 0; i < 12; i++)
    tessera_session_label (f->session, class_id (f, i % N_CLASSES));
  wait_idle (f->session);
  for (unsigned i = 0; i < 12; i++) {
    g_assert_cmpint (window_fixture_label_on_disk (f->path, expected[i]), ==,
                     class_id (f, i % N_CLASSES));
    g_assert_cmpint (tessera_session_get_label (f->session, expected[i]), ==,
                     class_id (f, i % N_CLASSES));
  }
  g_assert_cmpuint (window_fixture_journal_length (f->path), ==, 12);
  g_assert_cmpuint (tessera_session_get_queue (f->session)->len, ==, 8);
  uint32_t done, total;
  tessera_session_get_batch (f->session, &done, &total);
  g_assert_cmpuint (done, ==, 12);
  g_assert_cmpuint (total, ==, 20);
}

static void
test_batch_goes_on (Fixture *f, gconstpointer data)
{
  for (unsigned i = 0; i < 20; i++)
    tessera_session_label (f->session, class_id (f, i % N_CLASSES));
  wait_idle (f->session);
  g_assert_cmpuint (tessera_session_get_queue (f->session)->len, ==, 20);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 20);
  g_assert_cmpuint (f->toasts->len, ==, 1);
  for (guint i = 0; i < 20; i++)
    g_assert_cmpint (tessera_session_get_label (f->session, queued (f, i)), ==, TSR_LABEL_NONE);
}

static void
test_undo (Fixture *f, gconstpointer data)
{
  uint32_t first = queued (f, 0), second = queued (f, 1);
  g_assert_false (tessera_session_can_undo (f->session));
  tessera_session_label (f->session, class_id (f, 1));
  tessera_session_undo (f->session);
  wait_idle (f->session);
  g_assert_cmpint (window_fixture_label_on_disk (f->path, first), ==, TSR_LABEL_NONE);
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, first);
  g_assert_cmpuint (queued (f, 0), ==, first); /* suggested again, before the others */
  g_assert_true (tessera_session_can_redo (f->session));
  tessera_session_redo (f->session);
  wait_idle (f->session);
  g_assert_cmpint (window_fixture_label_on_disk (f->path, first), ==, class_id (f, 1));
  g_assert_cmpuint (queued (f, 0), ==, second);
  tessera_session_redo (f->session); /* with nothing to redo */
  wait_idle (f->session);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 1);
}

static void
test_clear_and_relabel (Fixture *f, gconstpointer data)
{
  uint32_t first = queued (f, 0);
  tessera_session_label (f->session, class_id (f, 0));
  wait_idle (f->session);
  tessera_session_select_one (f->session, first);
  tessera_session_label (f->session, class_id (f, 3));
  wait_idle (f->session);
  g_assert_cmpint (window_fixture_label_on_disk (f->path, first), ==, class_id (f, 3));
  tessera_session_select_one (f->session, first);
  tessera_session_label (f->session, TSR_LABEL_NONE);
  wait_idle (f->session);
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
suggest_and_measure (Fixture *f, float *now, float *then)
{
  unsigned measured = 0;
  uint32_t more;
  gulong handler =
      g_signal_connect (f->session, "coverage-changed", G_CALLBACK (count_cb), &measured);
  tessera_session_suggest (f->session, 20);
  wait_idle (f->session);
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  while (measured == 0 && g_get_monotonic_time () < end)
    spin (2);
  g_assert_cmpuint (measured, >, 0);
  g_assert_true (tessera_session_get_coverage (f->session, now, then, &more));
  g_signal_handler_disconnect (f->session, handler);
}

/* What is kept up to date from label to label is what opening the project finds. */
static void
test_kept_up_to_date (Fixture *f, gconstpointer data)
{
  for (unsigned i = 0; i < 60; i++) {
    uint32_t tile = (i * 97 + 13) % N;
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
                                                       : class_id (f, i % N_CLASSES));
    wait_idle (f->session);
  }
  float now, then, now_again, then_again;
  suggest_and_measure (f, &now, &then);
  g_autoptr (GArray) queue = g_array_copy ((GArray *)tessera_session_get_queue (f->session));
  TesseraClassCount counts[N_CLASSES];
  g_autofree TsrPrediction *predictions =
      g_memdup2 (tessera_session_get_predictions (f->session), N * sizeof *predictions);
  for (unsigned c = 0; c < N_CLASSES; c++)
    counts[c] = tessera_session_count_class (f->session, class_id (f, c));
  uint32_t labelled = tessera_session_count_labelled (f->session),
           unsure = tessera_session_count_unsure (f->session),
           excluded = tessera_session_count_excluded (f->session), counted, counted_again;
  double accuracy = tessera_session_accuracy (f->session, &counted);
  g_assert_cmpuint (labelled, >, 10);
  g_assert_cmpuint (unsure, >, 0);
  g_assert_cmpuint (excluded, >, 0);

  close_session (f);
  open_session (f);
  suggest_and_measure (f, &now_again, &then_again);
  g_assert_cmpfloat (now, ==, now_again);
  g_assert_cmpfloat (then, ==, then_again);
  const GArray *again = tessera_session_get_queue (f->session);
  g_assert_cmpmem (queue->data, queue->len * sizeof (uint32_t), again->data,
                   again->len * sizeof (uint32_t));
  for (unsigned c = 0; c < N_CLASSES; c++) {
    TesseraClassCount count = tessera_session_count_class (f->session, class_id (f, c));
    g_assert_cmpuint (count.labelled, ==, counts[c].labelled);
    g_assert_cmpuint (count.predicted, ==, counts[c].predicted);
  }
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, labelled);
  g_assert_cmpuint (tessera_session_count_unsure (f->session), ==, unsure);
  g_assert_cmpuint (tessera_session_count_excluded (f->session), ==, excluded);
  g_assert_cmpfloat (tessera_session_accuracy (f->session, &counted_again), ==, accuracy);
  g_assert_cmpuint (counted, ==, counted_again);
  g_assert_cmpmem (predictions, N * sizeof *predictions,
                   tessera_session_get_predictions (f->session), N * sizeof *predictions);
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
test_colours_first (Fixture *f, gconstpointer data)
{
  uint32_t next = queued (f, 0);
  Order order = {(next + 1) % N, next, class_id (f, 1), 0, 0};
  g_assert_false (tessera_session_is_suggested (f->session, order.tile));
  tessera_session_select_one (f->session, order.tile);
  gulong coloured =
             g_signal_connect (f->session, "labels-changed", G_CALLBACK (coloured_cb), &order),
         suggested = g_signal_connect (f->session, "suggestions-changed", G_CALLBACK (suggested_cb),
                                       &order);
  tessera_session_label (f->session, order.label);
  wait_idle (f->session);
  g_assert_cmpuint (order.coloured, ==, 1);
  g_assert_cmpuint (order.suggested, ==, 1);
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, queued (f, 0));
  g_signal_handler_disconnect (f->session, coloured);
  g_signal_handler_disconnect (f->session, suggested);
}

static void
test_skip_unsure_exclude (Fixture *f, gconstpointer data)
{
  uint32_t a = queued (f, 0), b = queued (f, 1);
  tessera_session_skip (f->session);
  wait_idle (f->session);
  g_assert_cmpuint (tessera_session_get_current (f->session), ==, b);
  g_assert_cmpuint (queued (f, 19), ==, a);
  g_assert_cmpuint (window_fixture_journal_length (f->path), ==, 0);

  tessera_session_label (f->session, TSR_LABEL_UNSURE);
  wait_idle (f->session);
  g_assert_cmpint (window_fixture_label_on_disk (f->path, b), ==, TSR_LABEL_UNSURE);
  g_assert_false (tessera_session_is_suggested (f->session, b));
  g_assert_true (tessera_session_is_suggested (f->session, a)); /* skipped is not forgotten */
  g_assert_cmpuint (tessera_session_count_unsure (f->session), ==, 1);

  uint32_t c = tessera_session_get_current (f->session);
  tessera_session_exclude (f->session, TRUE);
  wait_idle (f->session);
  g_assert_true (tessera_session_get_excluded (f->session, c));
  g_assert_false (tessera_session_is_suggested (f->session, c));
  tessera_session_select_one (f->session, c);
  tessera_session_exclude (f->session, FALSE);
  wait_idle (f->session);
  g_assert_false (tessera_session_get_excluded (f->session, c));
}

static void
test_bulk (Fixture *f, gconstpointer data)
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
  tessera_session_label (f->session, class_id (f, 4));
  wait_idle (f->session);
  g_assert_cmpuint (window_fixture_journal_length (f->path), ==, 1); /* one entry */
  g_assert_cmpint (window_fixture_label_on_disk (f->path, 1), ==, class_id (f, 4));
  g_assert_cmpint (window_fixture_label_on_disk (f->path, 0), ==, TSR_LABEL_NONE);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 36);
  tessera_session_undo (f->session);
  wait_idle (f->session);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 0);
  tessera_session_get_selection (f->session, &n);
  g_assert_cmpuint (n, ==, 36); /* what was undone is selected */
}

static void
test_classes (Fixture *f, gconstpointer data)
{
  int32_t a = class_id (f, 0), b = class_id (f, 1);
  uint32_t first = queued (f, 0);
  tessera_session_label (f->session, a);
  tessera_session_add_class (f->session, "  Vessel ", -1);
  wait_idle (f->session);
  GPtrArray *classes = tessera_session_get_classes (f->session);
  g_assert_cmpuint (classes->len, ==, N_CLASSES + 1);
  g_assert_cmpstr (((TsrClass *)g_ptr_array_index (classes, N_CLASSES))->name, ==, "Vessel");
  tessera_session_add_class (f->session, "Vessel", -1); /* refused with a word */
  tessera_session_add_class (f->session, "   ", -1);
  wait_idle (f->session);
  g_assert_cmpuint (tessera_session_get_classes (f->session)->len, ==, N_CLASSES + 1);
  g_assert_cmpuint (f->toasts->len, ==, 2); /* one of the class added */

  TsrClass renamed = *tessera_session_get_class (f->session, a);
  renamed.name = (char *)"Carcinoma";
  renamed.rgb = 0x123456;
  tessera_session_update_class (f->session, &renamed);
  tessera_session_move_class (f->session, a, 2);
  wait_idle (f->session);
  g_assert_cmpstr (tessera_session_get_class (f->session, a)->name, ==, "Carcinoma");
  g_assert_cmpuint (tessera_session_get_class (f->session, a)->rgb, ==, 0x123456);
  g_assert_cmpint (class_id (f, 2), ==, a);

  tessera_session_merge_class (f->session, a, b);
  wait_idle (f->session);
  g_assert_null (tessera_session_get_class (f->session, a));
  g_assert_cmpint (tessera_session_get_label (f->session, first), ==, b);
  g_assert_cmpint (tessera_session_get_prediction (f->session, queued (f, 0))->class_id, ==, b);
  tessera_session_undo (f->session);
  wait_idle (f->session);
  g_assert_nonnull (tessera_session_get_class (f->session, a));
  g_assert_cmpint (tessera_session_get_label (f->session, first), ==, a);
  tessera_session_remove_class (f->session, a);
  wait_idle (f->session);
  g_assert_null (tessera_session_get_class (f->session, a));
  g_assert_cmpint (window_fixture_label_on_disk (f->path, first), ==, TSR_LABEL_NONE);
  tessera_session_undo (f->session);
  wait_idle (f->session);
  g_assert_cmpint (tessera_session_get_label (f->session, first), ==, a);
}

/* `tessera label` in another process. */
static void
test_foreign (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) other = tsr_project_open (f->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  uint32_t tile = queued (f, 3);
  int32_t value = class_id (f, 1);
  g_assert_true (
      tsr_project_label (other, &tile, &value, 1, true, TSR_HOW_COMMAND, "Someone", NULL, &error));
  for (int i = 0; i < 300 && tessera_session_get_label (f->session, tile) != value; i++)
    spin (10);
  g_assert_cmpint (tessera_session_get_label (f->session, tile), ==, value);
  g_assert_cmpuint (tessera_session_count_class (f->session, value).predicted, ==, N - 1);
  g_assert_false (tessera_session_is_suggested (f->session, tile));
}

static void
test_restart (Fixture *f, gconstpointer data)
{
  for (unsigned i = 0; i < 7; i++)
    tessera_session_label (f->session, class_id (f, i % N_CLASSES));
  tessera_session_set_setting (f->session, "rule", "w");
  wait_idle (f->session);
  uint32_t next = queued (f, 0);
  close_session (f);
  open_session (f);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 7);
  g_assert_cmpuint (queued (f, 0), ==, next);
  g_assert_cmpstr (tessera_session_get_setting (f->session, "rule", "map"), ==, "w");
  uint32_t done, total;
  tessera_session_get_batch (f->session, &done, &total);
  g_assert_cmpuint (done, ==, 7);
  g_assert_cmpuint (total, ==, 20);
  g_assert_true (tessera_session_can_undo (f->session));
}

static uint32_t
nearest_of_truth (Fixture *f, const char *name)
{
  for (uint32_t i = 0; i < N; i++)
    if (g_strcmp0 (tessera_session_get_truth (f->session, i), name) == 0)
      return i;
  g_assert_not_reached ();
}

/* A right label in each cloud of W: nearly everything is right by W. */
static void
test_accuracy (Fixture *f, gconstpointer data)
{
  tessera_session_set_setting (f->session, "rule", "w");
  g_assert_true (isnan (tessera_session_accuracy (f->session, NULL)));
  for (unsigned c = 0; c < N_CLASSES; c++) {
    const TsrClass *class_ = g_ptr_array_index (tessera_session_get_classes (f->session), c);
    int32_t id = class_->id;
    tessera_session_select_one (f->session, nearest_of_truth (f, class_->name));
    tessera_session_label (f->session, id);
    wait_idle (f->session);
  }
  uint32_t counted;
  double accuracy = tessera_session_accuracy (f->session, &counted);
  g_assert_cmpuint (counted, ==, N - N_CLASSES);
  g_assert_cmpfloat (accuracy, >, 0.8);
}

static void
test_reset (Fixture *f, gconstpointer data)
{
  for (unsigned i = 0; i < 5; i++)
    tessera_session_label (f->session, class_id (f, i));
  tessera_session_exclude (f->session, TRUE);
  tessera_session_reset (f->session);
  wait_idle (f->session);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 0);
  g_assert_cmpuint (tessera_session_count_excluded (f->session), ==, 0);
  g_assert_cmpuint (tessera_session_get_queue (f->session)->len, ==, 20);
  tessera_session_undo (f->session);
  wait_idle (f->session);
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 5);
}

/* The farthest points drawn after labels are those one call would draw. */
static void
test_random_and_batch (Fixture *f, gconstpointer data)
{
  tessera_session_set_setting (f->session, "batch", "10");
  tessera_session_set_setting (f->session, "strategy", "random");
  tessera_session_suggest (f->session, 0);
  wait_idle (f->session);
  g_assert_cmpuint (tessera_session_get_queue (f->session)->len, ==, 10);
}

/* Every strategy fills a batch with tiles that have no label, and goes on after it is done. */
static void
test_strategies (Fixture *f, gconstpointer data)
{
  tessera_session_set_setting (f->session, "batch", "6");
  for (TsrStrategy strategy = 0; strategy < TSR_N_STRATEGIES; strategy++) {
    tessera_session_set_setting (f->session, "strategy", tsr_strategy_name (strategy));
    tessera_session_suggest (f->session, 0);
    wait_idle (f->session);
    for (unsigned i = 0; i < 7; i++) { /* the last is the first of the next batch */
      uint32_t tile = queued (f, 0);
      g_assert_cmpint (tessera_session_get_label (f->session, tile), ==, TSR_LABEL_NONE);
      tessera_session_select_one (f->session, tile);
      tessera_session_label (f->session, class_id (f, i % N_CLASSES));
      wait_idle (f->session);
    }
    g_assert_cmpuint (tessera_session_get_queue (f->session)->len, ==, 5);
  }
  g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 7 * TSR_N_STRATEGIES);
}

/* The engine's answer to the same labels, tile by tile. */
static void
check_rule (Fixture *f, TsrRule rule)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (f->path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  g_autofree float *w = NULL;
  uint32_t d;
  g_assert_true (tsr_project_get_vectors (project, &w, &d, NULL, &error));
  int32_t label[N];
  TsrPrediction prediction[N];
  float probability[N * N_CLASSES];
  for (uint32_t i = 0; i < N; i++) {
    label[i] = -1;
    for (int32_t c = 0; c < N_CLASSES; c++)
      if (tessera_session_get_label (f->session, i) == class_id (f, (unsigned)c))
        label[i] = c;
  }
  TsrRuleSpace *space = tsr_rule_space_new (NULL, 0, w, d, N, NULL);
  TsrRuleResult result = {.prediction = prediction, .probability = probability};
  g_assert_true (tsr_rule_apply (space, rule, label, N_CLASSES, &result, NULL, &error));
  tsr_rule_space_free (space);
  for (uint32_t i = 0; i < N; i++) {
    const TsrPrediction *shown = tessera_session_get_prediction (f->session, i);
    g_assert_cmpint (shown->class_id, ==, class_id (f, (unsigned)prediction[i].class_id));
    g_assert_cmpuint (shown->follows, ==, prediction[i].follows);
    g_assert_cmpfloat (fabsf (shown->margin - prediction[i].margin), <=, 1e-6f);
  }
}

/* A rule that is fitted anew follows labels, exclusions and undoing like the others. */
static void
test_fitted_rules (Fixture *f, gconstpointer data)
{
  for (TsrRule rule = TSR_RULE_KNN; rule < TSR_N_RULES; rule++) {
    tessera_session_set_setting (f->session, "rule", tsr_rule_name (rule));
    wait_idle (f->session);
    uint32_t first = queued (f, 0);
    g_assert_cmpint (tessera_session_get_prediction (f->session, first)->class_id, ==,
                     TSR_NO_CLASS);
    for (unsigned c = 0; c < N_CLASSES; c++) {
      const TsrClass *class_ = g_ptr_array_index (tessera_session_get_classes (f->session), c);
      int32_t id = class_->id;
      tessera_session_select_one (f->session, nearest_of_truth (f, class_->name));
      tessera_session_label (f->session, id);
      wait_idle (f->session);
    }
    check_rule (f, rule);
    uint32_t tile = queued (f, 0);
    tessera_session_select_one (f->session, tile);
    tessera_session_exclude (f->session, TRUE);
    wait_idle (f->session);
    g_assert_cmpint (tessera_session_get_prediction (f->session, tile)->class_id, ==, TSR_NO_CLASS);
    for (unsigned i = 0; i <= N_CLASSES; i++) {
      tessera_session_undo (f->session);
      wait_idle (f->session);
    }
    g_assert_cmpuint (tessera_session_count_labelled (f->session), ==, 0);
    g_assert_cmpint (tessera_session_get_prediction (f->session, tile)->class_id, ==, TSR_NO_CLASS);
  }
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
    spin (5);
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
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
      {"open", test_open},
      {"label", test_label},
      {"fast-typing", test_fast_typing},
      {"batch-goes-on", test_batch_goes_on},
      {"undo", test_undo},
      {"clear-and-relabel", test_clear_and_relabel},
      {"skip-unsure-exclude", test_skip_unsure_exclude},
      {"kept-up-to-date", test_kept_up_to_date},
      {"colours-first", test_colours_first},
      {"bulk", test_bulk},
      {"classes", test_classes},
      {"foreign", test_foreign},
      {"restart", test_restart},
      {"accuracy", test_accuracy},
      {"reset", test_reset},
      {"random-and-batch", test_random_and_batch},
      {"strategies", test_strategies},
      {"fitted-rules", test_fitted_rules},
  };
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree char *path = g_strconcat ("/session/", tests[i].name, NULL);
    g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
  }
  g_test_add_func ("/session/not-a-project", test_not_a_project);
  g_test_add_func ("/session/sample", test_sample);
  return g_test_run ();
}
