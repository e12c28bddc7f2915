#pragma once
/* Another reader's labels of a project's tiles: from a copy of the project, or from a table. */

#include "tsr-project.h"

typedef struct {
  char *name;    /* of the class, as the project writes it where the two are the same to a reader */
  char *written; /* as that reader writes it; NULL: as name */
  uint32_t rgb;  /* 0xRRGGBB as that reader had it */
  bool coloured; /* a table has no colours */
} TsrReadingClass;

/** What a reader says of the tiles of one project. */
typedef struct {
  uint32_t n;         /* tiles of the project */
  int32_t *label;     /* [n]: an index into classes, TSR_LABEL_NONE or TSR_LABEL_UNSURE */
  int32_t *reader;    /* [n]: an index into readers, or -1 */
  GPtrArray *classes; /* TsrReadingClass */
  GPtrArray *readers; /* char*: annotators */
  uint32_t labelled;  /* tiles of the reading that have a label, unsure ones too */
  uint32_t unknown;   /* of those, how many are no tiles of the project (or of several the name) */
} TsrReading;

/** Reads the labels at path, a project or a CSV file (as export writes it: columns for the tile and
 * the label, others may be missing), for the tiles of `project`. Tiles of two projects are the same
 * if they have the same name and number, or a name that only one tile of each has. Classes are the
 * same if their names are, or differ in case, blanks and ways to write an accent only, where that
 * leaves one class on each side. NULL with one sentence if the file cannot be read, or is the
 * project's own. annotator: whose labels those of a table are that names nobody. */
TsrReading *tsr_reading_new (TsrProject *project, const char *path, const char *annotator,
                             GError **error);

/** Frees a reading; NULL is allowed. */
void tsr_reading_free (TsrReading *reading);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrReading, tsr_reading_free)
