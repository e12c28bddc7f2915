#pragma once
/* Comma-separated values (RFC 4180): writing fields, reading files nobody has checked. */

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/** One record of a file. */
typedef struct {
  char **fields; /* ended by NULL */
  guint n_fields;
  guint line;         /* where it begins, from 1 */
  bool decimal_comma; /* fields are separated by semicolons, so numbers may have one */
} TsrCsvRow;

/** Reads a whole file of at most 1 GiB: UTF-8 with or without byte order mark, fields separated by
 * comma, semicolon or tab (whichever the first line has most of outside quotes), quoted fields with
 * line breaks and doubled quotes, any line ends. Blank lines are left out. Returns a GPtrArray of
 * TsrCsvRow (transfer full), or NULL with TSR_ERROR_FAILED naming file and line. */
GPtrArray *tsr_csv_read (const char *path, GError **error);

/** Finds a column of the first row by any of names (ended by NULL), ignoring case and surrounding
 * blanks, the earlier name first; -1 if there is none. */
int tsr_csv_column (const TsrCsvRow *header, const char *const *names);

/** A field without its blanks, "" where the row ends before it; cut in place. */
const char *tsr_row_field (const TsrCsvRow *row, int column);

/** Reads a field as a number: with a decimal point, or, where fields are separated by semicolons,
 * with a decimal comma, as spreadsheets write both where a comma is the decimal sign. False if it
 * is none. */
bool tsr_row_number (const TsrCsvRow *row, int column, double *value);

/** Writes one field, quoted where needed, a comma before it unless it is the record's first. */
void tsr_csv_text (FILE *file, const char *text, bool first);

/** Writes a number in the C locale with up to `digits` significant digits; nothing for one that is
 * not finite. */
void tsr_csv_number (FILE *file, double value, int digits, bool first);

/** Ends a record. */
void tsr_csv_end (FILE *file);
