/* Replacing files: the old one or the new one, whatever fails, and nothing left lying about. */
#include "tsr-error.h"
#include "tsr-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;

static void
empty_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_chmod (path, 0700);
    g_assert_cmpint (g_remove (path), ==, 0);
  }
}

static unsigned
count_files (void)
{
  unsigned n = 0;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  while (g_dir_read_name (dir))
    n++;
  return n;
}

static void
check_content (const char *path, const char *expected)
{
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &content, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (content, ==, expected);
}

static bool
fill_text (FILE *file, void *data, GError **error)
{
  fputs (data, file); /* whoever fills may leave it to tsr_file_replace to notice a failed write */
  return true;
}

static bool
fill_and_give_up (FILE *file, void *data, GError **error)
{
  fputs ("half of it", file);
  g_set_error_literal (error, TSR_ERROR, TSR_ERROR_DIVERGED, "given up");
  return false;
}

static bool
fill_megabytes (FILE *file, void *data, GError **error)
{
  char block[4096];
  memset (block, 'x', sizeof block);
  for (int i = 0; i < 1024; i++)
    fwrite (block, 1, sizeof block, file);
  return true;
}

/* A project is nobody's to replace; a name like one's that is free is. */
static void
test_projects (void)
{
  static const char *const names[] = {"a.tessera", "B.Tessera", "a.tessera-wal"};
  char text[] = "a table";
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *path = g_build_filename (folder, names[i], NULL);
    g_assert_true (g_file_set_contents (path, "labels", -1, NULL));
    g_assert_false (tsr_file_replace (path, fill_text, text, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
    check_content (path, "labels");
    g_assert_cmpint (g_remove (path), ==, 0);
    g_clear_error (&error);
    g_assert_true (tsr_file_replace (path, fill_text, text, &error));
  }
  empty_folder ();
}

static void
test_replace (void)
{
  g_autofree char *path = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  char first[] = "first", second[] = "the second is longer", third[] = "";
  g_assert_true (tsr_file_replace (path, fill_text, first, &error));
  check_content (path, first);
  g_assert_true (tsr_file_replace (path, fill_text, second, &error));
  check_content (path, second);
  g_assert_true (tsr_file_replace (path, fill_text, third, &error));
  check_content (path, third);
  g_assert_no_error (error);
  g_assert_cmpuint (count_files (), ==, 1);
  empty_folder ();
}

static void
test_odd_names (void)
{
  static const char *const names[] = {
      "with\nnewline", "not utf-8 \xff\xfe", "%s%n", " ", "XXXXXX", "-rf"};
  char text[] = "text";
  for (unsigned i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (folder, names[i], NULL);
    g_autoptr (GError) error = NULL;
    g_assert_true (tsr_file_replace (path, fill_text, text, &error));
    check_content (path, text);
  }
  g_assert_cmpuint (count_files (), ==, G_N_ELEMENTS (names));
  empty_folder ();
}

static void
test_give_up (void)
{
  g_autofree char *path = g_build_filename (folder, "kept", NULL);
  g_autoptr (GError) error = NULL;
  char text[] = "as it was";
  g_assert_true (tsr_file_replace (path, fill_text, text, &error));
  g_assert_false (tsr_file_replace (path, fill_and_give_up, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
  check_content (path, text);
  g_assert_cmpuint (count_files (), ==, 1);
  empty_folder ();
}

static void
test_no_folder (void)
{
  g_autofree char *path = g_build_filename (folder, "missing", "file", NULL);
  g_autoptr (GError) error = NULL;
  char text[] = "text";
  g_assert_false (tsr_file_replace (path, fill_text, text, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "missing/file"));
}

static void
test_folder_in_the_way (void)
{
  g_autofree char *path = g_build_filename (folder, "a folder", NULL);
  g_autoptr (GError) error = NULL;
  char text[] = "text";
  g_mkdir (path, 0700);
  g_assert_false (tsr_file_replace (path, fill_text, text, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_cmpuint (count_files (), ==, 1);
  empty_folder ();
}

/* Pictures, slides and models stay where a table's or a drawing's name was given wrongly; what is
 * of the same kind, or of none that is known, is replaced. */
static void
test_kinds (void)
{
  static const struct {
    const char *former, *now;
    bool replaced;
  } cases[] = {{"\x89PNG and so on", "tile_id,file", false},
               {"\x89PNG and so on", "\x89PNG another", true},
               {"\x89PNG and so on", "II*a slide", false},
               {"SQLite format 3", "tile_id,file", true}, /* without its 0 it is text */
               {"{\"type\": \"FeatureCollection\"}", "tile_id,file", false},
               {"{\"type\": \"FeatureCollection\"}", "{\"type\": \"Feature\"}", true},
               {"<svg>", "%PDF-1.5", false},
               {"MM", "tile_id,file", true},
               {"", "%PDF-1.5", true},
               {"tile_id,file", "<svg>", true}};
  g_autofree char *path = g_build_filename (folder, "kept", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_true (g_file_set_contents (path, cases[i].former, -1, NULL));
    bool ok = tsr_file_replace (path, fill_text, (char *)cases[i].now, &error);
    g_assert_cmpint (ok, ==, cases[i].replaced);
    check_content (path, ok ? cases[i].now : cases[i].former);
    g_assert_cmpuint (count_files (), ==, 1);
    if (ok)
      continue;
    g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
    g_assert_nonnull (strstr (error->message, "another kind"));
  }
  char json[] = "{\"type\": {}}";
  static const char model[] = "\x7b\1\0\0\0\0\0\0{\"tensor\""; /* begins as a JSON text does */
  g_assert_true (g_file_set_contents (path, model, sizeof model - 1, NULL));
  g_assert_false (tsr_file_replace (path, fill_text, json, NULL));
  check_content (path, model);
  empty_folder ();
}

/* A file that was made read-only stays, also for root; a private one stays private. */
static void
test_modes (void)
{
  g_autofree char *path = g_build_filename (folder, "kept", NULL);
  g_autoptr (GError) error = NULL;
  struct stat status;
  char text[] = "mine", now[] = "now";
  g_assert_true (tsr_file_replace (path, fill_text, text, &error));
  g_assert_cmpint (chmod (path, 0444), ==, 0);
  g_assert_false (tsr_file_replace (path, fill_text, now, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  check_content (path, text);
  g_assert_cmpuint (count_files (), ==, 1);
  g_clear_error (&error);
  g_assert_cmpint (chmod (path, 0600), ==, 0);
  g_assert_true (tsr_file_replace (path, fill_text, now, &error));
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  check_content (path, now);
  empty_folder ();
}

/* A device under the name would be gone for the whole machine. */
static void
test_pipe_in_the_way (void)
{
  g_autofree char *path = g_build_filename (folder, "a pipe", NULL);
  g_autoptr (GError) error = NULL;
  char text[] = "text";
  struct stat status;
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_assert_false (tsr_file_replace (path, fill_text, text, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "a pipe or a device"));
  g_assert_cmpint (lstat (path, &status), ==, 0);
  g_assert_true (S_ISFIFO (status.st_mode));
  g_assert_cmpuint (count_files (), ==, 1);
  empty_folder ();
}

static void
test_link (void)
{
  g_autofree char *path = g_build_filename (folder, "file", NULL),
                  *link = g_build_filename (folder, "link", NULL);
  g_autoptr (GError) error = NULL;
  char text[] = "text";
  g_assert_true (g_file_set_contents (path, "former", -1, NULL));
  g_assert_cmpint (symlink ("file", link), ==, 0);
  g_assert_true (tsr_file_replace (link, fill_text, text, &error));
  g_assert_no_error (error);
  check_content (path, "text");
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpuint (count_files (), ==, 2);
  g_assert_cmpint (g_unlink (path), ==, 0); /* it leads to nothing yet */
  g_assert_true (tsr_file_replace (link, fill_text, text, &error));
  g_assert_no_error (error);
  check_content (path, "text");
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_autofree char *place = tsr_file_place (link), *same = tsr_file_place (path);
  g_assert_cmpstr (place, ==, same);
  empty_folder ();
}

/* “..” behind a link is the folder above what the link leads to. */
static void
test_above_link (void)
{
  g_autofree char *deep = g_build_filename (folder, "a", "b", NULL),
                  *link = g_build_filename (folder, "link", NULL),
                  *path = g_build_filename (link, "..", "file", NULL),
                  *expected = g_build_filename (folder, "a", "file", NULL);
  g_autoptr (GError) error = NULL;
  char text[] = "text";
  g_assert_cmpint (g_mkdir_with_parents (deep, 0700), ==, 0);
  g_assert_cmpint (symlink (deep, link), ==, 0);
  g_assert_true (tsr_file_replace (path, fill_text, text, &error));
  g_assert_no_error (error);
  check_content (expected, "text");
  g_assert_cmpint (g_unlink (expected), ==, 0);
  g_assert_cmpint (g_rmdir (deep), ==, 0);
  empty_folder ();
}

static void
test_read_only_folder (void)
{
  if (geteuid () == 0) {
    g_test_skip ("The superuser may write anywhere.");
    return;
  }
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autoptr (GError) error = NULL;
  char text[] = "text";
  g_chmod (folder, 0500);
  g_assert_false (tsr_file_replace (path, fill_text, text, &error));
  g_chmod (folder, 0700);
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_cmpuint (count_files (), ==, 0);
}

/* A limit on the size of files makes write fail half-way, as a full disk does (there with ENOSPC).
 */
static void
test_write_fails (void)
{
  g_autofree char *path = g_build_filename (folder, "kept", NULL);
  g_autoptr (GError) error = NULL;
  char text[] = "as it was";
  g_assert_true (tsr_file_replace (path, fill_text, text, &error));
  struct rlimit before, low;
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  low = before;
  low.rlim_cur = 64 * 1024;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &low), ==, 0);
  bool ok = tsr_file_replace (path, fill_megabytes, NULL, &error);
  setrlimit (RLIMIT_FSIZE, &before);
  g_assert_false (ok);
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "kept"));
  check_content (path, text);
  g_assert_cmpuint (count_files (), ==, 1);
  empty_folder ();
}

/* A disk that is really full: a small tmpfs, where this process may mount one. */
static void
test_full_disk (void)
{
  g_autofree char *mount = g_build_filename (folder, "disk", NULL);
  g_autofree char *command =
      g_strdup_printf ("mount -t tmpfs -o size=256k tessera-test '%s' 2>/dev/null", mount);
  g_mkdir (mount, 0700);
  if (geteuid () != 0 || system (command) != 0) {
    g_test_skip ("Only the superuser can mount a small disk.");
    empty_folder ();
    return;
  }
  g_autofree char *path = g_build_filename (mount, "kept", NULL);
  g_autoptr (GError) error = NULL;
  char text[] = "as it was";
  bool small = tsr_file_replace (path, fill_text, text, &error);
  bool large = tsr_file_replace (path, fill_megabytes, NULL, &error);
  g_autofree char *content = NULL;
  g_file_get_contents (path, &content, NULL, NULL);
  g_autoptr (GDir) dir = g_dir_open (mount, 0, NULL);
  unsigned files = 0;
  while (g_dir_read_name (dir))
    files++;
  g_clear_pointer (&dir, g_dir_close);
  g_autofree char *undo = g_strdup_printf ("umount '%s'", mount);
  g_assert_cmpint (system (undo), ==, 0);
  g_assert_true (small);
  g_assert_false (large);
  g_assert_error (error, TSR_ERROR, TSR_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "disk is full"));
  g_assert_cmpstr (content, ==, text);
  g_assert_cmpuint (files, ==, 1);
  empty_folder ();
}

/* Killed at any instant, a writer leaves one of its contents whole. */
static void
test_kill (void)
{
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  char text[] = "start";
  g_assert_true (tsr_file_replace (path, fill_text, text, NULL));
  for (int kill_number = 0; kill_number < 100; kill_number++) {
    pid_t child = fork ();
    g_assert_cmpint (child, >=, 0);
    if (child == 0) {
      for (;;)
        tsr_file_replace (path, fill_megabytes, NULL, NULL);
    }
    g_usleep (500 + kill_number * 97 % 7000);
    kill (child, SIGKILL);
    waitpid (child, NULL, 0);
    g_autofree char *content = NULL;
    gsize length = 0;
    g_assert_true (g_file_get_contents (path, &content, &length, NULL));
    g_assert_true (length == 4u << 20 || g_str_equal (content, text));
  }
  empty_folder ();
}

static void
test_errno (void)
{
  static const struct {
    int errsv;
    TsrErrorCode code;
  } cases[] = {{ENOSPC, TSR_ERROR_NO_SPACE},
               {EDQUOT, TSR_ERROR_NO_SPACE},
               {EACCES, TSR_ERROR_PROJECT},
               {EIO, TSR_ERROR_PROJECT}};
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    tsr_file_set_errno (&error, TSR_ERROR_PROJECT, "write", "/some/where\xff", cases[i].errsv);
    g_assert_error (error, TSR_ERROR, (int)cases[i].code);
    g_assert_nonnull (strstr (error->message, "/some/where"));
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    g_assert_true (g_str_has_suffix (error->message, "."));
  }
}

/* Every sentence says what to do, and what GLib reports reads as what the system reports. */
static void
test_advice (void)
{
  static const struct {
    int errsv, io, file;
    const char *says;
  } cases[] = {
      {ENOSPC, G_IO_ERROR_NO_SPACE, G_FILE_ERROR_NOSPC, "Free some space"},
      {EACCES, G_IO_ERROR_PERMISSION_DENIED, G_FILE_ERROR_ACCES, "Change the permissions"},
      {EROFS, G_IO_ERROR_READ_ONLY, G_FILE_ERROR_ROFS, "Choose another place"},
      {EISDIR, G_IO_ERROR_IS_DIRECTORY, G_FILE_ERROR_ISDIR, "Choose the name of a file"},
      {ENOTDIR, G_IO_ERROR_NOT_DIRECTORY, G_FILE_ERROR_NOTDIR, "Check the path"},
      {ENAMETOOLONG, G_IO_ERROR_FILENAME_TOO_LONG, G_FILE_ERROR_NAMETOOLONG, "Choose a shorter"},
      {EIO, G_IO_ERROR_BROKEN_PIPE, G_FILE_ERROR_IO, "Check the disk"},
      {ENOENT, G_IO_ERROR_NOT_FOUND, G_FILE_ERROR_NOENT, "there is no folder “/no/such”"}};
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL, from_io = NULL, from_file = NULL;
    g_autoptr (GError) io = g_error_new_literal (G_IO_ERROR, cases[i].io, "what GIO says");
    g_autoptr (GError) file = g_error_new_literal (G_FILE_ERROR, cases[i].file, "what GLib says");
    tsr_file_set_errno (&error, TSR_ERROR_FAILED, "write", "/no/such/place", cases[i].errsv);
    tsr_file_set_cause (&from_io, TSR_ERROR_FAILED, "write", "/no/such/place", io);
    tsr_file_set_cause (&from_file, TSR_ERROR_FAILED, "write", "/no/such/place", file);
    g_assert_nonnull (strstr (error->message, cases[i].says));
    g_assert_nonnull (strstr (from_io->message, cases[i].says));
    g_assert_nonnull (strstr (from_file->message, cases[i].says));
    g_assert_cmpint (from_io->code, ==, error->code);
    g_assert_cmpint (from_file->code, ==, error->code);
  }
  g_autoptr (GError) error = NULL;
  tsr_file_set_errno (&error, TSR_ERROR_FAILED, "open", "/no-such-file", ENOENT);
  g_assert_nonnull (strstr (error->message, "Check the name"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("tessera-test-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_test_add_func ("/file/projects", test_projects);
  g_test_add_func ("/file/replace", test_replace);
  g_test_add_func ("/file/odd-names", test_odd_names);
  g_test_add_func ("/file/give-up", test_give_up);
  g_test_add_func ("/file/no-folder", test_no_folder);
  g_test_add_func ("/file/folder-in-the-way", test_folder_in_the_way);
  g_test_add_func ("/file/pipe-in-the-way", test_pipe_in_the_way);
  g_test_add_func ("/file/kinds", test_kinds);
  g_test_add_func ("/file/modes", test_modes);
  g_test_add_func ("/file/link", test_link);
  g_test_add_func ("/file/above-link", test_above_link);
  g_test_add_func ("/file/read-only-folder", test_read_only_folder);
  g_test_add_func ("/file/write-fails", test_write_fails);
  g_test_add_func ("/file/full-disk", test_full_disk);
  g_test_add_func ("/file/kill", test_kill);
  g_test_add_func ("/file/errno", test_errno);
  g_test_add_func ("/file/advice", test_advice);
  int failed = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return failed;
}
