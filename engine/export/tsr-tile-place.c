#include "tsr-tile-place.h"

#include <math.h>
#include <string.h>

void
tsr_tile_place_clear (TsrTilePlace *place)
{
  g_free (place->slide);
  *place = (TsrTilePlace){0};
}

/* Reads "x=1024" into the field it names; false if it is something else. */
static bool
read_part (const char *part, TsrTilePlace *place, unsigned *seen)
{
  static const char keys[] = "dxywh";
  double *const fields[] = {&place->downsample, &place->x, &place->y, &place->width,
                            &place->height};
  const char *key = part[0] ? strchr (keys, part[0]) : NULL;
  if (!key || part[1] != '=' || !(g_ascii_isdigit (part[2]) || part[2] == '-'))
    return false;
  char *end;
  double value = g_ascii_strtod (part + 2, &end);
  if (*end || !isfinite (value) || (*seen & 1u << (key - keys)))
    return false;
  *fields[key - keys] = value;
  *seen |= 1u << (key - keys);
  return true;
}

bool
tsr_tile_place_parse (const char *name, TsrTilePlace *place)
{
  *place = (TsrTilePlace){.downsample = 1};
  g_autofree char *base = g_path_get_basename (name);
  char *open = strrchr (base, '['), *close = open ? strchr (open, ']') : NULL;
  if (!close || open == base) {
    *place = (TsrTilePlace){0};
    return false;
  }
  *open = *close = '\0';
  g_auto (GStrv) parts = g_strsplit (open + 1, ",", 8);
  unsigned seen = 0;
  bool good = true;
  for (guint i = 0; parts[i]; i++)
    good = good && read_part (g_strstrip (parts[i]), place, &seen);
  if (!good || (seen & ~1u) != 0x1eu || place->downsample <= 0 || place->width <= 0 ||
      place->height <= 0) {
    *place = (TsrTilePlace){0};
    return false;
  }
  place->slide = g_strdup (g_strchomp (base));
  return true;
}

TsrTilePlace *
tsr_tile_places_of_names (char *const *names, size_t n)
{
  TsrTilePlace *places = g_new (TsrTilePlace, n + 1);
  for (size_t i = 0; i < n; i++)
    tsr_tile_place_parse (names[i], &places[i]);
  return places;
}

void
tsr_tile_places_free (TsrTilePlace *places, size_t n)
{
  for (size_t i = 0; places && i < n; i++)
    tsr_tile_place_clear (&places[i]);
  g_free (places);
}
