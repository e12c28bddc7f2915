#pragma once
/* What stands where the map will be: what is missing or going on, and what to do next. */

#include "tessera-jobs.h"
#include "tessera-session.h"

#include <adwaita.h>

#define TESSERA_TYPE_MAP_EMPTY (tessera_map_empty_get_type ())
G_DECLARE_FINAL_TYPE (TesseraMapEmpty, tessera_map_empty, TESSERA, MAP_EMPTY, AdwBin)

/** Says what is missing in this session, or what these jobs are doing; both are referenced, NULL
 * lets go. */
void tessera_map_empty_set (TesseraMapEmpty *empty, TesseraSession *session, TesseraJobs *jobs);
