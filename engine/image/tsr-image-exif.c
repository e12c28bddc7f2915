/* The orientation tag of EXIF, and obeying it. */

#include "tsr-image-reader.h"

#include <string.h>

static unsigned
get16 (const uint8_t *p, bool big)
{
  return big ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static uint32_t
get32 (const uint8_t *p, bool big)
{
  return big ? get16 (p, true) << 16 | get16 (p + 2, true)
             : get16 (p + 2, false) << 16 | get16 (p, false);
}

unsigned
tsr_exif_orientation (const uint8_t *exif, size_t n)
{
  if (n >= 6 && memcmp (exif, "Exif\0\0", 6) == 0)
    exif += 6, n -= 6;
  if (n < 8 || (memcmp (exif, "MM\0*", 4) != 0 && memcmp (exif, "II*\0", 4) != 0))
    return 1;
  bool big = exif[0] == 'M';
  uint32_t directory = get32 (exif + 4, big);
  if (directory > n - 2)
    return 1;
  unsigned entries = get16 (exif + directory, big);
  for (unsigned i = 0; i < entries; i++) {
    size_t at = (size_t)directory + 2 + 12 * (size_t)i;
    if (at + 12 > n)
      return 1;
    if (get16 (exif + at, big) != 0x0112 || get16 (exif + at + 2, big) != 3)
      continue;
    unsigned value = get16 (exif + at + 8, big);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/* For each orientation: is the picture transposed, and where does its first stored pixel start
 * after that? */
static const struct {
  bool transpose, flip_x, flip_y;
} turns[9] = {
    [2] = {false, true, false}, [3] = {false, true, true}, [4] = {false, false, true},
    [5] = {true, false, false}, [6] = {true, true, false}, [7] = {true, true, true},
    [8] = {true, false, true},
};

bool
tsr_image_orient (TsrImage *image, unsigned orientation, GError **error)
{
  if (orientation < 2 || orientation > 8)
    return true;
  bool transpose = turns[orientation].transpose;
  TsrImage turned;
  if (!tsr_image_allocate (&turned, transpose ? image->height : image->width,
                           transpose ? image->width : image->height, image->channels, error))
    return false;
  size_t channels = image->channels;
  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++) {
      int tx = transpose ? y : x, ty = transpose ? x : y;
      if (turns[orientation].flip_x)
        tx = turned.width - 1 - tx;
      if (turns[orientation].flip_y)
        ty = turned.height - 1 - ty;
      memcpy (turned.pixels + ((size_t)ty * turned.width + tx) * channels,
              image->pixels + ((size_t)y * image->width + x) * channels, channels);
    }
  tsr_image_clear (image);
  *image = turned;
  return true;
}
