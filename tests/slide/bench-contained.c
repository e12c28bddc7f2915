/* What it costs that OpenSlide reads in processes of its own: bytes of pixels a second of all
 * blocks of level 0, read by OpenSlide here and there, in turn. The slide is one of SIDE x SIDE
 * tiles that are SLIDE's, as they are stored, over and over. No test: bench-contained SLIDE.tif
 * [ROUNDS]. */

#include "tsr-slide-reader.h"

#include <glib/gstdio.h>
#include <math.h>
#include <openslide.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <tiffio.h>
#include <unistd.h>

#define SIDE 40

typedef struct {
  TsrSlide *slide;     /* there, or NULL */
  openslide_t *handle; /* here */
  int w, h;            /* of a block */
  int columns, n;
  gint next;
} Bench;

/* OpenSlide's here writes argb, as its process does; both end in RGB. */
static void
read_here (const Bench *self, uint32_t *argb, int column, int row, uint8_t *rgb)
{
  openslide_read_region (self->handle, argb, column * self->w, row * self->h, 0, self->w, self->h);
  for (int i = 0; i < self->w * self->h; i++)
    for (int c = 0; c < 3; c++)
      *rgb++ = (uint8_t)MIN ((argb[i] >> (16 - 8 * c) & 255) + 255 - (argb[i] >> 24), 255);
}

static gpointer
read_some (gpointer data)
{
  Bench *self = data;
  size_t area = (size_t)self->w * (size_t)self->h;
  uint8_t *rgb = g_malloc (area * 3);
  uint32_t *argb = g_malloc (area * 4);
  for (int i; (i = g_atomic_int_add (&self->next, 1)) < self->n;) {
    int column = i % self->columns, row = i / self->columns;
    if (!self->slide)
      read_here (self, argb, column, row, rgb);
    else if (!self->slide->reader->read_block (self->slide, 0, column, row, rgb, NULL))
      g_error ("A block cannot be read");
  }
  g_free (rgb);
  g_free (argb);
  return NULL;
}

/* Of this process and of those that have ended; a busy machine changes it less than the pace. */
static double
processor_time (void)
{
  double sum = 0;
  for (int i = 0; i < 2; i++) {
    struct rusage used;
    getrusage (i ? RUSAGE_CHILDREN : RUSAGE_SELF, &used);
    sum += (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
  }
  return sum;
}

/* Megabytes a second. A fresh slide each time, so that OpenSlide's cache is empty. */
static double
measure (const char *path, bool here, int n_threads, double *processor)
{
  GThread *threads[64];
  g_autoptr (GError) error = NULL;
  TsrSlide *slide = tsr_slide_open_as (path, &tsr_slide_reader_openslide, &error);
  g_assert_no_error (error);
  const TsrSlideLevel *level = tsr_slide_info (slide)->levels;
  Bench self = {.slide = here ? NULL : slide, .handle = openslide_open (path)};
  self.w = level->block_w;
  self.h = level->block_h;
  self.columns = (int)(level->width / self.w);
  self.n = self.columns * (int)(level->height / self.h);
  double used = processor_time ();
  gint64 begin = g_get_monotonic_time ();
  for (int i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("bench", read_some, &self);
  for (int i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
  double seconds = (double)(g_get_monotonic_time () - begin) * 1e-6;
  openslide_close (self.handle);
  tsr_slide_unref (slide);
  g_usleep (200000); /* for its processes to be counted */
  *processor = MIN (*processor, processor_time () - used);
  return (double)self.n * self.w * self.h * 3 / seconds * 1e-6;
}

static void
copy (TIFF *from, TIFF *to, ttag_t tag)
{
  uint16_t value = 0;
  if (TIFFGetField (from, tag, &value))
    TIFFSetField (to, tag, value);
}

/* Tiles go over as they are stored. */
static char *
write_large (const char *path)
{
  static const ttag_t tags[] = {TIFFTAG_BITSPERSAMPLE, TIFFTAG_SAMPLESPERPIXEL, TIFFTAG_COMPRESSION,
                                TIFFTAG_PHOTOMETRIC, TIFFTAG_PLANARCONFIG};
  char *large = NULL;
  close (g_file_open_tmp ("tessera-large-XXXXXX.tif", &large, NULL));
  TIFF *from = TIFFOpen (path, "r"), *to = TIFFOpen (large, "w");
  uint32_t w = 0, h = 0, n_tables = 0;
  void *tables = NULL;
  if (!from || !to || !TIFFIsTiled (from))
    g_error ("The slide must be a TIFF in tiles");
  TIFFGetField (from, TIFFTAG_TILEWIDTH, &w);
  TIFFGetField (from, TIFFTAG_TILELENGTH, &h);
  for (size_t i = 0; i < G_N_ELEMENTS (tags); i++)
    copy (from, to, tags[i]);
  TIFFSetField (to, TIFFTAG_IMAGEWIDTH, w * SIDE);
  TIFFSetField (to, TIFFTAG_IMAGELENGTH, h * SIDE);
  TIFFSetField (to, TIFFTAG_TILEWIDTH, w);
  TIFFSetField (to, TIFFTAG_TILELENGTH, h);
  if (TIFFGetField (from, TIFFTAG_JPEGTABLES, &n_tables, &tables))
    TIFFSetField (to, TIFFTAG_JPEGTABLES, n_tables, tables);
  tmsize_t room = (tmsize_t)w * h * 4;
  g_autofree uint8_t *bytes = g_malloc ((gsize)room);
  for (uint32_t i = 0; i < SIDE * SIDE; i++) {
    tmsize_t n = TIFFReadRawTile (from, i % TIFFNumberOfTiles (from), bytes, room);
    if (n < 0 || TIFFWriteRawTile (to, i, bytes, n) != n)
      g_error ("A tile cannot be copied");
  }
  TIFFClose (from);
  TIFFClose (to);
  return large;
}

int
main (int argc, char **argv)
{
  int rounds = argc > 2 ? atoi (argv[2]) : 5;
  if (argc < 2)
    g_error ("usage: bench-contained SLIDE [ROUNDS]");
  g_autofree char *large = write_large (argv[1]);
  for (int n_threads = 1; n_threads <= (int)MIN (g_get_num_processors (), 64); n_threads *= 2) {
    double best[2] = {0, 0}, processor[2] = {INFINITY, INFINITY};
    for (int round = 0; round < rounds; round++)
      for (int here = 0; here < 2; here++)
        best[here] = MAX (best[here], measure (large, here, n_threads, &processor[here]));
    g_print ("%d threads: %.1f MB/s here, %.1f MB/s there: %.2f times; processor time %.2f s and "
             "%.2f s\n",
             n_threads, best[1], best[0], best[0] / best[1], processor[1], processor[0]);
  }
  g_unlink (large);
  return 0;
}
