/* From a path to pixels: open without blocking, let the content choose the reader, orient, convert,
 * resample. */

#include "tsr-image-reader.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD 64

static const TsrImageReader *const readers[] = {
    &tsr_image_reader_png, &tsr_image_reader_jpeg, &tsr_image_reader_tiff, &tsr_image_reader_webp,
    &tsr_image_reader_gif, &tsr_image_reader_bmp,  &tsr_image_reader_pnm,
};

/* Formats people have but this program does not read; naming them saves a search. */
static const struct {
  const char *name;
  size_t offset;
  const char *magic;
  size_t n;
} foreign[] = {
    {N_ ("a JPEG 2000 image"), 0, "\0\0\0\x0CjP  ", 8},
    {N_ ("a JPEG 2000 image"), 0, "\xFF\x4F\xFF\x51", 4},
    {N_ ("a JPEG XL image"), 0, "\xFF\x0A", 2},
    {N_ ("a JPEG XL image"), 0, "\0\0\0\x0CJXL ", 8},
    {N_ ("an AVIF image"), 4, "ftypavif", 8},
    {N_ ("a HEIF image"), 4, "ftyphei", 7},
    {N_ ("a HEIF image"), 4, "ftypmif1", 8},
    {N_ ("a Photoshop document"), 0, "8BPS", 4},
    {N_ ("a PDF document"), 0, "%PDF", 4},
    {N_ ("an SVG drawing"), 0, "<svg", 4},
    {N_ ("an XML document"), 0, "<?xml", 5},
    {N_ ("a DirectDraw surface"), 0, "DDS ", 4},
    {N_ ("an OpenEXR image"), 0, "\x76\x2F\x31\x01", 4},
    {N_ ("a Radiance image"), 0, "#?RADIANCE", 10},
    {N_ ("an icon file"), 0, "\0\0\1\0", 4},
    {N_ ("a NIfTI or gzip file"), 0, "\x1F\x8B", 2},
    {N_ ("a NumPy array"), 0, "\x93NUMPY", 6},
    {N_ ("a ZIP archive"), 0, "PK\3\4", 4},
    {N_ ("a Zeiss CZI slide"), 0, "ZISRAWFILE", 10},
    {N_ ("an HDF5 file"), 0, "\x89HDF\r\n\x1A\n", 8},
};

void
tsr_image_clear (TsrImage *image)
{
  g_free (image->pixels);
  *image = (TsrImage){0};
}

static void
refuse_foreign (const uint8_t *head, size_t n, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (foreign); i++)
    if (n >= foreign[i].offset + foreign[i].n &&
        memcmp (head + foreign[i].offset, foreign[i].magic, foreign[i].n) == 0) {
      tsr_image_refuse (error,
                        _ ("It is %s, which is not supported; convert it to PNG, JPEG or TIFF"),
                        _ (foreign[i].name));
      return;
    }
  tsr_image_refuse (error, _ ("It is not an image this program knows; convert it to PNG, JPEG or "
                              "TIFF, or leave it out"));
}

const TsrImageReader *
tsr_image_reader_of (const uint8_t *bytes, uint64_t n)
{
  for (size_t i = 0; i < G_N_ELEMENTS (readers); i++)
    if (readers[i]->matches (bytes, MIN (n, HEAD)))
      return readers[i];
  return NULL;
}

static const TsrImageReader *
choose_reader (const uint8_t *head, size_t n, GError **error)
{
  const TsrImageReader *reader = tsr_image_reader_of (head, n);
  if (reader)
    return reader;
  if (n == 0)
    tsr_image_refuse (error, _ ("The file is empty; copy it again from where it came"));
  else
    refuse_foreign (head, n, error);
  return NULL;
}

static GMutex large_images;

void
tsr_picture_clear (TsrPicture *picture)
{
  tsr_image_clear (&picture->image);
  if (picture->alone)
    g_mutex_unlock (&large_images);
  picture->alone = false;
}

/* Reads the header first: it says whether the image is so large that it must wait for its turn. */
static bool
read_with (const TsrImageReader *reader, const TsrImageSource *source, bool header_only,
           TsrPicture *picture, GError **error)
{
  *picture = (TsrPicture){0};
  bool ok = reader->read (source, true, picture, error);
  if (ok && !header_only) {
    bool alone = (uint64_t)picture->info.width * picture->info.height > TSR_IMAGE_LARGE;
    if (alone)
      g_mutex_lock (&large_images);
    *picture = (TsrPicture){.alone = alone};
    ok = reader->read (source, false, picture, error);
  }
  g_strlcpy (picture->info.format, reader->format, sizeof picture->info.format);
  if (!ok)
    tsr_picture_clear (picture);
  return ok;
}

/* Opens regular files only, and never waits: a FIFO or a device must not stop an import. */
int
tsr_image_open_regular (const char *path, uint64_t *size, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status;
  if (fd < 0 || fstat (fd, &status) != 0) {
    int reason = errno;
    if (fd >= 0)
      close (fd);
    if (reason == EACCES || reason == EPERM)
      tsr_image_refuse (error, _ ("You may not read this file; change its permissions or copy it"));
    else if (reason == ENOENT)
      tsr_image_refuse (error, _ ("The file does not exist; check the path"));
    else
      tsr_image_refuse (error,
                        _ ("The file cannot be opened (%s); check the disk or copy the file again"),
                        g_strerror (reason));
    return -1;
  }
  if (!S_ISREG (status.st_mode)) {
    tsr_image_refuse (error, _ ("It is not a regular file; leave it out"));
    close (fd);
    return -1;
  }
  *size = (uint64_t)status.st_size;
  return fd;
}

bool
tsr_image_read_at (int fd, uint64_t at, uint8_t *bytes, size_t n, GError **error)
{
  for (size_t done = 0; done < n;) {
    ssize_t got = pread (fd, bytes + done, n - done, (off_t)(at + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0) {
      tsr_image_refuse (error,
                        _ ("Reading the file failed (%s); check the disk or copy the file again"),
                        g_strerror (errno));
      return false;
    }
    if (got == 0) {
      tsr_image_refuse (
          error, _ ("The file became shorter while it was read; try again when it is complete"));
      return false;
    }
    done += (size_t)got;
  }
  return true;
}

static bool
read_open_file (int fd, uint64_t size, bool header_only, TsrPicture *picture, GError **error)
{
  uint8_t head[HEAD] = {0};
  size_t n = MIN (size, HEAD);
  const TsrImageReader *reader =
      tsr_image_read_at (fd, 0, head, n, error) ? choose_reader (head, n, error) : NULL;
  if (!reader)
    return false;
  if (reader == &tsr_image_reader_tiff)
    return read_with (reader, &(TsrImageSource){.fd = fd, .n = size}, header_only, picture, error);
  if (size > TSR_IMAGE_MAX_FILE) {
    tsr_image_refuse (
        error,
        _ ("The file is larger than 512 MiB, too large for a tile; cut it into tiles first"));
    return false;
  }
  g_autofree uint8_t *bytes = g_try_malloc (size);
  if (!bytes) {
    tsr_image_refuse (error,
                      _ ("There is not enough memory to read the file; close other programs"));
    return false;
  }
  return tsr_image_read_at (fd, 0, bytes, size, error) &&
         read_with (reader, &(TsrImageSource){.bytes = bytes, .n = size, .fd = -1}, header_only,
                    picture, error);
}

bool
tsr_image_read_file (const char *path, bool header_only, TsrPicture *picture, GError **error)
{
  *picture = (TsrPicture){0};
  uint64_t size = 0;
  int fd = tsr_image_open_regular (path, &size, error);
  if (fd < 0)
    return false;
  bool ok = read_open_file (fd, size, header_only, picture, error);
  close (fd);
  return ok;
}

bool
tsr_image_convert (TsrImage *image, int channels, GError **error)
{
  if (channels == 0 || channels == image->channels)
    return true;
  TsrImage converted;
  if (!tsr_image_allocate (&converted, image->width, image->height, channels, error))
    return false;
  size_t n = (size_t)image->width * image->height;
  const uint8_t *from = image->pixels;
  uint8_t *to = converted.pixels;
  for (size_t i = 0; i < n; i++)
    if (channels == 3)
      to[3 * i] = to[3 * i + 1] = to[3 * i + 2] = from[i];
    else
      to[i] = (uint8_t)((19595u * from[3 * i] + 38470u * from[3 * i + 1] + 7471u * from[3 * i + 2] +
                         32768u) >>
                        16);
  tsr_image_clear (image);
  *image = converted;
  return true;
}

/* Turns a picture as stored into what was asked for. Shrinking comes before turning, which is
 * cheaper and the same. */
static bool
finish (TsrPicture *picture, int size, int channels, TsrImage *image, GError **error)
{
  if (size > 0) {
    TsrImage resized;
    tsr_image_resize (&picture->image, size, &resized);
    tsr_image_clear (&picture->image);
    picture->image = resized;
  }
  bool ok = tsr_image_convert (&picture->image, channels, error) &&
            tsr_image_orient (&picture->image, picture->orientation, error);
  if (ok) {
    *image = picture->image;
    picture->image = (TsrImage){0};
  }
  tsr_picture_clear (picture);
  return ok;
}

/* Translators: the last %s is a sentence whose first letter is made small, without its stop;
 * begin those sentences with a word that bears it (an article, a pronoun). */
#define NAMED _ ("Cannot read “%s”: %s.")

char *
tsr_image_reason (const GError *error, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path),
                  *before = g_strdup_printf (NAMED, shown, "\1");
  before[strcspn (before, "\1")] = '\0';
  bool named = g_str_has_prefix (error->message, before);
  char *reason = g_strdup (error->message + (named ? strlen (before) : 0));
  *reason = g_ascii_toupper (*reason);
  return reason;
}

bool
tsr_image_name_reason (bool ok, const char *name, GError *reason, GError **error)
{
  if (ok)
    return true;
  g_autofree char *shown = g_filename_display_name (name);
  char *text = reason->message;
  *text = g_ascii_tolower (*text);
  g_set_error (error, reason->domain, reason->code, NAMED, shown, text);
  g_error_free (reason);
  return false;
}

bool
tsr_image_probe (const char *path, TsrImageInfo *info, GError **error)
{
  TsrPicture picture;
  GError *reason = NULL;
  bool ok = tsr_image_read_file (path, true, &picture, &reason);
  *info = picture.info;
  return tsr_image_name_reason (ok, path, reason, error);
}

static bool
check_request (int size, int channels, GError **error)
{
  if (size >= 0 && size <= 16384 && (channels == 0 || channels == 1 || channels == 3))
    return true;
  g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
               _ ("Images can be read at sizes from 1 to 16384 pixels with 1 or 3 channels, not %d "
                  "with %d."),
               size, channels);
  return false;
}

bool
tsr_image_load (const char *path, int size, int channels, TsrImage *image, GError **error)
{
  *image = (TsrImage){0};
  if (!check_request (size, channels, error))
    return false;
  TsrPicture picture;
  GError *reason = NULL;
  bool ok = tsr_image_read_file (path, false, &picture, &reason) &&
            finish (&picture, size, channels, image, &reason);
  return tsr_image_name_reason (ok, path, reason, error);
}

bool
tsr_image_load_bytes (const uint8_t *bytes, size_t n, const char *name, int size, int channels,
                      TsrImage *image, GError **error)
{
  *image = (TsrImage){0};
  if (!check_request (size, channels, error))
    return false;
  TsrPicture picture;
  GError *reason = NULL;
  const TsrImageReader *reader = choose_reader (bytes, MIN (n, HEAD), &reason);
  bool ok = reader &&
            read_with (reader, &(TsrImageSource){.bytes = bytes, .n = n, .fd = -1}, false, &picture,
                       &reason) &&
            finish (&picture, size, channels, image, &reason);
  return tsr_image_name_reason (ok, name, reason, error);
}

TsrImage
tsr_image_grid (const uint8_t *tiles, int n, int size, int channels, int columns)
{
  TsrImage grid = {columns * size, (n + columns - 1) / columns * size, channels, NULL};
  size_t row = (size_t)size * (size_t)channels;
  grid.pixels = g_malloc0 ((size_t)grid.width * (size_t)grid.height * (size_t)channels);
  for (int k = 0; k < n; k++)
    for (int y = 0; y < size; y++)
      memcpy (grid.pixels +
                  ((size_t)(k / columns * size + y) * (size_t)columns + (size_t)(k % columns)) *
                      row,
              tiles + ((size_t)k * (size_t)size + (size_t)y) * row, row);
  return grid;
}
