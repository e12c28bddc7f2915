#include "window-test.h"

#include "picture.h"
#include "tessera-app-state.h"

#include <gdk/x11/gdkx.h>
#include <stdio.h>
#include <string.h>

static gboolean
time_up_cb (gpointer up)
{
  *(gboolean *)up = TRUE;
  return G_SOURCE_REMOVE;
}

gboolean
window_test_can_run (void)
{
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");
  if (g_getenv ("DISPLAY") == NULL)
    g_print ("1..0 # SKIP no display to open a window on\n");
  else if (xdotool == NULL)
    g_print ("1..0 # SKIP xdotool is not installed\n");
  else
    return TRUE;
  return FALSE;
}

gboolean
window_test_begin (int *argc, char ***argv)
{
  if (!window_test_can_run ())
    return FALSE;
  window_fixture_home ();
  g_test_init (argc, argv, NULL);
  adw_init ();
  return TRUE;
}

void
window_test_pass (unsigned milliseconds)
{
  gboolean up = FALSE;
  g_timeout_add (milliseconds, time_up_cb, &up);
  while (!up)
    g_main_context_iteration (NULL, TRUE);
}

gboolean
window_test_file_dialogs (void)
{
#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("GIO leaves memory behind once a file dialog has been open.");
  return FALSE;
#else
  return TRUE;
#endif
}

void
window_test_wait (WindowTest *test, const char *what, WindowTestCondition condition, gpointer data)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  while (!condition (test, data)) {
    if (g_get_monotonic_time () > end)
      g_error ("waited in vain until %s", what);
    window_test_pass (5);
  }
}

TesseraSession *
window_test_session (WindowTest *test)
{
  return tessera_window_get_session (test->window);
}

TesseraMapView *
window_test_map (WindowTest *test)
{
  return tessera_project_page_get_map_view (tessera_window_get_project_page (test->window));
}

static gboolean
is_settled (WindowTest *test, gpointer data)
{
  TesseraMapView *map = window_test_map (test);
  return !tessera_session_is_busy (window_test_session (test)) &&
         (!gtk_widget_get_mapped (GTK_WIDGET (map)) || tessera_map_view_is_settled (map));
}

/* Until what the X server has sent is taken in: motion waits for a frame, and clicks wait for
 * motion. A frame that does not come (the window is gone) is not waited for long. */
static void
take_in (WindowTest *test)
{
  enum { FRAMES = 2 };
  gdk_display_sync (gdk_display_get_default ());
  GdkFrameClock *clock =
      test->window != NULL ? gtk_widget_get_frame_clock (GTK_WIDGET (test->window)) : NULL;
  if (clock == NULL)
    return;
  gint64 first = gdk_frame_clock_get_frame_counter (clock),
         end = g_get_monotonic_time () + G_USEC_PER_SEC;
  while (gdk_frame_clock_get_frame_counter (clock) < first + FRAMES &&
         g_get_monotonic_time () < end) {
    gdk_frame_clock_request_phase (clock, GDK_FRAME_CLOCK_PHASE_UPDATE);
    window_test_pass (5);
  }
}

void
window_test_settle (WindowTest *test)
{
  window_test_pass (30);
  take_in (test);
  window_test_wait (test, "everything is on disk and drawn", is_settled, NULL);
}

gboolean
window_test_is_open (WindowTest *test, gpointer data)
{
  return window_test_session (test) != NULL;
}

static gboolean
is_mapped (WindowTest *test, gpointer data)
{
  return gtk_widget_get_mapped (GTK_WIDGET (test->window)) &&
         gtk_widget_get_width (GTK_WIDGET (test->window)) > 100;
}

/* Without a window manager a window lies where it likes: to the corner with it, and the pointer
 * over it gives it the keys. */
static void
place (WindowTest *test)
{
  window_test_wait (test, "the window is there", is_mapped, NULL);
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (test->window));
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  gulong id = gdk_x11_surface_get_xid (surface);
  G_GNUC_END_IGNORE_DEPRECATIONS
  window_test_xdotool ("windowmove %lu 0 0", id);
  window_test_xdotool ("mousemove 30 400 windowfocus %lu", id);
  window_test_pass (100);
}

/* One for the process: GApplication does not like to be made twice. */
static TesseraApplication *
the_application (void)
{
  static TesseraApplication *application = NULL;
  if (application != NULL)
    return application;
  g_autoptr (GError) error = NULL;
  application = tessera_application_new (FALSE);
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  g_application_hold (G_APPLICATION (application));
  return application;
}

void
window_test_start (WindowTest *test)
{
  if (test->folder == NULL)
    test->folder = window_fixture_folder ();
  test->application = the_application ();
  /* As on a computer that has trained before: nothing is measured unless a test is about that. */
  tessera_app_state_set_double ("training-flops-best-any", 1e11);
  test->window = TESSERA_WINDOW (tessera_window_new (GTK_APPLICATION (test->application)));
  int width = 1280, height = 720;
  const char *size = g_getenv ("TESSERA_WINDOW_SIZE");
  if (size != NULL)
    sscanf (size, "%dx%d", &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (test->window), width, height);
  gtk_window_present (GTK_WINDOW (test->window));
  place (test);
}

void
window_test_reopen (WindowTest *test)
{
  window_test_start (test);
  tessera_window_open (test->window, test->path);
  window_test_wait (test, "the project is open", window_test_is_open, NULL);
  window_test_settle (test);
  window_test_pass (300);
}

void
window_test_open (WindowTest *test, unsigned n, WindowFixtureParts parts)
{
  *test = (WindowTest){.folder = window_fixture_folder ()};
  test->path = window_fixture_project (test->folder, "test", n, 5, parts);
  window_test_reopen (test);
}

static gboolean
is_gone (WindowTest *test, gpointer data)
{
  return gtk_application_get_windows (GTK_APPLICATION (test->application)) == NULL;
}

void
window_test_close_window (WindowTest *test)
{
  gtk_window_close (GTK_WINDOW (test->window));
  window_test_wait (test, "the window is gone", is_gone, NULL);
  test->window = NULL;
}

void
window_test_close (WindowTest *test)
{
  if (test->window != NULL)
    window_test_close_window (test);
  window_fixture_remove (test->folder);
  g_free (test->path);
}

void
window_test_xdotool (const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *words = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *line = g_strconcat ("xdotool ", words, NULL);
  g_autoptr (GError) error = NULL;
  int status = 0;
  g_spawn_command_line_sync (line, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

void
window_test_key (WindowTest *test, const char *key)
{
  window_test_xdotool ("key %s", key);
  window_test_settle (test);
}

void
window_test_root_point (WindowTest *test, GtkWidget *widget, double x, double y, int *root_x,
                        int *root_y)
{
  double wx, wy, sx, sy;
  g_assert_true (
      gtk_widget_translate_coordinates (widget, GTK_WIDGET (test->window), x, y, &wx, &wy));
  gtk_native_get_surface_transform (GTK_NATIVE (test->window), &sx, &sy);
  *root_x = (int)(wx + sx + 0.5);
  *root_y = (int)(wy + sy + 0.5);
}

void
window_test_wait_for_frame (WindowTest *test)
{
  gtk_test_widget_wait_for_draw (GTK_WIDGET (test->window));
}

void
window_test_click (WindowTest *test, GtkWidget *widget)
{
  int x, y;
  window_test_wait_for_frame (test);
  window_test_root_point (test, widget, gtk_widget_get_width (widget) / 2.0,
                          gtk_widget_get_height (widget) / 2.0, &x, &y);
  window_test_xdotool ("mousemove %d %d", x, y);
  window_test_pass (60);
  window_test_xdotool ("click 1");
  window_test_pass (60);
}

int
window_test_minimum_width (GtkWidget *widget)
{
  int minimum;
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  return minimum;
}

GtkWidget *
window_test_find_if (GtkWidget *root, gboolean (*fits) (GtkWidget *, gpointer), gpointer data)
{
  if (fits (root, data))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = window_test_find_if (child, fits, data);
    if (found != NULL)
      return found;
  }
  return NULL;
}

static gboolean
is_of_type (GtkWidget *widget, gpointer type)
{
  return G_TYPE_CHECK_INSTANCE_TYPE (widget, GPOINTER_TO_SIZE (type));
}

GtkWidget *
window_test_find (GtkWidget *root, GType type)
{
  return window_test_find_if (root, is_of_type, GSIZE_TO_POINTER (type));
}

static gboolean
is_button_called (GtkWidget *widget, gpointer label)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_get_mapped (widget) &&
         g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0;
}

GtkWidget *
window_test_find_button (GtkWidget *root, const char *label)
{
  return window_test_find_if (root, is_button_called, (gpointer)label);
}

static gboolean
contains (GtkWidget *widget, gpointer text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) &&
         strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

gboolean
window_test_says (GtkWidget *root, const char *text)
{
  return window_test_find_if (root, contains, (gpointer)text) != NULL;
}

void
window_test_save (WindowTest *test, const char *path)
{
  picture_save (GTK_WIDGET (test->window), path);
}

static gboolean
is_text (GtkWidget *widget, gpointer data)
{
  return GTK_IS_LABEL (widget) && *gtk_label_get_text (GTK_LABEL (widget)) != '\0';
}

static gboolean
says_something (GtkWidget *widget)
{
  return window_test_find_if (widget, is_text, NULL) != NULL;
}

static gboolean
is_named (GtkWidget *widget, const char *name)
{
  g_autofree char *other = gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget),
                                                               GTK_ACCESSIBLE_PROPERTY_LABEL, name);
  return other == NULL;
}

gboolean
window_test_has_name (GtkWidget *widget)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (widget);
  if (gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL))
    return !is_named (widget, "");
  /* A button is labelled by its child whatever that is, an icon too. */
  if (GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_LIST_BOX_ROW (widget) ||
      GTK_IS_CHECK_BUTTON (widget) || GTK_IS_LABEL (widget))
    return says_something (widget);
  return gtk_test_accessible_has_relation (accessible, GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

/* The parts GTK itself puts together answer for themselves; a container only passes the focus on.
 */
static gboolean
is_ours_to_name (GtkWidget *widget)
{
  if (!gtk_widget_get_focusable (widget) || !gtk_widget_get_sensitive (widget))
    return FALSE;
  return GTK_IS_BUTTON (widget) || GTK_IS_EDITABLE (widget) || GTK_IS_DROP_DOWN (widget) ||
         GTK_IS_SWITCH (widget) || GTK_IS_GRID_VIEW (widget) || GTK_IS_LIST_BOX (widget) ||
         GTK_IS_LIST_BOX_ROW (widget) || GTK_IS_CHECK_BUTTON (widget) || GTK_IS_SCALE (widget) ||
         TESSERA_IS_MAP_VIEW (widget) || TESSERA_IS_SLIDE_VIEW (widget) ||
         TESSERA_IS_GALLERY_VIEW (widget);
}

void
window_test_check_names (GtkWidget *widget, unsigned *checked)
{
  if (!gtk_widget_get_visible (widget))
    return;
  if (is_ours_to_name (widget) && !GTK_IS_TEXT (widget)) {
    GtkWidget *parent = gtk_widget_get_parent (widget);
    gboolean inner = parent != NULL && (GTK_IS_MENU_BUTTON (parent) || GTK_IS_DROP_DOWN (parent) ||
                                        GTK_IS_SPIN_BUTTON (parent));
    gboolean chrome = gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW_CONTROLS) != NULL;
    if (!inner && !chrome) {
      (*checked)++;
      if (!window_test_has_name (widget))
        g_error ("%s “%s” in %s has no name for assistive technology", G_OBJECT_TYPE_NAME (widget),
                 gtk_buildable_get_buildable_id (GTK_BUILDABLE (widget)),
                 G_OBJECT_TYPE_NAME (parent));
    }
  }
  if (GTK_IS_DROP_DOWN (widget) || GTK_IS_POPOVER (widget))
    return;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    window_test_check_names (child, checked);
}

gboolean
window_test_has_button (WindowTest *test, gpointer label)
{
  return window_test_find_button (GTK_WIDGET (test->window), label) != NULL;
}

gboolean
window_test_is_said (WindowTest *test, gpointer text)
{
  return window_test_says (GTK_WIDGET (test->window), text);
}
