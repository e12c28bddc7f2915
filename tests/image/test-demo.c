/* The demonstration set: repeatable, distinct, at every size, hard for raw pixels, and written
 * whole or not at all. */

#include "tsr-demo.h"
#include "tsr-import.h"
#include "tsr-parallel.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE      32
#define PER_CLASS 300
#define SAMPLES   (SIDE * SIDE * 3)

static char *
tile_digest (unsigned class_, int size, uint64_t seed, uint64_t index)
{
  TsrImage tile;
  tsr_demo_tile (class_, size, seed, index, &tile);
  g_assert_cmpint (tile.width, ==, size);
  g_assert_cmpint (tile.height, ==, size);
  g_assert_cmpint (tile.channels, ==, 3);
  char *digest =
      g_compute_checksum_for_data (G_CHECKSUM_SHA256, tile.pixels, (gsize)size * size * 3);
  tsr_image_clear (&tile);
  return digest;
}

/* The same arguments give the same pixels, in whatever order and on whatever thread tiles are
 * drawn; any other seed, index, class or size gives other pixels. */
static void
test_repeatable (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (unsigned c = 0; c < tsr_demo_n_classes (); c++)
    for (unsigned i = 0; i < 6; i++)
      g_assert_true (g_hash_table_add (seen, tile_digest (c, 48, 1 + i / 3, i % 3)));
  for (unsigned c = tsr_demo_n_classes (); c-- > 0;)
    for (unsigned i = 6; i-- > 0;) {
      g_autofree char *again = tile_digest (c, 48, 1 + i / 3, i % 3);
      g_assert_true (g_hash_table_contains (seen, again));
    }
}

static gpointer
digest_on_thread (gpointer class_)
{
  return tile_digest (GPOINTER_TO_UINT (class_), 64, 5, 9);
}

static void
test_threads (void)
{
  for (unsigned c = 0; c < tsr_demo_n_classes (); c++) {
    GThread *other = g_thread_new ("tile", digest_on_thread, GUINT_TO_POINTER (c));
    g_autofree char *here = tile_digest (c, 64, 5, 9), *there = g_thread_join (other);
    g_assert_cmpstr (here, ==, there);
  }
}

static const char *program;

/* Another process, with its memory elsewhere, draws the same pixels: ./run may make the set anew at
 * any time. */
static void
test_processes (void)
{
  for (unsigned c = 0; c < tsr_demo_n_classes (); c++) {
    g_autofree char *number = g_strdup_printf ("%u", c), *printed = NULL,
                    *here = tile_digest (c, 64, 5, 9);
    char *command[] = {(char *)program, (char *)"--digest", number, NULL};
    g_assert_true (g_spawn_sync (NULL, command, NULL, G_SPAWN_DEFAULT, NULL, NULL, &printed, NULL,
                                 NULL, NULL));
    g_assert_cmpstr (here, ==, printed);
  }
}

/* Every size has contrast and colour: no blank tiles, no clipped ones. */
static void
test_sizes (void)
{
  static const int sizes[] = {16, 31, 64, 100, 256};
  for (unsigned s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (unsigned c = 0; c < tsr_demo_n_classes (); c++) {
      TsrImage tile;
      tsr_demo_tile (c, sizes[s], 3, 4, &tile);
      size_t n = (size_t)sizes[s] * sizes[s] * 3;
      double sum = 0, squares = 0;
      for (size_t i = 0; i < n; i++)
        sum += tile.pixels[i], squares += (double)tile.pixels[i] * tile.pixels[i];
      double mean = sum / n, sd = sqrt (squares / n - mean * mean);
      g_assert_cmpfloat (mean, >, 30);
      g_assert_cmpfloat (mean, <, 245);
      g_assert_cmpfloat (sd, >, 4);
      tsr_image_clear (&tile);
    }
}

#define LEVELS   4
#define FEATURES (4 * LEVELS + 1)

/* Halves a grey picture in place. */
static void
halve (float *grey, int side)
{
  for (int y = 0; y < side / 2; y++)
    for (int x = 0; x < side / 2; x++) {
      const float *p = grey + 2 * y * side + 2 * x;
      grey[y * (side / 2) + x] = 0.25f * (p[0] + p[1] + p[side] + p[side + 1]);
    }
}

/* What texture there is whatever the stain: at each of four scales, how strong the detail is beside
 * the tile's contrast, how skewed, how peaked, and how much it runs in one direction. */
static void
texture (const TsrImage *tile, float *features)
{
  int side = tile->width;
  g_autofree float *grey = g_new (float, side *side);
  for (int i = 0; i < side * side; i++)
    grey[i] = logf (1 + tile->pixels[3 * i + 1] + 0.5f * tile->pixels[3 * i]);
  float first = 0;
  for (int level = 0; level < LEVELS; level++, halve (grey, side), side /= 2) {
    double n = 0, sum[4] = {0}, xx = 0, yy = 0, xy = 0, mean = 0;
    for (int i = 0; i < side * side; i++)
      mean += grey[i] / (side * side);
    for (int y = 1; y < side - 1; y++)
      for (int x = 1; x < side - 1; x++) {
        const float *p = grey + y * side + x;
        double dx = p[1] - p[-1], dy = p[side] - p[-side], value = p[0] - mean;
        xx += dx * dx, yy += dy * dy, xy += dx * dy, n++;
        sum[0] += dx * dx + dy * dy, sum[1] += value * value, sum[2] += value * value * value;
        sum[3] += value * value * value * value;
      }
    double variance = sum[1] / n + 1e-9;
    float *out = features + 4 * level;
    out[0] = (float)log (sum[0] / n / variance + 1e-6);
    out[1] = (float)(sum[2] / n / pow (variance, 1.5));
    out[2] = (float)log (sum[3] / n / variance / variance + 1e-6);
    out[3] = (float)(sqrt ((xx - yy) * (xx - yy) + 4 * xy * xy) / (xx + yy + 1e-9));
    if (level == 0)
      first = (float)log (variance);
  }
  features[4 * LEVELS] = first;
}

/* All tiles of the separability test, shrunk to SIDE, and their mean colours. */
typedef struct {
  unsigned n;
  uint8_t *pixels; /* n x SAMPLES */
  float *means;    /* n x 3 */
  float *textures; /* n x FEATURES */
  uint8_t *right_pixels, *right_means, *right_textures;
} Set;

static void
draw_range (size_t begin, size_t end, unsigned worker, void *data)
{
  Set *set = data;
  for (size_t i = begin; i < end; i++) {
    TsrImage tile, small;
    tsr_demo_tile ((unsigned)(i / PER_CLASS), 64, 77, i % PER_CLASS, &tile);
    tsr_image_resize (&tile, SIDE, &small);
    texture (&tile, set->textures + i * FEATURES);
    memcpy (set->pixels + i * SAMPLES, small.pixels, SAMPLES);
    for (int k = 0; k < SAMPLES; k++)
      set->means[3 * i + k % 3] += small.pixels[k] / (float)(SIDE * SIDE);
    tsr_image_clear (&tile);
    tsr_image_clear (&small);
  }
}

static float
distance (const float *a, const float *b, int n)
{
  float sum = 0;
  for (int k = 0; k < n; k++)
    sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum;
}

static uint32_t
pixel_distance (const uint8_t *a, const uint8_t *b)
{
  uint32_t sum = 0;
  for (int k = 0; k < SAMPLES; k++)
    sum += (uint32_t)((a[k] - b[k]) * (a[k] - b[k]));
  return sum;
}

static void
classify_range (size_t begin, size_t end, unsigned worker, void *data)
{
  Set *set = data;
  for (size_t i = begin; i < end; i++) {
    float best[3] = {G_MAXFLOAT, G_MAXFLOAT, G_MAXFLOAT};
    size_t nearest[3] = {0};
    for (size_t j = 0; j < set->n; j++) {
      float distances[3] = {
          (float)pixel_distance (set->pixels + i * SAMPLES, set->pixels + j * SAMPLES),
          distance (set->means + 3 * i, set->means + 3 * j, 3),
          distance (set->textures + i * FEATURES, set->textures + j * FEATURES, FEATURES)};
      for (int k = 0; k < 3; k++)
        if (j != i && distances[k] < best[k])
          best[k] = distances[k], nearest[k] = j;
    }
    set->right_pixels[i] = nearest[0] / PER_CLASS == i / PER_CLASS;
    set->right_means[i] = nearest[1] / PER_CLASS == i / PER_CLASS;
    set->right_textures[i] = nearest[2] / PER_CLASS == i / PER_CLASS;
  }
}

/* Every feature gets mean 0 and variance 1. */
static void
standardise (float *features, unsigned n, int width)
{
  for (int k = 0; k < width; k++) {
    double sum = 0, squares = 0;
    for (unsigned i = 0; i < n; i++)
      sum += features[i * width + k], squares += features[i * width + k] * features[i * width + k];
    double mean = sum / n, sd = sqrt (MAX (squares / n - mean * mean, 1e-12));
    for (unsigned i = 0; i < n; i++)
      features[i * width + k] = (float)((features[i * width + k] - mean) / sd);
  }
}

static double
share (const uint8_t *right, unsigned n)
{
  unsigned sum = 0;
  for (unsigned i = 0; i < n; i++)
    sum += right[i];
  return (double)sum / n;
}

/* Leave-one-out nearest neighbours on raw pixels and on mean colour must do badly: the set is to
 * show what a learned representation is worth. A few crude measures of texture must do much better:
 * the classes do differ to the eye. */
static void
test_separability (void)
{
  Set set = {.n = tsr_demo_n_classes () * PER_CLASS};
  set.pixels = g_malloc ((size_t)set.n * SAMPLES);
  set.means = g_new0 (float, 3 * set.n);
  set.textures = g_new0 (float, FEATURES *set.n);
  set.right_pixels = g_malloc0 (set.n);
  set.right_means = g_malloc0 (set.n);
  set.right_textures = g_malloc0 (set.n);
  gint64 start = g_get_monotonic_time ();
  tsr_parallel_for (set.n, 8, draw_range, &set);
  double seconds = (g_get_monotonic_time () - start) / 1e6;
  standardise (set.textures, set.n, FEATURES);
  tsr_parallel_for (set.n, 16, classify_range, &set);
  double pixels = share (set.right_pixels, set.n), means = share (set.right_means, set.n),
         textures = share (set.right_textures, set.n);
  g_test_message ("%u tiles in %.2f s; leave-one-out 1-NN accuracy: raw pixels %.3f, mean colour "
                  "%.3f, texture %.3f",
                  set.n, seconds, pixels, means, textures);
  for (unsigned c = 0; c < tsr_demo_n_classes (); c++)
    g_test_message ("%s: raw pixels %.3f, mean colour %.3f, texture %.3f", tsr_demo_class_name (c),
                    share (set.right_pixels + c * PER_CLASS, PER_CLASS),
                    share (set.right_means + c * PER_CLASS, PER_CLASS),
                    share (set.right_textures + c * PER_CLASS, PER_CLASS));
  g_assert_cmpfloat (pixels, <, 0.55);
  g_assert_cmpfloat (means, <, 0.55);
  g_assert_cmpfloat (textures, >, 0.7);
  g_free (set.pixels);
  g_free (set.means);
  g_free (set.textures);
  g_free (set.right_pixels);
  g_free (set.right_means);
  g_free (set.right_textures);
}

static void
remove_tree (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    remove_tree (child);
  }
  if (dir)
    g_dir_close (dir);
  g_remove (path);
}

/* The written files are the drawn tiles, named by class; a second run keeps what is there. */
static void
test_write (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tessera-demo-XXXXXX", NULL);
  g_autofree char *first = g_build_filename (folder, "tumour", "tumour_00000.png", NULL);
  g_assert_true (tsr_demo_write (folder, 3, 32, 11, NULL, NULL));
  TsrFolderScan *scan = tsr_folder_scan (folder, NULL, NULL);
  g_assert_nonnull (scan);
  g_assert_cmpuint (scan->tiles->len, ==, 3 * tsr_demo_n_classes ());
  g_assert_cmpuint (scan->skipped->len, ==, 0);
  for (guint i = 0; i < scan->tiles->len; i++) {
    const TsrFoundTile *tile = scan->tiles->pdata[i];
    g_assert_cmpint (tile->width, ==, 32);
    g_assert_nonnull (tile->folder);
  }
  tsr_folder_scan_free (scan);
  TsrImage drawn, read;
  tsr_demo_tile (0, 32, 11, 0, &drawn);
  g_assert_true (tsr_image_load (first, 0, 0, &read, NULL));
  g_assert_cmpmem (drawn.pixels, 32 * 32 * 3, read.pixels,
                   (gsize)read.width * read.height * read.channels);
  tsr_image_clear (&drawn);
  tsr_image_clear (&read);
  g_assert_true (g_file_set_contents (first, "mine", 4, NULL));
  g_assert_true (tsr_demo_write (folder, 4, 32, 11, NULL, NULL));
  g_autofree char *kept = NULL;
  gsize n = 0;
  g_assert_true (g_file_get_contents (first, &kept, &n, NULL));
  g_assert_cmpmem (kept, n, "mine", 4);
  g_assert_true (g_file_set_contents (first, "", 0, NULL)); /* but nothing is not kept */
  g_assert_true (tsr_demo_write (folder, 1, 32, 11, NULL, NULL));
  g_assert_true (tsr_image_load (first, 0, 0, &read, NULL));
  tsr_image_clear (&read);
  remove_tree (folder);
}

static void
cancel_soon (double fraction, const char *stage, void *user)
{
  g_assert_nonnull (stage);
  if (fraction > 0.2)
    g_cancellable_cancel (user);
}

static void
test_write_cancelled (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tessera-demo-XXXXXX", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_demo_write (folder, 50, 16, 1,
                                  &(TsrProgress){cancel_soon, cancellable, cancellable}, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  TsrFolderScan *scan = tsr_folder_scan (folder, NULL, NULL);
  g_assert_nonnull (scan);
  g_assert_cmpuint (scan->tiles->len, <, 50 * tsr_demo_n_classes ());
  g_assert_cmpuint (scan->skipped->len, ==, 0);
  tsr_folder_scan_free (scan);
  remove_tree (folder);
}

/* A class's folder that cannot be written to: the sentence names the file. */
static void
test_write_blocked (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tessera-demo-XXXXXX", NULL);
  g_autofree char *blocked = g_build_filename (folder, "fat", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (blocked, "x", 1, NULL));
  g_assert_false (tsr_demo_write (folder, 1, 16, 1, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, blocked));
  g_clear_error (&error);
  g_remove (blocked);
  g_autofree char *file = g_build_filename (blocked, "fat_00000.png", NULL);
  g_assert_cmpint (g_mkdir_with_parents (file, 0755), ==,
                   0); /* a folder where the file should be */
  g_autofree char *inside = g_build_filename (file, "x", NULL);
  g_assert_true (g_file_set_contents (inside, "x", 1, NULL));
  g_assert_false (tsr_demo_write (folder, 1, 16, 1, NULL, &error));
  g_assert_nonnull (strstr (error->message, file));
  remove_tree (folder);
}

static void
test_write_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_demo_write ("/proc/tessera", 1, 16, 1, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "/proc/tessera"));
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 3 && strcmp (argv[1], "--digest") == 0) {
    g_autofree char *digest = tile_digest ((unsigned)atoi (argv[2]), 64, 5, 9);
    fputs (digest, stdout);
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demo/repeatable", test_repeatable);
  g_test_add_func ("/demo/threads", test_threads);
  g_test_add_func ("/demo/processes", test_processes);
  g_test_add_func ("/demo/sizes", test_sizes);
  g_test_add_func ("/demo/separability", test_separability);
  g_test_add_func ("/demo/write", test_write);
  g_test_add_func ("/demo/write-cancelled", test_write_cancelled);
  g_test_add_func ("/demo/write-blocked", test_write_blocked);
  g_test_add_func ("/demo/write-refused", test_write_refused);
  return g_test_run ();
}
