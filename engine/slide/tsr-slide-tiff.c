/* TIFF slides: which directories are levels, which are images beside them. */

#include "tsr-slide-tiff.h"

#include "tsr-i18n.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* TIFF by its outside that only OpenSlide understands. */
static bool
is_foreign (TIFF *tiff, GPtrArray *directories)
{
  uint32_t n = 0;
  void *values = NULL;
  char *software = NULL;
  const char *description = ((TsrTiffDirectory *)directories->pdata[0])->description;
  if (TIFFSetSubDirectory (tiff, ((TsrTiffDirectory *)directories->pdata[0])->offset)) {
    if (TIFFGetField (tiff, 65420, &n, &values)) /* Hamamatsu NDPI */
      return true;
    if (TIFFGetField (tiff, TIFFTAG_SOFTWARE, &software) && software &&
        g_str_has_prefix (software, "MedScan")) /* Trestle */
      return true;
    if (TIFFGetField (tiff, TIFFTAG_XMLPACKET, &n, &values) && values && n > 6 &&
        g_strstr_len (values, n, "iScan")) /* Ventana */
      return true;
  }
  return description &&
         (strstr (description, "<iScan") || strstr (description, "leica-microsystems.com/scn"));
}

/* Rounding makes a level up to a pixel and a half larger or smaller than its share. */
static bool
same_shape (const TsrTiffLayout *finest, const TsrTiffLayout *level)
{
  double scale =
      ((double)finest->width / level->width + (double)finest->height / level->height) / 2;
  return fabs (finest->width / scale - level->width) <= 1.5 &&
         fabs (finest->height / scale - level->height) <= 1.5;
}

/* A smaller picture of the same, of the same kind. Tiles are levels even where nobody says so;
 * strips (a thumbnail, another page) only when they say that they are a reduced version. */
static bool
is_level (const TsrTiffDirectory *finest, const TsrTiffDirectory *directory,
          const TsrTiffVendor *vendor)
{
  const TsrTiffLayout *a = &finest->layout, *b = &directory->layout;
  if (b->width >= a->width || b->height > a->height || b->samples != a->samples ||
      b->bits != a->bits || (b->photometric != a->photometric && a->samples != 3))
    return false;
  if (!(finest->tiled ? directory->tiled : directory->reduced) &&
      !(directory->sub && directory->reduced))
    return false;
  return vendor->padded || same_shape (a, b);
}

static int
by_size (gconstpointer a, gconstpointer b)
{
  const TsrTiffDirectory *one = *(TsrTiffDirectory *const *)a,
                         *other = *(TsrTiffDirectory *const *)b;
  if (one->layout.width != other->layout.width)
    return one->layout.width > other->layout.width ? -1 : 1;
  return one->offset < other->offset ? -1 : one->offset > other->offset;
}

/* Levels from the finest to the coarsest; everything else becomes an image beside the slide. */
static GPtrArray *
sort_out (TsrSlide *slide, TsrTiffSlide *self, GPtrArray *directories, const TsrTiffVendor *vendor)
{
  GPtrArray *levels = g_ptr_array_new ();
  const TsrTiffDirectory *finest = directories->pdata[0];
  g_ptr_array_add (levels, directories->pdata[0]);
  for (guint i = 1; i < directories->len; i++) {
    TsrTiffDirectory *directory = directories->pdata[i];
    g_autofree char *numbered = g_strdup_printf ("image %u", i + 1);
    const char *name = numbered;
    TsrSlideImageKind kind = TSR_SLIDE_IMAGE_OTHER;
    bool known = tsr_tiff_vendor_image (vendor, directory, i, &name, &kind);
    if (!known && is_level (finest, directory, vendor)) {
      g_ptr_array_add (levels, directory);
      continue;
    }
    guint at = slide->info.images->len;
    bool turned = directory->layout.orientation >= 5 && directory->layout.orientation <= 8;
    int64_t width = directory->layout.width, height = directory->layout.height;
    if (tsr_slide_add_image (slide, name, kind, turned ? height : width, turned ? width : height))
      self->images[at] = directory->offset;
  }
  g_ptr_array_sort (levels, by_size);
  for (guint i = levels->len - 1; i > 0; i--)
    if (((TsrTiffDirectory *)levels->pdata[i])->layout.width ==
        ((TsrTiffDirectory *)levels->pdata[i - 1])->layout.width)
      g_ptr_array_remove_index (levels, i);
  return levels;
}

/* What a padded level really shows, by the spacing of its pixels. */
static void
trim (TsrSlideStored *stored, const TsrSlide *slide, const TsrTiffVendor *vendor, guint index)
{
  if (!vendor->spacings || index == 0 || index >= vendor->spacings->len)
    return;
  double scale =
      g_array_index (vendor->spacings, double, index) / g_array_index (vendor->spacings, double, 0);
  if (!(scale > 1))
    return;
  int64_t width = (int64_t)((double)slide->stored[0].width / scale + 1e-6),
          height = (int64_t)((double)slide->stored[0].height / scale + 1e-6);
  stored->width = CLAMP (width, 1, stored->width);
  stored->height = CLAMP (height, 1, stored->height);
}

static bool
add_level (TsrSlide *slide, TsrTiffSlide *self, TIFF *tiff, const TsrTiffDirectory *directory,
           const TsrTiffVendor *vendor, guint index, GError **error)
{
  if (self->n_levels == TSR_SLIDE_MAX_LEVELS)
    return true; /* the coarsest are not needed */
  TsrTiffLevel *level = &self->levels[self->n_levels];
  const TsrTiffLayout *layout = &directory->layout;
  if (!TIFFSetSubDirectory (tiff, directory->offset)) {
    tsr_image_refuse_truncated (error, "TIFF");
    return false;
  }
  self->n_levels++;
  if (!tsr_tiff_level_open (level, tiff, directory, error))
    return false;
  TsrSlideStored stored = {
      .width = layout->width,
      .height = layout->height,
      .orientation = layout->orientation >= 1 && layout->orientation <= 8 ? layout->orientation : 1,
      .block_w = (int)MIN (directory->block_w, (uint32_t)G_MAXINT),
      .block_h = (int)MIN (directory->block_h, (uint32_t)G_MAXINT)};
  /* Strips of few rows are read several at a time. */
  if (!directory->tiled && stored.block_h < 64)
    stored.block_h *= (64 + stored.block_h - 1) / stored.block_h;
  trim (&stored, slide, vendor, index);
  return tsr_slide_add_level (slide, &stored, error);
}

static void
read_tags (TsrSlide *slide, TIFF *tiff)
{
  static const struct {
    uint32_t tag;
    const char *name;
  } texts[] = {{TIFFTAG_MAKE, "tiff.make"},         {TIFFTAG_MODEL, "tiff.model"},
               {TIFFTAG_SOFTWARE, "tiff.software"}, {TIFFTAG_DATETIME, "tiff.date-time"},
               {TIFFTAG_ARTIST, "tiff.artist"},     {TIFFTAG_DOCUMENTNAME, "tiff.document-name"},
               {TIFFTAG_HOSTCOMPUTER, "tiff.host"}, {TIFFTAG_COPYRIGHT, "tiff.copyright"}};
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    char *text = NULL;
    if (!TIFFGetField (tiff, texts[i].tag, &text) || !text || !*text)
      continue;
    tsr_slide_add_property (slide, texts[i].name, text);
    if (texts[i].tag == TIFFTAG_MAKE && !slide->info.vendor)
      slide->info.vendor = g_utf8_make_valid (text, (gssize)strnlen (text, 256));
    if (texts[i].tag == TIFFTAG_MODEL && !slide->info.scanner)
      slide->info.scanner = g_utf8_make_valid (text, (gssize)strnlen (text, 256));
  }
  uint32_t n = 0;
  void *profile = NULL;
  if (TIFFGetField (tiff, TIFFTAG_ICCPROFILE, &n, &profile) && n > 0 && n <= 1u << 24)
    slide->info.icc = g_bytes_new (profile, n);
}

static TsrSlideVerdict
fill (TsrSlide *slide, TsrTiffSlide *self, TIFF *tiff, GPtrArray *directories, GError **error)
{
  TsrTiffVendor vendor;
  if (!tsr_tiff_vendor_read (slide, directories, &vendor, error))
    return TSR_SLIDE_REFUSED; /* others would show one channel as if it were all */
  slide->info.format = vendor.format;
  g_autoptr (GPtrArray) levels = sort_out (slide, self, directories, &vendor);
  bool ok = true;
  for (guint i = 0; ok && i < levels->len; i++) {
    ok = add_level (slide, self, tiff, levels->pdata[i], &vendor, i, error);
    if (ok && i == 0)
      read_tags (slide, tiff);
  }
  g_clear_pointer (&vendor.spacings, g_array_unref);
  return ok ? TSR_SLIDE_OPENED : TSR_SLIDE_NOT_MINE;
}

static void
tiff_close (void *data)
{
  TsrTiffSlide *self = data;
  for (int i = 0; i < self->n_levels; i++)
    tsr_tiff_level_clear (&self->levels[i]);
  TsrTiffHandle *handle;
  while ((handle = g_queue_pop_head (&self->handles)))
    tsr_tiff_handle_close (handle);
  if (self->source.fd >= 0)
    close (self->source.fd);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* libtiff's messages that no handler of ours gets, and those of OpenSlide's own handles. */
static void
silence_libtiff (void)
{
  static gsize done;
  if (g_once_init_enter (&done)) {
    TIFFSetErrorHandler (NULL);
    TIFFSetWarningHandler (NULL);
    g_once_init_leave (&done, 1);
  }
}

static TsrSlideVerdict
tiff_open (TsrSlide *slide, GError **error)
{
  silence_libtiff ();
  TsrTiffSlide *self = g_new0 (TsrTiffSlide, 1);
  g_mutex_init (&self->lock);
  slide->data = self;
  self->source.fd = tsr_image_open_regular (slide->path, &self->source.n, error);
  if (self->source.fd < 0)
    return TSR_SLIDE_REFUSED;
  TsrTiffHandle *handle = g_new0 (TsrTiffHandle, 1);
  handle->client.source = self->source;
  handle->tiff = tsr_tiff_open (&handle->client);
  if (!handle->tiff)
    tsr_image_refuse (
        error, _ ("The TIFF file's directory is damaged (%s); copy it again from where it came"),
        handle->client.message[0] ? handle->client.message : _ ("no details"));
  g_autoptr (GPtrArray) directories =
      handle->tiff ? tsr_tiff_directories (handle->tiff, &handle->client, error) : NULL;
  TsrSlideVerdict verdict = TSR_SLIDE_NOT_MINE;
  if (directories && is_foreign (handle->tiff, directories))
    tsr_image_refuse (error, _ ("This kind of slide needs OpenSlide, which cannot read it either"));
  else if (directories)
    verdict = fill (slide, self, handle->tiff, directories, error);
  tsr_tiff_handle_close (handle);
  return verdict;
}

static bool
tiff_read_image (TsrSlide *slide, guint index, TsrImage *image, GError **error)
{
  TsrTiffSlide *self = slide->data;
  TsrTiffHandle *handle = tsr_tiff_handle_take (self, self->images[index], error);
  if (!handle)
    return false;
  /* A fresh directory: reading the image sets its own colour mode. */
  handle->directory = 0;
  TsrPicture picture = {0};
  bool ok = tsr_tiff_read_directory (handle->tiff, &handle->client, false, &picture, error) &&
            tsr_image_convert (&picture.image, 3, error) &&
            tsr_image_orient (&picture.image, picture.orientation, error);
  if (ok) {
    *image = picture.image;
    picture.image = (TsrImage){0};
  }
  tsr_picture_clear (&picture);
  tsr_tiff_handle_release (self, handle);
  return ok;
}

const TsrSlideReader tsr_slide_reader_tiff = {"libtiff", tiff_open, tiff_close, tsr_tiff_read_block,
                                              tiff_read_image};
