#pragma once
/* What the readers of single formats share, those of slides too; nothing outside engine/image and
 * engine/slide includes this.
 *
 * A reader gets bytes nobody has checked and gives 8-bit grey or RGB pixels as stored (orientation
 * reported, not applied), or a reason: a sentence without the file's name ("The PNG data is damaged
 * (...); save it again ..."), to which the public functions add the name. */

#include "tsr-image.h"

/* Larger images are whole slides, not tiles. A reader holds at most seven bytes a pixel of its own
 * and its library about as much (libjpeg is held to 1 GiB), which bounds a decode to some 3 GB.
 * Fuzzers look for wrong reads, not for slow large images. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define TSR_IMAGE_MAX_PIXELS ((uint64_t)1 << 18)
#else
#define TSR_IMAGE_MAX_PIXELS ((uint64_t)1 << 28)
#endif
/* Those above this are decoded one at a time. */
#define TSR_IMAGE_LARGE ((uint64_t)1 << 24)
/* Compressed files read whole into memory; TIFF is read in pieces and may be larger. */
#define TSR_IMAGE_MAX_FILE ((uint64_t)1 << 29)

/** A file being read: whole in `bytes`, or (TIFF only) in pieces from `fd`, with bytes NULL. */
typedef struct {
  const uint8_t *bytes;
  uint64_t n;
  int fd;
} TsrImageSource;

/** A decoded picture before orientation, conversion and resampling. */
typedef struct {
  TsrImage image;       /* channels 1 or 3 */
  TsrImageInfo info;    /* as stored; format is set by the caller */
  unsigned orientation; /* EXIF's 1 to 8; 0 counts as 1 */
  bool alone;           /* see tsr_picture_clear */
} TsrPicture;

/** One format. matches looks at the first n (at most 64) bytes. read fills picture->info, and the
 * image unless header_only. bare makes tsr_image_bare's file of one that matches; false where it
 * cannot tell what is pixels. */
typedef struct {
  const char *format;
  bool (*matches) (const uint8_t *head, size_t n);
  bool (*read) (const TsrImageSource *source, bool header_only, TsrPicture *picture,
                GError **error);
  bool (*bare) (const uint8_t *data, size_t n, GByteArray *out);
} TsrImageReader;

extern const TsrImageReader tsr_image_reader_png, tsr_image_reader_jpeg, tsr_image_reader_tiff,
    tsr_image_reader_webp, tsr_image_reader_bmp, tsr_image_reader_gif, tsr_image_reader_pnm;

/** The reader of the format that n bytes are the beginning of, or all; NULL if nobody knows it. */
const TsrImageReader *tsr_image_reader_of (const uint8_t *bytes, uint64_t n);

/** The bare of TsrImageReader for JPEG: segments that code pixels, JFIF, Adobe's, colour profile.
 */
bool tsr_bare_jpeg (const uint8_t *data, size_t n, GByteArray *out);

/** The same for PNG: critical chunks and those that say how pixels are meant. */
bool tsr_bare_png (const uint8_t *data, size_t n, GByteArray *out);

/** The same for WebP, animated too. */
bool tsr_bare_webp (const uint8_t *data, size_t n, GByteArray *out);

/** The same for TIFF and BigTIFF: every directory that can be reached. */
bool tsr_bare_tiff (const uint8_t *data, size_t n, GByteArray *out);

/** Overwrites with zeros what says something in a JPEG stream inside of another file, where nothing
 * may move; false if it cannot be told what does. */
bool tsr_bare_blank_jpeg (uint8_t *data, size_t n);

/** The same for a WebP stream. */
bool tsr_bare_blank_webp (uint8_t *data, size_t n);

/** Opens a regular file for reading and tells its size; never waits, whatever the path leads to. -1
 * with a reason. */
int tsr_image_open_regular (const char *path, uint64_t *size, GError **error);

/** Reads n bytes at an offset; a reason if they are not there. */
bool tsr_image_read_at (int fd, uint64_t at, uint8_t *bytes, size_t n, GError **error);

/** Adds the file's name to a reason and hands it on: "Cannot read “x”: <reason>." Returns ok;
 * reason is freed, and may be NULL only if ok. */
bool tsr_image_name_reason (bool ok, const char *name, GError *reason, GError **error);

/** Sets error to a reason. Text from libraries may hold any bytes; it is made valid UTF-8. */
void tsr_image_refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/** The reason of a file that ends before its pixels do. */
void tsr_image_refuse_truncated (GError **error, const char *format);

/** Checks a header's size against the limits, with a reason when it is empty or too large. */
bool tsr_image_check_size (uint64_t width, uint64_t height, GError **error);

/** Allocates zeroed pixels for an image of checked size; a reason when memory is short. */
bool tsr_image_allocate (TsrImage *image, uint64_t width, uint64_t height, int channels,
                         GError **error);

/** Finds the orientation (1 to 8) in a TIFF-structured EXIF block, with or without the leading
 * "Exif\0\0"; 1 if absent. */
unsigned tsr_exif_orientation (const uint8_t *exif, size_t n);

/** Turns and mirrors the image so that orientation becomes 1. False with a reason when memory is
 * short. */
bool tsr_image_orient (TsrImage *image, unsigned orientation, GError **error);

/** Frees the pixels. Images above TSR_IMAGE_LARGE pixels are decoded one at a time in the whole
 *  program, so that several huge ones never fill the memory together: from a successful
 *  tsr_image_read_file on, picture->alone holds off other large images until this is called, which
 *  must happen on the same thread. */
void tsr_picture_clear (TsrPicture *picture);

/** Grey to RGB, or RGB to grey (Rec. 601 luma). */
bool tsr_image_convert (TsrImage *image, int channels, GError **error);

/** Reads a file completely without its name in the reasons: tsr_image_load before conversion, for
 * tsr_folder_scan. With header_only the image stays empty. End with tsr_picture_clear, also on
 * failure. */
bool tsr_image_read_file (const char *path, bool header_only, TsrPicture *picture, GError **error);

/** One byte composited on white: value over 255 with alpha; premultiplied values already carry the
 * alpha. */
static inline uint8_t
tsr_over_white (unsigned value, unsigned alpha, bool premultiplied)
{
  unsigned sum =
      premultiplied ? value + 255 - alpha : (value * alpha + 255 * (255 - alpha) + 127) / 255;
  return (uint8_t)(sum > 255 ? 255 : sum);
}
