/* Pictures of tiles for the window: a slide that nobody comes to an end with does not hold it. */

#include "tessera-tile-store.h"
#include "tsr-project-slides.h"
#include "tsr-reader-process.h"
#include "tsr-slide-pool.h"

#include <glib/gstdio.h>

#define HANGS 6 /* seconds until a reader is given up */

static gboolean finished;

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (GdkTexture) texture =
      tessera_tile_store_load_finish (TESSERA_TILE_STORE (source), result, NULL);
  finished = TRUE;
}

/* A project with a slide that OpenSlide reads (tests/slide/fake-openslide.c). */
static void
make_project (const char *path, const char *file)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (file, "no image at all", -1, NULL));
  g_autoptr (TsrProject) project = tsr_project_create (path, &error);
  g_assert_no_error (error);
  g_autoptr (TsrSlide) slide = tsr_slide_open (file, &error);
  g_assert_no_error (error);
  TsrTilingOptions options = tsr_tiling_options ();
  g_auto (TsrSlideCut) cut = {0};
  g_assert_true (tsr_slide_cut (slide, &options, NULL, &cut, NULL, &error));
  g_auto (TsrSlideAdded) added = {0};
  tsr_project_add_slide (project, slide, &cut, &options, NULL, &added, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (added.tiles, >, 0);
}

static void
test_close (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("tessera-store-XXXXXX", NULL),
                  *path = g_build_filename (folder, "p.tessera", NULL),
                  *file = g_build_filename (folder, "a.mystery", NULL);
  g_setenv ("TESSERA_SLIDE_READER", g_getenv ("TEST_FAKE_READER"), TRUE);
  make_project (path, file);
  g_setenv ("FAKE_OPENSLIDE", "0-0=stop", TRUE);
  tsr_reader_process_set_patience (HANGS * 1000);
  TesseraTileStore *store = tessera_tile_store_new (path);
  tessera_tile_store_load_async (store, 0, NULL, loaded_cb, NULL);
  g_usleep (G_USEC_PER_SEC);                                   /* by now it is reading */
  gint64 until = g_get_monotonic_time () + 2 * G_USEC_PER_SEC; /* thumbnails come meanwhile */
  while (tessera_tile_store_peek (store, 1) == NULL && g_get_monotonic_time () < until)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_nonnull (tessera_tile_store_peek (store, 1));
  g_assert_false (finished);
  gint64 begun = g_get_monotonic_time ();
  tessera_tile_store_close (store);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 2 * G_USEC_PER_SEC);
  g_assert_false (finished);
  while (!finished)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (store);

  /* One that is not held up is at its end when closing returns. */
  store = tessera_tile_store_new (path);
  tessera_tile_store_close (store);
  g_object_unref (store);
  tsr_slide_pool_clear ();
  const char *name;
  g_autoptr (GDir) all = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (all)) != NULL) {
    g_autofree char *one = g_build_filename (folder, name, NULL);
    g_unlink (one);
  }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tile-store/close", test_close);
  return g_test_run ();
}
