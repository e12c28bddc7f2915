#include "tsr-column-file.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-tile-row.h"

#include <string.h>

void
tsr_column_file_free (TsrColumnFile *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->columns);
  g_ptr_array_unref (self->bad);
  g_free (self);
}

static void
bad_row_free (void *data)
{
  TsrBadRow *bad = data;
  g_free (bad->reason);
  g_free (bad);
}

static void
refuse (TsrColumnFile *self, guint line, const char *reason)
{
  TsrBadRow *bad = g_new (TsrBadRow, 1);
  bad->line = line;
  bad->reason = g_strdup (reason);
  g_ptr_array_add (self->bad, bad);
}

/* For each tile its row, the last one that names it; NULL: none. */
static const TsrCsvRow **
match_rows (TsrColumnFile *self, TsrProject *project, const TsrTileRows *tiles,
            const GPtrArray *rows)
{
  const TsrCsvRow **row_of = g_new0 (const TsrCsvRow *, (size_t)tiles->n + 1);
  for (guint i = 1; i < rows->len; i++) {
    const TsrCsvRow *row = rows->pdata[i];
    g_autoptr (GError) cause = NULL;
    uint32_t tile;
    if (!tsr_tile_rows_find (tiles, project, row, &tile, &cause)) {
      refuse (self, row->line, cause->message);
    } else if (tile < tiles->n) {
      row_of[tile] = row;
      self->used++;
    }
  }
  self->rows = rows->len - 1;
  return row_of;
}

/* A column of numbers with decimal commas becomes one of numbers; one in which anything else stands
 * stays as it is. What is written anew is owned by `owned`. */
static void
read_commas (const TsrCsvRow *const *row_of, int column, const char **values, uint32_t n,
             GPtrArray *owned)
{
  double number;
  for (uint32_t i = 0; i < n; i++)
    if (values[i] && *values[i] &&
        (!row_of[i]->decimal_comma || !tsr_row_number (row_of[i], column, &number)))
      return;
  for (uint32_t i = 0; i < n; i++)
    if (values[i] && strchr (values[i], ',')) {
      char *point = g_strdelimit (g_strdup (values[i]), ",", '.');
      g_ptr_array_add (owned, point);
      values[i] = point;
    }
}

static void
take_columns (TsrColumnFile *self, const TsrTileRows *tiles, const TsrCsvRow *header,
              const TsrCsvRow *const *row_of)
{
  g_autofree const char **values = g_new (const char *, (size_t)tiles->n + 1);
  for (guint c = 0; c < header->n_fields; c++) {
    const char *name = tsr_row_field (header, (int)c);
    if ((int)c == tiles->file || (int)c == tiles->number || !*name)
      continue;
    for (uint32_t i = 0; i < tiles->n; i++)
      values[i] = row_of[i] ? tsr_row_field (row_of[i], (int)c) : NULL;
    g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func (g_free);
    read_commas (row_of, (int)c, values, tiles->n, owned);
    TsrColumn *column = tsr_column_new (name, values, tiles->n);
    if (column->n_texts > 0)
      g_ptr_array_add (self->columns, column);
    else
      tsr_column_unref (column);
  }
}

static bool
join (TsrColumnFile *self, TsrProject *project, const TsrTileRows *tiles, const GPtrArray *rows,
      const char *path, GError **error)
{
  g_autofree const TsrCsvRow **row_of = match_rows (self, project, tiles, rows);
  g_autofree char *shown = g_filename_display_name (path);
  if (self->used == 0) {
    const TsrBadRow *first = self->bad->len ? self->bad->pdata[0] : NULL;
    if (first)
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   _ ("No row of “%s” names a tile; the first reason: %s"), shown, first->reason);
    else
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   _ ("No row of “%s” names a tile of the project."), shown);
    return false;
  }
  take_columns (self, tiles, rows->pdata[0], row_of);
  if (self->columns->len == 0)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("“%s” says nothing of its tiles besides their names, so there is nothing to join."),
        shown);
  return self->columns->len > 0;
}

TsrColumnFile *
tsr_column_file_read (TsrProject *project, const char *path, GError **error)
{
  g_autoptr (GPtrArray) rows = tsr_csv_read (path, error);
  if (!rows)
    return NULL;
  g_autoptr (TsrColumnFile) self = g_new0 (TsrColumnFile, 1);
  self->columns = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_column_unref);
  self->bad = g_ptr_array_new_with_free_func (bad_row_free);
  TsrTileRows tiles;
  bool ok = tsr_tile_rows_init (&tiles, project, rows->pdata[0]);
  if (ok)
    ok = join (self, project, &tiles, rows, path, error);
  else {
    g_autofree char *shown = g_filename_display_name (path);
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("“%s” has no column that names the tiles; its first line must name the columns, "
           "“file” or “tile_id” among them."),
        shown);
  }
  tsr_tile_rows_clear (&tiles);
  return ok ? g_steal_pointer (&self) : NULL;
}
