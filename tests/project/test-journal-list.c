/* The journal as a list: which entries pass a filter, against a plain walk over all of them, what
 * is said of each, and what two readers said of a tile. */

#include "fixture.h"
#include "label-script.h"
#include "tsr-dispute.h"
#include "tsr-error.h"
#include "tsr-journal-list.h"

#include <string.h>

typedef struct {
  FixtureBench bench;
  int32_t a, b;
} Bench;

static void
label (TsrProject *project, uint32_t tile, int32_t value, TsrHow how, const char *who)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_project_label (project, &tile, &value, 1, true, how, who, NULL, &error));
  g_assert_no_error (error);
}

/* 1 Ada suggested A #0; 2 Ben picked B #1; 3 Ada lasso A #2 #3; 4 Ada unsure #4; 5 Ben clears #1;
 * 6 Ada excludes #5; 7 Ben undoes 6; 8 class B merged into A by Ada; 9 back to 2 by Ben. */
static void
fill (Bench *bench, gconstpointer unused)
{
  fixture_bench_open (&bench->bench, GUINT_TO_POINTER (8));
  TsrProject *project = bench->bench.project;
  bench->a = tsr_project_add_class (project, "Über-Tumour", -1, NULL);
  bench->b = tsr_project_add_class (project, "Stroma", -1, NULL);
  uint32_t two[] = {2, 3}, five = 5;
  label (project, 0, bench->a, TSR_HOW_SUGGESTED, "Ada");
  label (project, 1, bench->b, TSR_HOW_PICKED, "Ben");
  g_assert_true (
      tsr_project_label (project, two, &bench->a, 2, true, TSR_HOW_LASSO, "Ada", NULL, NULL));
  label (project, 4, TSR_LABEL_UNSURE, TSR_HOW_PICKED, "Ada");
  label (project, 1, TSR_LABEL_NONE, TSR_HOW_CLEARED, "Ben");
  g_assert_true (tsr_project_exclude (project, &five, 1, true, "Ada", NULL, NULL));
  g_assert_true (tsr_project_undo (project, "Ben", NULL, NULL, NULL));
  g_assert_true (tsr_project_merge_class (project, bench->b, bench->a, "Ada", NULL, NULL));
  g_assert_true (tsr_project_revert (project, 2, "Ben", NULL, NULL, NULL));
}

static void
empty (Bench *bench, gconstpointer unused)
{
  fixture_bench_close (&bench->bench, NULL);
}

static char *
found (Bench *bench, TsrJournalFilter filter)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) seqs = tsr_project_journal_find (bench->bench.project, &filter, &error);
  g_assert_no_error (error);
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < seqs->len; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i ? " " : "",
                            g_array_index (seqs, int64_t, i));
  return g_string_free (text, FALSE);
}

#define ASSERT_FOUND(expected, ...)                                                                \
  do {                                                                                             \
    g_autofree char *numbers_ = found (bench, (TsrJournalFilter){__VA_ARGS__});                    \
    g_assert_cmpstr (numbers_, ==, expected);                                                      \
  } while (0)

static void
test_find (Bench *bench, gconstpointer unused)
{
  ASSERT_FOUND ("9 8 7 6 5 4 3 2 1", NULL);
  ASSERT_FOUND ("8 6 4 3 1", .annotator = "Ada");
  ASSERT_FOUND ("", .annotator = "Eve");
  ASSERT_FOUND ("1", .kind = TSR_JOURNAL_SUGGESTED);
  ASSERT_FOUND ("4 2", .kind = TSR_JOURNAL_PICKED);
  ASSERT_FOUND ("3", .kind = TSR_JOURNAL_LASSO);
  ASSERT_FOUND ("5", .kind = TSR_JOURNAL_CLEARED);
  ASSERT_FOUND ("6", .kind = TSR_JOURNAL_EXCLUDED);
  ASSERT_FOUND ("8", .kind = TSR_JOURNAL_CLASSES);
  ASSERT_FOUND ("9 7", .kind = TSR_JOURNAL_UNDONE);
  ASSERT_FOUND ("", .kind = TSR_JOURNAL_CONSENSUS);
  ASSERT_FOUND ("", .kind = TSR_JOURNAL_CHECK);
  ASSERT_FOUND ("4", .kind = TSR_JOURNAL_PICKED, .annotator = "Ada");
  ASSERT_FOUND ("9 8 5 2", .class_id = bench->b);
  ASSERT_FOUND ("9 5 2", .text = "#1");
  ASSERT_FOUND ("7 6", .text = " #5 ");
  ASSERT_FOUND ("", .text = "#77");
  ASSERT_FOUND ("8 3 1", .text = "üBER-t");
  ASSERT_FOUND ("8 2", .text = "stroma");
  ASSERT_FOUND ("9 7 5 2", .text = "BEN");
}

static void
test_lines (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  int64_t seqs[] = {9, 7, 3, 4, 8, 1, 99};
  g_autoptr (GPtrArray) lines =
      tsr_project_journal_lines (bench->bench.project, seqs, G_N_ELEMENTS (seqs), &error);
  g_assert_no_error (error);
  const TsrJournalLine *back = lines->pdata[0], *undo = lines->pdata[1], *lasso = lines->pdata[2],
                       *unsure = lines->pdata[3], *merge = lines->pdata[4];
  g_assert_cmpstr (back->action, ==, "revert");
  g_assert_cmpint (back->moment, ==, 2);
  g_assert_cmpuint (back->count, ==, 4);
  g_assert_cmpuint (back->tile, ==, 1);
  g_assert_cmpstr (undo->action, ==, "undo");
  g_assert_cmpstr (undo->deed, ==, "exclude");
  g_assert_cmpstr (undo->annotator, ==, "Ben");
  g_assert_cmpuint (undo->tile, ==, 5);
  g_assert_cmpint (lasso->class_id, ==, bench->a);
  g_assert_cmpuint (lasso->count, ==, 2);
  g_assert_cmpuint (lasso->tile, ==, 2);
  g_assert_cmpint (lasso->how, ==, TSR_HOW_LASSO);
  g_assert_cmpstr (lasso->detail, ==, "Über-Tumour");
  g_assert_cmpint (unsure->class_id, ==, TSR_LABEL_UNSURE);
  g_assert_cmpuint (merge->count, ==, 0);
  g_assert_cmpuint (merge->tile, ==, UINT32_MAX);
  g_assert_cmpint (merge->class_id, ==, bench->b);
  g_assert_null (lines->pdata[6]);
  g_auto (GStrv) names = tsr_project_journal_annotators (bench->bench.project, &error);
  g_autofree char *joined = g_strjoinv (",", names);
  g_assert_cmpstr (joined, ==, "Ada,Ben");
}

/* A long journal played at random: all numbers there, every line's words those of the plain list.
 */
static void
test_all (void)
{
  FixtureBench bench = {NULL};
  g_autoptr (GError) error = NULL;
  fixture_bench_open (&bench, GUINT_TO_POINTER (30));
  Script script;
  script_init (&script, 30, 5);
  for (unsigned i = 0; i < 500; i++) {
    ScriptOperation operation;
    script_next (&script, &operation);
    g_assert_true (script_run (&operation, bench.project, NULL, &error));
    script_apply (&script, &operation);
  }
  script_clear (&script);
  g_autoptr (GPtrArray) plain = tsr_project_journal (bench.project, G_MAXUINT32);
  g_autoptr (GArray) seqs = tsr_project_journal_find (bench.project, NULL, &error);
  g_assert_cmpuint (seqs->len, ==, plain->len);
  g_autoptr (GPtrArray) lines =
      tsr_project_journal_lines (bench.project, (int64_t *)seqs->data, seqs->len, &error);
  for (guint i = 0; i < plain->len; i++) {
    const TsrJournalEntry *entry = plain->pdata[i];
    const TsrJournalLine *line = lines->pdata[i];
    g_autoptr (GArray) changes = tsr_project_journal_changes (bench.project, entry->seq);
    g_assert_cmpint (line->seq, ==, entry->seq);
    g_assert_cmpint (line->unix_us, ==, entry->unix_us);
    g_assert_cmpstr (line->action, ==, entry->action);
    g_assert_cmpuint (line->count, ==, changes->len);
    g_assert_cmpuint (line->tile, ==,
                      changes->len ? g_array_index (changes, TsrLabelChange, 0).tile : UINT32_MAX);
  }
  fixture_bench_close (&bench, NULL);
}

static void
test_nothing (void)
{
  FixtureBench bench = {NULL};
  g_autoptr (GError) error = NULL;
  fixture_bench_open (&bench, GUINT_TO_POINTER (1));
  g_autoptr (GArray) seqs = tsr_project_journal_find (bench.project, NULL, &error);
  g_assert_cmpuint (seqs->len, ==, 0);
  g_autoptr (GPtrArray) lines = tsr_project_journal_lines (bench.project, NULL, 0, &error);
  g_assert_cmpuint (lines->len, ==, 0);
  g_assert_false (tsr_project_dispute (bench.project, 0, NULL));
  g_assert_false (tsr_project_dispute (bench.project, 12, NULL));
  fixture_bench_close (&bench, NULL);
}

/* ---- what two readers said ---- */

static void
test_dispute (void)
{
  FixtureBench bench = {NULL};
  g_autoptr (GError) error = NULL;
  fixture_bench_open (&bench, GUINT_TO_POINTER (6));
  TsrProject *project = bench.project;
  int32_t a = tsr_project_add_class (project, "A", -1, NULL),
          b = tsr_project_add_class (project, "B", -1, NULL), none = TSR_LABEL_NONE;
  uint32_t ours[] = {0, 1, 2, 4}, theirs[] = {1, 2, 3}, disputed[] = {1, 2};
  g_assert_true (tsr_project_label (project, ours, &a, 4, true, TSR_HOW_PICKED, "Ada", NULL, NULL));
  g_assert_true (tsr_project_begin_act (project, NULL));
  g_assert_true (
      tsr_project_label (project, theirs, &b, 3, true, TSR_HOW_IMPORTED, "Ben", NULL, NULL));
  g_assert_true (
      tsr_project_label (project, disputed, &none, 2, true, TSR_HOW_CLEARED, "Eve", NULL, NULL));
  g_assert_true (tsr_project_end_act (project, true, &error));
  label (project, 4, TSR_LABEL_NONE, TSR_HOW_CLEARED, "Ada"); /* cleared by hand */
  for (uint32_t tile = 0; tile < 6; tile++) {
    TsrDispute dispute = {{NULL}};
    g_assert_cmpint (tsr_project_dispute (project, tile, &dispute), ==, tile == 1 || tile == 2);
    if (tile == 1 || tile == 2) {
      g_assert_cmpstr (dispute.reader[0], ==, "Ada");
      g_assert_cmpstr (dispute.reader[1], ==, "Ben");
      g_assert_cmpint (dispute.label[0], ==, a);
      g_assert_cmpint (dispute.label[1], ==, b);
    }
    tsr_dispute_clear (&dispute);
  }
  label (project, 1, b, TSR_HOW_CONSENSUS, "Ada");
  g_assert_false (tsr_project_dispute (project, 1, NULL));
  TsrHow how;
  g_assert_true (tsr_project_label_origin (project, 1, NULL, NULL, &how));
  g_assert_cmpint (how, ==, TSR_HOW_CONSENSUS);
  g_assert_true (tsr_project_undo (project, "Ada", NULL, NULL, NULL));
  g_assert_true (tsr_project_dispute (project, 1, NULL));

  /* given in a check with random tiles: a way of its own, to be found by */
  label (project, 5, a, TSR_HOW_CHECK, "Ada");
  g_assert_true (tsr_project_label_origin (project, 5, NULL, NULL, &how));
  g_assert_cmpint (how, ==, TSR_HOW_CHECK);
  g_assert_cmpstr (tsr_how_name (how), ==, "check");
  g_autoptr (GArray) found =
      tsr_project_journal_find (project, &(TsrJournalFilter){.kind = TSR_JOURNAL_CHECK}, NULL);
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpint (g_array_index (found, int64_t, 0), ==, tsr_project_journal_seq (project));
  fixture_bench_close (&bench, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/journal-list/find", Bench, NULL, fill, test_find, empty);
  g_test_add ("/journal-list/lines", Bench, NULL, fill, test_lines, empty);
  g_test_add_func ("/journal-list/all", test_all);
  g_test_add_func ("/journal-list/nothing", test_nothing);
  g_test_add_func ("/journal-list/dispute", test_dispute);
  return g_test_run ();
}
