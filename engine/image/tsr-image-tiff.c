/* TIFF, opened and judged: which of the two ways of decoding (tsr-image-tiff-samples.c, libtiff's
 * own RGBA) a file takes. */

#include "tsr-image-tiff.h"

#include "tsr-i18n.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* libtiff reads through these: from memory, or with pread so that the file offset is nobody's
 * concern. */
static tmsize_t
client_read (thandle_t handle, void *to, tmsize_t n)
{
  TsrTiffClient *self = handle;
  const TsrImageSource *source = &self->source;
  if (n <= 0 || self->at >= source->n)
    return 0;
  size_t wanted = MIN ((uint64_t)n, source->n - self->at);
  ssize_t got = (ssize_t)wanted;
  if (source->bytes)
    memcpy (to, source->bytes + self->at, wanted);
  else
    got = pread (source->fd, to, wanted, (off_t)self->at);
  if (got > 0)
    self->at += (uint64_t)got;
  return got;
}

static tmsize_t
client_write (thandle_t handle, void *from, tmsize_t n)
{
  return -1;
}

static toff_t
client_seek (thandle_t handle, toff_t offset, int whence)
{
  TsrTiffClient *self = handle;
  self->at = whence == SEEK_CUR   ? self->at + offset
             : whence == SEEK_END ? self->source.n + offset
                                  : offset;
  return self->at;
}

static int
client_close (thandle_t handle)
{
  return 0;
}

static toff_t
client_size (thandle_t handle)
{
  return ((TsrTiffClient *)handle)->source.n;
}

static int
on_error (TIFF *tiff, void *data, const char *module, const char *format, va_list arguments)
{
  TsrTiffClient *self = data;
  if (!self->message[0])
    vsnprintf (self->message, sizeof self->message, format, arguments);
  return 1; /* handled: the process-wide handler stays silent */
}

/* libtiff goes on without a tag whose values lie behind the end of the file. Without these the
 * pixels would have other colours. */
static int
on_warning (TIFF *tiff, void *data, const char *module, const char *format, va_list arguments)
{
  static const char *const needed[] = {"ColorMap", "YCbCrCoefficients", "ReferenceBlackWhite"};
  TsrTiffClient *self = data;
  char message[200];
  vsnprintf (message, sizeof message, format, arguments);
  for (size_t i = 0; i < G_N_ELEMENTS (needed); i++)
    if (strstr (message, "IO error") && strstr (message, needed[i]))
      self->truncated = true;
  return 1;
}

static TIFF *
open_as (TsrTiffClient *client, const char *mode)
{
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc ();
  if (!options)
    return NULL;
  TIFFOpenOptionsSetMaxSingleMemAlloc (options, TSR_TIFF_MAX_ALLOCATION);
  TIFFOpenOptionsSetErrorHandlerExtR (options, on_error, client);
  TIFFOpenOptionsSetWarningHandlerExtR (options, on_warning, client);
  /* m: no memory map, which a file that shrinks would turn into SIGBUS. Strip offsets are not
   * deferred (O): when they cannot be read, the file must fail here and not give other pixels. */
  TIFF *tiff = TIFFClientOpenExt ("tile", mode, client, client_read, client_write, client_seek,
                                  client_close, client_size, NULL, NULL, options);
  TIFFOpenOptionsFree (options);
  return tiff;
}

TIFF *
tsr_tiff_open (TsrTiffClient *client)
{
  return open_as (client, "rm");
}

TIFF *
tsr_tiff_open_unchopped (TsrTiffClient *client)
{
  return open_as (client, "rmc");
}

static uint16_t
guess_photometric (TIFF *tiff, uint16_t samples, uint16_t compression)
{
  uint16_t *map[3];
  if (compression == COMPRESSION_CCITTRLE || compression == COMPRESSION_CCITTFAX3 ||
      compression == COMPRESSION_CCITTFAX4)
    return PHOTOMETRIC_MINISWHITE;
  if (TIFFGetField (tiff, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]))
    return PHOTOMETRIC_PALETTE;
  uint16_t ink_set;
  if (samples >= 4 && TIFFGetField (tiff, TIFFTAG_INKSET, &ink_set))
    return PHOTOMETRIC_SEPARATED;
  return samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
}

bool
tsr_tiff_layout_read (TIFF *tiff, TsrTiffLayout *layout)
{
  memset (layout, 0, sizeof *layout);
  if (!TIFFGetField (tiff, TIFFTAG_IMAGEWIDTH, &layout->width) ||
      !TIFFGetField (tiff, TIFFTAG_IMAGELENGTH, &layout->height))
    return false;
  TIFFGetFieldDefaulted (tiff, TIFFTAG_BITSPERSAMPLE, &layout->bits);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_SAMPLESPERPIXEL, &layout->samples);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_SAMPLEFORMAT, &layout->format);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_PLANARCONFIG, &layout->planar);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_COMPRESSION, &layout->compression);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_ORIENTATION, &layout->orientation);
  if (!TIFFGetField (tiff, TIFFTAG_PHOTOMETRIC, &layout->photometric))
    layout->photometric = guess_photometric (tiff, layout->samples, layout->compression);
  if (layout->samples == 1)
    layout->planar = PLANARCONFIG_CONTIG;
  uint16_t n_extra = 0, *extra = NULL;
  TIFFGetFieldDefaulted (tiff, TIFFTAG_EXTRASAMPLES, &n_extra, &extra);
  layout->colours = layout->samples > n_extra ? layout->samples - n_extra : layout->samples;
  for (unsigned i = 0; i < n_extra && !layout->alpha; i++)
    if (extra[i] == EXTRASAMPLE_ASSOCALPHA || extra[i] == EXTRASAMPLE_UNASSALPHA) {
      layout->alpha = layout->colours + i;
      layout->premultiplied = extra[i] == EXTRASAMPLE_ASSOCALPHA;
    }
  return true;
}

/* The codec itself turns JPEG's YCbCr into RGB when asked. */
static void
ask_for_rgb (TIFF *tiff, TsrTiffLayout *layout)
{
  if (layout->compression == COMPRESSION_JPEG && layout->photometric == PHOTOMETRIC_YCBCR &&
      layout->planar == PLANARCONFIG_CONTIG && layout->samples == 3 &&
      TIFFSetField (tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB))
    layout->photometric = PHOTOMETRIC_RGB;
}

/* libtiff's converter to 8-bit RGBA knows YCbCr, CIE Lab and LogLuv. It gives premultiplied alpha.
 */
static bool
read_rgba (TIFF *tiff, const TsrTiffLayout *layout, TsrImage *image, GError **error)
{
  char message[1024] = "";
  TIFFRGBAImage rgba;
  uint64_t n = (uint64_t)layout->width * layout->height;
  if (!TIFFRGBAImageOK (tiff, message) || !TIFFRGBAImageBegin (&rgba, tiff, 1, message)) {
    tsr_image_refuse (
        error, _ ("This kind of TIFF is not supported (%s); save it as RGB TIFF or PNG"), message);
    return false;
  }
  /* Turning is done for all formats in one place. */
  rgba.orientation = rgba.req_orientation = ORIENTATION_TOPLEFT;
  bool ok =
      tsr_image_allocate (image, layout->width, layout->height, 4, error) &&
      TIFFRGBAImageGet (&rgba, (uint32_t *)(void *)image->pixels, layout->width, layout->height);
  TIFFRGBAImageEnd (&rgba);
  if (!ok)
    return false;
  uint8_t *to = image->pixels; /* never overtakes what is read */
  for (uint64_t i = 0; i < n; i++) {
    uint32_t pixel;
    memcpy (&pixel, image->pixels + 4 * i, sizeof pixel);
    unsigned alpha = TIFFGetA (pixel);
    *to++ = tsr_over_white (TIFFGetR (pixel), alpha, true);
    *to++ = tsr_over_white (TIFFGetG (pixel), alpha, true);
    *to++ = tsr_over_white (TIFFGetB (pixel), alpha, true);
  }
  image->pixels = g_realloc (image->pixels, n * 3);
  image->channels = 3;
  return true;
}

bool
tsr_tiff_read_directory (TIFF *tiff, TsrTiffClient *client, bool header_only, TsrPicture *picture,
                         GError **error)
{
  TsrTiffLayout layout;
  if (client->truncated) {
    tsr_image_refuse_truncated (error, "TIFF");
    return false;
  }
  if (!tsr_tiff_layout_read (tiff, &layout)) {
    tsr_image_refuse (error, _ ("The TIFF file does not say how large its image is; save it again "
                                "with another program"));
    return false;
  }
  if (!tsr_image_check_size (layout.width, layout.height, error))
    return false;
  picture->info = (TsrImageInfo){
      .width = (int)layout.width, .height = (int)layout.height, .channels = layout.samples};
  picture->orientation = layout.orientation;
  if (!TIFFIsCODECConfigured (layout.compression)) {
    tsr_image_refuse (
        error,
        _ ("Its TIFF compression (number %u) is not supported; save it uncompressed or as PNG"),
        layout.compression);
    return false;
  }
  if (header_only)
    return true;
  ask_for_rgb (tiff, &layout);
  client->message[0] = '\0';
  if (tsr_tiff_samples_can (&layout) ? tsr_tiff_samples_read (tiff, &layout, &picture->image, error)
                                     : read_rgba (tiff, &layout, &picture->image, error))
    return true;
  tsr_image_refuse (error,
                    _ ("The TIFF data is damaged or of a kind not supported (%s); save it again as "
                       "plain TIFF or PNG"),
                    client->message[0] ? client->message : _ ("its pixels cannot be decoded"));
  return false;
}

static bool
tiff_read (const TsrImageSource *source, bool header_only, TsrPicture *picture, GError **error)
{
  TsrTiffClient client = {.source = *source};
  TIFF *tiff = tsr_tiff_open (&client);
  if (!tiff) {
    tsr_image_refuse (
        error, _ ("The TIFF file's directory is damaged (%s); copy it again from where it came"),
        client.message[0] ? client.message : _ ("no details"));
    return false;
  }
  bool ok = tsr_tiff_read_directory (tiff, &client, header_only, picture, error);
  TIFFClose (tiff);
  return ok;
}

static bool
tiff_matches (const uint8_t *head, size_t n)
{
  return n >= 4 && (memcmp (head, "II*\0", 4) == 0 || memcmp (head, "MM\0*", 4) == 0 ||
                    memcmp (head, "II+\0", 4) == 0 || memcmp (head, "MM\0+", 4) == 0);
}

const TsrImageReader tsr_image_reader_tiff = {"TIFF", tiff_matches, tiff_read, tsr_bare_tiff};
