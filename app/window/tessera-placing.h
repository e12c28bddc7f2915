#pragma once
/* Tiles that are files get their places on slides: the work, what the window says of it, and how it
 * is taken back. Nothing of it is labelling, so the journal does not know it. */

#include "tessera-window.h"

typedef struct {
  char *const *tables; /* files of coordinates, ended by NULL; NULL: the tiles' names say */
  char *const *slides; /* files and folders of slides, ended by NULL */
  double side;         /* of a tile in a slide's finest pixels, where a table does not say; 0 */
  double mpp;          /* micrometres a pixel where a slide does not say; NAN */
} TesseraPlacingChoice;

/** Places the tiles of the window's open project (tsr_place_tiles) on a thread of its own. Copied.
 * A table or slide that cannot be used costs itself and is listed. What came of it is said in the
 * window, with a button that takes it back. */
void tessera_placing_begin (TesseraWindow *window, const TesseraPlacingChoice *choice);
