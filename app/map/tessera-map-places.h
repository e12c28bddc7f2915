#pragma once
/* A layout as plain places, one a tile, or one on the way between two such layouts. Immutable and
 * shared between threads by reference. What lies between two is worked out place by place where it
 * is asked for, so that a map in movement needs no array for every picture of it; only where a
 * movement changes its goal on the way is one made. No GTK here. */

#include <glib.h>
#include <math.h>
#include <stdbool.h>

typedef struct TesseraMapPlaces TesseraMapPlaces;

/** References xy, floats [n,2] with NAN for absent points, and takes its bounds. NULL counts as
 * empty. */
TesseraMapPlaces *tessera_map_places_new (GBytes *xy);

/** The places t of the way from one layout to another ([0,1]; n is the smaller of both; a point
 * absent in `to` is absent, one absent in `from` is where `to` has it). References both until they
 * are settled. */
TesseraMapPlaces *tessera_map_places_new_between (TesseraMapPlaces *from, TesseraMapPlaces *to,
                                                  double t);

/** Takes one more reference, on any thread; returns places. */
TesseraMapPlaces *tessera_map_places_ref (TesseraMapPlaces *places);

/** Drops a reference, on any thread. */
void tessera_map_places_unref (TesseraMapPlaces *places);

/** The number of tiles, absent ones included. */
guint32 tessera_map_places_n (const TesseraMapPlaces *places);

/** A tile's place; false if it is absent or out of range. Any thread, does not wait. */
bool tessera_map_places_get (TesseraMapPlaces *places, guint32 tile, double *x, double *y);

/** The bounds of all present points, of places in between those between both bounds; false if there
 * are none. */
bool tessera_map_places_bounds (const TesseraMapPlaces *places, double *x0, double *y0, double *x1,
                                double *y1);

/** What places are read from, tile after tile. */
typedef struct {
  const float *from, *to; /* [n,2]; from NULL: to as it is */
  float t;
  guint32 n;
  TesseraMapPlaces *kept[2];
} TesseraMapReading;

/** Begins to read all of them, in O(n) where they lie between places that lie between others
 * themselves: those are settled (made an array, 8 bytes a tile) first. Ended by
 * tessera_map_reading_clear. Any thread. */
TesseraMapReading tessera_map_reading_begin (TesseraMapPlaces *places);

/** Drops what reading referred to. */
void tessera_map_reading_clear (TesseraMapReading *reading);

/** Writes a tile's place (tile < n); false, and NAN, if it is absent. */
static inline bool
tessera_map_reading_get (const TesseraMapReading *reading, gsize tile, float p[2])
{
  const float *b = reading->to + 2 * tile;
  p[0] = b[0], p[1] = b[1];
  if (!isfinite (b[0]) || !isfinite (b[1])) {
    p[0] = p[1] = NAN;
    return false;
  }
  if (!reading->from)
    return true;
  const float *a = reading->from + 2 * tile;
  if (isfinite (a[0]) && isfinite (a[1])) {
    p[0] = a[0] + (b[0] - a[0]) * reading->t;
    p[1] = a[1] + (b[1] - a[1]) * reading->t;
  }
  return true;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraMapPlaces, tessera_map_places_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TesseraMapReading, tessera_map_reading_clear)
