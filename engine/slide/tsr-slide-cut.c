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
  TsrImage overview = {0};
  bool ok = tsr_slide_overview (slide, side, &overview, progress, error) &&
            tsr_tissue_mask_find (&overview, mask, &cut->mask, error) &&
            tsr_slide_tile (info, &cut->mask, &own, &cut->tiling, error);
  tsr_image_clear (&overview);
  if (!ok)
    tsr_slide_cut_clear (cut);
  return ok;
}
