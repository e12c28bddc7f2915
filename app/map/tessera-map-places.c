#include "tessera-map-places.h"

struct TesseraMapPlaces {
  gatomicrefcount refs;
  guint32 n;
  bool any;
  double x0, y0, x1, y1;
  GMutex lock; /* over what follows; held for a few instructions only */
  GBytes *bytes;
  const float *xy;             /* [n,2]; NULL: between from and to */
  TesseraMapPlaces *from, *to; /* until settled */
  float t;
};

static void
take_bounds (TesseraMapPlaces *places)
{
  float x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
  for (guint32 i = 0; i < places->n; i++) {
    const float *p = places->xy + 2 * (gsize)i;
    if (!isfinite (p[0]) || !isfinite (p[1]))
      continue;
    x0 = MIN (x0, p[0]), x1 = MAX (x1, p[0]);
    y0 = MIN (y0, p[1]), y1 = MAX (y1, p[1]);
  }
  places->any = x0 <= x1;
  if (places->any)
    places->x0 = x0, places->y0 = y0, places->x1 = x1, places->y1 = y1;
}

static TesseraMapPlaces *
alloc_places (void)
{
  TesseraMapPlaces *places = g_new0 (TesseraMapPlaces, 1);
  g_atomic_ref_count_init (&places->refs);
  g_mutex_init (&places->lock);
  return places;
}

TesseraMapPlaces *
tessera_map_places_new (GBytes *xy)
{
  static const float none[2];
  TesseraMapPlaces *places = alloc_places ();
  places->xy = none;
  if (xy) {
    gsize size;
    const float *data = g_bytes_get_data (xy, &size);
    places->xy = data ? data : none;
    places->n = (guint32)MIN (size / (2 * sizeof (float)), (gsize)G_MAXUINT32 - 1);
    places->bytes = g_bytes_ref (xy);
  }
  take_bounds (places);
  return places;
}

TesseraMapPlaces *
tessera_map_places_new_between (TesseraMapPlaces *from, TesseraMapPlaces *to, double t)
{
  TesseraMapPlaces *places = alloc_places ();
  places->from = tessera_map_places_ref (from);
  places->to = tessera_map_places_ref (to);
  places->n = MIN (from->n, to->n);
  places->t = (float)t;
  places->any = to->any;
  if (!from->any)
    from = to;
  places->x0 = from->x0 + (to->x0 - from->x0) * t;
  places->y0 = from->y0 + (to->y0 - from->y0) * t;
  places->x1 = from->x1 + (to->x1 - from->x1) * t;
  places->y1 = from->y1 + (to->y1 - from->y1) * t;
  return places;
}

TesseraMapPlaces *
tessera_map_places_ref (TesseraMapPlaces *places)
{
  g_atomic_ref_count_inc (&places->refs);
  return places;
}

void
tessera_map_places_unref (TesseraMapPlaces *places)
{
  if (!g_atomic_ref_count_dec (&places->refs))
    return;
  g_clear_pointer (&places->from, tessera_map_places_unref);
  g_clear_pointer (&places->to, tessera_map_places_unref);
  g_clear_pointer (&places->bytes, g_bytes_unref);
  g_mutex_clear (&places->lock);
  g_free (places);
}

guint32
tessera_map_places_n (const TesseraMapPlaces *places)
{
  return places->n;
}

bool
tessera_map_places_bounds (const TesseraMapPlaces *places, double *x0, double *y0, double *x1,
                           double *y1)
{
  if (!places->any)
    return false;
  *x0 = places->x0, *y0 = places->y0, *x1 = places->x1, *y1 = places->y1;
  return true;
}

/* What places are now: an array, or between two that are referenced for the caller. */
static const float *
look (TesseraMapPlaces *places, TesseraMapPlaces *ends[2])
{
  g_mutex_lock (&places->lock);
  const float *xy = places->xy;
  if (!xy) {
    ends[0] = tessera_map_places_ref (places->from);
    ends[1] = tessera_map_places_ref (places->to);
  }
  g_mutex_unlock (&places->lock);
  return xy;
}

/* As far as one tile is concerned. */
static bool
get (TesseraMapPlaces *places, guint32 tile, float p[2])
{
  TesseraMapPlaces *ends[2] = {0};
  const float *xy = look (places, ends);
  TesseraMapReading one = {.to = xy ? xy + 2 * (gsize)tile : p, .t = places->t, .n = 1};
  float a[2], b[2];
  if (xy)
    return tessera_map_reading_get (&one, 0, p);
  get (ends[0], tile, a);
  get (ends[1], tile, b);
  one.from = a, one.to = b;
  bool found = tessera_map_reading_get (&one, 0, p);
  tessera_map_places_unref (ends[0]);
  tessera_map_places_unref (ends[1]);
  return found;
}

bool
tessera_map_places_get (TesseraMapPlaces *places, guint32 tile, double *x, double *y)
{
  float p[2];
  if (tile >= places->n || !get (places, tile, p))
    return false;
  *x = p[0], *y = p[1];
  return true;
}

/* The array of places, made first if they lie between others. */
static const float *
settle (TesseraMapPlaces *places)
{
  TesseraMapPlaces *ends[2] = {0};
  const float *xy = look (places, ends);
  if (xy)
    return xy;
  TesseraMapReading reading = {settle (ends[0]), settle (ends[1]), places->t, places->n, {0}};
  float *made = g_new (float, 2 * (gsize)MAX (places->n, 1));
  for (gsize i = 0; i < places->n; i++)
    tessera_map_reading_get (&reading, i, made + 2 * i);
  g_autoptr (GBytes) bytes = g_bytes_new_take (made, 2 * (gsize)places->n * sizeof (float));
  TesseraMapPlaces *let_go[2] = {0};
  g_mutex_lock (&places->lock);
  if (!places->xy) { /* nobody else was faster */
    places->bytes = g_bytes_ref (bytes);
    places->xy = made;
    let_go[0] = g_steal_pointer (&places->from);
    let_go[1] = g_steal_pointer (&places->to);
  }
  xy = places->xy;
  g_mutex_unlock (&places->lock);
  for (int i = 0; i < 2; i++) {
    g_clear_pointer (&let_go[i], tessera_map_places_unref);
    tessera_map_places_unref (ends[i]);
  }
  return xy;
}

TesseraMapReading
tessera_map_reading_begin (TesseraMapPlaces *places)
{
  TesseraMapReading reading = {.t = places->t, .n = places->n};
  reading.to = look (places, reading.kept);
  if (reading.to) {
    reading.kept[1] = tessera_map_places_ref (places);
  } else {
    reading.from = settle (reading.kept[0]);
    reading.to = settle (reading.kept[1]);
  }
  return reading;
}

void
tessera_map_reading_clear (TesseraMapReading *reading)
{
  for (int i = 0; i < 2; i++)
    g_clear_pointer (&reading->kept[i], tessera_map_places_unref);
  *reading = (TesseraMapReading){0};
}
