#pragma once
/* The tiles of a training: read from the project straight into the device's memory, so that there
 * is no second copy of them, with some kept aside for what looks at them here. */

#include "tsr-tile-memory.h"
#include "tsr-tile-source.h"

/* The tiles shown beside their reconstructions are the first of those that are kept to watch. */
enum { TSR_TRAIN_PREVIEWS = 8, TSR_TRAIN_PROBE = 64, TSR_TRAIN_SAMPLE = 2048 };

typedef struct {
  TsrTileMemory *all;
  uint8_t *sample; /* evenly spread ones, bytes [n_sample][r][r][channels] */
  uint32_t n_sample;
  uint8_t *probe; /* TSR_TRAIN_PROBE of them, spread so that the first of them are as well */
} TsrTrainTiles;

/** Reads the source's tiles at a resolution of r. lost counts those that could not be read, all of
 * which is an error. False with error: TSR_ERROR_MEMORY, before anything is read, if they do not
 * fit. tiles is to be empty, and to be cleared in any case. */
bool tsr_train_tiles_load (TsrTrainTiles *tiles, TsrDevice *device, TsrProject *project,
                           TsrTileSource *source, int r, int channels, TsrLostTiles *lost,
                           const TsrProgress *progress, GError **error);

/** Frees what there is, once or more often; the trainer must be gone. */
void tsr_train_tiles_clear (TsrTrainTiles *tiles);
