/* Animated WebP, through libwebpmux. */

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-image.h"

#include <errno.h>
#include <string.h>
#include <webp/encode.h>
#include <webp/mux.h>

/* Of the lossy coder: no difference is seen in tissue, and files are a tenth of lossless ones. */
#define QUALITY 90

typedef struct {
  const uint8_t *pictures;
  int n, size, channels, milliseconds;
  const char *path;
} Animation;

static bool
add (WebPAnimEncoder *encoder, const WebPConfig *config, const Animation *a, int k)
{
  size_t pixels = (size_t)a->size * (size_t)a->size;
  const uint8_t *from = a->pictures + (size_t)k * pixels * (size_t)a->channels;
  g_autofree uint8_t *rgb = g_malloc (pixels * 3);
  for (size_t i = 0; i < pixels; i++)
    for (int c = 0; c < 3; c++)
      rgb[3 * i + (size_t)c] = a->channels == 3 ? from[3 * i + (size_t)c] : from[i];
  WebPPicture picture;
  if (!WebPPictureInit (&picture))
    return false;
  picture.width = picture.height = a->size;
  picture.use_argb = 1;
  bool ok = WebPPictureImportRGB (&picture, rgb, a->size * 3) &&
            WebPAnimEncoderAdd (encoder, &picture, k * a->milliseconds, config);
  WebPPictureFree (&picture);
  return ok;
}

static bool
encode (const Animation *a, WebPData *data)
{
  WebPAnimEncoderOptions options;
  WebPConfig config;
  if (!WebPAnimEncoderOptionsInit (&options) || !WebPConfigInit (&config))
    return false;
  config.quality = QUALITY;
  options.anim_params.loop_count = 0; /* for ever */
  WebPAnimEncoder *encoder = WebPAnimEncoderNew (a->size, a->size, &options);
  bool ok = encoder != NULL;
  for (int k = 0; ok && k < a->n; k++)
    ok = add (encoder, &config, a, k);
  ok = ok && WebPAnimEncoderAdd (encoder, NULL, a->n * a->milliseconds, NULL) &&
       WebPAnimEncoderAssemble (encoder, data);
  WebPAnimEncoderDelete (encoder);
  return ok;
}

static bool
fill (FILE *file, void *data, GError **error)
{
  const Animation *a = data;
  WebPData webp;
  WebPDataInit (&webp);
  bool encoded = encode (a, &webp);
  errno = 0;
  bool ok = encoded && fwrite (webp.bytes, 1, webp.size, file) == webp.size;
  int cause = errno ? errno : encoded ? EIO : ENOMEM;
  WebPDataClear (&webp);
  if (!ok)
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "write", a->path, cause);
  return ok;
}

bool
tsr_image_save_animation (const uint8_t *pictures, int n, int size, int channels, int milliseconds,
                          const char *path, GError **error)
{
  g_assert (n > 0 && size > 0 && (channels == 1 || channels == 3) && milliseconds > 0);
  Animation a = {pictures, n, size, channels, milliseconds, path};
  return tsr_file_replace (path, fill, &a, error);
}
