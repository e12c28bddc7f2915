#pragma once
/* Pixels in memory, and reading them from files nobody has checked. */

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/** 8-bit pixels, interleaved, rows packed, top row first. */
typedef struct {
  int width, height;
  int channels; /* 1 grey or 3 RGB (alpha is composited on white, palettes expanded, 16 bit reduced)
                 */
  uint8_t *pixels;
} TsrImage;

typedef struct {
  int width, height, channels; /* as stored, before conversion */
  char format[8];              /* "PNG", "JPEG", "TIFF", "WebP", "BMP", "GIF" ... */
} TsrImageInfo;

/** Frees the pixels and leaves an empty image; may be called again. */
void tsr_image_clear (TsrImage *image);

/** Reads the header only: enough to say whether the file can become a tile. The content decides on
 * the format, never the name. Only regular files are opened. Errors (TSR_ERROR_IMAGE) are one
 * sentence that names the file, the reason and what to do. */
bool tsr_image_probe (const char *path, TsrImageInfo *info, GError **error);

/** Reads a file of any supported format: PNG, JPEG, TIFF (first page), WebP and GIF (first frame),
 * BMP, PBM, PGM, PPM. With size in 1..16384 the image is cropped centrally to a square and
 * resampled (area average down, bicubic up) to size x size; 0 keeps it as it is. channels 0 keeps
 * grey or RGB, 1 (Rec. 601 luma) or 3 converts. EXIF and TIFF orientation are obeyed, CMYK is
 * converted without a profile, and colour profiles and gamma are ignored. Of TIFF samples, unsigned
 * ones up to 24 bits and signed ones up to 8 are scaled by their full range, floats by [0,1],
 * [0,255] or [0,65535] where that holds them, others by the image's own range. Survives hostile
 * files; a file whose missing or damaged part would change pixels is refused. At most 2^28 pixels;
 * above 2^24 only one image is decoded at a time in the program. May be called from any thread. On
 * failure image is empty. */
bool tsr_image_load (const char *path, int size, int channels, TsrImage *image, GError **error);

/** The same from bytes in memory; name stands in errors. */
bool tsr_image_load_bytes (const uint8_t *bytes, size_t n, const char *name, int size, int channels,
                           TsrImage *image, GError **error);

/** What an error of a file says of it without naming it ("The file is damaged."), for lists in
 * which the file's name stands beside. path is what the file was opened by; an error that does not
 * begin with “Cannot read” and that name is handed on whole. Free with g_free. */
char *tsr_image_reason (const GError *error, const char *path);

/** Central square crop and resample of pixels in memory into a new image: area average when
 * shrinking, Catmull-Rom when growing (Keys, 1981, a = -1/2). size > 0; from is not changed. */
void tsr_image_resize (const TsrImage *from, int size, TsrImage *to);

/** Keys' cubic (1981, a = -1/2) at distance x: what a sample that far away weighs. */
double tsr_image_catmull_rom (double x);

/** A new image of n square tiles [n][size][size][channels] side by side, in rows of `columns`,
 * black where tiles run out. */
TsrImage tsr_image_grid (const uint8_t *tiles, int n, int size, int channels, int columns);

/** Compresses to PNG in memory; NULL only on lack of memory. */
GBytes *tsr_image_to_png (const TsrImage *image);

/** Writes a PNG: whole, synchronised and renamed into place, or not at all. */
bool tsr_image_save_png (const TsrImage *image, const char *path, GError **error);

/** Writes n > 0 square pictures [n][size][size][channels] as an animated WebP that repeats for
 * ever, each shown for `milliseconds`: whole, synchronised and renamed into place, or not at all.
 */
bool tsr_image_save_animation (const uint8_t *pictures, int n, int size, int channels,
                               int milliseconds, const char *path, GError **error);

/** Compresses to JPEG in memory, for thumbnails; quality is clamped to 1..100. NULL only on lack of
 * memory. */
GBytes *tsr_image_to_jpeg (const TsrImage *image, int quality);
