#pragma once
/* Slides that the tests write, and a project of them: two pieces of tissue on glass, so that where
 * there are tiles is known. */

#include <stdbool.h>

#define WINDOW_SLIDE_W 1280
#define WINDOW_SLIDE_H 960

/** Whether there is tissue at a pixel of level 0. */
bool window_slide_tissue (int x, int y);

/** Writes folder/name, a TIFF of two levels; mpp 0: it does not say. Transfer full: its path. */
char *window_slide_write (const char *folder, const char *name, double mpp);

/** Makes folder/name.tessera of n slides "slide-1.tif" ... of 0.5 um a pixel in folder/name-slides,
 * cut into tiles of 64 pixels, with vectors, a map and two classes (the upper and the lower piece
 * of tissue). Transfer full: its path. */
char *window_slides_project (const char *folder, const char *name, unsigned n);
