#pragma once
/* What a tile looks like without any learning: the baseline that a trained encoder must beat. */

#include "tsr-project.h"

/** Returns features [n, *d] of all tiles of a project (g_free): tiles that are not left out are
 * read at 32 x 32 pixels, grey if the project's setting "channels" is "1" and RGB otherwise, and
 * projected onto their first 50 principal components (fewer if there are fewer tiles or pixels).
 * Rows of tiles left out (left_out[i] != 0; NULL: none) are NAN. */
float *tsr_pixel_features (TsrProject *project, const uint8_t *left_out, uint32_t *d,
                           const TsrProgress *progress, GError **error);
