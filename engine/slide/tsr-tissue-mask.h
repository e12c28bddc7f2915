#pragma once
/* Where on a slide there is tissue, found on its overview. A pure function of the image and the
 * options, fast enough to be repeated while somebody moves a slider. */

#include "tsr-image.h"

typedef enum {
  TSR_MASK_GLASS, /* bright and without colour */
  TSR_MASK_TISSUE,
  TSR_MASK_PEN,    /* ink of a marker */
  TSR_MASK_MARGIN, /* black: outside of what was scanned, or the holder */
} TsrMaskClass;

/** All lengths and areas are in pixels of the overview. */
typedef struct {
  double saturation; /* 0..255: tissue is more saturated than this; NAN: found on the slide */
  double brightness; /* 0..255: tissue is darker than this; NAN: found on the slide */
  double dark;       /* 0..255: nothing brighter than this is a black margin (default 50) */
  int smooth;        /* radius of the box average before everything else (default 1) */
  int speck;         /* pieces of tissue smaller than this are dropped (default 32) */
  int hole;          /* holes smaller than this are filled (default 128) */
  bool pen;          /* look for marks of pens (default true) */
} TsrMaskOptions;

/** One byte a pixel of the overview. */
typedef struct {
  int width, height;
  uint8_t *classes;  /* TsrMaskClass */
  double saturation; /* the thresholds in use, found or given */
  double brightness;
  bool by_brightness; /* a slide without colour: brightness alone decided */
  bool dark_ground;   /* and mostly dark, as in fluorescence: tissue is what is brighter */
} TsrTissueMask;

/** The defaults. */
TsrMaskOptions tsr_mask_options (void);

/** Classes each pixel of an RGB overview. Saturation is HSV's. Its threshold is Otsu's on the
 * slide's histogram (N. Otsu, A threshold selection method from gray-level histograms, 1979, eq.
 * 14), held to 10 to 20 above the glass's own and between 15 and 45; that of brightness (luma) lies
 * 8 below the glass (the 95th percentile), held between 220 and 247. An overview without colour is
 * split by Otsu's threshold of brightness alone; where its median is below 64, tissue is what is
 * brighter, and there are no margins and no ink. Ink is recognised by hues that stained tissue does
 * not have; a colour that makes up more than two fifths of all that is coloured is a stain and
 * stays. False with a sentence for options that make no sense. Free with tsr_tissue_mask_clear. */
bool tsr_tissue_mask_find (const TsrImage *overview, const TsrMaskOptions *options,
                           TsrTissueMask *mask, GError **error);

/** Frees the classes and leaves an empty mask; may be called again. */
void tsr_tissue_mask_clear (TsrTissueMask *mask);

/** Otsu's threshold of a histogram of 256 bins: the t for which bins 0..t and t + 1..255 have the
 * largest variance between them, the middle of equally good ones; -1 if fewer than two bins are
 * filled. */
int tsr_otsu (const uint64_t histogram[256]);
