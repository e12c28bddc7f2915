#pragma once
/* Small pictures that are drawn above the map again and again, kept as textures: a light at each of
 * its strengths, the marker in it. Without a GPU a copy costs a tenth of drawing them anew; with
 * one they are uploaded once. For the main thread. */

#include <gdk/gdk.h>

typedef struct TesseraMapStamps TesseraMapStamps;

/** What tells one picture from another; numbers mean what the caller wants, unused ones are 0. */
typedef struct {
  guint32 kind, rgb[3];
  gint32 number[4];
} TesseraMapStampKey;

/** Draws about (0, 0) in logical pixels, into what is transparent. */
typedef void (*TesseraMapStampFunc) (cairo_t *cr, const TesseraMapStampKey *key);

/** Without pictures; owned by the caller. */
TesseraMapStamps *tessera_map_stamps_new (void);

/** Frees them with their pictures; not NULL. */
void tessera_map_stamps_free (TesseraMapStamps *stamps);

/** How large a picture is and where its middle lies; with the key, what tells it from others. */
typedef struct {
  gint32 half;  /* logical pixels from the middle's pixel to each edge */
  gint32 ratio; /* device pixels each */
  gint32 x, y;  /* of the middle, in quarters of a device pixel right of and below the centre */
} TesseraMapStampPlace;

/** The picture of key, 2 * half logical pixels wide and high, borrowed until the next call; drawn
 * by func if it is not kept. */
GdkTexture *tessera_map_stamps_get (TesseraMapStamps *stamps, const TesseraMapStampKey *key,
                                    const TesseraMapStampPlace *place, TesseraMapStampFunc func);
