#pragma once
/* The demonstration set: H&E-like tiles drawn by the program, deterministic by seed. */

#include "tsr-image.h"
#include "tsr-progress.h"

/** Tissue classes of the set. */
unsigned tsr_demo_n_classes (void);
/** The class's name, untranslated, as used for folders ("tumour", "lymphocytes", ...). */
const char *tsr_demo_class_name (unsigned class_);

/** Draws one tile of `class_`, size x size RGB (size is clamped to 16..256), varied in stain,
 * scale, rotation, focus and camera by (seed, index). The same arguments give the same pixels on
 * one machine, on any thread; size changes the sampling, not the tissue. About a millisecond at 64
 * pixels. */
void tsr_demo_tile (unsigned class_, int size, uint64_t seed, uint64_t index, TsrImage *tile);

/** Writes per_class PNG tiles of every class as folder/<class>/<class>_<index>.png, on several
 * threads. Files that exist and are not empty are kept, so an interrupted run is completed by the
 * next. Each file appears whole; none is synchronised, since it can be drawn again. Errors name the
 * file. */
bool tsr_demo_write (const char *folder, unsigned per_class, int size, uint64_t seed,
                     const TsrProgress *progress, GError **error);
