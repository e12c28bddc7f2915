#pragma once
/* A project's labels beside those of another reader, in one list of classes. */

#include "tessera-command.h"
#include "tsr-reading.h"

typedef struct {
  TsrReading *other;
  uint32_t n;
  int32_t *first, *second; /* [n]: an index into names, TSR_LABEL_NONE or TSR_LABEL_UNSURE */
  GPtrArray *names;        /* char*: the project's classes, then the other's further ones */
  GPtrArray *classes;      /* TsrClass: the project's, as many names come first */
  GArray *disputed;        /* uint32_t: tiles that both gave a class, not the same */
} TesseraReadings;

/** Reads the project's labels and those at path (tsr_reading_new). Whose labels a table holds that
 * names nobody is said by --annotator, else its file name. NULL with an error. */
TesseraReadings *tessera_readings_new (TesseraCli *cli, TsrProject *project, const char *path,
                                       GError **error);

/** Frees both; NULL is allowed. */
void tessera_readings_free (TesseraReadings *readings);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraReadings, tessera_readings_free)
