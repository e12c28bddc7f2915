/* WebP through libwebp; of an animation the first frame. */

#include "tsr-image-reader.h"

#include "tsr-i18n.h"

#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

/* Finds the still image inside, and the orientation; an unanimated file without EXIF is its own
 * still image. */
static bool
find_still (const TsrImageSource *source, WebPData *still, TsrPicture *picture)
{
  WebPData all = {source->bytes, source->n};
  WebPDemuxer *demuxer = WebPDemux (&all);
  if (!demuxer)
    return false;
  WebPIterator frame = {0};
  bool ok = WebPDemuxGetFrame (demuxer, 1, &frame);
  if (ok)
    *still = frame.fragment;
  WebPDemuxReleaseIterator (&frame);
  WebPChunkIterator chunk = {0};
  if (WebPDemuxGetChunk (demuxer, "EXIF", 1, &chunk))
    picture->orientation = tsr_exif_orientation (chunk.chunk.bytes, chunk.chunk.size);
  WebPDemuxReleaseChunkIterator (&chunk);
  WebPDemuxDelete (demuxer);
  return ok;
}

static void
refuse_status (VP8StatusCode status, GError **error)
{
  if (status == VP8_STATUS_NOT_ENOUGH_DATA || status == VP8_STATUS_SUSPENDED)
    tsr_image_refuse_truncated (error, "WebP");
  else if (status == VP8_STATUS_OUT_OF_MEMORY)
    tsr_image_refuse (
        error,
        _ ("There is not enough memory for its pixels; close other programs or make it smaller"));
  else
    tsr_image_refuse (error,
                      _ ("The WebP data is damaged (code %d); copy it again from where it came"),
                      (int)status);
}

/* Decoded with alpha and composited in the same memory: each pixel is written at or before where it
 * was read. */
static bool
decode_rgba (const WebPData *still, int width, int height, TsrImage *image, GError **error)
{
  if (!tsr_image_allocate (image, width, height, 4, error))
    return false;
  size_t n = (size_t)width * height;
  if (!WebPDecodeRGBAInto (still->bytes, still->size, image->pixels, n * 4, width * 4)) {
    refuse_status (VP8_STATUS_BITSTREAM_ERROR, error);
    return false;
  }
  const uint8_t *from = image->pixels;
  uint8_t *to = image->pixels;
  for (size_t i = 0; i < n; i++, from += 4) {
    unsigned alpha = from[3];
    for (int c = 0; c < 3; c++)
      *to++ = tsr_over_white (from[c], alpha, false);
  }
  image->pixels = g_realloc (image->pixels, n * 3);
  image->channels = 3;
  return true;
}

static bool
decode_rgb (const WebPData *still, int width, int height, TsrImage *image, GError **error)
{
  if (!tsr_image_allocate (image, width, height, 3, error))
    return false;
  if (WebPDecodeRGBInto (still->bytes, still->size, image->pixels, (size_t)width * height * 3,
                         width * 3))
    return true;
  refuse_status (VP8_STATUS_BITSTREAM_ERROR, error);
  return false;
}

static bool
webp_read (const TsrImageSource *source, bool header_only, TsrPicture *picture, GError **error)
{
  WebPData still = {source->bytes, source->n};
  WebPBitstreamFeatures features;
  VP8StatusCode status = WebPGetFeatures (source->bytes, source->n, &features);
  if (status == VP8_STATUS_OK && !find_still (source, &still, picture))
    status = VP8_STATUS_NOT_ENOUGH_DATA;
  if (status == VP8_STATUS_OK)
    status = WebPGetFeatures (still.bytes, still.size, &features);
  if (status != VP8_STATUS_OK) {
    refuse_status (status, error);
    return false;
  }
  picture->info = (TsrImageInfo){
      .width = features.width, .height = features.height, .channels = features.has_alpha ? 4 : 3};
  if (!tsr_image_check_size (features.width, features.height, error))
    return false;
  if (header_only)
    return true;
  return features.has_alpha
             ? decode_rgba (&still, features.width, features.height, &picture->image, error)
             : decode_rgb (&still, features.width, features.height, &picture->image, error);
}

static bool
webp_matches (const uint8_t *head, size_t n)
{
  return n >= 12 && memcmp (head, "RIFF", 4) == 0 && memcmp (head + 8, "WEBP", 4) == 0;
}

const TsrImageReader tsr_image_reader_webp = {"WebP", webp_matches, webp_read, tsr_bare_webp};
