/* tessera bench slide: how fast the slide view is, in a real window. */

#include "tessera-bench.h"
#include "tessera-cli.h"
#include "tessera-slide-bench.h"
#include "tsr-error.h"

static const TesseraOption options[] = {
    {.name = "width",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "PIXELS",
     .help = "Of the view",
     .fallback = "1280",
     .min = 64,
     .max = 16384},
    {.name = "height",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "PIXELS",
     .help = "Of the view",
     .fallback = "720",
     .min = 64,
     .max = 16384},
    {.name = "tile-size",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "PIXELS",
     .help = "Of the tiles drawn over the slide, in its own pixels; 0 draws none",
     .fallback = "64",
     .min = 0,
     .max = 16384},
    TESSERA_COMMON_OPTIONS};

static void
report_all (TesseraCli *cli, const TesseraSlideBench *bench)
{
  json_object_set_new (cli->result, "width", json_integer (bench->width));
  json_object_set_new (cli->result, "height", json_integer (bench->height));
  json_object_set_new (cli->result, "tiles", json_integer (bench->tiles));
  tessera_cli_set_text (cli->result, "renderer", bench->renderer);
  tessera_cli_set_number (cli->result, "first_picture_s", bench->first_picture / 1e3);
  tessera_cli_set_number (cli->result, "recolour_s", bench->recolour / 1e3);
  tessera_cli_print (cli, "%u tiles, %u x %u, drawn by %s; milliseconds\n  %-38s %9s  %9s  %9s\n",
                     bench->tiles, bench->width, bench->height, bench->renderer, "", "median",
                     "99 %", "worst");
  tessera_bench_report (cli, "zoom_frame", "a frame while zooming, main thread",
                        &bench->zoom_frame);
  tessera_bench_report (cli, "zoom_processor", "  of it processor time", &bench->zoom_processor);
  tessera_bench_report (cli, "pan_frame", "a frame while panning, main thread", &bench->pan_frame);
  tessera_bench_report (cli, "pan_processor", "  of it processor time", &bench->pan_processor);
  tessera_cli_set_number (cli->result, "complete_frames", bench->complete);
  json_object_set_new (cli->result, "blocks", json_integer ((json_int_t)bench->blocks));
  json_object_set_new (cli->result, "block_bytes", json_integer ((json_int_t)bench->peak_bytes));
  tessera_cli_print (cli,
                     "  first picture %.1f ms, new colours %.1f ms, %.0f %% of the frames sharp "
                     "all over, %" G_GUINT64_FORMAT " blocks decoded\n",
                     bench->first_picture, bench->recolour, 100 * bench->complete, bench->blocks);
  tessera_bench_report_memory (cli, tessera_bench_peak_memory ());
}

static bool
run (TesseraCli *cli, GError **error)
{
  if (!tessera_cli_has_display ()) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 "The slide view is measured in a window, and there is no display; set DISPLAY, or "
                 "run it by xvfb-run.");
    return false;
  }
  g_autoptr (TsrSlide) slide = tsr_slide_open (cli->arguments[0], error);
  if (!slide || !tsr_progress_step (&cli->progress, -1, "Drawing", error))
    return false;
  TesseraSlideBench bench;
  if (!tessera_slide_bench_run (slide, (guint)tessera_options_integer (cli->options, "width"),
                                (guint)tessera_options_integer (cli->options, "height"),
                                (guint)tessera_options_integer (cli->options, "tile-size"),
                                &bench)) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED, "No window could be opened on this display.");
    return false;
  }
  report_all (cli, &bench);
  return true;
}

const TesseraCommand tessera_bench_slide = {
    .name = "bench slide",
    .arguments = "SLIDE",
    .summary = "Time the slide view",
    .details = "In a real window: the slide as a whole, zoomed in and out, and panned, with tiles "
               "over it.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
