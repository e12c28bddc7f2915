/* Columns joined to the tiles: recognised, stored, read back, migrated to, and never in the way. */

#include "fixture.h"
#include "tsr-project-private.h"

#include <math.h>

static TsrColumn *
column_of (const char *name, uint32_t n, const char *(*value) (uint32_t))
{
  g_autofree const char **values = g_new0 (const char *, n + 1);
  for (uint32_t i = 0; i < n; i++)
    values[i] = g_intern_string (value (i));
  return tsr_column_new (name, values, n);
}

static const char *
slide (uint32_t i)
{
  static const char *const slides[] = {"B", "A", "C", " A ", "", "A"};
  return slides[i % 6];
}

static const char *
score (uint32_t i)
{
  static char text[32];
  if (i % 10 == 3)
    return NULL;
  g_snprintf (text, sizeof text, "%s%u.5", i % 2 ? "-" : "", i);
  return text;
}

static void
test_categories (void)
{
  g_autoptr (TsrColumn) column = column_of ("slide", 12, slide);
  g_assert_null (column->number);
  g_assert_cmpuint (column->n_texts, ==, 3);
  g_assert_cmpstr (column->texts[0], ==, "A"); /* the most frequent, blanks cut */
  g_assert_cmpstr (column->texts[1], ==, "B"); /* then by name */
  g_assert_cmpstr (column->texts[2], ==, "C");
  g_assert_cmpuint (column->count[0], ==, 6);
  g_assert_cmpuint (column->count[1], ==, 2);
  g_assert_cmpstr (tsr_column_text (column, 2), ==, "C");
  g_assert_null (tsr_column_text (column, 4));
  g_assert_null (tsr_column_text (column, 12)); /* a tile that joined later */
  g_assert_true (isnan (tsr_column_number (column, 0)));
}

static void
test_numbers (void)
{
  g_autoptr (TsrColumn) column = column_of ("score", 40, score);
  g_assert_nonnull (column->number);
  g_assert_cmpfloat (column->low, ==, -39.5);
  g_assert_cmpfloat (column->high, ==, 38.5);
  g_assert_cmpfloat (tsr_column_number (column, 7), ==, -7.5f);
  g_assert_true (isnan (tsr_column_number (column, 13)));
  /* Few different numbers are grades; one word among them makes categories. */
  g_autoptr (TsrColumn) grades = column_of ("grade", TSR_COLUMN_FEW, score);
  g_assert_null (grades->number);
  const char *mixed[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "x"};
  g_autoptr (TsrColumn) words = tsr_column_new ("mixed", mixed, G_N_ELEMENTS (mixed));
  g_assert_null (words->number);
  mixed[13] = "inf";
  g_autoptr (TsrColumn) infinite = tsr_column_new ("mixed", mixed, G_N_ELEMENTS (mixed));
  g_assert_null (infinite->number);
  mixed[13] = "1e300";
  g_autoptr (TsrColumn) huge = tsr_column_new ("mixed", mixed, G_N_ELEMENTS (mixed));
  g_assert_null (huge->number);
  g_autoptr (TsrColumn) empty = tsr_column_new ("none", mixed, 0);
  g_assert_cmpuint (empty->n_texts, ==, 0);
}

/* Whether neighbours are the same string or equal ones makes no difference. */
static void
test_shared_strings (void)
{
  enum { COUNT = 60 };
  const char *shared[COUNT], *own[COUNT];
  g_autoptr (GPtrArray) copies = g_ptr_array_new_with_free_func (g_free);
  for (uint32_t i = 0; i < COUNT; i++) {
    shared[i] = i % 20 < 4 ? NULL : g_intern_string (slide (i / 5));
    g_ptr_array_add (copies, g_strdup (shared[i]));
    own[i] = copies->pdata[i];
  }
  g_autoptr (TsrColumn) a = tsr_column_new ("slide", shared, COUNT),
                        b = tsr_column_new ("slide", own, COUNT);
  g_assert_cmpuint (a->n_texts, >, 1);
  g_assert_cmpuint (a->n_texts, ==, b->n_texts);
  g_assert_cmpmem (a->code, sizeof *a->code * COUNT, b->code, sizeof *b->code * COUNT);
  for (uint32_t k = 0; k < a->n_texts; k++) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < COUNT; i++)
      count += a->code[i] == (int32_t)k;
    g_assert_cmpstr (a->texts[k], ==, b->texts[k]);
    g_assert_cmpuint (a->count[k], ==, count);
    g_assert_cmpuint (b->count[k], ==, count);
  }
}

static void
put (TsrProject *project, TsrColumn *column, bool expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) columns = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_column_unref);
  g_ptr_array_add (columns, column);
  g_assert_true (tsr_project_put_columns (project, columns, &error) == expected);
  if (!expected)
    g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  g_assert_no_error (error);
}

static const char *
number (uint32_t i)
{
  static char text[32];
  g_snprintf (text, sizeof text, "%u", i * 7 % 1000);
  return text;
}

static void
assert_columns (TsrProject *project, const char *names)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) columns = tsr_project_columns (project, &error);
  g_assert_no_error (error);
  g_autoptr (GString) found = g_string_new (NULL);
  for (guint i = 0; i < columns->len; i++)
    g_string_append_printf (found, "%s ", ((TsrColumn *)columns->pdata[i])->name);
  g_assert_cmpstr (found->str, ==, names);
}

static void
test_stored (void)
{
  char *folder = fixture_folder (true);
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
  g_autoptr (GError) error = NULL;
  uint32_t n = 2500; /* three rows of 1024 */
  bool found;
  fixture_bare_project (path, n);
  TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, n);
  assert_columns (project, "");
  put (project, column_of ("slide", n, slide), true);
  put (project, column_of ("number", n, number), true);
  tsr_project_close (project);

  project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  tsr_project_n_tiles (project);
  assert_columns (project, "slide number ");
  g_autoptr (GPtrArray) columns = tsr_project_columns (project, &error);
  g_autoptr (TsrColumn) expected = column_of ("number", n, number);
  const TsrColumn *read = columns->pdata[1];
  g_assert_cmpmem (read->code, n * sizeof (int32_t), expected->code, n * sizeof (int32_t));
  g_assert_cmpmem (read->count, read->n_texts * 4, expected->count, expected->n_texts * 4);
  for (uint32_t i = 0; i < n; i++)
    g_assert_cmpstr (tsr_column_text (read, i), ==, tsr_column_text (expected, i));
  g_assert_cmpfloat (read->high, ==, 999);

  /* The same name replaces, and nothing of the former is left. */
  put (project, column_of ("slide", n, number), true);
  assert_columns (project, "number slide ");
  g_assert_cmpint (tsr_db_int (project, "SELECT count (*) FROM column_text", -1), ==, 2000);
  g_assert_cmpint (tsr_db_int (project, "SELECT count (*) FROM column_code", -1), ==, 6);
  g_assert_true (tsr_project_remove_column (project, "number", &found, &error) && found);
  g_assert_true (tsr_project_remove_column (project, "number", &found, &error) && !found);
  assert_columns (project, "slide ");
  g_assert_cmpint (tsr_db_int (project, "SELECT count (*) FROM column_code", -1), ==, 3);
  g_assert_true (tsr_project_check (project, &error));
  tsr_project_close (project);
  fixture_remove (folder);
}

static void
test_limits (void)
{
  char *folder = fixture_folder (true);
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
  g_autoptr (GError) error = NULL;
  fixture_bare_project (path, 10);
  TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_autofree char *long_name = g_strnfill (201, 'x');
  put (project, column_of ("", 10, slide), false);
  put (project, column_of (long_name, 10, slide), false);
  put (project, column_of ("\xff", 10, slide), false);
  for (int i = 0; i < TSR_MAX_COLUMNS; i++) {
    g_autofree char *name = g_strdup_printf ("c%d", i);
    put (project, column_of (name, 10, slide), true);
  }
  put (project, column_of ("one more", 10, slide), false);
  put (project, column_of ("c5", 10, number), true); /* replacing is not more */
  tsr_project_close (project);
  fixture_remove (folder);
}

/* A project of the first version is brought up to date without losing anything. */
static void
test_from_version_1 (void)
{
  char *folder = fixture_folder (true);
  g_autofree char *path = g_build_filename (folder, "old.tessera", NULL);
  g_autoptr (GError) error = NULL;
  TsrSchema old = {tsr_project_schema.steps, 1};
  g_assert_true (tsr_project_create_with (path, &old, &error));
  TsrProject *project = tsr_project_open_with (path, TSR_PROJECT_READ_WRITE, &old, &error);
  g_assert_cmpint (tsr_project_add_class (project, "kept", -1, &error), ==, 1);
  tsr_project_close (project);

  /* who only reads brings it up to date too */
  project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tsr_db_int (project, "PRAGMA user_version", 0), ==, tsr_project_schema.version);
  tsr_project_close (project);
  project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  g_assert_cmpuint (classes->len, ==, 1);
  assert_columns (project, "");
  put (project, column_of ("slide", 0, slide), true);
  assert_columns (project, "slide ");
  tsr_project_close (project);
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/columns/categories", test_categories);
  g_test_add_func ("/columns/shared-strings", test_shared_strings);
  g_test_add_func ("/columns/numbers", test_numbers);
  g_test_add_func ("/columns/stored", test_stored);
  g_test_add_func ("/columns/limits", test_limits);
  g_test_add_func ("/columns/from-version-1", test_from_version_1);
  return g_test_run ();
}
