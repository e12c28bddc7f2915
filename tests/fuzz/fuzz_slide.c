/* libFuzzer target: any bytes as a slide, through every reader of ours, its levels, images and
 * overview. Built by tests/fuzz/build.sh, without OpenSlide: what is looked for are our own faults.
 */

#include "fuzz.h"
#include "tsr-slide-cut.h"
#include "tsr-slide-tiling.h"

static void
read_all (TsrSlide *slide)
{
  static uint8_t rgb[48 * 48 * 3];
  const TsrSlideInfo *info = tsr_slide_info (slide);
  GError *error = NULL;
  TsrImage image;
  for (int level = 0; level < info->n_levels; level++)
    for (int i = 0; i < 3; i++)
      fuzz_check (tsr_slide_read_region (slide, level, i * info->levels[0].width / 2 - 20,
                                         i * info->levels[0].height / 2 - 20, 48, 48, rgb, &error),
                  &error);
  fuzz_check (tsr_slide_read_tile (slide, 3, 5, 61, 20, rgb, &error), &error);
  for (guint i = 0; i < info->images->len && i < 4; i++) {
    fuzz_check (tsr_slide_read_image (slide, ((TsrSlideImage *)info->images->pdata[i])->name,
                                      &image, &error),
                &error);
    tsr_image_clear (&image);
  }
  /* Large slides take long, which is no fault. */
  if (info->levels[0].width * info->levels[0].height > 1 << 18)
    return;
  g_auto (TsrSlideLook) look = {0};
  bool ok = tsr_slide_look (slide, 40, &look, NULL, &error);
  fuzz_check (ok, &error);
  if (!ok)
    return;
  TsrTissueMask mask;
  TsrMaskOptions mask_options = tsr_mask_options ();
  TsrTilingOptions options = tsr_tiling_options ();
  TsrTiling tiling;
  fuzz_check (tsr_slide_look_mask (&look, &mask_options, &mask, &error), &error);
  options.pixels = 16;
  fuzz_check (tsr_slide_tile (info, &mask, &options, &tiling, &error), &error);
  tsr_tiling_clear (&tiling);
  tsr_tissue_mask_clear (&mask);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  GError *error = NULL;
  TsrSlide *slide = tsr_slide_open (fuzz_file (bytes, n), &error);
  fuzz_check (slide != NULL, &error);
  if (slide)
    read_all (slide);
  tsr_slide_unref (slide);
  return 0;
}
