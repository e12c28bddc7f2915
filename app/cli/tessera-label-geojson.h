#pragma once
/* Labels from QuPath's annotations. */

#include "tsr-project.h"

#include <jansson.h>

typedef struct {
  double share;               /* how much of a tile a class must cover */
  const char *slide;          /* which slide the file is about; NULL: its name says it */
  bool keep;                  /* leave labelled tiles alone */
  const char *annotator;      /* who labels */
  json_t *files;              /* out: as docs/cli.md, appended to */
  json_t *new_classes;        /* out: names, appended to */
  json_t *bad_classes;        /* out: [{class, reason}], appended to */
  uint32_t labelled, changed; /* out */
  uint32_t excluded;          /* out: tiles that are now and were not before */
} TesseraGeojsonImport;

/** Labels the tiles that have a place on a slide by the annotations of paths[n], as one
 * entry of the journal, and excludes those that the files say are excluded, as another. Nothing is
 * labelled if a file cannot be read or is about no slide of the project (TSR_ERROR_FAILED in one
 * sentence), or when cancelled. */
bool tessera_label_geojson (TsrProject *project, const char *const *paths, size_t n,
                            TesseraGeojsonImport *import, const TsrProgress *progress,
                            GError **error);
