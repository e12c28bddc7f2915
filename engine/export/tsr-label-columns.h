#pragma once
/* Where a table of labels has what: one answer for all who read such tables. */

#include "tsr-csv.h"

/** Which columns are there; -1: not there. */
typedef struct {
  int label, state, annotator;
} TsrLabelColumns;

/** The columns by their names in the first line, in any case and order: label (or class,
 * classification), state, annotator. */
TsrLabelColumns tsr_label_columns (const TsrCsvRow *header);
