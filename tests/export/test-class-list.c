/* Class lists of QuPath's: both ways it has written colours, what is not classified, derived
 * classes, annotations, and what is neither. */

#include "tsr-class-list.h"

#include "tsr-error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static GPtrArray *
read_text (const char *text, GError **error)
{
  g_autofree char *path = NULL;
  g_close (g_file_open_tmp ("tessera-classes-XXXXXX.json", &path, NULL), NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  GPtrArray *classes = tsr_class_list_read (path, NULL, error);
  g_unlink (path);
  return classes;
}

static void
check (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) classes = read_text (text, &error);
  g_assert_no_error (error);
  g_autoptr (GString) found = g_string_new (NULL);
  for (guint i = 0; i < classes->len; i++) {
    const TsrRegionClass *class_ = classes->pdata[i];
    g_string_append_printf (found, "%s%s=%06x", i > 0 ? " " : "", class_->name,
                            class_->rgb < 0 ? 0xabcdef : (unsigned)class_->rgb);
  }
  g_assert_cmpstr (found->str, ==, expected);
}

static void
test_classes_json (void)
{
  /* Colours as three numbers, and packed as a signed one with alpha; one entry without a name. */
  check ("{\"pathClasses\": [{\"name\": \"Tumor\", \"color\": [200, 0, 0]}, {\"name\": \"Stroma\", "
         "\"color\": [150, 200, 150]}, {\"names\": [\"Tumor\", \"Positive\"], \"color\": [250, 62, "
         "62]}]}",
         "Tumor=c80000 Stroma=96c896 Tumor: Positive=fa3e3e");
  check ("{\"pathClasses\":[{\"colorRGB\":-377282},{\"name\":\"Tumor\",\"colorRGB\":-3670016},"
         "{\"name\":\" Stroma \"},{\"name\":\"Tumor\",\"colorRGB\":1}]}",
         "Tumor=c80000 Stroma=abcdef");
  /* As QuPath 0.6 writes it: names whole, colours packed and signed; and as 0.3 to 0.5 did, with
   * one for what is not classified. */
  check (
      "{\n  \"pathClasses\": [\n    {\n      \"name\": \"Tumor\",\n      \"color\": -3670016\n    "
      "},\n    {\n      \"name\": \"Tumor: Positive\",\n      \"color\": -3657166\n    },\n    {\n "
      "     \"name\": \"Ignore*\",\n      \"color\": -4934476\n    }\n  ]\n}",
      "Tumor=c80000 Tumor: Positive=c83232 Ignore*=b4b4b4");
  check ("{\"pathClasses\":[{\"name\":\"Unclassified\"},{\"name\":\"Stroma\",\"color\":-6895466}]}",
         "Stroma=96c896");
}

static void
test_annotations (void)
{
  check ("{\"type\":\"FeatureCollection\",\"features\":["
         "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[9,0],"
         "[9,9],[0,0]]]},\"properties\":{\"objectType\":\"annotation\",\"classification\":"
         "{\"name\":\"B\",\"color\":[1,2,3]}}},"
         "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[9,0],"
         "[9,9],[0,0]]]},\"properties\":{}},"
         "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[9,0],"
         "[9,9],[0,0]]]},\"properties\":{\"classification\":\"A\"}}]}",
         "B=010203 A=abcdef");
}

static void
test_refused (void)
{
  static const char *const texts[] = {"",
                                      "{",
                                      "[]",
                                      "{\"pathClasses\": []}",
                                      "{\"pathClasses\": [{\"colorRGB\": 1}, 7, null]}",
                                      "{\"pathClasses\": 3}",
                                      "{\"type\":\"FeatureCollection\",\"features\":[]}"};
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (read_text (texts[i], &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
    g_assert_nonnull (strstr (error->message, "tessera-classes-"));
  }
  g_autofree char *folder = g_dir_make_tmp ("tessera-classes-XXXXXX", NULL);
  g_autofree char *pipe = g_build_filename (folder, "pipe.json", NULL);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  const char *const paths[] = {pipe, folder, "/nowhere/classes.json"};
  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (tsr_class_list_read (paths[i], NULL, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  }
  g_unlink (pipe);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/class-list/classes-json", test_classes_json);
  g_test_add_func ("/class-list/annotations", test_annotations);
  g_test_add_func ("/class-list/refused", test_refused);
  return g_test_run ();
}
