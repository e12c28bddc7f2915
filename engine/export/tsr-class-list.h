#pragma once
/* Lists of classes from QuPath. */

#include "tsr-progress.h"
#include "tsr-region-tiles.h"

/** The classes (GPtrArray of TsrRegionClass, transfer full) that a file names, each once, with the
 * first colour said of it, in the file's order: QuPath's classes.json, an object whose
 * “pathClasses” are classifications, or the classifications of a GeoJSON file's areas
 * (tsr-geojson-read.h). TSR_ERROR_FAILED in one sentence for a file that is neither, or names
 * none. */
GPtrArray *tsr_class_list_read (const char *path, const TsrProgress *progress, GError **error);
