#pragma once
/* Which files are slides: of those that somebody names, and of those in folders. */

#include "tsr-folder-walk.h"
#include "tsr-slide.h"

/** Lists the slides among paths (ended by NULL) and below those that are folders into files
 * (TsrWalkedFile): in the order of paths, those of a folder in natural order. Each is opened, by
 * the pool (tsr-slide-pool.h); what cannot be, and in folders what is a plain image (a photograph
 * of the glass or of its label), goes into skipped (TsrSkippedFile) with its reason. Both arrays
 * need a free function. False only where a folder cannot be read or the search is cancelled. */
bool tsr_slide_list (const char *const *paths, GPtrArray *files, GPtrArray *skipped,
                     const TsrProgress *progress, GError **error);
