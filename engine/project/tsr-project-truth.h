#pragma once
/* Ground truth that somebody states for tiles that are there (folders: tsr_project_add_tiles). */

#include "tsr-project.h"

/** Stores the ground truth of tiles[n]: names[i], whose text is that of a class, or NULL for none.
 * What other tiles have stays. One transaction. TSR_ERROR_USAGE for a tile that is not there or a
 * name that is empty or not UTF-8. */
bool tsr_project_set_truth (TsrProject *project, const uint32_t *tiles, const char *const *names,
                            size_t n, GError **error);
