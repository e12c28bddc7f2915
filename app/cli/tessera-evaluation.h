#pragma once
/* Runs tsr_evaluate on a project and reports it; `evaluate` and `demo` share it. */

#include "tessera-command.h"
#include "tsr-evaluate.h"
#include "tsr-map.h"
#include "tsr-umap.h"
#include "tsr-model-config.h"
#include "tsr-project.h"

/** What becomes of the features before tiles are chosen and the nearest label is looked for. */
typedef enum {
  TESSERA_REDUCTION_NONE, /* nothing: the map is W itself */
  TESSERA_REDUCTION_PCA,
  TESSERA_REDUCTION_UMAP,
  TESSERA_REDUCTION_TSNE, /* the paper's */
  TESSERA_N_REDUCTIONS
} TesseraReduction;

/** "none", "pca", "umap", "tsne"; static. */
const char *tessera_reduction_name (TesseraReduction reduction);

typedef struct {
  bool strategies[TSR_N_STRATEGIES], rules[TSR_N_RULES];
  const uint32_t *labels;
  size_t n_labels;
  const uint32_t *rounds; /* NULL: one */
  size_t n_rounds;
  unsigned runs;
  bool pixels;                           /* raw pixels instead of W */
  bool remap;                            /* a map for every run */
  bool fresh_map;                        /* do not use the project's map */
  bool picks;                            /* report the tiles labelled */
  const char *group_by;                  /* "slide" or a joined column's name; NULL: no groups */
  bool compared;                         /* the reductions were asked for by name ... */
  bool reductions[TESSERA_N_REDUCTIONS]; /* ... and else method says which one */
  TsrTsneOptions map;                    /* for maps made here */
  TsrUmapOptions umap;                   /* likewise */
  TsrLatent latent;                      /* the space of the project's vectors ... */
  bool spaces[2];                        /* ... and those asked for, by TsrLatent; none: that */
  const char *model;                     /* the file that maps Z to W, where that is asked for */
  double balance;                        /* likewise */
  const char *method;                    /* "tsne", "umap", "pca" */
} TesseraEvaluation;

/** Evaluates each reduction, sets result["rows"] and prints the table. Changes nothing in the
 * project. */
bool tessera_evaluation_run (TesseraCli *cli, TsrProject *project,
                             const TesseraEvaluation *evaluation, GError **error);
