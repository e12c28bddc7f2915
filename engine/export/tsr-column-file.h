#pragma once
/* Joins a table (CSV) to a project's tiles: each of its columns becomes a column of the project. */

#include "tsr-project.h"

typedef struct {
  guint line; /* of the file, from 1 */
  char *reason;
} TsrBadRow;

typedef struct {
  GPtrArray *columns; /* TsrColumn, in the file's order */
  GPtrArray *bad;     /* TsrBadRow: rows that name no tile of the project */
  uint32_t rows;      /* below the first */
  uint32_t used;
} TsrColumnFile;

/** Reads path (tsr-csv.h): the first line names the columns; “file” (or path, tile, filename,
 * image, name) and/or “tile_id” say which tile a row is about, every other column that says
 * something is kept. A later  * row about the same tile replaces the earlier one. Rows about no
 * tile are listed and stop nothing; TSR_ERROR_FAILED if no row could be used or there is no column
 * to keep. The caller stores the columns (tsr_project_put_columns). */
TsrColumnFile *tsr_column_file_read (TsrProject *project, const char *path, GError **error);

/** Frees the result with columns and rows; NULL is allowed. */
void tsr_column_file_free (TsrColumnFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrColumnFile, tsr_column_file_free)
