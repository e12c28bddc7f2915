/* One slide through OpenSlide. */

#include "reader.h"

#include <math.h>
#include <openslide.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAME   256
#define MAX_VALUE  65536
#define MAX_PIXELS ((int64_t)1 << 28)

static struct {
  char *path;
  openslide_t *handle;
  const char *const *properties, *const *images; /* the handle's */
  int64_t n_properties, n_images;
  uint32_t *image; /* the associated image that was asked for last, premultiplied ARGB */
  int64_t which, n_pixels;
} self = {.which = -1};

static int64_t
count (const char *const *names)
{
  int64_t n = 0;
  while (names && names[n])
    n++;
  return n;
}

static void
take_handle (openslide_t *handle)
{
  self.handle = handle;
  self.properties = openslide_get_property_names (handle);
  self.images = openslide_get_associated_image_names (handle);
  self.n_properties = count (self.properties);
  self.n_images = count (self.images);
}

/* False with the library's reason, after which the handle gives nothing any more. */
static bool
is_well (ReaderRequest *request)
{
  const char *reason = openslide_get_error (self.handle);
  return !reason || reader_refuse (request, TSR_READER_DAMAGED, reason);
}

/* One damaged tile does not end the slide: another handle takes the place of one that has failed.
 */
static bool
renew (ReaderRequest *request)
{
  if (!self.handle)
    return reader_refuse (request, TSR_READER_DAMAGED, N_ ("no slide is open"));
  if (!openslide_get_error (self.handle))
    return true;
  openslide_t *handle = openslide_open (self.path);
  if (!handle || openslide_get_error (handle)) {
    if (handle)
      openslide_close (handle);
    return is_well (request);
  }
  openslide_close (self.handle);
  take_handle (handle);
  return true;
}

static bool
open_slide (ReaderRequest *request)
{
  if (self.handle)
    return reader_refuse (request, TSR_READER_DAMAGED, N_ ("a slide is open already"));
  self.path = strndup (request->text, request->length);
  const char *vendor = self.path ? openslide_detect_vendor (self.path) : NULL;
  if (!vendor)
    return reader_refuse (request, TSR_READER_NOT_MINE, "");
  openslide_t *handle = openslide_open (self.path);
  if (!handle)
    return reader_refuse (request, TSR_READER_DAMAGED, N_ ("no details"));
  take_handle (handle);
  if (!is_well (request))
    return false;
  request->answer.numbers[0] = openslide_get_level_count (handle);
  request->answer.numbers[1] = self.n_properties;
  request->answer.numbers[2] = self.n_images;
  reader_add_text (request, vendor, strnlen (vendor, MAX_NAME));
  return true;
}

static int64_t
tile_side (int level, const char *side)
{
  char name[64];
  snprintf (name, sizeof name, "openslide.level[%d].tile-%s", level, side);
  const char *value = openslide_get_property_value (self.handle, name);
  return value ? strtoll (value, NULL, 10) : 0;
}

static bool
in_range (ReaderRequest *request, int64_t n)
{
  return (request->numbers[0] >= 0 && request->numbers[0] < n) ||
         reader_refuse (request, TSR_READER_DAMAGED, N_ ("it has no such part"));
}

static bool
tell_level (ReaderRequest *request)
{
  int level = (int)request->numbers[0];
  int64_t *numbers = request->answer.numbers;
  if (!in_range (request, openslide_get_level_count (self.handle)))
    return false;
  openslide_get_level_dimensions (self.handle, level, &numbers[0], &numbers[1]);
  numbers[2] = tile_side (level, "width");
  numbers[3] = tile_side (level, "height");
  return is_well (request);
}

static bool
tell_property (ReaderRequest *request)
{
  if (!in_range (request, self.n_properties))
    return false;
  const char *name = self.properties[request->numbers[0]];
  const char *value = openslide_get_property_value (self.handle, name);
  size_t length = strnlen (name, MAX_NAME);
  request->answer.numbers[0] = (int64_t)length;
  reader_add_text (request, name, length);
  if (value)
    reader_add_text (request, value, strnlen (value, MAX_VALUE));
  return is_well (request);
}

static bool
tell_image (ReaderRequest *request)
{
  if (!in_range (request, self.n_images))
    return false;
  const char *name = self.images[request->numbers[0]];
  openslide_get_associated_image_dimensions (self.handle, name, &request->answer.numbers[0],
                                             &request->answer.numbers[1]);
  reader_add_text (request, name, strnlen (name, MAX_NAME));
  return is_well (request);
}

/* Premultiplied ARGB to RGB over white. */
static void
to_rgb (const uint32_t *argb, size_t n, uint8_t *rgb)
{
  for (size_t i = 0; i < n; i++) {
    uint32_t pixel = argb[i];
    unsigned white = 255 - (pixel >> 24);
    for (int c = 0; c < 3; c++) {
      unsigned value = (pixel >> (16 - 8 * c) & 255) + white;
      *rgb++ = (uint8_t)(value > 255 ? 255 : value);
    }
  }
}

static bool
read_region (ReaderRequest *request)
{
  static uint32_t argb[TSR_READER_AREA];
  int level = (int)request->numbers[0];
  int64_t w = request->numbers[3], h = request->numbers[4];
  if (!in_range (request, openslide_get_level_count (self.handle)))
    return false;
  if (w < 1 || h < 1 || w > TSR_READER_SIDE || h > TSR_READER_SIDE || w * h > TSR_READER_AREA)
    return reader_refuse (request, TSR_READER_DAMAGED, N_ ("it has no such region"));
  double scale = openslide_get_level_downsample (self.handle, level);
  openslide_read_region (self.handle, argb, llround ((double)request->numbers[1] * scale),
                         llround ((double)request->numbers[2] * scale), level, w, h);
  if (!is_well (request))
    return false;
  to_rgb (argb, (size_t)(w * h), request->shared);
  return true;
}

/* Decodes an image when its first pixels are asked for. */
static bool
decode_image (ReaderRequest *request)
{
  const char *name = self.images[request->numbers[0]];
  int64_t w = -1, h = -1;
  free (self.image);
  self.image = NULL;
  self.which = -1;
  openslide_get_associated_image_dimensions (self.handle, name, &w, &h);
  if (w < 1 || h < 1 || w > MAX_PIXELS / h)
    return reader_refuse (request, TSR_READER_DAMAGED,
                          N_ ("the image has no size that could be read"));
  self.image = malloc ((size_t)(w * h) * sizeof *self.image);
  if (!self.image)
    return reader_refuse (request, TSR_READER_DAMAGED, N_ ("the image needs too much memory"));
  openslide_read_associated_image (self.handle, name, self.image);
  if (!is_well (request))
    return false;
  self.which = request->numbers[0];
  self.n_pixels = w * h;
  return true;
}

static bool
read_pixels (ReaderRequest *request)
{
  int64_t first = request->numbers[1], n = request->numbers[2];
  if (!in_range (request, self.n_images))
    return false;
  if (self.which != request->numbers[0] && !decode_image (request))
    return false;
  if (first < 0 || n < 1 || n > (int64_t)(TSR_READER_SHARED / 3) || first > self.n_pixels - n)
    return reader_refuse (request, TSR_READER_DAMAGED, N_ ("the image has no such pixels"));
  to_rgb (self.image + first, (size_t)n, request->shared);
  if (first + n == self.n_pixels) { /* nobody asks for more of it */
    free (self.image);
    self.image = NULL;
    self.which = -1;
  }
  return true;
}

void
reader_answer (ReaderRequest *request)
{
  if (request->kind == TSR_READER_OPEN) {
    open_slide (request);
    return;
  }
  if (!renew (request))
    return;
  switch (request->kind) {
  case TSR_READER_LEVEL:
    tell_level (request);
    break;
  case TSR_READER_PROPERTY:
    tell_property (request);
    break;
  case TSR_READER_IMAGE:
    tell_image (request);
    break;
  case TSR_READER_REGION:
    read_region (request);
    break;
  case TSR_READER_PIXELS:
    read_pixels (request);
    break;
  default:
    reader_refuse (request, TSR_READER_DAMAGED, N_ ("it does not support that request"));
  }
}
