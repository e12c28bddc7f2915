#include "window-fixture.h"

#include "tsr-demo.h"
#include "tsr-random.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define SIZE  48
#define W_DIM 16

unsigned
window_fixture_class (unsigned tile, unsigned n_classes)
{
  return tile % n_classes;
}

/* In memory where that can be: hundreds of small files on a disk would take longer than what is
 * tested. */
static char *
make_folder (void)
{
  char *folder = g_strdup ("/dev/shm/tessera-window-XXXXXX");
  if (g_mkdtemp (folder) != NULL)
    return folder;
  g_free (folder);
  g_autoptr (GError) error = NULL;
  folder = g_dir_make_tmp ("tessera-window-XXXXXX", &error);
  g_assert_no_error (error);
  return folder;
}

static char *home;

static void
remove_home (void)
{
  window_fixture_remove (g_steal_pointer (&home));
}

void
window_fixture_home (void)
{
  static gboolean pointed = FALSE;
  if (pointed)
    return;
  pointed = TRUE;
  home = make_folder ();
  atexit (remove_home);
  static const char *const variables[] = {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"};
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++) {
    g_autofree char *path = g_build_filename (home, variables[i], NULL);
    g_mkdir_with_parents (path, 0700);
    g_setenv (variables[i], path, TRUE);
  }
  /* Somebody who has been shown round. */
  g_autofree char *folder = g_build_filename (g_getenv ("XDG_CONFIG_HOME"), "tessera", NULL),
                  *state = g_build_filename (folder, "state.ini", NULL);
  g_mkdir_with_parents (folder, 0700);
  g_file_set_contents (state, "[state]\ntour-seen=1\n", -1, NULL);
}

void
window_fixture_home_with_kernels (void)
{
  g_autofree char *cache = g_strdup (g_getenv ("XDG_CACHE_HOME"));
  window_fixture_home ();
  if (cache != NULL)
    g_setenv ("XDG_CACHE_HOME", cache, TRUE);
}

char *
window_fixture_folder (void)
{
  window_fixture_home ();
  return make_folder ();
}

void
window_fixture_remove (char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    char *path = g_build_filename (folder, name, NULL);
    if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK)) {
      window_fixture_remove (path);
    } else {
      g_unlink (path);
      g_free (path);
    }
  }
  if (dir != NULL)
    g_dir_close (dir);
  g_rmdir (folder);
  g_free (folder);
}

static char *
class_name (unsigned class_)
{
  char *name = g_strdup (tsr_demo_class_name (class_ % tsr_demo_n_classes ()));
  name[0] = g_ascii_toupper (name[0]);
  return name;
}

static void
write_tiles (const char *root, unsigned n, unsigned n_classes)
{
  for (unsigned i = 0; i < n; i++) {
    unsigned class_ = window_fixture_class (i, n_classes);
    g_autofree char *name = class_name (class_);
    g_autofree char *folder = g_build_filename (root, name, NULL);
    g_autofree char *file = g_strdup_printf ("tile-%05u.png", i);
    g_autofree char *path = g_build_filename (folder, file, NULL);
    g_mkdir_with_parents (folder, 0700);
    TsrImage image = {0};
    tsr_demo_tile (class_ % tsr_demo_n_classes (), SIZE, 7, i, &image);
    g_autoptr (GError) error = NULL;
    g_assert_true (tsr_image_save_png (&image, path, &error));
    g_assert_no_error (error);
    tsr_image_clear (&image);
  }
}

/* The group of the tile that became number `tile`: its folder's. */
static unsigned
group_of (char **names, unsigned tile, unsigned n_classes)
{
  for (unsigned c = 0; c < n_classes; c++) {
    g_autofree char *name = class_name (c);
    if (g_str_has_prefix (names[tile], name))
      return c;
  }
  return 0;
}

static void
put_vectors (TsrProject *project, char **names, unsigned n, unsigned n_classes)
{
  TsrRandom random;
  tsr_random_init (&random, 5, 1);
  g_autofree float *w = g_new (float, (size_t)n *W_DIM);
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < W_DIM; j++)
      w[i * W_DIM + j] =
          (float)(tsr_random_normal (&random) + (group_of (names, i, n_classes) == j ? 6 : 0));
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_project_put_vectors (project, "test", 0, n, W_DIM, w, &error));
  g_assert_no_error (error);
}

/* Clouds on a ring, each of two blobs, with a few strays between them as a real map has. */
static void
put_map (TsrProject *project, char **names, unsigned n, unsigned n_classes)
{
  TsrRandom random;
  tsr_random_init (&random, 6, 2);
  g_autofree float *y = g_new (float, (size_t)n * 2);
  for (unsigned i = 0; i < n; i++) {
    unsigned c = group_of (names, i, n_classes);
    double angle = 2 * G_PI * c / n_classes, spread = tsr_random_uniform (&random) < 0.06 ? 9 : 3.2;
    double blob = tsr_random_uniform (&random) < 0.35 ? 1 : 0;
    y[2 * i] = (float)(22 * cos (angle) + blob * 7 * cos (angle + 1.9) +
                       spread * tsr_random_normal (&random));
    y[2 * i + 1] = (float)(16 * sin (angle) + blob * 7 * sin (angle + 1.9) +
                           0.8 * spread * tsr_random_normal (&random));
  }
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_project_put_map (project, y, n, "{}", &error));
  g_assert_no_error (error);
}

static void
add_classes (TsrProject *project, unsigned n_classes)
{
  for (unsigned c = 0; c < n_classes; c++) {
    g_autofree char *name = class_name (c);
    g_assert_cmpint (tsr_project_add_class (project, name, -1, NULL), >=, 0);
  }
}

char *
window_fixture_project (const char *folder, const char *name, unsigned n, unsigned n_classes,
                        WindowFixtureParts parts)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *tiles = g_strconcat (folder, "/", name, "-tiles", NULL);
  char *path = g_strconcat (folder, "/", name, ".tessera", NULL);
  write_tiles (tiles, n, n_classes);
  TsrFolderScan *scan = tsr_folder_scan (tiles, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (TsrProject) project = tsr_project_create (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tsr_project_add_tiles (project, tiles, scan, true, NULL, &error), ==, n);
  g_assert_no_error (error);
  tsr_folder_scan_free (scan);
  g_auto (GStrv) names = tsr_project_tile_names (project);
  if (parts & WINDOW_FIXTURE_VECTORS)
    put_vectors (project, names, n, n_classes);
  if (parts & WINDOW_FIXTURE_MAP)
    put_map (project, names, n, n_classes);
  if (parts & WINDOW_FIXTURE_CLASSES)
    add_classes (project, n_classes);
  return path;
}

int32_t
window_fixture_label_on_disk (const char *path, uint32_t tile)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  uint32_t n = tsr_project_n_tiles (project);
  g_autofree int32_t *label = g_new (int32_t, n);
  g_assert_true (tsr_project_labels (project, label, NULL, &error));
  g_assert_no_error (error);
  return label[tile];
}

unsigned
window_fixture_journal_length (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) journal = tsr_project_journal (project, 100000);
  return journal->len;
}
