/* libFuzzer target: any bytes as a tile's name of QuPath's. Built by tests/fuzz/build.sh. */

#include "fuzz.h"
#include "tsr-tile-place.h"

#include <math.h>

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  g_autofree char *name = g_strndup ((const char *)bytes, n);
  g_auto (TsrTilePlace) place = {0};
  if (tsr_tile_place_parse (name, &place)) {
    if (!place.slide || !isfinite (place.x) || !isfinite (place.y) || !(place.width > 0) ||
        !(place.height > 0) || !(place.downsample > 0) || !isfinite (place.width * 0))
      abort ();
  } else if (place.slide) {
    abort ();
  }
  return 0;
}
