#pragma once
/* Tables that say where on their slides existing tiles lie: Slideflow's, WSInfer's, Tessera's own,
 * others with such columns, and the HDF5 files of TRIDENT and CLAM. */

#include "tsr-tile-place.h"

#include <stdint.h>

/** What a table does not say itself. */
typedef struct {
  const char *slide;       /* for tables without a column for the slide; NULL: the file's own name,
                              without folder and “.csv”, as WSInfer names its tables */
  double width, height;    /* of tiles, in pixels of level 0, for tables that say only where; 0: not
                              known */
  const char *size_option; /* what says that, for the sentence that asks for it; NULL: nothing */
} TsrPlaceOptions;

typedef struct {
  char *file;         /* the tile as the table calls it; NULL: it does not */
  TsrTilePlace place; /* slide and level-0 pixels; downsample 1 */
  guint line;         /* of the file, from 1 */
  bool centre;        /* the table gives the tile's middle (loc_x, loc_y) */
} TsrPlaceRow;

typedef struct {
  GPtrArray *rows; /* TsrPlaceRow */
  uint32_t bad;    /* rows whose numbers make no sense */
  guint bad_line;  /* the first of them */
} TsrPlaceTable;

/** Reads path: where it begins as HDF5 does by tsr-coords.h, the slide by its own word, else by the
 * file's name without “_patches” and “.h5”; all else as a table (tsr-csv.h). Its first line names
 * the columns, in any case and order: minx, miny (or x, y) and width, height (or w, h; tile_size,
 * patch_size; else the options') for the upper left corner and size, or loc_x, loc_y for the middle
 * (Slideflow), in pixels of level 0; slide (or slide_id, slide_name); file (or path, tile,
 * filename, image, name). Numbers lie within ±2^31, sizes are above 0. TSR_ERROR_FAILED in one
 * sentence if a column is missing that is needed, if tiles have no size, or if no row can be used.
 * Owned by the caller. */
TsrPlaceTable *tsr_place_table_read (const char *path, const TsrPlaceOptions *options,
                                     GError **error);

/** Frees the table; NULL is allowed. */
void tsr_place_table_free (TsrPlaceTable *table);

/** Adds the file to `skipped` (of TsrSkippedFile) where rows of its table make no sense, with how
 * many. `shown`: its name for people. */
void tsr_place_table_skip_bad (const TsrPlaceTable *table, const char *shown, GPtrArray *skipped);

/** What came of placing tiles. */
typedef struct {
  uint32_t placed;    /* tiles that have a place now and had none, or another */
  uint32_t unknown;   /* rows that name no tile */
  uint32_t ambiguous; /* rows that name several */
} TsrPlaceCounts;

/** Gives tiles their places: names[n] as tsr_project_tile_names has them, places[n] (slide NULL:
 * none yet) are replaced where a row is about the tile. A row is about the tile that has its file's
 * name, whole or without folders; where the table names no files, the one that Slideflow names
 * “SLIDE-X-Y.EXTENSION” by the numbers of the row, or that lies at the row's place already. The
 * later of two rows counts. */
void tsr_place_table_apply (const TsrPlaceTable *table, char *const *names, TsrTilePlace *places,
                            size_t n, TsrPlaceCounts *counts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrPlaceTable, tsr_place_table_free)
