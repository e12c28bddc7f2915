#pragma once
/* Small slides of every layout, written by libtiff and OpenJPEG, whose pixels are known. */

#include "tsr-slide.h"

#include <tiffio.h>

typedef enum { CHAIN, SUBS } SlideLevels; /* where the coarser levels hang */

/** How a slide is stored. Zero is 8-bit RGB without compression, one level, tiles of 32 x 32. */
typedef struct {
  const char *name;
  uint16_t bits, samples, photometric, planar, compression, orientation;
  uint16_t extra;     /* kind of the last sample + 1, or 0 */
  int tile_w, tile_h; /* of tiles */
  int rows;           /* of a strip; 0: tiles */
  int n_levels;
  SlideLevels where;
  const char *mode; /* more letters for TIFFOpen: "8", "b" */
  const char *description;
  double mpp;      /* as a resolution in centimetres; 0: none */
  int subsampling; /* of JPEG's chroma, 1 or 2 */
  bool sparse;     /* the tile at the origin of level 0 is left out */
} SlideKind;

#define SLIDE_W 150
#define SLIDE_H 101

/** What channel c shows at (x, y) of a level, 0..255: smooth, so that lossy codecs keep it. */
int slide_smooth (int level, int x, int y, int c);

/** The same without any order. */
int slide_rough (int level, int x, int y, int c);

/** Writes a slide into a temporary file; free the path and remove the file. */
char *slide_write (const SlideKind *kind);

/** The RGB pixel a reader must show at (x, y) of a level as it is stored. */
void slide_expected (const SlideKind *kind, int level, int x, int y, uint8_t rgb[3]);

/** Size of a level as stored. */
void slide_level_size (const SlideKind *kind, int level, int *width, int *height);

/** Opens a fixture and removes its file's name; fails the test if it cannot be opened. */
TsrSlide *slide_open_fixture (const SlideKind *kind);

/** Compresses n components of w x h bytes ([c][h][w]) to a lossless JPEG 2000 codestream. */
GBytes *slide_jp2k (const uint8_t *planes, int n, int w, int h);

/** The same in JP2's boxes for one component, with a palette of two entries and as many columns as
 * are said; entry i of column c is 100 * i + 10 * c. */
GBytes *slide_jp2_palette (const uint8_t *plane, int columns, int w, int h);
