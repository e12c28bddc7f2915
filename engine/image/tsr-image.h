#pragma once
/* Pixels in memory, and reading them from files nobody has checked. */

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/** 8-bit pixels, interleaved, rows packed, top row first. */
typedef struct {
  int width, height;
  int channels; /* 1 grey or 3 RGB (alpha is composited on white, palettes expanded, 16 bit reduced) */
  uint8_t *pixels;
} TsrImage;

typedef struct {
  int width, height, channels; /* as stored, before conversion */
  char format[8];              /* "PNG", "JPEG", "TIFF", "WebP", "BMP", "GIF" ... */
} TsrImageInfo;

void tsr_image_clear (TsrImage *image);

/** Reads the header only: enough to say whether the file can become a tile. Errors name the file, the reason and what to do. */
bool tsr_image_probe (const char *path, TsrImageInfo *info, GError **error);

/** Reads a file of any supported format. With size > 0 the image is cropped centrally to a square and resampled (area
 *  average down, bicubic up) to size x size. channels 0 keeps grey or RGB, 1 or 3 converts. Survives hostile files. */
bool tsr_image_load (const char *path, int size, int channels, TsrImage *image, GError **error);

/** The same from bytes in memory; name stands in errors. */
bool tsr_image_load_bytes (const uint8_t *bytes, size_t n, const char *name, int size, int channels, TsrImage *image,
                           GError **error);

/** Central square crop and resample of pixels in memory into a new image. */
void tsr_image_resize (const TsrImage *from, int size, TsrImage *to);

/** Writes a PNG (atomically). */
bool tsr_image_save_png (const TsrImage *image, const char *path, GError **error);

/** Compresses to JPEG in memory, for thumbnails; NULL only on lack of memory. */
GBytes *tsr_image_to_jpeg (const TsrImage *image, int quality);
