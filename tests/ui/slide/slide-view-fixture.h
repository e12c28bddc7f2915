#pragma once
/* A slide for the view, written by libtiff: patches of flat colours, so that a pixel on the screen
 * says which part of the slide it shows. */

#include "tsr-slide.h"

#define PATCH 64 /* pixels of level 0 along a patch and along the file's tiles */

/** How the slide is made. */
typedef struct {
  int width, height;       /* of level 0, multiples of PATCH */
  int n_levels;            /* each half as large as the one before */
  double mpp;              /* 0: not said */
  int bad_column, bad_row; /* a tile of level 0 that cannot be decoded; -1: none */
} SlideViewKind;

/** Writes and opens it; the file is gone from its folder at once. */
TsrSlide *slide_view_fixture (const SlideViewKind *kind);

/** The colour of the patch that a pixel of level 0 belongs to, 0xRRGGBB. */
guint32 slide_view_color (int x, int y);
