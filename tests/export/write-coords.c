/* write-coords FILE NAME SIDE X Y X Y ...: a file as TRIDENT writes it, for the tests of the
 * command line; an empty NAME and a SIDE of 0 are left out. */

#include "coords-fixture.h"

#include <stdlib.h>

int
main (int argc, char **argv)
{
  int64_t corners[1000] = {0};
  if (argc < 4 || argc > 1000)
    return 2;
  CoordsKind kind = {.name = *argv[2] ? argv[2] : NULL, .side = atof (argv[3])};
  for (int i = 4; i < argc; i++)
    corners[i - 4] = atoll (argv[i]);
  coords_write (argv[1], &kind, corners, (argc - 4) / 2);
  return 0;
}
