#pragma once
/* Turns the colours of a project's tiles into those its networks get (tsr-project-stains.h). */

#include "tsr-project-stains.h"

typedef struct TsrNormaliser TsrNormaliser;

/** Prepares the way of each of tiles[n], which are numbered 0..n-1 below, from its slide's stain to
 * stains' reference; a tile whose stain is not known stays as it is. NULL with error. */
TsrNormaliser *tsr_normaliser_new (TsrProject *project, const TsrProjectStains *stains,
                                   const uint32_t *tiles, size_t n, GError **error);

/** Frees it; NULL is allowed. */
void tsr_normaliser_free (TsrNormaliser *normaliser);

/** Normalises tiles [first, first + count), rgb [count][pixels][3], in place and in parallel, but
 * for those whose skip[i] is not 0 (skip may be NULL). Not from within tsr_parallel_for. */
void tsr_normaliser_apply (const TsrNormaliser *normaliser, size_t first, size_t count,
                           size_t pixels, const uint8_t *skip, uint8_t *rgb);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrNormaliser, tsr_normaliser_free)
