/* One JPEG 2000 tile of a slide (Aperio 33003 and 33005), through OpenJPEG. */

#include "tsr-slide-tiff.h"

#include "tsr-i18n.h"

#include <openjpeg.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t n, at;
} Memory;

static OPJ_SIZE_T
memory_read (void *to, OPJ_SIZE_T n, void *data)
{
  Memory *self = data;
  if (self->at >= self->n)
    return (OPJ_SIZE_T)-1;
  size_t got = MIN (n, self->n - self->at);
  memcpy (to, self->bytes + self->at, got);
  self->at += got;
  return got;
}

static OPJ_OFF_T
memory_skip (OPJ_OFF_T n, void *data)
{
  Memory *self = data;
  if (n < 0)
    return -1;
  size_t skipped = MIN ((size_t)n, self->n - self->at);
  self->at += skipped;
  return (OPJ_OFF_T)skipped;
}

static OPJ_BOOL
memory_seek (OPJ_OFF_T to, void *data)
{
  Memory *self = data;
  if (to < 0 || (size_t)to > self->n)
    return OPJ_FALSE;
  self->at = (size_t)to;
  return OPJ_TRUE;
}

static opj_stream_t *
open_memory (Memory *memory)
{
  opj_stream_t *stream = opj_stream_create (memory->n, OPJ_TRUE);
  if (!stream)
    return NULL;
  opj_stream_set_user_data (stream, memory, NULL);
  opj_stream_set_user_data_length (stream, memory->n);
  opj_stream_set_read_function (stream, memory_read);
  opj_stream_set_skip_function (stream, memory_skip);
  opj_stream_set_seek_function (stream, memory_seek);
  return stream;
}

/* OpenJPEG's messages end in a line break. */
static void
on_error (const char *message, void *data)
{
  char *kept = data;
  if (!*kept)
    g_strlcpy (kept, message, 200);
  g_strchomp (kept);
}

static void
on_message (const char *message, void *data)
{
}

static bool
fits (const opj_image_t *image, int width, int height, char *message)
{
  bool ok = image->x1 - image->x0 == (OPJ_UINT32)width &&
            image->y1 - image->y0 == (OPJ_UINT32)height && image->x0 == 0 && image->y0 == 0 &&
            (image->numcomps == 1 || image->numcomps == 3);
  for (OPJ_UINT32 c = 0; ok && c < image->numcomps; c++) {
    const opj_image_comp_t *part = &image->comps[c];
    ok = part->prec >= 1 && part->prec <= 16 && !part->sgnd && part->dx >= 1 && part->dx <= 4 &&
         part->dy >= 1 && part->dy <= 4;
  }
  if (!ok)
    g_strlcpy (message, _ ("another size or kind than the slide's tiles"), 200);
  return ok;
}

static int
sample (const opj_image_comp_t *part, int x, int y)
{
  int column = MIN (x / (int)part->dx, (int)part->w - 1);
  int row = MIN (y / (int)part->dy, (int)part->h - 1);
  int64_t value = part->data[(size_t)row * part->w + (size_t)column], full = (1 << part->prec) - 1;
  return (int)((CLAMP (value, 0, full) * 255 + full / 2) / full);
}

static uint8_t
to_byte (double value)
{
  return value <= 0 ? 0 : value >= 255 ? 255 : (uint8_t)(value + 0.5);
}

/* ITU-T T.871, as JFIF has it. */
static void
put_pixel (const opj_image_t *image, bool ycc, int x, int y, uint8_t *rgb)
{
  if (image->numcomps == 1) {
    rgb[0] = rgb[1] = rgb[2] = (uint8_t)sample (&image->comps[0], x, y);
    return;
  }
  int part[3];
  for (int c = 0; c < 3; c++)
    part[c] = sample (&image->comps[c], x, y);
  if (ycc) {
    double cb = part[1] - 128, cr = part[2] - 128;
    rgb[0] = to_byte (part[0] + 1.402 * cr);
    rgb[1] = to_byte (part[0] - 0.344136286 * cb - 0.714136286 * cr);
    rgb[2] = to_byte (part[0] + 1.772 * cb);
  } else {
    for (int c = 0; c < 3; c++)
      rgb[c] = (uint8_t)part[c];
  }
}

static bool
decode (opj_codec_t *codec, opj_stream_t *stream, opj_image_t **image, int width, int height,
        char *message)
{
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters (&parameters);
  if (!opj_setup_decoder (codec, &parameters) || !opj_read_header (stream, codec, image))
    return false;
  /* Looked at twice: a palette makes other components. */
  if (!fits (*image, width, height, message) || !opj_decode (codec, stream, *image) ||
      !opj_end_decompress (codec, stream) || !fits (*image, width, height, message))
    return false;
  for (OPJ_UINT32 c = 0; c < (*image)->numcomps; c++)
    if (!(*image)->comps[c].data || (*image)->comps[c].w < 1 || (*image)->comps[c].h < 1)
      return false;
  return true;
}

bool
tsr_slide_jp2k_decode (const uint8_t *bytes, size_t n, bool ycc, int width, int height,
                       uint8_t *rgb, GError **error)
{
  char message[200] = "";
  Memory memory = {bytes, n, 0};
  opj_image_t *image = NULL;
  bool bare = n > 1 && bytes[0] == 0xFF && bytes[1] == 0x4F; /* not in boxes */
  opj_codec_t *codec = opj_create_decompress (bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
  opj_stream_t *stream = n > 0 ? open_memory (&memory) : NULL;
  bool ok = false;
  if (codec && stream) {
    opj_set_error_handler (codec, on_error, message);
    opj_set_warning_handler (codec, on_message, NULL);
    opj_set_info_handler (codec, on_message, NULL);
    ok = decode (codec, stream, &image, width, height, message);
  }
  if (ok)
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++)
        put_pixel (image, ycc, x, y, rgb + ((size_t)y * width + x) * 3);
  else
    tsr_image_refuse (error,
                      _ ("A tile of the slide is damaged (JPEG 2000: %s); copy the file again "
                         "from where it came"),
                      message[0] ? message : _ ("no details"));
  if (image)
    opj_image_destroy (image);
  if (stream)
    opj_stream_destroy (stream);
  if (codec)
    opj_destroy_codec (codec);
  return ok;
}
