#pragma once
/* How a map is laid out: the options that map, evaluate and bench share. */

#include "tessera-command.h"
#include "tsr-map.h"

#define TESSERA_MAP_OPTIONS                                                                        \
  {.name = "method",                                                                               \
   .kind = TESSERA_OPTION_CHOICE,                                                                  \
   .choices = "tsne,pca",                                                                          \
   .help = "How it is laid out",                                                                   \
   .fallback = "tsne"},                                                                            \
      {.name = "perplexity",                                                                       \
       .kind = TESSERA_OPTION_NUMBER,                                                              \
       .help = "Of t-SNE: about how many neighbours count (default 30)",                           \
       .min = 1,                                                                                   \
       .max = 1000},                                                                               \
      {.name = "seed",                                                                             \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .help = "Same seed, same map",                                                              \
       .fallback = "0",                                                                            \
       .min = 0,                                                                                   \
       .max = INT64_MAX},                                                                          \
      {.name = "iterations",                                                                       \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .help = "Of t-SNE, after the exaggeration (default 500)",                                   \
       .min = 1,                                                                                   \
       .max = 100000},                                                                             \
  {                                                                                                \
    .name = "exaggeration", .kind = TESSERA_OPTION_NUMBER,                                         \
    .help = "Early exaggeration of t-SNE (default 12)", .min = 1, .max = 100                       \
  }

/** Reads them. */
TsrTsneOptions tessera_map_options (TesseraCli *cli);

/** {"neighbours_s", "affinities_s", "initialise_s", "optimise_s"}; transfer full. */
json_t *tessera_map_stages (const TsrTsneReport *report);
