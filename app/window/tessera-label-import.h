#pragma once
/* Labels and classes from files, taken into the open project: read and stored on a thread, told in
 * a sentence, and taken back as one. */

#include "tessera-window.h"

typedef enum {
  TESSERA_LABELS_TABLE,   /* CSV, as the export writes it */
  TESSERA_LABELS_GEOJSON, /* QuPath's annotations, one file a slide */
  TESSERA_CLASSES,        /* QuPath's classes.json, or a GeoJSON file: names and colours only */
} TesseraLabelSource;

/** Asks for the file or files, then as tessera_label_import_begin. */
void tessera_label_import_run (TesseraWindow *window, TesseraLabelSource source);

/** Takes what the files at paths (ended by NULL) say into the window's project, which is loaded
 * anew then. A toast says what came of it and offers to undo it; files that cannot be used are
 * listed. */
void tessera_label_import_begin (TesseraWindow *window, TesseraLabelSource source,
                                 const char *const *paths);
