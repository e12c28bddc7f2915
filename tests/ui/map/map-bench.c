/* Prints the map's timings; `tessera bench draw` is the polished form of this. Usage: map-bench [N]
 */

#include "tessera-map-bench.h"

#include <stdlib.h>

static void
print (const char *name, TesseraTiming t)
{
  g_print ("%-16s median %8.3f  p99 %8.3f  worst %8.3f ms (%u runs)\n", name, t.median, t.p99,
           t.worst, t.runs);
}

int
main (int argc, char **argv)
{
  TesseraMapBench b;
  tessera_map_bench_run (argc > 1 ? (guint)atoi (argv[1]) : 1000000, 1600, 1200, true, &b);
  g_print ("%u points, %u x %u, %u threads, %.0f bytes a point\n", b.n, b.width, b.height,
           b.threads, b.bytes_per_point);
  print ("index", b.index);
  print ("raster", b.raster);
  print ("raster near", b.raster_near);
  print ("recolour", b.recolour);
  print ("hover", b.hover);
  print ("lasso", b.lasso);
  g_print ("lasso points     %u\n", b.lasso_points);
  if (!b.window)
    return 0;
  g_print ("window (%s), first paint %.0f ms\n", b.renderer, b.first_paint);
  print ("pan frame", b.pan_frame);
  print ("pan interval", b.pan_interval);
  print ("pan processor", b.pan_processor);
  print ("pan raster", b.pan_raster);
  print ("zoom frame", b.zoom_frame);
  print ("zoom processor", b.zoom_processor);
  print ("pick", b.pick);
  print ("select", b.select);
  print ("hide a class", b.hide);
  print ("set points", b.set_points);
  print ("label to frame", b.label_to_frame);
  print ("glow frame", b.glow_frame);
  print ("glow processor", b.glow_processor);
  return 0;
}
