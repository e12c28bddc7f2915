#include "tsr-csv.h"

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_BYTES ((gint64)1 << 30)

static void
row_free (gpointer data)
{
  TsrCsvRow *row = data;
  g_strfreev (row->fields);
  g_free (row);
}

static bool
load (const char *path, char **text, gsize *length, GError **error)
{
  GStatBuf info;
  g_autofree char *shown = g_filename_display_name (path);
  if (g_stat (path, &info) != 0) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "read", path, errno);
    return false;
  }
  if (!S_ISREG (info.st_mode) || info.st_size > MAX_BYTES) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 S_ISREG (info.st_mode)
                     ? _ ("Cannot read “%s”: it is larger than 1 GiB; give a CSV file.")
                     : _ ("Cannot read “%s”: it is not a file; give a CSV file."),
                 shown);
    return false;
  }
  g_autoptr (GError) cause = NULL;
  if (!g_file_get_contents (path, text, length, &cause)) {
    tsr_file_set_cause (error, TSR_ERROR_FAILED, "read", path, cause);
    return false;
  }
  const char *end;
  if (!g_utf8_validate_len (*text, *length, &end)) {
    guint line = 1;
    for (const char *c = *text; c < end; c++)
      line += *c == '\n';
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("Cannot read “%s”: line %u is not UTF-8 text. Save it as “CSV UTF-8” and try again."),
        shown, line);
    return false;
  }
  return true;
}

/* The separator that the first line has most of. */
static char
find_separator (const char *text)
{
  guint commas = 0, semicolons = 0, tabs = 0;
  bool quoted = false;
  for (const char *c = text; *c && (quoted || (*c != '\n' && *c != '\r')); c++) {
    quoted ^= *c == '"';
    commas += !quoted && *c == ',';
    semicolons += !quoted && *c == ';';
    tabs += !quoted && *c == '\t';
  }
  if (semicolons > commas && semicolons >= tabs)
    return ';';
  return tabs > commas ? '\t' : ',';
}

typedef struct {
  const char *at;
  char separator;
  guint line;
} Reader;

/* Reads one quoted field; at stands behind the opening quote. */
static bool
read_quoted (Reader *reader, GString *field)
{
  for (;; reader->at++) {
    if (!*reader->at)
      return false;
    reader->line += *reader->at == '\n';
    if (*reader->at != '"') {
      g_string_append_c (field, *reader->at);
      continue;
    }
    reader->at++;
    if (*reader->at != '"')
      return true;
    g_string_append_c (field, '"');
  }
}

/* Reads one record, however many lines it has. */
static TsrCsvRow *
read_row (Reader *reader, const char *shown, GError **error)
{
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  guint line = reader->line;
  for (;;) {
    g_autoptr (GString) field = g_string_new (NULL);
    if (*reader->at == '"') {
      reader->at++;
      char next = read_quoted (reader, field) ? *reader->at : 'x';
      if (next && next != reader->separator && next != '\n' && next != '\r') {
        g_set_error (
            error, TSR_ERROR, TSR_ERROR_FAILED,
            _ ("Cannot read “%s”: a quoted field that begins on line %u is not closed properly."),
            shown, line);
        return NULL;
      }
    } else
      while (*reader->at && *reader->at != reader->separator && *reader->at != '\n' &&
             *reader->at != '\r')
        g_string_append_c (field, *reader->at++);
    g_ptr_array_add (fields, g_strdup (field->str));
    if (*reader->at != reader->separator)
      break;
    reader->at++;
  }
  if (*reader->at == '\r')
    reader->at++;
  if (*reader->at == '\n')
    reader->at++;
  reader->line++;
  TsrCsvRow *row = g_new (TsrCsvRow, 1);
  row->n_fields = fields->len;
  row->line = line;
  row->decimal_comma = reader->separator == ';';
  g_ptr_array_add (fields, NULL);
  row->fields = (char **)g_ptr_array_free (g_steal_pointer (&fields), FALSE);
  return row;
}

GPtrArray *
tsr_csv_read (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  if (!load (path, &text, &length, error))
    return NULL;
  g_autofree char *shown = g_filename_display_name (path);
  const char *start = g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text;
  Reader reader = {.at = start, .separator = find_separator (start), .line = 1};
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (row_free);
  while (*reader.at) {
    TsrCsvRow *row = read_row (&reader, shown, error);
    if (!row)
      return NULL;
    if (row->n_fields == 1 && !*row->fields[0])
      row_free (row);
    else
      g_ptr_array_add (rows, row);
  }
  if (rows->len == 0) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("Cannot read “%s”: it is empty; its first line must name the columns."), shown);
    return NULL;
  }
  return g_steal_pointer (&rows);
}

int
tsr_csv_column (const TsrCsvRow *header, const char *const *names)
{
  for (; *names; names++)
    for (guint i = 0; i < header->n_fields; i++) {
      g_autofree char *field = g_strstrip (g_strdup (header->fields[i]));
      if (g_ascii_strcasecmp (field, *names) == 0)
        return (int)i;
    }
  return -1;
}

const char *
tsr_row_field (const TsrCsvRow *row, int column)
{
  return column >= 0 && (guint)column < row->n_fields ? g_strstrip (row->fields[column]) : "";
}

bool
tsr_row_number (const TsrCsvRow *row, int column, double *value)
{
  g_autofree char *text = g_strdup (tsr_row_field (row, column));
  if (row->decimal_comma && !strchr (text, '.'))
    g_strdelimit (text, ",", '.');
  char *end;
  size_t length = strspn (text, "0123456789+-.eE");
  *value = g_ascii_strtod (text, &end);
  return length > 0 && end == text + length && !*end;
}

void
tsr_csv_text (FILE *file, const char *text, bool first)
{
  if (!first)
    putc (',', file);
  if (!text)
    return;
  size_t length = strlen (text);
  bool blank_ends = length && (text[0] == ' ' || text[length - 1] == ' ');
  if (!blank_ends && !strpbrk (text, ",;\t\"\r\n")) {
    fputs (text, file);
    return;
  }
  putc ('"', file);
  for (; *text; text++) {
    if (*text == '"')
      putc ('"', file);
    putc (*text, file);
  }
  putc ('"', file);
}

void
tsr_csv_number (FILE *file, double value, int digits, bool first)
{
  if (!first)
    putc (',', file);
  if (!isfinite (value))
    return;
  char format[16], buffer[64];
  g_snprintf (format, sizeof format, "%%.%dg", CLAMP (digits, 1, 17));
  fputs (g_ascii_formatd (buffer, sizeof buffer, format, value), file);
}

void
tsr_csv_end (FILE *file)
{
  fputs ("\r\n", file);
}
