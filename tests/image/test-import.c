/* Folders as people have them: nested, linked in circles, with pipes, rubbish, odd names and
 * unreadable corners. */

#include "fixtures.h"

#include "tsr-error.h"
#include "tsr-folder-walk.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static GBytes *png;

static char *
new_folder (void)
{
  return g_dir_make_tmp ("tessera-import-XXXXXX", NULL);
}

static void
remove_tree (const char *path)
{
  struct stat status;
  if (lstat (path, &status) == 0 && S_ISDIR (status.st_mode)) {
    g_chmod (path, 0700);
    GDir *dir = g_dir_open (path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name (dir));) {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
    g_dir_close (dir);
  }
  g_remove (path);
}

static void
write_file (const char *folder, const char *name, const void *bytes, gsize n)
{
  g_autofree char *path = g_build_filename (folder, name, NULL),
                  *parent = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, bytes, (gssize)n, NULL));
}

static void
write_png (const char *folder, const char *name)
{
  gsize n;
  const void *bytes = g_bytes_get_data (png, &n);
  write_file (folder, name, bytes, n);
}

static void
link_to (const char *target, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

static const char *
reason_of (const TsrFolderScan *scan, const char *file)
{
  for (guint i = 0; i < scan->skipped->len; i++) {
    const TsrSkippedFile *skipped = scan->skipped->pdata[i];
    if (strcmp (skipped->file, file) == 0)
      return skipped->reason;
  }
  g_error ("%s was not skipped", file);
}

static void
assert_skipped (const TsrFolderScan *scan, const char *file, const char *part)
{
  const char *reason = reason_of (scan, file);
  if (!strstr (reason, part) || !g_str_has_suffix (reason, ".") || !g_ascii_isupper (reason[0]))
    g_error ("expected “%s” in a sentence for %s, found: %s", part, file, reason);
}

static void
assert_tiles (const TsrFolderScan *scan, const char *const *names)
{
  g_assert_cmpuint (scan->tiles->len, ==, g_strv_length ((char **)names));
  for (guint i = 0; i < scan->tiles->len; i++) {
    const TsrFoundTile *tile = scan->tiles->pdata[i];
    g_assert_cmpstr (tile->relative, ==, names[i]);
    g_assert_true (g_path_is_absolute (tile->path));
    g_assert_cmpint (tile->width, ==, FIXTURE_WIDTH);
    g_assert_cmpint (tile->height, ==, FIXTURE_HEIGHT);
  }
}

static void
test_order (void)
{
  g_autofree char *folder = new_folder ();
  write_png (folder, "tile 10.png");
  write_png (folder, "tile 9.png");
  write_png (folder, "Tile 9b.png");
  write_png (folder, "b/1.png");
  write_png (folder, "a/x/2.png");
  write_png (folder, "a/2.png");
  write_png (folder, "a b/2.png");
  write_png (folder,
             "a/2.png copy"); /* the name says nothing, the content counts; twins are fine */
  g_autoptr (GError) error = NULL;
  TsrFolderScan *scan = tsr_folder_scan (folder, NULL, &error);
  g_assert_no_error (error);
  assert_tiles (scan,
                (const char *[]){"a/2.png", "a/2.png copy", "a/x/2.png", "a b/2.png", "b/1.png",
                                 "tile 9.png", "Tile 9b.png", "tile 10.png", NULL});
  g_assert_cmpuint (scan->skipped->len, ==, 0);
  g_assert_cmpstr (((TsrFoundTile *)scan->tiles->pdata[2])->folder, ==, "a");
  g_assert_cmpstr (((TsrFoundTile *)scan->tiles->pdata[4])->folder, ==, "b");
  g_assert_null (((TsrFoundTile *)scan->tiles->pdata[5])->folder);
  tsr_folder_scan_free (scan);
  remove_tree (folder);
}

static void
test_natural_order (void)
{
  static const char *const sorted[] = {"",
                                       "a/1",
                                       "a/10",
                                       "a1",
                                       "A1",
                                       "a01",
                                       "a2",
                                       "A10",
                                       "a10b",
                                       "a99999999999999999999",
                                       "a100000000000000000000",
                                       "b/x",
                                       "b",
                                       "ba",
                                       "\xC3\xA4"};
  for (size_t i = 0; i < G_N_ELEMENTS (sorted); i++)
    for (size_t j = 0; j < G_N_ELEMENTS (sorted); j++) {
      int order = tsr_natural_order (sorted[i], sorted[j]),
          back = tsr_natural_order (sorted[j], sorted[i]);
      g_assert_cmpint ((order > 0) - (order < 0), ==, (back < 0) - (back > 0));
      g_assert_true (i != j ? order != 0 : order == 0);
    }
  g_assert_cmpint (tsr_natural_order ("a2", "a10"), <, 0);
  g_assert_cmpint (tsr_natural_order ("a99999999999999999999", "a100000000000000000000"), <, 0);
  g_assert_cmpint (tsr_natural_order ("a/z", "a b/a"), <, 0);
  g_assert_cmpint (tsr_natural_order ("Z", "a"), >, 0);
}

static void
test_links (void)
{
  g_autofree char *folder = new_folder (), *outside = new_folder ();
  write_png (folder, "z/real.png");
  write_png (outside, "other.png");
  link_to ("z", folder, "a link to z");
  link_to ("..", folder, "z/up");
  link_to ("z/real.png", folder, "again.png");
  link_to (outside, folder, "outside");
  link_to ("circle", folder, "circle");
  link_to ("nowhere", folder, "broken.png");
  g_autofree char *first = g_build_filename (folder, "z/real.png", NULL),
                  *second = g_build_filename (folder, "hard.png", NULL);
  g_assert_cmpint (link (first, second), ==, 0);
  TsrFolderScan *scan = tsr_folder_scan (folder, NULL, NULL);
  assert_tiles (scan, (const char *[]){"hard.png", "outside/other.png", "z/real.png", NULL});
  assert_skipped (scan, "a link to z", "already in the list");
  assert_skipped (scan, "again.png", "already in the list");
  assert_skipped (scan, "z/up", "back to the folder itself");
  assert_skipped (scan, "circle", "circles");
  assert_skipped (scan, "broken.png", "does not exist");
  g_assert_cmpuint (scan->skipped->len, ==, 5);
  tsr_folder_scan_free (scan);
  remove_tree (folder);
  remove_tree (outside);
}

static void
bind_socket (const char *folder)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/socket", folder);
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  close (fd);
}

static void
test_rubbish (void)
{
  g_autofree char *folder = new_folder (), *fifo = g_build_filename (folder, "fifo.png", NULL),
                  *locked = g_build_filename (folder, "locked", NULL),
                  *secret = g_build_filename (folder, "secret.png", NULL);
  gsize n;
  const char *bytes = g_bytes_get_data (png, &n);
  write_png (folder, "good.png");
  write_png (folder, ".hidden.png");
  write_png (folder, ".cache/tile.png");
  write_png (folder, "__MACOSX/tile.png");
  write_file (folder, "Thumbs.db", "x", 1);
  write_file (folder, "mine.tessera", "x", 1);
  write_file (folder, "mine.tessera-wal", "x", 1);
  write_file (folder, "empty.png", "", 0);
  write_file (folder, "notes.txt", "hello", 5);
  write_file (folder, "short.png", bytes, n / 2);
  write_png (folder, "locked/in.png");
  write_png (folder, "secret.png");
  write_png (folder, "line\nbreak.png");
  write_png (folder, "latin \xE4.png");
  write_png (folder, "latin \\xE4.png");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  bind_socket (folder);
  link_to ("/dev/zero", folder, "device.png");
  g_chmod (locked, 0);
  g_chmod (secret, 0);
  /* Root may read everything, so as root the scan runs as somebody else. */
  bool root = geteuid () == 0;
  g_chmod (folder, 0755);
  g_assert_true (!root || seteuid (65534) == 0);
  TsrFolderScan *scan = tsr_folder_scan (folder, NULL, NULL);
  g_assert_true (!root || seteuid (0) == 0);
  assert_tiles (scan, (const char *[]){"good.png", "latin \\x5CxE4.png", "latin \\xE4.png",
                                       "line\nbreak.png", NULL});
  assert_skipped (scan, "locked", "may not read this folder");
  assert_skipped (scan, "secret.png", "may not read this file");
  assert_skipped (scan, "empty.png", "empty");
  assert_skipped (scan, "notes.txt", "not an image");
  assert_skipped (scan, "short.png", "cut short");
  assert_skipped (scan, "fifo.png", "pipe");
  assert_skipped (scan, "socket", "socket");
  assert_skipped (scan, "device.png", "device");
  g_assert_cmpuint (scan->skipped->len, ==, 8);
  for (guint i = 0; i < scan->tiles->len; i++) { /* whatever it is called, the path opens */
    TsrImage image;
    g_assert_true (
        tsr_image_load (((TsrFoundTile *)scan->tiles->pdata[i])->path, 0, 0, &image, NULL));
    tsr_image_clear (&image);
  }
  tsr_folder_scan_free (scan);
  remove_tree (folder);
}

static void
test_deep (void)
{
  g_autofree char *folder = new_folder ();
  GString *name = g_string_new (NULL);
  for (int i = 0; i < 300; i++)
    g_string_append (name, "d/");
  g_string_append (name, "deep.png");
  write_png (folder, name->str);
  write_png (folder, "d/d/d/near.png");
  TsrFolderScan *scan = tsr_folder_scan (folder, NULL, NULL);
  assert_tiles (scan, (const char *[]){"d/d/d/near.png", NULL});
  g_assert_cmpuint (scan->skipped->len, ==, 1);
  g_assert_nonnull (
      strstr (((TsrSkippedFile *)scan->skipped->pdata[0])->reason, "256 folders deep"));
  tsr_folder_scan_free (scan);
  g_string_free (name, TRUE);
  remove_tree (folder);
}

static void
assert_scan_fails (const char *folder, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_folder_scan (folder, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  if (!strstr (error->message, part) || !strstr (error->message, folder))
    g_error ("expected “%s” and the folder in: %s", part, error->message);
}

static void
test_nothing (void)
{
  g_autofree char *folder = new_folder ();
  assert_scan_fails (folder, "is empty");
  write_file (folder, "a.txt", "x", 1);
  assert_scan_fails (folder, "its only file was refused: it is not an image");
  write_file (folder, "b.txt", "x", 1);
  write_file (folder, "c.png", "", 0);
  assert_scan_fails (folder, "all 3 files were refused, most often because: it is not an image");
  write_png (folder, "one.png");
  TsrFolderScan *scan = tsr_folder_scan (folder, NULL, NULL);
  assert_tiles (scan, (const char *[]){"one.png", NULL});
  tsr_folder_scan_free (scan);
  remove_tree (folder);
  assert_scan_fails (folder, "does not exist");
}

/* Every file is mentioned once, and the same way whatever the number of threads or the order on
 * disk. */
static void
test_many (void)
{
  g_autofree char *folder = new_folder ();
  for (int i = 0; i < 400; i++) {
    g_autofree char *name = g_strdup_printf ("%d/%d.png", i % 7, i);
    if (i % 5 == 0)
      write_file (folder, name, "broken", 6);
    else
      write_png (folder, name);
  }
  TsrFolderScan *scan = tsr_folder_scan (folder, NULL, NULL),
                *again = tsr_folder_scan (folder, NULL, NULL);
  g_assert_cmpuint (scan->tiles->len, ==, 320);
  g_assert_cmpuint (scan->skipped->len, ==, 80);
  for (guint i = 0; i < scan->tiles->len; i++) {
    const TsrFoundTile *tile = scan->tiles->pdata[i], *other = again->tiles->pdata[i];
    g_assert_cmpstr (tile->relative, ==, other->relative);
    if (i > 0)
      g_assert_cmpint (
          tsr_natural_order (((TsrFoundTile *)scan->tiles->pdata[i - 1])->relative, tile->relative),
          <, 0);
  }
  tsr_folder_scan_free (scan);
  tsr_folder_scan_free (again);
  remove_tree (folder);
}

typedef struct {
  GCancellable *cancellable;
  double cancel_at, last;
  unsigned calls;
} Watch;

static void
watch_progress (double fraction, const char *stage, void *user)
{
  Watch *watch = user;
  g_assert_nonnull (stage);
  g_assert_true (fraction <= 1 && (fraction < 0 || fraction >= watch->last));
  watch->last = fraction;
  watch->calls++;
  if (fraction >= watch->cancel_at)
    g_cancellable_cancel (watch->cancellable);
}

static void
test_cancel (void)
{
  g_autofree char *folder = new_folder ();
  for (int i = 0; i < 60; i++) {
    g_autofree char *name = g_strdup_printf ("%d.png", i);
    write_png (folder, name);
  }
  static const double moments[] = {-1, 0, 0.01, 2};
  for (size_t i = 0; i < G_N_ELEMENTS (moments); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    Watch watch = {.cancellable = cancellable, .cancel_at = moments[i], .last = -1};
    TsrFolderScan *scan =
        tsr_folder_scan (folder, &(TsrProgress){watch_progress, &watch, cancellable}, &error);
    g_assert_cmpuint (watch.calls, >, 0);
    if (moments[i] > 1) {
      g_assert_no_error (error);
      g_assert_cmpuint (scan->tiles->len, ==, 60);
      g_assert_cmpfloat (watch.last, ==, 1);
    } else {
      g_assert_null (scan);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
    tsr_folder_scan_free (scan);
  }
  remove_tree (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (GPtrArray) fixtures = fixtures_new ();
  for (guint i = 0; i < fixtures->len; i++)
    if (strcmp (((Fixture *)fixtures->pdata[i])->name, "png-grey-8") == 0)
      png = ((Fixture *)fixtures->pdata[i])->bytes;
  g_test_add_func ("/import/order", test_order);
  g_test_add_func ("/import/natural-order", test_natural_order);
  g_test_add_func ("/import/links", test_links);
  g_test_add_func ("/import/rubbish", test_rubbish);
  g_test_add_func ("/import/deep", test_deep);
  g_test_add_func ("/import/nothing", test_nothing);
  g_test_add_func ("/import/many", test_many);
  g_test_add_func ("/import/cancel", test_cancel);
  return g_test_run ();
}
