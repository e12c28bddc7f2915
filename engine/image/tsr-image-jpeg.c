/* JPEG through libjpeg-turbo: baseline and progressive, grey, YCbCr, RGB, CMYK and YCCK. */

#include "tsr-image-reader.h"
#include "tsr-i18n.h"
#include "tsr-jpeg-guard.h"

#include <jerror.h>

#define MAX_MEMORY (1l << 30) /* coefficients of a progressive file are held whole */

typedef struct {
  struct jpeg_decompress_struct jpeg;
  TsrJpegGuard guard;
  const TsrImageSource *source;
  bool header_only;
  TsrPicture *picture;
  GError **error;
  uint8_t *row; /* CMYK before conversion */
} Decoder;

/* Adobe's CMYK is stored inverted (0 is full ink), others' is not. No profile: the plain product of
 * paper and ink. */
static void
cmyk_row (const uint8_t *row, bool inverted, int width, uint8_t *out)
{
  for (int x = 0; x < width; x++, row += 4)
    for (int c = 0; c < 3; c++) {
      unsigned colour = inverted ? row[c] : 255u - row[c],
               black = inverted ? row[3] : 255u - row[3];
      *out++ = (uint8_t)((colour * black + 127) / 255);
    }
}

static bool
read_pixels (Decoder *self)
{
  struct jpeg_decompress_struct *jpeg = &self->jpeg;
  bool cmyk = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
  bool grey = jpeg->jpeg_color_space == JCS_GRAYSCALE;
  jpeg->out_color_space = cmyk ? JCS_CMYK : grey ? JCS_GRAYSCALE : JCS_RGB;
  jpeg->dct_method = JDCT_ISLOW;
  jpeg_start_decompress (jpeg);
  int width = (int)jpeg->output_width, channels = grey ? 1 : 3;
  TsrImage *image = &self->picture->image;
  if (!tsr_image_allocate (image, jpeg->output_width, jpeg->output_height, channels, self->error))
    return false;
  if (cmyk)
    self->row = g_malloc ((size_t)width * 4);
  while (jpeg->output_scanline < jpeg->output_height) {
    uint8_t *out = image->pixels + (size_t)jpeg->output_scanline * width * channels;
    JSAMPROW row = cmyk ? self->row : out;
    if (jpeg_read_scanlines (jpeg, &row, 1) != 1)
      ERREXIT (jpeg, JERR_CANT_SUSPEND);
    if (cmyk)
      cmyk_row (row, jpeg->saw_Adobe_marker, width, out);
  }
  return true;
}

static bool
decode (Decoder *self)
{
  if (setjmp (self->guard.jump)) {
    if (tsr_jpeg_guard_truncated (&self->guard))
      tsr_image_refuse_truncated (self->error, "JPEG");
    else
      tsr_image_refuse (
          self->error,
          _ ("The JPEG data is damaged or of a kind not supported (%s); save it again as PNG"),
          self->guard.message);
    return false;
  }
  struct jpeg_decompress_struct *jpeg = &self->jpeg;
  tsr_jpeg_guard_create (&self->guard, jpeg, MAX_MEMORY);
  jpeg_mem_src (jpeg, self->source->bytes, self->source->n);
  jpeg_save_markers (jpeg, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header (jpeg, TRUE);
  for (jpeg_saved_marker_ptr marker = jpeg->marker_list; marker; marker = marker->next)
    if (marker->data_length > 6 && marker->data[0] == 'E') {
      self->picture->orientation = tsr_exif_orientation (marker->data, marker->data_length);
      break;
    }
  self->picture->info.width = (int)jpeg->image_width;
  self->picture->info.height = (int)jpeg->image_height;
  self->picture->info.channels = jpeg->num_components;
  return tsr_image_check_size (jpeg->image_width, jpeg->image_height, self->error) &&
         (self->header_only || read_pixels (self));
}

static bool
jpeg_read (const TsrImageSource *source, bool header_only, TsrPicture *picture, GError **error)
{
  Decoder self = {.source = source, .header_only = header_only, .picture = picture, .error = error};
  bool ok = decode (&self);
  jpeg_destroy_decompress (&self.jpeg);
  g_free (self.row);
  return ok;
}

static bool
jpeg_matches (const uint8_t *head, size_t n)
{
  return n >= 3 && head[0] == 0xFF && head[1] == 0xD8 && head[2] == 0xFF;
}

const TsrImageReader tsr_image_reader_jpeg = {"JPEG", jpeg_matches, jpeg_read, tsr_bare_jpeg};
