/* Going back: to any moment of the journal, over acts of several entries, and without limit. */

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

/* All that a moment is: labels with when they were given, exclusions, the classes of the list. */
typedef struct {
  int64_t seq;
  int32_t label[SCRIPT_MAX_TILES];
  uint8_t excluded[SCRIPT_MAX_TILES];
  gint64 given[SCRIPT_MAX_TILES];
  int32_t classes[SCRIPT_MAX_CLASSES];
  guint n_classes;
} Moment;

static int
compare_ids (const void *a, const void *b)
{
  return *(const int32_t *)a - *(const int32_t *)b;
}

static Moment
moment_of (TsrProject *project)
{
  Moment moment = {.seq = tsr_project_journal_seq (project)};
  uint32_t n = tsr_project_n_tiles (project);
  g_assert_true (tsr_project_labels (project, moment.label, moment.excluded, NULL));
  for (uint32_t i = 0; i < n; i++)
    tsr_project_label_origin (project, i, NULL, &moment.given[i], NULL);
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  g_assert_cmpuint (classes->len, <=, SCRIPT_MAX_CLASSES);
  for (guint i = 0; i < classes->len; i++)
    moment.classes[moment.n_classes++] = ((TsrClass *)classes->pdata[i])->id;
  qsort (moment.classes, moment.n_classes, sizeof *moment.classes, compare_ids);
  return moment;
}

/* Classes that joined later stay: they are not in the journal. */
static void
assert_moment (TsrProject *project, const Moment *expected, bool with_classes)
{
  Moment found = moment_of (project);
  g_assert_cmpmem (found.label, sizeof found.label, expected->label, sizeof expected->label);
  g_assert_cmpmem (found.excluded, sizeof found.excluded, expected->excluded,
                   sizeof expected->excluded);
  g_assert_cmpmem (found.given, sizeof found.given, expected->given, sizeof expected->given);
  for (guint i = 0; i < expected->n_classes; i++)
    g_assert_nonnull (bsearch (&expected->classes[i], found.classes, found.n_classes,
                               sizeof *found.classes, compare_ids));
  if (with_classes)
    g_assert_cmpuint (found.n_classes, ==, expected->n_classes);
}

static GArray *
play_moments (TsrProject *project, uint32_t n, uint64_t seed, unsigned length)
{
  GArray *moments = g_array_new (FALSE, FALSE, sizeof (Moment));
  g_autoptr (GError) error = NULL;
  Script script;
  script_init (&script, n, seed);
  for (unsigned i = 0; i < length; i++) {
    ScriptOperation operation;
    script_next (&script, &operation);
    g_assert_true (script_run (&operation, project, &script, &error));
    script_apply (&script, &operation);
    Moment moment = moment_of (project);
    g_array_append_val (moments, moment);
  }
  script_clear (&script);
  return moments;
}

/* A project played at random, taken to every moment in turn, there and back and there again. */
static void
test_revert (void)
{
  unsigned led = 0;
  for (uint64_t seed = 0; seed < 6; seed++) {
    char *folder = fixture_folder (true);
    g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
    g_autoptr (GError) error = NULL;
    fixture_bare_project (path, 12);
    TsrProject *project = open_project (path);
    g_autoptr (GArray) moments = play_moments (project, 12, seed, 80);
    for (guint k = 0; k < moments->len; k++) {
      const Moment *to = &g_array_index (moments, Moment, (k * 37 + 11) % moments->len);
      Moment before = moment_of (project);
      g_autoptr (GArray) changes = NULL;
      g_assert_true (tsr_project_revert (project, to->seq, "Eve", NULL, &changes, &error));
      assert_moment (project, to, false);
      Moment there = moment_of (project);
      if (there.seq > before.seq) {
        led++;
        g_assert_cmpint (there.seq, ==, before.seq + 1);
        g_assert_true (tsr_project_undo (project, "Eve", NULL, NULL, &error));
        assert_moment (project, &before, true);
        g_assert_true (tsr_project_redo (project, "Eve", NULL, NULL, &error));
        assert_moment (project, &there, true);
      }
      for (guint i = 0; i < changes->len; i++) {
        const TsrLabelChange *c = &g_array_index (changes, TsrLabelChange, i);
        g_assert_cmpint (c->before, ==, before.label[c->tile]);
        g_assert_cmpint (c->after, ==, to->label[c->tile]);
      }
      if (k % 8 == 0)
        g_assert_true (tsr_project_check (project, &error));
    }
    g_assert_true (tsr_project_check (project, &error));
    tsr_project_close (project);
    fixture_remove (folder);
  }
  g_assert_cmpuint (led, >, 300);
}

/* Several entries, one act: on disk together, undone and redone together. */
static void
test_act (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = fixture_folder (true);
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
  fixture_bare_project (path, 6);
  TsrProject *project = open_project (path), *other = open_project (path);
  int32_t a = tsr_project_add_class (project, "A", -1, &error), none = TSR_LABEL_NONE;
  uint32_t tiles[] = {1, 2, 3}, zero = 0;
  g_assert_true (
      tsr_project_label (project, tiles, &a, 2, true, TSR_HOW_PICKED, "Ada", NULL, NULL));
  Moment before = moment_of (project);

  g_assert_true (tsr_project_begin_act (project, &error));
  int32_t b = tsr_project_add_class (project, "B", -1, &error);
  g_assert_true (
      tsr_project_label (project, tiles, &b, 3, true, TSR_HOW_IMPORTED, "Ben", NULL, NULL));
  g_assert_true (
      tsr_project_label (project, tiles, &none, 2, true, TSR_HOW_CLEARED, "Ada", NULL, NULL));
  g_assert_true (tsr_project_exclude (project, &zero, 1, true, "Ada", NULL, NULL));
  g_assert_cmpint (tsr_project_journal_seq (other), ==, before.seq); /* nothing of it to be seen */
  g_assert_true (tsr_project_end_act (project, true, &error));
  g_assert_no_error (error);
  g_assert_cmpint (tsr_project_journal_seq (other), ==, before.seq + 3);
  Moment after = moment_of (project);
  g_assert_cmpint (after.label[1], ==, TSR_LABEL_NONE);
  g_assert_cmpint (after.label[3], ==, b);

  for (unsigned i = 0; i < 3; i++) {
    g_autoptr (GArray) changes = NULL;
    g_autofree char *description = NULL;
    g_assert_true (tsr_project_undo (project, "Ada", &changes, &description, &error));
    assert_moment (project, &before, false);
    g_assert_cmpuint (changes->len, ==, 4);
    g_assert_nonnull (description);
    for (guint k = 0; k < changes->len; k++)
      g_assert_cmpuint (g_array_index (changes, TsrLabelChange, k).tile, ==, k);
    g_assert_cmpint (g_array_index (changes, TsrLabelChange, 1).after, ==, a);
    g_assert_true (tsr_project_redo (other, "Ada", NULL, NULL, &error));
    assert_moment (project, &after, true);
  }
  g_assert_true (tsr_project_check (project, &error));

  /* what fails takes all of it along */
  g_assert_true (tsr_project_begin_act (project, &error));
  g_assert_true (
      tsr_project_label (project, tiles, &a, 3, true, TSR_HOW_IMPORTED, "Ben", NULL, NULL));
  int32_t gone = 77;
  g_assert_false (
      tsr_project_label (project, tiles, &gone, 1, true, TSR_HOW_IMPORTED, "Ben", NULL, NULL));
  g_assert_false (tsr_project_end_act (project, true, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_FAILED);
  assert_moment (project, &after, true);
  g_assert_true (
      tsr_project_label (project, &zero, &a, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error));
  g_assert_true (tsr_project_undo (project, "Ada", NULL, NULL, &error)); /* that one alone */
  assert_moment (project, &after, true);
  tsr_project_close (other);
  tsr_project_close (project);
  fixture_remove (folder);
}

/* Undo and redo go to the very beginning and back however long it is, across restarts. */
static void
test_limitless (void)
{
  enum { ENTRIES = 3000, TILES = 40 };
  g_autoptr (GError) error = NULL;
  char *folder = fixture_folder (true);
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
  fixture_bare_project (path, TILES);
  TsrProject *project = open_project (path);
  int32_t classes[3], label[TILES], expected[TILES];
  for (unsigned i = 0; i < 3; i++) {
    const char *names[] = {"A", "B", "C"};
    classes[i] = tsr_project_add_class (project, names[i], -1, &error);
  }
  for (uint32_t i = 0; i < ENTRIES; i++) {
    uint32_t tile = i * 7 % TILES;
    g_assert_true (tsr_project_label (project, &tile, &classes[i / TILES % 3], 1, true,
                                      TSR_HOW_SUGGESTED, "Ada", NULL, NULL));
  }
  g_assert_true (tsr_project_labels (project, expected, NULL, NULL));
  for (uint32_t i = 0; i < 2 * ENTRIES; i++) {
    if (i % 700 == 0) {
      tsr_project_close (project);
      project = open_project (path);
    }
    bool back = i < ENTRIES;
    g_assert_true (back ? tsr_project_can_undo (project) : tsr_project_can_redo (project));
    g_assert_true (back ? tsr_project_undo (project, "Ada", NULL, NULL, &error)
                        : tsr_project_redo (project, "Ada", NULL, NULL, &error));
    if (i + 1 == ENTRIES) {
      g_assert_false (tsr_project_can_undo (project));
      g_assert_true (tsr_project_labels (project, label, NULL, NULL));
      for (unsigned t = 0; t < TILES; t++)
        g_assert_cmpint (label[t], ==, TSR_LABEL_NONE);
    }
  }
  g_assert_false (tsr_project_can_redo (project));
  g_assert_true (tsr_project_labels (project, label, NULL, NULL));
  g_assert_cmpmem (label, sizeof label, expected, sizeof expected);
  tsr_project_close (project);
  fixture_remove (folder);
}

/* Everything, nothing, and what there is not. */
static void
test_revert_ends (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = fixture_folder (true);
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
  fixture_bare_project (path, 4);
  TsrProject *project = open_project (path);
  int32_t id = tsr_project_add_class (project, "Tumour", -1, &error);
  uint32_t undone = 9;
  g_assert_true (tsr_project_revert (project, 0, "Eve", &undone, NULL, &error));
  g_assert_cmpuint (undone, ==, 0);
  for (uint32_t tile = 0; tile < 3; tile++)
    g_assert_true (
        tsr_project_label (project, &tile, &id, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error));
  g_assert_false (tsr_project_revert (project, 4, "Eve", NULL, NULL, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_FAILED);
  g_assert_false (tsr_project_revert (project, -1, "Eve", NULL, NULL, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_FAILED);
  g_assert_true (tsr_project_revert (project, 3, "Eve", &undone, NULL, &error));
  g_assert_cmpuint (undone, ==, 0);
  g_assert_true (tsr_project_revert (project, 1, "Eve", &undone, NULL, &error));
  g_assert_cmpuint (undone, ==, 2);
  g_assert_cmpint (tsr_project_journal_seq (project), ==, 4);
  g_assert_true (tsr_project_revert (project, 0, "Eve", &undone, NULL, &error));
  g_assert_cmpuint (undone, ==, 4); /* going back is one in effect, too */
  Moment now = moment_of (project);
  for (uint32_t tile = 0; tile < 4; tile++)
    g_assert_cmpint (now.label[tile], ==, TSR_LABEL_NONE);
  g_assert_true (tsr_project_check (project, &error));
  tsr_project_close (project);
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal/revert", test_revert);
  g_test_add_func ("/journal/revert-ends", test_revert_ends);
  g_test_add_func ("/journal/act", test_act);
  g_test_add_func ("/journal/limitless", test_limitless);
  return g_test_run ();
}
