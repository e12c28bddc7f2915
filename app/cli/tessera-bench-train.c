/* tessera bench train: how fast this machine trains, beside what its convolutions could do at best.
 */

#include "tessera-bench.h"
#include "tessera-cli.h"
#include "tessera-map-bench.h"
#include "tsr-bench.h"
#include "tsr-model-config.h"

#include <string.h>

#define MAX_OPERATIONS 15

static const TesseraOption options[] = {
    {.name = "config",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "S",
     .help = "S is 64 px RGB, channel base 4096, max 128, W 128, 8 mapping layers, batch 16",
     .fallback = "S"},
    {.name = "steps",
     .kind = TESSERA_OPTION_INTEGER,
     .help = "How many are timed, lazy ones where they fall",
     .fallback = "208",
     .min = 1,
     .max = 1e6},
    {.name = "precision",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "f32,bf16",
     .help = "Of the convolutions' inputs",
     .fallback = "f32"},
    {.name = "no-operations",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Leave out the time by operation, which takes a second run of 16 steps"},
    {.name = "window",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Also train beside a window whose map of 100,000 points is panned, and time both"},
    {.name = "resolution",
     .kind = TESSERA_OPTION_INTEGER,
     .help = "Other than the configuration's: a power of two",
     .min = 16,
     .max = 1024},
    {.name = "channel-base",
     .kind = TESSERA_OPTION_INTEGER,
     .help = "Other than the configuration's",
     .min = 64,
     .max = 1 << 20},
    {.name = "channel-max",
     .kind = TESSERA_OPTION_INTEGER,
     .help = "Other than the configuration's",
     .min = 4,
     .max = 4096},
    {.name = "w-dim",
     .kind = TESSERA_OPTION_INTEGER,
     .help = "Other than the configuration's",
     .min = 4,
     .max = 4096},
    {.name = "mapping-layers",
     .kind = TESSERA_OPTION_INTEGER,
     .help = "Other than the configuration's",
     .min = 1,
     .max = 16},
    {.name = "batch",
     .kind = TESSERA_OPTION_INTEGER,
     .help = "Other than the configuration's",
     .min = 1,
     .max = 1024},
    TESSERA_DEVICE_OPTION,
    TESSERA_COMMON_OPTIONS};

static void
take (const TesseraOptions *o, const char *name, int *field)
{
  if (tessera_options_given (o, name))
    *field = (int)tessera_options_integer (o, name);
}

static bool
read_settings (TesseraCli *cli, TsrTrainerSettings *settings, GError **error)
{
  TsrTrainerSettings s = tsr_bench_settings_s ();
  int batch = s.batch;
  take (cli->options, "resolution", &s.model.resolution);
  take (cli->options, "channel-base", &s.model.channel_base);
  take (cli->options, "channel-max", &s.model.channel_max);
  take (cli->options, "w-dim", &s.model.w_dim);
  take (cli->options, "mapping-layers", &s.model.mapping_layers);
  take (cli->options, "batch", &batch);
  s.model.z_dim = s.model.w_dim;
  int group = s.model.mbstd_group;
  while (batch % group != 0) /* the group of the minibatch standard deviation divides the batch */
    group--;
  s.model.mbstd_group = group;
  /* Checked before layers are counted: that needs a resolution which is a power of two. */
  s.model.shared_layers = 0;
  if (!tsr_model_config_check (&s.model, error))
    return false;
  s.model.shared_layers = tsr_model_layers (&s.model) - 4;
  *settings = tsr_trainer_settings_default (&s.model, batch);
  bool bf16 = strcmp (tessera_options_text (cli->options, "precision"), "bf16") == 0;
  settings->precision = bf16 ? TSR_BF16 : TSR_F32;
  return true;
}

/* The rates of one convolution in all directions stand beside each other. */
static void
report_convolutions (TesseraCli *cli, const GArray *rows)
{
  static const char *const directions[] = {"forward", "by_data", "by_weight"};
  json_t *ceiling = json_object (), *list = json_array ();
  for (int d = TSR_CONV_FORWARD; d <= TSR_CONV_BY_WEIGHT; d++)
    tessera_cli_set_number (ceiling, directions[d], tsr_bench_direction (rows, d));
  tessera_cli_print (cli, "  by direction: forward %.1f, by data %.1f, by weight %.1f\n",
                     tsr_bench_direction (rows, TSR_CONV_FORWARD),
                     tsr_bench_direction (rows, TSR_CONV_BY_DATA),
                     tsr_bench_direction (rows, TSR_CONV_BY_WEIGHT));
  for (guint i = 0; i < rows->len; i++) {
    const TsrBenchRow *row = &g_array_index (rows, TsrBenchRow, i);
    const TsrConvShape *s = &row->shape;
    g_autofree char *name =
        g_strdup_printf ("%dx%d%s, %d to %d at %dx%d", s->kh, s->kw,
                         s->stride > 1 ? " strided" : "", s->c, s->k, s->h, s->w);
    json_t *entry = json_object ();
    tessera_cli_set_text (entry, "direction", directions[row->direction]);
    tessera_cli_set_text (entry, "name", name);
    tessera_cli_set_number (entry, "gflop_per_s", row->gflop_per_s);
    json_array_append_new (list, entry);
    bool begins = row->direction == TSR_CONV_FORWARD, ends = row->direction == TSR_CONV_BY_WEIGHT;
    tessera_cli_print (cli, "%s %8.1f%s%s%s", begins ? "   " : "", row->gflop_per_s,
                       ends ? "  conv " : "", ends ? name : "", ends ? "\n" : "");
  }
  json_object_set_new (cli->result, "ceiling", ceiling);
  json_object_set_new (cli->result, "convolutions", list);
}

static void
report_operations (TesseraCli *cli, const GArray *rows)
{
  json_t *list = json_array ();
  double total = 0;
  for (guint i = 0; rows && i < rows->len; i++)
    total += (double)g_array_index (rows, TsrProfileRow, i).ns;
  for (guint i = 0; rows && i < rows->len; i++) {
    const TsrProfileRow *row = &g_array_index (rows, TsrProfileRow, i);
    double seconds = (double)row->ns * 1e-9, rate = row->ns ? row->flops / (double)row->ns : 0;
    json_t *entry = json_object ();
    tessera_cli_set_text (entry, "name", row->name);
    json_object_set_new (entry, "calls", json_integer ((json_int_t)row->calls));
    tessera_cli_set_number (entry, "seconds", seconds);
    tessera_cli_set_number (entry, "share", total > 0 ? (double)row->ns / total : 0);
    tessera_cli_set_number (entry, "gflop_per_s", rate);
    json_array_append_new (list, entry);
    if (i < MAX_OPERATIONS)
      tessera_cli_print (
          cli, "  %5.1f %%  %8" G_GUINT64_FORMAT " calls  %8.2f s  %8.1f GFLOP/s  %s\n",
          total > 0 ? 100 * (double)row->ns / total : 0, row->calls, seconds, rate, row->name);
  }
  json_object_set_new (cli->result, "operations", list);
}

static void
report (TesseraCli *cli, const TsrTrainBench *bench)
{
  const TsrModelConfig *model = &bench->settings.model;
  bool bf16 = bench->computed_in == TSR_BF16;
  double ratio =
      bench->ceiling_gflop_per_s > 0 ? bench->gflop_per_s / bench->ceiling_gflop_per_s : 0;
  int64_t peak = tessera_bench_peak_memory ();
  tessera_cli_set_text (cli->result, "device", bench->device);
  tessera_cli_set_text (cli->result, "provider", bench->provider);
  tessera_cli_set_text (cli->result, "precision", bf16 ? "bf16" : "f32");
  json_object_set_new (cli->result, "resolution", json_integer (model->resolution));
  json_object_set_new (cli->result, "batch", json_integer (bench->settings.batch));
  json_object_set_new (cli->result, "steps", json_integer (bench->steps));
  tessera_cli_set_number (cli->result, "seconds", bench->seconds);
  tessera_cli_set_number (cli->result, "plan_s", bench->plan_s);
  tessera_cli_set_number (cli->result, "images_per_s", bench->images_per_s);
  tessera_cli_set_number (cli->result, "gflop_per_image", bench->gflop_per_image);
  tessera_cli_set_number (cli->result, "gflop_per_s", bench->gflop_per_s);
  tessera_cli_set_number (cli->result, "ceiling_gflop_per_s", bench->ceiling_gflop_per_s);
  tessera_cli_set_number (cli->result, "ratio", ratio);
  tessera_bench_report_memory (cli, peak);
  json_object_set_new (cli->result, "device_bytes", json_integer ((json_int_t)bench->device_bytes));
  tessera_cli_print (cli, "%s, %s, %s: %d px, batch %d, %u steps in %.1f s\n", bench->device,
                     bench->provider, bf16 ? "bf16" : "f32", model->resolution,
                     bench->settings.batch, bench->steps, bench->seconds);
  if (bench->computed_in != bench->settings.precision)
    tessera_cli_print (cli, "  (bf16 was asked for, and this device does not multiply it)\n");
  tessera_cli_print (cli, "  %.2f images/s, %.2f GFLOP an image, %.1f GFLOP/s\n",
                     bench->images_per_s, bench->gflop_per_image, bench->gflop_per_s);
  tessera_cli_print (cli, "  ceiling of the convolutions %.1f GFLOP/s: %.0f %% of it reached\n",
                     bench->ceiling_gflop_per_s, 100 * ratio);
  report_convolutions (cli, bench->convolutions);
  tessera_cli_print (
      cli, "  peak memory %.0f MiB, of it in device buffers %.0f MiB; planned in %.1f s\n",
      (double)peak / (1 << 20), (double)bench->device_bytes / (1 << 20), bench->plan_s);
  report_operations (cli, bench->operations);
}

/* ---- beside a window ---- */

enum { WINDOW_POINTS = 100000, WINDOW_WIDTH = 1600, WINDOW_HEIGHT = 1200 };

typedef struct {
  gint started, stop;
  TesseraMapBench map;
} Beside;

/* Runs on the main thread while the engine trains. */
static gboolean
pan_meanwhile (gpointer data)
{
  Beside *beside = data;
  if (!g_atomic_int_get (&beside->started))
    return G_SOURCE_CONTINUE;
  tessera_map_bench_run (WINDOW_POINTS, WINDOW_WIDTH, WINDOW_HEIGHT, true, &beside->map);
  g_atomic_int_set (&beside->stop, 1);
  return G_SOURCE_REMOVE;
}

static void
report_frames (TesseraCli *cli, json_t *into, const char *key, const char *text,
               const TesseraTiming *alone, const TesseraTiming *beside)
{
  const TesseraTiming *timings[] = {alone, beside};
  static const char *const names[] = {"alone", "beside"};
  json_t *entry = json_object ();
  for (int k = 0; k < 2; k++) {
    json_t *object = json_object ();
    tessera_cli_set_number (object, "median_s", timings[k]->median / 1e3);
    tessera_cli_set_number (object, "p99_s", timings[k]->p99 / 1e3);
    json_object_set_new (entry, names[k], object);
  }
  json_object_set_new (into, key, entry);
  tessera_cli_print (cli, "  %s: median %.1f, 99th percentile %.1f ms (alone %.1f, %.1f)\n", text,
                     beside->median, beside->p99, alone->median, alone->p99);
}

static bool
run_beside_window (TesseraCli *cli, const TsrTrainBench *alone, GError **error)
{
  if (!tessera_cli_has_display ()) {
    tessera_cli_print (cli, "  (not timed beside a window: there is no display)\n");
    return true;
  }
  TesseraMapBench map;
  tessera_map_bench_run (WINDOW_POINTS, WINDOW_WIDTH, WINDOW_HEIGHT, true, &map);
  Beside beside = {0, 0, {0}};
  TsrTrainBench bench = {.settings = alone->settings,
                         .stop = &beside.stop,
                         .started = &beside.started,
                         .progress = cli->progress};
  guint source = g_timeout_add (20, pan_meanwhile, &beside);
  bool ok = tessera_cli_run_job (cli, "bench train", TSR_ENGINE_DEVICE, tsr_job_bench_train, &bench,
                                 error);
  if (!beside.stop)
    g_source_remove (source);
  if (ok) {
    json_t *window = json_object ();
    tessera_cli_set_number (window, "images_per_s", bench.images_per_s);
    tessera_cli_print (cli, "beside a window whose map is panned: %.2f images/s (alone %.2f)\n",
                       bench.images_per_s, alone->images_per_s);
    report_frames (cli, window, "pan_frame", "a frame while panning, main thread", &map.pan_frame,
                   &beside.map.pan_frame);
    report_frames (cli, window, "pan_interval", "between frames while panning", &map.pan_interval,
                   &beside.map.pan_interval);
    report_frames (cli, window, "label_to_frame", "from a label to its frame", &map.label_to_frame,
                   &beside.map.label_to_frame);
    json_object_set_new (cli->result, "window", window);
  }
  tsr_train_bench_clear (&bench);
  return ok;
}

static bool
run (TesseraCli *cli, GError **error)
{
  TsrTrainBench bench = {.steps = (unsigned)tessera_options_integer (cli->options, "steps"),
                         .by_operation = !tessera_options_flag (cli->options, "no-operations"),
                         .progress = cli->progress};
  if (!read_settings (cli, &bench.settings, error))
    return false;
  bool ok = tessera_cli_run_job (cli, "bench train", TSR_ENGINE_DEVICE, tsr_job_bench_train, &bench,
                                 error);
  if (ok)
    report (cli, &bench);
  if (ok && tessera_options_flag (cli->options, "window"))
    ok = run_beside_window (cli, &bench, error);
  tsr_train_bench_clear (&bench);
  return ok;
}

const TesseraCommand tessera_bench_train = {
    .name = "bench train",
    .arguments = "",
    .summary = "Time training beside the ceiling of the device's convolutions",
    .details = "FLOPs are those of convolutions and products, counted; the ceiling is measured in "
               "the same run.",
    .options = options,
    .run = run,
};
