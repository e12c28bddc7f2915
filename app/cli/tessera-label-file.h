#pragma once
/* Labels from a CSV file: the one that export writes, or any with a column for the tile and one for
 * the label. */

#include "tsr-project.h"

#include <jansson.h>

typedef struct {
  bool keep;                              /* leave labelled tiles alone */
  const char *annotator;                  /* for rows that name none */
  bool annotator_column;                  /* take the annotator from the file where it says so */
  json_t *bad_rows;                       /* out: [{line, reason}], appended to */
  json_t *new_classes;                    /* out: names, appended to */
  uint32_t rows, used, changed, excluded; /* out */
} TesseraLabelImport;

/** Returns the id of the class called name, made now if there is none (*fresh says so) with the
 * colour rgb (-1: the next free one), or -1. */
int32_t tessera_label_class (TsrProject *project, const char *name, int64_t rgb, bool *fresh,
                             GError **error);

/** How many of the changes (TsrLabelChange) changed something. */
uint32_t tessera_label_count (const GArray *changes);

/** Reads path and labels what it says, one journal entry an annotator. Columns: file (or path,
 * tile, filename, image, name) and/or tile_id; label (or class); optionally state (unsure,
 * excluded) and annotator. Rows that cannot be used are listed and stop nothing; it is an error
 * only if no row can be used. */
bool tessera_label_import (TsrProject *project, const char *path, TesseraLabelImport *import,
                           GError **error);
