#pragma once
/* GeoJSON as QuPath and others write it, from files nobody has checked.
 *
 * Read are a FeatureCollection, an array of features or a single one, plain or gzip. A feature is
 * parsed when it has been read whole, and its coordinates are turned into points at once, so that a
 * file of any size takes the memory of its largest feature (at most 256 MiB of text) and of what
 * the caller keeps.
 *
 * Accepted are, beside what the conventions say: no or null classification, one that is plain text,
 * “names” of a derived class (joined by “: ”; “name” counts before them) or its parentClass,
 * colours of four numbers, packed ones (colorRGB), “object_type”, “type” among the properties,
 * types given as ids (“PathAnnotationObject”), ids of any kind, measurements as a list of name and
 * value, keys that come twice (the last counts), NaN for a number, rings that are not closed, more
 * than two coordinates of a point. An object of no or an unknown type is an annotation, as it is to
 * QuPath. Objects within an object's properties are not read. */

#include "tsr-progress.h"
#include "tsr-region.h"

/** What became of a file's features. */
typedef struct {
  uint32_t features; /* in the file */
  uint32_t areas;    /* handed on */
  uint32_t no_area;  /* skipped: points, lines, without geometry */
  uint32_t broken;   /* skipped: what their geometry says makes no sense, or lies beyond ±2^31;
                         more than 16 MiB beside the coordinates */
} TsrGeojsonCounts;

/** Takes one region (transfer full). False with error set ends the reading. */
typedef bool (*TsrRegionFunc) (TsrRegion *region, void *data, GError **error);

/** Hands each area of path to func, in the file's order. A feature that is no area is skipped and
 * counted; text that is no JSON, or no GeoJSON, is TSR_ERROR_FAILED with a sentence that names the
 * file, the line and the reason. counts may be NULL; it says also on failure what was read. */
bool tsr_geojson_visit (const char *path, TsrRegionFunc func, void *data, TsrGeojsonCounts *counts,
                        const TsrProgress *progress, GError **error);

/** Reads path into a GPtrArray of TsrRegion (transfer full): those whose type is in types, a bit
 * (1u << TsrRegionType) for each. Refuses more than 4,194,304 regions or 33,554,432 points (512
 * MiB). */
GPtrArray *tsr_geojson_read (const char *path, unsigned types, TsrGeojsonCounts *counts,
                             const TsrProgress *progress, GError **error);

/** All types. */
#define TSR_REGION_ALL 0xfu
