#pragma once
/* What other tiles are to be like: a point in W, given as such or as the mean of some tiles' W
 * vectors. Immutable. */

#include "tessera-contents.h"

typedef struct {
  gatomicrefcount refs;
  char *name;      /* for people: what the tiles are like */
  uint32_t *tiles; /* [n_tiles] whose mean is meant; NULL: w is */
  size_t n_tiles;
  float *w; /* [d]; NULL: the tiles' mean is meant */
  uint32_t d;
} TesseraExample;

/** The example of a vector w [d], which is copied. Returns a new reference. */
TesseraExample *tessera_example_new (const float *w, uint32_t d, const char *name);

/** The example of tiles [n], which are copied. Returns a new reference. */
TesseraExample *tessera_example_new_of_tiles (const uint32_t *tiles, size_t n, const char *name);

/** Fills at [contents->w_dim] with the point in W: the vector, or the mean (summed in double in the
 * order of the tiles) of those of the tiles that have one. False where there is no such point: a
 * vector of another length, no W, or none of these tiles. */
bool tessera_example_locate (const TesseraExample *example, const TesseraContents *contents,
                             float *at);

/** Takes one more reference, on any thread; returns example. */
TesseraExample *tessera_example_ref (TesseraExample *example);

/** Drops a reference, on any thread. */
void tessera_example_unref (TesseraExample *example);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraExample, tessera_example_unref)
