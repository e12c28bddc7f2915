/* Damaged, cut and hostile files: every one ends in a sentence or works; none crashes, none is made
 * worse. And disks that fill up in the middle of a label. */

#include "fixture.h"
#include "tsr-project-private.h"
#include "tsr-random.h"
#include "whole-project.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
  char *folder, *path;
  GByteArray *good;
  unsigned opened, refused;
} Bench;

static void
bench_open (Bench *bench, gconstpointer unused)
{
  bench->folder = fixture_folder (true);
  bench->path = g_build_filename (bench->folder, "p.tessera", NULL);
  TsrProject *project = fixture_project (bench->folder, "p.tessera", 24, 3);
  whole_project_fill (project, 120);
  whole_project_add_slide (project, bench->folder);
  g_assert_cmpuint (tsr_project_n_tiles (project), >, 24);
  tsr_project_close (project);
  bench->good = fixture_read (bench->path);
  bench->opened = bench->refused = 0;
}

static void
bench_close (Bench *bench, gconstpointer unused)
{
  g_byte_array_unref (bench->good);
  g_free (bench->path);
  fixture_remove (bench->folder);
}

static void
try_file (Bench *bench, const void *bytes, gsize n)
{
  static const char *const traces[] = {"-wal", "-shm", "-journal"};
  g_autoptr (GError) error = NULL;
  for (unsigned i = 0; i < G_N_ELEMENTS (traces); i++) {
    g_autofree char *trace = g_strconcat (bench->path, traces[i], NULL);
    g_unlink (trace);
  }
  fixture_write (bench->path, bytes, n);
  TsrProject *reader = tsr_project_open (bench->path, TSR_PROJECT_READ_ONLY, &error);
  whole_project_sentence (reader != NULL, &error);
  if (reader)
    whole_project_read (reader);
  tsr_project_close (reader);
  TsrProject *project = tsr_project_open (bench->path, TSR_PROJECT_READ_WRITE, &error);
  if (!project) {
    bench->refused++;
    g_assert_nonnull (error);
    fixture_assert_sentence (&error);
    return;
  }
  bench->opened++;
  whole_project_read (project);
  whole_project_write (project);
  whole_project_sentence (tsr_project_check (project, &error), &error);
  tsr_project_close (project);
}

static unsigned
rounds (unsigned otherwise)
{
  const char *text = g_getenv ("TESSERA_DAMAGES");
  return text ? (unsigned)strtoul (text, NULL, 10) : otherwise;
}

static void
test_flipped_bytes (Bench *bench, gconstpointer unused)
{
  TsrRandom random;
  tsr_random_init (&random, 3, 1);
  g_autoptr (GByteArray) bad = g_byte_array_new ();
  unsigned n = rounds (1200);
  for (unsigned i = 0; i < n; i++) {
    g_byte_array_set_size (bad, 0);
    g_byte_array_append (bad, bench->good->data, bench->good->len);
    uint32_t flips = 1 + tsr_random_below (&random, i % 4 == 0 ? 40 : 2);
    for (uint32_t j = 0; j < flips; j++) {
      /* pages' headers and cell pointers are where it hurts */
      uint32_t at = tsr_random_below (&random, bad->len);
      if (tsr_random_below (&random, 2))
        at = at / 8192 * 8192 + tsr_random_below (&random, 64);
      if (i < 100)
        at = i; /* the file's header, byte by byte */
      at = MIN (at, bad->len - 1);
      bad->data[at] = tsr_random_below (&random, 2)
                          ? (guint8)tsr_random_u32 (&random)
                          : (guint8)(bad->data[at] ^ 1 << tsr_random_below (&random, 8));
    }
    try_file (bench, bad->data, bad->len);
  }
  g_test_message ("%u opened, %u refused, %u pages", bench->opened, bench->refused,
                  bench->good->len / 8192);
  g_assert_cmpuint (bench->opened, >, n / 10);
  g_assert_cmpuint (bench->refused, >, n / 20);
}

static void
test_truncated (Bench *bench, gconstpointer unused)
{
  unsigned n = rounds (200);
  for (unsigned i = 0; i < n; i++) {
    gsize length = i < 120 ? i : (gsize)bench->good->len * (i - 120) / MAX (1, n - 120);
    unsigned opened = bench->opened;
    try_file (bench, bench->good->data, length);
    /* a part of the last page may be missing after a kill as well; SQLite finds out when it needs
     * that page */
    g_assert_true (bench->opened == opened || length + 8192 > bench->good->len);
  }
  g_assert_cmpuint (bench->refused, >, n * 9 / 10);
}

/* Whole pages swapped, zeroed or doubled, as a failing disk or a bad copy leaves them. */
static void
test_pages (Bench *bench, gconstpointer unused)
{
  TsrRandom random;
  tsr_random_init (&random, 4, 1);
  uint32_t pages = bench->good->len / 8192;
  unsigned n = rounds (200);
  for (unsigned i = 0; i < n; i++) {
    g_autoptr (GByteArray) bad = g_byte_array_new ();
    g_byte_array_append (bad, bench->good->data, bench->good->len);
    guint8 *a = bad->data + 8192 * (gsize)tsr_random_below (&random, pages);
    const guint8 *b = bench->good->data + 8192 * (gsize)tsr_random_below (&random, pages);
    if (i % 3)
      memcpy (a, b, 8192);
    else
      memset (a, i % 2 ? 0 : 0xff, 8192);
    try_file (bench, bad->data, bad->len);
  }
  g_assert_cmpuint (bench->refused, >, 0);
}

/* Files that are sound for SQLite but lie: what they hold is not believed. */
static void
test_lies (Bench *bench, gconstpointer unused)
{
  static const char *const lies[] = {
      "UPDATE tile SET id = 2000000000 WHERE id = 23",
      "UPDATE tile SET id = 9000000000000 WHERE id = 23",
      "DELETE FROM tile WHERE id = 5",
      "UPDATE root SET absolute = x'00', relative = x'2f00'",
      "UPDATE root SET absolute = CAST ('relative' AS BLOB), relative = NULL",
      "DELETE FROM root",
      "UPDATE tile SET path = x'', name = '' WHERE id = 3",
      "UPDATE tile SET path = CAST ('../../../../../../etc/passwd' AS BLOB) WHERE id = 3",
      "UPDATE tile SET name = CAST (x'ff00fe' AS TEXT)",
      "UPDATE tile SET truth = 77",
      "UPDATE thumbnail SET jpeg = x'ffd8ffe000104a464946'",
      "UPDATE thumbnail SET jpeg = x''",
      "UPDATE class SET name = '', key = 'too long', rgb = -1, shape = -9999 WHERE id = 1",
      "UPDATE class SET id = 2147483647 WHERE id = 1",
      "DELETE FROM class",
      "UPDATE journal SET action = 'destroy'",
      "UPDATE journal SET how = 'somehow'",
      "UPDATE journal SET top = seq, undone = seq",
      "UPDATE journal SET top = 99999999, undone = 99999999",
      "UPDATE journal SET top = -1, undone = -1",
      "UPDATE journal SET target = seq WHERE action = 'undo'",
      "UPDATE journal SET target = NULL WHERE action = 'undo'",
      "UPDATE journal SET seq = 9223372036854775807 WHERE seq = (SELECT max (seq) FROM journal)",
      "DELETE FROM journal WHERE seq % 2",
      "UPDATE journal_tile SET before = 1000, after = 2000, origin_before = 9999",
      "UPDATE journal_tile SET tile = tile + 100000000",
      "DELETE FROM journal_tile",
      "UPDATE label SET value = -77",
      "UPDATE label SET tile = tile - 1000",
      "UPDATE label SET tile = tile + 100000000000",
      "UPDATE label SET origin = 424242",
      "UPDATE vector_set SET d = 0",
      "UPDATE vector_set SET d = 2000000000",
      "UPDATE vector_set SET d = 65536",
      "UPDATE vector SET w = x'00'",
      "UPDATE vector SET w = x''",
      "UPDATE vector SET chunk = chunk - 5",
      "UPDATE vector SET chunk = 9223372036854775807",
      "UPDATE map SET n = 1000000000",
      "UPDATE map SET n = -1",
      "UPDATE map SET y = x''",
      "UPDATE suggestion SET tile = 1000000",
      "UPDATE suggestion SET tile = -4",
      "UPDATE model SET absolute = x'2f0000', relative = x'00'",
      "UPDATE slide SET id = 5",
      "UPDATE slide SET id = 9223372036854775807",
      "DELETE FROM slide",
      "UPDATE slide SET root = 77",
      "UPDATE slide SET path = x''",
      "UPDATE slide SET path = CAST ('../../../../../../etc/passwd' AS BLOB), size = 1",
      "UPDATE slide SET name = CAST (x'ff00fe' AS TEXT)",
      "UPDATE slide SET size = -1, fingerprint = x''",
      "UPDATE slide SET width = 0",
      "UPDATE slide SET height = 9223372036854775807",
      "UPDATE slide SET mpp = -1",
      "UPDATE slide SET mpp = 9e999",
      "UPDATE slide SET objective = -9e999",
      "UPDATE tiling SET slide = -1",
      "UPDATE tiling SET side = -3, step = -4, pixels = -5",
      "UPDATE tiling SET options = '{'",
      "UPDATE tiling SET options = '[]'",
      "UPDATE tiling SET options = '{\"pixels\": 1e300, \"mask\": {\"hole\": -1e300}}'",
      "UPDATE tiling SET mask = x''",
      "UPDATE tiling SET mask = x'89504e47'",
      "UPDATE tiling SET mask_width = mask_width + 1",
      "UPDATE tiling SET mask_width = NULL, mask_height = NULL",
      "UPDATE tile SET slide = 3 WHERE root IS NULL",
      "UPDATE tile SET slide = -1 WHERE root IS NULL",
      "UPDATE tile SET slide = 9223372036854775807 WHERE root IS NULL",
      "UPDATE tile SET x = 9223372036854775807 WHERE id = 30",
      "UPDATE tile SET y = -9223372036854775807 WHERE id = 30",
      "UPDATE tile SET side_x = 0 WHERE id = 30",
      "UPDATE tile SET side_x = 9223372036854775807 WHERE id = 30",
      "UPDATE tile SET side_y = -1 WHERE id = 30",
      "UPDATE tile SET width = 0 WHERE id = 30",
      "UPDATE tile SET width = 2000000000 WHERE id = 30",
      "UPDATE tile SET tissue = 9e999, level = -5 WHERE root IS NULL",
      "DELETE FROM tiling",
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (lies); i++) {
    fixture_write (bench->path, bench->good->data, bench->good->len);
    sqlite3 *db;
    g_assert_cmpint (sqlite3_open (bench->path, &db), ==, SQLITE_OK);
    int rc = sqlite3_exec (db, lies[i], NULL, NULL, NULL);
    if (rc != SQLITE_OK)
      g_error ("%s: %s", lies[i], sqlite3_errmsg (db));
    sqlite3_close (db);
    g_autoptr (GByteArray) bytes = fixture_read (bench->path);
    try_file (bench, bytes->data, bytes->len);
  }
}

/* ---- a full disk ---- */

/* Labels until the disk is full; then nothing acknowledged may be missing, the project opens, and
 * after room has been made work goes on. */
static void
label_until_full (const char *path, uint32_t n, int64_t *acknowledged)
{
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_autofree uint32_t *tiles = g_new (uint32_t, n);
  for (uint32_t i = 0; i < n; i++)
    tiles[i] = i;
  *acknowledged = 0;
  for (unsigned i = 0;; i++) {
    int32_t unsure = TSR_LABEL_UNSURE;
    if (!tsr_project_label (project, tiles, &unsure, i % 5 ? 1 : n, true, TSR_HOW_LASSO, "Ada",
                            NULL, &error))
      break;
    (*acknowledged)++;
    g_assert_cmpuint (i, <, 1000000);
  }
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_NO_SPACE);
  g_assert_cmpint (tsr_project_journal_seq (project), ==,
                   *acknowledged); /* the handle itself stays usable */
  tsr_project_close (project);
}

static void
assert_goes_on (const char *path, int64_t acknowledged)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  uint32_t tile = 3;
  int32_t unsure = TSR_LABEL_UNSURE;
  g_assert_cmpint (tsr_project_journal_seq (project), ==, acknowledged);
  tsr_project_check (project, &error);
  g_assert_no_error (error);
  tsr_project_label (project, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error);
  g_assert_no_error (error);
}

/* Tiles from elsewhere do not fit: none comes in, and the project stays as it was. */
static void
assert_import_refused (const char *path)
{
  char *elsewhere = fixture_folder (true);
  g_autoptr (GError) error = NULL;
  for (unsigned i = 0; i < 40; i++) {
    g_autofree char *tile = g_strdup_printf ("%s/%u.png", elsewhere, i);
    fixture_write_tile (tile, 90, i);
  }
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  TsrFolderScan *scan = tsr_folder_scan (elsewhere, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tsr_project_add_tiles (project, elsewhere, scan, true, NULL, &error), ==, -1);
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_NO_SPACE);
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, 300);
  tsr_folder_scan_free (scan);
  fixture_remove (elsewhere);
}

static void
test_full_disk (gconstpointer journal)
{
  g_autofree char *folder = fixture_folder (false);
  if (mount ("tmpfs", folder, "tmpfs", 0, "size=3m") != 0) {
    g_test_skip ("cannot mount a small disk here");
    g_rmdir (folder);
    return;
  }
  if (journal)
    g_setenv ("TESSERA_PROJECT_JOURNAL", journal, TRUE);
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL),
                  *ballast = g_build_filename (folder, "b", NULL);
  g_autofree char *zeros = g_malloc0 (200000);
  g_autoptr (GError) error = NULL;
  fixture_write (ballast, zeros, 200000);
  fixture_bare_project (path, 300);
  int64_t acknowledged;
  label_until_full (path, 300, &acknowledged);
  g_assert_cmpint (acknowledged, >, 10);
  /* a new project on it is refused and leaves nothing behind */
  g_autofree char *other = g_build_filename (folder, "q.tessera", NULL);
  g_autofree char *filler = g_build_filename (folder, "f", NULL);
  int fd = g_open (filler, O_WRONLY | O_CREAT, 0600);
  while (write (fd, zeros, 4096) > 0)
    ;
  off_t filled = lseek (fd, 0, SEEK_CUR);
  close (fd);
  g_assert_null (tsr_project_create (other, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_NO_SPACE);
  /* a little room, in which opening works and importing does not */
  g_assert_cmpint (truncate (filler, MAX (0, filled - 150000)), ==, 0);
  assert_import_refused (path);
  g_unlink (filler);
  g_unlink (ballast);
  assert_goes_on (path, acknowledged);
  g_unsetenv ("TESSERA_PROJECT_JOURNAL");
  g_assert_cmpint (umount (folder), ==, 0);
  g_rmdir (folder);
}

/* The same for everybody: a limit on the size of files. In a child, since the limit is the
 * process's. */
static void
test_file_size_limit (gconstpointer journal)
{
  char *folder = fixture_folder (true);
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
  fixture_bare_project (path, 300);
  if (journal)
    g_setenv ("TESSERA_PROJECT_JOURNAL", journal, TRUE);
  int ends[2];
  g_assert_cmpint (pipe (ends), ==, 0);
  pid_t child = fork ();
  if (child == 0) {
    int64_t acknowledged;
    struct rlimit limit = {700000, 700000};
    signal (SIGXFSZ, SIG_IGN);
    setrlimit (RLIMIT_FSIZE, &limit);
    label_until_full (path, 300, &acknowledged);
    _exit (write (ends[1], &acknowledged, sizeof acknowledged) != sizeof acknowledged);
  }
  int status;
  int64_t acknowledged;
  close (ends[1]);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  g_assert_cmpint (read (ends[0], &acknowledged, sizeof acknowledged), ==, sizeof acknowledged);
  close (ends[0]);
  g_assert_cmpint (acknowledged, >, 10);
  assert_goes_on (path, acknowledged);
  g_unsetenv ("TESSERA_PROJECT_JOURNAL");
  fixture_remove (folder);
}

#define ADD(path, function) g_test_add (path, Bench, NULL, bench_open, function, bench_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/damage/flipped-bytes", test_flipped_bytes);
  ADD ("/damage/truncated", test_truncated);
  ADD ("/damage/pages", test_pages);
  ADD ("/damage/lies", test_lies);
  g_test_add_data_func ("/damage/full-disk", NULL, test_full_disk);
  g_test_add_data_func ("/damage/full-disk-with-rollback", "rollback", test_full_disk);
  g_test_add_data_func ("/damage/file-size-limit", NULL, test_file_size_limit);
  g_test_add_data_func ("/damage/file-size-limit-with-rollback", "rollback", test_file_size_limit);
  return g_test_run ();
}
