/* Tables as Slideflow, WSInfer and Tessera write them, onto tiles by name, number and place. */

#include "tsr-place-table.h"

#include "tsr-error.h"

#include <glib/gstdio.h>
#include <string.h>

static char *folder;

static TsrPlaceTable *
read_text (const char *name, const char *text, const TsrPlaceOptions *options, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  TsrPlaceTable *table = tsr_place_table_read (path, options, error);
  g_unlink (path);
  g_assert_true ((table == NULL) == (*error != NULL));
  return table;
}

static void
check_row (const TsrPlaceTable *table, guint i, const char *file, const char *slide, double x,
           double y, double width, double height)
{
  g_assert_cmpuint (i, <, table->rows->len);
  const TsrPlaceRow *row = table->rows->pdata[i];
  g_assert_cmpstr (row->file, ==, file);
  g_assert_cmpstr (row->place.slide, ==, slide);
  g_assert_true (row->place.x == x && row->place.y == y && row->place.width == width &&
                 row->place.height == height && row->place.downsample == 1);
}

static void
test_formats (void)
{
  g_autoptr (GError) error = NULL;
  TsrPlaceOptions options = {.width = 300, .height = 200};
  g_autoptr (TsrPlaceTable) slideflow = read_text (
      "s.csv", "slide,loc_x,loc_y,grid_x\nA,1000,2000,0\nB,150,100.5,1\n", &options, &error);
  g_assert_no_error (error);
  check_row (slideflow, 0, NULL, "A", 850, 1900, 300, 200);
  check_row (slideflow, 1, NULL, "B", 0, 0.5, 300, 200);
  options = (TsrPlaceOptions){0};
  g_autoptr (TsrPlaceTable) wsinfer =
      read_text ("CMU-1.csv",
                 "minx,miny,width,height,prob_Tumor\r\n0,256,350,350,0.5\r\n350,0,350,350,0.1\r\n",
                 &options, &error);
  g_assert_no_error (error);
  check_row (wsinfer, 0, NULL, "CMU-1", 0, 256, 350, 350);
  check_row (wsinfer, 1, NULL, "CMU-1", 350, 0, 350, 350);
  options.slide = "other";
  g_autoptr (TsrPlaceTable) plain =
      read_text ("x.csv", "Name;Y;X;Patch_Size\na.png;1e2;-7;64\n", &options, &error);
  g_assert_no_error (error);
  check_row (plain, 0, "a.png", "other", -7, 100, 64, 64);
  /* Semicolons let commas be decimal signs; between commas and tabs they are none. */
  g_autoptr (TsrPlaceTable) german = read_text (
      "x.csv", "name;x;y;w;h\na;1,5;-2,25;64,0;64\nb;1.234,5;0;1;1\nc;1,2,3;0;1;1\nd;1.5;0;1;1\n",
      &options, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (german->rows->len, ==, 2);
  g_assert_cmpuint (german->bad, ==, 2);
  check_row (german, 0, "a", "other", 1.5, -2.25, 64, 64);
  check_row (german, 1, "d", "other", 1.5, 0, 1, 1);
  g_autoptr (TsrPlaceTable) tabs =
      read_text ("x.csv", "name\tx\ty\tw\th\na\t1,000\t0\t1\t1\nb\t2\t0\t1\t1\n", &options, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tabs->bad, ==, 1);
  g_autoptr (TsrPlaceTable) some = read_text (
      "x.csv",
      "file,slide,minx,miny,width,height\na,S,1,2,3,4\nb,S,,2,3,4\nc,S,1,2,0,4\nd,S,nan,2,3,4\n"
      "e,S,0x1,2,3,4\nf,S,1e10,2,3,4\ng,,1,2,3,4\nh,S,5,6,7,8\ni,S,1\n",
      &options, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (some->rows->len, ==, 2);
  g_assert_cmpuint (some->bad, ==, 7);
  g_assert_cmpuint (some->bad_line, ==, 3);
  check_row (some, 1, "h", "S", 5, 6, 7, 8);
}

static void
test_refused (void)
{
  static const struct {
    const char *text, *says;
  } bad[] = {{"", "empty"},
             {"slide,label\nA,b\n", "loc_x"},
             {"slide,minx\nA,1\n", "miny"},
             {"slide,loc_x,loc_y\nA,1,2\n", "how large"},
             {"slide,minx,miny,width\nA,1,2,3\n", "how large"},
             {"minx,miny,width,height\n", "No row"},
             {"minx,miny,width,height\na,b,c,d\n", "No row"}};
  TsrPlaceOptions options = {0};
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (read_text ("bad.csv", bad[i].text, &options, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
    g_assert_nonnull (strstr (error->message, "bad.csv"));
    g_assert_nonnull (strstr (error->message, bad[i].says));
  }
}

static TsrTilePlace *
apply (const char *text, const TsrPlaceOptions *options, char *const *names, size_t n,
       TsrPlaceCounts *counts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrPlaceTable) table = read_text ("t.csv", text, options, &error);
  g_assert_no_error (error);
  TsrTilePlace *places = tsr_tile_places_of_names (names, n);
  tsr_place_table_apply (table, names, places, n, counts);
  return places;
}

static void
test_apply (void)
{
  static const char *const texts[] = {"t/A-100-200.jpg", "t/A-300-200.jpg",
                                      "u/A-300-200.jpg", "Q [x=0,y=0,w=8,h=8].png",
                                      "z.png",           "A-1-1-100-200.png"};
  char *const *names = (char *const *)texts;
  const size_t n = G_N_ELEMENTS (texts);
  TsrPlaceOptions options = {.width = 64, .height = 64};
  TsrPlaceCounts counts;
  /* By Slideflow's names; two tiles of one name are not told apart. */
  TsrTilePlace *places =
      apply ("slide,loc_x,loc_y\nA,100,200\nA,300,200\nA,9,9\n", &options, names, n, &counts);
  g_assert_cmpuint (counts.placed, ==, 1);
  g_assert_cmpuint (counts.ambiguous, ==, 1);
  g_assert_cmpuint (counts.unknown, ==, 1);
  g_assert_cmpstr (places[0].slide, ==, "A");
  g_assert_true (places[0].x == 68 && places[0].y == 168 && places[0].width == 64);
  g_assert_null (places[1].slide);
  g_assert_cmpstr (places[3].slide, ==, "Q");
  tsr_tile_places_free (places, n);
  /* By files, with folders and without; the later row counts. */
  places =
      apply ("file,slide,minx,miny,width,height\nt/A-300-200.jpg,S,1,2,3,4\n/else/z.png,S,5,6,7,8\n"
             "A-300-200.jpg,S,0,0,1,1\nz.png,S,6,6,7,8\nQ [x=0,y=0,w=8,h=8].png,Q,0,0,8,8\n",
             &options, names, n, &counts);
  g_assert_cmpuint (counts.placed, ==, 2); /* the last one lies there already */
  g_assert_cmpuint (counts.ambiguous, ==, 1);
  g_assert_true (places[1].x == 1 && places[1].height == 4);
  g_assert_true (places[4].x == 6);
  g_assert_null (places[2].slide);
  tsr_tile_places_free (places, n);
  /* By the place a tile has already: nothing changes, and the row is not unknown. */
  places =
      apply ("slide,minx,miny,width,height\nQ,0,0,8,8\nQ,0,0,8,9\n", &options, names, n, &counts);
  g_assert_cmpuint (counts.placed, ==, 0);
  g_assert_cmpuint (counts.unknown, ==, 1);
  tsr_tile_places_free (places, n);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("tessera-places-XXXXXX", NULL);
  g_test_add_func ("/place-table/formats", test_formats);
  g_test_add_func ("/place-table/refused", test_refused);
  g_test_add_func ("/place-table/apply", test_apply);
  int failed = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return failed;
}
