/* A plain image of any format that tsr_image_load reads, as a slide of one level. It is decoded
 * whole when its first pixels are asked for. */

#include "tsr-slide-reader.h"

#include "tsr-i18n.h"

#include <string.h>

#define BLOCK 512

typedef struct {
  GMutex lock;
  TsrImage image; /* empty until decoded */
} Plain;

static void
image_close (void *data)
{
  Plain *self = data;
  tsr_image_clear (&self->image);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static TsrSlideVerdict
image_open (TsrSlide *slide, GError **error)
{
  TsrPicture picture;
  if (!tsr_image_read_file (slide->path, true, &picture, error))
    return TSR_SLIDE_NOT_MINE;
  bool turned = picture.orientation >= 5 && picture.orientation <= 8;
  TsrSlideStored stored = {.width = turned ? picture.info.height : picture.info.width,
                           .height = turned ? picture.info.width : picture.info.height,
                           .orientation = 1, /* tsr_image_load has turned it */
                           .block_w = BLOCK,
                           .block_h = BLOCK};
  slide->info.format = g_intern_string (picture.info.format);
  tsr_picture_clear (&picture);
  Plain *self = g_new0 (Plain, 1);
  g_mutex_init (&self->lock);
  slide->data = self;
  return tsr_slide_add_level (slide, &stored, error) ? TSR_SLIDE_OPENED : TSR_SLIDE_REFUSED;
}

static bool
decode (TsrSlide *slide, Plain *self, GError **error)
{
  TsrPicture picture;
  if (!tsr_image_read_file (slide->path, false, &picture, error))
    return false;
  bool ok = tsr_image_convert (&picture.image, 3, error) &&
            tsr_image_orient (&picture.image, picture.orientation, error);
  if (ok && (picture.image.width != slide->stored[0].width ||
             picture.image.height != slide->stored[0].height)) {
    tsr_image_refuse (error, _ ("The file has changed since it was opened; open it again"));
    ok = false;
  }
  if (ok) {
    self->image = picture.image;
    picture.image = (TsrImage){0};
  }
  tsr_picture_clear (&picture);
  return ok;
}

static bool
image_read_block (TsrSlide *slide, int level, int64_t column, int64_t row, uint8_t *rgb,
                  GError **error)
{
  Plain *self = slide->data;
  g_mutex_lock (&self->lock);
  bool ok = self->image.pixels || decode (slide, self, error);
  g_mutex_unlock (&self->lock);
  if (!ok)
    return false;
  int64_t x = column * BLOCK, y = row * BLOCK;
  int64_t width = MIN (BLOCK, self->image.width - x), height = MIN (BLOCK, self->image.height - y);
  for (int64_t i = 0; i < height; i++)
    memcpy (rgb + (size_t)i * BLOCK * 3,
            self->image.pixels + ((size_t)(y + i) * self->image.width + (size_t)x) * 3,
            (size_t)width * 3);
  return true;
}

const TsrSlideReader tsr_slide_reader_image = {"image", image_open, image_close, image_read_block,
                                               NULL};
