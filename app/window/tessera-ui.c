#include "tessera-ui.h"

#include "tsr-marker.h"

#include <glib/gi18n.h>
#include <math.h>

void
tessera_ui_set_name (gpointer widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

void
tessera_ui_set_tip (gpointer widget, const char *text, const char *key)
{
  g_autofree char *tip = key != NULL ? g_strdup_printf ("%s (%s)", text, key) : g_strdup (text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (widget), tip);
  tessera_ui_set_name (widget, tip);
}

void
tessera_ui_wrap_label (GtkButton *button)
{
  GtkWidget *label = gtk_button_get_child (button);
  g_return_if_fail (GTK_IS_LABEL (label));
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
}

double
tessera_ui_text_scale (void)
{
  enum { DESIGNED = 96 * PANGO_SCALE };
  int dpi = 0; /* in 1024ths; negative: the default */
  g_object_get (gtk_settings_get_default (), "gtk-xft-dpi", &dpi, NULL);
  return MAX (1, (double)dpi / DESIGNED);
}

gboolean
tessera_ui_text_is_large (void)
{
  return tessera_ui_text_scale () >= 1.4;
}

/* The screen's part that a window beside the main one may take. */
static void
room_on_screen (GtkWindow *window, int *width, int *height)
{
  enum { AROUND = 40 };
  GtkWindow *over = gtk_window_get_transient_for (window);
  GdkSurface *surface = over != NULL ? gtk_native_get_surface (GTK_NATIVE (over)) : NULL;
  GdkDisplay *display = gtk_widget_get_display (GTK_WIDGET (window));
  g_autoptr (GdkMonitor) monitor =
      surface != NULL ? gdk_display_get_monitor_at_surface (display, surface) : NULL;
  if (monitor != NULL)
    g_object_ref (monitor);
  else
    monitor = g_list_model_get_item (gdk_display_get_monitors (display), 0);
  GdkRectangle area = {.width = G_MAXINT, .height = G_MAXINT};
  if (monitor != NULL)
    gdk_monitor_get_geometry (monitor, &area);
  *width = area.width - AROUND;
  *height = area.height - AROUND;
}

/* A scrolled part asks for the height at the width it would like best, not at the one it gets: what
 * is in it is asked. */
static int
height_of_parts (GtkWidget *box, int width)
{
  enum { FRAME = 12 }; /* where the window draws its own */
  int height = FRAME;
  for (GtkWidget *part = gtk_widget_get_first_child (box); part != NULL;
       part = gtk_widget_get_next_sibling (part)) {
    int wish;
    GtkWidget *inner = GTK_IS_SCROLLED_WINDOW (part)
                           ? gtk_viewport_get_child (GTK_VIEWPORT (
                                 gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (part))))
                           : part;
    gtk_widget_measure (inner, GTK_ORIENTATION_VERTICAL, width - FRAME, NULL, &wish, NULL, NULL);
    height += wish;
  }
  return height;
}

void
tessera_ui_set_window_size (GtkWindow *window, GtkWidget *parts, int width, int height)
{
  int most_width, most_height;
  double scale = tessera_ui_text_scale ();
  room_on_screen (window, &most_width, &most_height);
  width = MIN ((int)(width * scale), most_width);
  if (height < 0)
    height = height_of_parts (parts, width);
  else
    height = (int)(height * scale);
  gtk_window_set_default_size (window, width, MIN (height, most_height));
}

/* libadwaita's own part of a widget of its own. */
static GtkWidget *
find_part (GtkWidget *widget, GType type)
{
  GtkWidget *found = G_TYPE_CHECK_INSTANCE_TYPE (widget, type) ? widget : NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_part (child, type);
  return found;
}

void
tessera_ui_wrap_group_title (AdwPreferencesGroup *group)
{
  GtkWidget *title = find_part (GTK_WIDGET (group), GTK_TYPE_LABEL);
  if (title == NULL)
    return;
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
}

void
tessera_ui_widen_page (AdwPreferencesPage *page)
{
  GtkWidget *clamp = find_part (GTK_WIDGET (page), ADW_TYPE_CLAMP); /* made for small text */
  if (clamp != NULL)
    adw_clamp_set_maximum_size (
        ADW_CLAMP (clamp),
        (int)(adw_clamp_get_maximum_size (ADW_CLAMP (clamp)) * tessera_ui_text_scale ()));
}

char *
tessera_ui_duration (double seconds)
{
  if (seconds < 90)
    return g_strdup_printf (_ ("about %d s"), (int)MAX (5, round (seconds / 5) * 5));
  if (seconds < 90 * 60)
    return g_strdup_printf (_ ("about %d min"), (int)round (seconds / 60));
  if (seconds < 36 * 3600.) {
    int minutes = (int)(round (seconds / 600) * 10);
    if (minutes % 60 == 0)
      return g_strdup_printf (_ ("about %d h"), minutes / 60);
    return g_strdup_printf (_ ("about %d h %d min"), minutes / 60, minutes % 60);
  }
  int days = (int)round (seconds / 86400);
  return g_strdup_printf (ngettext ("about %d day", "about %d days", days), days);
}

char *
tessera_ui_clock (double seconds)
{
  int s = (int)MAX (0, round (seconds));
  if (s >= 3600)
    return g_strdup_printf ("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
  return g_strdup_printf ("%02d:%02d", s / 60, s % 60);
}

char *
tessera_ui_count (guint64 n)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, n);
}

char *
tessera_ui_decimal (double value)
{
  if (!isfinite (value))
    return g_strdup ("–");
  g_autofree char *digits = g_strdup_printf ("%.2f", fabs (value));
  gboolean zero = strspn (digits, "0.,") == strlen (digits);
  return g_strconcat (value < 0 && !zero ? "−" : "", digits, NULL);
}

void
tessera_ui_clear (GtkWidget *box)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (box)) != NULL)
    gtk_widget_unparent (child);
}

const char *
tessera_ui_shape_name (int shape)
{
  static const char *const names[] = {
      N_ ("circle"),   N_ ("square"),    N_ ("triangle"),
      N_ ("diamond"),  N_ ("plus"),      N_ ("triangle pointing down"),
      N_ ("star"),     N_ ("hexagon"),   N_ ("cross"),
      N_ ("pentagon"), N_ ("hourglass"), N_ ("pill"),
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (names) == TSR_MARKER_N_SHAPES);
  return _ (names[shape >= 0 && shape < (int)G_N_ELEMENTS (names) ? shape : 0]);
}

char *
tessera_ui_key_text (const TsrClass *class_)
{
  if (class_->key == 0)
    return g_strdup ("");
  return g_strdup_printf ("%c", g_ascii_toupper (class_->key));
}

char *
tessera_ui_shorten (const char *text, glong most)
{
  glong n = g_utf8_strlen (text, -1);
  if (n <= most)
    return g_strdup (text);
  glong head = most * 2 / 3, tail = most - head - 1;
  g_autofree char *start = g_utf8_substring (text, 0, head);
  g_autofree char *end = g_utf8_substring (text, n - tail, n);
  return g_strconcat (start, "…", end, NULL);
}

char **
tessera_ui_chosen_paths (GtkNativeDialog *dialog, int response)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GListModel) files = response == GTK_RESPONSE_ACCEPT
                                     ? gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog))
                                     : NULL;
  for (guint i = 0; files != NULL && i < g_list_model_get_n_items (files); i++) {
    g_autoptr (GFile) file = g_list_model_get_item (files, i);
    g_autofree char *path = g_file_get_path (file);
    if (path != NULL)
      g_strv_builder_add (builder, path);
  }
  return g_strv_builder_end (builder);
}

static void
setup_name_cb (gpointer factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  /* enough to be told by; of large text as much as the window can hold beside the rest */
  gtk_label_set_width_chars (GTK_LABEL (label), tessera_ui_text_is_large () ? 9 : 14);
  gtk_list_item_set_child (item, label);
}

static void
bind_name_cb (gpointer factory, GtkListItem *item)
{
  const char *name = gtk_string_object_get_string (gtk_list_item_get_item (item));
  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), name);
}

void
tessera_ui_cut_names (GtkDropDown *choice)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_signal_connect (factory, "setup", G_CALLBACK (setup_name_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_name_cb), NULL);
  gtk_drop_down_set_factory (choice, factory);
}

void
tessera_ui_pass_wheel (GtkWidget *widget)
{
  if (GTK_IS_RANGE (widget) || GTK_IS_SPIN_BUTTON (widget)) {
    g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
    for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
        gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_NONE);
    }
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    tessera_ui_pass_wheel (child);
}

void
tessera_ui_hush_open (GtkWidget *widget)
{
  GtkWidget *button = gtk_widget_get_first_child (widget);
  if ((GTK_IS_MENU_BUTTON (widget) || GTK_IS_DROP_DOWN (widget)) && GTK_IS_TOGGLE_BUTTON (button))
    g_object_bind_property (button, "active", widget, "has-tooltip", G_BINDING_INVERT_BOOLEAN);
  for (GtkWidget *child = button; child != NULL; child = gtk_widget_get_next_sibling (child))
    tessera_ui_hush_open (child);
}

void
tessera_ui_show_dialog (GtkFileChooserNative *dialog)
{
  /* after those who asked, who are connected by now or a moment later */
  g_signal_connect_after (dialog, "response", G_CALLBACK (g_object_unref), NULL);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
tessera_ui_begin_beside (GtkFileChooserNative *dialog, const char *path)
{
  g_autofree char *folder = path != NULL ? g_path_get_dirname (path) : NULL;
  if (folder == NULL || !g_file_test (folder, G_FILE_TEST_IS_DIR))
    return;
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), file, NULL);
}
