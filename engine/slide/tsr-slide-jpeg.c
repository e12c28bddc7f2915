/* One JPEG tile of a slide: libjpeg-turbo straight to RGB, with the tables that TIFF keeps apart.
 */

#include "tsr-slide-tiff.h"

#include <stdio.h>

#include <jpeglib.h>
#include <jerror.h>
#include <setjmp.h>

#define MAX_MEMORY (1l << 28)
#define MAX_SCANS  100

typedef struct {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr manager;
  struct jpeg_progress_mgr watch;
  jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
} Decoder;

static void
on_error (j_common_ptr jpeg)
{
  Decoder *self = jpeg->client_data;
  jpeg->err->format_message (jpeg, self->message);
  longjmp (self->jump, 1);
}

/* A tile whose data end early or go wrong would be grey in part: that is an error here. */
static void
on_message (j_common_ptr jpeg, int level)
{
  if (level >= 0)
    return;
  switch (jpeg->err->msg_code) {
  case JWRN_JPEG_EOF:
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_ARITH_BAD_CODE:
  case JWRN_MUST_RESYNC:
  case JWRN_BOGUS_PROGRESSION:
    jpeg->err->error_exit (jpeg);
    break;
  default:
    jpeg->err->num_warnings++;
  }
}

static void
on_progress (j_common_ptr jpeg)
{
  if (jpeg->is_decompressor && ((j_decompress_ptr)jpeg)->input_scan_number > MAX_SCANS)
    ERREXIT (jpeg, JERR_BAD_PROGRESSION);
}

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
  if (setjmp (self->jump))
    return false;
  jpeg_create_decompress (jpeg);
  jpeg->mem->max_memory_to_use = MAX_MEMORY;
  jpeg->progress = &self->watch;
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
    snprintf (self->message, sizeof self->message, "a tile of %u x %u with %d components",
              jpeg->image_width, jpeg->image_height, jpeg->num_components);
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
  Decoder self = {.watch.progress_monitor = on_progress};
  self.jpeg.err = jpeg_std_error (&self.manager);
  self.jpeg.client_data = &self;
  self.manager.error_exit = on_error;
  self.manager.emit_message = on_message;
  bool ok = decode (&self, bytes, n, tables, photometric, width, height, rgb);
  jpeg_destroy_decompress (&self.jpeg);
  if (!ok)
    tsr_image_refuse (error,
                      "A tile of the slide is damaged (JPEG: %s); copy the file again from "
                      "where it came",
                      self.message[0] ? self.message : "no details");
  return ok;
}
