#pragma once
/* HDF5 files as TRIDENT and CLAM write them, and others. */

#include <stdint.h>

/** What is in the file; zero is one data set “coords” of 64-bit numbers, stored in one piece, with
 * no attributes. */
typedef struct {
  const char *set;  /* NULL: “coords” */
  int bytes;        /* of a number: 0 (8), 4, 2 */
  int columns;      /* 0: 2 */
  int chunk;        /* rows of a compressed chunk, 0: none */
  const char *name; /* attribute, of variable length; NULL: none */
  int fixed_name;   /* as long as this, padded with zeros, instead */
  double side;      /* patch_size_level0; 0: none */
  double size;      /* patch_size; 0: none */
  int level;        /* patch_level; -1: none */
  double scale[2];  /* downsample; zeros: none */
  int real;         /* numbers are floating point */
  int linked;       /* “coords” is a link into a file that does not exist */
  int outside;      /* and its numbers lie in another file */
  int images;       /* beside it is a data set “imgs”, of the tiles themselves */
} CoordsKind;

/** Writes n pairs to path; fails the program if that is impossible. */
void coords_write (const char *path, const CoordsKind *kind, const int64_t *corners, int n);
