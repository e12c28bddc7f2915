#include "tessera-language.h"

#include <glib.h>
#include <libintl.h>
#include <locale.h>

/* Whether `folder` holds this program's texts in a language the user reads. */
static gboolean
speaks (const char *folder)
{
  const char *const *languages = g_get_language_names ();
  for (guint i = 0; folder != NULL && languages[i] != NULL; i++) {
    g_autofree char *texts =
        g_build_filename (folder, languages[i], "LC_MESSAGES", GETTEXT_PACKAGE ".mo", NULL);
    if (g_file_test (texts, G_FILE_TEST_IS_REGULAR))
      return TRUE;
  }
  return FALSE;
}

void
tessera_language_init (void)
{
  setlocale (LC_ALL, "");
  const char *named = g_getenv ("TESSERA_LOCALE_DIR");
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *bin = g_path_get_dirname (program != NULL ? program : ".");
  g_autofree char *built = g_build_filename (bin, "..", "po", NULL);
  g_autofree char *beside = g_build_filename (bin, "..", "share", "locale", NULL); /* moved */
  bindtextdomain (GETTEXT_PACKAGE, speaks (named)    ? named
                                   : speaks (built)  ? built
                                   : speaks (beside) ? beside
                                                     : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
