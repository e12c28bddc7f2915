#include "session-fixture.h"

#include "tessera-map-point.h"
#include "window-fixture.h"

#include <math.h>

void
session_spin (unsigned milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;
  while (g_get_monotonic_time () < end) {
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
  }
}

void
session_wait_idle (TesseraSession *session)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  while (!tessera_session_is_open (session) || tessera_session_is_busy (session)) {
    if (g_get_monotonic_time () > end)
      g_error ("the session never came to rest");
    session_spin (2);
  }
}

static void
toast_cb (TesseraSession *session, const char *text, guint act, SessionFixture *f)
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
void
session_check_colours (TesseraSession *session)
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
labels_cb (TesseraSession *session, SessionFixture *f)
{
  f->labels_changed++;
  session_check_colours (session);
}

void
session_fixture_open (SessionFixture *f)
{
  f->session = tessera_session_new (f->path);
  g_signal_connect (f->session, "toast", G_CALLBACK (toast_cb), f);
  g_signal_connect (f->session, "labels-changed", G_CALLBACK (labels_cb), f);
  g_signal_connect (f->session, "classes-changed", G_CALLBACK (session_check_colours), NULL);
  session_wait_idle (f->session);
}

void
session_fixture_close (SessionFixture *f)
{
  tessera_session_close (f->session);
  g_assert_finalize_object (f->session);
  f->session = NULL;
}

void
session_fixture_set_up (SessionFixture *f, gconstpointer data)
{
  f->folder = window_fixture_folder ();
  f->path = window_fixture_project (f->folder, "test", SESSION_TILES, SESSION_CLASSES,
                                    WINDOW_FIXTURE_ALL);
  f->toasts = g_ptr_array_new_with_free_func (g_free);
  session_fixture_open (f);
}

void
session_fixture_tear_down (SessionFixture *f, gconstpointer data)
{
  if (f->session != NULL)
    session_fixture_close (f);
  g_ptr_array_unref (f->toasts);
  window_fixture_remove (f->folder);
  g_free (f->path);
}

int32_t
session_class_id (SessionFixture *f, unsigned i)
{
  return ((TsrClass *)g_ptr_array_index (tessera_session_get_classes (f->session), i))->id;
}

uint32_t
session_queued (SessionFixture *f, guint i)
{
  const GArray *queue = tessera_session_get_queue (f->session);
  g_assert_cmpuint (i, <, queue->len);
  return g_array_index (queue, uint32_t, i);
}
