/* An area that limits the tiles of slides: chosen on the page that asks, seen and counted at once,
 * and kept to by the import, with its classes as ground truth. */

#include "hands.h"
#include "tessera-slide-settings.h"
#include "tessera-slides-page.h"
#include "tsr-slide-cut.h"
#include "window-slides.h"
#include "tessera-window-private.h"
#include "window-test.h"

#include <string.h>

/* The upper piece of tissue lies in it but for its right end; pixels of level 0. */
enum { LEFT = 100, TOP = 60, RIGHT = 610, BOTTOM = 480 };

static GtkWidget *
find (WindowTest *test, GType type)
{
  return window_test_find (GTK_WIDGET (test->window), type);
}

static void
ask (WindowTest *test, const char *path)
{
  const char *paths[] = {path, NULL};
  tessera_window_import_slides (test->window, paths, FALSE);
  window_test_wait (test, "it asks", window_test_has_button, (gpointer) "Read the slides");
  window_test_wait (test, "the chosen slide is counted", window_test_is_said,
                    (gpointer) " tiles of ");
}

/* Transfer full: the path of folder/name, an annotation of one class. */
static char *
write_area (const char *folder, const char *name)
{
  g_autofree char *text = g_strdup_printf (
      "{\"type\": \"FeatureCollection\", \"features\": [{\"type\": \"Feature\", \"id\": \"1\", "
      "\"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[%d,%d],[%d,%d],[%d,%d],[%d,%d],"
      "[%d,%d]]]}, \"properties\": {\"objectType\": \"annotation\", \"classification\": {\"name\": "
      "\"Tumour\", \"color\": [200, 0, 0]}}}]}",
      LEFT, TOP, RIGHT, TOP, RIGHT, BOTTOM, LEFT, BOTTOM, LEFT, TOP);
  char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* The tiles of the slide, and how many of them lie in the rectangle by `share` of their area. */
static guint
count_inside (const char *path, double share, guint *all)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  g_auto (TsrSlideCut) cut = {0};
  TsrTilingOptions options = tsr_tiling_options ();
  TsrMaskOptions mask = tsr_mask_options ();
  guint inside = 0;
  g_assert_true (tsr_slide_cut (slide, &options, &mask, &cut, NULL, &error));
  *all = cut.tiling.tiles->len;
  for (guint i = 0; i < *all; i++) {
    const TsrSlideTile *tile = &g_array_index (cut.tiling.tiles, TsrSlideTile, i);
    gint64 side = cut.tiling.side, across = MIN (tile->x + side, RIGHT) - MAX (tile->x, LEFT),
           down = MIN (tile->y + side, BOTTOM) - MAX (tile->y, TOP);
    inside += across > 0 && down > 0 && (double)(across * down) >= share * (double)(side * side);
  }
  return inside;
}

static GdkPaintable *
overview (WindowTest *test)
{
  GtkWidget *picture = window_test_find (find (test, TESSERA_TYPE_SLIDES_PAGE), GTK_TYPE_PICTURE);
  return gtk_picture_get_paintable (GTK_PICTURE (picture));
}

/* The lightest channel of the overview's pixel over a place of level 0. */
static guint
lightness (WindowTest *test, int x, int y)
{
  GdkTexture *texture = GDK_TEXTURE (overview (test));
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  g_autofree guint32 *pixels = g_new (guint32, (gsize)width * height);
  gdk_texture_download (texture, (guchar *)pixels, (gsize)width * 4);
  guint32 pixel = pixels[(gsize)(y * height / WINDOW_SLIDE_H) * width + x * width / WINDOW_SLIDE_W];
  return MAX (MAX (pixel >> 16 & 255, pixel >> 8 & 255), pixel & 255);
}

static void
test_area (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *folder = g_build_filename (test.folder, "glass", NULL);
  g_autofree char *first = window_slide_write (folder, "a.tif", 0.5);
  g_autofree char *second = window_slide_write (folder, "b.tif", 0.51);
  g_autofree char *path = write_area (folder, "a.geojson");
  guint all, inside = count_inside (first, 0.5, &all), most = count_inside (first, 0.95, &all);
  g_assert_cmpuint (inside, >, 10);
  g_assert_cmpuint (most, <, inside);
  g_assert_cmpuint (inside, <, all);
  ask (&test, folder);
  g_autofree char *before = g_strdup_printf ("%u tiles in all", 2 * all),
                  *after = g_strdup_printf ("%u tiles in all", inside + all),
                  *fewer = g_strdup_printf ("%u tiles in all", most + all),
                  *out = g_strdup_printf (", %u outside the area", all - inside);
  window_test_wait (&test, "both are counted", window_test_is_said, before);
  guint lower = lightness (&test, 800, 700), upper = lightness (&test, 400, 280);

  /* Only one file: it is about the slide it is named after, and the other is as it was. */
  GtkWidget *settings = find (&test, TESSERA_TYPE_SLIDE_SETTINGS);
  tessera_files_row_choose (tessera_slide_settings_get_area (TESSERA_SLIDE_SETTINGS (settings)),
                            (const char *const[]){path, NULL});
  window_test_wait (&test, "what is left out is said", window_test_is_said, out);
  window_test_wait (&test, "both are counted", window_test_is_said, after);
  g_assert_cmpuint (lightness (&test, 400, 280), ==, upper);
  g_assert_cmpuint (lightness (&test, 800, 700), <, lower); /* dimmed: no tile is left there */
  unsigned checked = 0;
  window_test_check_names (settings, &checked);
  g_assert_cmpuint (checked, >, 12);

  /* Another share, live; then back, and the whole into a project. */
  GtkWidget *share = hands_find_named (settings, GTK_TYPE_SPIN_BUTTON, "Of a tile at least, %");
  GtkWidget *truth =
      hands_find_named (settings, GTK_TYPE_SWITCH, "Their classes are the ground truth");
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (share), 95);
  window_test_wait (&test, "fewer tiles lie inside", window_test_is_said, fewer);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (share), 50);
  gtk_switch_set_active (GTK_SWITCH (truth), TRUE);
  window_test_wait (&test, "both are counted", window_test_is_said, after);
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Read the slides"));
  window_test_wait (&test, "the project is open", window_test_is_open, NULL);
  TesseraSession *session = window_test_session (&test);
  g_assert_cmpuint (tessera_session_get_n_tiles (session), ==, inside + all);
  for (uint32_t i = 0; i < tessera_session_get_n_tiles (session); i++) {
    const TsrTileRegion *region = tessera_session_get_region (session, i);
    g_assert_cmpstr (tessera_session_get_truth (session, i), ==,
                     region->slide == 0 ? "Tumour" : NULL);
  }
  g_assert_cmpuint (tessera_session_get_classes (session)->len, ==, 1);
  window_test_close (&test);
}

/* A folder stands for its files; one that is about no slide, or holds nothing, is said. */
static void
test_wrong (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *folder = g_build_filename (test.folder, "glass", NULL),
                  *areas = g_build_filename (test.folder, "areas", NULL),
                  *empty = g_build_filename (test.folder, "empty", NULL);
  g_autofree char *first = window_slide_write (folder, "a.tif", 0.5);
  g_autofree char *second = window_slide_write (folder, "b.tif", 0.51);
  g_assert_cmpint (g_mkdir_with_parents (areas, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (empty, 0700), ==, 0);
  g_autofree char *one = write_area (areas, "a.geojson"), *two = write_area (areas, "b.geojson");
  guint all, inside = count_inside (first, 0.5, &all);
  ask (&test, folder);
  TesseraSlideSettings *settings =
      TESSERA_SLIDE_SETTINGS (find (&test, TESSERA_TYPE_SLIDE_SETTINGS));
  tessera_files_row_choose (tessera_slide_settings_get_area (settings),
                            (const char *const[]){areas, NULL});
  g_autofree char *both = g_strdup_printf ("%u tiles in all", 2 * inside);
  window_test_wait (&test, "both are limited", window_test_is_said, both);
  g_assert_true (window_test_says (GTK_WIDGET (test.window), "2 files"));

  /* One of another slide is named and left out; alone, it would limit nothing. */
  g_autofree char *odd = write_area (areas, "odd.geojson");
  tessera_files_row_choose (tessera_slide_settings_get_area (settings),
                            (const char *const[]){areas, NULL});
  GtkWidget *start = window_test_find_button (GTK_WIDGET (test.window), "Read the slides");
  window_test_wait (&test, "it is said", window_test_is_said,
                    (gpointer) "“odd.geojson” is named after none of the slides, and is left out.");
  g_assert_true (window_test_says (GTK_WIDGET (test.window), "3 files"));
  g_assert_true (gtk_widget_get_sensitive (start));
  window_test_wait (&test, "both are limited", window_test_is_said, both);
  g_autofree char *more = write_area (areas, "other.geojson");
  tessera_files_row_choose (tessera_slide_settings_get_area (settings),
                            (const char *const[]){areas, NULL});
  window_test_wait (&test, "it is said", window_test_is_said,
                    (gpointer) "“odd.geojson” and 1 more are named");
  tessera_files_row_choose (tessera_slide_settings_get_area (settings),
                            (const char *const[]){odd, NULL});
  window_test_wait (&test, "it is said", window_test_is_said, (gpointer) "call it like its slide");
  g_assert_false (gtk_widget_get_sensitive (start));
  tessera_files_row_choose (tessera_slide_settings_get_area (settings),
                            (const char *const[]){empty, NULL});
  g_assert_true (window_test_says (GTK_WIDGET (test.window), "There is no GeoJSON file"));
  g_assert_true (gtk_widget_get_sensitive (start));

  /* A file that is none: the slide says so instead of a count. */
  g_assert_true (g_file_set_contents (one, "not JSON", -1, NULL));
  tessera_files_row_choose (tessera_slide_settings_get_area (settings),
                            (const char *const[]){one, NULL});
  window_test_wait (&test, "it is said", window_test_is_said, (gpointer) "a.geojson");

  /* The import leaves the others out, too. */
  tessera_files_row_choose (tessera_slide_settings_get_area (settings),
                            (const char *const[]){two, odd, NULL});
  g_autofree char *half = g_strdup_printf ("%u tiles in all", inside + all);
  window_test_wait (&test, "one is limited", window_test_is_said, half);
  window_test_click (&test, start);
  window_test_wait (&test, "the project is open", window_test_is_open, NULL);
  g_assert_cmpuint (tessera_session_get_n_tiles (window_test_session (&test)), ==, inside + all);
  window_test_close (&test);
}

/* Annotations of a slide that cannot be read are not taken for those of the only one that can. */
static void
test_of_unreadable (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *folder = g_build_filename (test.folder, "glass", NULL);
  g_autofree char *first = window_slide_write (folder, "a.tif", 0.5);
  g_autofree char *broken = g_build_filename (folder, "b.svs", NULL);
  g_assert_true (g_file_set_contents (broken, "II*\0\20\0\0\0", 8, NULL));
  g_autofree char *one = write_area (folder, "a.geojson"), *two = write_area (folder, "b.geojson"),
                  *any = write_area (folder, "any.geojson");
  guint all, inside = count_inside (first, 0.5, &all);
  ask (&test, folder);
  TesseraFilesRow *area = tessera_slide_settings_get_area (
      TESSERA_SLIDE_SETTINGS (find (&test, TESSERA_TYPE_SLIDE_SETTINGS)));
  GtkWidget *start = window_test_find_button (GTK_WIDGET (test.window), "Read the slides");
  const char *const others[] = {two, any};
  for (int i = 0; i < 2; i++) {
    tessera_files_row_choose (area, (const char *const[]){others[i], NULL});
    window_test_wait (&test, "it is said", window_test_is_said,
                      (gpointer) "call it like its slide");
    g_assert_false (gtk_widget_get_sensitive (start));
  }
  tessera_files_row_choose (area, (const char *const[]){two, one, NULL});
  window_test_wait (&test, "it is said", window_test_is_said,
                    (gpointer) "“b.geojson” is named after none of the slides, and is left out.");
  g_autofree char *limited = g_strdup_printf (", %u outside the area", all - inside);
  window_test_wait (&test, "its own limits it", window_test_is_said, limited);
  window_test_click (&test, start);
  window_test_wait (&test, "the project is open", window_test_is_open, NULL);
  g_assert_cmpuint (tessera_session_get_n_tiles (window_test_session (&test)), ==, inside);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/slide-area/area", test_area);
  g_test_add_func ("/slide-area/wrong", test_wrong);
  g_test_add_func ("/slide-area/of-unreadable", test_of_unreadable);
  return g_test_run ();
}
