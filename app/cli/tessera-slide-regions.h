#pragma once
/* Annotations that limit the tiles of slides on their way into a project, and give them their
 * ground truth: --area, --truth and what belongs to them. */

#include "tessera-command.h"
#include "tsr-project-slides.h"

typedef struct TesseraSlideRegions TesseraSlideRegions;

/** Takes the options and finds for each file which of the slides' files[n] (names without folders)
 * it is about: the one it is named after, or the only one. Reads no file yet. NULL with one
 * sentence for a file that is about none of them. */
TesseraSlideRegions *tessera_slide_regions_new (TesseraCli *cli, char *const *files, size_t n,
                                                GError **error);

/** What a slide will be called: its file without folder and ending, ".ome.tif" being one. Free with
 * g_free. */
char *tessera_slide_stem (const char *file);

/** Frees it; NULL is allowed. */
void tessera_slide_regions_free (TesseraSlideRegions *self);

/** Takes the tiles out of cut that lie outside of slide i's annotations. *outside receives how
 * many, or -1 if no file limits the slide. TSR_ERROR_FAILED with a sentence for a file that cannot
 * be read or has no annotation with an area. */
bool tessera_slide_regions_limit (const TesseraSlideRegions *self, size_t i, TsrSlideCut *cut,
                                  gint64 *outside, const TsrProgress *progress, GError **error);

/** Stores the ground truth that slide i's files give the tiles of the project's slide number
 * `slide`; tiles without one keep what they have. *tiles receives how many got one, or -1 if no
 * file says any. */
bool tessera_slide_regions_truth (const TesseraSlideRegions *self, size_t i, TsrProject *project,
                                  int32_t slide, gint64 *tiles, const TsrProgress *progress,
                                  GError **error);

/** Whether any ground truth is asked for. */
bool tessera_slide_regions_give_truth (const TesseraSlideRegions *self);

/** Makes a class of each name of the ground truth, where it can be one, so that labelling can
 * begin. Sets "classes" of the result. */
bool tessera_add_truth_classes (TesseraCli *cli, TsrProject *project, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraSlideRegions, tessera_slide_regions_free)
