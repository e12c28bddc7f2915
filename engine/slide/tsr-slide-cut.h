#pragma once
/* From an open slide to the tiles that show tissue, in one step. */

#include "tsr-slide-tiling.h"

/** What cutting a slide comes to. */
typedef struct {
  TsrTiling tiling;
  TsrTissueMask mask; /* empty (no classes) where everything counts as tissue */
} TsrSlideCut;

/** A slide from afar. */
typedef struct {
  TsrImage image;
  uint8_t *damaged; /* a byte a pixel: 1 where no level can be read; NULL: nowhere */
} TsrSlideLook;

/** Looks at the slide in at most max_side pixels, as tsr_slide_overview_readable does. Free with
 * tsr_slide_look_clear. */
bool tsr_slide_look (TsrSlide *slide, int max_side, TsrSlideLook *look, const TsrProgress *progress,
                     GError **error);

/** Finds the tissue as tsr_tissue_mask_find does. What cannot be read counts as tissue: its tiles
 * are tried, so that it is known how many are lost. */
bool tsr_slide_look_mask (const TsrSlideLook *look, const TsrMaskOptions *options,
                          TsrTissueMask *mask, GError **error);

/** Frees what was seen, once or more often; the struct is the caller's. */
void tsr_slide_look_clear (TsrSlideLook *look);

/** Looks at the slide from afar, finds the tissue by mask (NULL: everything is tissue) and lays the
 * grid. The options' slide_mpp is used only where the file does not say (so that one value serves a
 * folder of slides). Fails as tsr_slide_look, tsr_slide_look_mask and tsr_slide_tile do. Free with
 * tsr_slide_cut_clear. */
bool tsr_slide_cut (TsrSlide *slide, const TsrTilingOptions *options, const TsrMaskOptions *mask,
                    TsrSlideCut *cut, const TsrProgress *progress, GError **error);

/** Frees tiles and mask, once or more often; the struct is the caller's. */
void tsr_slide_cut_clear (TsrSlideCut *cut);

/** Micrometres a pixel of level 0: the file's (the geometric mean of both directions), else `given`
 * (NAN: not known). */
double tsr_slide_effective_mpp (const TsrSlideInfo *slide, double given);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsrSlideCut, tsr_slide_cut_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsrSlideLook, tsr_slide_look_clear)
