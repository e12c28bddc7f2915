#pragma once
/* Some of a project's tiles as pixels: those on which stains are found, and those by which people
 * see what normalising makes of them. */

#include "tsr-progress.h"
#include "tsr-project-stains.h"

#define TSR_STAIN_METHODS (TSR_STAIN_REINHARD + 1)

typedef struct {
  GArray *tiles; /* uint32_t: numbers of those that could be read */
  int size;      /* side in pixels */
  uint8_t *rgb;  /* [tiles][size][size][3] */
} TsrTileSample;

/** Frees what the sample holds, once or more often; the struct is the caller's. */
void tsr_tile_sample_clear (TsrTileSample *sample);

/** Reads at most n evenly spread tiles that are not excluded, at the size of the first that can be
 * read but at most largest pixels. TSR_ERROR_IMAGE if none can be; sample, which is to be empty, is
 * to be cleared in any case. */
bool tsr_tile_sample_shown (TsrProject *project, uint32_t n, int largest, TsrTileSample *sample,
                            const TsrProgress *progress, GError **error);

/** The tiles that are not excluded, by slide, then those that lie on none: GPtrArray of n_slides +
 * 1 GArray of uint32_t, transfer full. NULL with error. */
GPtrArray *tsr_tile_sample_groups (TsrProject *project, uint32_t n_slides, GError **error);

/** How tiles (uint32_t, of one group) are stained, as tsr_normalise finds it, for each method whose
 * bit 1 << method is set: known[TSR_STAIN_METHODS], by method. What is not asked for, and all of
 * it where none of the tiles can be read, is not known. False only if the project cannot be read,
 * or cancelled. */
bool tsr_tile_sample_stains (TsrProject *project, unsigned methods, const GArray *tiles,
                             TsrKnownStain *known, const TsrProgress *progress, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsrTileSample, tsr_tile_sample_clear)
