/* tessera bench draw: how fast the map is painted, picked and recoloured. */

#include "tessera-bench.h"
#include "tessera-cli.h"
#include "tessera-map-bench.h"

static const TesseraOption options[] = {
    {.name = "n",
     .letter = 'n',
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .help = "Points",
     .fallback = "1000000",
     .min = 1,
     .max = 1e8},
    {.name = "width",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "PIXELS",
     .help = "Of the map",
     .fallback = "1600",
     .min = 64,
     .max = 16384},
    {.name = "height",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "PIXELS",
     .help = "Of the map",
     .fallback = "1200",
     .min = 64,
     .max = 16384},
    {.name = "no-window",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Measure only what needs no window, even with a display"},
    TESSERA_COMMON_OPTIONS};

/* Every frame of the panned window, as the frame clock had them. */
static void
report_sequence (TesseraCli *cli, const TesseraMapBench *bench)
{
  json_t *frames = json_array ();
  for (guint i = 0; i < bench->pan_frame.runs; i++) {
    json_t *frame = json_object ();
    tessera_cli_set_number (frame, "start_s", bench->pan[i].start / 1e3);
    tessera_cli_set_number (frame, "busy_s", bench->pan[i].busy / 1e3);
    if (bench->pan[i].raster > 0)
      tessera_cli_set_number (frame, "raster_s", bench->pan[i].raster / 1e3);
    json_array_append_new (frames, frame);
  }
  json_object_set_new (cli->result, "pan_frames", frames);
}

static void
report_window (TesseraCli *cli, const TesseraMapBench *bench)
{
  json_object_set_new (cli->result, "window", json_boolean (bench->window));
  if (!bench->window) {
    tessera_cli_print (cli, "  (no window: there is no display, or --no-window was given)\n");
    return;
  }
  tessera_cli_set_text (cli->result, "renderer", bench->renderer);
  tessera_cli_set_number (cli->result, "first_paint_s", bench->first_paint / 1e3);
  tessera_bench_report (cli, "pan_frame", "a frame while panning, main thread", &bench->pan_frame);
  tessera_bench_report (cli, "pan_processor", "  of it processor time", &bench->pan_processor);
  tessera_bench_report (cli, "zoom_frame", "a frame while zooming, main thread",
                        &bench->zoom_frame);
  tessera_bench_report (cli, "zoom_processor", "  of it processor time", &bench->zoom_processor);
  tessera_bench_report (cli, "pan_interval", "between frames while panning", &bench->pan_interval);
  tessera_bench_report (cli, "pan_raster", "until a new raster while panning", &bench->pan_raster);
  tessera_bench_report (cli, "pick", "the tile that a click takes", &bench->pick);
  tessera_bench_report (cli, "select", "a lasso's tiles become the selection", &bench->select);
  tessera_bench_report (cli, "hide", "a class switched off, main thread", &bench->hide);
  tessera_bench_report (cli, "set_points", "taking new colours, main thread", &bench->set_points);
  tessera_bench_report (cli, "label_to_frame", "from a label to its frame", &bench->label_to_frame);
  tessera_bench_report (cli, "glow_frame", "a frame of glow, main thread", &bench->glow_frame);
  tessera_bench_report (cli, "glow_processor", "  of it processor time", &bench->glow_processor);
  report_sequence (cli, bench);
  tessera_cli_print (cli, "  first paint %.1f ms, drawn by %s\n", bench->first_paint,
                     bench->renderer);
}

static bool
run (TesseraCli *cli, GError **error)
{
  guint n = (guint)tessera_options_integer (cli->options, "n");
  guint width = (guint)tessera_options_integer (cli->options, "width");
  guint height = (guint)tessera_options_integer (cli->options, "height");
  bool window = tessera_cli_has_display () && !tessera_options_flag (cli->options, "no-window");
  TesseraMapBench bench;
  if (!tsr_progress_step (&cli->progress, -1, "Drawing", error))
    return false;
  tessera_map_bench_run (n, width, height, window, &bench);
  json_object_set_new (cli->result, "n", json_integer (bench.n));
  json_object_set_new (cli->result, "width", json_integer (bench.width));
  json_object_set_new (cli->result, "height", json_integer (bench.height));
  json_object_set_new (cli->result, "threads", json_integer (bench.threads));
  json_object_set_new (cli->result, "lasso_points", json_integer (bench.lasso_points));
  tessera_cli_set_number (cli->result, "bytes_per_point", bench.bytes_per_point);
  tessera_cli_print (cli, "%u points, %u x %u, %u threads; milliseconds\n  %-38s %9s  %9s  %9s\n",
                     bench.n, bench.width, bench.height, bench.threads, "", "median", "99 %",
                     "worst");
  tessera_bench_report (cli, "index", "sorting a layout", &bench.index);
  tessera_bench_report (cli, "raster", "the whole map", &bench.raster);
  tessera_bench_report (cli, "raster_near", "the map zoomed in", &bench.raster_near);
  tessera_bench_report (cli, "recolour", "new colours for all points", &bench.recolour);
  tessera_bench_report (cli, "hover", "the point under the pointer", &bench.hover);
  tessera_bench_report (cli, "lasso", "a lasso", &bench.lasso);
  report_window (cli, &bench);
  tessera_bench_report_memory (cli, tessera_bench_peak_memory ());
  return true;
}

const TesseraCommand tessera_bench_draw = {
    .name = "bench draw",
    .arguments = "",
    .summary = "Time the drawing of the map",
    .details = "With a display the second half is measured in a real window.",
    .options = options,
    .run = run,
};
