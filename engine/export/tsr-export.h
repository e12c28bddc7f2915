#pragma once
/* What leaves a project as files. Every file is whole or not there: written aside, then renamed. */

#include "tsr-table.h"

typedef enum { TSR_EXPORT_ALL, TSR_EXPORT_LABELLED, TSR_EXPORT_UNLABELLED } TsrExportOnly;

/** Which tiles leave: those that both allow. {0}: all. */
typedef struct {
  TsrExportOnly only;
  const uint8_t *chosen; /* [n] 1 for each of them; NULL: all */
} TsrExportTiles;

/** Writes the table as CSV, one record a tile, in the columns of docs/cli.md: tile_id, file, slide,
 * minx, miny, width, height, mpp, label, annotator, labelled_at, how, pred, prob_<Class> for each
 * class, margin, nn_id, nn_dist, tsne_x, tsne_y, truth, state, then the columns the user joined
 * ("joined_" before a name that is one of ours). What is not known stays empty. project must be the
 * one the table came from. */
bool tsr_export_csv (const TsrTable *table, TsrProject *project, const char *path,
                     TsrExportTiles tiles, uint32_t *records, const TsrProgress *progress,
                     GError **error);

/** Writes what people said as CSV, to hand on: a record for every tile of those chosen ([n], NULL:
 * all) that is labelled, unsure or excluded, in the columns tile_id, file, slide, minx, miny,
 * width, height, mpp, label, annotator, labelled_at, how, state. Nothing that is predicted, no
 * ground truth and no joined column. tsr_label_import reads it. project must be the one the table
 * came from. */
bool tsr_export_labels (const TsrTable *table, TsrProject *project, const char *path,
                        const uint8_t *chosen, uint32_t *records, const TsrProgress *progress,
                        GError **error);

/** Writes tiles and areas as CSV, one record for each slide and class, in the columns of
 * docs/cli.md: slide (as shown), class, tiles_labelled, tiles_predicted, mm2_labelled,
 * mm2_predicted, and slide_tiles and slide_mm2 of all the slide's tiles, whatever they are. Areas
 * are tsr_slide_counts_new's, and empty where the size of the slide's pixels is not known.
 * TSR_ERROR_FAILED if the project has no slide. */
bool tsr_export_areas (const TsrTable *table, TsrProject *project, const char *path,
                       uint32_t *records, const TsrProgress *progress, GError **error);

typedef struct {
  uint32_t copied; /* the tile's own file (tsr_image_bare), else what it shows, or its region of a
                    * slide, as PNG */
  uint32_t thumbnails; /* the file or slide was gone, or can no longer be read: the cached thumbnail
                        * as PNG */
  uint32_t missing;    /* neither was there */
} TsrExportFolders;

/** Copies tiles into folder/<class>/, labelled tiles by label, the others by prediction, unsure and
 * excluded ones not at all; tiles.csv in the folder says which is which. The folder must be new or
 * empty; it appears complete or not at all. */
bool tsr_export_folders (const TsrTable *table, TsrProject *project, const char *folder,
                         TsrExportTiles which, TsrExportFolders *report,
                         const TsrProgress *progress, GError **error);

/** Writes the cached thumbnails of tiles[n] as folder/NN-<name>.png in the given order, creating
 * the folder; files of the same name are replaced. */
bool tsr_export_thumbnails (TsrProject *project, const uint32_t *tiles, size_t n,
                            const char *folder, GError **error);
