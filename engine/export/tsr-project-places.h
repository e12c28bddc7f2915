#pragma once
/* Where a project's tiles lie on slides. */

#include "tsr-project.h"
#include "tsr-tile-place.h"

/** The places of tiles, [n], for the project's names[n] (tsr_project_tile_names): as the project
 * knows them, else as the names say (tsr_tile_place_parse), slide NULL where neither does. Free
 * with tsr_tile_places_free. NULL with error if the project cannot be read. */
TsrTilePlace *tsr_project_places (TsrProject *project, char *const *names, size_t n,
                                  GError **error);
