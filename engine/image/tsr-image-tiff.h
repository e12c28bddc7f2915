#pragma once
/* Between the two halves of the TIFF reader. */

#include "tsr-image-reader.h"

#include <tiffio.h>

#define TSR_TIFF_MAX_ALLOCATION ((tmsize_t)1 << 29)

/** What the directory says, defaults filled in. */
typedef struct {
  uint32_t width, height;
  uint16_t bits, samples, format, planar, compression, photometric, orientation;
  uint16_t colours;   /* samples that are no extra samples */
  uint16_t alpha;     /* index of the alpha sample, 0 when there is none */
  bool premultiplied; /* the colours already carry the alpha */
} TsrTiffLayout;

/** Whether tsr_tiff_samples_read knows this layout: grey, palette, RGB and CMYK samples of 1 to 64
 * bits. */
bool tsr_tiff_samples_can (const TsrTiffLayout *layout);

/** Decodes strips or tiles, contiguous or planar. Unsigned samples up to 16 bits are scaled by
 * their full range; floats by the smallest of [0,1], [0,255] and [0,65535] that holds them, else,
 * like signed and 32-bit integers, by the image's own smallest and largest value. False without
 * error when libtiff has said why. */
bool tsr_tiff_samples_read (TIFF *tiff, const TsrTiffLayout *layout, TsrImage *image,
                            GError **error);
