#pragma once
/* QuPath's GeoJSON, written object by object: nothing is kept of those that are written. */

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum { TSR_GEOJSON_ANNOTATION, TSR_GEOJSON_TILE } TsrGeojsonKind;

/** A rectangle of a slide as one of QuPath's objects. Everything is borrowed. */
typedef struct {
  const char *id; /* a UUID (tsr_geojson_uuid) */
  TsrGeojsonKind kind;
  int64_t x, y, width, height; /* pixels of level 0; the sides are at least 1 */
  const char *class_name;      /* NULL: not classified */
  uint32_t rgb;                /* of the class, 0xRRGGBB */
  const char *name;            /* of the object itself; or NULL */
  bool locked;
  const char
      *annotator; /* who says so, when (ISO 8601, UTC) and how, as the object's metadata; or NULL */
  const char *at, *how;
  const char *const *measurements; /* [n_measurements] names */
  const double *values;            /* [n_measurements]; those that are not finite are left out */
  size_t n_measurements;
} TsrGeojsonObject;

typedef struct TsrGeojsonWriter TsrGeojsonWriter;

/** Puts the objects of a file; false with error set to give up. */
typedef bool (*TsrGeojsonFill) (TsrGeojsonWriter *writer, void *data, GError **error);

/** Writes path as one FeatureCollection, compressed if its name ends in “.gz”. The file is the old
 * one or the whole new one (tsr_file_replace), and the same objects give the same bytes. */
bool tsr_geojson_write (const char *path, TsrGeojsonFill fill, void *data, GError **error);

/** Whether path is a file of tsr_geojson_write's as it was written. One that QuPath has saved since
 * is not: somebody's drawings may be in it. */
bool tsr_geojson_is_own (const char *path);

/** Puts one object, to be called by a TsrGeojsonFill. Text that is not UTF-8 is repaired. False if
 * the file cannot be written any further. */
bool tsr_geojson_put (TsrGeojsonWriter *writer, const TsrGeojsonObject *object, GError **error);

/** The UUID (RFC 4122, version 5: by name, SHA-1) of what a project says of a tile: the same three
 * texts give the same id, so that an object exported again replaces the former one. id has room for
 * 37 bytes. */
void tsr_geojson_uuid (const char *project, const char *tile, TsrGeojsonKind kind, char *id);

/** What QuPath will call a class of that name: it cuts names at colons, takes blanks off the parts,
 * calls what follows a colon derived from what is before it (“Tumor: Positive”), and cannot read a
 * file in which a part is empty. So empty parts are left out, and a name of nothing else has
 * hyphens for its colons. Transfer full. */
char *tsr_geojson_class_name (const char *name);
