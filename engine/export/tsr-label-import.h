#pragma once
/* Labels that come from files: tables of tiles and classes, and QuPath's annotations. */

#include "tsr-import.h"
#include "tsr-project.h"

typedef struct {
  const char *annotator;    /* who labels */
  bool keep;                /* leave labelled tiles alone */
  bool check;               /* a table's classes are answers of a check: TSR_HOW_CHECK */
  bool annotator_column;    /* whoever the file says it was counts more than annotator: a table's
                               column “annotator”, an annotation's metadata */
  double share;             /* how much of a tile annotations of a class must cover, above 0 */
  const char *slide;        /* which slide the one GeoJSON file is about; NULL: its name says it */
  const char *slide_option; /* what says that, for the sentence that asks for it; NULL: nothing */
} TsrLabelOptions;

/** A GeoJSON file that was read. */
typedef struct {
  char *path, *slide;
  uint32_t features, annotations; /* in the file; those among them that were looked at */
  uint32_t no_area, broken;       /* skipped, as in TsrGeojsonCounts */
  uint32_t telling;               /* annotations that could label: with a class that is no frame's,
                                     or what export writes for tiles */
  uint32_t tiles;                 /* that got a class, or are unsure */
  uint32_t told;                  /* that it says anything of: those, and excluded ones */
} TsrLabelFile;

/** A row of a table, or a class, that could not be used. */
typedef struct {
  guint line;   /* of the table; 0: a class */
  char *name;   /* the class; NULL: a row */
  char *reason; /* one sentence */
} TsrLabelRefusal;

typedef struct {
  GPtrArray *files;       /* TsrLabelFile */
  GPtrArray *skipped;     /* TsrSkippedFile: files that could not be used; nothing was labelled */
  GPtrArray *new_classes; /* char *, names */
  GPtrArray *refused;     /* TsrLabelRefusal */
  uint32_t rows, used;    /* of a table */
  uint32_t labelled;      /* tiles that annotations say something about */
  uint32_t changed;       /* tiles whose label is another now */
  uint32_t excluded;      /* tiles that are excluded now and were not before */
} TsrLabelReport;

/** Empty lists and zeros. */
void tsr_label_report_init (TsrLabelReport *report);

/** Frees what the report holds; the struct is the caller's. May be called again. */
void tsr_label_report_clear (TsrLabelReport *report);

/** What somebody has to know about a file that was read: why it says nothing of any tile, or that
 * some of it was left out. One sentence, transfer full; NULL: all is well. */
char *tsr_label_file_remark (const TsrLabelFile *file);

/** Labels the tiles that a table names (tsr-tile-row.h), by its columns label (or class,
 * classification), state (“unsure”, “excluded”) and annotator, as export writes them, all of it as
 * one act of the journal. Of two rows about a tile
 * the later counts. Classes that are missing are made. Rows that name no tile or a class that
 * cannot be made are refused and stop nothing; TSR_ERROR_FAILED in one sentence if none can be
 * used. The report was initialised; it is filled also on failure. */
bool tsr_labels_from_table (TsrProject *project, const char *path, const TsrLabelOptions *options,
                            TsrLabelReport *report, GError **error);

/** Labels the tiles that have a place on a slide by the annotations of paths[n], and
 * excludes those that the files say are excluded, all of it as one act of the journal. Classes that
 * are missing are made, in their colours. Nothing is labelled if a file cannot be read or is about
 * no slide of the project (TSR_ERROR_FAILED in one sentence; report->skipped has one for each
 * file), or when cancelled. The report was initialised. */
bool tsr_labels_from_geojson (TsrProject *project, const char *const *paths, size_t n,
                              const TsrLabelOptions *options, TsrLabelReport *report,
                              const TsrProgress *progress, GError **error);

/** The id of the class of that name, made if there is none (rgb -1: a free colour); *fresh says
 * whether. -1 with one sentence if no class can be called so. */
int32_t tsr_label_class (TsrProject *project, const char *name, int64_t rgb, bool *fresh,
                         GError **error);

/** How many tiles changes (GArray of TsrLabelChange) are about that are not as they were. */
uint32_t tsr_label_count (const GArray *changes);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsrLabelReport, tsr_label_report_clear)
