#include "tsr-tile-row.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <string.h>

bool
tsr_tile_rows_init (TsrTileRows *self, TsrProject *project, const TsrCsvRow *header)
{
  static const char *const file[] = {"file", "path", "tile", "filename", "image", "name", NULL};
  static const char *const number[] = {"tile_id", NULL};
  self->file = tsr_csv_column (header, file);
  self->number = tsr_csv_column (header, number);
  self->n = tsr_project_n_tiles (project);
  self->names = tsr_project_tile_names (project);
  int first = self->file >= 0 ? self->file : self->number;
  self->column = first >= 0 ? g_strstrip (g_strdup (header->fields[first])) : NULL;
  return first >= 0;
}

void
tsr_tile_rows_clear (TsrTileRows *self)
{
  g_clear_pointer (&self->names, g_strfreev);
  g_clear_pointer (&self->column, g_free);
}

bool
tsr_tile_rows_find (const TsrTileRows *self, TsrProject *project, const TsrCsvRow *row,
                    uint32_t *tile, GError **error)
{
  const char *name = tsr_row_field (row, self->file), *number = tsr_row_field (row, self->number);
  guint64 id;
  bool numbered = g_ascii_string_to_unsigned (number, 10, 0, UINT32_MAX, &id, NULL) && id < self->n;
  if (numbered && (!*name || strcmp (self->names[id], name) == 0)) {
    *tile = (uint32_t)id;
    return true;
  }
  if (!*name && !*number) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("The row names no tile: its field “%s” is empty; fill it in, or leave the row out."),
        self->column);
    return false;
  }
  if (!*name) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED, _ ("There is no tile number “%s”."), number);
    return false;
  }
  return tsr_project_find_tile (project, name, tile, error);
}
