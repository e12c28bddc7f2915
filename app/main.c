/* Tessera's start: a command, or the window. */

#include "tessera-cli.h"

#include <stdio.h>

int
main (int argc, char **argv)
{
  int code = tessera_cli_main (argc, argv);
  if (code >= 0)
    return code;
  fprintf (stderr, "tessera: This build has no window; “tessera --help” lists the commands that work without one.\n");
  return 1;
}
