#pragma once
/* Which tile a row of somebody's table means. */

#include "tsr-csv.h"
#include "tsr-project.h"

typedef struct {
  int file, number; /* columns; -1: not there */
  uint32_t n;       /* tiles */
  char **names;     /* [n] */
  char *column;     /* what the table calls the first of the two columns */
} TsrTileRows;

/** Looks for the columns that name tiles: file (or path, tile, filename, image, name) and tile_id.
 * False if there is neither. Clear it in any case. */
bool tsr_tile_rows_init (TsrTileRows *rows, TsrProject *project, const TsrCsvRow *header);

/** Frees the names, once or more often; the struct is the caller's. */
void tsr_tile_rows_clear (TsrTileRows *rows);

/** The tile a row means: its number if the name agrees or is missing, else its name, which must be
 * one tile's alone. Returns false with a sentence that says why not. */
bool tsr_tile_rows_find (const TsrTileRows *rows, TsrProject *project, const TsrCsvRow *row,
                         uint32_t *tile, GError **error);
