/* Opening a slide: which reader takes it, and what the readers share. */

#include "tsr-slide-cache.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#define HEAD 160

void
tsr_slide_add_property (TsrSlide *slide, const char *name, const char *value)
{
  TsrSlideProperty *property = g_new (TsrSlideProperty, 1);
  property->name = g_utf8_make_valid (name, (gssize)strnlen (name, 256));
  property->value = g_utf8_make_valid (value, (gssize)strnlen (value, 65536));
  g_ptr_array_add (slide->info.properties, property);
}

double
tsr_slide_number (const char *text)
{
  if (!text)
    return NAN;
  char *end;
  double value = g_ascii_strtod (text, &end);
  if (end == text || end[strspn (end, " \t\r\n")] || !isfinite (value) || value <= 0)
    return NAN;
  return value;
}

void
tsr_slide_set_mpp (TsrSlide *slide, double mpp_x, double mpp_y)
{
  if (!(mpp_x >= 0.01 && mpp_x <= 20 && mpp_y >= 0.01 && mpp_y <= 20))
    return;
  slide->info.mpp_x = mpp_x;
  slide->info.mpp_y = mpp_y;
}

bool
tsr_slide_add_image (TsrSlide *slide, const char *name, TsrSlideImageKind kind, int64_t width,
                     int64_t height)
{
  GPtrArray *images = slide->info.images;
  if (images->len >= TSR_SLIDE_MAX_IMAGES || width < 1 || height < 1 || width > G_MAXINT ||
      height > G_MAXINT)
    return false;
  bool taken = false;
  for (guint i = 0; i < images->len; i++)
    taken |= g_str_equal (((TsrSlideImage *)images->pdata[i])->name, name);
  TsrSlideImage *image = g_new (TsrSlideImage, 1);
  *image = (TsrSlideImage){.kind = kind, .width = (int)width, .height = (int)height};
  image->name =
      taken ? g_strdup_printf ("%s %u", name, images->len + 1) : g_utf8_make_valid (name, -1);
  g_ptr_array_add (images, image);
  return true;
}

/* Writers halve with rounding down, up or to the nearest: where one whole number explains both
 * sizes, the level is taken to be exactly that. */
static double
downsample_of (int64_t width, int64_t height, int64_t finest_width, int64_t finest_height)
{
  double mean = ((double)finest_width / (double)width + (double)finest_height / (double)height) / 2;
  double whole = round (mean);
  if (fabs ((double)finest_width / whole - (double)width) < 1 &&
      fabs ((double)finest_height / whole - (double)height) < 1)
    return whole;
  return MAX (mean, 1);
}

bool
tsr_slide_add_level (TsrSlide *slide, const TsrSlideStored *stored, GError **error)
{
  int n = slide->info.n_levels;
  if (stored->width < 1 || stored->height < 1 || stored->width > TSR_SLIDE_MAX_SIDE ||
      stored->height > TSR_SLIDE_MAX_SIDE) {
    tsr_image_refuse (error,
                      _ ("A level of the slide would have %lld x %lld pixels, which no slide has; "
                         "copy the file again from where it came"),
                      (long long)stored->width, (long long)stored->height);
    return false;
  }
  if (stored->block_w < 1 || stored->block_h < 1 ||
      (int64_t)stored->block_w * stored->block_h > TSR_SLIDE_MAX_BLOCK) {
    tsr_image_refuse (error,
                      _ ("Its pixels are stored in pieces of %d x %d, too large to be read one by "
                         "one; save it as a tiled pyramidal TIFF"),
                      stored->block_w, stored->block_h);
    return false;
  }
  if (n == TSR_SLIDE_MAX_LEVELS) {
    tsr_image_refuse (error,
                      _ ("It has more than %d levels, which no slide has; copy the file again "
                         "from where it came"),
                      TSR_SLIDE_MAX_LEVELS);
    return false;
  }
  bool turned = stored->orientation >= 5;
  TsrSlideLevel *level = &slide->levels[n];
  *level = (TsrSlideLevel){.width = turned ? stored->height : stored->width,
                           .height = turned ? stored->width : stored->height,
                           .block_w = turned ? stored->block_h : stored->block_w,
                           .block_h = turned ? stored->block_w : stored->block_h,
                           .downsample = 1};
  if (n > 0)
    level->downsample = downsample_of (level->width, level->height, slide->levels[0].width,
                                       slide->levels[0].height);
  slide->stored[n] = *stored;
  slide->info.n_levels++;
  return true;
}

static void
free_property (gpointer data)
{
  TsrSlideProperty *property = data;
  g_free (property->name);
  g_free (property->value);
  g_free (property);
}

static void
free_image (gpointer data)
{
  TsrSlideImage *image = data;
  g_free (image->name);
  g_free (image);
}

static int
compare_properties (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(TsrSlideProperty *const *)a)->name, (*(TsrSlideProperty *const *)b)->name);
}

/* What a reader may have filled in before it gave up, too. */
static void
clear_info (TsrSlide *slide)
{
  if (slide->data)
    slide->reader->close (slide->data);
  slide->data = NULL;
  TsrSlideInfo *info = &slide->info;
  g_free (info->vendor);
  g_free (info->scanner);
  g_clear_pointer (&info->icc, g_bytes_unref);
  g_clear_pointer (&info->images, g_ptr_array_unref);
  g_clear_pointer (&info->properties, g_ptr_array_unref);
  *info = (TsrSlideInfo){0};
}

static void
begin (TsrSlide *slide, const TsrSlideReader *reader)
{
  slide->reader = reader;
  slide->info = (TsrSlideInfo){.reader = reader->name,
                               .mpp_x = NAN,
                               .mpp_y = NAN,
                               .objective = NAN,
                               .levels = slide->levels,
                               .images = g_ptr_array_new_with_free_func (free_image),
                               .properties = g_ptr_array_new_with_free_func (free_property)};
}

/* Not begun. */
static TsrSlide *
allocate (const char *path)
{
  static gsize last_id;
  TsrSlide *slide = g_new0 (TsrSlide, 1);
  slide->references = 1;
  slide->id = (uint64_t)g_atomic_pointer_add (&last_id, 1) + 1;
  slide->path = g_strdup (path);
  return slide;
}

TsrSlide *
tsr_slide_new (const char *path, const TsrSlideReader *reader)
{
  TsrSlide *slide = allocate (path);
  begin (slide, reader);
  return slide;
}

/* The first reader that takes the file keeps it. If none does the first reason stands, or that of
 * one that came to grief with the file. */
static bool
open_with (TsrSlide *slide, const TsrSlideReader *const *readers, GError **error)
{
  GError *first = NULL;
  for (; *readers; readers++) {
    begin (slide, *readers);
    GError *reason = NULL;
    TsrSlideVerdict verdict = (*readers)->open (slide, &reason);
    if (verdict == TSR_SLIDE_OPENED) {
      g_clear_error (&first);
      g_ptr_array_sort (slide->info.properties, compare_properties);
      return true;
    }
    clear_info (slide);
    if (verdict == TSR_SLIDE_FAILED)
      g_clear_error (&first);
    if (!first)
      first = g_steal_pointer (&reason);
    g_clear_error (&reason);
    if (verdict == TSR_SLIDE_REFUSED)
      break;
  }
  g_propagate_error (error, first);
  return false;
}

/* By content; only MIRAX keeps nothing of its own in the file that is opened, so that its name must
 * do. */
static bool
choose_and_open (TsrSlide *slide, GError **error)
{
  static const TsrSlideReader *const tiff[] = {&tsr_slide_reader_tiff, &tsr_slide_reader_openslide,
                                               &tsr_slide_reader_image, NULL};
  static const TsrSlideReader *const images[] = {&tsr_slide_reader_image,
                                                 &tsr_slide_reader_openslide, NULL};
  static const TsrSlideReader *const mirax[] = {&tsr_slide_reader_openslide, NULL};
  uint8_t head[HEAD] = {0};
  uint64_t size = 0;
  int fd = tsr_image_open_regular (slide->path, &size, error);
  if (fd < 0)
    return false;
  bool ok = tsr_image_read_at (fd, 0, head, MIN (size, HEAD), error);
  close (fd);
  if (!ok)
    return false;
  if (memcmp (head + 128, "DICM", 4) == 0) {
    tsr_image_refuse (error,
                      _ ("It is a DICOM file, which is not supported; convert the slide to a "
                         "pyramidal TIFF"));
    return false;
  }
  if (memcmp (head, "ZISRAWFILE", 10) == 0) {
    tsr_image_refuse (error, _ ("It is a Zeiss CZI slide, which is not supported; convert it to a "
                                "pyramidal TIFF"));
    return false;
  }
  /* Sakura's slides are databases, too. */
  if (memcmp (head, "SQLite format 3", 16) == 0 && g_str_has_suffix (slide->path, ".tessera")) {
    tsr_image_refuse (error, _ ("It is a Tessera project, not a slide; open it as a project"));
    return false;
  }
  bool is_tiff = (memcmp (head, "II", 2) == 0 && (head[2] == 42 || head[2] == 43) && !head[3]) ||
                 (memcmp (head, "MM", 2) == 0 && !head[2] && (head[3] == 42 || head[3] == 43));
  g_autofree char *lower = g_ascii_strdown (slide->path, -1);
  bool is_mirax = g_str_has_suffix (lower, ".mrxs");
  return open_with (slide, is_tiff ? tiff : is_mirax ? mirax : images, error);
}

TsrSlide *
tsr_slide_open_as (const char *path, const TsrSlideReader *reader, GError **error)
{
  const TsrSlideReader *const only[] = {reader, NULL};
  TsrSlide *slide = allocate (path);
  GError *reason = NULL;
  if (reader ? open_with (slide, only, &reason) : choose_and_open (slide, &reason))
    return slide;
  tsr_image_name_reason (false, path, reason, error);
  g_free (slide->path);
  g_free (slide);
  return NULL;
}

TsrSlide *
tsr_slide_open (const char *path, GError **error)
{
  return tsr_slide_open_as (path, NULL, error);
}

TsrSlide *
tsr_slide_ref (TsrSlide *slide)
{
  g_atomic_int_inc (&slide->references);
  return slide;
}

void
tsr_slide_unref (TsrSlide *slide)
{
  if (!slide || !g_atomic_int_dec_and_test (&slide->references))
    return;
  tsr_slide_cache_forget (slide);
  clear_info (slide);
  g_free (slide->path);
  g_free (slide);
}

const char *
tsr_slide_detect (const char *path, GError **error)
{
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, error);
  return slide ? slide->info.format : NULL; /* a literal or interned */
}

const TsrSlideInfo *
tsr_slide_info (const TsrSlide *slide)
{
  return &slide->info;
}

const char *
tsr_slide_path (const TsrSlide *slide)
{
  return slide->path;
}

int
tsr_slide_level_for (const TsrSlide *slide, double downsample)
{
  int level = 0;
  for (int i = 1; i < slide->info.n_levels; i++)
    if (slide->levels[i].downsample <= downsample * 1.001)
      level = i;
  return level;
}

bool
tsr_slide_read_image (TsrSlide *slide, const char *name, TsrImage *image, GError **error)
{
  *image = (TsrImage){0};
  for (guint i = 0; i < slide->info.images->len; i++)
    if (g_str_equal (((TsrSlideImage *)slide->info.images->pdata[i])->name, name)) {
      GError *reason = NULL;
      bool ok = slide->reader->read_image (slide, i, image, &reason);
      return tsr_image_name_reason (ok, slide->path, reason, error);
    }
  g_autofree char *shown = g_filename_display_name (slide->path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, _ ("“%s” has no image called “%s”."), shown,
               name);
  return false;
}
