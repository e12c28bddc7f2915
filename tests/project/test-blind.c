/* A copy for a second reader: everything that is needed to read, nothing that tells what the first
 * one said, not even in bytes that no table uses. */

#include "fixture.h"
#include "tsr-error.h"
#include "tsr-project-blind.h"
#include "tsr-tile-pictures.h"

#include <glib/gstdio.h>
#include <string.h>

#define N 20

/* Labels on 0 ... 11 (11 unsure, 3 excluded), of two classes and one that was merged away. */
static TsrProject *
first_reader (const char *folder)
{
  g_autoptr (GError) error = NULL;
  TsrProject *project = fixture_project (folder, "first.tessera", N, 2);
  int32_t a = tsr_project_add_class (project, "Tumour", 0x123456, NULL),
          b = tsr_project_add_class (project, "Stroma", -1, NULL),
          gone = tsr_project_add_class (project, "Vanished-Class", -1, NULL);
  for (uint32_t tile = 0; tile < 12; tile++) {
    int32_t value = tile == 11 ? TSR_LABEL_UNSURE : tile % 3 == 0 ? a : tile % 3 == 1 ? b : gone;
    g_assert_true (tsr_project_label (project, &tile, &value, 1, true, TSR_HOW_PICKED,
                                      "Adalbertine", NULL, &error));
  }
  uint32_t three = 3;
  g_assert_true (tsr_project_exclude (project, &three, 1, true, "Adalbertine", NULL, &error));
  g_assert_true (tsr_project_merge_class (project, gone, a, "Adalbertine", NULL, &error));
  g_assert_true (tsr_project_set (project, "annotator", "Adalbertine", &error));
  g_assert_true (tsr_project_set (project, "view.truth", "1", &error));
  g_assert_true (tsr_project_set (project, "rule", "w", &error));
  g_autofree float *w = g_new0 (float, N * 4), *y = g_new0 (float, N * 2);
  for (unsigned i = 0; i < N * 2; i++)
    y[i] = (float)i;
  g_assert_true (tsr_project_put_vectors (project, "model", 0, N, 4, w, &error));
  g_assert_true (tsr_project_put_map (project, y, N, "{}", &error));
  g_autofree char *model = g_build_filename (folder, "m.safetensors", NULL);
  g_assert_true (tsr_project_set_model (project, model, &error));
  uint32_t next[] = {15, 16};
  g_assert_true (tsr_project_put_suggestions (project, next, 2, "fps", &error));
  g_assert_no_error (error);
  return project;
}

static TsrProject *
write_copy (TsrProject *project, const char *path, TsrBlindOptions options, gint64 expected)
{
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (tsr_project_write_blind (project, path, &options, NULL, &error), ==, expected);
  g_assert_no_error (error);
  TsrProject *copy = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_assert_true (tsr_project_check (copy, &error));
  g_assert_no_error (error);
  return copy;
}

static void
assert_blank (TsrProject *copy)
{
  int32_t label[N];
  uint8_t excluded[N];
  g_assert_true (tsr_project_labels (copy, label, excluded, NULL));
  for (unsigned i = 0; i < N; i++) {
    g_assert_cmpint (label[i], ==, TSR_LABEL_NONE);
    g_assert_false (excluded[i]);
  }
  g_assert_cmpint (tsr_project_journal_seq (copy), ==, 0);
  g_assert_false (tsr_project_can_undo (copy));
  g_assert_null (tsr_project_get (copy, "annotator"));
  g_assert_null (tsr_project_get (copy, "view.truth"));
  g_autofree char *rule = tsr_project_get (copy, "rule"),
                  *strategy = tsr_project_get (copy, "suggestions.strategy");
  g_assert_cmpstr (rule, ==, "w");
  g_assert_cmpstr (strategy, ==, TSR_SUGGESTED_READING);
}

/* What is to be read is there: pictures in another folder, classes, map, vectors, model. */
static void
assert_readable (TsrProject *project, TsrProject *copy)
{
  g_autoptr (GError) error = NULL;
  g_assert_cmpuint (tsr_project_n_tiles (copy), ==, N);
  g_auto (GStrv) names = tsr_project_tile_names (project), same = tsr_project_tile_names (copy);
  for (uint32_t i = 0; i < N; i++) {
    TsrImage image = {0};
    g_autofree char *path = tsr_project_tile_path (project, i),
                    *there = tsr_project_tile_path (copy, i);
    g_assert_cmpstr (names[i], ==, same[i]);
    g_assert_cmpstr (path, ==, there);
    g_assert_true (tsr_project_thumbnail (copy, i, &image, &error));
    tsr_image_clear (&image);
  }
  g_autoptr (GPtrArray) classes = tsr_project_classes (copy);
  g_assert_cmpuint (classes->len, ==, 2);
  g_assert_cmpstr (((TsrClass *)classes->pdata[0])->name, ==, "Tumour");
  g_assert_cmpuint (((TsrClass *)classes->pdata[0])->rgb, ==, 0x123456);
  g_autofree float *w = NULL, *y = NULL;
  uint32_t d, n;
  g_assert_true (tsr_project_get_vectors (copy, &w, &d, NULL, &error));
  g_assert_true (tsr_project_get_map (copy, &y, &n, NULL, &error));
  g_assert_cmpfloat (y[5], ==, 5);
  g_autofree char *model = tsr_project_get_model (project), *its = tsr_project_get_model (copy);
  g_assert_cmpstr (model, ==, its);
}

/* No byte of the file tells who the first reader was or what left the list. */
static void
assert_no_trace (const char *path)
{
  static const char *const words[] = {"Adalbertine", "Vanished-Class"};
  g_autofree char *bytes = NULL;
  gsize length;
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  for (unsigned i = 0; i < G_N_ELEMENTS (words); i++)
    g_assert_null (memmem (bytes, length, words[i], strlen (words[i])));
}

static void
assert_beside (const char *folder, unsigned files)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  unsigned found = 0;
  while (g_dir_read_name (dir))
    found++;
  g_assert_cmpuint (found, ==, files);
}

static void
test_copy (void)
{
  char *folder = fixture_folder (true);
  TsrProject *project = first_reader (folder);
  g_autofree char *other = g_build_filename (folder, "elsewhere", "deep", NULL),
                  *path = g_build_filename (other, "second.tessera", NULL);
  g_mkdir_with_parents (other, 0700);
  int64_t before = tsr_project_journal_seq (project);
  TsrProject *copy = write_copy (project, path, (TsrBlindOptions){.seed = 7}, 11);
  assert_blank (copy);
  assert_readable (project, copy);
  bool wanted[N] = {false};
  g_autoptr (GArray) reading = tsr_project_get_suggestions (copy);
  g_assert_cmpuint (reading->len, ==, 11);
  unsigned in_order = 0;
  for (guint i = 0; i < reading->len; i++) {
    uint32_t tile = g_array_index (reading, uint32_t, i);
    g_assert_true (tile < 12 && tile != 3 && !wanted[tile]);
    wanted[tile] = true;
    in_order += i > 0 && tile > g_array_index (reading, uint32_t, i - 1);
  }
  g_assert_cmpuint (in_order, <, 10);
  g_assert_cmpint (tsr_project_journal_seq (project), ==, before);
  tsr_project_close (copy);
  assert_no_trace (path);
  assert_beside (other, 1);
  tsr_project_close (project);
  fixture_remove (folder);
}

/* Some of them: which and in what order is the seed's. */
static void
test_draw (void)
{
  char *folder = fixture_folder (true);
  TsrProject *project = first_reader (folder);
  GArray *drawn[3];
  for (unsigned i = 0; i < 3; i++) {
    g_autofree char *name = g_strdup_printf ("copy-%u.tessera", i),
                    *path = g_build_filename (folder, name, NULL);
    TsrProject *copy = write_copy (project, path, (TsrBlindOptions){5, i / 2}, 5);
    drawn[i] = tsr_project_get_suggestions (copy);
    tsr_project_close (copy);
  }
  g_assert_cmpmem (drawn[0]->data, 5 * sizeof (uint32_t), drawn[1]->data, 5 * sizeof (uint32_t));
  g_assert_cmpint (memcmp (drawn[0]->data, drawn[2]->data, 5 * sizeof (uint32_t)), !=, 0);
  for (unsigned i = 0; i < 3; i++)
    g_array_unref (drawn[i]);
  g_autofree char *path = g_build_filename (folder, "many.tessera", NULL);
  tsr_project_close (write_copy (project, path, (TsrBlindOptions){500, 0}, 11));
  tsr_project_close (project);
  fixture_remove (folder);
}

static void
cancel_cb (double fraction, const char *stage, void *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
test_refusals (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = fixture_folder (true);
  TsrProject *project = fixture_project (folder, "first.tessera", 4, 2);
  g_autofree char *path = g_build_filename (folder, "copy.tessera", NULL),
                  *nowhere = g_build_filename (folder, "no", "copy.tessera", NULL);
  TsrBlindOptions options = {0};
  g_assert_cmpint (tsr_project_write_blind (project, path, &options, NULL, &error), ==, -1);
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_FAILED);
  uint32_t tile = 2;
  int32_t a = tsr_project_add_class (project, "A", -1, NULL);
  g_assert_true (
      tsr_project_label (project, &tile, &a, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error));
  g_assert_cmpint (
      tsr_project_write_blind (project, tsr_project_path (project), &options, NULL, &error), ==,
      -1);
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_PROJECT);
  g_assert_cmpint (tsr_project_write_blind (project, nowhere, &options, NULL, &error), ==, -1);
  fixture_assert_sentence (&error);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TsrProgress progress = {cancel_cb, cancellable, cancellable};
  g_assert_cmpint (tsr_project_write_blind (project, path, &options, &progress, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  /* nothing half-made is left, and the project works on */
  g_assert_true (tsr_project_undo (project, "Ada", NULL, NULL, &error));
  tsr_project_close (project);
  assert_beside (folder, 2); /* the project, its tiles */
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/blind/copy", test_copy);
  g_test_add_func ("/blind/draw", test_draw);
  g_test_add_func ("/blind/refusals", test_refusals);
  return g_test_run ();
}
