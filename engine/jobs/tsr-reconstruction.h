#pragma once
/* What the model sees of a tile, G(E(tile)), against the tile itself. A tile that it cannot draw is
 * one that it does not know: its vector, and what is predicted from it, mean little. */

#include "tsr-embedder.h"
#include "tsr-generator.h"

#include <stddef.h>

/** The project's column (tsr_project_columns) of the tiles' scores, a number each: its name is what
 * the window and exports show. Those of another model's vectors go with them. */
#define TSR_RECONSTRUCTION_COLUMN "Reconstruction error"

/** Beyond this score a tile is not to be trusted: what Iglewicz & Hoaglin 1993, "How to Detect and
 * Handle Outliers", section 3.3, advise for scores of this kind. docs/quality.md has how many
 * artefacts and how many sound tiles that flags. */
#define TSR_RECONSTRUCTION_LIMIT 3.5

/** The w [n, w_dim] of tiles [n][r][r][channels] as they lie, n at most the smaller batch: of one
 * orientation, because the mean of eight (tsr_embedder_set_symmetric, which is off afterwards) is
 * no tile that lies any way. What an encoder says in Z goes through the mapping network. */
bool tsr_reconstruction_encode (TsrEmbedder *embedder, TsrGenerator *generator,
                                const uint8_t *pixels, int n, float *w, GError **error);

/** How far what was made of a tile is from it. */
typedef struct {
  double coarse; /* root mean square difference of 8 x 8 mean colours, of a range of 2: what pen and
                    folds change */
  double missed; /* log of the mean square error of pixels over their variance: large for what has
                    little to be drawn, as glass and what is out of focus, and gets texture */
} TsrReconstructionError;

/** Compares a tile [size][size][channels] with what was made of it; size is a multiple of 8. */
TsrReconstructionError tsr_reconstruction_compare (const uint8_t *tile, const uint8_t *made,
                                                   int size, int channels);

/** How unusual the errors [n] of a project's tiles are among themselves: score [n] is the larger of
 * both measures' modified z-scores, 0.6745 (x - median) / MAD (Iglewicz & Hoaglin 1993), between
 * -99 and 99; 0 is usual. Errors with a NAN are left out and have the score NAN. In any order the
 * same.
 */
void tsr_reconstruction_scores (const TsrReconstructionError *errors, size_t n, float *score);
