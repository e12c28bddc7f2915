#pragma once
/* The pixels of a project's tiles, decoded on several threads to what a network takes. Where the
 * project normalises its tiles (tsr-project-stains.h), that is done here, and only here: what
 * people see stays as it was scanned. */

#include "tsr-normaliser.h"
#include "tsr-tile-pictures.h"

typedef struct {
  TsrTilePictures *pictures; /* one for each tile below */
  GArray *tiles;             /* uint32_t: numbers of the tiles that are not excluded, in order */
  TsrNormaliser *normaliser; /* of the tiles above; NULL: they stay as they were scanned */
} TsrTileSource;

/** Tiles whose files or slides cannot be read any more. */
typedef struct {
  uint32_t thumbnails; /* served from their cached thumbnails */
  uint32_t failed;     /* had not even that */
} TsrLostTiles;

/** Lists the tiles of a project that are not excluded. NULL with error. */
TsrTileSource *tsr_tile_source_new (TsrProject *project, GError **error);

#define TSR_TILE_SOURCE_SAMPLE 64

/** The same of at most `most` of those tiles, evenly spread over them. A sample of
 * TSR_TILE_SOURCE_SAMPLE probes as all of them do, without asking for a path a tile. */
TsrTileSource *tsr_tile_source_new_sample (TsrProject *project, uint32_t most, GError **error);

/** The same of tiles[n], excluded or not. */
TsrTileSource *tsr_tile_source_new_of (TsrProject *project, const uint32_t *tiles, size_t n,
                                       GError **error);

/** Frees both lists; NULL is allowed. */
void tsr_tile_source_free (TsrTileSource *source);

/** The smallest side among a sample of tiles, and 1 if all of the sample are grey, else 3. Regions
 * of slides count by how they were cut, also where their slide is missing. Fails if none can be
 * read. */
bool tsr_tile_source_probe (TsrTileSource *source, int *size, int *channels, GError **error);

/** Decodes tiles [first, first + count) of the list to bytes [count][size][size][channels], in
 * parallel; a region of a slide is read at that size from the slide. A tile whose file (or slide)
 * has gone or broken since comes from its cached thumbnail instead; lost (added to; or NULL) counts
 * those and those that had neither and are mid grey. Pixels are normalised at that size, in colour,
 * before they become grey for a network of one channel. */
void tsr_tile_source_load (TsrTileSource *source, TsrProject *project, size_t first, size_t count,
                           int size, int channels, uint8_t *pixels, TsrLostTiles *lost);

/** The same; missing [count] receives 1 for the tiles that are mid grey, else 0. */
void tsr_tile_source_load_known (TsrTileSource *source, TsrProject *project, size_t first,
                                 size_t count, int size, int channels, uint8_t *pixels,
                                 uint8_t *missing, TsrLostTiles *lost);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrTileSource, tsr_tile_source_free)
