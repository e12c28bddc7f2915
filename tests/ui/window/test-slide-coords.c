/* Coordinates of tiles: slides that are cut exactly where files say, and image files that get their
 * places on slides, from their names and from tables, and lose them again. */

#include "hands.h"
#include "tessera-place-window.h"
#include "tessera-slide-settings.h"
#include "tessera-slides-page.h"
#include "tsr-import.h"
#include "tsr-placing.h"
#include "tsr-slide-coords.h"
#include "window-slides.h"
#include "tessera-window-private.h"
#include "window-test.h"

#include <gdk/x11/gdkx.h>
#include <math.h>

static GtkWidget *
find (WindowTest *test, GType type)
{
  return window_test_find (GTK_WIDGET (test->window), type);
}

static char *
write_text (const char *folder, const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
click_named (WindowTest *test, GtkWidget *root, const char *name)
{
  GtkWidget *button = hands_find_named (root, GTK_TYPE_BUTTON, name);
  g_assert_nonnull (button);
  window_test_pass (500); /* what is said beside it moves it */
  window_test_click (test, button);
}

/* ---- slides that are cut where files say ---- */

/* The lightest channel of the overview's pixel over a place of level 0. */
static guint
lightness (WindowTest *test, int x, int y)
{
  GtkWidget *picture = window_test_find (find (test, TESSERA_TYPE_SLIDES_PAGE), GTK_TYPE_PICTURE);
  GdkTexture *texture = GDK_TEXTURE (gtk_picture_get_paintable (GTK_PICTURE (picture)));
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  g_autofree guint32 *pixels = g_new (guint32, (gsize)width * height);
  gdk_texture_download (texture, (guchar *)pixels, (gsize)width * 4);
  guint32 pixel = pixels[(gsize)(y * height / WINDOW_SLIDE_H) * width + x * width / WINDOW_SLIDE_W];
  return MAX (MAX (pixel >> 16 & 255, pixel >> 8 & 255), pixel & 255);
}

static void
assert_region (WindowTest *test, uint32_t tile, int32_t slide, int64_t x, int64_t y, int32_t side)
{
  const TsrTileRegion *region = tessera_session_get_region (window_test_session (test), tile);
  g_assert_nonnull (region);
  g_assert_cmpint (region->slide, ==, slide);
  g_assert_cmpint (region->x, ==, x);
  g_assert_cmpint (region->y, ==, y);
  g_assert_cmpint (region->width, ==, side);
  g_assert_cmpint (region->height, ==, side);
}

static void
test_cut (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *glass = g_build_filename (test.folder, "glass", NULL),
                  *lists = g_build_filename (test.folder, "lists", NULL);
  g_autofree char *a = window_slide_write (glass, "a.tif", 0.5);
  g_autofree char *b = window_slide_write (glass, "b.tif", 0);
  g_autofree char *sized = write_text (lists, "a.csv",
                                       "minx,miny,width,height\n0,0,96,96\n200,300,96,96\n"
                                       "1000,700,96,96\n");
  g_autofree char *sizeless = write_text (lists, "b.csv", "slide,loc_x,loc_y\nb,64,64\nb,164,64\n");
  g_autofree char *broken = write_text (lists, "c.h5", "\211HDF\r\n\032\n and no more");
  const char *paths[] = {glass, NULL};
  tessera_window_import_slides (test.window, paths, FALSE);
  window_test_wait (&test, "it asks", window_test_has_button, (gpointer) "Read the slides");
  window_test_wait (&test, "the chosen slide is counted", window_test_is_said,
                    (gpointer) " tiles of ");
  GtkWidget *settings = find (&test, TESSERA_TYPE_SLIDE_SETTINGS),
            *start = window_test_find_button (GTK_WIDGET (test.window), "Read the slides");
  TesseraFilesRow *row = tessera_slide_settings_get_coords (TESSERA_SLIDE_SETTINGS (settings));
  GtkWidget *overlap = hands_find_named (settings, GTK_TYPE_SPIN_BUTTON, "Overlap, pixels");

  /* One file says all; the other two cannot be used, and the first of them says why. */
  tessera_files_row_choose (row, (const char *const[]){lists, NULL});
  window_test_wait (&test, "its tiles are counted", window_test_is_said,
                    (gpointer) "3 tiles where the coordinates say");
  g_assert_true (window_test_says (settings, "“A tile's side on the slide”"));
  g_assert_true (window_test_says (settings, "There is something to say of 1 more file"));
  g_assert_true (gtk_widget_get_sensitive (start));
  g_assert_false (gtk_widget_is_sensitive (overlap));
  g_assert_cmpuint (lightness (&test, 240, 340), >, lightness (&test, 500, 340));
  unsigned checked = 0;
  window_test_check_names (settings, &checked);
  g_assert_cmpuint (checked, >, 12);

  /* Back to the grid, by the button; and again, with the size that the other file does not say. */
  click_named (&test, settings, "No coordinates: lay a grid");
  window_test_wait (&test, "the grid is counted", window_test_is_said, (gpointer) " tiles of ");
  g_assert_true (gtk_widget_is_sensitive (overlap));
  tessera_files_row_choose (row, (const char *const[]){sizeless, sized, NULL});
  GtkWidget *side = hands_find_named (settings, GTK_TYPE_SPIN_BUTTON, "A tile's side on the slide");
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (side), 64);
  window_test_wait (&test, "both are counted", window_test_is_said, (gpointer) "5 tiles in all");
  tessera_files_row_choose (row, (const char *const[]){sizeless, sized, broken, NULL});
  window_test_wait (&test, "the broken one is named", window_test_is_said, (gpointer) "c.h5");
  window_test_wait (&test, "both are counted", window_test_is_said, (gpointer) "5 tiles in all");
  window_test_click (&test, start);
  window_test_wait (&test, "the project is open", window_test_is_open, NULL);
  TesseraSession *session = window_test_session (&test);
  g_assert_cmpuint (tessera_session_get_n_tiles (session), ==, 5);
  assert_region (&test, 0, 0, 0, 0, 96);
  assert_region (&test, 1, 0, 200, 300, 96);
  assert_region (&test, 2, 0, 1000, 700, 96);
  assert_region (&test, 3, 1, 32, 32, 64);
  assert_region (&test, 4, 1, 132, 32, 64);
  g_assert_cmpuint (tessera_session_get_n_skipped (session), ==, 1); /* c.h5, to be read later */
  window_test_close (&test);
}

/* Nothing can be cut by files that are about no slide, and that is said where they are chosen. */
static void
test_foreign (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *glass = g_build_filename (test.folder, "glass", NULL);
  g_autofree char *a = window_slide_write (glass, "a.tif", 0.5);
  g_autofree char *b = window_slide_write (glass, "b.tif", 0.5);
  g_autofree char *other =
      write_text (test.folder, "other.csv", "minx,miny,width,height\n0,0,96,96\n");
  const char *paths[] = {glass, NULL};
  tessera_window_import_slides (test.window, paths, FALSE);
  window_test_wait (&test, "it asks", window_test_has_button, (gpointer) "Read the slides");
  GtkWidget *settings = find (&test, TESSERA_TYPE_SLIDE_SETTINGS),
            *start = window_test_find_button (GTK_WIDGET (test.window), "Read the slides");
  tessera_files_row_choose (tessera_slide_settings_get_coords (TESSERA_SLIDE_SETTINGS (settings)),
                            (const char *const[]){other, NULL});
  window_test_wait (&test, "it is said", window_test_is_said,
                    (gpointer) "The coordinates place no tile on any of the slides");
  g_assert_false (gtk_widget_get_sensitive (start));
  click_named (&test, settings, "No coordinates: lay a grid");
  window_test_wait (&test, "the grid is counted", window_test_is_said, (gpointer) " tiles of ");
  g_assert_true (gtk_widget_get_sensitive (start));
  window_test_close (&test);
}

/* ---- files that get their places ---- */

static void
open_files (WindowTest *test, const char *const *names)
{
  g_autoptr (GError) error = NULL;
  *test = (WindowTest){.folder = window_fixture_folder ()};
  test->path = g_build_filename (test->folder, "files.tessera", NULL);
  g_autofree char *tiles = g_build_filename (test->folder, "tiles", NULL);
  for (guint i = 0; names[i] != NULL; i++)
    g_free (window_slide_write (tiles, names[i], 0));
  TsrFolderScan *scan = tsr_folder_scan (tiles, NULL, &error);
  g_assert_no_error (error);
  TsrProject *project = tsr_project_create (test->path, &error);
  g_assert_cmpint (tsr_project_add_tiles (project, tiles, scan, false, NULL, &error), ==,
                   (gint64)g_strv_length ((char **)names));
  tsr_project_close (project);
  tsr_folder_scan_free (scan);
  window_test_reopen (test);
}

static GtkWindow *
place_window (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();
  for (GList *at = windows; at != NULL; at = at->next)
    if (TESSERA_IS_PLACE_WINDOW (at->data))
      return at->data;
  return NULL;
}

/* Where there is no window manager, a window does not come to the front and get the keys by itself.
 */
static void
bring (GtkWindow *window)
{
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  gulong id = gdk_x11_surface_get_xid (gtk_native_get_surface (GTK_NATIVE (window)));
  G_GNUC_END_IGNORE_DEPRECATIONS
  hands_xdo ("windowmove %lu 0 0", id);
  hands_xdo ("windowraise %lu", id);
  hands_xdo ("mousemove 300 30 windowfocus %lu", id);
}

static TesseraPlaceWindow *
ask_places (WindowTest *test)
{
  g_action_group_activate_action (G_ACTION_GROUP (test->window), "place-tiles", NULL);
  TesseraPlaceWindow *asking = TESSERA_PLACE_WINDOW (place_window ());
  g_assert_nonnull (asking);
  window_test_pass (300);
  bring (GTK_WINDOW (asking));
  return asking;
}

static void
click_place (WindowTest *test, TesseraPlaceWindow *asking)
{
  int x, y;
  GtkWidget *button = window_test_find_button (GTK_WIDGET (asking), "_Place the tiles");
  g_assert_nonnull (button);
  g_assert_true (gtk_widget_is_sensitive (button));
  window_test_pass (300);
  hands_to_screen (button, gtk_widget_get_width (button) / 2.0,
                   gtk_widget_get_height (button) / 2.0, &x, &y);
  hands_xdo ("mousemove %d %d", x, y);
  hands_xdo ("click 1");
  bring (GTK_WINDOW (test->window));
}

static gboolean
is_placed (WindowTest *test, gpointer n)
{
  TesseraSession *session = window_test_session (test);
  guint placed = 0;
  for (uint32_t i = 0; i < tessera_session_get_n_tiles (session); i++)
    placed += tessera_session_get_region (session, i) != NULL;
  return placed == GPOINTER_TO_UINT (n);
}

static gboolean
can_undo (WindowTest *test, gpointer unused)
{
  GtkWidget *button = window_test_find_button (GTK_WIDGET (test->window), "Undo");
  return button != NULL && gtk_widget_get_mapped (button);
}

static void
test_place (void)
{
  WindowTest test;
  open_files (&test, (const char *const[]){"a [x=0,y=64,w=64,h=64].tif", "b-48-80.tif", "c.tif",
                                           "d [x=0,y=0,w=64,h=64].tif", NULL});
  g_autofree char *glass = g_build_filename (test.folder, "glass", NULL);
  g_autofree char *a = window_slide_write (glass, "a.tif", 0.5);
  g_autofree char *b = window_slide_write (glass, "b.tif", 0);
  TesseraPlaceWindow *asking = ask_places (&test);
  g_assert_true (window_test_says (GTK_WIDGET (asking), "2 of 4 tiles are named after their"));
  unsigned checked = 0;
  window_test_check_names (GTK_WIDGET (asking), &checked);
  g_assert_cmpuint (checked, >, 4);
  tessera_files_row_choose (tessera_place_window_get_slides (asking),
                            (const char *const[]){glass, NULL});
  click_place (&test, asking);
  window_test_wait (&test, "it is said", window_test_is_said,
                    (gpointer) "1 tile placed on 1 slide; the file of 1 slide was not found: d");
  window_test_wait (&test, "a tile is placed", is_placed, GUINT_TO_POINTER (1));
  g_assert_null (place_window ());
  TesseraSession *session = window_test_session (&test);
  g_assert_cmpuint (tessera_session_get_slides (session)->len, ==, 1);
  assert_region (&test, 0, 0, 0, 64, 64);

  /* One click takes it back, the slide that joined with it. */
  window_test_wait (&test, "it can be undone", can_undo, NULL);
  window_test_pass (1500); /* the toast comes in */
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Undo"));
  window_test_wait (&test, "it is taken back", window_test_is_said,
                    (gpointer) "The tiles lie where they lay before");
  window_test_wait (&test, "no tile is placed", is_placed, GUINT_TO_POINTER (0));
  g_assert_cmpuint (tessera_session_get_slides (session)->len, ==, 0);

  /* A table that says it, one that is none, and one about a place outside of its slide. */
  g_autofree char *flow = write_text (test.folder, "flow.csv", "slide,loc_x,loc_y\nb,48,80\n"),
                  *none = write_text (test.folder, "none.csv", "file,score\nc.tif,1\n"),
                  *far = write_text (test.folder, "far.csv",
                                     "file,slide,minx,miny,width,height\nc.tif,a,9999,0,64,64\n");
  asking = ask_places (&test);
  tessera_files_row_choose (tessera_place_window_get_tables (asking),
                            (const char *const[]){flow, none, far, NULL});
  tessera_files_row_choose (tessera_place_window_get_slides (asking),
                            (const char *const[]){b, a, NULL});
  GtkWidget *side =
      hands_find_named (GTK_WIDGET (asking), GTK_TYPE_SPIN_BUTTON, "A tile's side on the slide");
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (side), 64);
  click_place (&test, asking);
  window_test_wait (&test, "it is said", window_test_is_said,
                    (gpointer) "1 tile placed on 1 slide");
  window_test_wait (&test, "a tile is placed", is_placed, GUINT_TO_POINTER (1));
  assert_region (&test, 1, 0, 16, 48, 64);
  g_autoptr (GList) windows = gtk_window_list_toplevels ();
  guint told = 0;
  for (GList *at = windows; at != NULL; at = at->next)
    if (g_strcmp0 (gtk_window_get_title (at->data), "Files that were refused") == 0) {
      told++;
      g_assert_true (window_test_says (at->data, "none.csv"));
      g_assert_true (window_test_says (at->data, "outside of its slide"));
      gtk_window_destroy (at->data);
    }
  g_assert_cmpuint (told, ==, 1);

  /* Esc leaves everything as it is. */
  ask_places (&test);
  hands_xdo ("key Escape");
  window_test_pass (300);
  g_assert_null (place_window ());
  window_test_close (&test);
}

/* Somebody who cancels has what was there before. */
static void
test_cancelled (void)
{
  WindowTest test;
  open_files (&test, (const char *const[]){"a [x=0,y=64,w=64,h=64].tif", NULL});
  g_autofree char *a = window_slide_write (test.folder, "a.tif", 0.5),
                  *list = write_text (test.folder, "a.csv", "minx,miny,width,height\n0,0,9,9\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TsrProgress progress = {.cancellable = cancellable};
  char *files[] = {a, NULL}, *lists[] = {list, NULL};
  g_autoptr (GPtrArray) refused = g_ptr_array_new ();
  TsrSlideCoordsOptions how = {0};
  g_cancellable_cancel (cancellable);
  g_assert_null (tsr_slide_coords_new (files, 1, lists, &how, refused, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  TsrProject *project = tsr_project_open (test.path, TSR_PROJECT_READ_WRITE, &error);
  g_auto (TsrPlacingReport) report;
  tsr_placing_report_init (&report);
  TsrPlacingOptions options = {.slides = files, .mpp = NAN};
  g_assert_false (tsr_place_tiles (project, &options, &report, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (report.placed, ==, 0);
  TsrTileRegion region;
  g_assert_true (tsr_project_regions (project, &region, NULL));
  g_assert_cmpint (region.slide, ==, -1);
  tsr_project_close (project);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/slide-coords/cut", test_cut);
  g_test_add_func ("/slide-coords/foreign", test_foreign);
  g_test_add_func ("/slide-coords/place", test_place);
  g_test_add_func ("/slide-coords/cancelled", test_cancelled);
  return g_test_run ();
}
