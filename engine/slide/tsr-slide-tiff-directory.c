/* The directories of a TIFF slide, and the handles by which several threads read them. */

#include "tsr-slide-tiff.h"

#include "tsr-i18n.h"

#include <math.h>
#include <string.h>

#define MAX_SUBS        32
#define MAX_KEPT        16
#define MAX_DESCRIPTION ((size_t)1 << 24)

static void
free_directory (gpointer data)
{
  TsrTiffDirectory *directory = data;
  g_free (directory->description);
  g_free (directory);
}

/* Micrometres a pixel, NAN where no unit is given. */
static double
read_resolution (TIFF *tiff, uint32_t tag)
{
  float resolution = 0;
  uint16_t unit = RESUNIT_NONE;
  TIFFGetField (tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
  if (!TIFFGetField (tiff, tag, &resolution) || !(resolution > 0) || !isfinite (resolution))
    return NAN;
  return unit == RESUNIT_CENTIMETER ? 10000 / (double)resolution
         : unit == RESUNIT_INCH     ? 25400 / (double)resolution
                                    : NAN;
}

/* The directory that tiff stands at; NULL if it has no size. */
static TsrTiffDirectory *
read_directory (TIFF *tiff, bool sub)
{
  TsrTiffLayout layout;
  if (!tsr_tiff_layout_read (tiff, &layout))
    return NULL;
  TsrTiffDirectory *self = g_new0 (TsrTiffDirectory, 1);
  self->offset = TIFFCurrentDirOffset (tiff);
  self->layout = layout;
  self->sub = sub;
  self->tiled = TIFFIsTiled (tiff);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_SUBFILETYPE, &self->subtype);
  self->reduced = self->subtype & FILETYPE_REDUCEDIMAGE;
  if (self->tiled) {
    TIFFGetField (tiff, TIFFTAG_TILEWIDTH, &self->block_w);
    TIFFGetField (tiff, TIFFTAG_TILELENGTH, &self->block_h);
  } else {
    self->block_w = layout.width;
    TIFFGetFieldDefaulted (tiff, TIFFTAG_ROWSPERSTRIP, &self->block_h);
    self->block_h = MIN (self->block_h, layout.height);
  }
  self->mpp_x = read_resolution (tiff, TIFFTAG_XRESOLUTION);
  self->mpp_y = read_resolution (tiff, TIFFTAG_YRESOLUTION);
  char *description = NULL;
  if (TIFFGetField (tiff, TIFFTAG_IMAGEDESCRIPTION, &description) && description)
    self->description =
        g_utf8_make_valid (description, (gssize)strnlen (description, MAX_DESCRIPTION));
  return self;
}

/* libtiff keeps the array only as long as it stands at the directory. */
static unsigned
read_subs (TIFF *tiff, uint64_t subs[MAX_SUBS])
{
  uint16_t n = 0;
  uint64_t *offsets = NULL;
  if (!TIFFGetField (tiff, TIFFTAG_SUBIFD, &n, &offsets) || !offsets)
    return 0;
  n = MIN (n, MAX_SUBS);
  memcpy (subs, offsets, n * sizeof *subs);
  return n;
}

static bool
refuse_damaged (TsrTiffClient *client, GError **error)
{
  tsr_image_refuse (
      error,
      _ ("The TIFF file's list of images is damaged (%s); copy it again from where it "
         "came"),
      client->message[0] ? client->message : _ ("no details"));
  return false;
}

/* libtiff itself notices a chain that comes back to where it was. */
static bool
read_chain (TIFF *tiff, TsrTiffClient *client, GPtrArray *directories, GError **error)
{
  for (;;) {
    TsrTiffDirectory *directory = read_directory (tiff, false);
    if (directory)
      g_ptr_array_add (directories, directory);
    else if (directories->len == 0)
      return refuse_damaged (client, error);
    if (directories->len > TSR_TIFF_MAX_DIRECTORIES) {
      tsr_image_refuse (error,
                        _ ("The TIFF file holds more than %d images, more than any slide has; copy "
                           "it again from where it came"),
                        TSR_TIFF_MAX_DIRECTORIES);
      return false;
    }
    if (TIFFLastDirectory (tiff))
      return true;
    if (!TIFFReadDirectory (tiff))
      return refuse_damaged (client, error);
  }
}

GPtrArray *
tsr_tiff_directories (TIFF *tiff, TsrTiffClient *client, GError **error)
{
  g_autoptr (GPtrArray) directories = g_ptr_array_new_with_free_func (free_directory);
  uint64_t subs[MAX_SUBS];
  unsigned n_subs = read_subs (tiff, subs);
  if (!read_chain (tiff, client, directories, error))
    return NULL;
  for (unsigned i = 0; i < n_subs; i++) {
    TsrTiffDirectory *sub =
        TIFFSetSubDirectory (tiff, subs[i]) ? read_directory (tiff, true) : NULL;
    if (!sub) {
      refuse_damaged (client, error);
      return NULL;
    }
    g_ptr_array_add (directories, sub);
  }
  return g_steal_pointer (&directories);
}

/* Pixels come as RGB from the JPEG codec; must be said again at every directory. */
static bool
stand_at (TsrTiffHandle *handle, uint64_t directory)
{
  if (handle->directory == directory)
    return true;
  handle->directory = 0;
  handle->client.message[0] = '\0';
  TsrTiffLayout layout;
  if (!TIFFSetSubDirectory (handle->tiff, directory) ||
      !tsr_tiff_layout_read (handle->tiff, &layout))
    return false;
  if (layout.compression == COMPRESSION_JPEG && layout.photometric == PHOTOMETRIC_YCBCR)
    TIFFSetField (handle->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  handle->directory = directory;
  return true;
}

void
tsr_tiff_handle_close (TsrTiffHandle *handle)
{
  if (handle->tiff)
    TIFFClose (handle->tiff);
  g_free (handle);
}

TsrTiffHandle *
tsr_tiff_handle_take (TsrTiffSlide *self, uint64_t directory, GError **error)
{
  TsrTiffHandle *handle = NULL;
  g_mutex_lock (&self->lock);
  for (GList *link = self->handles.head; link; link = link->next)
    if (((TsrTiffHandle *)link->data)->directory == directory) {
      handle = link->data;
      g_queue_delete_link (&self->handles, link);
      break;
    }
  if (!handle && self->handles.length >= MAX_KEPT)
    handle = g_queue_pop_tail (&self->handles);
  g_mutex_unlock (&self->lock);
  if (!handle) {
    handle = g_new0 (TsrTiffHandle, 1);
    handle->client.source = self->source;
    handle->tiff = tsr_tiff_open (&handle->client);
  }
  if (handle->tiff && stand_at (handle, directory))
    return handle;
  refuse_damaged (&handle->client, error);
  tsr_tiff_handle_close (handle);
  return NULL;
}

void
tsr_tiff_handle_release (TsrTiffSlide *self, TsrTiffHandle *handle)
{
  g_mutex_lock (&self->lock);
  bool keep = self->handles.length < MAX_KEPT;
  if (keep)
    g_queue_push_head (&self->handles, handle);
  g_mutex_unlock (&self->lock);
  if (!keep)
    tsr_tiff_handle_close (handle);
}
