/* libFuzzer target: the JSON that a project keeps beside its map, and of a slide's stains. Built by
 * tests/fuzz/build.sh. */

#include "fuzz.h"
#include "tsr-map-info.h"
#include "tsr-stain.h"

#include <math.h>

/* What was read and written is the same when it is read again. */
static void
read_map (const char *text)
{
  g_autoptr (TsrMapInfo) info = tsr_map_info_parse (text);
  if (!info || (info->kept && !info->trust.k))
    abort ();
  g_autofree char *written = tsr_map_info_format (info);
  g_autoptr (TsrMapInfo) again = tsr_map_info_parse (written);
  g_autofree char *twice = tsr_map_info_format (again);
  if (again->n != info->n || again->trust.k != info->trust.k || again->tiles != info->tiles ||
      strcmp (written, twice) != 0)
    abort ();
  tsr_map_info_resize (info, info->n + 3);
  for (uint32_t i = 0; i < info->n + 2; i++) {
    double share = tsr_map_info_kept (info, i);
    if (!isnan (share) && !(share >= 0 && share <= 1))
      abort ();
  }
}

static void
read_stain (const char *text)
{
  GError *error = NULL;
  TsrStain stain, again;
  bool ok = tsr_stain_from_json (text, &stain, &error);
  fuzz_check (ok, &error);
  if (!ok)
    return;
  g_autofree char *written = tsr_stain_to_json (&stain);
  if (!tsr_stain_from_json (written, &again, NULL))
    abort ();
  g_autofree char *twice = tsr_stain_to_json (&again);
  if (strcmp (written, twice) != 0)
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  g_autofree char *text = g_strndup ((const char *)bytes, n);
  read_map (text);
  read_stain (text);
  return 0;
}
