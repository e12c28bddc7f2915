#pragma once
/* What tiles look like, whether they are files or regions of slides. */

#include "tsr-project.h"

/** Where the pictures of some tiles are. Independent of the project once it is made, and may be
 * used by any number of threads at the same time. Slides come from the pool (tsr-slide-pool.h). */
typedef struct TsrTilePictures TsrTilePictures;

/** Notes where the pictures of tiles[n] are; they are numbered 0..n-1 below. NULL with error. */
TsrTilePictures *tsr_tile_pictures_new (TsrProject *project, const uint32_t *tiles, size_t n,
                                        GError **error);

/** Frees it; NULL is allowed. */
void tsr_tile_pictures_free (TsrTilePictures *pictures);

/** How large picture i is and how many channels it has: by the file's header, or, of a region, as
 * it was cut, which needs no file. False with one sentence (TSR_ERROR_IMAGE). */
bool tsr_tile_pictures_info (const TsrTilePictures *pictures, size_t i, int *width, int *height,
                             int *channels, GError **error);

/* A size for people instead of networks: a region in its slide's own pixels, at most 1024 of them,
 * however coarse it was cut; a file as it is. */
#define TSR_TILE_FINEST (-1)

/** Picture i, as tsr_image_load gives it: with size 0 as it is, else size x size, or
 * TSR_TILE_FINEST. A region is read at that size from the slide itself. False with one sentence
 * where its file cannot be read; a slide whose file has another size than when it joined, or does
 * not look as the thumbnails of its tiles do (tsr-slide-witness.h), counts as missing. */
bool tsr_tile_pictures_load (const TsrTilePictures *pictures, size_t i, int size, int channels,
                             TsrImage *image, GError **error);

/** Pictures [first, first + count) as bytes [count][size][size][channels], in parallel; channels is
 * 1 or 3. Neighbouring regions of one slide are read together. missing[i] becomes 1 where a
 * picture cannot be read, whose bytes are then undefined; errors (NULL, or count of them, all
 * NULL) receives why. Not from within tsr_parallel_for. */
void tsr_tile_pictures_load_many (const TsrTilePictures *pictures, size_t first, size_t count,
                                  int size, int channels, uint8_t *pixels, uint8_t *missing,
                                  GError **errors);

/** One tile's picture, for who needs one: as tsr_tile_pictures_load. */
bool tsr_project_tile_picture (TsrProject *project, uint32_t tile, int size, int channels,
                               TsrImage *image, GError **error);

/** A region of a slide in its surroundings: the square that is `times` (an odd number, 3 to 15) as
 * wide with the tile in its middle, white beyond the slide, at most 1024 pixels across. A file has
 * no surroundings, and a tile that is not there neither: false without error. Where the slide
 * cannot be read the thumbnails of the tiles in it stand in, each at its place; false with one
 * sentence where there are no others than its own. */
bool tsr_project_tile_surroundings (TsrProject *project, uint32_t tile, int times, TsrImage *image,
                                    GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrTilePictures, tsr_tile_pictures_free)
