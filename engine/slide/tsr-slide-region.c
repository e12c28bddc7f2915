/* Regions put together from blocks, turned to how the slide is shown. */

#include "tsr-slide-cache.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <math.h>
#include <string.h>

/* Stored pixels a region takes from one block. */
static void
copy_part (const uint8_t *block, const TsrSlideStored *stored, int64_t block_x, int64_t block_y,
           int64_t x, int64_t y, int w, int h, uint8_t *rgb, size_t stride)
{
  int64_t left = MAX (x, block_x),
          right = MIN (MIN (x + w, block_x + stored->block_w), stored->width);
  int64_t top = MAX (y, block_y),
          bottom = MIN (MIN (y + h, block_y + stored->block_h), stored->height);
  for (int64_t row = top; row < bottom; row++)
    memcpy (rgb + (size_t)(row - y) * stride + (size_t)(left - x) * 3,
            block + ((size_t)(row - block_y) * stored->block_w + (size_t)(left - block_x)) * 3,
            (size_t)(right - left) * 3);
}

bool
tsr_slide_read_stored (TsrSlide *slide, int level, int64_t x, int64_t y, int w, int h, uint8_t *rgb,
                       size_t stride, GError **error)
{
  const TsrSlideStored *stored = &slide->stored[level];
  int64_t left = MAX (x, 0), top = MAX (y, 0);
  int64_t right = MIN (x + w, stored->width), bottom = MIN (y + h, stored->height);
  if (left > x || top > y || right < x + w || bottom < y + h)
    for (int row = 0; row < h; row++)
      memset (rgb + row * stride, 255, (size_t)w * 3);
  if (left >= right || top >= bottom)
    return true;
  for (int64_t row = top / stored->block_h; row <= (bottom - 1) / stored->block_h; row++)
    for (int64_t column = left / stored->block_w; column <= (right - 1) / stored->block_w;
         column++) {
      TsrSlideBlock *hold;
      const uint8_t *block = tsr_slide_cache_get (slide, level, column, row, &hold, error);
      if (!block)
        return false;
      copy_part (block, stored, column * stored->block_w, row * stored->block_h, x, y, w, h, rgb,
                 stride);
      tsr_slide_cache_release (hold);
    }
  return true;
}

/* Which stored pixel is shown at (x, y); EXIF's orientations, linear also outside of the image. */
static void
stored_place (const TsrSlideStored *stored, int64_t x, int64_t y, int64_t *stored_x,
              int64_t *stored_y)
{
  unsigned o = stored->orientation;
  int64_t along = o >= 5 ? y : x, across = o >= 5 ? x : y;
  bool flip_x = o == 2 || o == 3 || o == 7 || o == 8;
  bool flip_y = o == 3 || o == 4 || o == 6 || o == 7;
  *stored_x = flip_x ? stored->width - 1 - along : along;
  *stored_y = flip_y ? stored->height - 1 - across : across;
}

bool
tsr_slide_read_shown (TsrSlide *slide, int level, int64_t x, int64_t y, int w, int h, uint8_t *rgb,
                      GError **error)
{
  const TsrSlideStored *stored = &slide->stored[level];
  if (stored->orientation <= 1)
    return tsr_slide_read_stored (slide, level, x, y, w, h, rgb, (size_t)w * 3, error);
  int64_t x0, y0, x1, y1;
  stored_place (stored, x, y, &x0, &y0);
  stored_place (stored, x + w - 1, y + h - 1, &x1, &y1);
  int64_t left = MIN (x0, x1), top = MIN (y0, y1);
  int stored_w = stored->orientation >= 5 ? h : w, stored_h = stored->orientation >= 5 ? w : h;
  g_autofree uint8_t *part = g_try_malloc ((size_t)w * h * 3);
  if (!part) {
    tsr_image_refuse (error, _ ("There is not enough memory for its pixels; close other programs"));
    return false;
  }
  if (!tsr_slide_read_stored (slide, level, left, top, stored_w, stored_h, part,
                              (size_t)stored_w * 3, error))
    return false;
  for (int row = 0; row < h; row++)
    for (int column = 0; column < w; column++) {
      stored_place (stored, x + column, y + row, &x0, &y0);
      memcpy (rgb + ((size_t)row * w + column) * 3,
              part + ((size_t)(y0 - top) * stored_w + (size_t)(x0 - left)) * 3, 3);
    }
  return true;
}

bool
tsr_slide_read_region (TsrSlide *slide, int level, int64_t x, int64_t y, int w, int h, uint8_t *rgb,
                       GError **error)
{
  int64_t far = TSR_SLIDE_MAX_SIDE * 2;
  if (level < 0 || level >= slide->info.n_levels || w < 1 || h < 1 ||
      (uint64_t)w * (uint64_t)h > (uint64_t)1 << 28 || x < -far || x > far || y < -far || y > far) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("A slide has no region of %d x %d pixels at (%lld, %lld) of level %d."), w, h,
                 (long long)x, (long long)y, level);
    return false;
  }
  double scale = slide->levels[level].downsample;
  GError *reason = NULL;
  bool ok = tsr_slide_read_shown (slide, level, (int64_t)floor ((double)x / scale + 0.5),
                                  (int64_t)floor ((double)y / scale + 0.5), w, h, rgb, &reason);
  return tsr_image_name_reason (ok, slide->path, reason, error);
}
