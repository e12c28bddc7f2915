#pragma once
/* A copy of the project for a second reader, who shall not know what the first one said. */

#include "tessera-window.h"

/** Asks which tiles are to be read and where the copy goes, and writes it. */
void tessera_second_reader_run (TesseraWindow *window);

/** Writes the copy to path on a thread, with at most so many tiles to be read (0: all); a toast
 * says what came of it. */
void tessera_second_reader_write (TesseraWindow *window, const char *path, guint tiles);
