/* Reasons, limits and allocation, the same for every format. */

#include "tsr-image-reader.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

void
tsr_image_refuse (GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  for (char *c = valid; *c; c++)
    if ((unsigned char)*c < 0x20)
      *c = ' ';
  if (error && !*error)
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_IMAGE, valid);
}

void
tsr_image_refuse_truncated (GError **error, const char *format)
{
  tsr_image_refuse (error, _ ("The %s file is cut short; copy it again from where it came"),
                    format);
}

bool
tsr_image_check_size (uint64_t width, uint64_t height, GError **error)
{
  if (width == 0 || height == 0) {
    tsr_image_refuse (error, _ ("The image has no pixels; leave it out"));
    return false;
  }
  if (width > TSR_IMAGE_MAX_PIXELS || height > TSR_IMAGE_MAX_PIXELS ||
      width * height > TSR_IMAGE_MAX_PIXELS) {
    tsr_image_refuse (
        error, _ ("The image is %llu x %llu pixels, too large for a tile; cut it into tiles first"),
        (unsigned long long)width, (unsigned long long)height);
    return false;
  }
  return true;
}

bool
tsr_image_allocate (TsrImage *image, uint64_t width, uint64_t height, int channels, GError **error)
{
  if (!tsr_image_check_size (width, height, error))
    return false;
  uint8_t *pixels = g_try_malloc0 (width * height * (uint64_t)channels);
  if (!pixels) {
    tsr_image_refuse (error,
                      _ ("There is not enough memory for its %llu x %llu pixels; close other "
                         "programs or make it smaller"),
                      (unsigned long long)width, (unsigned long long)height);
    return false;
  }
  *image = (TsrImage){
      .width = (int)width, .height = (int)height, .channels = channels, .pixels = pixels};
  return true;
}
