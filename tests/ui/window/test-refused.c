/* What an import refuses can be looked at: later, where some joined, at once, where nothing did;
 * each with its own reason. */

#include "hands.h"
#include "tessera-import-page.h"
#include "tessera-import-slides.h"
#include "tessera-window-private.h"
#include "window-slides.h"
#include "window-test.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* Where it stays: no page is moving any more. */
static gboolean
button_rests (WindowTest *test, gpointer label)
{
  GtkWidget *button = window_test_find_button (GTK_WIDGET (test->window), label);
  if (button == NULL || gtk_widget_get_width (button) == 0)
    return FALSE;
  for (GtkWidget *w = button; w != NULL; w = gtk_widget_get_parent (w))
    if (GTK_IS_STACK (w) && gtk_stack_get_transition_running (GTK_STACK (w)))
      return FALSE;
  return TRUE;
}

static void
spoil (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, "neither tile nor slide", -1, NULL));
}

/* Slides that were listed as refused before the import are among what the project keeps. */
static void
test_slides (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *folder = g_build_filename (test.folder, "glass", NULL);
  g_autofree char *slide = window_slide_write (folder, "a.tif", 0.5);
  spoil (folder, "b.svs");
  spoil (folder, "c.ndpi");
  const char *paths[] = {folder, NULL};
  tessera_window_import_slides (test.window, paths, FALSE);
  window_test_wait (&test, "it asks", window_test_has_button, (gpointer) "Read the slides");
  window_test_wait (&test, "the slide is counted", window_test_is_said, (gpointer) " tiles of ");
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Read the slides"));
  window_test_wait (&test, "the project is open", window_test_is_open, NULL);
  window_test_settle (&test);
  g_assert_cmpuint (tessera_session_get_n_skipped (window_test_session (&test)), ==, 2);
  g_assert_true (g_action_group_get_action_enabled (G_ACTION_GROUP (test.window), "show-skipped"));
  window_test_close (&test);
}

/* A folder in which no file is an image: each is listed with its reason, and the way goes back. */
static void
test_nothing (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *folder = g_build_filename (test.folder, "tiles", NULL);
  spoil (folder, "a.png");
  spoil (folder, "b.png");
  tessera_window_import (test.window, folder, FALSE);
  window_test_wait (&test, "it asks", button_rests, (gpointer) "Read the tiles");
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Read the tiles"));
  window_test_wait (&test, "it is said", window_test_is_said,
                    (gpointer) "holds no image that can be read");
  g_assert_true (window_test_is_said (&test, (gpointer) "a.png") &&
                 window_test_is_said (&test, (gpointer) "b.png"));
  window_test_wait (&test, "the way goes back", button_rests, (gpointer) "Back");
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Back"));
  window_test_wait (&test, "the first page is back", window_test_has_button,
                    (gpointer) "From slides…");
  g_assert_null (tessera_window_get_session (test.window));
  window_test_close (&test);
}

/* No tile of choice's one slide joins, and why is listed. */
static void
expect (const char *folder, const TesseraSlidesChoice *choice, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, "none.tessera", NULL);
  TsrProgress progress = {0};
  g_autoptr (TsrProject) project = tsr_project_create (path, &error);
  g_assert_no_error (error);
  g_autoptr (TesseraImportResult) result = g_new0 (TesseraImportResult, 1);
  g_assert_false (tessera_import_slides_fill (project, choice, &progress, result, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  g_assert_cmpuint (result->skipped->len, ==, 1);
  g_assert_nonnull (strstr (((const TsrSkippedFile *)result->skipped->pdata[0])->reason, why));
  g_clear_pointer (&project, tsr_project_close);
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static TesseraSlidesChoice *
choose (const char *slide, const TsrMaskOptions *mask)
{
  TesseraSlidesChoice *choice = tessera_slides_choice_new ();
  tessera_slides_choice_add (choice, slide, "a.tif", NAN, mask);
  return choice;
}

/* A slide without a tile is told why: too small, outside of what was drawn, or nothing but glass.
 */
static void
test_no_tile (void)
{
  char *folder = window_fixture_folder ();
  g_autofree char *slide = window_slide_write (folder, "a.tif", 0.5);
  g_autofree char *area = g_build_filename (folder, "a.geojson", NULL);
  static const char corner[] =
      "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"geometry\":"
      "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[9,0],[9,9],[0,9],[0,0]]]},"
      "\"properties\":{\"objectType\":\"annotation\"}}]}";
  g_assert_true (g_file_set_contents (area, corner, -1, NULL));
  TsrMaskOptions mask = tsr_mask_options ();

  g_autoptr (TesseraSlidesChoice) large = choose (slide, &mask);
  large->tiling.pixels = 1000;
  expect (folder, large, "1000 x 1000 of its pixels, more than it has (1280 x 960)");

  g_autoptr (TesseraSlidesChoice) outside = choose (slide, NULL);
  char *const files[] = {area, NULL};
  outside->area = g_strdupv ((char **)files);
  expect (folder, outside, "outside of the annotations");

  mask.saturation = 255;
  g_autoptr (TesseraSlidesChoice) glass = choose (slide, &mask);
  expect (folder, glass, "enough tissue");

  window_fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/refused/slides", test_slides);
  g_test_add_func ("/refused/nothing", test_nothing);
  g_test_add_func ("/refused/no-tile", test_no_tile);
  return g_test_run ();
}
