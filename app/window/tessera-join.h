#pragma once
/* Joins a table's columns to the tiles of a project, on a thread of its own with its own handle. */

#include <gio/gio.h>

typedef struct {
  guint columns;        /* joined now */
  guint32 used, rows;   /* rows that name a tile, and all */
  char *first, *reason; /* the first column's name; why the first bad row was left out, or NULL */
} TesseraJoinResult;

/** Frees a result; not NULL. */
void tessera_join_result_free (TesseraJoinResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraJoinResult, tessera_join_result_free)

/** Reads the table and stores its columns in the project at path; callback on the main thread. */
void tessera_join_async (const char *path, const char *table, GAsyncReadyCallback callback,
                         gpointer user);

/** Ends a join. Transfer full; NULL with error. */
TesseraJoinResult *tessera_join_finish (GAsyncResult *result, GError **error);
