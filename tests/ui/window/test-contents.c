/* What a project holds, loaded again: whatever was written meanwhile is seen, and what was not is
 * there once. */

#include "tessera-contents.h"
#include "tsr-project-private.h"
#include "window-fixture.h"
#include "window-slides.h"

#include <math.h>
#include <string.h>

enum { N = 1500, D = 5 }; /* more than one block of vectors */

typedef struct {
  char *folder, *path;
  TsrProject *project; /* the window's handle */
  TesseraContents *contents;
} Fixture;

static const char *const part_names[TESSERA_N_PARTS] = {"names",   "name places", "truth",
                                                        "vectors", "map",         "regions"};

static TesseraContents *
load (TsrProject *project, const TesseraContents *former)
{
  g_autoptr (GError) error = NULL;
  TesseraContents *contents = tessera_contents_load (project, former, &error);
  g_assert_no_error (error);
  return contents;
}

/* Bare tiles in folders, so that there is a column of them, with vectors, a map and a column. */
static void
make_project (TsrProject *project)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO root VALUES (1, CAST ('/nowhere' AS BLOB), NULL);"
      "WITH RECURSIVE i (x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM i WHERE x + 1 < %d)"
      " INSERT INTO tile (id, root, path, name, width, height, channels)"
      " SELECT x, 1, CAST (name AS BLOB), name, 64, 64, 3 FROM"
      " (SELECT x, printf ('slide_%%d/tile_%%d.png', x / 500, x) AS name FROM i)",
      N);
  g_assert_true (tsr_db_exec (project, sql, &error));
  g_autofree float *w = g_new (float, (gsize)N *D), *y = g_new (float, 2 * N);
  const char *values[N];
  for (guint i = 0; i < N; i++) {
    for (guint a = 0; a < D; a++)
      w[i * D + a] = i % 7 == 3 ? NAN : (float)(i * a) / 8;
    y[2 * i] = i % 7 == 3 ? NAN : (float)(i % 40);
    y[2 * i + 1] = (float)(i / 40);
    values[i] = i % 3 ? "left" : "right";
  }
  tsr_project_put_vectors (project, "model", 0, N, D, w, &error);
  tsr_project_put_map (project, y, N, "{\"model\":\"model\"}", &error);
  g_autoptr (GPtrArray) columns = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_column_unref);
  g_ptr_array_add (columns, tsr_column_new ("side", values, N));
  tsr_project_put_columns (project, columns, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  f->folder = window_fixture_folder ();
  f->path = g_build_filename (f->folder, "p.tessera", NULL);
  f->project = tsr_project_create (f->path, &error);
  g_assert_no_error (error);
  make_project (f->project);
  f->contents = load (f->project, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  tessera_contents_unref (f->contents);
  tsr_project_close (f->project);
  g_free (f->path);
  window_fixture_remove (f->folder);
}

static void
assert_same_columns (const GPtrArray *a, const GPtrArray *b)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++) {
    const TsrColumn *x = a->pdata[i], *y = b->pdata[i];
    g_assert_cmpuint (x->n, ==, y->n);
    g_assert_true (tsr_column_equal (x, y));
    g_assert_cmpmem (x->count, x->n_texts * sizeof *x->count, y->count,
                     y->n_texts * sizeof *y->count);
  }
}

/* Loads anew. It is what somebody sees who never saw the project before, what was held before has
 * not changed, and just these parts (bits) are new; returns what is loaded. */
static TesseraContents *
reload (Fixture *f, guint new_parts)
{
  GBytes *before[TESSERA_N_PARTS] = {NULL}, *copies[TESSERA_N_PARTS] = {NULL};
  for (int k = 0; k < TESSERA_N_PARTS; k++) {
    before[k] = f->contents->parts[k];
    gsize size;
    const void *data = before[k] != NULL ? g_bytes_get_data (before[k], &size) : NULL;
    copies[k] = data != NULL ? g_bytes_new (data, size) : NULL;
  }
  TesseraContents *now = load (f->project, f->contents);
  g_autoptr (TesseraContents) fresh = load (f->project, NULL);
  g_assert_cmpuint (now->n, ==, fresh->n);
  g_assert_cmpuint (now->w_dim, ==, fresh->w_dim);
  g_assert_cmpuint (now->n_embedded, ==, fresh->n_embedded);
  g_assert_cmpstr (now->vectors_id, ==, fresh->vectors_id);
  g_assert_cmpint (now->map_is_stale, ==, fresh->map_is_stale);
  assert_same_columns (now->columns, fresh->columns);
  for (uint32_t i = 0; i < now->n; i++)
    g_assert_cmpstr (tessera_contents_name (now, i), ==, tessera_contents_name (fresh, i));
  for (int k = 0; k < TESSERA_N_PARTS; k++) {
    g_assert_cmpint (now->parts[k] != NULL, ==, fresh->parts[k] != NULL);
    if (now->parts[k] != NULL)
      g_assert_true (g_bytes_equal (now->parts[k], fresh->parts[k]));
    if (copies[k] != NULL)
      g_assert_true (g_bytes_equal (f->contents->parts[k], copies[k]));
    if ((now->parts[k] != before[k]) != ((new_parts >> k) & 1))
      g_error ("the %s are %s", part_names[k], now->parts[k] != before[k] ? "new" : "the former");
    g_clear_pointer (&copies[k], g_bytes_unref);
  }
  g_assert_true (now->names == NULL ||
                 now->names == g_bytes_get_data (now->parts[TESSERA_PART_NAMES], NULL));
  g_assert_true (now->w == NULL ||
                 now->w == g_bytes_get_data (now->parts[TESSERA_PART_VECTORS], NULL));
  g_assert_true (now->map == NULL ||
                 now->map == g_bytes_get_data (now->parts[TESSERA_PART_MAP], NULL));
  return now;
}

/* The same, and it takes the place of what was loaded. */
static void
follow (Fixture *f, guint new_parts)
{
  TesseraContents *now = reload (f, new_parts);
  tessera_contents_unref (f->contents);
  f->contents = now;
}

#define BIT(part) (1u << TESSERA_PART_##part)

static void
test_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (TesseraContents) now = reload (f, 0);
  g_assert_true (now != f->contents);
  g_assert_cmpuint (now->columns->len, ==, 2); /* that of the table and the folders */
  for (guint i = 0; i < now->columns->len; i++)
    g_assert_true (now->columns->pdata[i] == f->contents->columns->pdata[i]);
}

/* ---- what another process writes ---- */

static void
write_map (TsrProject *project, GError **error)
{
  float y[2 * N];
  for (guint i = 0; i < 2 * N; i++)
    y[i] = (float)i;
  tsr_project_put_map (project, y, N, "{}", error);
}

static void
write_vectors (TsrProject *project, GError **error)
{
  float w[N * D];
  for (guint i = 0; i < N * D; i++)
    w[i] = (float)i;
  tsr_project_put_vectors (project, "another", 0, N, D, w, error);
}

/* A single number of the last tile. */
static void
write_a_number (TsrProject *project, GError **error)
{
  float w[D] = {0, 0, 0, 0, 0.25f};
  tsr_project_put_vectors (project, "model", N - 1, 1, D, w, error);
}

static void
write_shorter_vectors (TsrProject *project, GError **error)
{
  float w[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  tsr_project_put_vectors (project, "short", 3, 4, 2, w, error);
}

static void
clear_vectors (TsrProject *project, GError **error)
{
  tsr_project_clear_vectors (project, error);
}

/* The same numbers of a model of another name. */
static void
rename_model (TsrProject *project, GError **error)
{
  tsr_db_exec (project, "UPDATE vector_set SET model = 'renamed'", error);
}

static void
add_tiles (TsrProject *project, GError **error)
{
  g_autofree char *sql =
      g_strdup_printf ("INSERT INTO tile (id, root, path, name, width, height, channels) VALUES"
                       " (%d, 1, CAST ('new/a' AS BLOB), 'new/a', 64, 64, 3),"
                       " (%d, 1, CAST ('new/b' AS BLOB), 'new/b', 64, 64, 3)",
                       N, N + 1);
  tsr_db_exec (project, sql, error);
}

static void
rename_tile (TsrProject *project, GError **error)
{
  tsr_db_exec (project, "UPDATE tile SET name = 'slide_0/tile_X.png' WHERE id = 7", error);
}

static void
give_truth (TsrProject *project, GError **error)
{
  tsr_db_exec (project,
               "INSERT INTO truth (id, name) VALUES (1, 'a'), (2, 'b');"
               "UPDATE tile SET truth = 1 + id % 2",
               error);
}

static void
change_truth (TsrProject *project, GError **error)
{
  tsr_db_exec (project, "UPDATE tile SET truth = 2 WHERE id = 0", error);
}

static void
change_column (TsrProject *project, GError **error)
{
  const char *values[N];
  for (guint i = 0; i < N; i++)
    values[i] = i % 3 ? "left" : i == 600 ? "middle" : "right";
  g_autoptr (GPtrArray) columns = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_column_unref);
  g_ptr_array_add (columns, tsr_column_new ("side", values, N));
  tsr_project_put_columns (project, columns, error);
}

static void
remove_column (TsrProject *project, GError **error)
{
  tsr_project_remove_column (project, "side", NULL, error);
}

typedef struct {
  const char *what;
  void (*write) (TsrProject *project, GError **error);
  guint new_parts;
} Change;

/* In this order, each upon the last. */
static const Change changes[] = {
    {"nothing", NULL, 0},
    {"a map", write_map, BIT (MAP)},
    {"the same map", write_map, 0},
    {"a name of the model", rename_model, 0},
    {"vectors", write_vectors, BIT (VECTORS)},
    {"the same vectors", write_vectors, 0},
    {"a number", write_a_number, BIT (VECTORS)},
    {"a name", rename_tile, BIT (NAMES) | BIT (NAME_PLACES)},
    {"a column", change_column, 0},
    {"one column less", remove_column, 0},
    {"tiles", add_tiles, BIT (NAMES) | BIT (NAME_PLACES) | BIT (VECTORS) | BIT (MAP)},
    {"the truth", give_truth, BIT (TRUTH)},
    {"another truth", change_truth, BIT (TRUTH)},
    {"shorter vectors", write_shorter_vectors, BIT (VECTORS)},
    {"no vectors", clear_vectors, BIT (VECTORS)},
    {"vectors again", write_vectors, BIT (VECTORS)},
};

static void
write_it (const char *path, const Change *change)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  change->write (project, &error);
  g_assert_no_error (error);
}

/* This program, as `test-contents PATH CHANGE`. */
static char *program;

static void
write_elsewhere (const char *path, const Change *change)
{
  g_autofree char *number = g_strdup_printf ("%u", (guint)(change - changes));
  const char *argv[] = {program, path, number, NULL};
  g_autoptr (GError) error = NULL;
  int status = 0;
  g_spawn_sync (NULL, (char **)argv, NULL, 0, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
test_changes (Fixture *f, gconstpointer elsewhere)
{
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_test_message ("%s", changes[i].what);
    if (changes[i].write != NULL && elsewhere)
      write_elsewhere (f->path, &changes[i]);
    else if (changes[i].write != NULL)
      write_it (f->path, &changes[i]);
    follow (f, changes[i].new_parts);
  }
  g_assert_cmpuint (f->contents->n, ==, N + 2);
  g_assert_cmpstr (tessera_contents_name (f->contents, N + 1), ==, "new/b");
  g_assert_true (isnan (f->contents->map[2 * N]));
  g_assert_cmpfloat (f->contents->map[2 * N - 1], ==, 2 * N - 1);
  g_assert_cmpfloat (f->contents->w[N * D - 1], ==, N * D - 1);
  g_assert_true (isnan (f->contents->w[N * D]));
  g_assert_cmpuint (f->contents->n_embedded, ==, N);
  g_assert_cmpstr (f->contents->vectors_id, ==, "another");
  g_assert_cmpint (f->contents->truth[0], ==, 1);
}

/* One column of two has changed: the other one stays. */
static void
test_columns (Fixture *f, gconstpointer data)
{
  write_it (f->path, &(Change){.write = change_column});
  g_autoptr (TesseraContents) now = reload (f, 0);
  g_assert_true (now->columns->pdata[0] != f->contents->columns->pdata[0]);
  g_assert_true (now->columns->pdata[1] == f->contents->columns->pdata[1]); /* the folders */
  g_assert_cmpstr (tsr_column_text (now->columns->pdata[0], 600), ==, "middle");
  g_assert_cmpstr (tsr_column_text (f->contents->columns->pdata[0], 600), ==, "right");
}

/* Tiles of one folder have no column of folders, and get none by being read again; one that is
 * renamed into another brings it. */
static void
test_one_folder (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_db_exec (f->project, "UPDATE tile SET name = 'one/' || id || '.png'", &error));
  for (int k = 0; k < 3; k++) {
    follow (f, k == 0 ? BIT (NAMES) | BIT (NAME_PLACES) : 0);
    g_assert_cmpuint (f->contents->columns->len, ==, 1);
    g_assert_null (f->contents->folders);
  }
  g_assert_true (
      tsr_db_exec (f->project, "UPDATE tile SET name = 'two/7.png' WHERE id = 7", &error));
  g_assert_no_error (error);
  follow (f, BIT (NAMES) | BIT (NAME_PLACES));
  g_assert_cmpuint (f->contents->columns->len, ==, 2);
  g_assert_cmpstr (tsr_column_text (f->contents->folders, 7), ==, "two");
}

/* Where tiles lie on slides. */
static void
test_regions (void)
{
  Fixture f = {.folder = window_fixture_folder ()};
  f.path = window_slides_project (f.folder, "slides", 2);
  g_autoptr (GError) error = NULL;
  f.project = tsr_project_open (f.path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  f.contents = load (f.project, NULL);
  g_assert_nonnull (f.contents->regions);
  follow (&f, 0);
  int64_t y = f.contents->regions[f.contents->n - 1].y;
  TsrProject *other = tsr_project_open (f.path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_true (tsr_db_exec (
      other, "UPDATE tile SET y = y + 1 WHERE id = (SELECT max (id) FROM tile)", &error));
  g_assert_no_error (error);
  tsr_project_close (other);
  follow (&f, BIT (REGIONS));
  g_assert_cmpint (f.contents->regions[f.contents->n - 1].y, ==, y + 1);
  tear_down (&f, NULL);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_has_suffix (argv[1], ".tessera")) {
    write_it (argv[1], &changes[atoi (argv[2])]);
    return 0;
  }
  window_fixture_home ();
  g_test_init (&argc, &argv, NULL);
  program = argv[0];
  g_test_add ("/contents/nothing", Fixture, NULL, set_up, test_nothing, tear_down);
  g_test_add ("/contents/changes", Fixture, NULL, set_up, test_changes, tear_down);
  g_test_add ("/contents/by-another-process", Fixture, GINT_TO_POINTER (1), set_up, test_changes,
              tear_down);
  g_test_add ("/contents/columns", Fixture, NULL, set_up, test_columns, tear_down);
  g_test_add ("/contents/one-folder", Fixture, NULL, set_up, test_one_folder, tear_down);
  g_test_add_func ("/contents/regions", test_regions);
  return g_test_run ();
}
