#pragma once
/* Slides that stay open for a while, because tiles of one slide are asked for by many parts of the
 * program, a few at a time. */

#include "tsr-slide.h"

#define TSR_SLIDE_POOL 8 /* slides kept open */

/** The slide at path, opened or still open: a reference of the caller's, to be dropped with
 * tsr_slide_unref. A file that has been replaced since (another inode, size or time) is opened
 * anew; one that has gone is not served from memory. Of images that are held in memory whole only
 * half a gigabyte is kept. May be called from any thread; threads that want the same slide open it
 * once. NULL with the sentence of tsr_slide_open. */
TsrSlide *tsr_slide_pool_open (const char *path, GError **error);

/** Closes what nobody uses any more, for tests and before a folder is unmounted. */
void tsr_slide_pool_clear (void);
