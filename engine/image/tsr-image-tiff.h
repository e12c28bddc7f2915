#pragma once
/* Between the parts of the TIFF reader, and what the reader of TIFF slides (engine/slide)
 * takes from them. */

#include "tsr-image-reader.h"

#include <tiffio.h>

#define TSR_TIFF_MAX_ALLOCATION ((tmsize_t)1 << 29)

/** What libtiff reads through; lives as long as the TIFF. Set source, the rest zero. */
typedef struct {
  TsrImageSource source;
  uint64_t at;
  char message[200]; /* the first error, which is the cause of the others */
  bool truncated;    /* a tag without which the pixels would have other colours is not there */
} TsrTiffClient;

/** Opens the TIFF behind client: no memory map, no message of libtiff's on stderr, no allocation
 * larger than TSR_TIFF_MAX_ALLOCATION. NULL with client->message. End with TIFFClose. */
TIFF *tsr_tiff_open (TsrTiffClient *client);

/** The same, with strips as they are in the file: libtiff otherwise makes many of a single one
 * whose pixels are not compressed. */
TIFF *tsr_tiff_open_unchopped (TsrTiffClient *client);

/** What the directory says, defaults filled in. */
typedef struct {
  uint32_t width, height;
  uint16_t bits, samples, format, planar, compression, photometric, orientation;
  uint16_t colours;   /* samples that are no extra samples */
  uint16_t alpha;     /* index of the alpha sample, 0 when there is none */
  bool premultiplied; /* the colours already carry the alpha */
} TsrTiffLayout;

/** Reads the layout of the directory that tiff stands at; false if it has no size. */
bool tsr_tiff_layout_read (TIFF *tiff, TsrTiffLayout *layout);

/** Whether tsr_tiff_samples_read knows this layout: grey, palette, RGB and CMYK samples of 1 to 64
 * bits. */
bool tsr_tiff_samples_can (const TsrTiffLayout *layout);

/** Decodes strips or tiles, contiguous or planar. Unsigned samples up to 16 bits are scaled by
 * their full range; floats by the smallest of [0,1], [0,255] and [0,65535] that holds them, else,
 * like signed and 32-bit integers, by the image's own smallest and largest value. False without
 * error when libtiff has said why. */
bool tsr_tiff_samples_read (TIFF *tiff, const TsrTiffLayout *layout, TsrImage *image,
                            GError **error);

/** Decodes the directory that tiff stands at into picture (pixels as stored), whatever its layout;
 * with header_only its size alone. A reason on failure. */
bool tsr_tiff_read_directory (TIFF *tiff, TsrTiffClient *client, bool header_only,
                              TsrPicture *picture, GError **error);
