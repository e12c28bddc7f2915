#pragma once
/* A slide put together from pictures of parts of it, for when its file is not there. */

#include "tsr-slide.h"

/** Where a picture lies, in pixels of level 0. */
typedef struct {
  int64_t x, y;
  int32_t width, height;
} TsrMosaicPlace;

/** Gives picture i, of any size; the caller clears it. Called by several threads at once, and not
 * again for levels on which the picture has four pixels or less along its sides: what is seen of it
 * there is kept. False with a reason, as a reader gives it. */
typedef bool (*TsrMosaicPicture) (size_t i, TsrImage *image, gpointer user, GError **error);

typedef struct {
  const char *path; /* what sentences name */
  int64_t width, height;
  double mpp;                   /* NAN: not known */
  const TsrMosaicPlace *places; /* [n]; where they overlap the later one is seen */
  size_t n;
  TsrMosaicPicture picture;
  gpointer user;            /* handed to picture */
  GDestroyNotify user_free; /* of user, when the slide is gone or did not come to be; or NULL */
} TsrMosaic;

/** A slide of these pictures, white between them, copied but for user; its levels halve until one
 * fits a block, and a picture is resampled to what it covers of each (tsr-slide-resample.h). NULL
 * with one sentence where width or height are none of a slide's. */
TsrSlide *tsr_slide_mosaic_new (const TsrMosaic *mosaic, GError **error);
