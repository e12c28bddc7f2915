#pragma once
/* One page about a labelled project, to print and to file: what the set is, what was labelled by
 * whom, how sure the predictions are, the map, and what each class looks like; and one about its
 * slides, or several, if it has any: how much of each is what. In the user's language
 * (tsr-language.h). */

#include "tsr-table.h"

typedef struct {
  const char *title; /* headline; NULL: none */
  const char *date;  /* as it is to stand there; NULL: today */
  bool english;      /* whatever the user's language */
} TsrReportOptions;

/** Writes the pages as PDF (A4). Tiles appear as pictures only, and slides by the names the project
 * shows (tsr_project_hide_slide_names): no file is named. project
 * must be the one the table came from. Works without map, labels or predictions too, and says what
 * is missing. The file is whole or not there. */
bool tsr_report_write (const TsrTable *table, TsrProject *project, const TsrReportOptions *options,
                       const char *path, const TsrProgress *progress, GError **error);
