/* A power cut at every single write, truncation, removal and sync of a labelling session, in WAL
 * mode and with a rollback journal: every label whose call had returned is there, the file opens
 * and is sound.
 *
 *   TESSERA_POWER_CUTS=N  tries N states of the disk at each point (1)
 *   TESSERA_POWER_STEP=N  cuts at every N-th point only (1) */

#include "fixture.h"
#include "label-script.h"
#include "power-cut-vfs.h"
#include "tsr-project-private.h"

#include <glib/gstdio.h>
#include <stdlib.h>

#define N_TILES    40
#define OPERATIONS 75

typedef struct {
  char *folder, *path, *pristine;
  const char
      *synchronous; /* instead of the project's own setting, to show that the test would notice */
} Bench;

static void
bench_open (Bench *bench, const char *journal)
{
  bench->folder = fixture_folder (true);
  bench->path = g_build_filename (bench->folder, "p.tessera", NULL);
  bench->pristine = g_build_filename (bench->folder, "pristine", NULL);
  bench->synchronous = NULL;
  power_cut_arm (0);
  fixture_bare_project (bench->pristine, N_TILES);
  if (journal)
    g_setenv ("TESSERA_PROJECT_JOURNAL", journal, TRUE);
  else
    g_unsetenv ("TESSERA_PROJECT_JOURNAL");
}

static void
bench_close (Bench *bench)
{
  g_unsetenv ("TESSERA_PROJECT_JOURNAL");
  g_free (bench->path);
  g_free (bench->pristine);
  fixture_remove (bench->folder);
}

static TsrProject *
open_for_session (Bench *bench, GError **error)
{
  TsrProject *project = tsr_project_open (bench->path, TSR_PROJECT_READ_WRITE, error);
  /* checkpoints come often, so that cuts fall into many of them */
  if (project && !tsr_db_exec (project, "PRAGMA wal_autocheckpoint = 12", error))
    g_clear_pointer (&project, tsr_project_close);
  if (project && bench->synchronous) {
    g_autofree char *sql = g_strdup_printf ("PRAGMA synchronous = %s", bench->synchronous);
    tsr_db_exec (project, sql, NULL);
  }
  return project;
}

/* Plays the session until its end or the cut. script is left where the returned calls had led. */
static void
play (Bench *bench, Script *script, GError **error)
{
  TsrProject *project = NULL;
  float w[N_TILES * 8] = {0};
  bool ok = true;
  for (unsigned i = 0; ok && i < OPERATIONS; i++) {
    if (i % 25 == 0) {
      tsr_project_close (project);
      project = open_for_session (bench, error);
      ok = project != NULL;
    }
    if (ok && i % 12 == 5)
      ok = tsr_project_put_vectors (project, "model", 0, N_TILES, 8, w, error);
    if (!ok)
      break;
    Script ahead;
    ScriptOperation operation;
    script_copy (script, &ahead);
    script_next (&ahead, &operation);
    ok = script_run (&operation, project, NULL, error);
    if (ok) {
      script_apply (&ahead, &operation);
      Script behind = *script;
      *script = ahead;
      ahead = behind;
    }
    script_clear (&ahead);
  }
  tsr_project_close (project);
}

static void
start (Bench *bench, Script *script, uint64_t at)
{
  static const char *const traces[] = {"-wal", "-shm", "-journal"};
  for (unsigned i = 0; i < G_N_ELEMENTS (traces); i++) {
    g_autofree char *trace = g_strconcat (bench->path, traces[i], NULL);
    g_unlink (trace);
  }
  fixture_copy (bench->pristine, bench->path);
  script_init (script, N_TILES, 5);
  power_cut_arm (at);
}

/* NULL if the project is sound and holds what script says, or one operation more. */
static char *
inspect (Bench *bench, Script *script)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (bench->path, TSR_PROJECT_READ_WRITE, &error);
  if (!project || !tsr_project_check (project, &error))
    return g_strdup (error->message);
  g_autofree char *difference = script_difference (script, project, 20);
  if (difference) {
    ScriptOperation operation;
    script_next (script, &operation);
    script_apply (script, &operation);
    g_autofree char *other = script_difference (script, project, 20);
    if (other)
      return g_steal_pointer (&difference);
  }
  /* and work goes on */
  ScriptOperation operation;
  script_next (script, &operation);
  if (!script_run (&operation, project, NULL, &error))
    return g_strdup (error->message);
  script_apply (script, &operation);
  return script_difference (script, project, 20);
}

static uint64_t
count_points (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  Script script;
  start (bench, &script, 0);
  play (bench, &script, &error);
  g_assert_no_error (error);
  script_clear (&script);
  return power_cut_count ();
}

/* Cuts at one point and looks; returns what is wrong. */
static char *
cut (Bench *bench, uint64_t at, PowerCutMode mode, uint64_t seed)
{
  g_autoptr (GError) error = NULL;
  Script script;
  start (bench, &script, at);
  play (bench, &script, &error);
  g_assert_true (power_cut_happened ());
  if (error) /* none if only the last close was hit */
    fixture_assert_sentence (&error);
  power_cut_restore (mode, seed);
  char *wrong = inspect (bench, &script);
  script_clear (&script);
  return wrong;
}

static unsigned
number_from_environment (const char *name)
{
  const char *text = g_getenv (name);
  return text ? MAX (1, (unsigned)strtoul (text, NULL, 10)) : 1;
}

static void
test_everywhere (gconstpointer journal)
{
  Bench bench;
  bench_open (&bench, journal);
  uint64_t points = count_points (&bench);
  g_test_message ("%u points to cut the power at", (unsigned)points);
  g_assert_cmpuint (points, >, 500);
  unsigned tries = number_from_environment ("TESSERA_POWER_CUTS"),
           step = number_from_environment ("TESSERA_POWER_STEP");
  for (uint64_t at = 1; at <= points; at += step)
    for (unsigned i = 0; i < tries; i++) {
      PowerCutMode mode = (PowerCutMode)((at * 3 + i) % POWER_CUT_N_MODES);
      g_autofree char *wrong = cut (&bench, at, mode, at * 1000 + i);
      if (wrong)
        g_error ("cut at %u, mode %d, seed %u: %s", (unsigned)at, mode, (unsigned)(at * 1000 + i),
                 wrong);
    }
  bench_close (&bench);
}

/* ---- while an older project is brought up to date ---- */

/* A project of the version before slides, with labels. */
static void
write_version_3 (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  TsrSchema old = {tsr_project_schema.steps, 3};
  g_unlink (bench->pristine);
  g_assert_true (tsr_project_create_with (bench->pristine, &old, &error));
  TsrProject *project =
      tsr_project_open_with (bench->pristine, TSR_PROJECT_READ_WRITE, &old, &error);
  tsr_db_exec (project,
               "INSERT INTO root VALUES (1, CAST ('/nowhere' AS BLOB), NULL);"
               "WITH RECURSIVE i (x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM i WHERE x < 399)"
               " INSERT INTO tile SELECT x, 1, CAST (x || '.png' AS BLOB), x || '.png', 64, 64, 3, "
               "NULL FROM i",
               &error);
  g_assert_no_error (error);
  int32_t unsure = TSR_LABEL_UNSURE;
  for (uint32_t tile = 0; tile < 400; tile += 7)
    fixture_old_label (project, &tile, 1, unsure);
  g_assert_no_error (error);
  tsr_project_close (project);
}

/* Opening again ends the work; nothing of the project may have changed meanwhile. */
static void
inspect_migrated (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (bench->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  tsr_project_check (project, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tsr_db_int (project, "PRAGMA user_version", 0), ==, tsr_project_schema.version);
  int32_t label[400];
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, 400);
  g_assert_true (tsr_project_labels (project, label, NULL, &error));
  g_auto (GStrv) names = tsr_project_tile_names (project);
  for (int i = 0; i < 400; i++) {
    g_autofree char *name = g_strdup_printf ("%d.png", i);
    g_assert_cmpstr (names[i], ==, name);
    g_assert_cmpint (label[i], ==, i % 7 ? TSR_LABEL_NONE : TSR_LABEL_UNSURE);
  }
}

static void
migrate (Bench *bench, uint64_t at)
{
  g_autoptr (GError) error = NULL;
  Script script;
  start (bench, &script, at);
  TsrProject *project = tsr_project_open (bench->path, TSR_PROJECT_READ_WRITE, &error);
  tsr_project_close (project);
  if (error)
    fixture_assert_sentence (&error);
  script_clear (&script);
}

static void
test_migration (gconstpointer journal)
{
  Bench bench;
  bench_open (&bench, journal);
  write_version_3 (&bench);
  migrate (&bench, 0);
  uint64_t points = power_cut_count ();
  power_cut_arm (0);
  inspect_migrated (&bench);
  g_test_message ("%u points to cut the power at", (unsigned)points);
  g_assert_cmpuint (points, >, 20);
  unsigned tries = number_from_environment ("TESSERA_POWER_CUTS"),
           step = number_from_environment ("TESSERA_POWER_STEP");
  for (uint64_t at = 1; at <= points; at += step)
    for (unsigned i = 0; i < tries; i++) {
      migrate (&bench, at);
      g_assert_true (power_cut_happened ());
      power_cut_restore ((PowerCutMode)((at * 3 + i) % POWER_CUT_N_MODES), at * 1000 + i);
      inspect_migrated (&bench);
    }
  bench_close (&bench);
}

/* The same session with less syncing loses labels, and this test sees it. */
static void
test_would_notice (gconstpointer journal)
{
  Bench bench;
  bench_open (&bench, journal);
  bench.synchronous = journal ? "OFF" : "NORMAL";
  uint64_t points = count_points (&bench);
  unsigned noticed = 0;
  for (uint64_t at = 1; at <= points; at += 7) {
    g_autofree char *wrong = cut (&bench, at, (PowerCutMode)(at % POWER_CUT_N_MODES), at);
    noticed += wrong != NULL;
  }
  g_test_message ("%u losses noticed", noticed);
  g_assert_cmpuint (noticed, >, 5);
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  power_cut_register ();
  g_test_add_data_func ("/power-cut/wal", NULL, test_everywhere);
  g_test_add_data_func ("/power-cut/rollback", "rollback", test_everywhere);
  g_test_add_data_func ("/power-cut/migration-in-wal", NULL, test_migration);
  g_test_add_data_func ("/power-cut/migration-with-rollback", "rollback", test_migration);
  g_test_add_data_func ("/power-cut/would-notice-in-wal", NULL, test_would_notice);
  g_test_add_data_func ("/power-cut/would-notice-with-rollback", "rollback", test_would_notice);
  return g_test_run ();
}
