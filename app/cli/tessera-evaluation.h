#pragma once
/* Runs tsr_evaluate on a project and reports it; `evaluate` and `demo` share it. */

#include "tessera-command.h"
#include "tsr-evaluate.h"
#include "tsr-map.h"
#include "tsr-project.h"

typedef struct {
  bool strategies[TSR_N_STRATEGIES], rules[TSR_N_RULES];
  const uint32_t *labels;
  size_t n_labels;
  unsigned runs;
  bool pixels;        /* raw pixels instead of W */
  bool remap;         /* a map for every run */
  bool fresh_map;     /* do not use the project's map */
  bool picks;         /* report the tiles labelled */
  TsrTsneOptions map; /* for maps made here */
  double balance;     /* likewise */
  const char *method; /* "tsne", "pca" */
} TesseraEvaluation;

/** Evaluates, sets result["rows"] and prints the table. Changes nothing in the project. */
bool tessera_evaluation_run (TesseraCli *cli, TsrProject *project,
                             const TesseraEvaluation *evaluation, GError **error);
