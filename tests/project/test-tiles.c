/* Tiles from real folders: names of every kind, folders moved, refused files, thumbnails, ground
 * truth. */

#include "fixture.h"
#include "tsr-project-private.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static TsrProject *
reopen (const char *path)
{
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  return project;
}

static void
assert_tiles_exist (TsrProject *project, const char *below)
{
  uint32_t n = tsr_project_n_tiles (project);
  for (uint32_t i = 0; i < n; i++) {
    g_autofree char *path = tsr_project_tile_path (project, i);
    g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
    g_assert_nonnull (tsr_path_below (path, below));
  }
}

/* In one block they are the same, whatever they hold. */
static void
assert_packed (TsrProject *project, char **names)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packed = tsr_project_reread_names (project, NULL, &error);
  g_assert_no_error (error);
  const char *at = g_bytes_get_data (packed, NULL);
  for (uint32_t i = 0; i < tsr_project_n_tiles (project); i++, at += strlen (at) + 1)
    g_assert_cmpstr (at, ==, names[i]);
}

static void
test_add (void)
{
  char *folder = fixture_folder (false);
  TsrProject *project = fixture_project (folder, "p.tessera", 30, 3);
  g_autoptr (GError) error = NULL;
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, 30);
  assert_tiles_exist (project, folder);
  g_assert_null (tsr_project_tile_path (project, 30));

  g_auto (GStrv) names = tsr_project_tile_names (project);
  g_assert_cmpuint (g_strv_length (names), ==, 30);
  assert_packed (project, names);
  int32_t truth[30];
  g_auto (GStrv) classes = tsr_project_truth (project, truth);
  g_assert_cmpuint (g_strv_length (classes), ==, 3);
  for (uint32_t i = 0; i < 30; i++) {
    g_assert_true (g_str_has_prefix (names[i], classes[truth[i]]));
    uint32_t found;
    g_autofree char *number = g_strdup_printf ("#%u", i),
                    *path = tsr_project_tile_path (project, i);
    g_assert_true (tsr_project_find_tile (project, names[i], &found, &error) && found == i);
    g_assert_true (tsr_project_find_tile (project, number, &found, &error) && found == i);
    g_assert_true (tsr_project_find_tile (project, path, &found, &error) && found == i);
    TsrImage image = {0};
    g_assert_true (tsr_project_thumbnail (project, i, &image, &error));
    g_assert_cmpint (image.width, ==, 16);
    g_assert_cmpint (image.height, ==, 16);
    tsr_image_clear (&image);
  }
  static const char *const absent[] = {"",    "#30",         "#-1",         "#",
                                       "#1x", "nothing.png", "/etc/passwd", "\xff\xfe"};
  for (unsigned i = 0; i < G_N_ELEMENTS (absent); i++) {
    uint32_t found;
    g_assert_false (tsr_project_find_tile (project, absent[i], &found, &error));
    g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  }
  TsrImage image = {0};
  g_assert_false (tsr_project_thumbnail (project, 30, &image, &error));
  fixture_assert_sentence (&error);
  tsr_project_close (project);
  fixture_remove (folder);
}

/* A thumbnail shows the tile: large ones come down to 96 pixels, content intact. */
static void
test_thumbnails (void)
{
  char *folder = fixture_folder (false);
  g_autofree char *tiles = g_build_filename (folder, "tiles", NULL),
                  *path = g_build_filename (folder, "p.tessera", NULL);
  g_autoptr (GError) error = NULL;
  static const int sizes[] = {1, 5, 95, 96, 97, 300};
  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *tile = g_strdup_printf ("%s/%u.png", tiles, i);
    fixture_write_tile (tile, sizes[i], 3);
  }
  g_autoptr (TsrProject) project = tsr_project_create (path, &error);
  fixture_add (project, tiles, false);
  for (uint32_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *tile = tsr_project_tile_path (project, i);
    int size = MIN (sizes[i], 96);
    TsrImage thumbnail = {0}, original = {0};
    g_assert_true (tsr_project_thumbnail (project, i, &thumbnail, &error));
    g_assert_true (tsr_image_load (tile, size, 3, &original, &error));
    g_assert_cmpint (thumbnail.width, ==, size);
    g_assert_cmpint (thumbnail.height, ==, size);
    double sum = 0;
    int n = size * size * thumbnail.channels;
    for (int j = 0; j < n && thumbnail.channels == 3; j++)
      sum += abs (thumbnail.pixels[j] - original.pixels[j]);
    g_assert_cmpfloat (sum / n, <, 20); /* JPEG, not another tile: seeds differ by tens */
    tsr_image_clear (&thumbnail);
    tsr_image_clear (&original);
  }
  int32_t truth[G_N_ELEMENTS (sizes)];
  g_assert_null (tsr_project_truth (project, truth));
  g_clear_pointer (&project, tsr_project_close);
  fixture_remove (folder);
}

static void
test_add_again (void)
{
  char *folder = fixture_folder (false);
  TsrProject *project = fixture_project (folder, "p.tessera", 12, 2);
  g_autofree char *tiles = g_build_filename (folder, "tiles", NULL),
                  *sub = g_build_filename (tiles, "class-1", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL),
                  *late = g_build_filename (sub, "late.png", NULL);
  g_autofree char *before = tsr_project_tile_path (project, 5);
  g_assert_cmpint (fixture_add (project, tiles, true), ==, 0);
  g_assert_cmpint (fixture_add (project, sub, true), ==, 0); /* another root, the same files */
  g_assert_cmpint (symlink (tiles, link), ==, 0);
  g_assert_cmpint (fixture_add (project, link, false), ==, 0); /* another name, the same files */
  fixture_write_tile (late, 16, 99);
  g_assert_cmpint (fixture_add (project, tiles, true), ==, 1);
  g_assert_cmpint (fixture_add (project, sub, true), ==, 0);
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, 13);
  g_autofree char *after = tsr_project_tile_path (project, 5),
                  *new = tsr_project_tile_path (project, 12);
  g_assert_cmpstr (before, ==, after); /* numbers stay */
  g_assert_true (g_str_has_suffix (new, "/class-1/late.png"));
  tsr_project_close (project);
  fixture_remove (folder);
}

static void
move (const char *from, const char *to)
{
  g_autofree char *parent = g_path_get_dirname (to);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_assert_cmpint (g_rename (from, to), ==, 0);
}

/* A study moved whole, copied whole, or only its project file moved: the tiles are found. */
static void
test_moved (void)
{
  char *folder = fixture_folder (false);
  g_autofree char *study = g_build_filename (folder, "a/study", NULL),
                  *moved = g_build_filename (folder, "b/c/moved", NULL);
  g_assert_cmpint (g_mkdir_with_parents (study, 0755), ==, 0);
  tsr_project_close (fixture_project (study, "p.tessera", 6, 2));

  move (study, moved);
  g_autofree char *path = g_build_filename (moved, "p.tessera", NULL);
  TsrProject *project = reopen (path);
  assert_tiles_exist (project, moved);
  g_autofree char *tiles = g_build_filename (moved, "tiles", NULL);
  g_assert_cmpint (fixture_add (project, tiles, true), ==, 0); /* which also notes the new place */
  tsr_project_close (project);

  /* only the project goes elsewhere: the absolute place still holds */
  g_autofree char *elsewhere = g_build_filename (folder, "d/e/f/g/p.tessera", NULL);
  move (path, elsewhere);
  project = reopen (elsewhere);
  assert_tiles_exist (project, moved);
  tsr_project_close (project);

  /* a folder of the right name but with other content stands where the relative path leads */
  g_autofree char *decoy_tile = g_build_filename (folder, "d/e/tiles/other.png", NULL);
  g_autofree char *near = g_build_filename (folder, "d/e/p.tessera", NULL);
  fixture_write_tile (decoy_tile, 16, 1);
  move (elsewhere, near);
  project = reopen (near);
  assert_tiles_exist (project, moved);
  tsr_project_close (project);
  fixture_remove (folder);
}

static const char *const odd_names[] = {
    "plain.png", "with space.png", "new\nline.png",   "tab\t.png",       "quote'\".png",
    "#3",        "\xff\xfe.png",   "caf\xc3\xa9.png", "latin-\xe9.png",  "latin-\xe8.png",
    "-rf.png",   "100%25.png",     "back\\slash.png", "q?uery#frag.png",
};

/* Every name a file system takes survives, byte for byte, and has a name to show that is UTF-8 and
 * belongs to it alone. */
static void
test_odd_names (void)
{
  char *folder = fixture_folder (false);
  g_autofree char *tiles = g_build_filename (folder, "od\xe9 d\nir", NULL);
  g_autofree char *path = g_build_filename (folder, "pr\xc3\xb6j ect?#%41\n.tessera", NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (odd_names); i++) {
    g_autofree char *tile = g_build_filename (tiles, "cl\xe9ss", odd_names[i], NULL);
    fixture_write_tile (tile, 16, i);
  }
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_create (path, &error);
  g_assert_no_error (error);
  /* "#3" has no ending; whether the scan takes it is the scan's business */
  gint64 added = fixture_add (project, tiles, true);
  g_assert_cmpint (added, >=, G_N_ELEMENTS (odd_names) - 1);
  tsr_project_close (project);
  project = reopen (path);
  assert_tiles_exist (project, tiles);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  uint32_t n = tsr_project_n_tiles (project);
  g_auto (GStrv) names = tsr_project_tile_names (project);
  assert_packed (project, names);
  for (uint32_t i = 0; i < n; i++) {
    g_assert_true (g_utf8_validate (names[i], -1, NULL));
    g_assert_true (g_hash_table_add (seen, names[i]));
    uint32_t found;
    g_autofree char *file = tsr_project_tile_path (project, i);
    g_assert_true (tsr_project_find_tile (project, names[i], &found, &error) && found == i);
    g_assert_true (tsr_project_find_tile (project, file, &found, &error) && found == i);
  }
  g_autofree int32_t *truth = g_new (int32_t, n);
  g_auto (GStrv) classes = tsr_project_truth (project, truth);
  g_assert_cmpuint (g_strv_length (classes), ==, 1);
  g_assert_true (g_utf8_validate (classes[0], -1, NULL));
  tsr_project_close (project);
  fixture_remove (folder);
}

/* None, and a damaged file that has gaps and a name that is no text. */
static void
test_packed_names (void)
{
  char *folder = fixture_folder (false);
  g_autofree char *path = g_build_filename (folder, "empty.tessera", NULL);
  g_autoptr (GError) error = NULL;
  TsrProject *empty = tsr_project_create (path, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) none = tsr_project_reread_names (empty, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (none), ==, 0);
  tsr_project_close (empty);
  TsrProject *project = fixture_project (folder, "p.tessera", 30, 3);
  g_assert_true (tsr_db_exec (project,
                              "PRAGMA foreign_keys = OFF;"
                              "DELETE FROM tile WHERE id IN (0, 1, 7, 12, 13, 14, 28);"
                              "UPDATE tile SET name = CAST (x'e9ff41' AS TEXT) WHERE id = 20;"
                              "UPDATE tile SET name = '' WHERE id = 21",
                              &error));
  g_assert_no_error (error);
  g_auto (GStrv) names = tsr_project_tile_names (project);
  g_assert_cmpstr (names[0], ==, "#0");
  g_assert_cmpstr (names[28], ==, "#28");
  assert_packed (project, names);
  tsr_project_close (project);
  fixture_remove (folder);
}

static void
test_same_names (void)
{
  char *folder = fixture_folder (false);
  g_autofree char *a = g_build_filename (folder, "a", NULL),
                  *b = g_build_filename (folder, "b", NULL);
  g_autofree char *ax = g_build_filename (a, "x.png", NULL),
                  *bx = g_build_filename (b, "x.png", NULL);
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
  fixture_write_tile (ax, 16, 1);
  fixture_write_tile (bx, 16, 2);
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_create (path, &error);
  g_assert_cmpint (fixture_add (project, a, false), ==, 1);
  g_assert_cmpint (fixture_add (project, b, false), ==, 1);
  uint32_t found;
  g_assert_false (tsr_project_find_tile (project, "x.png", &found, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  g_assert_true (tsr_project_find_tile (project, ax, &found, &error) && found == 0);
  g_assert_true (tsr_project_find_tile (project, bx, &found, &error) && found == 1);
  tsr_project_close (project);
  fixture_remove (folder);
}

/* Files that broke between the scan and the import are listed, the others come in; another scan of
 * the folder forgets the list of the former one. */
static void
test_skipped (void)
{
  char *folder = fixture_folder (false);
  g_autofree char *tiles = g_build_filename (folder, "tiles", NULL),
                  *path = g_build_filename (folder, "p.tessera", NULL);
  g_autofree char *a = g_build_filename (tiles, "a.png", NULL),
                  *b = g_build_filename (tiles, "b.png", NULL);
  g_autofree char *broken = g_build_filename (tiles, "broken.png", NULL);
  fixture_write_tile (a, 16, 1);
  fixture_write_tile (b, 16, 2);
  fixture_write (broken, "not a picture", 13);
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_create (path, &error);
  TsrFolderScan *scan = tsr_folder_scan (tiles, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (scan->tiles->len, ==, 2);
  g_assert_cmpint (g_unlink (b), ==, 0);
  g_assert_cmpint (tsr_project_add_tiles (project, tiles, scan, false, NULL, &error), ==, 1);
  g_assert_no_error (error);
  tsr_folder_scan_free (scan);
  g_autoptr (GPtrArray) skipped = tsr_project_skipped (project);
  g_assert_cmpuint (skipped->len, ==, 2);
  const TsrSkippedFile *first = skipped->pdata[0], *second = skipped->pdata[1];
  g_assert_cmpstr (first->file, ==, "broken.png");
  g_assert_cmpstr (second->file, ==, "b.png");
  g_assert_cmpuint (strlen (second->reason), >, 10);
  g_assert_cmpint (g_unlink (broken), ==, 0);
  fixture_write_tile (b, 16, 2);
  g_assert_cmpint (fixture_add (project, tiles, false), ==, 1);
  g_autoptr (GPtrArray) none = tsr_project_skipped (project);
  g_assert_cmpuint (none->len, ==, 0);
  tsr_project_close (project);
  fixture_remove (folder);
}

static void
cancel_at_half (double fraction, const char *stage, void *cancellable)
{
  g_assert_cmpfloat (fraction, >=, 0);
  g_assert_cmpfloat (fraction, <=, 1);
  g_assert_cmpuint (strlen (stage), >, 0);
  if (fraction > 0.4)
    g_cancellable_cancel (cancellable);
}

static void
test_cancelled (void)
{
  char *folder = fixture_folder (false);
  TsrProject *project = fixture_project (folder, "p.tessera", 4, 2);
  g_autofree char *more = g_build_filename (folder, "more", NULL);
  for (unsigned i = 0; i < 50; i++) {
    g_autofree char *tile = g_strdup_printf ("%s/%u.png", more, i);
    fixture_write_tile (tile, 16, i);
  }
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TsrProgress progress = {cancel_at_half, cancellable, cancellable};
  TsrFolderScan *scan = tsr_folder_scan (more, NULL, &error);
  g_assert_cmpint (tsr_project_add_tiles (project, more, scan, false, &progress, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, 4); /* all or nothing */
  g_assert_cmpint (tsr_project_add_tiles (project, more, scan, false, NULL, &error), ==, 50);
  tsr_folder_scan_free (scan);
  tsr_project_check (project, &error);
  g_assert_no_error (error);
  tsr_project_close (project);
  fixture_remove (folder);
}

static void
test_relative_paths (void)
{
  static const struct {
    const char *folder, *target, *relative;
  } cases[] = {
      {"/a/b", "/a/b/c", "c"},
      {"/a/b", "/a/b", "."},
      {"/a/b", "/a", ".."},
      {"/a/b", "/a/c/d", "../c/d"},
      {"/a/b/c", "/a", "../.."},
      {"/a/b", "/x/y", NULL},
      {"/", "/a", NULL},
      {"/a", "/", NULL},
      {"/a/b", "/a/bc", "../bc"},
      {"/a/bc", "/a/b", "../b"},
      {"/a/\xff", "/a/\xfe", "../\xfe"},
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *relative = tsr_path_relative (cases[i].folder, cases[i].target);
    g_assert_cmpstr (relative, ==, cases[i].relative);
    if (relative) {
      g_autofree char *back = g_canonicalize_filename (relative, cases[i].folder);
      g_assert_cmpstr (back, ==, cases[i].target);
    }
  }
  g_assert_cmpstr (tsr_path_below ("/a/b", "/a"), ==, "b");
  g_assert_cmpstr (tsr_path_below ("/a//b", "/a/"), ==, "b");
  g_assert_cmpstr (tsr_path_below ("/a", "/"), ==, "a");
  g_assert_null (tsr_path_below ("/ab", "/a"));
  g_assert_null (tsr_path_below ("/a", "/a"));
  g_autofree char *shown = tsr_path_display ("a\xff\xc3\xa9\xe9");
  g_assert_cmpstr (shown, ==, "a\\xFF\xc3\xa9\\xE9");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tiles/add", test_add);
  g_test_add_func ("/tiles/thumbnails", test_thumbnails);
  g_test_add_func ("/tiles/add-again", test_add_again);
  g_test_add_func ("/tiles/moved", test_moved);
  g_test_add_func ("/tiles/odd-names", test_odd_names);
  g_test_add_func ("/tiles/packed-names", test_packed_names);
  g_test_add_func ("/tiles/same-names", test_same_names);
  g_test_add_func ("/tiles/skipped", test_skipped);
  g_test_add_func ("/tiles/cancelled", test_cancelled);
  g_test_add_func ("/tiles/relative-paths", test_relative_paths);
  return g_test_run ();
}
