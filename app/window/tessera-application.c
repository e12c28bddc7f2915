#include "tessera-application.h"

#include "tessera-app-state.h"
#include "tessera-resources.h"
#include "tessera-shortcuts.h"
#include "tessera-ui.h"
#include "tessera-window.h"

#include <glib/gi18n.h>

struct _TesseraApplication {
  AdwApplication parent_instance;
  gboolean demonstrate;
};

G_DEFINE_FINAL_TYPE (TesseraApplication, tessera_application, ADW_TYPE_APPLICATION)

/* ---- actions ---- */

static void
about (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  adw_show_about_window (gtk_application_get_active_window (application), "application-name",
                         _ ("Tessera"), "application-icon", TESSERA_APP_ID, "version",
                         TESSERA_VERSION, "license-type", GTK_LICENSE_APACHE_2_0,
                         /* The one line below the name on the first page: not to be missed. */
                         "developer-name", _ ("For research use only, not for diagnosis"),
                         "comments",
                         _ ("Label thousands of slide tiles by labelling a few dozen.\n\n"
                            "For research use only, not for diagnosis."),
                         NULL);
}

static void
shortcuts (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  GtkWindow *active = gtk_application_get_active_window (application);
  GtkWindow *window = tessera_shortcuts_new (
      TESSERA_IS_WINDOW (active) ? tessera_window_get_session (TESSERA_WINDOW (active)) : NULL);
  gtk_window_set_transient_for (window, active);
  gtk_window_present (window);
}

static void
quit (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (application));
  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
}

static void
new_window (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  gtk_window_present (GTK_WINDOW (tessera_window_new (application)));
}

static void
set_scheme (const char *name)
{
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      g_str_equal (name, "light")  ? ADW_COLOR_SCHEME_FORCE_LIGHT
                                      : g_str_equal (name, "dark") ? ADW_COLOR_SCHEME_FORCE_DARK
                                                                   : ADW_COLOR_SCHEME_DEFAULT);
}

static void
change_scheme (GSimpleAction *action, GVariant *value, gpointer application)
{
  const char *name = g_variant_get_string (value, NULL);
  g_simple_action_set_state (action, value);
  set_scheme (name);
  tessera_app_state_set_string ("color-scheme", name);
}

static void
change_device (GSimpleAction *action, GVariant *value, gpointer application)
{
  g_simple_action_set_state (action, value);
  tessera_app_state_set_string ("device", g_variant_get_string (value, NULL));
}

/* ---- windows ---- */

static TesseraWindow *
window_of_path (TesseraApplication *self, const char *path)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (TESSERA_IS_WINDOW (l->data) && g_strcmp0 (tessera_window_get_path (l->data), path) == 0)
      return l->data;
  return NULL;
}

static TesseraWindow *
unused_window (TesseraApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (TESSERA_IS_WINDOW (l->data) && tessera_window_get_path (l->data) == NULL)
      return l->data;
  return TESSERA_WINDOW (tessera_window_new (GTK_APPLICATION (self)));
}

static void
tessera_application_activate (GApplication *application)
{
  TesseraApplication *self = TESSERA_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));
  if (window == NULL)
    window = GTK_WINDOW (tessera_window_new (GTK_APPLICATION (application)));
  gtk_window_present (window);
  if (self->demonstrate)
    tessera_window_demonstrate (TESSERA_WINDOW (window));
  self->demonstrate = FALSE;
}

static void
tessera_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  TesseraApplication *self = TESSERA_APPLICATION (application);
  for (int i = 0; i < n_files; i++) {
    g_autofree char *path = g_file_get_path (files[i]);
    if (path == NULL)
      continue;
    TesseraWindow *window = window_of_path (self, path);
    if (window == NULL) {
      window = unused_window (self);
      tessera_window_open (window, path);
    }
    gtk_window_present (GTK_WINDOW (window));
  }
}

static void
tessera_application_startup (GApplication *application)
{
  tessera_register_resource ();
  G_APPLICATION_CLASS (tessera_application_parent_class)->startup (application);
  tessera_ui_ensure_types ();
  gtk_window_set_default_icon_name (TESSERA_APP_ID);

  g_autofree char *scheme = tessera_app_state_get_string ("color-scheme");
  set_scheme (scheme != NULL ? scheme : "system");
  static const GActionEntry entries[] = {
      {"about", about},
      {"shortcuts", shortcuts},
      {"quit", quit},
      {"new-window", new_window},
      {"color-scheme", NULL, "s", "'system'", change_scheme},
      {"device", NULL, "s", "'best'", change_device},
  };
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries),
                                   application);
  if (scheme != NULL)
    g_simple_action_set_state (
        G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (application), "color-scheme")),
        g_variant_new_string (scheme));
  g_autofree char *device = tessera_app_state_get_string ("device");
  if (device != NULL)
    g_simple_action_set_state (
        G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (application), "device")),
        g_variant_new_string (device));

  static const struct {
    const char *action, *keys[3];
  } accels[] = {
      {"app.quit", {"<Control>q"}},
      {"app.shortcuts", {"<Control>question", "F1"}},
      {"app.new-window", {"<Control><Shift>n"}},
      {"win.new-project", {"<Control>n"}},
      {"win.open", {"<Control>o"}},
      {"win.fullscreen", {"F11"}},
      {"win.export-csv", {"<Control>e"}},
      {"win.history", {"<Control>h"}},
      {"win.middle::map", {"<Control>1"}},
      {"win.middle::slide", {"<Control>2"}},
      {"win.middle::both", {"<Control>3"}},
      {"win.show-gallery", {"<Control>4"}},
      {"win.show-training", {"<Control>5"}},
      {"win.show-lab", {"<Control>6"}},
      {"win.refresh-gallery", {"F5"}},
      {"win.show-on-slide", {"<Control>j"}},
      {"win.slide-alone", {"<Control>t"}},
      {"win.surroundings", {"<Control>r"}},
      {"win.health", {"<Control>g"}},
      {"window.close", {"<Control>w"}},
  };
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action,
                                           (const char *const *)accels[i].keys);
}

static void
tessera_application_class_init (TesseraApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);
  application_class->startup = tessera_application_startup;
  application_class->activate = tessera_application_activate;
  application_class->open = tessera_application_open;
}

static void
tessera_application_init (TesseraApplication *self)
{
}

TesseraApplication *
tessera_application_new (gboolean demonstrate)
{
  TesseraApplication *self =
      g_object_new (TESSERA_TYPE_APPLICATION, "application-id", TESSERA_APP_ID, "flags",
                    demonstrate ? G_APPLICATION_NON_UNIQUE : G_APPLICATION_HANDLES_OPEN,
                    "resource-base-path", TESSERA_RESOURCE_PATH, NULL);
  self->demonstrate = demonstrate;
  return self;
}
