/* WebP through libwebp; of an animation the first frame. */

#include "tsr-image-reader.h"

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
        "There is not enough memory for its pixels; close other programs or make it smaller");
  else
    tsr_image_refuse (error, "The WebP data is damaged (code %d); copy it again from where it came",
                      (int)status);
}

static bool
decode_rgba (const WebPData *still, int width, int height, TsrImage *image, GError **error)
{
  if (!tsr_image_allocate (image, width, height, 3, error))
    return false;
  size_t n = (size_t)width * height;
  g_autofree uint8_t *rgba = g_try_malloc0 (n * 4);
  if (!rgba || !WebPDecodeRGBAInto (still->bytes, still->size, rgba, n * 4, width * 4)) {
    refuse_status (rgba ? VP8_STATUS_BITSTREAM_ERROR : VP8_STATUS_OUT_OF_MEMORY, error);
    return false;
  }
  for (size_t i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      image->pixels[3 * i + c] = tsr_over_white (rgba[4 * i + c], rgba[4 * i + 3], false);
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

const TsrImageReader tsr_image_reader_webp = {"WebP", webp_matches, webp_read};
