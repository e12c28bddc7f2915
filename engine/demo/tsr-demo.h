#pragma once
/* The demonstration set: H&E-like tiles drawn by the program, deterministic by seed. */

#include "tsr-image.h"
#include "tsr-progress.h"

/** Tissue classes of the set. */
unsigned tsr_demo_n_classes (void);
/** The class's name, untranslated, as used for folders ("tumour", "lymphocytes", ...). */
const char *tsr_demo_class_name (unsigned class_);

/** Draws one tile of `class_`, size x size RGB, varied in stain, scale, rotation and focus by
 * (seed, index). */
void tsr_demo_tile (unsigned class_, int size, uint64_t seed, uint64_t index, TsrImage *tile);

/** Writes per_class PNG tiles of every class into folder/<class>/; existing files are kept. */
bool tsr_demo_write (const char *folder, unsigned per_class, int size, uint64_t seed,
                     const TsrProgress *progress, GError **error);
