/* The buttons that label, of few and of many classes, on a small screen: what a tired eye needs is
 * in sight, and what is in sight can be clicked. In the language of LANGUAGE. */

#include "tessera-app-state.h"
#include "tessera-label-pad.h"
#include "tessera-language.h"
#include "tessera-near-labels.h"
#include "tessera-sidebar.h"
#include "tessera-tile-panel.h"
#include "tessera-tile-picture.h"
#include "window-test.h"

#include <stdlib.h>
#include <string.h>

enum { N = 60, MANY = 20, MOST = 30 };

/* As pathologists call them, short and long. */
static const char *const names[][MANY] = {
    {"Tumour",
     "Lymphocytes",
     "Stroma",
     "Fat",
     "Necrosis",
     "Mucosa",
     "Smooth muscle",
     "Normal mucosa",
     "Adenocarcinoma",
     "Debris",
     "Background",
     "Blood vessels",
     "Nerve",
     "Plasma cells",
     "Granulation tissue",
     "Dysplasia, low grade",
     "Dysplasia, high grade",
     "Erythrocytes",
     "Cartilage",
     "Artefact"},
    {"Tumorzellen",
     "Lymphozyten",
     "Bindegewebe",
     "Fettgewebe",
     "Nekrose",
     "Schleimhaut",
     "Glatte Muskulatur",
     "Plattenepithelkarzinom",
     "Adenokarzinom",
     "Granulationsgewebe",
     "Erythrozyten",
     "Gefäße",
     "Nerven",
     "Plasmazellen",
     "Knorpelgewebe",
     "Dysplasie, niedriggradig",
     "Dysplasie, hochgradig",
     "Hintergrund",
     "Artefakt",
     "Entzündungsinfiltrat"},
    {"Tumor",
     "Linfocitos",
     "Estroma",
     "Tejido adiposo",
     "Necrosis",
     "Mucosa normal",
     "Músculo liso",
     "Carcinoma escamoso",
     "Adenocarcinoma",
     "Tejido de granulación",
     "Eritrocitos",
     "Vasos sanguíneos",
     "Nervios",
     "Células plasmáticas",
     "Cartílago",
     "Displasia de bajo grado",
     "Displasia de alto grado",
     "Fondo",
     "Artefacto",
     "Infiltrado inflamatorio"},
    {"Tumeur",
     "Lymphocytes",
     "Stroma",
     "Tissu adipeux",
     "Nécrose",
     "Muqueuse saine",
     "Muscle lisse",
     "Carcinome épidermoïde",
     "Adénocarcinome",
     "Tissu de granulation",
     "Érythrocytes",
     "Vaisseaux",
     "Nerfs",
     "Plasmocytes",
     "Cartilage",
     "Dysplasie de bas grade",
     "Dysplasie de haut grade",
     "Fond",
     "Artefact",
     "Infiltrat inflammatoire"},
};

static const char *const *
names_here (void)
{
  static const char *const languages[] = {"en", "de", "es", "fr"};
  for (guint i = 1; i < G_N_ELEMENTS (languages); i++)
    if (g_strcmp0 (g_getenv ("LANGUAGE"), languages[i]) == 0)
      return names[i];
  return names[0];
}

static void
picture (unsigned n, const char *more)
{
  const char *folder = g_getenv ("TESSERA_PICTURES"), *language = g_getenv ("LANGUAGE");
  if (folder == NULL)
    return;
  g_autofree char *line = g_strdup_printf ("import -window root %s/pad-%s-%u%s.png", folder,
                                           language != NULL ? language : "en", n, more);
  g_spawn_command_line_sync (line, NULL, NULL, NULL, NULL);
}

/* A window with so many classes, a label and a tile in the panel. */
static void
open_with (WindowTest *test, unsigned n)
{
  window_test_open (test, N, WINDOW_FIXTURE_VECTORS | WINDOW_FIXTURE_MAP);
  TesseraSession *session = window_test_session (test);
  for (unsigned i = 0; i < n; i++) {
    g_autofree char *more = g_strdup_printf ("%s %u", names_here ()[i % MANY], i);
    tessera_session_add_class (session, i < MANY ? names_here ()[i] : more, -1);
  }
  window_test_settle (test);
  for (int i = 0; i < 2; i++)
    window_test_key (test, (const char *[]){"1", "2"}[i]);
  window_test_pass (600);
}

static GtkWidget *
pad_of (WindowTest *test)
{
  return window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_LABEL_PAD);
}

/* Whether all of a widget is seen in the window, and in what scrolls it. */
static gboolean
is_in_sight (GtkWidget *widget)
{
  for (GtkWidget *around = gtk_widget_get_parent (widget); around != NULL;
       around = gtk_widget_get_parent (around)) {
    graphene_rect_t bounds;
    if (!gtk_widget_compute_bounds (widget, around, &bounds))
      return FALSE;
    if (bounds.origin.x < -1 || bounds.origin.y < -1 ||
        bounds.origin.x + bounds.size.width > (float)gtk_widget_get_width (around) + 1 ||
        bounds.origin.y + bounds.size.height > (float)gtk_widget_get_height (around) + 1)
      return FALSE;
  }
  return gtk_widget_get_mapped (widget);
}

static void
collect (GtkWidget *root, GPtrArray *buttons)
{
  if (GTK_IS_BUTTON (root))
    g_ptr_array_add (buttons, root);
  else
    for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
         child = gtk_widget_get_next_sibling (child))
      collect (child, buttons);
}

/* The classes' buttons in their order, then the four others. */
static GPtrArray *
buttons_of (WindowTest *test)
{
  GPtrArray *buttons = g_ptr_array_new ();
  collect (pad_of (test), buttons);
  return buttons;
}

/* A click on a class's button labels the tile with it. */
static void
check_click (WindowTest *test, GPtrArray *buttons, guint i)
{
  TesseraSession *session = window_test_session (test);
  uint32_t tile = tessera_session_get_current (session);
  const TsrClass *class_ = g_ptr_array_index (tessera_session_get_classes (session), i);
  int32_t id = class_->id;
  window_test_click (test, buttons->pdata[i]);
  window_test_settle (test);
  g_assert_cmpint (tessera_session_get_label (session, tile), ==, id);
}

/* So many classes and what else labels can be seen at once, with a picture of the tile above. */
static void
check_in_sight (unsigned n)
{
  WindowTest test;
  open_with (&test, n);
  picture (n, g_getenv ("TESSERA_DARK") != NULL ? "-dark" : "");
  g_autoptr (GPtrArray) buttons = buttons_of (&test);
  g_assert_cmpuint (buttons->len, ==, n + 4);
  for (guint i = 0; i < buttons->len; i++)
    if (!is_in_sight (buttons->pdata[i]))
      g_error ("button %u of %u is not in sight; the classes need %d and have %d", i, buttons->len,
               gtk_widget_get_height (gtk_widget_get_parent (buttons->pdata[0])),
               gtk_widget_get_height (window_test_find (pad_of (&test), GTK_TYPE_SCROLLED_WINDOW)));
  GtkWidget *panel = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_TILE_PANEL),
            *shown = window_test_find (panel, TESSERA_TYPE_TILE_PICTURE);
  g_assert_true (is_in_sight (shown));
  int height = gtk_widget_get_height (shown);
  g_assert_cmpint (height, >=, n < 10 ? 260 : 172);
  if (n < 10 && height < 300) /* only for the nearest labels to be seen whole */
    g_assert_true (is_in_sight (window_test_find (panel, TESSERA_TYPE_NEAR_LABELS)));
  check_click (&test, buttons, n - 1);
  check_click (&test, buttons, n / 2);
  window_test_close (&test);
}

static void
test_few (void)
{
  check_in_sight (5);
}

static void
test_fourteen (void)
{
  check_in_sight (14);
}

static void
test_twenty (void)
{
  check_in_sight (MANY);
}

/* Names in two columns are read as far as there is room, and a tooltip says all of them. */
static void
test_names (void)
{
  WindowTest test;
  open_with (&test, MANY);
  g_autoptr (GPtrArray) buttons = buttons_of (&test);
  guint cut = 0;
  for (guint i = 0; i < MANY; i++) {
    GtkWidget *label = window_test_find (buttons->pdata[i], GTK_TYPE_LABEL);
    PangoLayout *layout = gtk_label_get_layout (GTK_LABEL (label));
    g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (label)), ==, names_here ()[i]);
    g_assert_cmpint (pango_layout_get_line_count (layout), <=, 2);
    g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (buttons->pdata[i]), names_here ()[i]));
    if (pango_layout_is_ellipsized (layout))
      g_test_message ("cut: %s", names_here ()[i]);
    cut += pango_layout_is_ellipsized (layout) != 0;
  }
  g_assert_cmpuint (cut, ==, 0);
  window_test_close (&test);
}

static gboolean
is_called (GtkWidget *widget, gpointer name)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_visible (widget) &&
         g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), name);
}

static gboolean
has_label (WindowTest *test, gpointer name)
{
  return window_test_find_if (GTK_WIDGET (test->window), is_called, name) != NULL;
}

/* A name that is cut keeps its end, in which such names differ, in the pad and in the sidebar. */
static void
test_ends (void)
{
  static const char name[] = "Invasive carcinoma of no special type, medullary pattern, grade 3";
  GType places[] = {TESSERA_TYPE_LABEL_PAD, TESSERA_TYPE_SIDEBAR};
  WindowTest test;
  open_with (&test, MANY);
  tessera_session_add_class (window_test_session (&test), name, -1);
  window_test_wait (&test, "it is there", has_label, (gpointer)name);
  window_test_settle (&test);
  window_test_pass (300);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    GtkWidget *place = window_test_find (GTK_WIDGET (test.window), places[i]);
    GtkWidget *label = window_test_find_if (place, is_called, (gpointer)name);
    g_assert_nonnull (label);
    PangoLayout *layout = gtk_label_get_layout (GTK_LABEL (label));
    g_assert_true (pango_layout_is_ellipsized (layout));
    PangoRectangle last, before; /* among the dots, if the end is what is cut */
    pango_layout_index_to_pos (layout, (int)strlen (name) - 1, &last);
    pango_layout_index_to_pos (layout, (int)strlen (name) - 2, &before);
    g_assert_cmpint (last.x - before.x, >, 3 * PANGO_SCALE);
  }
  window_test_close (&test);
}

static gboolean
is_seen (WindowTest *test, gpointer widget)
{
  return is_in_sight (widget);
}

/* What there is no room for is scrolled to: by the keyboard, and by the wheel. */
static void
check_scrolled (unsigned n, const char *what)
{
  WindowTest test;
  open_with (&test, n);
  picture (n, what);
  g_autoptr (GPtrArray) buttons = buttons_of (&test);
  for (guint i = n; i < n + 4; i++)
    g_assert_true (is_in_sight (buttons->pdata[i]));
  for (guint i = 0; i < n; i++) {
    gtk_widget_grab_focus (buttons->pdata[i]);
    window_test_wait (&test, "it is scrolled to", is_seen, buttons->pdata[i]);
  }
  check_click (&test, buttons, n - 1);
  window_test_close (&test);
}

static void
test_thirty (void)
{
  check_scrolled (MOST, "");
}

static void
test_large_text (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  g_object_set (settings, "gtk-xft-dpi", 2 * 96 * 1024, NULL);
  check_scrolled (MANY, "-large");
  g_object_set (settings, "gtk-xft-dpi", 96 * 1024, NULL);
}

int
main (int argc, char **argv)
{
  if (!window_test_can_run ())
    return 0;
  window_fixture_home ();
  tessera_language_init ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  if (g_getenv ("TESSERA_DARK") != NULL) /* to look at; every window's application asks */
    tessera_app_state_set_string ("color-scheme", "dark");
  g_test_add_func ("/label-pad/few", test_few);
  g_test_add_func ("/label-pad/fourteen", test_fourteen);
  g_test_add_func ("/label-pad/twenty", test_twenty);
  g_test_add_func ("/label-pad/names", test_names);
  g_test_add_func ("/label-pad/ends", test_ends);
  g_test_add_func ("/label-pad/thirty", test_thirty);
  g_test_add_func ("/label-pad/large-text", test_large_text);
  return g_test_run ();
}
