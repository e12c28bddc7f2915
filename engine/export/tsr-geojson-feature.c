#include "tsr-geojson-feature.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* Beyond this places are nonsense, and squares of them lose digits. */
#define FARTHEST 2147483648.0

/* Of a feature without its coordinates. */
#define MAX_REST ((gsize)16 << 20)

#define LONGEST_NAME 200 /* of an annotator, in characters */

/* One array of coordinates that has been taken out of a feature's text. */
typedef struct {
  int depth; /* of the arrays around numbers: 1 a point, 3 a polygon, 4 several; 0: none, -1: broken
              */
  TsrOutline *outline;
} Coordinates;

typedef struct {
  const char *at;
  TsrOutline *outline;
  GArray *ring; /* TsrOutlinePoint of the ring that is being read */
  int depth;    /* of the arrays that are open */
  int numbers;  /* the depth of the first numbers; 0: none yet */
  bool shell;   /* the polygon that is being read has one */
  bool broken;
} Parser;

static void
coordinates_clear (void *data)
{
  tsr_outline_free (((Coordinates *)data)->outline);
}

static double
parse_number (Parser *parser)
{
  size_t length = strspn (parser->at, "0123456789+-.eE");
  char *end;
  double value = length > 0 ? g_ascii_strtod (parser->at, &end) : NAN;
  if (length == 0 || end != parser->at + length || !(fabs (value) <= FARTHEST)) {
    parser->broken = true;
    return 0;
  }
  parser->at = end;
  return value;
}

/* A point; at stands on its first number. Further numbers than two are heights and the like. */
static void
parse_point (Parser *parser)
{
  TsrOutlinePoint point = {0};
  int n = 0;
  for (;; n++) {
    double value = parse_number (parser);
    if (n < 2)
      *(n == 0 ? &point.x : &point.y) = value;
    if (parser->broken || *parser->at != ',')
      break;
    parser->at++;
  }
  if (n < 1 || (parser->numbers && parser->numbers != parser->depth))
    parser->broken = true;
  parser->numbers = parser->depth;
  g_array_append_val (parser->ring, point);
}

static void
end_array (Parser *parser)
{
  /* Depth counts from the outermost: in a polygon (points at 3) a ring closes at 2, in several
   * (points at 4) at 3, and a polygon at 2. */
  bool ring = parser->numbers >= 3 && parser->depth == parser->numbers - 1,
       polygon = parser->numbers == 4 && parser->depth == 2;
  if (ring) {
    bool hole = parser->shell;
    bool first = !hole && parser->ring->len > 0;
    bool added = tsr_outline_add (parser->outline, (TsrOutlinePoint *)parser->ring->data,
                                  parser->ring->len, hole);
    parser->broken |= first && !added; /* holes of next to no points are none */
    parser->shell |= added;
    g_array_set_size (parser->ring, 0);
  }
  if (polygon)
    parser->shell = false;
  parser->depth--;
}

/* Parses an array of coordinates; at stands on its bracket, and afterwards behind it, or anywhere
 * if it is broken. */
static void
parse_coordinates (Parser *parser)
{
  do {
    switch (*parser->at) {
    case '[':
      parser->at++;
      if (++parser->depth > 4)
        parser->broken = true;
      else if (*parser->at != '[' && *parser->at != ']')
        parse_point (parser);
      break;
    case ']':
      end_array (parser);
      parser->at++;
      break;
    case ',':
      parser->at++;
      parser->broken |= *parser->at != '[';
      break;
    default:
      parser->broken = true;
    }
  } while (parser->depth > 0 && !parser->broken);
}

/* Behind the string that begins at text. */
static char *
end_of_string (char *text)
{
  for (text++; *text && *text != '"'; text++)
    if (*text == '\\' && text[1])
      text++;
  return *text ? text + 1 : text;
}

/* Behind the array that begins at text. */
static char *
end_of_array (char *text)
{
  int depth = 0;
  while (*text) {
    if (*text == '"') {
      text = end_of_string (text);
      continue;
    }
    depth += (*text == '[') - (*text == ']');
    text++;
    if (depth == 0)
      break;
  }
  return text;
}

static Coordinates
read_coordinates (char *text, char **end)
{
  Parser parser = {.at = text,
                   .outline = tsr_outline_new (),
                   .ring = g_array_new (FALSE, FALSE, sizeof (TsrOutlinePoint))};
  parse_coordinates (&parser);
  g_array_unref (parser.ring);
  *end = end_of_array (text);
  return (Coordinates){parser.broken ? -1 : parser.numbers, parser.outline};
}

/* Puts a number in the place of each “coordinates”: its index in the list (GArray of Coordinates).
 * The text becomes small, whatever was drawn. There
 * is one in a feature, two in a cell; what follows on nine gets a number without place. */
static GArray *
take_coordinates (GString *text)
{
  static const char key[] = "\"coordinates\":[";
  GArray *list = g_array_new (FALSE, FALSE, sizeof (Coordinates));
  g_array_set_clear_func (list, coordinates_clear);
  char *from = text->str, *to = text->str;
  while (*from) {
    if (*from != '"') {
      *to++ = *from++;
      continue;
    }
    char *end = end_of_string (from);
    if (strncmp (from, key, sizeof key - 1) == 0) {
      from += sizeof key - 2;
      memmove (to, key, sizeof key - 2);
      to += sizeof key - 2;
      char place = (char)('0' + MIN (list->len, 9));
      if (list->len < 9) {
        Coordinates taken = read_coordinates (from, &from);
        g_array_append_val (list, taken);
      } else
        from = end_of_array (from);
      *to++ = place; /* only now: it may stand where they began */
      continue;
    }
    memmove (to, from, (size_t)(end - from));
    to += end - from;
    from = end;
  }
  g_string_truncate (text, (gsize)(to - text->str));
  return list;
}

/* Text that says something, or NULL. */
static const char *
text_of (const json_t *value)
{
  const char *text = json_string_value (value);
  return text && *text ? text : NULL;
}

static json_t *
first_of (const json_t *object, const char *name, const char *other)
{
  json_t *value = json_object_get (object, name);
  return value ? value : json_object_get (object, other);
}

static int64_t
packed_color (const json_t *value)
{
  double packed = json_number_value (value);
  return fabs (packed) <= 4294967296.0 ? (int64_t)packed & 0xffffff : -1;
}

/* Three numbers, four with alpha, or one that is packed, in an array or not. */
static int64_t
color_of (const json_t *classification)
{
  json_t *value = first_of (classification, "color", "colorRGB");
  if (json_is_number (value))
    return packed_color (value);
  if (json_array_size (value) == 1 && json_is_number (json_array_get (value, 0)))
    return packed_color (json_array_get (value, 0));
  if (json_array_size (value) < 3)
    return -1;
  int64_t rgb = 0;
  for (size_t i = 0; i < 3; i++) {
    double part = json_number_value (json_array_get (value, i));
    rgb = rgb << 8 | (int64_t)CLAMP (part, 0, 255);
  }
  return rgb;
}

static void
join_name (GString *joined, const char *part)
{
  g_autofree char *stripped = g_strstrip (g_strdup (part ? part : ""));
  if (*stripped)
    g_string_append_printf (joined, "%s%s", joined->len > 0 ? ": " : "", stripped);
}

/* Until 0.4 a derived class was written as its last name and the class it was derived from. */
static void
join_parents (GString *joined, const json_t *value, int depth)
{
  const json_t *parent = json_object_get (value, "parentClass");
  if (json_is_object (parent) && depth < 16)
    join_parents (joined, parent, depth + 1);
  join_name (joined, json_string_value (json_object_get (value, "name")));
}

/* As QuPath reads it: the name counts before names. */
char *
tsr_geojson_class (const json_t *value, int64_t *rgb)
{
  const json_t *names = json_object_get (value, "names");
  g_autoptr (GString) joined = g_string_new (NULL);
  *rgb = -1;
  if (json_is_string (value))
    join_name (joined, json_string_value (value));
  else
    join_parents (joined, value, 0);
  for (size_t i = 0; !text_of (json_object_get (value, "name")) && i < json_array_size (names); i++)
    join_name (joined, json_string_value (json_array_get (names, i)));
  if (joined->len == 0)
    return NULL;
  *rgb = color_of (value);
  return g_strdup (joined->str);
}

static TsrRegionType
type_of (const char *text)
{
  static const struct {
    const char *name;
    TsrRegionType type;
  } known[] = {{"annotation", TSR_REGION_ANNOTATION},
               {"PathAnnotationObject", TSR_REGION_ANNOTATION},
               {"tile", TSR_REGION_TILE},
               {"PathTileObject", TSR_REGION_TILE},
               {"detection", TSR_REGION_DETECTION},
               {"PathDetectionObject", TSR_REGION_DETECTION},
               {"tmaCore", TSR_REGION_OTHER},
               {"tma_core", TSR_REGION_OTHER},
               {"TMACoreObject", TSR_REGION_OTHER},
               {"root", TSR_REGION_OTHER},
               {"PathRootObject", TSR_REGION_OTHER},
               {"cell", TSR_REGION_DETECTION},
               {"PathCellObject", TSR_REGION_DETECTION}};
  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_ascii_strcasecmp (text, known[i].name) == 0)
      return known[i].type;
  return TSR_REGION_ANNOTATION; /* as QuPath takes what it does not know */
}

static void
add_measurement (TsrRegion *region, const char *name, const json_t *value)
{
  double number = json_number_value (value);
  if (!name || !json_is_number (value) || !isfinite (number))
    return;
  TsrMeasurement measurement = {g_strdup (name), number};
  g_array_append_val (region->measurements, measurement);
}

static void
read_measurements (TsrRegion *region, json_t *value)
{
  const char *name;
  json_t *part;
  size_t i;
  json_object_foreach (value, name, part)
  {
    add_measurement (region, name, part);
  }
  json_array_foreach (value, i, part)
  {
    add_measurement (region, text_of (json_object_get (part, "name")),
                     json_object_get (part, "value"));
  }
}

/* Whose word it is, if it is still the same: what has been given another class since is not. */
static void
read_annotator (TsrRegion *region, const json_t *metadata)
{
  const char *annotator = text_of (json_object_get (metadata, "annotator")),
             *said = text_of (json_object_get (metadata, "said")),
             *says = region->class_name ? region->class_name : region->name;
  if (annotator && said && says && strcmp (said, says) == 0 &&
      g_utf8_strlen (annotator, -1) <= LONGEST_NAME)
    region->annotator = g_strdup (annotator);
}

static void
read_properties (TsrRegion *region, const json_t *feature)
{
  const json_t *properties = json_object_get (feature, "properties"),
               *id = json_object_get (feature, "id");
  const char *type = text_of (first_of (properties, "objectType", "object_type"));
  if (!type)
    type = text_of (json_object_get (properties, "type"));
  /* Until QuPath 0.2 the id said the type. */
  const char *said = text_of (id);
  if (!type && said && g_str_has_suffix (said, "Object"))
    type = said;
  region->type = type ? type_of (type) : TSR_REGION_ANNOTATION;
  if (said)
    region->id = g_strdup (said);
  else if (json_is_number (id))
    region->id = json_dumps (id, JSON_ENCODE_ANY);
  region->name = g_strdup (text_of (json_object_get (properties, "name")));
  region->locked = json_is_true (first_of (properties, "isLocked", "locked"));
  region->class_name =
      tsr_geojson_class (json_object_get (properties, "classification"), &region->rgb);
  read_measurements (region, json_object_get (properties, "measurements"));
  read_annotator (region, json_object_get (properties, "metadata"));
}

static TsrFeatureKind
read_geometry (TsrRegion *region, const json_t *feature, GArray *list)
{
  const json_t *geometry = json_object_get (feature, "geometry"),
               *index = json_object_get (geometry, "coordinates");
  const char *type = text_of (json_object_get (geometry, "type"));
  bool one = type && strcmp (type, "Polygon") == 0,
       several = type && strcmp (type, "MultiPolygon") == 0;
  if (!one && !several)
    return TSR_FEATURE_NO_AREA;
  double i = json_is_number (index) ? json_number_value (index) : -1;
  if (!(i >= 0 && i < list->len && i == floor (i)))
    return TSR_FEATURE_BROKEN;
  Coordinates *found = &g_array_index (list, Coordinates, (guint)i);
  if (found->depth == 0)
    return TSR_FEATURE_NO_AREA; /* “[]”: an empty area */
  if (found->depth != (one ? 3 : 4) || found->outline->n_polygons == 0)
    return TSR_FEATURE_BROKEN;
  tsr_outline_free (region->outline);
  region->outline = g_steal_pointer (&found->outline);
  return TSR_FEATURE_AREA;
}

TsrFeatureKind
tsr_geojson_feature (GString *text, TsrRegion **region)
{
  g_autoptr (GArray) list = take_coordinates (text);
  g_autoptr (TsrRegion) made = tsr_region_new ();
  json_error_t problem;
  *region = NULL;
  /* Parsed JSON takes many times the place of its text. */
  if (text->len > MAX_REST)
    return TSR_FEATURE_BROKEN;
  json_t *feature =
      json_loadb (text->str, text->len, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &problem);
  TsrFeatureKind kind = TSR_FEATURE_NO_OBJECT;
  if (json_is_object (feature))
    kind = read_geometry (made, feature, list);
  else if (!feature && json_error_code (&problem) == json_error_numeric_overflow)
    kind = TSR_FEATURE_BROKEN;
  if (kind == TSR_FEATURE_AREA) {
    read_properties (made, feature);
    *region = g_steal_pointer (&made);
  }
  json_decref (feature);
  return kind;
}
