#pragma once
/* A slide with what lies over it as a picture in a file. No GTK here. */

#include "tessera-slide-scene.h"
#include "tsr-progress.h"
#include "tsr-slide.h"

/** Writes the whole slide under the scene into a PNG whose longer side is at most max_side pixels
 * (1 to 16384). Nothing of the file's own is written into it: no label, no name. Atomic: an
 * existing file is replaced when the new one is complete. False with one sentence, or when
 * cancelled. */
bool tessera_slide_figure_write (TsrSlide *slide, const TesseraSlideScene *scene, int max_side,
                                 const char *path, const TsrProgress *progress, GError **error);
