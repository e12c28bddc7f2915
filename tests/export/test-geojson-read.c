/* What the reader accepts and refuses, in files written here; every way of breaking one ends in
 * regions or in one sentence. */

#include "tsr-geojson-read.h"

#include "tsr-error.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

static char *folder;

static char *
write_file (const char *name, const char *text, gssize length)
{
  char *path = g_build_filename (folder, name, NULL);
  /* Without the wait for the disk: there are thousands. */
  FILE *file = fopen (path, "wb");
  size_t n = length < 0 ? strlen (text) : (size_t)length;
  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (text, 1, n, file), ==, n);
  g_assert_cmpint (fclose (file), ==, 0);
  return path;
}

static GPtrArray *
read_text (const char *text, TsrGeojsonCounts *counts)
{
  g_autofree char *path = write_file ("in.geojson", text, -1);
  g_autoptr (GError) error = NULL;
  GPtrArray *regions = tsr_geojson_read (path, TSR_REGION_ALL, counts, NULL, &error);
  g_assert_no_error (error);
  return regions;
}

#define SQUARE                                                                                     \
  "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],[4,4],[0,4],[0,0]]]}"

static TsrRegion *
first (const GPtrArray *regions)
{
  g_assert_cmpuint (regions->len, ==, 1);
  return regions->pdata[0];
}

/* One square with these properties (JSON). */
static GPtrArray *
read_properties (const char *properties)
{
  g_autofree char *text =
      g_strdup_printf ("{\"type\":\"Feature\",\"id\":7," SQUARE ",\"properties\":%s}", properties);
  return read_text (text, NULL);
}

static void
test_example (void)
{
  TsrGeojsonCounts counts;
  g_autoptr (GPtrArray) regions = read_text (
      "{\"type\":\"FeatureCollection\",\"features\":[\n"
      " {\"type\":\"Feature\",\"id\":\"7c9a1f6e-2a44-4a0e-9a1b-0d2f3a5b6c7d\",\n"
      "  \"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[10240,20480],[10752,20480],"
      "[10752,20992],[10240,20992],[10240,20480]]]},\n"
      "  \"properties\":{\"objectType\":\"tile\",\"classification\":{\"name\":\"Tumor\",\"color\":"
      "[200,0,0]},\n   \"measurements\":{\"prob_Tumor\":0.91,\"prob_Stroma\":0.09,\"nn_distance\":"
      "3.2}}}]}",
      &counts);
  const TsrRegion *region = first (regions);
  double x, y, width, height;
  g_assert_cmpint (region->type, ==, TSR_REGION_TILE);
  g_assert_cmpstr (region->class_name, ==, "Tumor");
  g_assert_cmpint (region->rgb, ==, 0xc80000);
  g_assert_cmpstr (region->id, ==, "7c9a1f6e-2a44-4a0e-9a1b-0d2f3a5b6c7d");
  g_assert_true (tsr_outline_rectangle (region->outline, &x, &y, &width, &height));
  g_assert_true (x == 10240 && y == 20480 && width == 512 && height == 512);
  g_assert_cmpuint (region->measurements->len, ==, 3);
  g_assert_cmpfloat (g_array_index (region->measurements, TsrMeasurement, 2).value, ==, 3.2);
  g_assert_cmpuint (counts.features, ==, 1);
  g_assert_cmpuint (counts.areas, ==, 1);
}

static void
test_classes (void)
{
  static const struct {
    const char *properties, *name;
    int64_t rgb;
  } table[] = {
      {"{}", NULL, -1},
      {"null", NULL, -1},
      {"{\"classification\":null}", NULL, -1},
      {"{\"classification\":\"Stroma\"}", "Stroma", -1},
      {"{\"classification\":\"\"}", NULL, -1},
      {"{\"classification\":[]}", NULL, -1},
      {"{\"classification\":{}}", NULL, -1},
      {"{\"classification\":{\"name\":\"A\"}}", "A", -1},
      {"{\"classification\":{\"name\":\"A\",\"color\":[1,2,3,255]}}", "A", 0x010203},
      {"{\"classification\":{\"name\":\"A\",\"color\":[300,-4,3.7]}}", "A", 0xff0003},
      {"{\"classification\":{\"name\":\"A\",\"color\":[1,2]}}", "A", -1},
      {"{\"classification\":{\"name\":\"A\",\"colorRGB\":-3670016}}", "A", 0xc80000},
      {"{\"classification\":{\"name\":\"A\",\"colorRGB\":1e40}}", "A", -1},
      {"{\"classification\":{\"name\":\"A\",\"color\":null}}", "A", -1},
      {"{\"classification\":{\"names\":[\"Tumor\",\"Positive\"],\"color\":[1,2,3]}}",
       "Tumor: Positive", 0x010203},
      {"{\"classification\":{\"names\":[\"Tumor\",7]}}", "Tumor", -1},
      {"{\"classification\":{\"names\":[],\"name\":\"B\"}}", "B", -1},
      /* as QuPath reads them: the name before names, parts without blanks, classes of old files */
      {"{\"classification\":{\"name\":\"C\",\"names\":[\"A\",\"B\"],\"color\":[1,2,3]}}", "C",
       0x010203},
      {"{\"classification\":{\"name\":null,\"names\":[\" A \",\"B\",\" \"],\"color\":[-3670016]}}",
       "A: B", 0xc80000},
      {"{\"classification\":{\"name\":\"Tumor: Positive\",\"color\":[200,50,50]}}",
       "Tumor: Positive", 0xc83232},
      {"{\"classification\":{\"parentClass\":{\"name\":\"Tumor\",\"colorRGB\":-3670016},"
       "\"name\":\"Positive\",\"colorRGB\":-377282}}",
       "Tumor: Positive", 0xfa3e3e},
      {"{\"classification\":{\"colorRGB\":-377282}}", NULL, -1},
      {"{\"classification\":{\"name\":\"A\"},\"classification\":{\"name\":\"B\"}}", "B", -1},
      {"{\"metadata\":{\"a\":\"1\"},\"metadata\":{\"a\":\"2\"},\"classification\":\"ä \\u00fc\"}",
       "ä ü", -1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (GPtrArray) regions = read_properties (table[i].properties);
    g_test_message ("%s", table[i].properties);
    g_assert_cmpstr (first (regions)->class_name, ==, table[i].name);
    g_assert_cmpint (first (regions)->rgb, ==, table[i].rgb);
  }
}

static void
test_objects (void)
{
  static const struct {
    const char *members, *id;
    TsrRegionType type;
  } table[] = {
      {"\"properties\":{\"objectType\":\"annotation\"}", NULL, TSR_REGION_ANNOTATION},
      {"\"id\":5,\"properties\":{\"object_type\":\"tile\"}", "5.0", TSR_REGION_TILE},
      {"\"id\":null,\"properties\":{\"objectType\":\"cell\"}", NULL, TSR_REGION_DETECTION},
      {"\"id\":[1],\"properties\":{\"objectType\":\"detection\"}", NULL, TSR_REGION_DETECTION},
      {"\"id\":\"PathAnnotationObject\"", "PathAnnotationObject", TSR_REGION_ANNOTATION},
      {"\"id\":\"PathCellObject\",\"properties\":{}", "PathCellObject", TSR_REGION_DETECTION},
      {"\"id\":\"x\",\"properties\":{\"objectType\":\"tma_core\"}", "x", TSR_REGION_OTHER},
      {"\"id\":\"\",\"properties\":{\"objectType\":7}", NULL, TSR_REGION_ANNOTATION},
      {"\"properties\":{\"type\":\"tile\"}", NULL, TSR_REGION_TILE},
      {"\"properties\":{\"type\":\"tile\",\"objectType\":\"annotation\"}", NULL,
       TSR_REGION_ANNOTATION},
      {"\"properties\":{\"objectType\":\"gland\"}", NULL, TSR_REGION_ANNOTATION},
      {"\"properties\":{\"objectType\":\"root\"}", NULL, TSR_REGION_OTHER},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *text =
        g_strdup_printf ("[{\"type\":\"Feature\"," SQUARE ",%s}]", table[i].members);
    g_autoptr (GPtrArray) regions = read_text (text, NULL);
    g_assert_cmpstr (first (regions)->id, ==, table[i].id);
    g_assert_cmpint (first (regions)->type, ==, table[i].type);
  }
  g_autoptr (GPtrArray) regions = read_properties (
      "{\"name\":\"mine\",\"isLocked\":true,\"measurements\":[{\"name\":\"a\",\"value\":1.5},"
      "{\"name\":\"b\",\"value\":NaN},{\"value\":2},7,{\"name\":\"c\",\"value\":-Infinity},"
      "{\"name\":\"d\",\"value\":-2}]}");
  const TsrRegion *region = first (regions);
  g_assert_cmpstr (region->name, ==, "mine");
  g_assert_true (region->locked);
  g_assert_cmpuint (region->measurements->len, ==, 2);
  g_assert_cmpstr (g_array_index (region->measurements, TsrMeasurement, 1).name, ==, "d");
  g_autofree char *path = g_build_filename (folder, "in.geojson", NULL);
  g_autoptr (GPtrArray) none = tsr_geojson_read (path, 1u << TSR_REGION_TILE, NULL, NULL, NULL);
  g_assert_cmpuint (none->len, ==, 0);
}

static double
area_of (const TsrRegion *region)
{
  g_autoptr (TsrOutlineIndex) index = tsr_outline_index_new (region->outline);
  return tsr_outline_overlap (index, -50, -50, 400, 400);
}

/* In the form that QuPath 0.7 writes: blanks in pairs of numbers only, NaN as text, an ellipse as a
 * polygon, a cell with its nucleus, another plane, places with two decimals, points and lines. */
static void
test_written (void)
{
  static const char text[] =
      "[{\"type\":\"Feature\",\"id\":\"0d1f9f0e-8a1c-4c53-9c55-0a2f6f1a7f01\",\"geometry\":{"
      "\"type\":\"Polygon\",\"coordinates\":[[[10, 20],[10, 70],[60, 70],[60, 20],[10, "
      "20]]]},\"properties\":{\"objectType\":\"annotation\",\"name\":\"A\",\"classification\":{"
      "\"name\":\"Tumor\",\"color\":[200, 0, 0]},\"isLocked\":true}},"
      "{\"type\":\"Feature\",\"id\":\"0d1f9f0e-8a1c-4c53-9c55-0a2f6f1a7f02\",\"geometry\":{"
      "\"type\":\"Polygon\",\"coordinates\":[[[5.25, 0],[10.5, 5.75],[5.25, 11],[0, 5.75],[5.25, "
      "0]]],\"isEllipse\":true,\"plane\":{\"c\":-1,\"z\":2,\"t\":1}},\"properties\":{"
      "\"objectType\":\"annotation\"}},"
      "{\"type\":\"Feature\",\"id\":\"0d1f9f0e-8a1c-4c53-9c55-0a2f6f1a7f03\",\"geometry\":{"
      "\"type\":\"Polygon\",\"coordinates\":[[[0, 0],[8, 0],[8, 8],[0, 0]]]},\"nucleusGeometry\":"
      "{\"type\":\"Polygon\",\"coordinates\":[[[4, 1],[7, 1],[7, 4],[4, 1]]]},\"properties\":{"
      "\"objectType\":\"cell\",\"classification\":{\"names\":[\"Tumor\",\"Positive\"],\"color\":["
      "200, 50, 50]},\"measurements\":{\"Area px^2\":100.0,\"Mean\":\"NaN\"}}},"
      "{\"type\":\"Feature\",\"id\":\"0d1f9f0e-8a1c-4c53-9c55-0a2f6f1a7f04\",\"geometry\":{"
      "\"type\":\"LineString\",\"coordinates\":[[10, 140],[90, 130]]},\"properties\":{"
      "\"objectType\":\"annotation\"}},"
      "{\"type\":\"Feature\",\"id\":\"0d1f9f0e-8a1c-4c53-9c55-0a2f6f1a7f05\",\"geometry\":{"
      "\"type\":\"MultiPoint\",\"coordinates\":[[15.5, 130.25],[25, 135]]},\"properties\":{"
      "\"objectType\":\"annotation\",\"classification\":{\"name\":\"Tumor\",\"color\":[200, 0, "
      "0]}}}]";
  TsrGeojsonCounts counts;
  g_autoptr (GPtrArray) regions = read_text (text, &counts);
  g_assert_cmpuint (counts.features, ==, 5);
  g_assert_cmpuint (counts.no_area, ==, 2);
  g_assert_cmpuint (counts.broken, ==, 0);
  const TsrRegion *tumor = regions->pdata[0], *ellipse = regions->pdata[1],
                  *cell = regions->pdata[2];
  g_assert_true (tumor->locked);
  g_assert_cmpstr (tumor->class_name, ==, "Tumor");
  g_assert_cmpfloat (area_of (tumor), ==, 2500);
  g_assert_null (ellipse->class_name);
  g_assert_cmpint (ellipse->type, ==, TSR_REGION_ANNOTATION);
  g_assert_cmpfloat (area_of (ellipse), ==, 10.5 * 11 / 2);
  g_assert_cmpstr (cell->class_name, ==, "Tumor: Positive");
  g_assert_cmpfloat (area_of (cell), ==, 32);
  g_assert_cmpuint (cell->measurements->len, ==, 1);
}

/* A geometry and what it comes to: how many rings, or which count goes up. */
static void
test_geometries (void)
{
  static const struct {
    const char *geometry;
    int rings; /* 0: no area, -1: broken */
    double area;
  } table[] = {
      {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],[4,4]]]}", 1, 8},
      {"{\"coordinates\":[[[0,0,9],[4,0,9],[4,4,9]]],\"plane\":{\"c\":-1},\"type\":\"Polygon\"}", 1,
       8},
      {"{ \"type\" : \"Polygon\" , \"coordinates\" : [ [ [ 0 , 0 ] , [ 4e0 , 0.0 ] , [ 4 , 4 ] ] ] "
       "}",
       1, 8},
      {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[9,0],[9,9],[0,9]],[[1,1],[1,2],[2,2],[2,1]],"
       "[[5,5],[6,5],[6,6],[5,6]]]}",
       3, 79},
      {"{\"type\":\"MultiPolygon\",\"coordinates\":[[[[0,0],[9,0],[9,9],[0,9]],[[1,1],[1,2],[2,2],["
       "2,"
       "1]]],[[[20,0],[21,0],[21,1],[20,1]]]]}",
       3, 81},
      {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[9,0],[9,9],[0,9]],[[1,1],[2,2]]]}", 1, 81},
      {"null", 0, 0},
      {"{}", 0, 0},
      {"{\"type\":\"Point\",\"coordinates\":[1,2]}", 0, 0},
      {"{\"type\":\"MultiPoint\",\"coordinates\":[[1,2]]}", 0, 0},
      {"{\"type\":\"LineString\",\"coordinates\":[[1,2],[3,4]]}", 0, 0},
      {"{\"type\":\"GeometryCollection\",\"geometries\":[]}", 0, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[]}", 0, 0},
      {"{\"type\":\"MultiPolygon\",\"coordinates\":[[]]}", 0, 0},
      {"{\"type\":\"Polygon\"}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":7}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[1,2]}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[[1,2],[3,4],[5,0]]}", -1, 0},
      {"{\"type\":\"MultiPolygon\",\"coordinates\":[[[0,0],[4,0],[4,4]]]}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[[[[0,0],[4,0],[4,4]]]]}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0]]]}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4],[4,4]]]}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,NaN],[4,4]]]}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,\"0\"],[4,4]]]}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0 1],[4,4]]]}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[3e9,0],[4,4]]]}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1e999,0],[4,4]]]}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],[4,4]]],\"z\":1e999}", -1, 0},
      {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],{\"a\":[1]}]]}", -1, 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    TsrGeojsonCounts counts;
    g_autofree char *text = g_strdup_printf (
        "[{\"type\":\"Feature\",\"geometry\":%s},{\"type\":\"Feature\"," SQUARE "}]",
        table[i].geometry);
    g_autoptr (GPtrArray) regions = read_text (text, &counts);
    g_test_message ("%s", table[i].geometry);
    g_assert_cmpuint (counts.features, ==, 2);
    g_assert_cmpuint (counts.areas, ==, table[i].rings > 0 ? 2 : 1);
    g_assert_cmpuint (counts.no_area, ==, table[i].rings == 0);
    g_assert_cmpuint (counts.broken, ==, table[i].rings < 0);
    g_assert_cmpuint (regions->len, ==, counts.areas);
    if (table[i].rings <= 0)
      continue;
    const TsrOutline *outline = ((TsrRegion *)regions->pdata[0])->outline;
    g_autoptr (TsrOutlineIndex) index = tsr_outline_index_new (outline);
    g_assert_cmpuint (outline->rings->len, ==, table[i].rings);
    g_assert_cmpfloat (tsr_outline_overlap (index, -50, -50, 200, 200), ==, table[i].area);
  }
}

static void
test_files (void)
{
  static const char *const good[] = {
      "[]",
      "{\"features\":[]}",
      "\xef\xbb\xbf {\"type\":\"FeatureCollection\",\"features\":[ ] , \"crs\":{\"a\":[1,{}]}}\n\n",
      "{\"features\":null,\"type\":\"Feature\"}",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GPtrArray) regions = read_text (good[i], NULL);
    g_assert_cmpuint (regions->len, ==, 0);
  }
  g_autofree char *deep = g_strnfill (100000, '[');
  const struct {
    const char *text, *says;
  } bad[] = {
      {"", "empty"},
      {" \n ", "empty"},
      {"<xml/>", "no JSON"},
      {"{}", "features"},
      {"{\"type\":\"FeatureCollection\"}", "features"},
      {"{\"type\":\"Polygon\",\"coordinates\":[]}", "features"},
      {"[7]", "no GeoJSON feature"},
      {"[null]", "no GeoJSON feature"},
      {"[{\"a\":tru}]", "no GeoJSON feature"},
      {"[{\"a\":\"\xff\"}]", "not UTF-8"},
      {"\xff\xfe[", "not UTF-8"},
      {"\xfe\xff", "not UTF-8"},
      {"[{}", "“]”"},
      {"[{},]", "missing"},
      {"[{}] x", "behind"},
      {"[{]", "another kind"},
      {"[{\"a\":\"b", "does not end"},
      {"\n\n[{\"a\"", "line 3"},
      {deep, "brackets"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree char *path = write_file ("bad.geojson", bad[i].text, -1);
    g_autoptr (GError) error = NULL;
    g_assert_null (tsr_geojson_read (path, TSR_REGION_ALL, NULL, NULL, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
    g_test_message ("%s", error->message);
    g_assert_nonnull (strstr (error->message, bad[i].says));
    g_assert_nonnull (strstr (error->message, "bad.geojson"));
    g_assert_true (g_str_has_suffix (error->message, "."));
  }
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_geojson_read (folder, TSR_REGION_ALL, NULL, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_clear_error (&error);
  g_autofree char *none = g_build_filename (folder, "none", NULL);
  g_assert_null (tsr_geojson_read (none, TSR_REGION_ALL, NULL, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
}

/* Many features, packed, cut off anywhere. */
static void
test_packed (void)
{
  g_autofree char *path = g_build_filename (folder, "in.geojson.gz", NULL);
  gzFile file = gzopen (path, "wb");
  gzputs (file, "{\"features\":[");
  for (int i = 0; i < 20000; i++)
    gzprintf (file, "%s{\"type\":\"Feature\",\"id\":\"%d\"," SQUARE "}\n", i ? "," : "", i);
  gzputs (file, "]}");
  gzclose (file);
  TsrGeojsonCounts counts;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) regions = tsr_geojson_read (path, TSR_REGION_ALL, &counts, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (regions->len, ==, 20000);
  g_assert_cmpstr (((TsrRegion *)regions->pdata[19999])->id, ==, "19999");
  g_autofree char *data = NULL;
  gsize length;
  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  for (gsize cut = 1; cut < length; cut += length / 37) {
    g_autofree char *other = write_file ("cut.geojson.gz", data, (gssize)cut);
    g_assert_null (tsr_geojson_read (other, TSR_REGION_ALL, NULL, NULL, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
    g_clear_error (&error);
  }
}

static void
test_broken (void)
{
  static const char text[] = "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\","
                             "\"id\":\"a\\\"b\",\"geometry\":"
                             "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[0,0],[9.5,0],[9,-9e1],"
                             "[0,9]],[[1,1],[1,2],[2,2]]],"
                             "[[[20,0],[21,0],[21,1]]]]},\"properties\":{\"classification\":{"
                             "\"names\":[\"A\",\"B\"],\"color\":"
                             "[1,2,3]},\"measurements\":{\"m\":NaN,\"n\":1e-3}}}]}";
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  int good = 0, refused = 0;
  for (size_t round = 0; round < sizeof text - 1 + 3000; round++) {
    char copy[sizeof text];
    size_t length = round < sizeof text - 1 ? round : sizeof text - 1;
    memcpy (copy, text, sizeof text);
    for (int flips = length < sizeof text - 1 ? 0 : g_rand_int_range (random, 1, 4); flips > 0;
         flips--)
      copy[g_rand_int_range (random, 0, sizeof text - 1)] ^=
          (char)(1 << g_rand_int_range (random, 0, 8));
    g_autofree char *path = write_file ("flip.geojson", copy, (gssize)length);
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) regions = tsr_geojson_read (path, TSR_REGION_ALL, NULL, NULL, &error);
    g_assert_true ((regions == NULL) == (error != NULL));
    g_assert_true (!error || g_utf8_validate (error->message, -1, NULL));
    good += regions != NULL;
    refused += regions == NULL;
    for (guint i = 0; regions && i < regions->len; i++) {
      const TsrOutline *outline = ((TsrRegion *)regions->pdata[i])->outline;
      g_autoptr (TsrOutlineIndex) index = tsr_outline_index_new (outline);
      g_assert_true (isfinite (tsr_outline_overlap (index, 0, 0, 30, 30)));
    }
  }
  g_assert_cmpint (good, >, 300);
  g_assert_cmpint (refused, >, 300);
}

static void
test_cancel (void)
{
  g_autofree char *path = write_file ("in.geojson", "[]", -1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TsrProgress progress = {.cancellable = cancellable};
  g_autoptr (GError) error = NULL;
  g_cancellable_cancel (cancellable);
  g_assert_null (tsr_geojson_read (path, TSR_REGION_ALL, NULL, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("tessera-geojson-XXXXXX", NULL);
  g_test_add_func ("/geojson/example", test_example);
  g_test_add_func ("/geojson/classes", test_classes);
  g_test_add_func ("/geojson/objects", test_objects);
  g_test_add_func ("/geojson/written", test_written);
  g_test_add_func ("/geojson/geometries", test_geometries);
  g_test_add_func ("/geojson/files", test_files);
  g_test_add_func ("/geojson/packed", test_packed);
  g_test_add_func ("/geojson/broken", test_broken);
  g_test_add_func ("/geojson/cancel", test_cancel);
  int failed = g_test_run ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_unlink (path);
  }
  g_rmdir (folder);
  g_free (folder);
  return failed;
}
