#pragma once
/* What tests of the gallery do with it: tiles by their place in its order, real clicks and keys. */

#include "tessera-gallery.h"
#include "window-test.h"

#define GALLERY_N 300 /* tiles of gallery_open's project */

/** Opens a project in a window and brings the gallery to the front, nothing selected, at its top.
 */
void gallery_open (WindowTest *test, WindowFixtureParts parts);
TesseraGallery *gallery_of (WindowTest *test);
TesseraGalleryView *gallery_view (WindowTest *test);
TesseraGalleryOrder *gallery_order (WindowTest *test);
/** The name of the view in front. */
const char *gallery_front (WindowTest *test);

/** Until nothing is being sorted or waits for the disk. */
void gallery_settle (WindowTest *test);
/** Presses a key and settles. */
void gallery_key (WindowTest *test, const char *keys);
/** Moves the pointer to the tile at a place and lets xdotool do what words say, "click 1". */
void gallery_at_place (WindowTest *test, uint32_t place, const char *words);
/** The middle of the tile at a place on the screen. */
void gallery_point_at (WindowTest *test, uint32_t place, int *x, int *y);

uint32_t gallery_current (WindowTest *test);
size_t gallery_n_selected (WindowTest *test);
gboolean gallery_is_selected (WindowTest *test, uint32_t place);
/** The label of the tile at a place. */
int32_t gallery_label_at (WindowTest *test, uint32_t place);
/** Sorts by the setting of that name. */
void gallery_choose_sort (WindowTest *test, const char *name);
