/* Everything else, through OpenSlide. Its levels are read in blocks, so that they go through the
 * same cache. */

#include "tsr-slide-reader.h"

#include <math.h>
#include <string.h>

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION

/* Fuzzers look for our mistakes, not for OpenSlide's. */
static TsrSlideVerdict
open_nothing (TsrSlide *slide, GError **error)
{
  tsr_image_refuse (error, "OpenSlide does not know it");
  return TSR_SLIDE_NOT_MINE;
}

const TsrSlideReader tsr_slide_reader_openslide = {"OpenSlide", open_nothing, NULL, NULL, NULL};

#else

#include <openslide.h>

#define BLOCK 256

/* After an error OpenSlide's handle gives nothing any more; another one takes its place, so that
 * one damaged tile does not end the slide. */
typedef struct {
  gint users;
  openslide_t *handle;
} Shared;

typedef struct {
  GMutex lock;
  Shared *current;
} Data;

static void
shared_release (Shared *shared)
{
  if (!g_atomic_int_dec_and_test (&shared->users))
    return;
  openslide_close (shared->handle);
  g_free (shared);
}

static Shared *
shared_take (Data *self)
{
  g_mutex_lock (&self->lock);
  Shared *shared = self->current;
  g_atomic_int_inc (&shared->users);
  g_mutex_unlock (&self->lock);
  return shared;
}

/* Once a broken handle, however many threads notice. */
static void
replace (TsrSlide *slide, Data *self, Shared *broken)
{
  g_mutex_lock (&self->lock);
  if (self->current == broken) {
    openslide_t *handle = openslide_open (slide->path);
    if (handle && !openslide_get_error (handle)) {
      self->current = g_new (Shared, 1);
      *self->current = (Shared){1, handle};
      shared_release (broken);
    } else if (handle) {
      openslide_close (handle);
    }
  }
  g_mutex_unlock (&self->lock);
}

static bool
refuse (openslide_t *handle, GError **error)
{
  const char *message = openslide_get_error (handle);
  tsr_image_refuse (error,
                    "OpenSlide cannot read it (%s); copy the slide with all of its files again "
                    "from where it came",
                    message ? message : "no details");
  return false;
}

/* Premultiplied ARGB to RGB over white. */
static void
to_rgb (const uint32_t *argb, size_t n, uint8_t *rgb)
{
  for (size_t i = 0; i < n; i++) {
    uint32_t pixel = argb[i];
    unsigned white = 255 - (pixel >> 24);
    for (int c = 0; c < 3; c++)
      *rgb++ = (uint8_t)MIN ((pixel >> (16 - 8 * c) & 255) + white, 255);
  }
}

static bool
openslide_read_block (TsrSlide *slide, int level, int64_t column, int64_t row, uint8_t *rgb,
                      GError **error)
{
  Data *self = slide->data;
  g_autofree uint32_t *argb = g_try_new (uint32_t, BLOCK * BLOCK);
  if (!argb) {
    tsr_image_refuse (error, "There is not enough memory for its pixels; close other programs");
    return false;
  }
  Shared *shared = shared_take (self);
  double scale = openslide_get_level_downsample (shared->handle, level);
  openslide_read_region (shared->handle, argb, llround ((double)(column * BLOCK) * scale),
                         llround ((double)(row * BLOCK) * scale), level, BLOCK, BLOCK);
  bool ok = !openslide_get_error (shared->handle);
  if (!ok) {
    refuse (shared->handle, error);
    replace (slide, self, shared);
  }
  shared_release (shared);
  if (ok)
    to_rgb (argb, (size_t)BLOCK * BLOCK, rgb);
  return ok;
}

static bool
openslide_read_image (TsrSlide *slide, guint index, TsrImage *image, GError **error)
{
  Data *self = slide->data;
  const TsrSlideImage *what = slide->info.images->pdata[index];
  int64_t w = -1, h = -1;
  Shared *shared = shared_take (self);
  openslide_get_associated_image_dimensions (shared->handle, what->name, &w, &h);
  bool ok = tsr_image_check_size (MAX (w, 0), MAX (h, 0), error);
  g_autofree uint32_t *argb = ok ? g_try_new (uint32_t, (size_t)w * h) : NULL;
  ok = argb && tsr_image_allocate (image, w, h, 3, error);
  if (ok) {
    openslide_read_associated_image (shared->handle, what->name, argb);
    ok = !openslide_get_error (shared->handle) || refuse (shared->handle, error);
  }
  if (ok)
    to_rgb (argb, (size_t)w * h, image->pixels);
  else
    tsr_image_clear (image);
  if (openslide_get_error (shared->handle))
    replace (slide, self, shared);
  shared_release (shared);
  if (!ok && error && !*error)
    tsr_image_refuse (error, "There is not enough memory for its pixels; close other programs");
  return ok;
}

static TsrSlideImageKind
kind_of (const char *name)
{
  return strstr (name, "label")       ? TSR_SLIDE_IMAGE_LABEL
         : strstr (name, "macro")     ? TSR_SLIDE_IMAGE_MACRO
         : strstr (name, "thumbnail") ? TSR_SLIDE_IMAGE_THUMBNAIL
                                      : TSR_SLIDE_IMAGE_OTHER;
}

static char *
copy_property (openslide_t *handle, const char *name)
{
  const char *value = openslide_get_property_value (handle, name);
  return value && *value ? g_utf8_make_valid (value, (gssize)strnlen (value, 256)) : NULL;
}

static void
read_properties (TsrSlide *slide, openslide_t *handle)
{
  static const char *const scanners[] = {"hamamatsu.Product", "leica.device-model",
                                         "ventana.ScannerModel", "aperio.ScanScope ID",
                                         "tiff.Model"};
  const char *const *names = openslide_get_property_names (handle);
  for (unsigned i = 0; names && names[i] && i < 4096; i++) {
    const char *value = openslide_get_property_value (handle, names[i]);
    if (value)
      tsr_slide_add_property (slide, names[i], value);
  }
  const char *(*get) (openslide_t *, const char *) = openslide_get_property_value;
  tsr_slide_set_mpp (slide, tsr_slide_number (get (handle, OPENSLIDE_PROPERTY_NAME_MPP_X)),
                     tsr_slide_number (get (handle, OPENSLIDE_PROPERTY_NAME_MPP_Y)));
  slide->info.objective = tsr_slide_number (get (handle, OPENSLIDE_PROPERTY_NAME_OBJECTIVE_POWER));
  slide->info.vendor = copy_property (handle, OPENSLIDE_PROPERTY_NAME_VENDOR);
  for (size_t i = 0; i < G_N_ELEMENTS (scanners) && !slide->info.scanner; i++)
    slide->info.scanner = copy_property (handle, scanners[i]);
  const char *const *images = openslide_get_associated_image_names (handle);
  for (unsigned i = 0; images && images[i]; i++) {
    int64_t w = -1, h = -1;
    openslide_get_associated_image_dimensions (handle, images[i], &w, &h);
    tsr_slide_add_image (slide, images[i], kind_of (images[i]), w, h);
  }
}

static void
openslide_close_data (void *data)
{
  Data *self = data;
  shared_release (self->current);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static TsrSlideVerdict
openslide_open_slide (TsrSlide *slide, GError **error)
{
  const char *vendor = openslide_detect_vendor (slide->path);
  if (!vendor) {
    tsr_image_refuse (error, "OpenSlide does not know it either; convert it to a pyramidal TIFF");
    return TSR_SLIDE_NOT_MINE;
  }
  slide->info.format = g_intern_string (vendor);
  openslide_t *handle = openslide_open (slide->path);
  if (!handle || openslide_get_error (handle)) {
    if (handle) {
      refuse (handle, error);
      openslide_close (handle);
    } else {
      tsr_image_refuse (error, "OpenSlide cannot read it; copy it again from where it came");
    }
    return TSR_SLIDE_NOT_MINE;
  }
  Data *self = g_new0 (Data, 1);
  g_mutex_init (&self->lock);
  self->current = g_new (Shared, 1);
  *self->current = (Shared){1, handle};
  slide->data = self;
  read_properties (slide, handle);
  int n = MIN (openslide_get_level_count (handle), TSR_SLIDE_MAX_LEVELS);
  for (int i = 0; i < n; i++) {
    TsrSlideStored stored = {.orientation = 1, .block_w = BLOCK, .block_h = BLOCK};
    openslide_get_level_dimensions (handle, i, &stored.width, &stored.height);
    if (!tsr_slide_add_level (slide, &stored, error))
      return TSR_SLIDE_REFUSED;
  }
  if (n > 0)
    return TSR_SLIDE_OPENED;
  refuse (handle, error);
  return TSR_SLIDE_REFUSED;
}

const TsrSlideReader tsr_slide_reader_openslide = {"OpenSlide", openslide_open_slide,
                                                   openslide_close_data, openslide_read_block,
                                                   openslide_read_image};

#endif
