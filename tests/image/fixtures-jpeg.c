/* JPEG: baseline, progressive, arithmetic, restart markers, every colour space, written by libjpeg.
 */

#include "fixtures.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

typedef struct {
  const char *name;
  J_COLOR_SPACE in, stored;
  bool progressive, arithmetic, restarts;
  int sampling;
} Kind;

/* CMYK whose naive conversion gives the smooth picture: no black, ink is what paper is not. Adobe
 * stores it inverted. */
static void
fill_row (const Kind *kind, int y, uint8_t *row)
{
  for (int x = 0; x < FIXTURE_WIDTH; x++)
    switch (kind->in) {
    case JCS_GRAYSCALE:
      *row++ = fixture_smooth (x, y, 0);
      break;
    case JCS_CMYK:
      for (int c = 0; c < 3; c++)
        *row++ = fixture_smooth (x, y, c);
      *row++ = 255;
      break;
    default:
      for (int c = 0; c < 3; c++)
        *row++ = fixture_smooth (x, y, c);
    }
}

static GBytes *
write_jpeg (const Kind *kind)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr manager;
  unsigned char *bytes = NULL;
  unsigned long n = 0;
  jpeg.err = jpeg_std_error (&manager);
  jpeg_create_compress (&jpeg);
  jpeg_mem_dest (&jpeg, &bytes, &n);
  jpeg.image_width = FIXTURE_WIDTH;
  jpeg.image_height = FIXTURE_HEIGHT;
  jpeg.input_components = kind->in == JCS_GRAYSCALE ? 1 : kind->in == JCS_CMYK ? 4 : 3;
  jpeg.in_color_space = kind->in;
  jpeg_set_defaults (&jpeg);
  jpeg_set_colorspace (&jpeg, kind->stored);
  jpeg_set_quality (&jpeg, 98, TRUE);
  jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = kind->sampling;
  jpeg.arith_code = kind->arithmetic;
  jpeg.restart_interval = kind->restarts ? 1 : 0;
  if (kind->progressive)
    jpeg_simple_progression (&jpeg);
  jpeg_start_compress (&jpeg, TRUE);
  uint8_t row[FIXTURE_WIDTH * 4];
  JSAMPROW rows = row;
  for (int y = 0; y < FIXTURE_HEIGHT; y++) {
    fill_row (kind, y, row);
    jpeg_write_scanlines (&jpeg, &rows, 1);
  }
  jpeg_finish_compress (&jpeg);
  jpeg_destroy_compress (&jpeg);
  return g_bytes_new_with_free_func (bytes, n, free, bytes);
}

void
fixtures_add_jpeg (GPtrArray *all)
{
  static const Kind kinds[] = {
      {"jpeg-grey", JCS_GRAYSCALE, JCS_GRAYSCALE, false, false, false, 1},
      {"jpeg-ycc", JCS_RGB, JCS_YCbCr, false, false, false, 1},
      {"jpeg-ycc-420", JCS_RGB, JCS_YCbCr, false, false, false, 2},
      {"jpeg-rgb", JCS_RGB, JCS_RGB, false, false, false, 1},
      {"jpeg-progressive", JCS_RGB, JCS_YCbCr, true, false, false, 1},
      {"jpeg-arithmetic", JCS_RGB, JCS_YCbCr, false, true, false, 1},
      {"jpeg-restarts", JCS_RGB, JCS_YCbCr, false, false, true, 1},
      {"jpeg-cmyk", JCS_CMYK, JCS_CMYK, false, false, false, 1},
      {"jpeg-ycck", JCS_CMYK, JCS_YCCK, false, false, false, 1},
      {"jpeg-ycck-progressive", JCS_CMYK, JCS_YCCK, true, false, false, 1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    fixture_add (all, kinds[i].name, "JPEG", write_jpeg (&kinds[i]),
                 kinds[i].in == JCS_GRAYSCALE ? 1 : 3, 9, fixture_smooth);
}
