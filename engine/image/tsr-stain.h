#pragma once
/* Stain normalisation: the colours of one slide turned into those of another, or of a published
 * reference. Estimate once from a sample of tiles, then apply to every tile.
 *
 * Macenko: M. Macenko et al., A method for normalizing histology slides for quantitative analysis,
 * ISBI 2009: optical densities of two stains lie in a plane; the plane is that of the two largest
 * singular directions, the stains are the extremes of the angle in it, and concentrations are
 * scaled to the same 99th percentile. Reinhard: E. Reinhard et al., Color transfer between images,
 * IEEE CG&A 21(5), 2001: mean and deviation of the decorrelated colour space l-alpha-beta. */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { TSR_STAIN_NONE, TSR_STAIN_MACENKO, TSR_STAIN_REINHARD } TsrStainMethod;

/** Why nothing could be estimated. */
typedef enum {
  TSR_STAIN_FINE,
  TSR_STAIN_PALE, /* next to nothing is stained, or all is the same */
  TSR_STAIN_GREY, /* no colour */
  TSR_STAIN_ONE,  /* one stain only */
} TsrStainProblem;

/** How tiles are stained. */
typedef struct {
  TsrStainMethod method;        /* NONE: not known; normalising changes nothing */
  TsrStainProblem problem;      /* of NONE */
  double stain[2][3];           /* Macenko: unit vectors of optical density (R, G, B), that with
                                   more red, haematoxylin, first */
  double strongest[2];          /* and the 99th percentile of their concentrations */
  double mean[3], deviation[3]; /* Reinhard: of l, alpha, beta, with natural logarithms */
} TsrStain;

/** Estimates how rgb[n][3] is stained; a pure function of the pixels. Macenko looks at pixels whose
 * optical density, -ln ((I + 1) / 240), is at least 0.15 in each channel, at evenly spaced ones
 * where they are more than 2^20; Reinhard at all. Pixels that tell nothing (white, grey, one stain
 * only) give the method NONE with the problem. */
TsrStain tsr_stain_estimate (TsrStainMethod method, const uint8_t *rgb, size_t n);

/** Published values to aim at. Macenko: M. Veta's staining-normalization (2013,
 * github.com/mitkovetta/staining-normalization), which most programs took over. Reinhard: a region
 * of TCGA-A2-A3XS-DX1 (M. Amgad et al., Bioinformatics 35, 2019) as HistomicsTK has it. */
TsrStain tsr_stain_reference (TsrStainMethod method);

/** What problem means, a sentence for the user, translated; NULL if there is none. */
const char *tsr_stain_problem_text (TsrStainProblem problem);

/** "none", "macenko" or "reinhard"; static. */
const char *tsr_stain_method_name (TsrStainMethod method);

/** One line of JSON that tsr_stain_from_json reads back exactly; transfer full. */
char *tsr_stain_to_json (const TsrStain *stain);

/** Reads JSON that nobody has checked. TSR_ERROR_CORRUPT if it is no stain, or none that could have
 * been estimated (vectors without unit length, deviations of zero, numbers that are not finite). */
bool tsr_stain_from_json (const char *json, TsrStain *stain, GError **error);

/** From one stain to another, prepared. The struct may be copied; threads may share it. */
typedef struct {
  TsrStainMethod method; /* NONE: pixels are copied */
  float density[256];    /* Macenko: of each value */
  float matrix[3][3]; /* Macenko: optical density to optical density; Reinhard: ln LMS to ln LMS */
  float offset[3];    /* Reinhard */
} TsrStainMap;

/** Prepares the way from one stain to another. False, and pixels will be copied, if either is NONE
 * or they are of different methods. */
bool tsr_stain_map_init (TsrStainMap *map, const TsrStain *from, const TsrStain *to);

/** Normalises n pixels (RGB) into out, which may be rgb. Within a level of what double precision
 * gives; values leave the range of a byte by being cut. */
void tsr_stain_apply (const TsrStainMap *map, const uint8_t *rgb, size_t n, uint8_t *out);
