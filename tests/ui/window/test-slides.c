/* Slides in the window: looked at beside the map, exported, and found again where they have moved.
 */

#include "hands.h"
#include "picture.h"
#include "tessera-map-and-slide.h"
#include "tessera-map-legend.h"
#include "tessera-slide-export.h"
#include "tessera-tile-panel.h"
#include "window-slides.h"
#include "window-test.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static GtkWidget *
find (WindowTest *test, GType type)
{
  return window_test_find (GTK_WIDGET (test->window), type);
}

/* ---- beside the map ---- */

static TesseraSlidePane *
slide_pane (WindowTest *test)
{
  return tessera_project_page_get_slide_pane (tessera_window_get_project_page (test->window));
}

static gboolean
slide_is_still (WindowTest *test, gpointer data)
{
  return tessera_slide_pane_is_ready (slide_pane (test)) &&
         tessera_slide_view_is_idle (tessera_slide_pane_get_view (slide_pane (test)));
}

static void
open_project (WindowTest *test, unsigned n)
{
  *test = (WindowTest){.folder = window_fixture_folder ()};
  test->path = window_slides_project (test->folder, "test", n);
  window_test_reopen (test);
}

static void
settle (WindowTest *test)
{
  window_test_pass (100);
  window_test_settle (test);
  window_test_wait (test, "the slide is drawn", slide_is_still, NULL);
}

/* A tile of a slide, the k-th in order. */
static uint32_t
tile_of (TesseraSession *session, gint32 slide, unsigned k)
{
  for (uint32_t i = 0; i < tessera_session_get_n_tiles (session); i++)
    if (tessera_session_get_region (session, i)->slide == slide && k-- == 0)
      return i;
  g_assert_not_reached ();
}

static gboolean
is_centred (WindowTest *test, uint32_t tile)
{
  GtkWidget *view = GTK_WIDGET (tessera_slide_pane_get_view (slide_pane (test)));
  graphene_rect_t rect;
  if (!tessera_slide_view_locate (TESSERA_SLIDE_VIEW (view), tile, &rect))
    return FALSE;
  return fabs (rect.origin.x + rect.size.width / 2 - gtk_widget_get_width (view) / 2.0) < 3 &&
         fabs (rect.origin.y + rect.size.height / 2 - gtk_widget_get_height (view) / 2.0) < 3;
}

/* Suggestions may have led to another slide. */
static void
choose_slide_of (WindowTest *test, uint32_t tile)
{
  const TsrTileRegion *region = tessera_session_get_region (window_test_session (test), tile);
  if (tessera_slide_pane_get_slide (slide_pane (test)) == region->slide)
    return;
  tessera_slide_pane_choose (slide_pane (test), region->slide);
  settle (test);
}

static void
click_tile (WindowTest *test, uint32_t tile)
{
  choose_slide_of (test, tile);
  GtkWidget *view = GTK_WIDGET (tessera_slide_pane_get_view (slide_pane (test)));
  graphene_rect_t rect;
  int x, y;
  g_assert_true (tessera_slide_view_locate (TESSERA_SLIDE_VIEW (view), tile, &rect));
  window_test_root_point (test, view, rect.origin.x + rect.size.width / 2,
                          rect.origin.y + rect.size.height / 2, &x, &y);
  window_test_xdotool ("mousemove %d %d", x, y);
  window_test_pass (60);
  window_test_xdotool ("click 1");
  settle (test);
}

/* What a pixel of a tile looks like while the whole slide is seen, 0xRRGGBB. */
static guint32
color_of_tile (WindowTest *test, uint32_t tile)
{
  GtkWidget *view = GTK_WIDGET (tessera_slide_pane_get_view (slide_pane (test)));
  graphene_rect_t rect;
  choose_slide_of (test, tile);
  tessera_canvas_fit (TESSERA_CANVAS (view));
  settle (test);
  window_test_pass (200);
  g_assert_true (tessera_slide_view_locate (TESSERA_SLIDE_VIEW (view), tile, &rect));
  /* Off the middle, where a mark may be. */
  return picture_color (view, rect.origin.x + rect.size.width * 0.3f,
                        rect.origin.y + rect.size.height * 0.3f);
}

/* Keys, clicks and selection go both ways; labels and predictions are seen on the slide at once. */
static void
test_both_ways (void)
{
  WindowTest test;
  open_project (&test, 2);
  TesseraSession *session = window_test_session (&test);
  TesseraMapAndSlide *middle =
      tessera_project_page_get_middle (tessera_window_get_project_page (test.window));
  g_assert_true (tessera_map_and_slide_shows_map (middle)); /* 1280 pixels: one at a time */
  g_assert_false (tessera_map_and_slide_shows_slide (middle));
  window_test_key (&test, "ctrl+3");
  window_test_wait (&test, "the slide is drawn", slide_is_still, NULL);
  settle (&test);
  g_assert_true (tessera_map_and_slide_shows_map (middle));
  g_assert_true (tessera_map_and_slide_shows_slide (middle));
  unsigned checked = 0;
  window_test_check_names (GTK_WIDGET (middle), &checked);
  g_assert_cmpuint (checked, >, 12);

  uint32_t tile = tile_of (session, 0, 10), other = tile_of (session, 0, 12);
  guint32 plain = color_of_tile (&test, other);
  TesseraSlideState before, after;
  tessera_slide_view_get_state (tessera_slide_pane_get_view (slide_pane (&test)), &before);
  click_tile (&test, tile);
  g_assert_cmpuint (tessera_session_get_current (session), ==, tile);
  tessera_slide_view_get_state (tessera_slide_pane_get_view (slide_pane (&test)), &after);
  g_assert_cmpfloat (after.x, ==, before.x); /* what is clicked is in sight already */
  g_assert_cmpfloat (after.scale, ==, before.scale);
  GtkWidget *panel = find (&test, TESSERA_TYPE_TILE_PANEL);
  g_assert_true (window_test_says (panel, "slide-1, at "));

  /* With the slide in focus, a digit labels, and 0 clears. */
  window_test_key (&test, "1");
  settle (&test);
  g_assert_cmpint (tessera_session_get_label (session, tile), >=, 0);
  g_assert_cmphex (color_of_tile (&test, other), !=, plain); /* it is predicted now */
  click_tile (&test, tile);
  window_test_key (&test, "0");
  settle (&test);
  g_assert_cmpint (tessera_session_get_label (session, tile), ==, TSR_LABEL_NONE);
  g_assert_cmphex (color_of_tile (&test, other), ==, plain);

  /* A tile chosen elsewhere is shown on its slide, in the middle. */
  uint32_t far = tile_of (session, 1, 40);
  tessera_session_select_one (session, far);
  settle (&test);
  g_assert_cmpint (tessera_slide_pane_get_slide (slide_pane (&test)), ==, 1);
  g_assert_true (is_centred (&test, far));
  guint n;
  g_autofree guint32 *selected =
      tessera_slide_view_get_selected (tessera_slide_pane_get_view (slide_pane (&test)), &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (selected[0], ==, far);

  /* Choosing another slide leaves the selection alone. */
  tessera_slide_pane_choose (slide_pane (&test), 0);
  settle (&test);
  g_assert_cmpuint (tessera_session_get_current (session), ==, far);
  window_test_close (&test);
}

/* A check button by its label below a widget, in popovers too; NULL if there is none. */
static GtkWidget *
find_check (GtkWidget *widget, const char *label)
{
  if (GTK_IS_CHECK_BUTTON (widget) &&
      g_strcmp0 (gtk_check_button_get_label (GTK_CHECK_BUTTON (widget)), label) == 0)
    return widget;
  GtkWidget *found = NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_check (child, label);
  return found;
}

static GtkWidget *
check_of (WindowTest *test, const char *label)
{
  GtkWidget *check = find_check (GTK_WIDGET (test->window), label);
  g_assert_nonnull (check);
  return check;
}

/* A label that says exactly this below a widget, in popovers too; NULL if there is none. */
static GtkLabel *
label_of (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && g_strcmp0 (gtk_label_get_text (GTK_LABEL (widget)), text) == 0)
    return GTK_LABEL (widget);
  GtkLabel *found = NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = label_of (child, text);
  return found;
}

/* A key takes away all that lies over the slide, so that the stain is seen as it is, and brings it
 * back; the selected tile keeps its frame. */
static void
test_alone (void)
{
  WindowTest test;
  open_project (&test, 1);
  TesseraSession *session = window_test_session (&test);
  uint32_t tile = tile_of (session, 0, 10), other = tile_of (session, 0, 12);
  GtkWidget *alone = check_of (&test, "The slide alone (Ctrl+T)");
  window_test_key (&test, "ctrl+t"); /* the slide is not seen: nothing that would be a surprise */
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (alone)));
  window_test_key (&test, "ctrl+2");
  settle (&test);
  guint32 plain = color_of_tile (&test, other);
  click_tile (&test, tile);
  window_test_key (&test, "1");
  settle (&test);
  tessera_session_select_one (session, tile);
  settle (&test);
  guint32 predicted = color_of_tile (&test, other);
  g_assert_cmphex (predicted, !=, plain);

  window_test_key (&test, "ctrl+t");
  settle (&test);
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (alone)));
  g_assert_cmphex (color_of_tile (&test, other), ==, plain);
  GtkWidget *colours = check_of (&test, "Labels and predictions");
  g_assert_false (gtk_widget_get_sensitive (colours));
  TesseraSlideScene *scene =
      tessera_slide_view_dup_scene (tessera_slide_pane_get_view (slide_pane (&test)));
  g_assert_null (scene->mask);
  g_assert_true (scene->tiles && scene->bare); /* so that what is selected has its frame */
  tessera_slide_scene_free (scene);

  window_test_key (&test, "ctrl+t");
  settle (&test);
  g_assert_cmphex (color_of_tile (&test, other), ==, predicted);
  window_test_close (&test);
}

/* The heat map says what its colours mean, while it is seen. */
static void
test_heat_map (void)
{
  WindowTest test;
  open_project (&test, 1);
  window_test_key (&test, "ctrl+2");
  settle (&test);
  GtkWidget *legend = window_test_find (GTK_WIDGET (slide_pane (&test)), TESSERA_TYPE_MAP_LEGEND),
            *heat = check_of (&test, "How sure they are, as a heat map");
  g_assert_false (gtk_widget_get_visible (legend));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (heat), TRUE);
  settle (&test);
  g_assert_true (gtk_widget_get_mapped (legend));
  g_assert_true (window_test_says (legend, "could be either"));
  g_assert_true (window_test_says (legend, "certain"));
  window_test_key (&test, "ctrl+t");
  g_assert_false (gtk_widget_get_visible (legend));
  window_test_key (&test, "ctrl+t");
  g_assert_true (gtk_widget_get_visible (legend));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (heat), FALSE);
  g_assert_false (gtk_widget_get_visible (legend));
  window_test_close (&test);
}

/* A slide's name as archives give it does not make the window wider. */
static void
test_long_name (void)
{
  WindowTest test;
  open_project (&test, 1);
  window_test_key (&test, "ctrl+2");
  settle (&test);
  GtkWidget *slides =
      window_test_find (tessera_slide_pane_get_controls (slide_pane (&test)), GTK_TYPE_DROP_DOWN);
  g_autoptr (GtkStringList) names = gtk_string_list_new (
      (const char *const[]){"TCGA-02-0001-01Z-00-DX1.83fce43e-42ac-4dcd-b156-2908e75f2e47", NULL});
  gtk_drop_down_set_model (GTK_DROP_DOWN (slides), G_LIST_MODEL (names));
  window_test_pass (100);
  int least;
  gtk_widget_measure (slides, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  g_assert_cmpint (least, <, 220);
  g_assert_cmpint (least, >, 100); /* and is still told by what is left of it */
  window_test_close (&test);
}

/* One key from the map to the tile's place. */
static void
test_show_on_slide (void)
{
  WindowTest test;
  open_project (&test, 2);
  TesseraSession *session = window_test_session (&test);
  TesseraMapAndSlide *middle =
      tessera_project_page_get_middle (tessera_window_get_project_page (test.window));
  uint32_t tile = tile_of (session, 1, 7);
  tessera_session_select_one (session, tile);
  window_test_settle (&test);
  g_assert_false (tessera_map_and_slide_shows_slide (middle));
  window_test_key (&test, "ctrl+j");
  settle (&test);
  g_assert_true (tessera_map_and_slide_shows_slide (middle));
  g_assert_true (is_centred (&test, tile));
  window_test_key (&test, "ctrl+1");
  g_assert_true (tessera_map_and_slide_shows_map (middle));
  g_assert_false (tessera_map_and_slide_shows_slide (middle));
  /* It stays so. */
  window_test_close_window (&test);
  window_test_reopen (&test);
  middle = tessera_project_page_get_middle (tessera_window_get_project_page (test.window));
  g_assert_false (tessera_map_and_slide_shows_slide (middle));
  window_test_close (&test);
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer done)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (tessera_slide_export_finish (result, &error));
  g_assert_no_error (error);
  *(gboolean *)done = TRUE;
}

static gboolean
is_done (WindowTest *test, gpointer done)
{
  return *(gboolean *)done;
}

static void
export_to (WindowTest *test, const char *path, TsrImage *image)
{
  gboolean done = FALSE;
  g_autoptr (GError) error = NULL;
  tessera_slide_export_async (slide_pane (test), path, exported_cb, &done);
  window_test_wait (test, "the picture is written", is_done, &done);
  g_assert_true (tsr_image_load (path, 0, 3, image, &error));
  g_assert_no_error (error);
}

/* The picture is the slide where nothing lies over it, and coloured where something is known. */
static void
test_export (void)
{
  WindowTest test;
  open_project (&test, 1);
  TesseraSession *session = window_test_session (&test);
  window_test_key (&test, "ctrl+2");
  settle (&test);
  TesseraSlideView *view = tessera_slide_pane_get_view (slide_pane (&test));
  g_object_set (view, "show-mask", FALSE, "show-grid", FALSE, NULL);
  uint32_t tile = tile_of (session, 0, 20);
  g_autofree char *path = g_build_filename (test.folder, "out.png", NULL);
  TsrImage plain = {0}, labelled = {0}, overview = {0};
  tessera_session_select_one (session, tile);
  settle (&test);
  export_to (&test, path, &plain);
  g_assert_true (
      tsr_slide_overview (tessera_slide_view_get_slide (view), 4096, &overview, NULL, NULL));
  g_assert_cmpint (plain.width, ==, WINDOW_SLIDE_W);
  g_assert_cmpint (plain.height, ==, WINDOW_SLIDE_H);
  g_assert_cmpmem (plain.pixels, WINDOW_SLIDE_W * WINDOW_SLIDE_H * 3, overview.pixels,
                   WINDOW_SLIDE_W * WINDOW_SLIDE_H * 3);
  window_test_key (&test, "1");
  settle (&test);
  export_to (&test, path, &labelled);
  for (int y = 0; y < WINDOW_SLIDE_H; y += 8)
    for (int x = 0; x < WINDOW_SLIDE_W; x += 8) {
      bool tiled = false;
      for (uint32_t i = 0; i < tessera_session_get_n_tiles (session); i++) {
        const TsrTileRegion *r = tessera_session_get_region (session, i);
        tiled |= x >= r->x && x < r->x + r->width && y >= r->y && y < r->y + r->height;
      }
      size_t at = ((size_t)y * WINDOW_SLIDE_W + x) * 3;
      bool changed = memcmp (plain.pixels + at, labelled.pixels + at, 3) != 0;
      if (changed != tiled) /* all are predicted: one class has a label */
        g_error ("at %d, %d", x, y);
    }
  tsr_image_clear (&plain);
  tsr_image_clear (&labelled);
  tsr_image_clear (&overview);
  window_test_close (&test);
}

/* ---- slides that have moved ---- */

static gboolean
nothing_is_missing (WindowTest *test, gpointer data)
{
  return !window_test_says (GTK_WIDGET (test->window), "where they were") &&
         !window_test_says (GTK_WIDGET (test->window), "where it was") &&
         !window_test_says (GTK_WIDGET (test->window), "Looking for");
}

/* A project whose two slides have been moved, from a folder to another; it says so. */
static void
open_moved (WindowTest *test, char **from, char **to)
{
  *test = (WindowTest){.folder = window_fixture_folder ()};
  test->path = window_slides_project (test->folder, "test", 2);
  *from = g_build_filename (test->folder, "test-slides", NULL);
  *to = g_build_filename (test->folder, "elsewhere", NULL);
  g_assert_cmpint (g_rename (*from, *to), ==, 0);
  window_test_reopen (test);
  window_test_key (test, "ctrl+2");
  window_test_wait (test, "it says so", window_test_is_said,
                    (gpointer) "2 slides are not where they were.");
}

/* Tissue in both, as a JPEG keeps it. */
static void
check_alike (guint32 thumbnail, guint32 slide)
{
  g_assert_cmphex (slide & 0xffffff, !=, 0xffffff);
  for (int shift = 0; shift < 24; shift += 8)
    g_assert_cmpint (abs ((int)(thumbnail >> shift & 255) - (int)(slide >> shift & 255)), <=, 24);
}

static void
test_missing (void)
{
  WindowTest test;
  g_autofree char *from = NULL, *to = NULL;
  open_moved (&test, &from, &to);
  window_test_wait (&test, "it offers help", window_test_has_button, (gpointer) "Find…");
  window_test_wait (&test, "it says why", window_test_is_said, (gpointer) "thumbnails");
  g_assert_true (window_test_has_button (&test, (gpointer) "Choose its file…"));
  /* Work goes on, on the slide as well: its tiles are seen, and clicked, where they lie. */
  settle (&test);
  TesseraSession *session = window_test_session (&test);
  TesseraSlideView *view = tessera_slide_pane_get_view (slide_pane (&test));
  uint32_t tile = tile_of (session, 0, 3);
  g_object_set (view, "bare", TRUE, NULL);
  guint32 thumbnail = color_of_tile (&test, tile);
  click_tile (&test, tile);
  g_assert_true (tessera_session_is_selected (session, tile));
  window_test_key (&test, "1");
  g_assert_cmpint (tessera_session_get_label (session, tile), >=, 0);

  tessera_slide_pane_relink (slide_pane (&test), test.folder);
  window_test_wait (&test, "they are found", nothing_is_missing, NULL);
  settle (&test);
  g_assert_cmpstr (tsr_slide_info (tessera_slide_view_get_slide (view))->format, !=, "mosaic");
  g_assert_false (window_test_has_button (&test, (gpointer) "Choose its file…"));
  /* Good news does not stand over the slide for ever. */
  GtkWidget *pane = GTK_WIDGET (slide_pane (&test));
  g_assert_true (window_test_says (pane, "2 slides found."));
  GtkWidget *close = hands_find_named (pane, GTK_TYPE_BUTTON, "Close");
  g_assert_true (close != NULL && gtk_widget_get_mapped (close));
  window_test_click (&test, close);
  window_test_pass (100);
  g_assert_false (gtk_widget_get_mapped (close));
  g_assert_false (window_test_says (pane, "2 slides found."));
  check_alike (thumbnail, color_of_tile (&test, tile));
  window_test_close (&test);
}

/* A drive that was not connected: nobody has to name a place that the project knows. */
static void
test_back (void)
{
  WindowTest test;
  g_autofree char *from = NULL, *to = NULL;
  open_moved (&test, &from, &to);
  window_test_wait (&test, "it says why", window_test_is_said, (gpointer) "thumbnails");
  g_assert_cmpint (g_rename (to, from), ==, 0);
  window_test_key (&test, "ctrl+1");
  window_test_key (&test, "ctrl+2");
  window_test_wait (&test, "they are back", nothing_is_missing, NULL);
  settle (&test);
  TsrSlide *slide = tessera_slide_view_get_slide (tessera_slide_pane_get_view (slide_pane (&test)));
  g_assert_cmpstr (tsr_slide_info (slide)->format, !=, "mosaic");
  g_assert_false (window_test_says (GTK_WIDGET (slide_pane (&test)), "not where they were"));
  g_assert_false (window_test_says (GTK_WIDGET (slide_pane (&test)), "thumbnails"));
  window_test_close (&test);
}

/* Writes what is longer than nothing, and as long as the file that is there. */
static void
write_over (const char *file, const char *bytes, gsize n)
{
  g_autofree char *former = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (file, &former, &size, NULL));
  g_assert_cmpuint (n, <=, size);
  memcpy (former, bytes, n);
  g_assert_true (g_file_set_contents (file, former, (gssize)size, NULL));
}

static void
check_said (const char *path, const char *sentence, gboolean stand_in)
{
  WindowTest test = {.folder = window_fixture_folder (), .path = g_strdup (path)};
  window_test_reopen (&test);
  window_test_key (&test, "ctrl+2");
  window_test_wait (&test, "it is said", window_test_is_said, (gpointer)sentence);
  settle (&test);
  TsrSlide *slide = tessera_slide_view_get_slide (tessera_slide_pane_get_view (slide_pane (&test)));
  g_assert_cmpint (g_str_equal (tsr_slide_info (slide)->format, "mosaic"), ==, stand_in);
  window_test_close (&test);
}

/* A file as long as the slide's, under its name: with as many pixels it may be the slide, changed
 * in place, and is shown with a word about it; anything else is not shown as the slide. */
static void
test_swapped (void)
{
  char *folder = window_fixture_folder ();
  g_autofree char *path = window_slides_project (folder, "test", 1),
                  *file = g_build_filename (folder, "test-slides", "slide-1.tif", NULL),
                  *small = g_build_filename (folder, "small.png", NULL), *bytes = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (file, &bytes, &size, NULL));
  bytes[size / 2] ^= 1;
  write_over (file, bytes, size);
  check_said (path, "changed or replaced since it joined", FALSE);

  uint8_t pixels[8 * 8 * 3] = {0};
  const TsrImage image = {8, 8, 3, pixels};
  g_autofree char *png = NULL;
  g_assert_true (tsr_image_save_png (&image, small, NULL));
  g_assert_true (g_file_get_contents (small, &png, &size, NULL));
  write_over (file, png, size);
  check_said (path, "Another file is where its file was", TRUE);
  write_over (file, "no slide", 8);
  check_said (path, "thumbnails are shown", TRUE);
  window_fixture_remove (folder);
}

/* ---- how much of it is what ---- */

static void
test_areas (void)
{
  WindowTest test;
  open_project (&test, 1);
  TesseraSession *session = window_test_session (&test);
  window_test_key (&test, "ctrl+2");
  settle (&test);
  uint32_t n = tessera_session_get_n_tiles (session), upper = 0, seen = TESSERA_NO_TILE;
  for (uint32_t i = 0; i < n; i++)
    if (tessera_session_get_region (session, i)->y < 470) {
      upper++;
      seen = i;
    }
  tessera_session_select_one (session, seen);
  window_test_key (&test, "1");
  tessera_session_select_one (session, n - 1);
  window_test_key (&test, "2");
  settle (&test);
  /* By the map, whose two clouds are the two pieces of tissue; each tile is 32 um wide. */
  uint32_t first = 0;
  for (uint32_t i = 0; i < n; i++)
    first += tessera_session_get_label (session, i) == TSR_LABEL_NONE &&
             tessera_session_get_prediction (session, i)->class_id ==
                 ((TsrClass *)tessera_session_get_classes (session)->pdata[0])->id;
  g_assert_cmpuint (first + 1, >=, upper - 2);
  g_autofree char *area = g_strdup_printf ("%.3f", first * 0.032 * 0.032);
  g_autofree char *count = g_strdup_printf ("%u", first);
  window_test_click (&test, hands_find_named (find (&test, TESSERA_TYPE_MAP_AND_SLIDE),
                                              GTK_TYPE_MENU_BUTTON, "Areas"));
  window_test_wait (&test, "the area is counted", window_test_is_said, area);
  g_assert_true (window_test_says (GTK_WIDGET (test.window), count));
  g_assert_true (window_test_says (GTK_WIDGET (test.window), "Lower"));
  GtkLabel *rest = label_of (GTK_WIDGET (test.window), "unsure, excluded, or nothing known");
  g_assert_nonnull (rest);
  g_assert_false (pango_layout_is_ellipsized (gtk_label_get_layout (rest)));
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/slides/both-ways", test_both_ways);
  g_test_add_func ("/slides/alone", test_alone);
  g_test_add_func ("/slides/heat-map", test_heat_map);
  g_test_add_func ("/slides/show-on-slide", test_show_on_slide);
  g_test_add_func ("/slides/export", test_export);
  g_test_add_func ("/slides/missing", test_missing);
  g_test_add_func ("/slides/swapped", test_swapped);
  g_test_add_func ("/slides/long-name", test_long_name);
  g_test_add_func ("/slides/back", test_back);
  g_test_add_func ("/slides/areas", test_areas);
  return g_test_run ();
}
