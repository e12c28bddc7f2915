/* A check with random tiles: which tiles are drawn, how answers come and go, what it says against a
 * plain count, that what is stored is what was, and that nonsense is refused. */

#include "tsr-audit.h"
#include "fixture.h"
#include "tsr-error.h"

#include <glib/gstdio.h>

#include <math.h>
#include <string.h>

#define N 200

typedef struct {
  int32_t label[N];
  uint8_t excluded[N];
  TsrPrediction prediction[N];
} Tiles;

/* Every fifth tile is labelled, unsure, excluded or without a prediction in turn. */
static void
fill (Tiles *tiles)
{
  memset (tiles, 0, sizeof *tiles);
  for (uint32_t i = 0; i < N; i++) {
    tiles->label[i] = TSR_LABEL_NONE;
    tiles->prediction[i].class_id = (int32_t)(1 + i % 3);
    if (i % 5 != 0)
      continue;
    switch (i / 5 % 4) {
    case 0:
      tiles->label[i] = 2;
      break;
    case 1:
      tiles->label[i] = TSR_LABEL_UNSURE;
      break;
    case 2:
      tiles->excluded[i] = 1;
      break;
    default:
      tiles->prediction[i].class_id = TSR_NO_CLASS;
    }
  }
}

static const TsrAuditTile *
nth (const TsrAudit *audit, guint i)
{
  return &g_array_index (audit->tiles, TsrAuditTile, i);
}

static void
test_draw (void)
{
  Tiles tiles;
  fill (&tiles);
  for (uint32_t k = 1; k <= 300; k = k * 2 + 1) {
    g_autoptr (TsrAudit)
        audit = tsr_audit_draw (tiles.label, tiles.excluded, tiles.prediction, N, k, 7),
        again = tsr_audit_draw (tiles.label, tiles.excluded, tiles.prediction, N, k, 7);
    bool seen[N] = {false};
    g_assert_cmpuint (audit->tiles->len, ==, MIN (k, 160));
    g_assert_cmpuint (audit->labels, ==, 10);
    g_assert_cmpmem (audit->tiles->data, audit->tiles->len * sizeof (TsrAuditTile),
                     again->tiles->data, again->tiles->len * sizeof (TsrAuditTile));
    for (guint i = 0; i < audit->tiles->len; i++) {
      const TsrAuditTile *tile = nth (audit, i);
      g_assert_cmpuint (tile->tile % 5, !=, 0);
      g_assert_false (seen[tile->tile]);
      seen[tile->tile] = true;
      g_assert_cmpint (tile->predicted, ==, 1 + (int)(tile->tile % 3));
      g_assert_cmpint (tile->answer, ==, TSR_LABEL_NONE);
    }
  }
  /* nothing to draw from */
  for (uint32_t i = 0; i < N; i++)
    tiles.excluded[i] = 1;
  g_assert_null (tsr_audit_draw (tiles.label, tiles.excluded, tiles.prediction, N, 5, 1));
  g_assert_null (tsr_audit_draw (NULL, NULL, NULL, 0, 5, 1));
}

/* Every tile that can be drawn is drawn about as often as any other. */
static void
test_uniform (void)
{
  Tiles tiles;
  guint count[N] = {0};
  fill (&tiles);
  for (uint64_t seed = 1; seed <= 2000; seed++) {
    g_autoptr (TsrAudit) audit =
        tsr_audit_draw (tiles.label, tiles.excluded, tiles.prediction, N, 16, seed);
    for (guint i = 0; i < audit->tiles->len; i++)
      count[nth (audit, i)->tile]++;
  }
  /* 200 each, deviation 13.4: five of them */
  for (uint32_t i = 0; i < N; i++)
    if (i % 5 != 0)
      g_assert_cmpfloat (fabs (count[i] - 200.0), <, 5 * 13.5);
}

static void
check_share (const TsrAudit *audit, const Tiles *tiles, int32_t class_id)
{
  size_t right = 0, n = 0, unsure = 0, aside;
  for (guint i = 0; i < audit->tiles->len; i++) {
    uint32_t tile = nth (audit, i)->tile;
    bool out = tiles->excluded[tile] || tiles->label[tile] == TSR_LABEL_UNSURE;
    unsure += out;
    if (out || tiles->label[tile] < 0 || (class_id >= 0 && tiles->label[tile] != class_id))
      continue;
    n++;
    right += tiles->label[tile] == 1 + (int)(tile % 3);
  }
  TsrShare share = tsr_audit_share (audit, class_id, &aside);
  g_assert_cmpuint (share.n, ==, n);
  g_assert_cmpuint (share.right, ==, right);
  g_assert_cmpuint (aside, ==, unsure);
}

static void
test_answers (void)
{
  Tiles tiles;
  fill (&tiles);
  g_autoptr (TsrAudit) audit =
      tsr_audit_draw (tiles.label, tiles.excluded, tiles.prediction, N, 20, 3);
  g_assert_false (tsr_audit_follow (audit, NULL, tiles.label, tiles.excluded));
  uint32_t first = nth (audit, 0)->tile, second = nth (audit, 1)->tile;
  g_assert_true (tsr_audit_skip (audit, first));
  g_assert_false (tsr_audit_skip (audit, 0)); /* none of its tiles */
  g_assert_cmpuint (nth (audit, 0)->tile, ==, second);
  g_assert_cmpuint (nth (audit, 19)->tile, ==, first);

  for (guint i = 0; i < 20; i++) {
    uint32_t tile = nth (audit, i)->tile;
    g_autoptr (GArray) left = tsr_audit_left (audit);
    g_assert_cmpuint (left->len, ==, 20 - i);
    g_assert_true (tsr_audit_hides (audit, tile));
    g_assert_cmpint (audit->state, ==, TSR_AUDIT_RUNNING);
    if (i == 3)
      tiles.excluded[tile] = 1;
    else
      tiles.label[tile] = i == 5 ? TSR_LABEL_UNSURE : 1 + (int32_t)((tile + (i % 4 == 0)) % 3);
    g_assert_true (tsr_audit_follow (audit, NULL, tiles.label, tiles.excluded));
    g_assert_false (tsr_audit_hides (audit, tile));
    for (int32_t c = TSR_LABEL_NONE; c <= 3; c++)
      if (c != 0)
        check_share (audit, &tiles, c);
  }
  g_assert_cmpint (audit->state, ==, TSR_AUDIT_DONE);
  TsrShare done = tsr_audit_share (audit, TSR_LABEL_NONE, NULL);

  /* what is done stays, until its last answer is undone */
  int32_t was = tiles.label[first];
  tiles.label[first] = 1 + was % 3;
  tiles.label[second] = TSR_LABEL_NONE;
  g_assert_false (tsr_audit_follow (audit, NULL, tiles.label, tiles.excluded));
  g_assert_cmpuint (tsr_audit_share (audit, TSR_LABEL_NONE, NULL).right, ==, done.right);
  g_assert_false (tsr_audit_hides (audit, second));
  g_assert_true (tsr_audit_take_back (audit, first));
  g_assert_false (tsr_audit_take_back (audit, first));
  g_assert_false (tsr_audit_take_back (audit, 0));
  g_assert_cmpint (audit->state, ==, TSR_AUDIT_RUNNING);
  g_assert_cmpuint (nth (audit, 0)->tile, ==, first);
  tiles.label[first] = was;
  g_assert_true (tsr_audit_follow (audit, NULL, tiles.label, tiles.excluded));
  g_assert_cmpint (audit->state, ==, TSR_AUDIT_RUNNING); /* second has lost its label */
}

static void
test_text (void)
{
  Tiles tiles;
  fill (&tiles);
  for (int kind = 0; kind < 3; kind++) {
    g_autoptr (TsrAudit) audit =
        tsr_audit_draw (tiles.label, tiles.excluded, tiles.prediction, N, 9, 12345678901234);
    audit->state = (TsrAuditState)kind;
    audit->drawn_us = 1790000000123456;
    audit->rule = kind ? g_strdup ("w") : NULL;
    audit->places = kind ? g_strdup ("00ff") : NULL;
    ((TsrAuditTile *)audit->tiles->data)[2].answer = TSR_LABEL_UNSURE;
    g_autofree char *text = tsr_audit_format (audit);
    g_autoptr (TsrAudit) read = tsr_audit_parse (text, N), copy = tsr_audit_copy (audit);
    g_autofree char *again = tsr_audit_format (read), *copied = tsr_audit_format (copy);
    g_assert_cmpstr (again, ==, text);
    g_assert_cmpstr (copied, ==, text);
    g_assert_null (tsr_audit_parse (text, 10)); /* some of its tiles are not there */
  }
  static const char *const nonsense[] = {"",
                                         "{",
                                         "[]",
                                         "{}",
                                         "{\"state\":\"running\"}",
                                         "{\"state\":\"running\",\"tiles\":[]}",
                                         "{\"state\":\"running\",\"tiles\":[1]}",
                                         "{\"state\":\"running\",\"tiles\":[[1,2]]}",
                                         "{\"state\":\"running\",\"tiles\":[[-1,2,-1]]}",
                                         "{\"state\":\"running\",\"tiles\":[[1,0,-1]]}",
                                         "{\"state\":\"running\",\"tiles\":[[1,2,-3]]}",
                                         "{\"state\":\"running\",\"tiles\":[[1,2,\"x\"]]}",
                                         "{\"state\":\"running\",\"tiles\":[[1,2,-1],[1,2,-1]]}",
                                         "{\"state\":\"running\",\"tiles\":[[4294967297,2,-1]]}",
                                         "{\"state\":\"over\",\"tiles\":[[1,2,-1]]}"};
  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++)
    g_assert_null (tsr_audit_parse (nonsense[i], N));
  g_assert_null (tsr_audit_parse (NULL, N));
  g_assert_null (tsr_audit_copy (NULL));
  g_autoptr (TsrAudit) sound = tsr_audit_parse ("{\"state\":\"paused\",\"tiles\":[[1,2,-1]]}", N);
  g_assert_cmpint (sound->state, ==, TSR_AUDIT_PAUSED);
}

static void
test_places (void)
{
  Tiles tiles;
  fill (&tiles);
  float points[N][2];
  for (uint32_t i = 0; i < N; i++)
    points[i][0] = points[i][1] = (float)i;
  g_autoptr (TsrAudit) audit =
      tsr_audit_draw (tiles.label, tiles.excluded, tiles.prediction, N, 8, 1);
  g_autofree char *places = tsr_audit_places (audit, points[0], 2);
  tsr_audit_skip (audit, nth (audit, 0)->tile);
  points[0][0] = 99; /* none of its tiles */
  g_autofree char *same = tsr_audit_places (audit, points[0], 2);
  g_assert_cmpstr (places, ==, same);
  points[nth (audit, 3)->tile][1] += 0.5f;
  g_autofree char *moved = tsr_audit_places (audit, points[0], 2);
  g_assert_cmpstr (places, !=, moved);
  g_autofree char *nowhere = tsr_audit_places (audit, NULL, 2);
  g_assert_cmpstr (places, !=, nowhere);
}

/* Kept in the project; classes that are merged meanwhile count as what they are now. */
static void
test_project (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("tessera-audit-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
  g_autoptr (TsrProject) project = tsr_project_create (path, &error);
  g_assert_no_error (error);
  g_assert_null (tsr_audit_load (project));
  int32_t fat = tsr_project_add_class (project, "Fat", -1, &error),
          stroma = tsr_project_add_class (project, "Stroma", -1, &error),
          nerve = tsr_project_add_class (project, "Nerve", -1, &error);
  g_autofree char *text =
      g_strdup_printf ("{\"state\":\"done\",\"tiles\":[[0,%d,%d],[1,%d,%d],[2,%d,%d],[3,%d,%d]]}",
                       fat, stroma, nerve, nerve, stroma, stroma, fat, fat);
  g_autoptr (TsrAudit) audit = tsr_audit_parse (text, 4);
  g_assert_true (tsr_audit_store (project, audit, &error));
  g_assert_null (tsr_audit_load (project)); /* its tiles are not there */
  g_autofree char *stored = tsr_project_get (project, "audit");
  g_autofree char *expected = tsr_audit_format (audit);
  g_assert_cmpstr (stored, ==, expected);

  g_assert_cmpuint (tsr_audit_share (audit, TSR_LABEL_NONE, NULL).right, ==, 3);
  g_assert_true (tsr_project_merge_class (project, fat, stroma, "test", NULL, &error));
  g_assert_true (tsr_project_remove_class (project, nerve, "test", NULL, &error));
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  g_assert_cmpint (tsr_project_class_now (project, classes, fat), ==, stroma);
  g_assert_cmpint (tsr_project_class_now (project, classes, stroma), ==, stroma);
  g_assert_cmpint (tsr_project_class_now (project, classes, nerve), ==, TSR_LABEL_NONE);
  g_assert_cmpint (tsr_project_class_now (project, classes, 77), ==, TSR_LABEL_NONE);
  tsr_audit_resolve (audit, project, classes);
  size_t aside;
  TsrShare share = tsr_audit_share (audit, TSR_LABEL_NONE, &aside);
  g_assert_cmpuint (share.right, ==, 3);
  g_assert_cmpuint (share.n, ==, 3);
  g_assert_cmpuint (aside, ==, 1);

  g_assert_true (tsr_audit_store (project, NULL, &error));
  g_autofree char *gone = tsr_project_get (project, "audit");
  g_assert_null (gone);
  g_clear_pointer (&project, tsr_project_close);
  g_autofree char *wal = g_strconcat (path, "-wal", NULL), *shm = g_strconcat (path, "-shm", NULL);
  g_unlink (path);
  g_unlink (wal);
  g_unlink (shm);
  g_rmdir (folder);
}

/* What is hidden: of a running check everything without a class, of an interrupted one its open
 * tiles, of one that is done nothing; and so it is in a table. */
static void
test_veil (void)
{
  Tiles tiles;
  fill (&tiles);
  g_autoptr (TsrAudit) audit =
      tsr_audit_draw (tiles.label, tiles.excluded, tiles.prediction, N, 20, 3);
  float scores[N], probability[N];
  tiles.label[nth (audit, 4)->tile] = 2;
  tsr_audit_follow (audit, NULL, tiles.label, tiles.excluded);
  g_assert_null (tsr_audit_veil (NULL, tiles.label, N));
  for (int state = TSR_AUDIT_RUNNING; state <= TSR_AUDIT_DONE; state++) {
    audit->state = (TsrAuditState)state;
    g_autofree uint8_t *veiled = tsr_audit_veil (audit, tiles.label, N);
    g_assert_cmpint (veiled == NULL, ==, state == TSR_AUDIT_DONE);
    TsrPrediction prediction[N];
    memcpy (prediction, tiles.prediction, sizeof prediction);
    for (uint32_t i = 0; i < N; i++)
      scores[i] = probability[i] = 1;
    TsrTable table = {.n = N,
                      .n_classes = 1,
                      .label = tiles.label,
                      .prediction = prediction,
                      .scores = scores,
                      .probability = probability};
    g_assert_cmpint (tsr_audit_veil_table (audit, &table), ==, state != TSR_AUDIT_DONE);
    for (uint32_t i = 0; i < N; i++) {
      bool hidden = state == TSR_AUDIT_RUNNING ? tiles.label[i] < 0
                    : state == TSR_AUDIT_PAUSED
                        ? tsr_audit_has (audit, i) && i != nth (audit, 4)->tile
                        : false;
      g_assert_cmpint (veiled && veiled[i], ==, hidden);
      g_assert_cmpint (prediction[i].class_id, ==,
                       hidden ? TSR_NO_CLASS : tiles.prediction[i].class_id);
      g_assert_cmpfloat (scores[i], ==, hidden ? 0 : 1);
      g_assert_cmpfloat (probability[i], ==, hidden ? 0 : 1);
    }
  }
}

/* Only what was given in the check is an answer, and an answer stays one when it is confirmed. */
static void
test_blind (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fixture_project (1, false);
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, 8);
  int32_t fat = tsr_project_add_class (project, "Fat", -1, &error), label[8];
  uint8_t excluded[8];
  static const TsrHow hows[] = {TSR_HOW_CHECK, TSR_HOW_LASSO, TSR_HOW_IMPORTED, TSR_HOW_COMMAND,
                                TSR_HOW_PICKED};
  g_autofree char *text =
      g_strdup_printf ("{\"state\":\"running\",\"tiles\":[[0,%d,-1],[1,%d,-1],[2,%d,-1],[3,%d,-1],"
                       "[4,%d,-1],[5,%d,-1]]}",
                       fat, fat, fat, fat, fat, fat);
  g_autoptr (TsrAudit) audit = tsr_audit_parse (text, 8);
  for (uint32_t tile = 0; tile < 5; tile++) {
    tsr_project_label (project, &tile, &fat, 1, true, hows[tile], "Ada", NULL, &error);
    g_assert_no_error (error);
    tsr_project_labels (project, label, excluded, &error);
    g_assert_true (tsr_audit_follow (audit, project, label, excluded));
    size_t aside;
    g_assert_cmpuint (tsr_audit_share (audit, TSR_LABEL_NONE, &aside).n, ==, 1);
    g_assert_cmpuint (aside, ==, tile);
    g_assert_cmpuint (tsr_audit_unasked (audit, label, excluded), ==, tile);
  }
  /* undone, the tile is asked for again, and may be answered then */
  g_assert_true (tsr_project_undo (project, "Ada", NULL, NULL, &error));
  tsr_project_labels (project, label, excluded, &error);
  g_assert_true (tsr_audit_follow (audit, project, label, excluded));
  g_assert_true (tsr_audit_hides (audit, 4));
  /* a confirmation by other means leaves the answer */
  uint32_t all[] = {0, 4, 5};
  g_assert_true (
      tsr_project_label (project, all, &fat, 1, true, TSR_HOW_LASSO, "Ada", NULL, &error));
  g_assert_true (
      tsr_project_label (project, all + 1, &fat, 2, true, TSR_HOW_CHECK, "Ada", NULL, &error));
  tsr_project_labels (project, label, excluded, &error);
  g_assert_true (tsr_audit_follow (audit, project, label, excluded));
  g_assert_cmpint (audit->state, ==, TSR_AUDIT_DONE);
  g_assert_cmpuint (tsr_audit_share (audit, TSR_LABEL_NONE, NULL).n, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit/draw", test_draw);
  g_test_add_func ("/audit/uniform", test_uniform);
  g_test_add_func ("/audit/answers", test_answers);
  g_test_add_func ("/audit/veil", test_veil);
  g_test_add_func ("/audit/blind", test_blind);
  g_test_add_func ("/audit/text", test_text);
  g_test_add_func ("/audit/places", test_places);
  g_test_add_func ("/audit/project", test_project);
  return g_test_run ();
}
