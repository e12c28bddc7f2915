/* Coordinates in HDF5, as TRIDENT and CLAM write them, through the process that reads them:
 * numbers, sizes, names; what is no such file, and what is damaged. */

#include "coords-fixture.h"
#include "tsr-coords.h"
#include "tsr-error.h"
#include "tsr-place-table.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *
temporary (const char *pattern)
{
  char *path = NULL;
  close (g_file_open_tmp (pattern, &path, NULL));
  return path;
}

static TsrCoords *
read_back (const CoordsKind *kind, const int64_t *corners, int n, GError **error)
{
  g_autofree char *path = temporary ("coords-XXXXXX.h5");
  coords_write (path, kind, corners, n);
  g_assert_true (tsr_coords_matches (path));
  TsrCoords *coords = tsr_coords_read (path, error);
  g_unlink (path);
  return coords;
}

/* Every width of numbers, in one piece or compressed chunks, more than the shared memory holds. */
static void
test_numbers (void)
{
  static const int counts[] = {1, 2, 1000, 196608, 196609, 500001};
  static const CoordsKind kinds[] = {{.level = -1},
                                     {.bytes = 4, .level = -1},
                                     {.bytes = 2, .level = -1},
                                     {.chunk = 1000, .level = -1},
                                     {.chunk = 7, .bytes = 4, .level = -1}};
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  for (size_t k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (size_t i = 0; i < G_N_ELEMENTS (counts); i++) {
      if (kinds[k].chunk == 7 && counts[i] > 2000)
        continue;
      g_autofree int64_t *corners = g_new (int64_t, 2 * counts[i]);
      g_autoptr (GError) error = NULL;
      for (int j = 0; j < 2 * counts[i]; j++)
        corners[j] = g_rand_int_range (random, 0, kinds[k].bytes == 2 ? 65536 : 2000000);
      if (kinds[k].bytes == 0)
        corners[0] = INT64_MIN;
      g_autoptr (TsrCoords) coords = read_back (&kinds[k], corners, counts[i], &error);
      g_assert_no_error (error);
      g_assert_cmpint (coords->n, ==, counts[i]);
      g_assert_cmpmem (coords->corners, coords->n * 16, corners, (size_t)counts[i] * 16);
      g_assert_null (coords->slide);
      g_assert_cmpfloat (coords->side, ==, 0);
    }
}

static void
test_attributes (void)
{
  static const struct {
    CoordsKind kind;
    double side;
  } cases[] = {{{.side = 512, .size = 256, .level = 0, .name = "case 1"}, 512},      /* TRIDENT */
               {{.size = 256, .level = 0, .scale = {1, 1}, .name = "case 1"}, 256},  /* CLAM */
               {{.size = 256, .level = 1, .scale = {4, 4}, .name = "case 1"}, 1024}, /* CLAM */
               {{.size = 256, .level = 2, .scale = {16.0625, 16.0625}}, 256 * 16.0625},
               {{.size = 256, .level = 1, .scale = {4, 4.015625}}, 256 * 4.0078125}, /* rounded */
               {{.size = 256, .level = 0, .images = 1}, 256},
               {{.size = 256, .level = 0}, 256},
               {{.size = 256, .level = 1}, 0}, /* of an unknown scale */
               {{.size = 256, .level = -1}, 0},
               {{.size = 256, .level = 1, .scale = {4, 5}}, 0},
               {{.size = 3e7, .level = 0}, 0},
               {{.size = 0.5, .level = 0}, 0},
               {{.level = -1, .name = "Fünf", .fixed_name = 30}, 0},
               {{.level = -1, .name = "x", .fixed_name = 1}, 0},
               {{.level = -1, .name = ""}, 0}};
  const int64_t corners[] = {1, 2, 3, 4};
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (TsrCoords) coords = read_back (&cases[i].kind, corners, 2, &error);
    const char *name = cases[i].kind.name;
    g_assert_no_error (error);
    g_assert_cmpfloat (coords->side, ==, cases[i].side);
    g_assert_cmpstr (coords->slide, ==, name && *name ? name : NULL);
  }
}

static void
check_refused (const char *path, const char *part)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_coords_read (path, &error));
  g_assert_cmpint (error->domain, ==, TSR_ERROR);
  g_assert_nonnull (strstr (error->message, name));
  if (!strstr (error->message, part))
    g_error ("“%s” does not say “%s”", error->message, part);
  g_assert_true (g_str_has_suffix (error->message, ".") && !strchr (error->message, '\n'));
}

static void
test_refused (void)
{
  static const struct {
    CoordsKind kind;
    int n;
    const char *part;
  } cases[] = {{{.set = "features"}, 2, "no data set “coords”"},
               {{.columns = 1}, 2, "two whole numbers"},
               {{.columns = 3}, 1, "two whole numbers"},
               {{.real = 1}, 2, "two whole numbers"},
               {{.linked = 1}, 2, "no data set “coords”"},
               {{.outside = 1}, 2, "cannot be read"},
               {{.images = 1, .level = -1}, 2, "another level's pixels"},
               {{.level = 0}, 0, "places no tile"}};
  const int64_t corners[] = {1, 2, 3, 4, 5, 6};
  g_autofree char *path = temporary ("coords-XXXXXX.h5");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    coords_write (path, &cases[i].kind, corners, cases[i].n);
    check_refused (path, cases[i].part);
  }
  g_assert_true (g_file_set_contents (path, "\211HDF\r\n\032\n and nothing else", -1, NULL));
  g_assert_true (tsr_coords_matches (path));
  check_refused (path, "no HDF5 file, or is damaged");
  g_unlink (path);
  check_refused (path, "no HDF5 file");
  g_assert_false (tsr_coords_matches (path));
  g_assert_false (tsr_coords_matches ("/"));
  setenv ("TESSERA_COORDS_READER", "/nowhere/reader", 1);
  check_refused (path, "install Tessera again");
  unsetenv ("TESSERA_COORDS_READER");
}

/* Cut at many lengths and flipped: numbers or a sentence. */
static void
test_hostile (void)
{
  static const CoordsKind kinds[] = {
      {.name = "case", .side = 512, .size = 256, .level = 0},
      {.name = "case", .size = 256, .level = 1, .scale = {4, 4}, .chunk = 10}};
  int64_t corners[200];
  unsigned n_read = 0, n_refused = 0;
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autofree char *path = temporary ("coords-XXXXXX.h5");
  for (int i = 0; i < 200; i++)
    corners[i] = i * 256;
  for (size_t k = 0; k < G_N_ELEMENTS (kinds); k++) {
    g_autofree char *bytes = NULL;
    gsize n;
    coords_write (path, &kinds[k], corners, 100);
    g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
    for (int i = 0; i < 160; i++) {
      g_autofree char *copy = g_memdup2 (bytes, n);
      gsize length = i < 40 ? n * (gsize)i / 40 : n;
      for (int f = 0; i >= 40 && f < 1 + i % 5; f++)
        copy[g_rand_int_range (random, 0, (gint32)n)] ^=
            (char)(1 << g_rand_int_range (random, 0, 8));
      g_assert_true (g_file_set_contents_full (path, copy, (gssize)length, G_FILE_SET_CONTENTS_NONE,
                                               0600, NULL));
      g_autoptr (GError) error = NULL;
      g_autoptr (TsrCoords) coords = tsr_coords_read (path, &error);
      g_assert_true ((coords != NULL) == (error == NULL));
      if (error)
        g_assert_true (g_str_has_suffix (error->message, ".") && !strchr (error->message, '\n') &&
                       g_utf8_validate (error->message, -1, NULL));
      n_read += coords != NULL;
      n_refused += coords == NULL;
    }
  }
  g_unlink (path);
  g_test_message ("%u read, %u refused", n_read, n_refused);
  g_assert_cmpuint (n_read, >, 0);
  g_assert_cmpuint (n_refused, >, 0);
}

/* As a table of places: whose slide, how large, and rows that lie beyond everything. */
static void
test_table (void)
{
  const int64_t corners[] = {0, 512, -5, 7, (int64_t)1 << 40, 0};
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("coords-XXXXXX", NULL),
                  *path = g_build_filename (folder, "slide 7_patches.h5", NULL);
  coords_write (path, &(CoordsKind){.level = -1}, corners, 3);
  g_assert_null (tsr_place_table_read (path, &(TsrPlaceOptions){0}, &error));
  g_assert_nonnull (strstr (error->message, "how large"));
  g_clear_error (&error);
  g_autoptr (TsrPlaceTable) table =
      tsr_place_table_read (path, &(TsrPlaceOptions){.width = 64, .height = 64}, &error);
  g_assert_no_error (error);
  g_assert_cmpint (table->rows->len, ==, 2);
  g_assert_cmpint (table->bad, ==, 1);
  g_assert_cmpint (table->bad_line, ==, 3);
  const TsrPlaceRow *row = table->rows->pdata[0];
  g_assert_cmpstr (row->place.slide, ==, "slide 7");
  g_assert_cmpfloat (row->place.y, ==, 512);
  g_assert_cmpfloat (row->place.width, ==, 64);
  g_assert_null (row->file);
  g_unlink (path);
  coords_write (path, &(CoordsKind){.side = 128, .level = -1, .name = "own"}, corners, 2);
  g_autoptr (TsrPlaceTable) own =
      tsr_place_table_read (path, &(TsrPlaceOptions){.width = 64, .height = 64}, &error);
  g_assert_no_error (error);
  row = own->rows->pdata[1];
  g_assert_cmpstr (row->place.slide, ==, "own");
  g_assert_cmpfloat (row->place.width, ==, 128);
  g_assert_cmpfloat (row->place.x, ==, -5);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/export/coords/numbers", test_numbers);
  g_test_add_func ("/export/coords/attributes", test_attributes);
  g_test_add_func ("/export/coords/refused", test_refused);
  g_test_add_func ("/export/coords/hostile", test_hostile);
  g_test_add_func ("/export/coords/table", test_table);
  return g_test_run ();
}
