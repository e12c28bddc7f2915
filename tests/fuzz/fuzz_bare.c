/* libFuzzer target: any bytes made bare (tsr-image-bare.h). A file that shows something shows the
 * same without what is beside its pixels, making it bare once more changes nothing, and a name that
 * is put into it where its format lets people write is gone. What stays is asked of libraries that
 * know the formats, not of what made it. Built by tests/fuzz/build.sh. */

#include "fuzz.h"
#include "tsr-image-bare.h"
#include "tsr-image-tiff.h"

#include <jpeglib.h>
#include <setjmp.h>
#include <webp/demux.h>
#include <zlib.h>

#define NAME "MEIER HANS 1957"

static bool
has_name (GBytes *file)
{
  gsize n;
  const void *data = g_bytes_get_data (file, &n);
  return memmem (data, n, NAME, strlen (NAME)) != NULL;
}

/* Without pixels where it shows nothing. */
static TsrImage
look (GBytes *file)
{
  gsize n;
  const uint8_t *data = g_bytes_get_data (file, &n);
  TsrImage image = {0};
  tsr_image_load_bytes (data, n, "x", 0, 0, &image, NULL);
  return image;
}

static void
check_same (const TsrImage *before, GBytes *bare)
{
  TsrImage after = look (bare);
  if (!after.pixels || before->width != after.width || before->height != after.height ||
      before->channels != after.channels ||
      memcmp (before->pixels, after.pixels,
              (size_t)after.width * (size_t)after.height * (size_t)after.channels) != 0)
    abort ();
  tsr_image_clear (&after);
}

/* ---- what libraries find in it ---- */

static void
check_tiff (GBytes *bare)
{
  static const uint32_t telling[] = {269, 270, 271,   272,   285,   305,   306,   315,   316,
                                     333, 700, 33432, 33723, 34377, 34665, 34853, 65000, 37500};
  TsrTiffClient client = {.source = {.fd = -1}};
  gsize n;
  client.source.bytes = g_bytes_get_data (bare, &n);
  client.source.n = n;
  TIFF *tiff = tsr_tiff_open (&client);
  if (!tiff)
    return;
  do
    for (size_t i = 0; i < G_N_ELEMENTS (telling); i++) {
      void *value[3];
      if (TIFFGetField (tiff, telling[i], &value[0], &value[1], &value[2]))
        abort ();
    }
  while (TIFFReadDirectory (tiff));
  TIFFClose (tiff);
}

static jmp_buf jump;

static void
on_jpeg_error (j_common_ptr jpeg)
{
  longjmp (jump, 1);
}

static void
on_jpeg_message (j_common_ptr jpeg, int level)
{
}

static void
check_jpeg (GBytes *bare)
{
  static struct jpeg_decompress_struct jpeg;
  static struct jpeg_error_mgr manager;
  gsize n;
  const uint8_t *data = g_bytes_get_data (bare, &n);
  jpeg.err = jpeg_std_error (&manager);
  manager.error_exit = on_jpeg_error;
  manager.emit_message = on_jpeg_message;
  jpeg_create_decompress (&jpeg);
  if (setjmp (jump) == 0) {
    jpeg_mem_src (&jpeg, data, n);
    jpeg_save_markers (&jpeg, JPEG_COM, 0xffff);
    for (int i = 0; i < 16; i++)
      jpeg_save_markers (&jpeg, JPEG_APP0 + i, 0xffff);
    jpeg_read_header (&jpeg, TRUE);
  }
  for (jpeg_saved_marker_ptr marker = jpeg.marker_list; marker; marker = marker->next) {
    int application = marker->marker - JPEG_APP0;
    if (application == 0   ? marker->data_length != 14
        : application == 1 ? marker->data_length != 6 + 26
        : application == 2
            ? marker->data_length < 12 || memcmp (marker->data, "ICC_PROFILE", 12) != 0
        : application == 14 ? marker->data_length != 12
                            : true)
      abort ();
  }
  jpeg_destroy_decompress (&jpeg);
}

static void
check_webp (GBytes *bare)
{
  WebPData data;
  data.bytes = g_bytes_get_data (bare, &data.size);
  WebPDemuxer *demuxer = WebPDemux (&data);
  if (!demuxer)
    return;
  WebPChunkIterator chunk = {0};
  bool xmp = WebPDemuxGetChunk (demuxer, "XMP ", 1, &chunk);
  WebPDemuxReleaseChunkIterator (&chunk);
  bool exif = WebPDemuxGetChunk (demuxer, "EXIF", 1, &chunk);
  if (xmp || (exif && (chunk.num_chunks != 1 || chunk.chunk.size != 26)))
    abort ();
  WebPDemuxReleaseChunkIterator (&chunk);
  WebPDemuxDelete (demuxer);
}

/* ---- a name where the format lets people write ---- */

static void
put (GByteArray *to, const void *data, size_t n)
{
  g_byte_array_append (to, data, (guint)n);
}

static void
put_chunk (GByteArray *to, const char *type)
{
  guint from = to->len + 4;
  uint32_t size = GUINT32_TO_BE ((uint32_t)strlen (NAME));
  put (to, &size, 4);
  put (to, type, 4);
  put (to, NAME, strlen (NAME));
  uint32_t sum = GUINT32_TO_BE ((uint32_t)crc32 (0, to->data + from, to->len - from));
  put (to, &sum, 4);
}

/* A directory like the first one and a description more, in front of it. NULL: it has none whole.
 */
static GBytes *
sign_tiff (const uint8_t *data, size_t n)
{
  bool motorola = data[0] == 'M', big = data[2] == '+' || data[3] == '+';
  size_t word = big ? 8 : 4, head = big ? 8 : 2, bytes = 4 + 2 * word, at_head = big ? 8 : 4;
  uint64_t at = 0, entries = 0;
  for (size_t i = 0; i < word; i++)
    at = at << 8 | data[at_head + (motorola ? i : word - 1 - i)];
  if (at > n || n - at < head)
    return NULL;
  for (size_t i = 0; i < head; i++)
    entries = entries << 8 | data[at + (motorola ? i : head - 1 - i)];
  if (entries > 200 || n - at - head < entries * bytes + word)
    return NULL;
  GByteArray *out = g_byte_array_new ();
  uint8_t entry[20] = {0};
  uint64_t values[] = {270, TIFF_ASCII, strlen (NAME) + 1, n}, now = n + strlen (NAME) + 1;
  size_t sizes[] = {2, 2, word, word};
  put (out, data, n);
  put (out, NAME, strlen (NAME) + 1);
  for (size_t i = 0, to = 0; i < 4; to += sizes[i], i++)
    for (size_t k = 0; k < sizes[i]; k++)
      entry[to + (motorola ? sizes[i] - 1 - k : k)] = (uint8_t)(values[i] >> 8 * k);
  for (size_t k = 0; k < word; k++)
    out->data[at_head + (motorola ? word - 1 - k : k)] = (uint8_t)(now >> 8 * k);
  for (size_t k = 0; k < head; k++) {
    uint8_t byte = (uint8_t)((entries + 1) >> 8 * (motorola ? head - 1 - k : k));
    put (out, &byte, 1);
  }
  put (out, entry, bytes);
  put (out, data + at + head, entries * bytes + word);
  return g_byte_array_free_to_bytes (out);
}

/* NULL: it is of no format that people can write in, or not whole. */
static GBytes *
sign (const uint8_t *data, size_t n)
{
  static const uint8_t comment[] = "\xff\xfe\0\x11" NAME "\xff\xec\0\x11" NAME,
                       gif[] = "!\xfe\x0f" NAME;
  bool jpeg = memcmp (data, "\xff\xd8\xff", 3) == 0,
       png = memcmp (data, "\x89PNG\r\n\x1a\n", 8) == 0, webp = memcmp (data, "RIFF", 4) == 0;
  if (memcmp (data, "II", 2) == 0 || memcmp (data, "MM", 2) == 0)
    return sign_tiff (data, n);
  size_t colours = data[10] & 0x80 ? (size_t)6 << (data[10] & 7) : 0, at = n;
  if (jpeg)
    at = 2;
  else if (png)
    at = 33; /* behind the first chunk, if that is as it should be */
  else if (memcmp (data, "GIF8", 4) == 0)
    at = 13 + colours;
  else if (webp)
    at = 8 + (data[4] | (size_t)data[5] << 8 | (size_t)data[6] << 16 | (size_t)data[7] << 24);
  else if (data[0] == 'P' && data[1] >= '1' && data[1] <= '6')
    at = 2;
  if (at > n)
    return NULL;
  GByteArray *out = g_byte_array_new ();
  put (out, data, at);
  if (jpeg)
    put (out, comment, sizeof comment - 1);
  else if (png)
    put_chunk (out, "tEXt"), put_chunk (out, "zzZz");
  else if (at == 2)
    put (out, "\n#" NAME "\n", strlen (NAME) + 3);
  else if (webp)
    put (out, "XMP \x0f\0\0\0" NAME "\0", 24);
  else if (at < n)
    put (out, gif, sizeof gif);
  if (!webp)
    put (out, data + at, n - at);
  put (out, NAME, strlen (NAME)); /* behind the end, where anybody can */
  if (webp)
    for (int i = 0; i < 4; i++)
      out->data[4 + i] = (uint8_t)((out->len - strlen (NAME) - 8) >> 8 * i);
  return g_byte_array_free_to_bytes (out);
}

/* In most formats it makes no difference whether the name was there; a TIFF's directory is another
 * one now. */
static void
check_signed (const uint8_t *data, size_t n, GBytes *bare)
{
  g_autoptr (GBytes) written = sign (data, n);
  g_autoptr (GBytes) without = written ? tsr_image_bare (written) : NULL;
  if (!without)
    return;
  if (has_name (without))
    abort ();
  TsrImage image = look (written);
  if (image.pixels)
    check_same (&image, without);
  tsr_image_clear (&image);
  bool tiff = data[0] == 'I' || data[0] == 'M', webp = data[0] == 'R';
  if (!tiff && !webp && !g_bytes_equal (bare, without))
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  g_autoptr (GBytes) file = g_bytes_new (bytes, n), bare = tsr_image_bare (file);
  if (bare) {
    g_autoptr (GBytes) again = tsr_image_bare (bare);
    if (!again || !g_bytes_equal (bare, again))
      abort ();
    TsrImage before = look (file);
    if (before.pixels)
      check_same (&before, bare);
    tsr_image_clear (&before);
    if (bytes[0] == 'I' || bytes[0] == 'M')
      check_tiff (bare);
    else if (bytes[0] == 0xff)
      check_jpeg (bare);
    else if (bytes[0] == 'R')
      check_webp (bare);
  }
  if (n >= 16 && bare && !has_name (file)) /* of a cut file the name would become a part */
    check_signed (bytes, n, bare);
  return 0;
}
