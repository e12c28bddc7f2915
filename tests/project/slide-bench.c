#include "slide-bench.h"

#include "fixture.h"
#include "tsr-slide-pool.h"

#include <glib/gstdio.h>

const SlideKind slide_bench_kind = {.name = "rough",
                                    .bits = 8,
                                    .samples = 3,
                                    .photometric = PHOTOMETRIC_RGB,
                                    .planar = PLANARCONFIG_CONTIG,
                                    .compression = COMPRESSION_ADOBE_DEFLATE,
                                    .orientation = ORIENTATION_TOPLEFT,
                                    .tile_w = 32,
                                    .tile_h = 32,
                                    .n_levels = 2,
                                    .mpp = 0.5};

void
slide_bench_open (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  bench->folder = fixture_folder (false);
  bench->path = g_build_filename (bench->folder, "p.tessera", NULL);
  bench->project = tsr_project_create (bench->path, &error);
  g_assert_no_error (error);
}

void
slide_bench_reopen (SlideBench *bench)
{
  g_autoptr (GError) error = NULL;
  tsr_project_close (bench->project);
  bench->project = tsr_project_open (bench->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
}

void
slide_bench_close (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  if (bench->project)
    tsr_project_check (bench->project, &error);
  g_assert_no_error (error);
  tsr_project_close (bench->project);
  tsr_slide_pool_clear ();
  g_free (bench->path);
  fixture_remove (bench->folder);
}

void
slide_bench_move (const char *from, const char *to)
{
  g_autofree char *parent = g_path_get_dirname (to);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_autoptr (GByteArray) bytes = fixture_read (from);
  fixture_write (to, bytes->data, bytes->len); /* temporary files may lie on another disk */
  g_assert_cmpint (g_unlink (from), ==, 0);
}

/* A slide at folder/below; transfer full. */
char *
slide_bench_write (const SlideBench *bench, const SlideKind *kind, const char *below)
{
  g_autofree char *made = slide_write (kind);
  char *path = g_build_filename (bench->folder, below, NULL);
  slide_bench_move (made, path);
  return path;
}

TsrTilingOptions
slide_bench_tiling (int pixels)
{
  TsrTilingOptions options = tsr_tiling_options ();
  options.pixels = pixels;
  return options;
}

/* Adds the slide at path without a mask. */
TsrSlideAdded
slide_bench_add_with (const SlideBench *bench, const char *path, const TsrTilingOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  g_assert_no_error (error);
  g_auto (TsrSlideCut) cut = {0};
  tsr_slide_cut (slide, options, NULL, &cut, NULL, &error);
  g_assert_no_error (error);
  TsrSlideAdded added;
  tsr_project_add_slide (bench->project, slide, &cut, options, NULL, &added, NULL, &error);
  g_assert_no_error (error);
  return added;
}

TsrSlideAdded
slide_bench_add (const SlideBench *bench, const char *path)
{
  TsrTilingOptions options = slide_bench_tiling (SIDE);
  return slide_bench_add_with (bench, path, &options);
}

const TsrProjectSlide *
slide_bench_nth (GPtrArray *slides, guint i)
{
  g_assert_cmpuint (i, <, slides->len);
  return slides->pdata[i];
}

GPtrArray *
slide_bench_list (const SlideBench *bench)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *slides = tsr_project_slides (bench->project, &error);
  g_assert_no_error (error);
  return slides;
}

TsrTileRegion *
slide_bench_regions (const SlideBench *bench)
{
  g_autoptr (GError) error = NULL;
  TsrTileRegion *regions = g_new (TsrTileRegion, tsr_project_n_tiles (bench->project) + 1);
  tsr_project_regions (bench->project, regions, &error);
  g_assert_no_error (error);
  return regions;
}
