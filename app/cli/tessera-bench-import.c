/* tessera bench import: how fast tiles come from a slide, beside OpenSlide's own pace in the same
 * run. */

#include "tessera-bench.h"
#include "tsr-error.h"
#include "tsr-parallel.h"
#include "tsr-slide-tiling.h"

#include <math.h>
#include <openslide.h>

#define CHUNK 1024 /* tiles held in memory at a time */

static const TesseraOption options[] = {
    {.name = "tile-size",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "PIXELS",
     .help = "Of a tile as a network sees it",
     .fallback = "64",
     .min = 1,
     .max = 4096},
    {.name = "thumbnail",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "PIXELS",
     .help = "Of a thumbnail, at most: never more than the slide has there",
     .fallback = "96",
     .min = 1,
     .max = 4096},
    {.name = "mpp",
     .kind = TESSERA_OPTION_NUMBER,
     .value_name = "UM",
     .help = "Micrometres a pixel of the tile (default: the slide's own pixels)",
     .min = 0.001,
     .max = 1000},
    {.name = "slide-mpp",
     .kind = TESSERA_OPTION_NUMBER,
     .value_name = "UM",
     .help = "Micrometres a pixel of the slide, where its file does not say",
     .min = 0.001,
     .max = 1000},
    {.name = "overlap",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "PIXELS",
     .help = "Of neighbouring tiles",
     .fallback = "0",
     .min = 0,
     .max = 4095},
    {.name = "tissue",
     .kind = TESSERA_OPTION_NUMBER,
     .value_name = "SHARE",
     .help = "Smallest share of a tile that is tissue; 0 takes the whole slide",
     .fallback = "0",
     .min = 0,
     .max = 1},
    {.name = "n",
     .letter = 'n',
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .help = "Tiles to read, those of the slide over and over (default: each once)",
     .min = 1,
     .max = 1e8},
    {.name = "rounds",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .help = "Rounds of each, one after the other; the fastest counts",
     .fallback = "3",
     .min = 1,
     .max = 1000},
    TESSERA_COMMON_OPTIONS};

typedef struct {
  TesseraCli *cli;
  const char *path;
  TsrTiling tiling;
  size_t n;                               /* tiles to read */
  double mask_s, mask_openslide_s;        /* the fastest round of each */
  double thumbnail_s, encoder_s, plain_s; /* for all n tiles */
  int mask_side, mask_level;
} Bench;

static double
now (void)
{
  return (double)g_get_monotonic_time () / G_USEC_PER_SEC;
}

static void
keep_least (double *least, double seconds)
{
  *least = *least > 0 ? MIN (*least, seconds) : seconds;
}

static const TsrSlideTile *
tiles_of (const Bench *self)
{
  return (const TsrSlideTile *)(const void *)self->tiling.tiles->data;
}

/* ---- ours */

/* A slide opened anew, so that nothing is left in the cache from the round before. */
static bool
time_tiles (Bench *self, int pixels, double *least, GError **error)
{
  g_autoptr (TsrSlide) slide = tsr_slide_open (self->path, error);
  g_autofree uint8_t *rgb = g_malloc ((size_t)CHUNK * pixels * pixels * 3);
  size_t there = self->tiling.tiles->len;
  double start = now ();
  for (size_t done = 0; slide && done < self->n;) {
    size_t first = done % there, count = MIN (MIN (CHUNK, there - first), self->n - done);
    if (!tsr_slide_read_tiles (slide, tiles_of (self) + first, count, pixels, rgb,
                               &self->cli->progress, error))
      return false;
    done += count;
  }
  keep_least (least, now () - start);
  return slide != NULL;
}

static bool
time_mask (Bench *self, GError **error)
{
  g_autoptr (TsrSlide) slide = tsr_slide_open (self->path, error);
  TsrImage overview;
  double start = now ();
  if (!slide ||
      !tsr_slide_overview (slide, self->mask_side, &overview, &self->cli->progress, error))
    return false;
  TsrTissueMask mask;
  TsrMaskOptions defaults = tsr_mask_options ();
  bool ok = tsr_tissue_mask_find (&overview, &defaults, &mask, error);
  keep_least (&self->mask_s, now () - start);
  const TsrSlideLevel *finest = tsr_slide_info (slide)->levels;
  double longer = (double)MAX (finest->width, finest->height);
  self->mask_level = tsr_slide_level_for (slide, MAX (longer / self->mask_side, 1));
  tsr_image_clear (&overview);
  tsr_tissue_mask_clear (&mask);
  return ok;
}

/* ---- OpenSlide's */

typedef struct {
  openslide_t *handle;
  const Bench *bench;
  int level, side; /* regions of side x side pixels of the level */
  int64_t across;  /* for the mask: how many such regions in a row; 0: the tiles */
  double scale;
  gint next;
  gint n;
} Plain;

/* A thread of the plain loop: one read_region a tile, in the tiles' order. */
static gpointer
read_plainly (gpointer data)
{
  Plain *self = data;
  g_autofree uint32_t *argb = g_new (uint32_t, (size_t)self->side * self->side);
  size_t there = self->bench->tiling.tiles->len;
  for (;;) {
    gint first = g_atomic_int_add (&self->next, 16);
    if (first >= self->n)
      return NULL;
    for (gint i = first; i < MIN (first + 16, self->n); i++) {
      int64_t x, y;
      if (self->across) {
        x = (int64_t)((double)(i % self->across * self->side) * self->scale);
        y = (int64_t)((double)(i / self->across * self->side) * self->scale);
      } else {
        x = tiles_of (self->bench)[(size_t)i % there].x;
        y = tiles_of (self->bench)[(size_t)i % there].y;
      }
      openslide_read_region (self->handle, argb, x, y, self->level, self->side, self->side);
    }
  }
}

/* As many threads as ours on one handle. Its regions are in the level's own pixels, as they come:
 * neither brought to RGB nor to another size. */
static bool
run_plainly (Plain *plain, double *least)
{
  unsigned n = MIN (tsr_parallel_workers (), 64);
  GThread *threads[64];
  double start = now ();
  for (unsigned i = 0; i < n; i++)
    threads[i] = g_thread_new ("openslide", read_plainly, plain);
  for (unsigned i = 0; i < n; i++)
    g_thread_join (threads[i]);
  bool ok = !openslide_get_error (plain->handle);
  if (ok)
    keep_least (least, now () - start);
  openslide_close (plain->handle);
  return ok;
}

/* False without an error where OpenSlide does not read the slide, or has not the level. */
static bool
time_plain (Bench *self, bool mask)
{
  Plain plain = {.bench = self, .level = mask ? self->mask_level : self->tiling.level};
  plain.handle = openslide_open (self->path);
  if (!plain.handle || openslide_get_error (plain.handle) ||
      plain.level >= openslide_get_level_count (plain.handle)) {
    g_clear_pointer (&plain.handle, openslide_close);
    return false;
  }
  plain.scale = openslide_get_level_downsample (plain.handle, plain.level);
  if (!mask) {
    plain.side = MAX (1, (int)lround (self->tiling.side / plain.scale));
    plain.n = (gint)MIN (self->n, (size_t)G_MAXINT / 2);
    return run_plainly (&plain, &self->plain_s);
  }
  int64_t w, h;
  openslide_get_level_dimensions (plain.handle, plain.level, &w, &h);
  plain.side = 512;
  plain.across = (w + 511) / 512;
  plain.n = (gint)(plain.across * ((h + 511) / 512));
  return run_plainly (&plain, &self->mask_openslide_s);
}

/* ---- all of it */

static double
wanted (TesseraCli *cli, const char *name)
{
  return tessera_options_given (cli->options, name) ? tessera_options_number (cli->options, name)
                                                    : NAN;
}

static bool
lay_grid (Bench *self, GError **error)
{
  TesseraCli *cli = self->cli;
  g_autoptr (TsrSlide) slide = tsr_slide_open (self->path, error);
  if (!slide)
    return false;
  TsrTilingOptions tiling = tsr_tiling_options ();
  tiling.pixels = (int)tessera_options_integer (cli->options, "tile-size");
  tiling.overlap = (int)tessera_options_integer (cli->options, "overlap");
  tiling.tissue = tessera_options_number (cli->options, "tissue");
  tiling.mpp = wanted (cli, "mpp");
  tiling.slide_mpp = wanted (cli, "slide-mpp");
  TsrImage overview;
  if (!tsr_tiling_overview_side (tsr_slide_info (slide), &tiling, &self->mask_side, error) ||
      !tsr_slide_overview (slide, self->mask_side, &overview, &cli->progress, error))
    return false;
  TsrTissueMask mask;
  TsrMaskOptions defaults = tsr_mask_options ();
  bool ok = tsr_tissue_mask_find (&overview, &defaults, &mask, error) &&
            tsr_slide_tile (tsr_slide_info (slide), &mask, &tiling, &self->tiling, error);
  tsr_image_clear (&overview);
  tsr_tissue_mask_clear (&mask);
  if (ok && self->tiling.tiles->len == 0) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 "The slide is too small for a tile of that size, or shows no tissue.");
    ok = false;
  }
  return ok;
}

static void
set_rate (TesseraCli *cli, const char *name, double n, double seconds)
{
  tessera_cli_set_number (cli->result, name, seconds > 0 ? n / seconds : NAN);
}

static void
report (Bench *self)
{
  TesseraCli *cli = self->cli;
  double n = (double)self->n, grid = (double)self->tiling.tiles->len;
  json_object_set_new (cli->result, "tiles", json_integer ((json_int_t)self->tiling.tiles->len));
  json_object_set_new (cli->result, "n", json_integer ((json_int_t)self->n));
  json_object_set_new (cli->result, "side", json_integer (self->tiling.side));
  json_object_set_new (cli->result, "level", json_integer (self->tiling.level));
  json_object_set_new (cli->result, "threads", json_integer (tsr_parallel_workers ()));
  set_rate (cli, "mask_tiles_per_s", grid, self->mask_s);
  set_rate (cli, "thumbnail_tiles_per_s", n, self->thumbnail_s);
  set_rate (cli, "encoder_tiles_per_s", n, self->encoder_s);
  set_rate (cli, "openslide_mask_tiles_per_s", grid, self->mask_openslide_s);
  set_rate (cli, "openslide_tiles_per_s", n, self->plain_s);
  tessera_cli_set_number (cli->result, "ratio_mask",
                          self->mask_openslide_s > 0 ? self->mask_openslide_s / self->mask_s : NAN);
  tessera_cli_set_number (cli->result, "ratio_thumbnail",
                          self->plain_s > 0 ? self->plain_s / self->thumbnail_s : NAN);
  tessera_cli_set_number (cli->result, "ratio_encoder",
                          self->plain_s > 0 ? self->plain_s / self->encoder_s : NAN);
  int64_t peak = tessera_bench_peak_memory ();
  tessera_bench_report_memory (cli, peak);
  tessera_cli_print (cli,
                     "%zu tiles of %d pixels of the slide (level %d), %u threads, peak memory %.0f "
                     "MiB\n",
                     self->n, self->tiling.side, self->tiling.level, tsr_parallel_workers (),
                     (double)peak / (1 << 20));
  const struct {
    const char *name;
    double tiles, ours, theirs;
  } rows[] = {{"mask", grid, self->mask_s, self->mask_openslide_s},
              {"thumbnails", n, self->thumbnail_s, self->plain_s},
              {"encoder input", n, self->encoder_s, self->plain_s}};
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].theirs > 0)
      tessera_cli_print (cli, "  %-14s %9.0f tiles/s, OpenSlide %9.0f: %.2f times\n", rows[i].name,
                         rows[i].tiles / rows[i].ours, rows[i].tiles / rows[i].theirs,
                         rows[i].theirs / rows[i].ours);
    else
      tessera_cli_print (cli, "  %-14s %9.0f tiles/s (OpenSlide does not read this)\n",
                         rows[i].name, rows[i].tiles / rows[i].ours);
}

static bool
run (TesseraCli *cli, GError **error)
{
  Bench self = {.cli = cli, .path = cli->arguments[0]};
  if (!lay_grid (&self, error)) {
    tsr_tiling_clear (&self.tiling);
    return false;
  }
  self.n = tessera_options_given (cli->options, "n")
               ? (size_t)tessera_options_integer (cli->options, "n")
               : self.tiling.tiles->len;
  bool ok = true;
  /* A thumbnail has no more pixels than the slide has there. */
  int thumbnail = MIN ((int)tessera_options_integer (cli->options, "thumbnail"), self.tiling.side);
  /* OpenSlide's turn comes beside each of ours, so that both see the same machine. */
  for (int64_t i = 0; ok && i < tessera_options_integer (cli->options, "rounds"); i++) {
    ok = time_mask (&self, error);
    if (ok)
      time_plain (&self, true);
    ok = ok && time_tiles (&self, thumbnail, &self.thumbnail_s, error);
    if (ok)
      time_plain (&self, false);
    ok = ok && time_tiles (&self, self.tiling.pixels, &self.encoder_s, error);
  }
  if (ok)
    report (&self);
  tsr_tiling_clear (&self.tiling);
  return ok;
}

const TesseraCommand tessera_bench_import = {
    .name = "bench import",
    .arguments = "SLIDE",
    .summary = "Time tiles from a slide, beside OpenSlide's own pace",
    .details = "Thumbnails and the encoder's input are RGB of their sizes, on all cores. OpenSlide "
               "reads the same places in the same order with as many threads, and is spared "
               "conversion and resampling.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
