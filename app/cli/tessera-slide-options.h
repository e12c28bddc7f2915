#pragma once
/* How `new` and `add` cut slides into tiles. */

#include "tessera-open.h"
#include "tsr-project-slides.h"

typedef struct {
  TsrTilingOptions tiling;
  TsrMaskOptions mask;
  bool use_mask;
} TesseraSlideOptions;

#define TESSERA_SLIDE_OPTIONS                                                                      \
  {.name = "slides",                                                                               \
   .kind = TESSERA_OPTION_TEXTS,                                                                   \
   .value_name = "FILE|DIR...",                                                                    \
   .help = "Whole slides, or folders of them, to be cut into tiles"},                              \
      {.name = "tile-size",                                                                        \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .value_name = "PIXELS",                                                                     \
       .help = "Side of a tile as a network sees it (default: as the project's newest slide, "     \
               "else 64)",                                                                         \
       .min = 1,                                                                                   \
       .max = 4096},                                                                               \
      {.name = "mpp",                                                                              \
       .kind = TESSERA_OPTION_NUMBER,                                                              \
       .value_name = "UM",                                                                         \
       .help = "Micrometres a pixel of the tile (default: the slide's own pixels)",                \
       .min = 0.001,                                                                               \
       .max = 1000},                                                                               \
      {.name = "micrometres",                                                                      \
       .kind = TESSERA_OPTION_NUMBER,                                                              \
       .value_name = "UM",                                                                         \
       .help = "Side of a tile in micrometres, instead of --mpp",                                  \
       .min = 0.001,                                                                               \
       .max = 1e6},                                                                                \
      {.name = "slide-mpp",                                                                        \
       .kind = TESSERA_OPTION_NUMBER,                                                              \
       .value_name = "UM",                                                                         \
       .help = "Micrometres a pixel of the slide, for slides whose files do not say",              \
       .min = 0.01,                                                                                \
       .max = 20},                                                                                 \
      {.name = "overlap",                                                                          \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .value_name = "PIXELS",                                                                     \
       .help = "Of neighbouring tiles, in pixels of the tile",                                     \
       .min = 0,                                                                                   \
       .max = 4095},                                                                               \
      {.name = "tissue",                                                                           \
       .kind = TESSERA_OPTION_NUMBER,                                                              \
       .value_name = "SHARE",                                                                      \
       .help = "Smallest share of a tile that is tissue (default 0.5)",                            \
       .min = 0,                                                                                   \
       .max = 1},                                                                                  \
      {.name = "saturation",                                                                       \
       .kind = TESSERA_OPTION_NUMBER,                                                              \
       .value_name = "N",                                                                          \
       .help = "Tissue is more saturated than this (default: found on each slide)",                \
       .min = 0,                                                                                   \
       .max = 255},                                                                                \
      {.name = "brightness",                                                                       \
       .kind = TESSERA_OPTION_NUMBER,                                                              \
       .value_name = "N",                                                                          \
       .help = "Tissue is darker than this (default: found on each slide)",                        \
       .min = 0,                                                                                   \
       .max = 255},                                                                                \
      {.name = "no-mask",                                                                          \
       .kind = TESSERA_OPTION_FLAG,                                                                \
       .help = "Take the whole slide, tissue or not"},                                             \
      {.name = "coords",                                                                           \
       .kind = TESSERA_OPTION_TEXTS,                                                               \
       .value_name = "TABLE|DIR...",                                                               \
       .help =                                                                                     \
           "Cut exactly the tiles that these tables list, TRIDENT's and CLAM's HDF5 among them"},  \
      {.name = "coords-size",                                                                      \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .value_name = "PIXELS",                                                                     \
       .help = "Side of a tile in pixels of the slide's finest level, for tables of --coords "     \
               "that do not say it",                                                               \
       .min = 1,                                                                                   \
       .max = 16384},                                                                              \
      {.name = "area",                                                                             \
       .kind = TESSERA_OPTION_TEXTS,                                                               \
       .value_name = "FILE.geojson...",                                                            \
       .help = "Only tiles inside of these files' annotations; a file is about the slide it is "   \
               "named after, or the only one"},                                                    \
      {.name = "area-share",                                                                       \
       .kind = TESSERA_OPTION_NUMBER,                                                              \
       .value_name = "SHARE",                                                                      \
       .help = "Smallest share of a tile inside of annotations ",                                  \
       .fallback = "0.5",                                                                          \
       .min = 0.001,                                                                               \
       .max = 1},                                                                                  \
      {.name = "truth",                                                                            \
       .kind = TESSERA_OPTION_TEXTS,                                                               \
       .value_name = "FILE.geojson...",                                                            \
       .help = "Classified annotations give tiles their ground truth: the class that covers most " \
               "of a tile, if that is --area-share of it"},                                        \
      {.name = "truth-from-area",                                                                  \
       .kind = TESSERA_OPTION_FLAG,                                                                \
       .help = "The files of --area give the ground truth as well"},                               \
  {                                                                                                \
    .name = "hide-names", .kind = TESSERA_OPTION_FLAG,                                             \
    .help = "Call slides “slide 1”, “slide 2” ... in all that is shown and exported"       \
  }

/** Reads the options: what is not given is as the project's newest slide was cut, else by default.
 * False (TSR_ERROR_USAGE) where two of them exclude each other, or one of them is given without
 * --slides. */
bool tessera_slide_options_read (TesseraCli *cli, TsrProject *project, TesseraSlideOptions *options,
                                 GError **error);

/** Refuses options of slides without --slides, both of --tiles and --slides, and neither. project
 * need not be open yet. */
bool tessera_slide_options_check (TesseraCli *cli, GError **error);

/** What a run of slides came to. */
typedef struct {
  uint32_t slides, tiles, skipped; /* read; tiles that joined; files left out */
} TesseraSlidesAdded;

/** Adds all slides of --slides to the project: sets "slides" and "skipped" of the result and prints
 * a line a slide. Broken files are listed and stop nothing. Fails if none can be read, if a size in
 * micrometres is asked of a slide that does not say how large its pixels are (before anything is
 * added), if the project has no tile at all then, which is of no use to anybody, and where it
 * cannot be written. */
bool tessera_add_slides (TesseraCli *cli, TsrProject *project, TesseraSlidesAdded *added,
                         GError **error);
