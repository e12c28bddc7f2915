/* Everything else, by OpenSlide in processes of its own (tsr-slide-crew.h). Its levels are read in
 * blocks, so that they go through the same cache. */

#include "tsr-slide-reader.h"

#include "tsr-i18n.h"

#include <string.h>

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION

/* Fuzzers look for our mistakes, not for OpenSlide's. */
static TsrSlideVerdict
open_nothing (TsrSlide *slide, GError **error)
{
  tsr_image_refuse (error, _ ("this program was built without OpenSlide"));
  return TSR_SLIDE_NOT_MINE;
}

const TsrSlideReader tsr_slide_reader_openslide = {"OpenSlide", open_nothing, NULL, NULL, NULL};

#else

#include "tsr-slide-companions.h"
#include "tsr-slide-crew.h"

#define LIBRARY         "OpenSlide"
#define BLOCK           256
#define MOST_PROPERTIES 4096
#define MOST_TEXT       ((size_t)16 << 20) /* bytes of all properties */

typedef struct {
  TsrSlideCrew *crew;
  GArray *images; /* int64_t: their numbers in the file, as info.images */
} Data;

static bool
openslide_read_block (TsrSlide *slide, int level, int64_t column, int64_t row, uint8_t *rgb,
                      GError **error)
{
  const Data *self = slide->data;
  const TsrSlideStored *stored = &slide->stored[level];
  return tsr_slide_crew_read_region (self->crew, level, column * stored->block_w,
                                     row * stored->block_h, stored->block_w, stored->block_h, rgb,
                                     error);
}

static bool
openslide_read_image (TsrSlide *slide, guint index, TsrImage *image, GError **error)
{
  const Data *self = slide->data;
  const TsrSlideImage *what = slide->info.images->pdata[index];
  if (!tsr_image_allocate (image, (uint64_t)what->width, (uint64_t)what->height, 3, error))
    return false;
  if (tsr_slide_crew_read_image (self->crew, g_array_index (self->images, int64_t, index),
                                 (size_t)what->width * (size_t)what->height, image->pixels, error))
    return true;
  tsr_image_clear (image);
  return false;
}

/* ---- what a slide says of itself. Nothing of it is believed that is not checked. */

static TsrSlideImageKind
kind_of (const char *name)
{
  return strstr (name, "label")       ? TSR_SLIDE_IMAGE_LABEL
         : strstr (name, "macro")     ? TSR_SLIDE_IMAGE_MACRO
         : strstr (name, "thumbnail") ? TSR_SLIDE_IMAGE_THUMBNAIL
                                      : TSR_SLIDE_IMAGE_OTHER;
}

static bool
ask_properties (TsrSlide *slide, int64_t n, GError **error)
{
  const Data *self = slide->data;
  TsrReaderAnswer answer;
  size_t text = 0;
  for (int64_t i = 0; i < MIN (n, MOST_PROPERTIES); i++) {
    if (!tsr_slide_crew_tell (self->crew, TSR_READER_PROPERTY, i, &answer, error))
      return false;
    if (answer.numbers[0] < 0 || (uint64_t)answer.numbers[0] > answer.length) {
      tsr_reader_process_refuse (TSR_READER_LIED, LIBRARY, error);
      return false;
    }
    text += answer.length;
    if (text > MOST_TEXT)
      break;
    g_autofree char *name = g_strndup (answer.text, (size_t)answer.numbers[0]);
    tsr_slide_add_property (slide, name, answer.text + answer.numbers[0]);
  }
  return true;
}

static bool
ask_images (TsrSlide *slide, int64_t n, GError **error)
{
  Data *self = slide->data;
  TsrReaderAnswer answer;
  for (int64_t i = 0; i < MIN (n, TSR_SLIDE_MAX_IMAGES); i++) {
    if (!tsr_slide_crew_tell (self->crew, TSR_READER_IMAGE, i, &answer, error))
      return false;
    g_autofree char *name = g_utf8_make_valid (answer.text, -1);
    if (tsr_slide_add_image (slide, name, kind_of (name), answer.numbers[0], answer.numbers[1]))
      g_array_append_val (self->images, i);
  }
  return true;
}

/* Whole tiles, about BLOCK pixels of them: else each block makes OpenSlide decode parts of tiles
 * that another process has decoded for its neighbour. */
static int
block_side (int64_t tile)
{
  return tile < 1 || tile > TSR_READER_SIDE ? BLOCK
                                            : (int)(tile * MAX (1, (BLOCK + tile / 2) / tile));
}

static bool
ask_levels (TsrSlide *slide, int64_t n, GError **error)
{
  const Data *self = slide->data;
  TsrReaderAnswer answer;
  for (int64_t i = 0; i < MIN (n, TSR_SLIDE_MAX_LEVELS); i++) {
    if (!tsr_slide_crew_tell (self->crew, TSR_READER_LEVEL, i, &answer, error))
      return false;
    TsrSlideStored stored = {.width = answer.numbers[0],
                             .height = answer.numbers[1],
                             .orientation = 1,
                             .block_w = block_side (answer.numbers[2]),
                             .block_h = block_side (answer.numbers[3])};
    if (stored.block_w * stored.block_h > TSR_READER_AREA)
      stored.block_w = stored.block_h = BLOCK;
    if (!tsr_slide_add_level (slide, &stored, error))
      return false;
  }
  if (n < 1)
    tsr_image_refuse (
        error, _ ("The library OpenSlide finds no pixels in it; copy the slide with all of its "
                  "files again from where it came"));
  return n > 0;
}

static const char *
property (const TsrSlide *slide, const char *name)
{
  for (guint i = 0; i < slide->info.properties->len; i++) {
    const TsrSlideProperty *at = slide->info.properties->pdata[i];
    if (strcmp (at->name, name) == 0)
      return at->value;
  }
  return NULL;
}

static char *
copy_property (const TsrSlide *slide, const char *name)
{
  const char *value = property (slide, name);
  return value && *value ? g_utf8_make_valid (value, (gssize)strnlen (value, 256)) : NULL;
}

/* OpenSlide's names; its header would tempt to call it. */
static void
understand_properties (TsrSlide *slide)
{
  static const char *const scanners[] = {"hamamatsu.Product", "leica.device-model",
                                         "ventana.ScannerModel", "aperio.ScanScope ID",
                                         "tiff.Model"};
  tsr_slide_set_mpp (slide, tsr_slide_number (property (slide, "openslide.mpp-x")),
                     tsr_slide_number (property (slide, "openslide.mpp-y")));
  slide->info.objective = tsr_slide_number (property (slide, "openslide.objective-power"));
  slide->info.vendor = copy_property (slide, "openslide.vendor");
  for (size_t i = 0; i < G_N_ELEMENTS (scanners) && !slide->info.scanner; i++)
    slide->info.scanner = copy_property (slide, scanners[i]);
}

/* OpenSlide's names of formats are words; only such are kept for good. */
static const char *
format_of (const TsrReaderAnswer *answer)
{
  bool word = answer->length > 0 && answer->length <= 64;
  for (size_t i = 0; i < answer->length && word; i++)
    word = g_ascii_isalnum (answer->text[i]) || strchr ("-_ .", answer->text[i]);
  return word ? g_intern_string (answer->text) : LIBRARY;
}

static void
openslide_close_data (void *data)
{
  Data *self = data;
  tsr_slide_crew_free (self->crew);
  g_array_unref (self->images);
  g_free (self);
}

static TsrSlideVerdict
openslide_open_slide (TsrSlide *slide, GError **error)
{
  TsrReaderAnswer answer;
  TsrSlideVerdict verdict;
  if (!tsr_slide_check_companions (slide->path, error))
    return TSR_SLIDE_FAILED;
  TsrSlideCrew *crew = tsr_slide_crew_new (slide->path, &answer, &verdict, error);
  if (!crew)
    return verdict;
  Data *self = g_new (Data, 1);
  *self = (Data){crew, g_array_new (FALSE, FALSE, sizeof (int64_t))};
  slide->data = self;
  slide->info.format = format_of (&answer);
  const int64_t n_levels = answer.numbers[0], n_properties = answer.numbers[1],
                n_images = answer.numbers[2];
  if (!ask_properties (slide, n_properties, error) || !ask_images (slide, n_images, error) ||
      !ask_levels (slide, n_levels, error))
    return TSR_SLIDE_FAILED;
  understand_properties (slide);
  tsr_slide_crew_expect (crew, slide->info.n_levels, slide->stored[0].width,
                         slide->stored[0].height);
  return TSR_SLIDE_OPENED;
}

const TsrSlideReader tsr_slide_reader_openslide = {LIBRARY, openslide_open_slide,
                                                   openslide_close_data, openslide_read_block,
                                                   openslide_read_image};

#endif
