/* Labels: the script against its model, across reopening and two handles; then each promise of the
 * header by itself. */

#include "fixture.h"
#include "label-script.h"
#include "tsr-error.h"

#include <glib/gstdio.h>

#include <stdlib.h>
#include <string.h>

static TsrProject *
open_project (const char *path)
{
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  return project;
}

static void
assert_equal (const Script *script, TsrProject *project, uint32_t entries)
{
  g_autofree char *difference = script_difference (script, project, entries);
  g_assert_cmpstr (difference, ==, NULL);
}

static void
play (uint64_t seed, unsigned operations)
{
  char *folder = fixture_folder (true);
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
  uint32_t n = 1 + (uint32_t)(seed * 13 % SCRIPT_MAX_TILES);
  fixture_bare_project (path, n);
  Script script;
  script_init (&script, n, seed);
  TsrProject *project = open_project (path), *other = open_project (path);
  g_autoptr (GError) error = NULL;
  for (unsigned i = 0; i < operations; i++) {
    ScriptOperation operation;
    script_next (&script, &operation);
    script_run (&operation, project, &script, &error);
    g_assert_no_error (error);
    script_apply (&script, &operation);
    assert_equal (&script, other, 4);
    if (i % 97 == 50) { /* a restart: undo and redo go on where they were */
      tsr_project_close (project);
      project = open_project (path);
    }
    if (i % 31 == 7) { /* the two handles take turns */
      TsrProject *swap = project;
      project = other, other = swap;
    }
  }
  assert_equal (&script, project, G_MAXUINT32);
  tsr_project_check (project, &error);
  g_assert_no_error (error);
  tsr_project_close (project);
  tsr_project_close (other);
  script_clear (&script);
  fixture_remove (folder);
}

static void
test_model (void)
{
  for (uint64_t seed = 0; seed < 12; seed++)
    play (seed, 400);
}

/* ---- single promises ---- */

typedef struct {
  char *folder;
  TsrProject *project;
  int32_t tumour, stroma, fat;
} Bench;

static void
bench_open (Bench *bench, unsigned n)
{
  g_autoptr (GError) error = NULL;
  bench->folder = fixture_folder (true);
  g_autofree char *path = g_build_filename (bench->folder, "p.tessera", NULL);
  fixture_bare_project (path, n);
  bench->project = open_project (path);
  bench->tumour = tsr_project_add_class (bench->project, "Tumour", -1, &error);
  bench->stroma = tsr_project_add_class (bench->project, "Stroma", -1, &error);
  bench->fat = tsr_project_add_class (bench->project, "Fat", -1, &error);
  g_assert_no_error (error);
}

static void
bench_close (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  tsr_project_check (bench->project, &error);
  g_assert_no_error (error);
  tsr_project_close (bench->project);
  fixture_remove (bench->folder);
}

static void
label_one (Bench *bench, uint32_t tile, int32_t value, TsrHow how, const char *annotator)
{
  g_autoptr (GError) error = NULL;
  tsr_project_label (bench->project, &tile, &value, 1, true, how, annotator, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_origin (Bench *bench, uint32_t tile, const char *annotator, TsrHow how)
{
  g_autofree char *who = NULL;
  gint64 when;
  TsrHow stored;
  bool has = tsr_project_label_origin (bench->project, tile, &who, &when, &stored);
  g_assert_cmpint (has, ==, annotator != NULL);
  if (!has)
    return;
  g_assert_cmpstr (who, ==, annotator);
  g_assert_cmpint (stored, ==, how);
  g_assert_cmpint (ABS (when - g_get_real_time ()), <, 60 * G_USEC_PER_SEC);
}

/* The origins of all tiles at once are those that each gives alone. */
static void
assert_origins (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  uint32_t n = tsr_project_n_tiles (bench->project);
  g_autofree int32_t *by = g_new (int32_t, n);
  g_autofree uint8_t *how = g_new (uint8_t, n);
  g_auto (GStrv) names = tsr_project_label_origins (bench->project, by, how, &error);
  g_assert_no_error (error);
  for (guint i = 0; i + 1 < g_strv_length (names); i++)
    g_assert_cmpstr (names[i], <, names[i + 1]);
  for (guint i = 0; names[i] != NULL; i++) {
    bool used = false;
    for (uint32_t tile = 0; tile < n; tile++)
      used |= by[tile] == (int32_t)i;
    g_assert_true (used);
  }
  for (uint32_t tile = 0; tile < n; tile++)
    assert_origin (bench, tile, by[tile] < 0 ? NULL : names[by[tile]], (TsrHow)how[tile]);
}

static void
undo (Bench *bench, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *description = NULL;
  tsr_project_undo (bench->project, "Eve", NULL, &description, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (description, ==, expected);
}

static void
redo (Bench *bench, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *description = NULL;
  tsr_project_redo (bench->project, "Eve", NULL, &description, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (description, ==, expected);
}

/* Who labelled a tile is who did so in the state shown now, whatever was undone since. */
static void
test_origin (void)
{
  Bench bench;
  bench_open (&bench, 10);
  assert_origin (&bench, 3, NULL, 0);
  assert_origins (&bench);
  label_one (&bench, 3, bench.tumour, TSR_HOW_SUGGESTED, "Ada");
  assert_origin (&bench, 3, "Ada", TSR_HOW_SUGGESTED);
  label_one (&bench, 3, bench.tumour, TSR_HOW_LASSO, "Grace"); /* a confirmation */
  assert_origin (&bench, 3, "Grace", TSR_HOW_LASSO);
  undo (&bench, "Tumour on 1 tile");
  assert_origins (&bench);
  assert_origin (&bench, 3, "Ada", TSR_HOW_SUGGESTED);
  redo (&bench, "Tumour on 1 tile");
  assert_origin (&bench, 3, "Grace", TSR_HOW_LASSO);
  g_autoptr (GError) error = NULL;
  tsr_project_merge_class (bench.project, bench.tumour, bench.fat, "Eve", NULL, &error);
  g_assert_no_error (error);
  assert_origins (&bench);
  assert_origin (&bench, 3, "Grace", TSR_HOW_LASSO); /* a merge is no new look at the tile */
  label_one (&bench, 3, TSR_LABEL_NONE, TSR_HOW_CLEARED, "Ada");
  assert_origin (&bench, 3, NULL, 0);
  undo (&bench, "clearing of 1 tile");
  assert_origin (&bench, 3, "Grace", TSR_HOW_LASSO);
  assert_origins (&bench);
  assert_origin (&bench, 99, NULL, 0);
  bench_close (&bench);
}

static void
test_descriptions (void)
{
  Bench bench;
  bench_open (&bench, 10);
  g_autoptr (GError) error = NULL;
  uint32_t tiles[] = {1, 2, 3};
  int32_t values[] = {bench.tumour, bench.stroma, TSR_LABEL_UNSURE}, unsure = TSR_LABEL_UNSURE;
  tsr_project_label (bench.project, tiles, values, 3, false, TSR_HOW_IMPORTED, "Ada", NULL, &error);
  tsr_project_label (bench.project, tiles, &unsure, 2, true, TSR_HOW_PICKED, "Ada", NULL, &error);
  tsr_project_exclude (bench.project, tiles, 3, true, "Ada", NULL, &error);
  tsr_project_exclude (bench.project, tiles, 1, false, "Ada", NULL, &error);
  tsr_project_remove_class (bench.project, bench.fat, "Ada", NULL, &error);
  tsr_project_merge_class (bench.project, bench.tumour, bench.stroma, "Ada", NULL, &error);
  g_assert_no_error (error);
  undo (&bench, "merge of classes Tumour → Stroma");
  undo (&bench, "removal of class Fat");
  undo (&bench, "readmission of 1 tile");
  undo (&bench, "exclusion of 3 tiles");
  undo (&bench, "“unsure” on 2 tiles");
  undo (&bench, "labels of 3 tiles");
  undo (&bench, NULL);
  redo (&bench, "labels of 3 tiles");
  g_autoptr (GPtrArray) journal = tsr_project_journal (bench.project, 100);
  const TsrJournalEntry *newest = journal->pdata[0], *oldest = journal->pdata[journal->len - 1];
  g_assert_cmpuint (journal->len, ==, 13);
  g_assert_cmpstr (newest->action, ==, "redo");
  g_assert_cmpstr (newest->detail, ==, "#1 label *");
  g_assert_cmpstr (newest->annotator, ==, "Eve");
  g_assert_cmpstr (oldest->action, ==, "label");
  g_assert_cmpint (oldest->how, ==, TSR_HOW_IMPORTED);
  g_assert_cmpuint (oldest->count, ==, 3);
  bench_close (&bench);
}

static void
test_refusals (void)
{
  Bench bench;
  bench_open (&bench, 10);
  g_autoptr (GError) error = NULL;
  GArray *changes = (GArray *)1;
  uint32_t tiles[] = {1, 10};
  int32_t good = bench.tumour, bad[] = {99, 0, -3, G_MAXINT32, G_MININT32};
  g_assert_false (tsr_project_label (bench.project, tiles, &good, 2, true, TSR_HOW_LASSO, "Ada",
                                     &changes, &error));
  g_assert_null (changes);
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_false (tsr_project_label (bench.project, tiles, &bad[i], 1, true, TSR_HOW_LASSO, "Ada",
                                       NULL, &error));
    g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  }
  g_assert_false (tsr_project_exclude (bench.project, tiles, 2, true, "Ada", NULL, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  g_assert_false (tsr_project_merge_class (bench.project, good, good, "Ada", NULL, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  g_assert_false (tsr_project_merge_class (bench.project, good, 77, "Ada", NULL, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  g_assert_false (tsr_project_remove_class (bench.project, 77, "Ada", NULL, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  g_assert_true (tsr_project_remove_class (bench.project, bench.fat, "Ada", NULL, &error));
  g_assert_false (tsr_project_label (bench.project, tiles, &bench.fat, 1, true, TSR_HOW_LASSO,
                                     "Ada", NULL, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  g_assert_cmpint (tsr_project_journal_seq (bench.project), ==, 1); /* refusals leave no trace */
  bench_close (&bench);
}

static void
test_nothing_to_do (void)
{
  Bench bench;
  bench_open (&bench, 10);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) changes = NULL;
  uint32_t tile = 4;
  int32_t none = TSR_LABEL_NONE;
  g_assert_true (tsr_project_label (bench.project, &tile, &none, 1, true, TSR_HOW_CLEARED, "Ada",
                                    &changes, &error));
  g_assert_cmpuint (changes->len, ==, 0);
  g_clear_pointer (&changes, g_array_unref);
  g_assert_true (tsr_project_label (bench.project, NULL, &none, 0, true, TSR_HOW_LASSO, "Ada",
                                    &changes, &error));
  g_assert_cmpuint (changes->len, ==, 0);
  g_clear_pointer (&changes, g_array_unref);
  g_assert_true (tsr_project_exclude (bench.project, &tile, 1, false, "Ada", NULL, &error));
  g_assert_true (tsr_project_undo (bench.project, "Ada", &changes, NULL, &error));
  g_assert_cmpuint (changes->len, ==, 0);
  g_assert_true (tsr_project_redo (bench.project, "Ada", NULL, NULL, &error));
  g_assert_cmpint (tsr_project_journal_seq (bench.project), ==, 0);
  bench_close (&bench);
}

/* A class comes back although its name and key have been given away meanwhile. */
static void
test_class_returns (void)
{
  Bench bench;
  bench_open (&bench, 10);
  g_autoptr (GError) error = NULL;
  label_one (&bench, 2, bench.stroma, TSR_HOW_PICKED, "Ada");
  tsr_project_remove_class (bench.project, bench.stroma, "Ada", NULL, &error);
  int32_t other = tsr_project_add_class (bench.project, " Stroma ", -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (other, ==, 4); /* the number is not used again */
  undo (&bench, "removal of class Stroma");
  g_autoptr (GPtrArray) classes = tsr_project_classes (bench.project);
  g_assert_cmpuint (classes->len, ==, 4);
  const TsrClass *back = classes->pdata[1], *taken = classes->pdata[3];
  g_assert_cmpint (back->id, ==, bench.stroma);
  g_assert_cmpstr (back->name, ==, "Stroma (2)");
  g_assert_cmpint (back->key, ==, 0);
  g_assert_cmpstr (taken->name, ==, "Stroma");
  g_assert_cmpint (taken->key, ==, '2');
  int32_t label[10];
  tsr_project_labels (bench.project, label, NULL, &error);
  g_assert_cmpint (label[2], ==, bench.stroma);
  redo (&bench, "removal of class Stroma");
  bench_close (&bench);
}

static void
test_bulk (void)
{
  enum { N = 20000 };
  Bench bench;
  bench_open (&bench, N);
  g_autoptr (GError) error = NULL;
  g_autofree uint32_t *tiles = g_new (uint32_t, N);
  g_autofree int32_t *label = g_new (int32_t, N);
  for (uint32_t i = 0; i < N; i++)
    tiles[i] = (i * 7919) % N; /* not in order */
  g_autoptr (GArray) changes = NULL;
  tsr_project_label (bench.project, tiles, &bench.fat, N, true, TSR_HOW_LASSO, "Ada", &changes,
                     &error);
  g_assert_no_error (error);
  g_assert_cmpuint (changes->len, ==, N);
  g_assert_cmpint (tsr_project_journal_seq (bench.project), ==, 1);
  g_autoptr (GArray) again = tsr_project_journal_changes (bench.project, 1);
  g_assert_cmpmem (again->data, again->len * sizeof (TsrLabelChange), changes->data,
                   changes->len * sizeof (TsrLabelChange));
  undo (&bench, "Fat on 20000 tiles");
  tsr_project_labels (bench.project, label, NULL, &error);
  for (uint32_t i = 0; i < N; i++)
    g_assert_cmpint (label[i], ==, TSR_LABEL_NONE);
  g_autoptr (GArray) back = tsr_project_journal_changes (bench.project, 2);
  g_assert_cmpuint (back->len, ==, N);
  g_assert_cmpint (g_array_index (back, TsrLabelChange, 5).before, ==, bench.fat);
  g_assert_cmpint (g_array_index (back, TsrLabelChange, 5).after, ==, TSR_LABEL_NONE);
  redo (&bench, "Fat on 20000 tiles");
  tsr_project_labels (bench.project, label, NULL, &error);
  for (uint32_t i = 0; i < N; i++)
    g_assert_cmpint (label[i], ==, bench.fat);
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal/model", test_model);
  g_test_add_func ("/journal/origin", test_origin);
  g_test_add_func ("/journal/descriptions", test_descriptions);
  g_test_add_func ("/journal/refusals", test_refusals);
  g_test_add_func ("/journal/nothing-to-do", test_nothing_to_do);
  g_test_add_func ("/journal/class-returns", test_class_returns);
  g_test_add_func ("/journal/bulk", test_bulk);
  return g_test_run ();
}
