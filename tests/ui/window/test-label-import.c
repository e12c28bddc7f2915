/* Labels and classes from files: what the window says of them, what is stored, and that one click
 * takes it all back. */

#include "tessera-label-import.h"
#include "window-slides.h"
#include "window-test.h"

#include <glib/gstdio.h>
#include <string.h>

static gboolean
has_labels (WindowTest *test, gpointer n)
{
  TesseraSession *session = window_test_session (test);
  guint labelled = 0;
  for (uint32_t i = 0; i < tessera_session_get_n_tiles (session); i++)
    labelled += tessera_session_get_label (session, i) != TSR_LABEL_NONE;
  return labelled == GPOINTER_TO_UINT (n);
}

static guint
n_excluded (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  guint n = 0;
  for (uint32_t i = 0; i < tessera_session_get_n_tiles (session); i++)
    n += tessera_session_get_excluded (session, i);
  return n;
}

static gboolean
has_classes (WindowTest *test, gpointer n)
{
  return tessera_session_get_classes (window_test_session (test))->len == GPOINTER_TO_UINT (n);
}

static char *
write_text (WindowTest *test, const char *name, const char *text)
{
  char *path = g_build_filename (test->folder, name, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
open_project (WindowTest *test)
{
  *test = (WindowTest){.folder = window_fixture_folder ()};
  test->path = window_slides_project (test->folder, "test", 1);
  window_test_reopen (test);
}

/* An annotation that is exactly a tile's rectangle. */
static char *
feature (WindowTest *test, uint32_t tile, const char *properties)
{
  const TsrTileRegion *region = tessera_session_get_region (window_test_session (test), tile);
  int x = (int)region->x, y = (int)region->y, w = (int)region->width, h = (int)region->height;
  return g_strdup_printf (
      "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[["
      "%d,%d],[%d,%d],[%d,%d],[%d,%d],[%d,%d]]]},\"properties\":{"
      "\"objectType\":\"annotation\",%s}}",
      x, y, x + w, y, x + w, y + h, x, y + h, x, y, properties);
}

static char *
write_annotations (WindowTest *test, const char *name)
{
  g_autofree char *a = feature (test, 2,
                                "\"classification\":{\"name\":\"Mitosis\",\"color\":[1,2,3]}"),
                  *b = feature (test, 4, "\"classification\":{\"name\":\"Upper\"}"),
                  *c = feature (test, 6, "\"name\":\"excluded\"");
  g_autofree char *text =
      g_strdup_printf ("{\"type\":\"FeatureCollection\",\"features\":[%s,%s,%s]}", a, b, c);
  return write_text (test, name, text);
}

typedef struct {
  graphene_rect_t place;
  int looks; /* since it was somewhere else */
} Rest;

/* The toast has come in: a click would miss a button that still moves. */
static gboolean
button_rests (WindowTest *test, gpointer data)
{
  Rest *rest = data;
  graphene_rect_t now;
  GtkWidget *button = window_test_find_button (GTK_WIDGET (test->window), "Undo");
  if (button == NULL || !gtk_widget_compute_bounds (button, GTK_WIDGET (test->window), &now))
    return FALSE;
  rest->looks = graphene_rect_equal (&now, &rest->place) ? rest->looks + 1 : 0;
  rest->place = now;
  return rest->looks >= 40 && now.size.width > 0;
}

static void
take_back (WindowTest *test)
{
  Rest rest = {.looks = 0};
  window_test_settle (test);
  window_test_wait (test, "it can be undone", button_rests, &rest);
  window_test_click (test, window_test_find_button (GTK_WIDGET (test->window), "Undo"));
  window_test_wait (test, "it is taken back", window_test_is_said,
                    (gpointer) "The import is taken back");
}

static void
test_geojson (void)
{
  WindowTest test;
  open_project (&test);
  guint classes = tessera_session_get_classes (window_test_session (&test))->len;
  g_autofree char *path = write_annotations (&test, "slide-1.geojson");
  const char *paths[] = {path, NULL};
  tessera_label_import_begin (test.window, TESSERA_LABELS_GEOJSON, paths);
  window_test_wait (&test, "it is said", window_test_is_said,
                    (gpointer) "2 tiles labelled; 1 excluded; 1 new class");
  window_test_wait (&test, "two tiles are labelled", has_labels, GUINT_TO_POINTER (2));
  window_test_wait (&test, "there is another class", has_classes, GUINT_TO_POINTER (classes + 1));
  g_assert_cmpuint (n_excluded (&test), ==, 1);
  const TsrClass *last = tessera_session_get_classes (window_test_session (&test))->pdata[classes];
  g_assert_cmpstr (last->name, ==, "Mitosis");
  g_assert_cmpuint (last->rgb, ==, 0x010203);
  g_assert_cmpint (tessera_session_get_label (window_test_session (&test), 2), ==, last->id);
  take_back (&test);
  window_test_wait (&test, "no tile is labelled", has_labels, GUINT_TO_POINTER (0));
  window_test_wait (&test, "the class is gone", has_classes, GUINT_TO_POINTER (classes));
  g_assert_cmpuint (n_excluded (&test), ==, 0);

  /* Again, and then something else: the offer goes, and labels stay. */
  tessera_label_import_begin (test.window, TESSERA_LABELS_GEOJSON, paths);
  window_test_wait (&test, "two tiles are labelled", has_labels, GUINT_TO_POINTER (2));
  window_test_settle (&test);
  tessera_session_select_one (window_test_session (&test), 8);
  window_test_key (&test, "1");
  window_test_wait (&test, "a third is labelled", has_labels, GUINT_TO_POINTER (3));
  /* What is there already is no news. */
  tessera_label_import_begin (test.window, TESSERA_LABELS_GEOJSON, paths);
  window_test_wait (&test, "it is said", window_test_is_said,
                    (gpointer) "No label that is not there already");
  /* A file that can label nothing says so, and what to do. */
  g_autofree char *none =
      write_text (&test, "slide-1.geojson", "{\"type\":\"FeatureCollection\",\"features\":[]}");
  const char *nothing[] = {none, NULL};
  tessera_label_import_begin (test.window, TESSERA_LABELS_GEOJSON, nothing);
  window_test_wait (&test, "it is said why", window_test_is_said,
                    (gpointer) "“slide-1.geojson” holds no annotation that has an area; draw some "
                               "on its slide and export it again.");
  window_test_close (&test);
}

static void
test_table (void)
{
  WindowTest test;
  open_project (&test);
  g_autofree char *path = write_text (
      &test, "labels.csv",
      "tile_id,label,annotator\n0,Upper,Ada\n1,Lower,Grace\n2,Upper,Ada\n9999,Upper,Ada\n");
  const char *paths[] = {path, NULL};
  tessera_label_import_begin (test.window, TESSERA_LABELS_TABLE, paths);
  window_test_wait (&test, "it is said", window_test_is_said,
                    (gpointer) "3 tiles labelled; 1 row left out: ");
  window_test_wait (&test, "three tiles are labelled", has_labels, GUINT_TO_POINTER (3));
  take_back (&test); /* both readers' labels */
  window_test_wait (&test, "no tile is labelled", has_labels, GUINT_TO_POINTER (0));
  window_test_close (&test);
}

static void
test_classes (void)
{
  WindowTest test;
  open_project (&test);
  window_test_key (&test, "1"); /* what undo must leave alone */
  guint classes = tessera_session_get_classes (window_test_session (&test))->len;
  g_autofree char *path =
      write_text (&test, "classes.json",
                  "{\"pathClasses\":[{\"name\":\"Upper\",\"color\":[9,9,9]},{\"name\":\"Necrosis\","
                  "\"color\":[50,50,50]},{\"name\":\"Ignore*\",\"color\":[180,180,180]}]}");
  const char *paths[] = {path, NULL};
  tessera_label_import_begin (test.window, TESSERA_CLASSES, paths);
  window_test_wait (&test, "it is said", window_test_is_said, (gpointer) "2 new classes");
  window_test_wait (&test, "they are there", has_classes, GUINT_TO_POINTER (classes + 2));
  const TsrClass *first = tessera_session_get_classes (window_test_session (&test))->pdata[classes];
  g_assert_cmpstr (first->name, ==, "Necrosis");
  g_assert_cmpuint (first->rgb, ==, 0x323232);
  guint labelled = tessera_session_count_labelled (window_test_session (&test));

  /* one step of undo, like every change of the classes, also when the toast is gone */
  window_test_key (&test, "ctrl+z");
  window_test_wait (&test, "they are gone", has_classes, GUINT_TO_POINTER (classes));
  g_assert_cmpuint (tessera_session_count_labelled (window_test_session (&test)), ==, labelled);
  window_test_key (&test, "ctrl+shift+z");
  window_test_wait (&test, "they are back", has_classes, GUINT_TO_POINTER (classes + 2));

  tessera_label_import_begin (test.window, TESSERA_CLASSES, paths);
  window_test_wait (&test, "nothing is new", window_test_is_said,
                    (gpointer) "No class that is not there already");
  window_test_close (&test);
}

/* A name that could not be a class's is left out, and said; the others come. */
static void
test_odd_class (void)
{
  WindowTest test;
  open_project (&test);
  guint classes = tessera_session_get_classes (window_test_session (&test))->len;
  g_autofree char *path =
      write_text (&test, "classes.json",
                  "{\"pathClasses\":[{\"name\":\"two\\nlines\"},{\"name\":\"Necrosis\"}]}");
  const char *paths[] = {path, NULL};
  tessera_label_import_begin (test.window, TESSERA_CLASSES, paths);
  window_test_wait (&test, "it is said", window_test_is_said,
                    (gpointer) "1 new class; 1 class left out: The class name");
  window_test_wait (&test, "the other is there", has_classes, GUINT_TO_POINTER (classes + 1));
  window_test_close (&test);
}

static gboolean
lists_both (WindowTest *test, gpointer data)
{
  GListModel *windows = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);
    if (window != GTK_WIDGET (test->window) && gtk_widget_get_mapped (window) &&
        window_test_says (window, "nobody.geojson") &&
        window_test_says (window, "broken.geojson")) {
      gtk_window_close (GTK_WINDOW (window));
      return TRUE;
    }
  }
  return FALSE;
}

static void
test_refused (void)
{
  WindowTest test;
  open_project (&test);
  g_autofree char *good = write_annotations (&test, "slide-1.geojson"),
                  *nobody = write_annotations (&test, "nobody.geojson"),
                  *broken = write_text (&test, "broken.geojson", "{");
  const char *paths[] = {good, nobody, broken, NULL}, *one[] = {nobody, NULL};
  tessera_label_import_begin (test.window, TESSERA_LABELS_GEOJSON, paths);
  window_test_wait (&test, "both are listed", lists_both, NULL);
  g_assert_true (has_labels (&test, GUINT_TO_POINTER (0)));
  tessera_label_import_begin (test.window, TESSERA_LABELS_GEOJSON, one);
  window_test_wait (&test, "it is said", window_test_is_said,
                    (gpointer) "call it like its slide, “slide-1.geojson” for instance");
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/label-import/geojson", test_geojson);
  g_test_add_func ("/label-import/table", test_table);
  g_test_add_func ("/label-import/classes", test_classes);
  g_test_add_func ("/label-import/odd-class", test_odd_class);
  g_test_add_func ("/label-import/refused", test_refused);
  return g_test_run ();
}
