/* Files read back by another parser, memory while a million objects are written, and what is left
 * when writing is given up. */

#include "tsr-export-geojson.h"

#include "tsr-error.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

static char *folder;

static bool
fill_odd (TsrGeojsonWriter *writer, void *data, GError **error)
{
  static const char *const names[] = {"prob_\"a\"", "margin", "nan", "infinite"};
  const double values[] = {0.1234567891234, -1e-20, NAN, INFINITY};
  TsrGeojsonObject object = {.id = "i\\d",
                             .kind = TSR_GEOJSON_TILE,
                             .x = -5,
                             .y = G_GINT64_CONSTANT (2000000000),
                             .width = 1,
                             .height = 3,
                             .class_name = "a\"b\\\x01\n\xc3\xa4\xff",
                             .rgb = 0x0a10ff,
                             .name = "",
                             .locked = true,
                             .measurements = names,
                             .values = values,
                             .n_measurements = 4};
  bool ok = tsr_geojson_put (writer, &object, error);
  object.kind = TSR_GEOJSON_ANNOTATION;
  object.class_name = object.name = NULL;
  object.locked = false;
  object.n_measurements = 0;
  return ok && tsr_geojson_put (writer, &object, error);
}

static json_t *
load (const char *path)
{
  gzFile file = gzopen (path, "rb");
  static char text[1 << 16];
  int n = gzread (file, text, sizeof text);
  gzclose (file);
  g_assert_cmpint (n, >, 0);
  json_t *value = json_loadb (text, (size_t)n, JSON_REJECT_DUPLICATES, NULL);
  g_assert_nonnull (value);
  return value;
}

static void
test_odd (void)
{
  static const char *const names[] = {"a.geojson", "a.geojson.gz"};
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (folder, names[i], NULL);
    g_autoptr (GError) error = NULL;
    g_assert_true (tsr_geojson_write (path, fill_odd, NULL, &error));
    g_assert_no_error (error);
    json_t *value = load (path), *features = json_object_get (value, "features");
    g_assert_cmpuint (json_array_size (features), ==, 2);
    const json_t *first = json_array_get (features, 0),
                 *properties = json_object_get (first, "properties"),
                 *class_ = json_object_get (properties, "classification"),
                 *color = json_object_get (class_, "color"),
                 *measurements = json_object_get (properties, "measurements"),
                 *corner = json_array_get (
                     json_array_get (
                         json_array_get (
                             json_object_get (json_object_get (first, "geometry"), "coordinates"),
                             0),
                         2),
                     1);
    g_assert_cmpstr (json_string_value (json_object_get (first, "id")), ==, "i\\d");
    g_assert_cmpstr (json_string_value (json_object_get (class_, "name")), ==,
                     "a\"b\\\x01\n\xc3\xa4\xef\xbf\xbd");
    g_assert_cmpint (json_integer_value (json_array_get (color, 2)), ==, 255);
    g_assert_cmpint (json_integer_value (json_array_get (color, 0)), ==, 10);
    g_assert_cmpint (json_integer_value (corner), ==, 2000000003);
    g_assert_cmpuint (json_object_size (measurements), ==, 2);
    g_assert_cmpfloat (json_real_value (json_object_get (measurements, "prob_\"a\"")), ==,
                       0.123456789);
    g_assert_null (json_object_get (json_object_get (json_array_get (features, 1), "properties"),
                                    "classification"));
    json_decref (value);
    g_unlink (path);
  }
}

static long
peak_kib (void)
{
  g_autofree char *status = NULL;
  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  const char *line = strstr (status, "VmHWM:");
  return line ? strtol (line + 6, NULL, 10) : 0;
}

static bool
fill_many (TsrGeojsonWriter *writer, void *data, GError **error)
{
  static const char *const names[] = {"prob_a", "prob_b", "margin", "nn_distance"};
  char id[37];
  for (int i = 0; i < *(int *)data; i++) {
    const double values[] = {i / 1e6, 1 - i / 1e6, 0.25, i / 7.0};
    TsrGeojsonObject object = {.id = id,
                               .kind = TSR_GEOJSON_TILE,
                               .x = i % 1000 * 256,
                               .y = i / 1000 * 256,
                               .width = 256,
                               .height = 256,
                               .class_name = "Tumour",
                               .measurements = names,
                               .values = values,
                               .n_measurements = 4};
    g_snprintf (id, sizeof id, "%08x-0000-5000-8000-000000000000", (guint)i);
    if (!tsr_geojson_put (writer, &object, error))
      return false;
  }
  return true;
}

/* A million objects take no more memory than a thousand. */
/* QuPath cuts names at colons, and gives a file up in which a part is empty. */
static void
test_class_names (void)
{
  static const char *const table[][2] = {{"Tumour", "Tumour"},
                                         {"Tumor: Positive", "Tumor: Positive"},
                                         {"Tumor:Positive", "Tumor: Positive"},
                                         {"a : b:c", "a: b: c"},
                                         {"a::b", "a: b"},
                                         {":x", "x"},
                                         {"x: ", "x"},
                                         {"::", "--"},
                                         {" : ", "-"},
                                         {"", ""}};
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *name = tsr_geojson_class_name (table[i][0]);
    g_assert_cmpstr (name, ==, table[i][1]);
  }
}

static void
test_million (void)
{
  g_autofree char *path = g_build_filename (folder, "many.geojson.gz", NULL);
  g_autoptr (GError) error = NULL;
  int few = 1000, many = 1000000;
  g_assert_true (tsr_geojson_write (path, fill_many, &few, &error));
  long before = peak_kib ();
  g_assert_true (tsr_geojson_write (path, fill_many, &many, &error));
  g_assert_no_error (error);
  g_test_message ("%ld KiB more", peak_kib () - before);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what is freed */
  g_assert_cmpint (peak_kib () - before, <, 4096);
#endif
  gzFile file = gzopen (path, "rb");
  static char text[1 << 16];
  int lines = 0;
  for (int n; (n = gzread (file, text, sizeof text)) > 0;)
    for (int i = 0; i < n; i++)
      lines += text[i] == '\n';
  gzclose (file);
  g_assert_cmpint (lines, ==, many + 2);
  g_unlink (path);
}

static bool
give_up (TsrGeojsonWriter *writer, void *data, GError **error)
{
  fill_odd (writer, NULL, error);
  g_set_error_literal (error, TSR_ERROR, TSR_ERROR_FAILED, "Enough.");
  return false;
}

static void
test_given_up (void)
{
  g_autofree char *path = g_build_filename (folder, "a.geojson.gz", NULL), *text = NULL;
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
  g_assert_false (tsr_geojson_write (path, give_up, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "old");
  g_unlink (path);
}

/* How many files and folders there are in the test's folder. */
static unsigned
count_files (void)
{
  unsigned n = 0;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  while (g_dir_read_name (dir))
    n++;
  return n;
}

/* Counts the reports and cancels at the second: the first slide's file is written by then. */
static void
cancel_cb (double fraction, const char *stage, void *user)
{
  TsrProgress *progress = user;
  if (fraction > 0)
    g_cancellable_cancel (progress->cancellable);
}

/* Cancelled at once or half-way, the folder is as it was. */
static void
check_cancelled (const TsrTable *table, const TsrTilePlace *places,
                 const TsrGeojsonOptions *options)
{
  g_autofree char *former = g_build_filename (folder, "a_b.geojson", NULL), *old = NULL,
                  *text = NULL;
  g_assert_true (tsr_geojson_write (former, fill_odd, NULL, NULL));
  g_assert_true (g_file_get_contents (former, &old, NULL, NULL));
  unsigned before = count_files ();
  for (int i = 0; i < 2; i++) {
    g_auto (TsrGeojsonReport) report = {0};
    g_autoptr (GError) error = NULL;
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    TsrProgress progress = {.user = &progress, .cancellable = cancellable};
    if (i == 0)
      g_cancellable_cancel (cancellable);
    else
      progress.report = cancel_cb;
    g_assert_false (
        tsr_export_geojson (table, places, folder, options, &report, &progress, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_cmpuint (report.files->len, ==, 0);
    g_assert_cmpuint (count_files (), ==, before);
  }
  /* A folder that was not there is not there afterwards. */
  g_autofree char *fresh = g_build_filename (folder, "fresh", NULL);
  g_auto (TsrGeojsonReport) report = {0};
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  TsrProgress progress = {.cancellable = cancelled};
  g_cancellable_cancel (cancelled);
  g_assert_false (tsr_export_geojson (table, places, fresh, options, &report, &progress, NULL));
  g_assert_false (g_file_test (fresh, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (former, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, old);
  g_unlink (former);
}

/* What somebody drew beside the slide, under its name, is not replaced, and nothing else is
 * written; an export's own file is, compressed or not, until another program has saved it. */
static void
check_drawings (const TsrTable *table, const TsrTilePlace *places, TsrGeojsonOptions options)
{
  for (int gzip = 0; gzip < 2; gzip++) {
    options.gzip = gzip;
    const char *drawn = "{\"type\":\"FeatureCollection\",\"features\":[]}";
    g_autofree char *path = g_build_filename (
                        folder, gzip ? "A_B (2).geojson.gz" : "A_B (2).geojson", NULL),
                    *first =
                        g_build_filename (folder, gzip ? "a_b.geojson.gz" : "a_b.geojson", NULL),
                    *text = NULL;
    g_auto (TsrGeojsonReport) report = {0};
    g_autoptr (GError) error = NULL;
    g_assert_true (g_file_set_contents (path, drawn, -1, NULL));
    g_assert_false (tsr_geojson_is_own (path));
    g_assert_false (tsr_export_geojson (table, places, folder, &options, &report, NULL, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
    g_assert_nonnull (strstr (error->message, "A_B (2)"));
    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    g_assert_cmpstr (text, ==, drawn);
    g_assert_cmpuint (count_files (), ==, 1);
    g_unlink (path);
    for (int again = 0; again < 2; again++) {
      tsr_geojson_report_clear (&report);
      g_assert_true (tsr_export_geojson (table, places, folder, &options, &report, NULL, NULL));
      g_assert_true (tsr_geojson_is_own (path));
    }
    tsr_geojson_report_clear (&report);
    g_assert_cmpint (g_chmod (path, 0444), ==, 0); /* kept, though it is its own */
    g_assert_false (tsr_export_geojson (table, places, folder, &options, &report, NULL, NULL));
    g_unlink (path);
    g_unlink (first);
  }
}

/* One slide as a file of any name; a slide without a tile is refused. */
static void
check_one_slide (const TsrTable *table, const TsrTilePlace *places,
                 const TsrGeojsonOptions *options)
{
  g_autofree char *path = g_build_filename (folder, "mine.geojson.gz", NULL);
  g_auto (TsrGeojsonReport) report = {0};
  g_autoptr (GError) error = NULL;
  g_assert_true (
      tsr_export_geojson_slide (table, places, "A_B", path, options, &report, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (report.files->len, ==, 1);
  const TsrGeojsonFile *file = report.files->pdata[0];
  g_assert_cmpstr (file->path, ==, path);
  g_assert_cmpstr (file->slide, ==, "A_B");
  g_assert_cmpuint (file->annotations, ==, 1);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_unlink (path);
  tsr_geojson_report_clear (&report);
  g_assert_false (
      tsr_export_geojson_slide (table, places, "x", path, options, &report, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* Three slides, one of whose names no folder can hold as it is, two alike but for case. */
static void
test_slides (void)
{
  enum { n = 5 };
  static char names_of[n][2] = {"0", "1", "2", "3", "4"}, slides[4][4] = {"a/b", "A_B", "A_B", "x"};
  char *names[n + 1] = {names_of[0], names_of[1], names_of[2], names_of[3], names_of[4], NULL};
  TsrTilePlace places[n] = {{slides[0], 0, 0, 10.4, 10, 1},
                            {slides[1], 0.6, 1e10, 10, 10, 1},
                            {slides[2], 0.6, 0, 10, 10, 1},
                            {slides[3], 0, 0, 0.2, 10, 1},
                            {NULL, 0, 0, 0, 0, 0}};
  TsrTable table = {.n = n, .names = names, .classes = g_ptr_array_new ()};
  int32_t label[n] = {TSR_LABEL_UNSURE, 0, TSR_LABEL_UNSURE, TSR_LABEL_UNSURE, TSR_LABEL_NONE};
  uint8_t excluded[n] = {0};
  table.label = label;
  table.excluded = excluded;
  TsrGeojsonOptions options = {.project = "p"};
  g_auto (TsrGeojsonReport) report = {0};
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_export_geojson (&table, places, folder, &options, &report, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (report.files->len, ==, 2);
  g_assert_cmpuint (report.placeless, ==, 3);
  static const char *const files[] = {"a_b.geojson", "A_B (2).geojson"};
  for (guint i = 0; i < 2; i++) {
    const TsrGeojsonFile *file = report.files->pdata[i];
    g_autofree char *base = g_path_get_basename (file->path);
    g_assert_cmpstr (base, ==, files[i]);
    g_assert_cmpuint (file->annotations, ==, 1);
    json_decref (load (file->path));
    g_unlink (file->path);
  }
  check_one_slide (&table, places, &options);
  check_cancelled (&table, places, &options);
  check_drawings (&table, places, options);
  g_ptr_array_unref (table.classes);
}

static void
test_find_slide (void)
{
  static const char *const texts[] = {"A",   "B.svs", "C d",           "e/f",
                                      "G.x", "G.y",   "H\xc3\xbc.svs", "Ju\xcc\x88"};
  char *const *slides = (char *const *)texts;
  static const struct {
    const char *path;
    int slide;
  } table[] = {{"/x/A.geojson", 0},
               {"A.geojson.gz", 0},
               {"A.GeoJSON", 0},
               {"A.svs.geojson", 0},
               {"B.geojson", 1},
               {"B.svs.geojson", 1},
               {"B.ndpi.json", -1},
               {"C d.json", 2},
               {"e_f.geojson", 3},
               {"G.geojson", -1},
               {"G.x.geojson", 4},
               {"G.y", 5},
               {"nothing.geojson", -1},
               {".geojson", -1},
               /* “ü” as one character and as two */
               {"Hu\xcc\x88.geojson", 6},
               {"Hu\xcc\x88.svs.geojson", 6},
               {"J\xc3\xbc.geojson", 7},
               {"J\xc3\xbc.svs.geojson", 7}};
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_test_message ("%s", table[i].path);
    g_assert_cmpint (tsr_geojson_find_slide (table[i].path, slides, G_N_ELEMENTS (texts)), ==,
                     table[i].slide);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("tessera-geojson-XXXXXX", NULL);
  g_test_add_func ("/geojson-write/odd", test_odd);
  g_test_add_func ("/geojson-write/class-names", test_class_names);
  g_test_add_func ("/geojson-write/million", test_million);
  g_test_add_func ("/geojson-write/given-up", test_given_up);
  g_test_add_func ("/geojson-write/slides", test_slides);
  g_test_add_func ("/geojson-write/find-slide", test_find_slide);
  int failed = g_test_run ();
  g_assert_cmpint (g_rmdir (folder), ==, 0); /* nothing was left */
  g_free (folder);
  return failed;
}
