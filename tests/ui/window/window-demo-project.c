/* Makes a synthetic project for pictures of the window: window-demo-project FOLDER NAME N CLASSES
 * PARTS. Prints its path. */

#include "window-fixture.h"

#include <stdio.h>

int
main (int argc, char **argv)
{
  if (argc != 6) {
    fprintf (stderr, "usage: %s FOLDER NAME N CLASSES PARTS\n", argv[0]);
    return 2;
  }
  g_autofree char *path =
      window_fixture_project (argv[1], argv[2], (unsigned)atoi (argv[3]), (unsigned)atoi (argv[4]),
                              (WindowFixtureParts)atoi (argv[5]));
  puts (path);
  return 0;
}
