#pragma once
/* A new project in a folder of its own, and slides of known pixels that join it. */

#include "slide-fixture.h"
#include "tsr-project-slides.h"

#define SIDE   32 /* of a tile in pixels of level 0 */
#define ACROSS (SLIDE_W / SIDE)
#define DOWN   (SLIDE_H / SIDE)

typedef struct {
  char *folder, *path;
  TsrProject *project;
} SlideBench;

/** Two levels of pixels without any order, 0.5 um wide. */
extern const SlideKind slide_bench_kind;

/** A GLib fixture's set-up: makes the project. */
void slide_bench_open (SlideBench *bench, gconstpointer unused);

/** Closes the project and opens it again. */
void slide_bench_reopen (SlideBench *bench);

/** A fixture's end: the project must be sound; all is removed. */
void slide_bench_close (SlideBench *bench, gconstpointer unused);

/** Moves a file, making the folder it goes to. */
void slide_bench_move (const char *from, const char *to);

/** Writes a slide at folder/below; transfer full. */
char *slide_bench_write (const SlideBench *bench, const SlideKind *kind, const char *below);

/** Options for tiles of so many pixels. */
TsrTilingOptions slide_bench_tiling (int pixels);

/** Adds the slide at path without a mask. */
TsrSlideAdded slide_bench_add_with (const SlideBench *bench, const char *path,
                                    const TsrTilingOptions *options);

/** The same with tiles of SIDE pixels. */
TsrSlideAdded slide_bench_add (const SlideBench *bench, const char *path);

/** The slide of that number in the list. */
const TsrProjectSlide *slide_bench_nth (GPtrArray *slides, guint i);

/** The project's slides; transfer full. */
GPtrArray *slide_bench_list (const SlideBench *bench);

/** The places of all tiles; transfer full. */
TsrTileRegion *slide_bench_regions (const SlideBench *bench);
