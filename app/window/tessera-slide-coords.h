#pragma once
/* Which tiles of slides to cut, as files of coordinates say: read on a thread, and what was wanted
 * last is what counts. No GTK here; main thread only. */

#include "tsr-slide-coords.h"

#include <gio/gio.h>

typedef struct TesseraSlideCoords TesseraSlideCoords;

/** Called once what was wanted has been read, or could not be: problem is then one sentence,
 * borrowed; else NULL. */
typedef void (*TesseraSlideCoordsFunc) (const char *problem, gpointer user);

/** Wants nothing. */
TesseraSlideCoords *tessera_slide_coords_new (TesseraSlideCoordsFunc done, gpointer user);

/** Gives up what is being read; done is not called any more. NULL is allowed. */
void tessera_slide_coords_free (TesseraSlideCoords *self);

/** Wants the coordinates of the slides at files from paths (both ended by NULL; no path: nothing is
 * wanted). side: of a tile in pixels of level 0 where a file does not say; 0: not known. TRUE if
 * that is something else than before and is being read from now on. Copied. */
gboolean tessera_slide_coords_want (TesseraSlideCoords *self, char *const *files,
                                    char *const *paths, double side);

/** Whether any are wanted. */
gboolean tessera_slide_coords_are_wanted (const TesseraSlideCoords *self);

/** Those that were wanted; NULL while they are not read, or cannot be. Borrowed. */
TsrSlideCoords *tessera_slide_coords_get (const TesseraSlideCoords *self);

/** What was left out of them: TsrSkippedFile, borrowed; NULL while there are none. */
const GPtrArray *tessera_slide_coords_get_refused (const TesseraSlideCoords *self);

/** What is to be known of coordinates that are there: files and rows that were left out, in a
 * sentence or two. Transfer full; NULL: nothing. */
char *tessera_slide_coords_describe (const TesseraSlideCoords *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraSlideCoords, tessera_slide_coords_free)
