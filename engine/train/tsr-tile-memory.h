#pragma once
/* A training's tiles on its device. A device gives memory in pieces of at most so many bytes, and
 * the tiles of a large project do not fit in one (2 GiB on a processor are 11,000 tiles of 256
 * pixels), so that they lie in as many as are needed. */

#include "tsr-device.h"

typedef struct {
  TsrDevice *device; /* borrowed */
  size_t image;      /* bytes of a tile */
  uint32_t count;    /* tiles */
  uint32_t each;     /* tiles of a piece; the last may have fewer */
  GPtrArray *pieces; /* of TsrBuffer */
} TsrTileMemory;

/** Memory for count (> 0) tiles of `image` bytes each. NULL with error: TSR_ERROR_MEMORY if the
 * device has not so much left. */
TsrTileMemory *tsr_tile_memory_new (TsrDevice *device, uint32_t count, size_t image,
                                    GError **error);

/** Frees it; nothing may still be drawn from it. NULL is allowed. */
void tsr_tile_memory_free (TsrTileMemory *memory);

/** Stores the tiles [first, first + count), which lie one after the other in pixels. */
bool tsr_tile_memory_write (TsrTileMemory *memory, uint32_t first, uint32_t count,
                            const uint8_t *pixels, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrTileMemory, tsr_tile_memory_free)
