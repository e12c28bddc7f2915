#include "fixture.h"

#include "tsr-project-private.h"

#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

char *
fixture_folder (bool in_memory)
{
  bool shm = in_memory && access ("/dev/shm", W_OK) == 0;
  g_autofree char *template =
      g_build_filename (shm ? "/dev/shm" : g_get_tmp_dir (), "tessera-test-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (template));
  return g_steal_pointer (&template);
}

static int
remove_entry (const char *path, const struct stat *info, int type, struct FTW *ftw)
{
  return remove (path);
}

void
fixture_remove (char *folder)
{
  nftw (folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  g_free (folder);
}

void
fixture_write_tile (const char *path, int size, unsigned seed)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  TsrImage image = {size, size, 3, g_malloc ((gsize)size * size * 3)};
  for (int i = 0; i < size * size * 3; i++)
    image.pixels[i] = (uint8_t)(seed * 37 + i / 3 % size * (i % 3 + 1));
  g_autoptr (GError) error = NULL;
  tsr_image_save_png (&image, path, &error);
  g_assert_no_error (error);
  g_free (image.pixels);
}

gint64
fixture_add (TsrProject *project, const char *root, bool labels_from_folders)
{
  g_autoptr (GError) error = NULL;
  TsrFolderScan *scan = tsr_folder_scan (root, NULL, &error);
  g_assert_no_error (error);
  gint64 added = tsr_project_add_tiles (project, root, scan, labels_from_folders, NULL, &error);
  g_assert_no_error (error);
  tsr_folder_scan_free (scan);
  return added;
}

TsrProject *
fixture_project (const char *folder, const char *name, unsigned n, unsigned classes)
{
  g_autofree char *tiles = g_build_filename (folder, "tiles", NULL),
                  *path = g_build_filename (folder, name, NULL);
  for (unsigned i = 0; i < n; i++) {
    g_autofree char *tile = g_strdup_printf ("%s/class-%u/tile-%u.png", tiles, i % classes, i);
    fixture_write_tile (tile, 16, i);
  }
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_create (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fixture_add (project, tiles, true), ==, n);
  return project;
}

void
fixture_bare_project (const char *path, unsigned n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_create (path, &error);
  g_assert_no_error (error);
  g_autofree char *sql = g_strdup_printf (
      "BEGIN; INSERT INTO root VALUES (1, CAST ('/nowhere/tiles' AS BLOB), NULL);"
      "WITH RECURSIVE i (x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM i WHERE x + 1 < %u)"
      " INSERT INTO tile (id, root, path, name, width, height, channels) SELECT x, 1, CAST (x || "
      "'.png' AS BLOB), x || '.png', 64, 64, 3 "
      "FROM i; COMMIT",
      n);
  tsr_db_exec (project, sql, &error);
  g_assert_no_error (error);
}

void
fixture_bench_open (FixtureBench *bench, gconstpointer n_tiles)
{
  bench->folder = fixture_folder (true);
  bench->path = g_build_filename (bench->folder, "p.tessera", NULL);
  fixture_bare_project (bench->path, GPOINTER_TO_UINT (n_tiles));
  fixture_bench_reopen (bench);
}

void
fixture_bench_reopen (FixtureBench *bench)
{
  g_autoptr (GError) error = NULL;
  g_clear_pointer (&bench->project, tsr_project_close);
  bench->project = tsr_project_open (bench->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
}

void
fixture_bench_close (FixtureBench *bench, gconstpointer n_tiles)
{
  tsr_project_close (bench->project);
  g_free (bench->path);
  fixture_remove (bench->folder);
}

GByteArray *
fixture_read (const char *path)
{
  char *bytes;
  gsize n;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &bytes, &n, &error);
  g_assert_no_error (error);
  return g_byte_array_new_take ((guint8 *)bytes, n);
}

void
fixture_write (const char *path, const void *bytes, gsize n)
{
  int fd = g_open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  g_assert_cmpint (fd, >=, 0);
  if (n)
    g_assert_cmpint (write (fd, bytes, n), ==, (gssize)n);
  close (fd);
}

void
fixture_copy (const char *from, const char *to)
{
  g_autoptr (GByteArray) bytes = fixture_read (from);
  fixture_write (to, bytes->data, bytes->len);
}

int
fixture_assert_sentence (GError **error)
{
  g_assert_nonnull (*error);
  g_assert_cmpuint ((*error)->domain, ==, TSR_ERROR);
  const char *message = (*error)->message;
  gsize n = strlen (message);
  g_assert_cmpuint (n, >, 20);
  g_assert_true (g_utf8_validate (message, -1, NULL));
  g_assert_true (g_str_has_suffix (message, "."));
  g_assert_null (strchr (message, '\n'));
  g_assert_null (strstr (message, "(null)"));
  int code = (*error)->code;
  g_clear_error (error);
  return code;
}

void
fixture_old_label (TsrProject *project, const uint32_t *tiles, unsigned n, int32_t value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) sql = g_string_new ("BEGIN;");
  int64_t seq = tsr_db_int (project, "SELECT coalesce (max (seq), 0) + 1 FROM journal", -1);
  g_string_append_printf (
      sql,
      "INSERT INTO journal (seq, at, annotator, action, how, count, detail, top, undone) VALUES "
      "(%" G_GINT64_FORMAT ", 1, 'Ada', 'label', 'picked', %u, '%s', %" G_GINT64_FORMAT ", 0);",
      seq, n, value == TSR_LABEL_UNSURE ? "?" : "a class", seq);
  for (unsigned i = 0; i < n; i++)
    g_string_append_printf (sql,
                            "INSERT INTO journal_tile (seq, tile, before, after, excluded_before, "
                            "excluded_after, origin_before) VALUES (%" G_GINT64_FORMAT
                            ", %u, -1, %d, 0, 0, 0);"
                            "INSERT INTO label VALUES (%u, %d, %" G_GINT64_FORMAT ", 0);",
                            seq, tiles[i], value, tiles[i], value, seq);
  g_string_append (sql, "COMMIT");
  tsr_db_exec (project, sql->str, &error);
  g_assert_no_error (error);
}
