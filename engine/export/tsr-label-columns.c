#include "tsr-label-columns.h"

TsrLabelColumns
tsr_label_columns (const TsrCsvRow *header)
{
  static const char *const label[] = {"label", "class", "classification", NULL},
                           *const state[] = {"state", NULL},
                           *const annotator[] = {"annotator", NULL};
  return (TsrLabelColumns){tsr_csv_column (header, label), tsr_csv_column (header, state),
                           tsr_csv_column (header, annotator)};
}
