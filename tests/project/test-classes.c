/* The list of classes: what a new one gets, which names and keys are refused. */

#include "fixture.h"
#include "tsr-project-private.h"

#include <string.h>

static TsrClass *
class_at (GPtrArray *classes, guint i)
{
  return classes->pdata[i];
}

/* Adds "class 0" ... "class 39"; the fourth with a colour of its own. */
static void
add_classes (FixtureBench *bench, int32_t ids[40])
{
  g_autoptr (GError) error = NULL;
  for (int i = 0; i < 40; i++) {
    g_autofree char *name = g_strdup_printf (" class %d ", i);
    ids[i] = tsr_project_add_class (bench->project, name, i == 3 ? 0x123456 : -1, &error);
    g_assert_no_error (error);
    g_assert_cmpint (ids[i], ==, i + 1);
  }
}

static void
test_add (FixtureBench *bench, gconstpointer unused)
{
  int32_t ids[40];
  add_classes (bench, ids);
  g_autoptr (GPtrArray) classes = tsr_project_classes (bench->project);
  g_assert_cmpuint (classes->len, ==, 40);
  for (guint i = 0; i < 40; i++) {
    g_autofree char *name = g_strdup_printf ("class %u", i);
    g_assert_cmpstr (class_at (classes, i)->name, ==, name);
    for (guint j = 0; j < i;
         j++) { /* keys never twice; colours and shapes not while there are others */
      g_assert_true (class_at (classes, i)->key == 0 ||
                     class_at (classes, i)->key != class_at (classes, j)->key);
      g_assert_true (i >= 12 || class_at (classes, i)->rgb != class_at (classes, j)->rgb);
      g_assert_true (i >= 12 || class_at (classes, i)->shape != class_at (classes, j)->shape);
    }
  }
  g_assert_cmpint (class_at (classes, 0)->key, ==, '1');
  g_assert_cmpint (class_at (classes, 9)->key, ==, 'a');
  g_assert_cmpuint (class_at (classes, 3)->rgb, ==, 0x123456);
  g_assert_cmpint (class_at (classes, 39)->key, ==, 0);

  /* all keys there are, and none that means something else in the window */
  g_assert_cmpint (class_at (classes, strlen (TSR_CLASS_KEYS) - 1)->key, ==, 'z');
  g_assert_cmpint (class_at (classes, strlen (TSR_CLASS_KEYS))->key, ==, 0);
  for (guint i = 0; i < 40; i++)
    g_assert_true (class_at (classes, i)->key == 0 || !strchr ("flux", class_at (classes, i)->key));
}

static void
test_update (FixtureBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  int32_t ids[40];
  add_classes (bench, ids);
  g_assert_cmpint (tsr_project_add_class (bench->project, "class 7", -1, &error), ==, -1);
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  g_assert_cmpint (tsr_project_add_class (bench->project, " \t ", -1, &error), ==, -1);
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);

  TsrClass change = {ids[5], (char *)"Renamed", 0xabcdef, 0, 7};
  g_assert_true (tsr_project_update_class (bench->project, &change, &error));
  change.key = '1'; /* belongs to the first */
  g_assert_false (tsr_project_update_class (bench->project, &change, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  change.key = '%';
  g_assert_false (tsr_project_update_class (bench->project, &change, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  change = (TsrClass){ids[6], (char *)"Renamed", 0, 0, 0};
  g_assert_false (tsr_project_update_class (bench->project, &change, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  change = (TsrClass){99, (char *)"Nobody", 0, 0, 0};
  g_assert_false (tsr_project_update_class (bench->project, &change, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  fixture_bench_reopen (bench);
  g_autoptr (GPtrArray) stored = tsr_project_classes (bench->project);
  g_assert_cmpuint (stored->len, ==, 40);
  g_assert_cmpstr (class_at (stored, 5)->name, ==, "Renamed");
  g_assert_cmpuint (class_at (stored, 5)->rgb, ==, 0xabcdef);
  g_assert_cmpint (class_at (stored, 5)->key, ==, 0);
  g_assert_cmpint (class_at (stored, 5)->shape, ==, 7);
  g_assert_cmpstr (class_at (stored, 6)->name, ==, "class 6");
}

/* A name is refused when it is given; one that an older version took stays usable. */
static void
test_class_names (FixtureBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *exactly = g_malloc0 (4 * TSR_MAX_CLASS_NAME),
                  *longer = g_strnfill (TSR_MAX_CLASS_NAME + 1, 'x');
  for (int i = 0; i < TSR_MAX_CLASS_NAME; i++)
    strcat (exactly, "ß"); /* characters count, not bytes */
  int32_t id = tsr_project_add_class (bench->project, exactly, -1, &error);
  g_assert_no_error (error);
  const char *const bad[] = {longer,
                             "two\nlines",
                             "tab\tbed",
                             "del\x7f",
                             "next\xc2\x85line",
                             "sep\xe2\x80\xa8"
                             "arated",
                             "\xff\xfe",
                             "caf\xe9"};
  TsrClass change = {id, NULL, 0x123456, 0, 0};
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_cmpint (tsr_project_add_class (bench->project, bad[i], -1, &error), ==, -1);
    g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
    change.name = (char *)bad[i];
    g_assert_false (tsr_project_update_class (bench->project, &change, &error));
    g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  }
  tsr_project_add_class (bench->project, longer, -1, &error);
  g_assert_nonnull (strstr (error->message, "100 characters"));
  g_assert_cmpint (g_utf8_strlen (error->message, -1), <, 120); /* not all of the name again */
  g_clear_error (&error);
  g_assert_cmpint (tsr_project_add_class (bench->project, NULL, -1, &error), ==, -1);
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);

  tsr_db_exec (bench->project, "UPDATE class SET name = hex (zeroblob (300)) || char (10)", &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) classes = tsr_project_classes (bench->project);
  g_assert_cmpuint (classes->len, ==, 1);
  class_at (classes, 0)->rgb = 0xabcdef;
  g_assert_true (tsr_project_update_class (bench->project, class_at (classes, 0), &error));
  g_autoptr (GPtrArray) stored = tsr_project_classes (bench->project);
  g_assert_cmpstr (class_at (stored, 0)->name, ==, class_at (classes, 0)->name);
  g_assert_cmpuint (class_at (stored, 0)->rgb, ==, 0xabcdef);
}

#define ADD(path, function)                                                                        \
  g_test_add (path, FixtureBench, GUINT_TO_POINTER (5), fixture_bench_open, function,              \
              fixture_bench_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/classes/add", test_add);
  ADD ("/classes/update", test_update);
  ADD ("/classes/names", test_class_names);
  return g_test_run ();
}
