/* Tiles added to a project with a map, by the way the menu goes after its file dialog: they join
 * the map there is, nothing that was there moves, no label goes. With the shipped model on the
 * device. */

#include "tessera-map-view-private.h"
#include "tessera-window-private.h"
#include "tsr-demo-project.h"
#include "tsr-demo.h"
#include "tsr-image.h"
#include "window-test.h"

#include <math.h>
#include <string.h>

enum { OLD = 60, NEW = 5, CLASSES = 3, LABELS = 7 };

static TesseraJobs *
jobs_of (WindowTest *test)
{
  return tessera_project_page_get_jobs (tessera_window_get_project_page (test->window));
}

/* Longer than window_test_wait's ten seconds: kernels may have to be compiled. */
static void
wait_for (WindowTest *test, const char *what, WindowTestCondition condition)
{
  for (int i = 0; i < 2000 && !condition (test, NULL); i++)
    window_test_pass (100);
  if (!condition (test, NULL))
    g_error ("waited in vain: %s", what);
}

static gboolean
has_map (WindowTest *test, gpointer data)
{
  return tessera_jobs_get_kind (jobs_of (test)) == TESSERA_JOB_NONE &&
         !tessera_session_is_map_forming (window_test_session (test)) &&
         tessera_session_get_map (window_test_session (test)) != NULL;
}

/* All of them are in, and none is left without a place. */
static gboolean
has_joined (WindowTest *test, gpointer data)
{
  TesseraSession *session = tessera_window_get_session (test->window);
  if (session == NULL || tessera_session_get_n_tiles (session) != OLD + NEW ||
      !has_map (test, NULL))
    return FALSE;
  const float *map = tessera_session_get_map (session);
  for (int i = 2 * OLD; i < 2 * (OLD + NEW); i++)
    if (!isfinite (map[i]))
      return FALSE;
  return TRUE;
}

static gboolean
asks (WindowTest *test, gpointer data)
{
  return window_test_find_button (GTK_WIDGET (test->window), "Read the tiles") != NULL;
}

static void
draw_tiles (const char *folder)
{
  g_mkdir_with_parents (folder, 0700);
  for (unsigned i = 0; i < NEW; i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *name = g_strdup_printf ("added-%u.png", i),
                    *path = g_build_filename (folder, name, NULL);
    TsrImage image = {0};
    tsr_demo_tile (i % CLASSES, 64, 8, 5000 + i, &image);
    tsr_image_save_png (&image, path, &error);
    g_assert_no_error (error);
    tsr_image_clear (&image);
  }
}

/* A project whose map was made in the window by the shipped model. */
static void
open_with_map (WindowTest *test, const char *model)
{
  g_autoptr (GError) error = NULL;
  test->path =
      window_fixture_project (test->folder, "joined", OLD, CLASSES, WINDOW_FIXTURE_CLASSES);
  g_autoptr (TsrProject) project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  tsr_project_set_model (project, model, &error);
  g_assert_no_error (error);
  g_clear_pointer (&project, tsr_project_close);
  tessera_window_open (test->window, test->path);
  while (tessera_window_get_session (test->window) == NULL)
    window_test_pass (50);
  window_test_settle (test);
  tessera_jobs_map (jobs_of (test), NULL, FALSE, TRUE);
  wait_for (test, "the map", has_map);
  window_test_settle (test);
}

/* Some of them by hand, one of them as unsure; returns all labels [OLD]. */
static int32_t *
label_some (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  GPtrArray *classes = tessera_session_get_classes (session);
  for (uint32_t k = 0; k < LABELS; k++) {
    tessera_session_select_one (session, k * 8);
    tessera_session_label (session,
                           k == 3 ? TSR_LABEL_UNSURE
                                  : ((TsrClass *)g_ptr_array_index (classes, k % CLASSES))->id);
    window_test_settle (test);
  }
  return g_memdup2 (tessera_session_get_labels (session), OLD * sizeof (int32_t));
}

static void
test_join (void)
{
  WindowTest test = {0};
  g_autoptr (GError) error = NULL;
  g_autofree char *model = tsr_demo_model_find (NULL, &error);
  if (model == NULL) {
    g_test_skip (error->message);
    return;
  }
  window_test_start (&test);
  open_with_map (&test, model);
  g_autofree int32_t *labels = label_some (&test);
  TesseraSession *session = window_test_session (&test);
  g_autofree float *before =
      g_memdup2 (tessera_session_get_map (session), 2 * OLD * sizeof (float));
  g_autofree char *folder = g_build_filename (test.folder, "added", NULL);
  draw_tiles (folder);

  tessera_window_import (test.window, folder, TRUE); /* what the dialog's answer does */
  window_test_wait (&test, "it asks", asks, NULL);
  window_test_pass (300);
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Read the tiles"));
  wait_for (&test, "the new tiles' places", has_joined);
  window_test_settle (&test);

  session = window_test_session (&test);
  const float *map = tessera_session_get_map (session);
  g_assert_cmpmem (map, 2 * OLD * sizeof *map, before, 2 * OLD * sizeof *before);
  g_assert_cmpmem (tessera_session_get_labels (session), OLD * sizeof *labels, labels,
                   OLD * sizeof *labels);
  unsigned n_labelled = 0;
  for (uint32_t i = 0; i < OLD + NEW; i++) {
    double x, y;
    g_assert_true (tessera_map_view_place (window_test_map (&test), i, &x, &y)); /* as on screen */
    g_assert_true (x == map[2 * i] && y == map[2 * i + 1]);
    int32_t on_disk = window_fixture_label_on_disk (test.path, i);
    g_assert_cmpint (on_disk, ==, i < OLD ? labels[i] : TSR_LABEL_NONE);
    n_labelled += on_disk != TSR_LABEL_NONE;
  }
  g_assert_cmpuint (n_labelled, ==, LABELS);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  window_fixture_home_with_kernels ();
  g_test_init (&argc, &argv, NULL);
  if (!window_test_can_run ())
    return 0;
  g_test_add_func ("/join/nothing-moves", test_join);
  return g_test_run ();
}
