/* `tessera` and `tessera PROJECT` open the window; everything else is the command line. */

#include "tessera-application.h"
#include "tessera-cli.h"
#include "tessera-language.h"
#include "tsr-demo-project.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>

/* tessera demo [DIR] [--reset] with a display: where the demonstration lives, and whether it begins
 * anew. */
static void
read_demo_arguments (int argc, char **argv)
{
  bool reset = false;
  for (int i = 2; i < argc; i++) {
    g_autofree char *folder = argv[i][0] != '-' ? g_canonicalize_filename (argv[i], NULL) : NULL;
    reset |= g_str_equal (argv[i], "--reset");
    if (folder)
      g_setenv (TSR_DEMO_FOLDER_VARIABLE, folder, TRUE);
  }
  g_autofree char *folder = tsr_demo_project_folder ();
  if (reset)
    tsr_demo_project_remove (folder);
}

int
main (int argc, char **argv)
{
  tessera_language_init ();
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
  if (demonstrate)
    read_demo_arguments (argc, argv);
  g_autoptr (TesseraApplication) application = tessera_application_new (demonstrate);
  return g_application_run (G_APPLICATION (application), demonstrate ? 1 : argc, argv);
}
