#pragma once
/* Blocks of a slide's pixels, decoded by threads of their own in the order they are wanted. No GTK
 * here.
 *
 * The slide is seen through a pyramid of powers of two, whatever the file has: at zoom k a pixel is
 * 2^k pixels of level 0 wide, read from the nearest finer level of the file. */

#include "tsr-slide.h"

#define TESSERA_SLIDE_BLOCK 256 /* pixels along the side of a block */
#define TESSERA_SLIDE_BLOCK_BYTES                                                                  \
  ((size_t)TESSERA_SLIDE_BLOCK * TESSERA_SLIDE_BLOCK * sizeof (guint32))

/** Which block: its corner is (column, row) * TESSERA_SLIDE_BLOCK * 2^zoom in pixels of level 0. */
typedef struct {
  gint32 zoom, column, row;
} TesseraSlideKey;

/** A decoded block. What lies outside of the slide is white, what cannot be decoded is hatched. */
typedef struct {
  TesseraSlideKey key;
  guint32 *pixels; /* 0xffRRGGBB, [256][256]; g_free */
  char *damage;    /* why a part is hatched, one sentence; NULL: nothing is */
} TesseraSlideBlock;

typedef struct TesseraSlideLoader TesseraSlideLoader;

/** Called on the main context; takes the block. */
typedef void (*TesseraSlideBlockFunc) (TesseraSlideBlock *block, gpointer user);

/** The coarsest zoom that is of use: there one block holds the whole slide. */
int tessera_slide_coarsest (const TsrSlideInfo *info);

/** The zoom to be shown at `scale` screen pixels a pixel of level 0: the coarsest whose pixels are
 * no larger than the screen's. */
int tessera_slide_zoom_for (const TsrSlideInfo *info, double scale);

/** Starts threads that sleep until something is wanted. References the slide. Main thread only, as
 * all that follows. */
TesseraSlideLoader *tessera_slide_loader_new (TsrSlide *slide, TesseraSlideBlockFunc done,
                                              gpointer user);

/** Returns at once; no callback comes afterwards. Threads that decode end on their own. */
void tessera_slide_loader_free (TesseraSlideLoader *loader);

/** What is wanted from now on, the most urgent first. What was wanted before and no longer is, is
 * not begun, and given up between two parts if it is under way. Each once. Copied. */
void tessera_slide_loader_want (TesseraSlideLoader *loader, const TesseraSlideKey *keys, guint n);

/** How many blocks were handed over so far. */
guint64 tessera_slide_loader_n_decoded (TesseraSlideLoader *loader);

/** Frees a block and its pixels; NULL is allowed. */
void tessera_slide_block_free (TesseraSlideBlock *block);
