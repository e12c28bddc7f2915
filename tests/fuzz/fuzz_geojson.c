/* libFuzzer target: any bytes as GeoJSON, plain or gzip, and what it says of some tiles. Built by
 * tests/fuzz/build.sh. */

#include "tsr-geojson-read.h"
#include "tsr-region-tiles.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n);

static void
compare (const GPtrArray *regions)
{
  static const TsrBox boxes[] = {{0, 0, 512, 512},
                                 {100, 50, 7, 9},
                                 {-4e9, -4e9, 8e9, 8e9},
                                 {3.5, 2.25, 1, 1e6},
                                 {10240, 20480, 512, 512}};
  double share[G_N_ELEMENTS (boxes)];
  g_auto (TsrRegionLabels) labels = {0};
  if (!tsr_regions_share (regions, boxes, G_N_ELEMENTS (boxes), share, NULL, NULL) ||
      !tsr_regions_label (regions, boxes, G_N_ELEMENTS (boxes), 0.5, &labels, NULL, NULL))
    abort ();
  for (size_t i = 0; i < G_N_ELEMENTS (boxes); i++)
    if (!(share[i] >= 0 && share[i] <= 1) || labels.of_box[i] >= (int32_t)labels.classes->len)
      abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  int fd = memfd_create ("geojson", MFD_CLOEXEC);
  char path[64];
  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  if (fd < 0 || write (fd, bytes, n) != (ssize_t)n)
    abort ();
  GError *error = NULL;
  TsrGeojsonCounts counts;
  g_autoptr (GPtrArray) regions = tsr_geojson_read (path, TSR_REGION_ALL, &counts, NULL, &error);
  if (regions ? error != NULL : !error || !g_utf8_validate (error->message, -1, NULL))
    abort ();
  if (regions && (counts.areas != regions->len ||
                  counts.areas + counts.no_area + counts.broken != counts.features))
    abort ();
  g_clear_error (&error);
  if (regions)
    compare (regions);
  close (fd);
  return 0;
}
