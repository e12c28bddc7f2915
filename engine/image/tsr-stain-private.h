#pragma once
/* What estimating and applying stains share. */

#include "tsr-stain.h"

/** The intensity that counts as unstained (Veta). */
#define TSR_STAIN_WHITE 240.0

/** Optical density of a value 0..255, natural logarithm. */
double tsr_stain_density (int value);

/** Concentrations c[2] of an optical density by least squares: unmix [2][3] times density. */
void tsr_stain_unmix (const double stain[2][3], double unmix[2][3]);

/** RGB (0..255) to the cones' LMS (Reinhard 2001, eq. 4), and ln LMS to l, alpha, beta (eq. 6). */
extern const double tsr_stain_lms[3][3], tsr_stain_lab[3][3];
