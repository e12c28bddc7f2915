#pragma once
/* Decoded blocks of all open slides, the most recently used within a limit. A block that several
 * threads want at the same time is decoded by one of them. */

#include "tsr-slide-reader.h"

typedef struct TsrSlideBlock TsrSlideBlock;

/** The block's pixels, decoded or found; hold keeps them until tsr_slide_cache_release. NULL with a
 * reason if it cannot be decoded. */
const uint8_t *tsr_slide_cache_get (TsrSlide *slide, int level, int64_t column, int64_t row,
                                    TsrSlideBlock **hold, GError **error);

/** Lets go of what tsr_slide_cache_get gave. */
void tsr_slide_cache_release (TsrSlideBlock *hold);

/** Drops all blocks of a slide that nobody reads any more. */
void tsr_slide_cache_forget (const TsrSlide *slide);
