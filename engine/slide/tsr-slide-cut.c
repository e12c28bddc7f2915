#include "tsr-slide-cut.h"

#include <math.h>

double
tsr_slide_effective_mpp (const TsrSlideInfo *slide, double given)
{
  double said = sqrt (slide->mpp_x * slide->mpp_y);
  return isnan (said) ? given : said;
}

void
tsr_slide_cut_clear (TsrSlideCut *cut)
{
  tsr_tiling_clear (&cut->tiling);
  tsr_tissue_mask_clear (&cut->mask);
}

bool
tsr_slide_look (TsrSlide *slide, int max_side, TsrSlideLook *look, const TsrProgress *progress,
                GError **error)
{
  return tsr_slide_overview_readable (slide, max_side, &look->image, &look->damaged, progress,
                                      error);
}

bool
tsr_slide_look_mask (const TsrSlideLook *look, const TsrMaskOptions *options, TsrTissueMask *mask,
                     GError **error)
{
  if (!tsr_tissue_mask_find (&look->image, options, mask, error))
    return false;
  size_t n = look->damaged ? (size_t)mask->width * (size_t)mask->height : 0;
  for (size_t i = 0; i < n; i++)
    if (look->damaged[i])
      mask->classes[i] = TSR_MASK_TISSUE;
  return true;
}

void
tsr_slide_look_clear (TsrSlideLook *look)
{
  tsr_image_clear (&look->image);
  g_clear_pointer (&look->damaged, g_free);
}

bool
tsr_slide_cut (TsrSlide *slide, const TsrTilingOptions *options, const TsrMaskOptions *mask,
               TsrSlideCut *cut, const TsrProgress *progress, GError **error)
{
  *cut = (TsrSlideCut){0};
  const TsrSlideInfo *info = tsr_slide_info (slide);
  TsrTilingOptions own = *options;
  own.slide_mpp = isnan (tsr_slide_effective_mpp (info, NAN)) ? options->slide_mpp : NAN;
  int side;
  if (!tsr_tiling_overview_side (info, &own, &side, error))
    return false;
  if (!mask)
    return tsr_slide_tile (info, NULL, &own, &cut->tiling, error);
  g_auto (TsrSlideLook) look = {0};
  bool ok = tsr_slide_look (slide, side, &look, progress, error) &&
            tsr_slide_look_mask (&look, mask, &cut->mask, error) &&
            tsr_slide_tile (info, &cut->mask, &own, &cut->tiling, error);
  if (!ok)
    tsr_slide_cut_clear (cut);
  return ok;
}
