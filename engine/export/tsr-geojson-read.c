#include "tsr-geojson-read.h"

#include "tsr-error.h"
#include "tsr-geojson-feature.h"
#include "tsr-i18n.h"
#include "tsr-json-stream.h"

#include <jansson.h>
#include <string.h>

#define MAX_REGIONS (1u << 22)
#define MAX_POINTS  (1u << 25)

typedef struct {
  TsrJsonStream *stream;
  TsrRegionFunc func;
  void *data;
  TsrGeojsonCounts counts;
  GString *text;
} Reader;

/* Takes text, one feature. */
static bool
read_feature (Reader *reader, GError **error)
{
  TsrRegion *region;
  reader->counts.features++;
  switch (tsr_geojson_feature (reader->text, &region)) {
  case TSR_FEATURE_AREA:
    reader->counts.areas++;
    return reader->func (region, reader->data, error);
  case TSR_FEATURE_NO_AREA:
    reader->counts.no_area++;
    return true;
  case TSR_FEATURE_BROKEN:
    reader->counts.broken++;
    return true;
  default:
    return tsr_json_stream_refuse (reader->stream,
                                   g_utf8_validate_len (reader->text->str, reader->text->len, NULL)
                                       ? _ ("there is something that is no GeoJSON feature")
                                       : _ ("there is text that is not UTF-8"),
                                   error);
  }
}

/* Reads an array of features. */
static bool
read_features (Reader *reader, GError **error)
{
  if (!tsr_json_stream_take (reader->stream, '[', error))
    return false;
  bool more = tsr_json_stream_peek (reader->stream) != ']';
  while (more) {
    if (!tsr_json_stream_value (reader->stream, reader->text, error) ||
        !read_feature (reader, error))
      return false;
    more = tsr_json_stream_peek (reader->stream) == ',';
    if (more && !tsr_json_stream_take (reader->stream, ',', error))
      return false;
  }
  return tsr_json_stream_take (reader->stream, ']', error);
}

/* Reads the members of the object that is the file; what is no features is put into head. */
static bool
read_members (Reader *reader, GString *head, bool *any, GError **error)
{
  TsrJsonStream *stream = reader->stream;
  if (!tsr_json_stream_take (stream, '{', error))
    return false;
  bool more = tsr_json_stream_peek (stream) != '}';
  while (more) {
    if (!tsr_json_stream_value (stream, reader->text, error) ||
        !tsr_json_stream_take (stream, ':', error))
      return false;
    if (strcmp (reader->text->str, "\"features\"") == 0 && tsr_json_stream_peek (stream) == '[') {
      *any = true;
      if (!read_features (reader, error))
        return false;
    } else {
      g_string_append_printf (head, "%s%s:", head->len > 1 ? "," : "", reader->text->str);
      if (!tsr_json_stream_value (stream, reader->text, error))
        return false;
      if (head->len + reader->text->len > TSR_JSON_MAX_BYTES)
        return tsr_json_stream_refuse (stream, _ ("one object holds more than 256 MiB"), error);
      g_string_append_len (head, reader->text->str, (gssize)reader->text->len);
    }
    more = tsr_json_stream_peek (stream) == ',';
    if (more && !tsr_json_stream_take (stream, ',', error))
      return false;
  }
  return tsr_json_stream_take (stream, '}', error);
}

/* A file that is an object: a collection, or one feature. */
static bool
read_object (Reader *reader, GError **error)
{
  g_autoptr (GString) head = g_string_new ("{");
  bool any = false;
  if (!read_members (reader, head, &any, error))
    return false;
  if (any)
    return true;
  g_string_append_c (head, '}');
  g_string_truncate (reader->text, 0);
  g_string_append_len (reader->text, head->str, (gssize)head->len);
  if (strstr (head->str, "\"type\":\"Feature\""))
    return read_feature (reader, error);
  return tsr_json_stream_refuse (
      reader->stream, _ ("the file ends and has neither “features” nor a feature"), error);
}

bool
tsr_geojson_visit (const char *path, TsrRegionFunc func, void *data, TsrGeojsonCounts *counts,
                   const TsrProgress *progress, GError **error)
{
  g_autoptr (TsrJsonStream) stream = tsr_json_stream_open (path, progress, error);
  if (counts)
    *counts = (TsrGeojsonCounts){0};
  if (!stream)
    return false;
  Reader reader = {.stream = stream, .func = func, .data = data, .text = g_string_new (NULL)};
  int first = tsr_json_stream_peek (stream);
  bool wide = first == 0xff || first == 0xfe; /* UTF-16's mark */
  bool ok = first == '['   ? read_features (&reader, error)
            : first == '{' ? read_object (&reader, error)
                           : tsr_json_stream_refuse (stream,
                                                     first < 0 ? _ ("the file is empty")
                                                     : wide ? _ ("there is text that is not UTF-8")
                                                            : _ ("there is no JSON"),
                                                     error);
  ok = ok && tsr_json_stream_end (stream, error);
  if (counts)
    *counts = reader.counts;
  g_string_free (reader.text, TRUE);
  return ok;
}

typedef struct {
  GPtrArray *regions;
  unsigned types;
  uint64_t points;
  const char *path;
} Collector;

static bool
collect (TsrRegion *region, void *data, GError **error)
{
  Collector *collector = data;
  if (!(collector->types & 1u << region->type)) {
    tsr_region_free (region);
    return true;
  }
  collector->points += region->outline->points->len;
  g_ptr_array_add (collector->regions, region);
  if (collector->regions->len <= MAX_REGIONS && collector->points <= MAX_POINTS)
    return true;
  g_autofree char *shown = g_filename_display_name (collector->path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               _ ("Cannot read “%s”: it holds more than %u regions or %u points; export less at a "
                  "time."),
               shown, MAX_REGIONS, MAX_POINTS);
  return false;
}

GPtrArray *
tsr_geojson_read (const char *path, unsigned types, TsrGeojsonCounts *counts,
                  const TsrProgress *progress, GError **error)
{
  Collector collector = {g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_region_free), types, 0,
                         path};
  if (tsr_geojson_visit (path, collect, &collector, counts, progress, error))
    return collector.regions;
  g_ptr_array_unref (collector.regions);
  return NULL;
}
