/* One JPEG tile of a slide: libjpeg-turbo straight to RGB, with the tables that TIFF keeps apart.
 */

#include "tsr-jpeg-guard.h"
#include "tsr-i18n.h"
#include "tsr-slide-tiff.h"

#include <jerror.h>

#define MAX_MEMORY (1l << 28)

typedef struct {
  struct jpeg_decompress_struct jpeg;
  TsrJpegGuard guard;
} Decoder;

/* TIFF's photometric interpretation decides, not the markers: Aperio stores RGB without any. */
static bool
choose_colours (struct jpeg_decompress_struct *jpeg, uint16_t photometric)
{
  if (jpeg->num_components == 3)
    jpeg->jpeg_color_space = photometric == PHOTOMETRIC_RGB ? JCS_RGB : JCS_YCbCr;
  else if (jpeg->num_components == 1)
    jpeg->jpeg_color_space = JCS_GRAYSCALE;
  else
    return false;
  jpeg->out_color_space = JCS_RGB;
  jpeg->dct_method = JDCT_ISLOW;
  return true;
}

static bool
decode (Decoder *self, const uint8_t *bytes, size_t n, GBytes *tables, uint16_t photometric,
        int width, int height, uint8_t *rgb)
{
  struct jpeg_decompress_struct *jpeg = &self->jpeg;
  if (setjmp (self->guard.jump))
    return false;
  tsr_jpeg_guard_create (&self->guard, jpeg, MAX_MEMORY);
  if (tables) {
    gsize size;
    const uint8_t *start = g_bytes_get_data (tables, &size);
    jpeg_mem_src (jpeg, start, size);
    jpeg_read_header (jpeg, FALSE);
    jpeg_abort_decompress (jpeg);
  }
  jpeg_mem_src (jpeg, bytes, n);
  jpeg_read_header (jpeg, TRUE);
  if ((int)jpeg->image_width != width || (int)jpeg->image_height != height ||
      jpeg->data_precision != 8 || !choose_colours (jpeg, photometric)) {
    snprintf (self->guard.message, sizeof self->guard.message,
              _ ("a tile of %u x %u with %d components"), jpeg->image_width, jpeg->image_height,
              jpeg->num_components);
    return false;
  }
  jpeg_start_decompress (jpeg);
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW rows[8];
    JDIMENSION want = MIN (8, jpeg->output_height - jpeg->output_scanline);
    for (JDIMENSION i = 0; i < want; i++)
      rows[i] = rgb + (size_t)(jpeg->output_scanline + i) * width * 3;
    if (jpeg_read_scanlines (jpeg, rows, want) < 1)
      ERREXIT (jpeg, JERR_CANT_SUSPEND);
  }
  return true;
}

bool
tsr_slide_jpeg_decode (const uint8_t *bytes, size_t n, GBytes *tables, uint16_t photometric,
                       int width, int height, uint8_t *rgb, GError **error)
{
  Decoder self = {0};
  bool ok = decode (&self, bytes, n, tables, photometric, width, height, rgb);
  jpeg_destroy_decompress (&self.jpeg);
  if (!ok)
    tsr_image_refuse (error,
                      _ ("A tile of the slide is damaged (JPEG: %s); copy the file again from "
                         "where it came"),
                      self.guard.message[0] ? self.guard.message : _ ("no details"));
  return ok;
}
