/* `tessera` and `tessera PROJECT` open the window; everything else is the command line. */

#include "tessera-application.h"
#include "tessera-cli.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  int status = tessera_cli_main (argc, argv);
  if (status >= 0)
    return status;
  if (!tessera_cli_has_display ()) {
    fprintf (stderr, "tessera: %s\n",
             _ ("There is no display to open a window on; “tessera --help” lists what works "
                "without one."));
    return 1;
  }
  g_set_application_name (_ ("Tessera"));
  gboolean demonstrate = argc > 1 && g_str_equal (argv[1], "demo");
  g_autoptr (TesseraApplication) application = tessera_application_new (demonstrate);
  return g_application_run (G_APPLICATION (application), demonstrate ? 1 : argc, argv);
}
