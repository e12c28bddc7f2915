/* PNG through libpng, with its limits tightened and its errors brought back by longjmp. */

#include "tsr-image-reader.h"

#include "tsr-i18n.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

typedef struct {
  const TsrImageSource *source;
  uint64_t at;
  bool header_only, truncated;
  char message[160];
  TsrPicture *picture;
  GError **error;
  uint8_t *
      rows; /* pixels with alpha, before compositing: one row, or the whole image when interlaced */
  png_structp png;
  png_infop info;
} Decoder;

static void
on_error (png_structp png, png_const_charp message)
{
  Decoder *self = png_get_error_ptr (png);
  g_strlcpy (self->message, message, sizeof self->message);
  png_longjmp (png, 1);
}

static void
on_warning (png_structp png, png_const_charp message)
{
}

static void
give_bytes (png_structp png, png_bytep to, size_t n)
{
  Decoder *self = png_get_io_ptr (png);
  if (n > self->source->n - self->at) {
    self->truncated = true;
    png_error (png, "end of file");
  }
  memcpy (to, self->source->bytes + self->at, n);
  self->at += n;
}

static void
set_limits (png_structp png)
{
  png_set_user_limits (png, 1 << 28, 1 << 28);
  png_set_chunk_malloc_max (png, 16 << 20);
  png_set_chunk_cache_max (png, 64);
  png_set_option (png, PNG_SKIP_sRGB_CHECK_PROFILE, PNG_OPTION_ON);
}

/* Asks libpng for 8-bit grey or RGB, with alpha where the file has transparency. */
static void
set_transforms (png_structp png)
{
  png_set_expand (png);
  png_set_scale_16 (png);
}

static void
composite_row (const uint8_t *row, int channels, bool alpha, int width, uint8_t *out)
{
  if (!alpha) {
    memcpy (out, row, (size_t)width * channels);
    return;
  }
  for (int x = 0; x < width; x++, row += channels + 1)
    for (int c = 0; c < channels; c++)
      *out++ = tsr_over_white (row[c], row[channels], false);
}

static bool
read_pixels (Decoder *self)
{
  int passes = png_set_interlace_handling (self->png);
  png_read_update_info (self->png, self->info);
  int width = (int)png_get_image_width (self->png, self->info),
      height = (int)png_get_image_height (self->png, self->info);
  int stored = png_get_channels (self->png, self->info);
  bool alpha = stored == 2 || stored == 4;
  int channels = stored >= 3 ? 3 : 1;
  size_t stride = (size_t)width * stored;
  TsrImage *image = &self->picture->image;
  if (png_get_rowbytes (self->png, self->info) != stride)
    png_error (self->png, "unexpected row size");
  if (!tsr_image_allocate (image, width, height, channels, self->error))
    return false;
  self->rows = g_try_malloc0 (passes > 1 ? stride * height : stride);
  if (!self->rows)
    png_error (self->png, "out of memory");
  for (int pass = 0; pass < passes; pass++)
    for (int y = 0; y < height; y++) {
      uint8_t *row = self->rows + (passes > 1 ? stride * y : 0);
      png_read_row (self->png, row, NULL);
      if (pass == passes - 1)
        composite_row (row, channels, alpha, width, image->pixels + (size_t)y * width * channels);
    }
  return true;
}

/* Everything that may longjmp runs below this frame; its own variables live in Decoder. */
static bool
decode (Decoder *self)
{
  if (setjmp (png_jmpbuf (self->png))) {
    if (self->truncated)
      tsr_image_refuse_truncated (self->error, "PNG");
    else
      tsr_image_refuse (self->error,
                        _ ("The PNG data is damaged (%s); copy it again from where it came"),
                        self->message);
    return false;
  }
  png_set_read_fn (self->png, self, give_bytes);
  set_limits (self->png);
  png_read_info (self->png, self->info);
  png_bytep exif = NULL;
  png_uint_32 n_exif = 0;
  if (png_get_eXIf_1 (self->png, self->info, &n_exif, &exif))
    self->picture->orientation = tsr_exif_orientation (exif, n_exif);
  uint64_t width = png_get_image_width (self->png, self->info),
           height = png_get_image_height (self->png, self->info);
  if (!tsr_image_check_size (width, height, self->error))
    return false;
  self->picture->info.width = (int)width;
  self->picture->info.height = (int)height;
  self->picture->info.channels =
      png_get_color_type (self->png, self->info) == PNG_COLOR_TYPE_PALETTE
          ? 3
          : png_get_channels (self->png, self->info);
  if (self->header_only)
    return true;
  set_transforms (self->png);
  return read_pixels (self);
}

static bool
png_read (const TsrImageSource *source, bool header_only, TsrPicture *picture, GError **error)
{
  Decoder self = {.source = source, .header_only = header_only, .picture = picture, .error = error};
  self.png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &self, on_error, on_warning);
  self.info = self.png ? png_create_info_struct (self.png) : NULL;
  bool ok = self.info && decode (&self);
  if (!self.info)
    tsr_image_refuse (error, _ ("There is not enough memory to read it; close other programs"));
  png_destroy_read_struct (&self.png, &self.info, NULL);
  g_free (self.rows);
  return ok;
}

static bool
png_matches (const uint8_t *head, size_t n)
{
  return n >= 8 && png_sig_cmp (head, 0, 8) == 0;
}

const TsrImageReader tsr_image_reader_png = {"PNG", png_matches, png_read, tsr_bare_png};
