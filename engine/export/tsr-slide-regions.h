#pragma once
/* Annotations that limit the tiles of slides on their way into a project, and give them their
 * ground truth: which files are about which slide, and what comes of them. */

#include "tsr-project-slides.h"

typedef struct TsrSlideRegions TsrSlideRegions;

/** What a slide will be called: its file without folder and ending, “.ome.tif” being one. g_free.
 */
char *tsr_slide_stem (const char *file);

/** Adds a file that cannot be cut to the names of slides (of char *, owned), behind those that can:
 * what is about it must not be taken for the only other one's. Left out where a slide is called the
 * same, and, unless it was surely meant as a slide, where it is not called as slides are. */
void tsr_slide_names_add_absent (GPtrArray *names, const char *file, bool meant);

/** Finds for each GeoJSON file of area and truth (both ended by NULL, or NULL) which of the slides'
 * files[n] (names, with folders or without) it is about: the one it is named after, or the only
 * one, where none is named after that. The last `absent` of the files are slides that cannot be
 * cut (tsr_slide_names_add_absent). share (0..1) is that of a tile inside of annotations, and of
 * one class. Reads no file yet; copies all. A file that is about none of them: where foreign is
 * given (of char *, freed by it), its path is added there, once, and it is left out; without
 * foreign, or if every file of area is about none, NULL with one sentence (TSR_ERROR_FAILED). One
 * that is about an absent slide is left out; where foreign is given it is about none. */
TsrSlideRegions *tsr_slide_regions_new (char *const *files, size_t n, size_t absent,
                                        char *const *area, char *const *truth, double share,
                                        GPtrArray *foreign, GError **error);

/** Frees it; NULL is allowed. */
void tsr_slide_regions_free (TsrSlideRegions *self);

/** The files that limit slide i, of char *; NULL: none does. Borrowed. */
const GPtrArray *tsr_slide_regions_area (const TsrSlideRegions *self, size_t i);

/** Reads the annotations that limit a slide (GPtrArray of TsrRegion, transfer full) from files
 * about it, of char *: all with an area but those that tell of an unsure or excluded tile
 * (tsr_region_tells_of_tile). TSR_ERROR_FAILED with a sentence for a file that cannot be read or
 * has none. */
GPtrArray *tsr_slide_regions_read_area (const GPtrArray *paths, const TsrProgress *progress,
                                        GError **error);

/** Takes the tiles out of cut that lie outside of slide i's annotations. *outside receives how
 * many, or -1 if no file limits the slide. Errors as
 * tsr_slide_regions_read_area. */
bool tsr_slide_regions_limit (const TsrSlideRegions *self, size_t i, TsrSlideCut *cut,
                              gint64 *outside, const TsrProgress *progress, GError **error);

/** Stores the ground truth that slide i's files give the tiles of the project's slide number
 * `slide`; tiles without one keep what they have. *tiles receives how many got one, or -1 if no
 * file says any. */
bool tsr_slide_regions_truth (const TsrSlideRegions *self, size_t i, TsrProject *project,
                              int32_t slide, gint64 *tiles, const TsrProgress *progress,
                              GError **error);

/** Whether any ground truth is asked for. */
bool tsr_slide_regions_give_truth (const TsrSlideRegions *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrSlideRegions, tsr_slide_regions_free)
