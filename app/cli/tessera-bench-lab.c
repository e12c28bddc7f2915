/* tessera bench lab: pictures a second while somebody drags over the map. */

#include "tessera-bench.h"

#include "tsr-demo-project.h"
#include "tsr-error.h"
#include "tsr-lab.h"
#include "tsr-model-file.h"
#include "tsr-random.h"

#include <math.h>
#include <time.h>

static const TesseraOption options[] = {{.name = "model",
                                         .kind = TESSERA_OPTION_TEXT,
                                         .value_name = "FILE",
                                         .help = "A model file, instead of the demonstration's"},
                                        {.name = "n",
                                         .letter = 'n',
                                         .kind = TESSERA_OPTION_INTEGER,
                                         .value_name = "N",
                                         .help = "Tiles on the map",
                                         .fallback = "10000",
                                         .min = 1,
                                         .max = 1e7},
                                        {.name = "frames",
                                         .kind = TESSERA_OPTION_INTEGER,
                                         .value_name = "N",
                                         .help = "Pictures to be timed",
                                         .fallback = "300",
                                         .min = 2,
                                         .max = 1e6},
                                        TESSERA_DEVICE_OPTION,
                                        TESSERA_COMMON_OPTIONS};

/* A walk over the map: each picture is asked for when the one before is there. */
typedef struct {
  TsrLab *lab;
  GMainLoop *loop;
  unsigned done, frames;
  int64_t asked;    /* monotonic, us */
  double *ms;       /* [frames] from the question to the answer on this thread */
  double processor; /* of the process, seconds, at the first timed frame */
  int size;
  char *problem;
} Walk;

/* Before the first timed picture: the networks are opened and their graph is planned. */
enum { WARM = 10 };

static double
processor_s (void)
{
  struct timespec now;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void
ask (Walk *walk)
{
  TsrLabRequest *request = tsr_lab_request_new (1);
  double angle = walk->done * 0.02;
  request->recipes[0].a = (TsrLabPoint){
      .kind = TSR_LAB_PLACE, .place = {(float)(40 * cos (angle)), (float)(25 * sin (2 * angle))}};
  request->recipes[0].psi = 0.9;
  request->nearest = TSR_BLEND_TILES;
  walk->asked = g_get_monotonic_time ();
  tsr_lab_ask (walk->lab, TSR_LAB_SLOT_PICTURE, request);
}

static void
answered_cb (gpointer data, gpointer user)
{
  const TsrLabAnswer *answer = data;
  Walk *walk = user;
  if (walk->done >= WARM)
    walk->ms[walk->done - WARM] = (double)(g_get_monotonic_time () - walk->asked) * 1e-3;
  walk->size = answer->size;
  walk->problem = g_strdup (answer->problem);
  if (++walk->done == WARM)
    walk->processor = processor_s ();
  if (walk->problem || walk->done == WARM + walk->frames)
    g_main_loop_quit (walk->loop);
  else
    ask (walk);
}

/* Tiles anywhere on a map about as wide as t-SNE's. */
static bool
make_world (Walk *walk, uint32_t n, uint32_t d, TsrLabWorld *world, float **w, float **map,
            GError **error)
{
  TsrRandom random;
  tsr_random_init (&random, 1, 0);
  *w = tessera_bench_floats (n, d, error);
  *map = *w ? tessera_bench_floats (n, 2, error) : NULL;
  if (!*map)
    return false;
  for (size_t k = 0; k < (size_t)n * d; k++)
    (*w)[k] = (float)tsr_random_normal (&random);
  for (size_t k = 0; k < (size_t)n * 2; k++)
    (*map)[k] = (float)(100 * tsr_random_uniform (&random) - 50);
  *world = (TsrLabWorld){.n = n, .d = d, .w = *w, .map = *map};
  return true;
}

static void
report (TesseraCli *cli, Walk *walk)
{
  double processor = (processor_s () - walk->processor) / walk->frames * 1e3;
  TesseraTiming timing = tessera_timing (walk->ms, (guint)walk->frames);
  double median = timing.median, p99 = timing.p99;
  json_object_set_new (cli->result, "size", json_integer (walk->size));
  json_object_set_new (cli->result, "frames", json_integer (walk->frames));
  tessera_cli_set_number (cli->result, "frames_per_s", 1e3 / median);
  tessera_cli_set_number (cli->result, "frames_per_s_p99", 1e3 / p99);
  tessera_cli_set_number (cli->result, "median_s", median / 1e3);
  tessera_cli_set_number (cli->result, "p99_s", p99 / 1e3);
  tessera_cli_set_number (cli->result, "processor_s", processor / 1e3);
  tessera_cli_print (cli,
                     "%d px, from the question to the picture on the main thread\n"
                     "  a picture, median      %8.2f ms  %7.1f a second\n"
                     "  99th percentile        %8.2f ms  %7.1f a second\n"
                     "  processor time of each %8.2f ms\n",
                     walk->size, median, 1e3 / median, p99, 1e3 / p99, processor);
  tessera_bench_report_memory (cli, tessera_bench_peak_memory ());
}

static void
quit_cb (GCancellable *cancellable, gpointer loop)
{
  g_main_loop_quit (loop);
}

static bool
walk_over (TesseraCli *cli, Walk *walk, GError **error)
{
  g_autoptr (TsrMailbox) box =
      tsr_mailbox_new (answered_cb, walk, (GDestroyNotify)tsr_lab_answer_free);
  TsrEngine *engine = tsr_engine_new (tessera_options_text (cli->options, "device"));
  walk->loop = g_main_loop_new (NULL, FALSE);
  tsr_lab_listen (walk->lab, TSR_LAB_SLOT_PICTURE, box);
  ask (walk);
  if (tsr_lab_wants_host (walk->lab))
    tsr_engine_set_guest (engine, tsr_job_lab, tsr_lab_failed, tsr_lab_ref (walk->lab),
                          (GDestroyNotify)tsr_lab_unref);
  gulong id = g_cancellable_connect (cli->cancellable, G_CALLBACK (quit_cb), walk->loop, NULL);
  g_main_loop_run (walk->loop);
  g_cancellable_disconnect (cli->cancellable, id);
  tsr_mailbox_close (box);
  tsr_engine_free (engine);
  g_main_loop_unref (walk->loop);
  if (walk->problem)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED, "%s", walk->problem);
  return !walk->problem && !g_cancellable_set_error_if_cancelled (cli->cancellable, error);
}

static bool
run (TesseraCli *cli, GError **error)
{
  const char *given = tessera_options_text (cli->options, "model");
  g_autofree char *model =
      given ? g_strdup (given) : tsr_demo_model_find (TESSERA_PKGDATADIR, error);
  g_autoptr (TsrSafetensors) file = model ? tsr_safetensors_open (model, error) : NULL;
  g_autofree float *w = NULL, *map = NULL;
  TsrModelConfig config;
  TsrLabWorld world;
  Walk walk = {.frames = (unsigned)tessera_options_integer (cli->options, "frames")};
  if (!file || !tsr_model_config_read (file, &config, error) ||
      !make_world (&walk, (uint32_t)tessera_options_integer (cli->options, "n"),
                   (uint32_t)tsr_model_latent_dim (&config), &world, &w, &map, error))
    return false;
  g_autofree double *ms = walk.ms = g_new0 (double, walk.frames);
  walk.lab = tsr_lab_new (NULL, model);
  tsr_lab_set_world (walk.lab, &world);
  bool ok = walk_over (cli, &walk, error);
  tsr_lab_unref (walk.lab);
  g_free (walk.problem);
  if (!ok)
    return false;
  tessera_cli_set_text (cli->result, "model", model);
  json_object_set_new (cli->result, "n", json_integer (world.n));
  report (cli, &walk);
  return true;
}

const TesseraCommand tessera_bench_lab = {
    .name = "bench lab",
    .arguments = "",
    .summary = "Time the pictures of the latent lab while its pad is dragged",
    .options = options,
    .run = run,
};
