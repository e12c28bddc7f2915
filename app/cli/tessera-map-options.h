#pragma once
/* How a map is laid out: the options that map, evaluate and bench share. */

#include "tessera-command.h"
#include "tsr-balance.h"
#include "tsr-map.h"
#include "tsr-umap.h"

/* Named where it is set, so that help cannot say another number. */
#define TESSERA_DEFAULT(number) "(default " G_STRINGIFY (number) ")"
#define TESSERA_EARLY           G_STRINGIFY (TSR_TSNE_EXAGGERATION_ITERATIONS)
#define TESSERA_LATE            TESSERA_DEFAULT (TSR_TSNE_ITERATIONS)
#define TESSERA_EPOCHS                                                                             \
  "(default " G_STRINGIFY (TSR_UMAP_EPOCHS_FEW) ", beyond " G_STRINGIFY (                          \
      TSR_UMAP_FEW) " tiles " G_STRINGIFY (TSR_UMAP_EPOCHS_MANY) ")"
#define TESSERA_ITERATIONS_HELP                                                                    \
  "Of t-SNE, after " TESSERA_EARLY " exaggerated ones " TESSERA_LATE                               \
  "; of UMAP, all " TESSERA_EPOCHS

/* Of maps of W; the bench measures t-SNE itself. */
#define TESSERA_BALANCE_OPTION                                                                     \
  {                                                                                                \
    .name = "balance", .kind = TESSERA_OPTION_NUMBER,                                              \
    .help = "How far W's long axes are shortened before t-SNE or UMAP: 0 not at all, 1 whitened",  \
    .fallback = G_STRINGIFY (TSR_BALANCE), .min = 0, .max = 1                                      \
  }

#define TESSERA_MAP_OPTIONS                                                                        \
  {.name = "method",                                                                               \
   .kind = TESSERA_OPTION_CHOICE,                                                                  \
   .choices = "tsne,umap,pca",                                                                     \
   .help = "How it is laid out",                                                                   \
   .fallback = "tsne"},                                                                            \
      {.name = "perplexity",                                                                       \
       .kind = TESSERA_OPTION_NUMBER,                                                              \
       .help = "Of t-SNE: about how many neighbours count " TESSERA_DEFAULT (TSR_TSNE_PERPLEXITY), \
       .min = 1,                                                                                   \
       .max = 1000},                                                                               \
      {.name = "neighbours",                                                                       \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .help = "Of UMAP: of how many neighbours each tile is held near " TESSERA_DEFAULT (         \
           TSR_UMAP_NEIGHBOURS),                                                                   \
       .min = 1,                                                                                   \
       .max = 1000},                                                                               \
      {.name = "min-dist",                                                                         \
       .kind = TESSERA_OPTION_NUMBER,                                                              \
       .help = "Of UMAP: how near neighbours come to lie " TESSERA_DEFAULT (TSR_UMAP_MIN_DIST),    \
       .min = 0.001,                                                                               \
       .max = 0.99},                                                                               \
      {.name = "seed",                                                                             \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .help = "Same seed, same map",                                                              \
       .fallback = "0",                                                                            \
       .min = 0,                                                                                   \
       .max = INT64_MAX},                                                                          \
      {.name = "iterations",                                                                       \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .help = TESSERA_ITERATIONS_HELP,                                                            \
       .min = 1,                                                                                   \
       .max = 100000},                                                                             \
  {                                                                                                \
    .name = "exaggeration", .kind = TESSERA_OPTION_NUMBER,                                         \
    .help = "Early exaggeration of t-SNE " TESSERA_DEFAULT (TSR_TSNE_EXAGGERATION), .min = 1,      \
    .max = 100                                                                                     \
  }

/** Reads them; 0 for what has its default from tsr_tsne. */
TsrTsneOptions tessera_map_options (TesseraCli *cli);

/** The same for tsr_umap. */
TsrUmapOptions tessera_umap_options (TesseraCli *cli);

/** Refuses an option that is given but is about another method than --method. */
bool tessera_map_check_options (TesseraCli *cli, GError **error);

/** {"neighbours_s", "affinities_s", "initialise_s", "optimise_s"}; transfer full. */
json_t *tessera_map_stages (const TsrTsneReport *report);

/** Sets "iterations" (all) and "exaggeration_iterations" (how many of them), or both to null. */
void tessera_map_set_iterations (json_t *object, const TsrTsneReport *report);

/** Says so in a sentence where there are too few tiles for the perplexity that was asked for (0:
 * the default), and a smaller one was used. */
void tessera_map_note_perplexity (TesseraCli *cli, double asked, const TsrTsneReport *report);

/** The same of UMAP's neighbours, of which each tile has no more than there are others. */
void tessera_map_note_neighbours (TesseraCli *cli, size_t neighbours);
