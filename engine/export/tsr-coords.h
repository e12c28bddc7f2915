#pragma once
/* Where TRIDENT and CLAM have cut tiles: HDF5 files, one a slide, read in a process of its own
 * (tsr-reader-process.h). */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  char *slide; /* as the file calls it, or NULL */
  double side; /* of a tile in pixels of level 0; 0: the file does not say */
  size_t n;
  int64_t *corners; /* [n][2]: upper left corners, x and y, in pixels of level 0 */
} TsrCoords;

/** Whether the file begins as HDF5 does. */
bool tsr_coords_matches (const char *path);

/** Reads the data set “coords” (N x 2 whole numbers, N up to 10,000,000) and, of its attributes or
 * the file's, the slide's name (“name”) and the tiles' size: “patch_size_level0” (TRIDENT), or
 * “patch_size” times “downsample” (CLAM, the mean of both ways; 1 where there is none and
 * “patch_level” is 0). NULL with one sentence (TSR_ERROR_FAILED), also where Tessera was built
 * without HDF5. Free with tsr_coords_free. */
TsrCoords *tsr_coords_read (const char *path, GError **error);

/** Frees it; NULL is allowed. */
void tsr_coords_free (TsrCoords *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrCoords, tsr_coords_free)
