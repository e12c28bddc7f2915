/* A format that only OpenSlide reads, made here: Hamamatsu's VMS, a text that names JPEG files of
 * the slide's parts, whose restart markers make rows of tiles, and a JPEG of the whole, the map.
 * What is read is held against the pixels that were put in, on the level of the parts and on the
 * map's. */

#include "tsr-error.h"
#include "tsr-slide-cut.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h> /* jpeglib.h wants FILE */
#include <string.h>
#include <sys/stat.h>

#include <jpeglib.h>

#define PART_W    256 /* of one of the four parts */
#define PART_H    192
#define FACTOR    16 /* the map is that much smaller; up to 8 OpenSlide makes levels of its own */
#define WIDTH     (2 * PART_W)
#define HEIGHT    (2 * PART_H)
#define EVERY     4 /* blocks of 8 x 8 between two restart markers: tiles of 32 x 8 */
#define MAP_EVERY 2 /* the same on the map; whole tiles only, as scanners write them */

/* Smooth, so that a JPEG keeps it, and other on the map than an average of the parts would be. */
static int
pixel (bool map, int x, int y, int c)
{
  double wave = map ? 60 * sin (0.5 * x + c) + 50 * cos (0.4 * y - c)
                    : 60 * sin (0.11 * x + c) + 50 * cos (0.13 * y - 2 * c);
  return (int)lrint (128 + wave);
}

/* Pixels (x0, y0) to (x0 + w, y0 + h) of the parts, or of the map. */
static void
write_jpeg (const char *path, bool map, int x0, int y0, int w, int h)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  g_autofree uint8_t *row = g_malloc ((size_t)w * 3);
  FILE *file = fopen (path, "wb");
  g_assert_nonnull (file);
  jpeg.err = jpeg_std_error (&errors);
  jpeg_create_compress (&jpeg);
  jpeg_stdio_dest (&jpeg, file);
  jpeg.image_width = (JDIMENSION)w;
  jpeg.image_height = (JDIMENSION)h;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults (&jpeg);
  jpeg_set_quality (&jpeg, 100, TRUE);
  jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;
  jpeg.restart_interval = map ? MAP_EVERY : EVERY;
  jpeg_start_compress (&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    for (int x = 0; x < w; x++)
      for (int c = 0; c < 3; c++)
        row[3 * x + c] = (uint8_t)pixel (map, x0 + x, y0 + (int)jpeg.next_scanline, c);
    JSAMPROW rows[] = {row};
    jpeg_write_scanlines (&jpeg, rows, 1);
  }
  jpeg_finish_compress (&jpeg);
  jpeg_destroy_compress (&jpeg);
  fclose (file);
}

/* The path of a slide in a folder of its own, transfer full. */
static char *
write_slide (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tessera-vms-XXXXXX", NULL);
  for (int part = 0; part < 4; part++) {
    g_autofree char *name = g_strdup_printf ("part-%d.jpg", part);
    g_autofree char *path = g_build_filename (folder, name, NULL);
    write_jpeg (path, false, part % 2 * PART_W, part / 2 * PART_H, PART_W, PART_H);
  }
  g_autofree char *map = g_build_filename (folder, "map.jpg", NULL);
  write_jpeg (map, true, 0, 0, WIDTH / FACTOR, HEIGHT / FACTOR);
  g_autofree char *text =
      g_strdup_printf ("[Virtual Microscope Specimen]\r\nNoLayers=1\r\nNoJpegColumns=2\r\n"
                       "NoJpegRows=2\r\nImageFile=part-0.jpg\r\nImageFile(1,0)=part-1.jpg\r\n"
                       "ImageFile(0,1)=part-2.jpg\r\nImageFile(1,1)=part-3.jpg\r\n"
                       "MapFile=map.jpg\r\nSourceLens=20\r\nPhysicalWidth=%d\r\n"
                       "PhysicalHeight=%d\r\n",
                       WIDTH * 500, HEIGHT * 500); /* nanometres: half a micrometre a pixel */
  char *path = g_build_filename (folder, "slide.vms", NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
remove_slide (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *file = g_build_filename (folder, name, NULL);
    g_unlink (file);
  }
  g_rmdir (folder);
}

/* At quality 100 every coefficient is off by up to a half. Added up over 64 of them with the
 * largest basis functions, and through the conversion of colours, that is 10 at the very worst, and
 * less than one in the mean; the next pixel is other by 4 in the mean. */
static void
check (TsrSlide *slide, int level, bool map, int x, int y, int w, int h)
{
  g_autoptr (GError) error = NULL;
  g_autofree uint8_t *rgb = g_malloc ((size_t)w * h * 3);
  double down = tsr_slide_info (slide)->levels[level].downsample;
  tsr_slide_read_region (slide, level, (int64_t)(x * down), (int64_t)(y * down), w, h, rgb, &error);
  g_assert_no_error (error);
  int worst = 0, sum = 0;
  for (int v = 0; v < h; v++)
    for (int u = 0; u < w; u++)
      for (int c = 0; c < 3; c++) {
        int off = abs (rgb[3 * (v * w + u) + c] - pixel (map, x + u, y + v, c));
        worst = MAX (worst, off);
        sum += off;
      }
  g_assert_cmpint (worst, <=, 10);
  if (w * h > 20)
    g_assert_cmpfloat (sum, <, 1.0 * 3 * w * h);
}

static void
test_pixels (void)
{
  g_autofree char *path = write_slide ();
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  g_assert_no_error (error);
  const TsrSlideInfo *info = tsr_slide_info (slide);
  g_assert_cmpstr (info->reader, ==, "OpenSlide");
  g_assert_cmpint (info->levels[0].width, ==, WIDTH);
  g_assert_cmpint (info->levels[0].height, ==, HEIGHT);
  g_assert_cmpfloat (fabs (tsr_slide_effective_mpp (info, NAN) - 0.5), <, 1e-9);
  g_assert_cmpfloat (info->objective, ==, 20);
  int last = -1;
  for (int i = 0; i < info->n_levels; i++)
    if (info->levels[i].width == WIDTH / FACTOR)
      last = i;
  g_assert_cmpint (last, >, 0);
  g_assert_cmpint (info->levels[last].height, ==, HEIGHT / FACTOR);
  check (slide, 0, false, 0, 0, WIDTH, HEIGHT);
  check (slide, 0, false, PART_W - 7, PART_H - 5, 20, 20); /* of all four parts */
  check (slide, 0, false, 33, 9, 1, 1);
  check (slide, last, true, 0, 0, WIDTH / FACTOR, HEIGHT / FACTOR);
  remove_slide (path);
}

/* A part that is damaged, missing or no file costs a sentence; a pipe is not waited for. */
static void
test_damage (void)
{
  for (int damage = 0; damage < 4; damage++) {
    g_autofree char *path = write_slide (), *folder = g_path_get_dirname (path);
    g_autofree char *part = g_build_filename (folder, damage == 3 ? "map.jpg" : "part-2.jpg", NULL);
    g_assert_cmpint (g_unlink (part), ==, 0);
    if (damage == 1)
      g_assert_true (g_file_set_contents (part, "no JPEG", -1, NULL));
    if (damage >= 2)
      g_assert_cmpint (mkfifo (part, 0600), ==, 0);
    g_autoptr (GError) error = NULL;
    g_assert_null (tsr_slide_open (path, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
    g_assert_nonnull (strstr (error->message, "slide.vms"));
    if (damage >= 2)
      g_assert_nonnull (strstr (error->message, damage == 3 ? "map.jpg" : "part-2.jpg"));
    remove_slide (path);
  }
}

/* MIRAX: a pipe among what its folder holds. */
static void
test_mirax (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tessera-mirax-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.mrxs", NULL),
                  *own = g_build_filename (folder, "a", NULL),
                  *index = g_build_filename (folder, "a", "Index.dat", NULL);
  g_assert_true (g_file_set_contents (path, "", -1, NULL));
  g_assert_cmpint (g_mkdir (own, 0700), ==, 0);
  g_assert_cmpint (mkfifo (index, 0600), ==, 0);
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_slide_open (path, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  g_assert_nonnull (strstr (error->message, "Index.dat"));
  g_unlink (index);
  g_rmdir (own);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hamamatsu/pixels", test_pixels);
  g_test_add_func ("/hamamatsu/damage", test_damage);
  g_test_add_func ("/hamamatsu/mirax-pipe", test_mirax);
  return g_test_run ();
}
