#pragma once
/* What a report says, without where it stands on the page. */

#include "tsr-table.h"

#define TSR_REPORT_EXAMPLES 24 /* tiles a class, at most */

/** A line of the report's facts. */
typedef struct {
  char *name, *value;
} TsrReportFact;

/** The tiles a class is shown by. */
typedef struct {
  uint32_t labelled, predicted; /* tiles in all */
  uint32_t tile[TSR_REPORT_EXAMPLES];
  unsigned n, n_labelled; /* of tile; the labelled ones come first */
} TsrReportClass;

/** The facts in their order and the thread's language: GArray of TsrReportFact, transfer full. */
GArray *tsr_report_facts (const TsrTable *table, TsrProject *project);

/** For each class its examples, at most `most` (up to TSR_REPORT_EXAMPLES): up to half labelled
 * tiles, spread evenly over all of the class, then those predicted with the highest probability
 * (the lower number of equal ones). Transfer full, [table->n_classes]. */
TsrReportClass *tsr_report_classes (const TsrTable *table, unsigned most);
