/* libFuzzer target: what a TIFF slide's directories say of themselves, without the TIFF round it.
 * Built by tests/fuzz/build.sh.
 *
 * Input: a byte for each of up to four directories, from which the rest follows, and after the
 * first that is 0xff their descriptions, with 0xff between them. */

#include "fuzz.h"
#include "tsr-slide-tiff.h"

#include <math.h>

static const uint8_t *input;
static size_t input_length;

static void
free_directory (gpointer data)
{
  TsrTiffDirectory *directory = data;
  g_free (directory->description);
  g_free (directory);
}

static GPtrArray *
make_directories (void)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (free_directory);
  const uint8_t *kinds = input, *end = input + input_length,
                *text = memchr (input, 0xff, input_length);
  for (int i = 0; i < 4; i++) {
    uint8_t kind = kinds < text || (!text && kinds < end) ? *kinds++ : 0;
    if (i > 0 && kind == 0)
      break;
    TsrTiffDirectory *directory = g_new0 (TsrTiffDirectory, 1);
    directory->tiled = kind & 1;
    directory->subtype = kind >> 1 & 15;
    directory->mpp_x = directory->mpp_y = kind & 64 ? kind / 16.0 : (double)NAN;
    directory->layout.width = 1000u >> i;
    directory->layout.height = 800u >> i;
    if (text) {
      const uint8_t *start = ++text;
      text = memchr (start, 0xff, (size_t)(end - start));
      directory->description =
          g_strndup ((const char *)start, (size_t)((text ? text : end) - start));
    }
    g_ptr_array_add (all, directory);
  }
  return all;
}

static void
check_size (double value)
{
  if (!isnan (value) && !(value > 0 && isfinite (value)))
    abort ();
}

static TsrSlideVerdict
open_described (TsrSlide *slide, GError **error)
{
  g_autoptr (GPtrArray) directories = make_directories ();
  TsrTiffVendor vendor;
  bool ok = tsr_tiff_vendor_read (slide, directories, &vendor, error);
  if (!vendor.format)
    abort ();
  for (guint i = 0; ok && i < directories->len; i++) {
    const char *name = NULL;
    TsrSlideImageKind kind;
    if (tsr_tiff_vendor_image (&vendor, directories->pdata[i], i, &name, &kind))
      tsr_slide_add_image (slide, name, kind, 20, 10);
  }
  for (guint i = 0; vendor.spacings && i < vendor.spacings->len; i++)
    check_size (g_array_index (vendor.spacings, double, i));
  g_clear_pointer (&vendor.spacings, g_array_unref);
  slide->info.format = vendor.format;
  TsrSlideStored stored = {1000, 800, 1, 256, 256};
  return ok && tsr_slide_add_level (slide, &stored, error) ? TSR_SLIDE_OPENED : TSR_SLIDE_REFUSED;
}

static void
close_described (void *data)
{
}

static void
check_text (const char *text)
{
  if (text && !g_utf8_validate (text, -1, NULL))
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  static const TsrSlideReader reader = {"described", open_described, close_described, NULL, NULL};
  GError *error = NULL;
  input = bytes;
  input_length = n;
  TsrSlide *slide = tsr_slide_open_as ("described.tif", &reader, &error);
  fuzz_check (slide != NULL, &error);
  if (!slide)
    return 0;
  const TsrSlideInfo *info = tsr_slide_info (slide);
  check_size (info->mpp_x);
  check_size (info->mpp_y);
  check_size (info->objective);
  if (!isnan (info->mpp_x) && !(info->mpp_x >= 0.01 && info->mpp_x <= 20))
    abort ();
  check_text (info->vendor);
  check_text (info->scanner);
  for (guint i = 0; i < info->properties->len; i++) {
    const TsrSlideProperty *property = info->properties->pdata[i];
    check_text (property->name);
    check_text (property->value);
  }
  tsr_slide_unref (slide);
  return 0;
}
