#include "tessera-app-state.h"

#include <gio/gio.h>

#define GROUP      "state"
#define MAX_RECENT 12

static char *
state_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "tessera", "state.ini", NULL);
}

static GKeyFile *
load (void)
{
  GKeyFile *file = g_key_file_new ();
  g_autofree char *path = state_path ();
  g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL);
  return file;
}

/* A state that cannot be kept is no reason to disturb anybody. */
static void
save (GKeyFile *file)
{
  g_autofree char *path = state_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;
  g_mkdir_with_parents (folder, 0700);
  if (!g_key_file_save_to_file (file, path, &error))
    g_info ("%s", error->message);
}

static char **
stored_recent (GKeyFile *file)
{
  char **uris = g_key_file_get_string_list (file, GROUP, "recent", NULL, NULL);
  return uris != NULL ? uris : g_new0 (char *, 1);
}

char **
tessera_app_state_get_recent (void)
{
  g_autoptr (GKeyFile) file = load ();
  g_auto (GStrv) uris = stored_recent (file);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (char **uri = uris; *uri != NULL; uri++) {
    g_autofree char *path = g_filename_from_uri (*uri, NULL, NULL);
    if (path != NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR))
      g_strv_builder_add (builder, path);
  }
  return g_strv_builder_end (builder);
}

static void
change_recent (const char *path, gboolean add)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *uri = g_filename_to_uri (absolute, NULL, NULL);
  if (uri == NULL)
    return;
  g_autoptr (GKeyFile) file = load ();
  g_auto (GStrv) uris = stored_recent (file);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  if (add)
    g_ptr_array_add (list, uri);
  for (char **other = uris; *other != NULL && list->len < MAX_RECENT; other++)
    if (!g_str_equal (*other, uri))
      g_ptr_array_add (list, *other);
  g_key_file_set_string_list (file, GROUP, "recent", (const char *const *)list->pdata, list->len);
  save (file);
}

void
tessera_app_state_add_recent (const char *path)
{
  change_recent (path, TRUE);
}

void
tessera_app_state_remove_recent (const char *path)
{
  change_recent (path, FALSE);
}

int
tessera_app_state_get_int (const char *key, int fallback)
{
  g_autoptr (GKeyFile) file = load ();
  g_autoptr (GError) error = NULL;
  int value = g_key_file_get_integer (file, GROUP, key, &error);
  return error == NULL ? value : fallback;
}

void
tessera_app_state_set_int (const char *key, int value)
{
  g_autoptr (GKeyFile) file = load ();
  g_key_file_set_integer (file, GROUP, key, value);
  save (file);
}

double
tessera_app_state_get_double (const char *key, double fallback)
{
  g_autoptr (GKeyFile) file = load ();
  g_autoptr (GError) error = NULL;
  double value = g_key_file_get_double (file, GROUP, key, &error);
  return error == NULL ? value : fallback;
}

void
tessera_app_state_set_double (const char *key, double value)
{
  g_autoptr (GKeyFile) file = load ();
  g_key_file_set_double (file, GROUP, key, value);
  save (file);
}

char *
tessera_app_state_get_string (const char *key)
{
  g_autoptr (GKeyFile) file = load ();
  return g_key_file_get_string (file, GROUP, key, NULL);
}

void
tessera_app_state_set_string (const char *key, const char *value)
{
  g_autoptr (GKeyFile) file = load ();
  g_key_file_set_string (file, GROUP, key, value);
  save (file);
}
