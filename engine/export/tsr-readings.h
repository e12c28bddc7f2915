#pragma once
/* A project's labels beside those of another reader, in one list of classes; and how the other's
 * join the project. */

#include "tsr-progress.h"
#include "tsr-reading.h"

typedef struct {
  gatomicrefcount refs;
  TsrReading *other;
  char *annotator; /* who gave the project's labels; NULL: nobody, or several people */
  uint32_t n;
  int32_t *first, *second; /* [n]: an index into names, TSR_LABEL_NONE or TSR_LABEL_UNSURE */
  GPtrArray *names;        /* char*: the project's classes, then the other's further ones */
  GPtrArray *classes;      /* TsrClass: the project's, as many names come first */
  GArray *disputed;        /* uint32_t: tiles that both gave a class, not the same */
  uint32_t same_reader;    /* tiles that both gave a class, under one name: perhaps read once */
} TsrReadings;

/** Reads the project's labels and those at path (tsr_reading_new). annotator: whose labels those of
 * a table are that names nobody; NULL: the file's name. One reference, the caller's; NULL with an
 * error. */
TsrReadings *tsr_readings_new (TsrProject *project, const char *path, const char *annotator,
                               GError **error);

/** Takes one more reference, on any thread; returns readings, which nobody may change. */
TsrReadings *tsr_readings_ref (TsrReadings *readings);

/** Drops a reference, on any thread; NULL is allowed. */
void tsr_readings_unref (TsrReadings *readings);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrReadings, tsr_readings_unref)

/** What becomes of tiles that both gave a class, not the same. */
typedef enum {
  TSR_DISPUTED_KEEP,  /* the project's label stays */
  TSR_DISPUTED_TAKE,  /* the other's */
  TSR_DISPUTED_CLEAR, /* neither: without a label they are the next suggestions. Both readings are
                         in the journal (tsr_project_dispute) */
} TsrDisputed;

typedef struct {
  uint32_t changed, disputed; /* tiles that took the other's label; with two classes */
  GPtrArray *new_classes;     /* char*: made for the other's labels */
} TsrMergeReport;

/** Frees the list; the struct is the caller's. */
void tsr_merge_report_clear (TsrMergeReport *report);

/** Takes the other reader's labels into the project, under that reader's name: an entry for each
 * annotator, all one act (tsr_project_begin_act), there as a whole or not at all. Tiles without a
 * label take the other's, unsure too; unsure never replaces a class. With TSR_DISPUTED_CLEAR, and
 * only_disputed, nothing but the disputed tiles changes. What the project's labels are is looked at
 * anew. annotator is who clears. report (or NULL) is filled on success. */
bool tsr_readings_merge (const TsrReadings *readings, TsrProject *project, TsrDisputed disputed,
                         bool only_disputed, const char *annotator, TsrMergeReport *report,
                         GError **error);
