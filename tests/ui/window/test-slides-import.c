/* Slides on their way into a project: listed, cut into tiles while their tissue is seen, named. */

#include "hands.h"
#include "tessera-slide-row.h"
#include "tessera-slide-settings.h"
#include "tessera-slides-page.h"
#include "tessera-window-private.h"
#include "tsr-slide-cut.h"
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

static gint64
tiles_of_cut (const char *path, const TsrTilingOptions *options, const TsrMaskOptions *mask)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  g_auto (TsrSlideCut) cut = {0};
  g_assert_no_error (error);
  g_assert_true (tsr_slide_cut (slide, options, mask, &cut, NULL, &error));
  return cut.tiling.tiles->len;
}

/* Tiles of 64 pixels of which so much is tissue as it was drawn, whatever the mask finds. */
static gint64
tiles_as_drawn (double share)
{
  gint64 n = 0;
  for (int y = 0; y + 64 <= WINDOW_SLIDE_H; y += 64)
    for (int x = 0; x + 64 <= WINDOW_SLIDE_W; x += 64) {
      int tissue = 0;
      for (int i = 0; i < 64 * 64; i++)
        tissue += window_slide_tissue (x + i % 64, y + i / 64);
      n += tissue >= share * 64 * 64;
    }
  return n;
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

static void
test_import (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *folder = g_build_filename (test.folder, "glass", NULL);
  g_autofree char *first = window_slide_write (folder, "a.tif", 0.5);
  g_autofree char *second = window_slide_write (folder, "b.tif", 0);
  g_autofree char *broken = g_build_filename (folder, "broken.svs", NULL);
  g_assert_true (g_file_set_contents (broken, "II*\0and then nothing", 20, NULL));
  ask (&test, folder);
  unsigned checked = 0;
  window_test_check_names (find (&test, TESSERA_TYPE_SLIDES_PAGE), &checked);
  g_assert_cmpuint (checked, >, 15);

  /* What it says is what the engine cuts, and that is what was drawn, but for tiles on the edge. */
  TsrTilingOptions options = tsr_tiling_options ();
  TsrMaskOptions mask = tsr_mask_options ();
  gint64 each = tiles_of_cut (first, &options, &mask);
  g_assert_cmpint (each, <=, tiles_as_drawn (0.4));
  g_assert_cmpint (each, >=, tiles_as_drawn (0.6));
  g_autofree char *count = g_strdup_printf ("%d tiles of 300 places", (int)each);
  g_autofree char *all = g_strdup_printf ("%d tiles in all", (int)(2 * each));
  window_test_wait (&test, "the right count is there", window_test_is_said, count);
  window_test_wait (&test, "the other slide is counted", window_test_is_said, all);
  g_assert_true (window_test_says (GTK_WIDGET (test.window), "broken.svs"));
  g_assert_true (window_test_says (GTK_WIDGET (test.window), "damaged"));
  g_assert_true (window_test_says (GTK_WIDGET (test.window), "does not say"));

  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Read the slides"));
  window_test_wait (&test, "the project is open", window_test_is_open, NULL);
  TesseraSession *session = window_test_session (&test);
  g_assert_cmpuint (tessera_session_get_n_tiles (session), ==, 2 * each);
  g_assert_cmpuint (tessera_session_get_slides (session)->len, ==, 2);
  g_assert_true (g_str_has_suffix (tessera_session_get_path (session), "/glass.tessera"));
  window_test_close (&test);
}

/* Asked for once: tiles in micrometres need to know how wide a pixel is. */
static void
test_size_of_a_pixel (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *folder = g_build_filename (test.folder, "glass", NULL);
  g_autofree char *first = window_slide_write (folder, "a.tif", 0.5);
  g_autofree char *second = window_slide_write (folder, "b.tif", 0);
  ask (&test, folder);
  GtkWidget *page = find (&test, TESSERA_TYPE_SLIDES_PAGE);
  GtkWidget *start = window_test_find_button (page, "Read the slides");
  GtkWidget *scale = hands_find_named (page, GTK_TYPE_DROP_DOWN, "Scale");
  g_assert_nonnull (scale);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (scale), 1); /* micrometres a pixel */
  window_test_pass (100);
  g_assert_false (gtk_widget_get_sensitive (start));
  g_assert_true (window_test_says (page, "1 slide does not say"));

  GtkWidget *entry = hands_find_named (page, GTK_TYPE_ENTRY, "Micrometres a pixel of b.tif");
  window_test_click (&test, entry);
  window_test_xdotool ("type 0,00"); /* no slide is that fine */
  window_test_pass (100);
  g_assert_true (gtk_widget_has_css_class (entry, "error"));
  g_assert_false (gtk_widget_get_sensitive (start));
  window_test_xdotool ("key ctrl+a");
  window_test_xdotool ("type 0,25"); /* a comma is as good as a point */
  window_test_pass (100);
  g_assert_true (gtk_widget_get_sensitive (start));

  /* 64 pixels of 0.5 um are 128 pixels of 0.25 um. */
  TsrTilingOptions options = tsr_tiling_options ();
  TsrMaskOptions mask = tsr_mask_options ();
  options.mpp = 0.5;
  gint64 coarse = tiles_of_cut (first, &options, &mask);
  options.slide_mpp = 0.25;
  gint64 fine = tiles_of_cut (second, &options, &mask);
  g_assert_cmpint (fine, <, coarse / 2);
  g_autofree char *all = g_strdup_printf ("%d tiles in all", (int)(coarse + fine));
  window_test_wait (&test, "both slides are counted", window_test_is_said, all);
  window_test_click (&test, start);
  window_test_wait (&test, "the project is open", window_test_is_open, NULL);
  const TsrProjectSlide *slide = tessera_session_get_slide (window_test_session (&test), 1);
  g_assert_cmpfloat (slide->mpp, ==, 0.25);
  g_assert_true (slide->mpp_given);
  window_test_close (&test);
}

static gboolean
is_changed (WindowTest *test, gpointer before)
{
  GtkWidget *page = find (test, TESSERA_TYPE_SLIDES_PAGE);
  GtkWidget *picture = window_test_find (page, GTK_TYPE_PICTURE);
  GdkPaintable *now = gtk_picture_get_paintable (GTK_PICTURE (picture));
  return now != NULL && now != before;
}

/* The mask follows the slider, and the settings of one slide are its own. */
static void
test_mask_is_live (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *folder = g_build_filename (test.folder, "glass", NULL);
  g_autofree char *first = window_slide_write (folder, "a.tif", 0.5);
  g_autofree char *second = window_slide_write (folder, "b.tif", 0.51);
  ask (&test, folder);
  GtkWidget *page = find (&test, TESSERA_TYPE_SLIDES_PAGE);
  GtkWidget *settings = window_test_find (page, TESSERA_TYPE_SLIDE_SETTINGS);
  TsrTilingOptions options = tsr_tiling_options ();
  TsrMaskOptions mask = tsr_mask_options ();
  gint64 each = tiles_of_cut (first, &options, &mask);
  g_autofree char *all = g_strdup_printf ("%d tiles in all", (int)(2 * each));
  window_test_wait (&test, "all are counted", window_test_is_said, all);

  GtkWidget *own = hands_find_named (page, GTK_TYPE_CHECK_BUTTON, "For the chosen slide only");
  gtk_check_button_set_active (GTK_CHECK_BUTTON (own), TRUE);
  window_test_wait (&test, "all are counted again", window_test_is_said, all);
  GtkWidget *picture = window_test_find (page, GTK_TYPE_PICTURE);
  GdkPaintable *before = gtk_picture_get_paintable (GTK_PICTURE (picture));
  GtkWidget *slider = hands_find_named (page, GTK_TYPE_SCALE, "More colour than");
  double automatic = gtk_range_get_value (GTK_RANGE (slider));
  g_assert_cmpfloat (automatic, >=, 10);
  g_assert_cmpfloat (automatic, <=, 45);
  window_test_click (&test, slider); /* its middle: neither piece is as colourful in all places */
  window_test_wait (&test, "the picture follows", is_changed, before);
  gboolean use_mask;
  TsrMaskOptions set =
      tessera_slide_settings_get_mask (TESSERA_SLIDE_SETTINGS (settings), &use_mask);
  g_assert_true (use_mask);
  g_assert_cmpfloat (set.saturation, >, 90);
  g_assert_true (isnan (set.brightness));
  gint64 less = tiles_of_cut (first, &options, &set);
  g_assert_cmpint (less, <, each);
  g_autofree char *fewer = g_strdup_printf ("%d tiles in all", (int)(less + each));
  window_test_wait (&test, "only this slide gives less", window_test_is_said, fewer);

  /* The button gives it back to the slide. */
  GtkWidget *button =
      hands_find_named (page, GTK_TYPE_TOGGLE_BUTTON, "More colour than: Automatic");
  window_test_click (&test, button);
  window_test_wait (&test, "all are counted once more", window_test_is_said, all);
  g_assert_cmpfloat (gtk_range_get_value (GTK_RANGE (slider)), ==, automatic);
  window_test_close (&test);
}

/* Names that are hidden are hidden everywhere; leaving the page leaves nothing behind. */
static void
test_hidden_names_and_cancel (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *folder = g_build_filename (test.folder, "glass", NULL);
  g_autofree char *first = window_slide_write (folder, "Doe, Jane.tif", 0.5);
  g_autofree char *project = g_build_filename (test.folder, "glass.tessera", NULL);
  ask (&test, folder);
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Cancel"));
  window_test_pass (400);
  g_assert_false (g_file_test (project, G_FILE_TEST_EXISTS));
  g_assert_true (gtk_widget_get_mapped (find (&test, TESSERA_TYPE_START_PAGE)));
  ask (&test, folder);
  GtkWidget *page = find (&test, TESSERA_TYPE_SLIDES_PAGE);
  gtk_switch_set_active (GTK_SWITCH (hands_find_named (page, GTK_TYPE_SWITCH, "Hide slide names")),
                         TRUE);
  window_test_click (&test, window_test_find_button (page, "Read the slides"));
  window_test_wait (&test, "the project is open", window_test_is_open, NULL);
  TesseraSession *session = window_test_session (&test);
  g_assert_cmpstr (tessera_session_get_slide (session, 0)->name, ==, "slide 1");
  for (uint32_t i = 0; i < tessera_session_get_n_tiles (session); i++)
    g_assert_null (strstr (tessera_session_get_tile_name (session, i), "Jane"));
  window_test_close (&test);
}

/* The wheel goes down the page and changes nothing, whatever comes under the pointer. */
static void
test_wheel (void)
{
  static const struct {
    GType (*type) (void);
    const char *name;
  } under[] = {{gtk_spin_button_get_type, "Overlap, pixels"}, {gtk_scale_get_type, "Darker than"}};
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *folder = g_build_filename (test.folder, "glass", NULL);
  g_autofree char *first = window_slide_write (folder, "a.tif", 0.5);
  ask (&test, folder);
  GtkWidget *page = find (&test, TESSERA_TYPE_SLIDES_PAGE);
  for (guint i = 0; i < G_N_ELEMENTS (under); i++) {
    GtkWidget *widget = hands_find_named (page, under[i].type (), under[i].name);
    gpointer scroller = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);
    GtkAdjustment *where = gtk_scrolled_window_get_vadjustment (scroller),
                  *value = GTK_IS_RANGE (widget)
                               ? gtk_range_get_adjustment (GTK_RANGE (widget))
                               : gtk_spin_button_get_adjustment (GTK_SPIN_BUTTON (widget));
    gtk_adjustment_set_value (where, i * 200);
    window_test_wait_for_frame (&test);
    double before = gtk_adjustment_get_value (where), set = gtk_adjustment_get_value (value);
    int x, y;
    window_test_root_point (&test, widget, gtk_widget_get_width (widget) / 2.,
                            gtk_widget_get_height (widget) / 2., &x, &y);
    window_test_xdotool ("mousemove %d %d click 5", x, y);
    window_test_pass (300);
    g_assert_cmpfloat (gtk_adjustment_get_value (value), ==, set);
    g_assert_cmpfloat (gtk_adjustment_get_value (where), >, before);
    window_test_xdotool ("click 4");
    window_test_pass (300);
    g_assert_cmpfloat (gtk_adjustment_get_value (value), ==, set);
  }
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/slides-import/import", test_import);
  g_test_add_func ("/slides-import/size-of-a-pixel", test_size_of_a_pixel);
  g_test_add_func ("/slides-import/mask-is-live", test_mask_is_live);
  g_test_add_func ("/slides-import/hidden-names-and-cancel", test_hidden_names_and_cancel);
  g_test_add_func ("/slides-import/wheel", test_wheel);
  return g_test_run ();
}
