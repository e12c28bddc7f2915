#pragma once
/* Stain normalisation of a project's tiles: finding how its slides are stained, and showing what
 * comes of it. What networks get is tsr-normaliser.h's. */

#include "tsr-progress.h"
#include "tsr-project-stains.h"

#define TSR_NORMALISE_SAMPLE 256 /* tiles a slide's stain is found on, at most */

/** Finds how each slide's tiles, and those that lie on none, are stained, on an even sample of
 * those that are not excluded (at most TSR_NORMALISE_SAMPLE, at their own size up to 256 pixels,
 * fewer where they are large), and stores that with the method and the reference. What cannot be
 * read, or tells no stains, stays as it was scanned: stains (to be cleared in any case) says which.
 * A pure function of pixels and exclusions. With the method NONE tiles are as scanned from now on.
 * TSR_ERROR_IMAGE, with nothing changed, if no slide's stain can be told. */
bool tsr_normalise (TsrProject *project, TsrStainMethod method, const TsrStain *reference,
                    TsrProjectStains *stains, const TsrProgress *progress, GError **error);

/** Does the same for slides that have joined since, towards the reference there is, and leaves the
 * others as they are. What tells no stain is no failure here. The project may be one that does not
 * normalise. */
bool tsr_normalise_complete (TsrProject *project, const TsrProgress *progress, GError **error);

/** The stain of an image file, as a reference. TSR_ERROR_IMAGE with a sentence if it cannot be read
 * or tells none. */
bool tsr_normalise_reference (const char *path, TsrStainMethod method, TsrStain *stain,
                              GError **error);

/** Writes a PNG of evenly spread tiles, at most n of them, that are not excluded: pairs of a tile
 * as it was scanned and as a network gets it, four pairs a row, tiles at their own size up to 128
 * pixels. *shown receives how many. TSR_ERROR_IMAGE if none can be read. */
bool tsr_normalise_preview (TsrProject *project, uint32_t n, const char *path, uint32_t *shown,
                            const TsrProgress *progress, GError **error);

/** One sentence, transfer full, if a model that was trained on tiles of that look (what
 * tsr_project_stains_look said then; NULL: nobody knows) now gets tiles normalised as stains says,
 * and that is something else; NULL if it is not. */
char *tsr_normalise_mismatch (const char *trained, const TsrProjectStains *stains);
