#pragma once
/* The slides of a project, and where on them its tiles lie. A slide is known by its fingerprint, so
 * it may be moved and renamed. Slides are numbered 0, 1, 2 ... in the order they joined and never
 * leave. Of what a slide says of itself only format, vendor, scanner, sizes and objective are
 * stored: no label or macro image, and none of its properties. */

#include "tsr-project.h"
#include "tsr-slide-cut.h"

typedef struct {
  char *name;             /* as shown and exported: the file's without its ending, or "slide 3" */
  char *path;             /* where its file is, or was when it was last seen */
  char *format;           /* as TsrSlideInfo's */
  char *vendor, *scanner; /* NULL where unknown */
  int64_t size;           /* bytes of the file */
  int64_t width, height;  /* pixels of level 0 */
  double mpp;             /* micrometres a pixel of level 0; NAN where unknown */
  bool mpp_given;         /* somebody said so, because the file does not */
  double objective;       /* power; NAN where unknown */
  uint32_t tiles;         /* that lie on it, excluded ones too */
  int32_t pixels, side, step; /* how it was last cut (TsrTiling); 0: never */
  bool present;               /* a file of that size is at path */
} TsrProjectSlide;

/** Frees a slide with its texts; NULL is allowed. */
void tsr_project_slide_free (TsrProjectSlide *slide);

/** All slides by their numbers: GPtrArray of TsrProjectSlide, transfer full. Looks for each file
 * but opens none. NULL with error. */
GPtrArray *tsr_project_slides (TsrProject *project, GError **error);

/** Where a tile lies, in pixels of its slide's level 0. */
typedef struct {
  int64_t x, y;
  int32_t width, height;
  int32_t slide;  /* -1: not known, and the rest is 0 */
  int32_t pixels; /* across in the tile's picture */
  float tissue;   /* share of tissue, 0..1; NAN for files, of which it is not known */
} TsrTileRegion;

/** The places of all tiles, regions[n] of the caller's. Numbers of slides are within
 * tsr_project_slides' list. TSR_ERROR_CORRUPT where a place makes no sense. */
bool tsr_project_regions (TsrProject *project, TsrTileRegion *regions, GError **error);

/** The same in bytes (TsrTileRegion [n]): `former` (or NULL), what this gave before, once more
 * where nothing has changed. Transfer full; NULL with error. */
GBytes *tsr_project_reread_regions (TsrProject *project, GBytes *former, GError **error);

/** What adding a slide came to. */
typedef struct {
  int32_t slide;    /* its number */
  uint32_t tiles;   /* that joined now */
  uint32_t known;   /* that were there already */
  uint32_t damaged; /* that cannot be read, and stayed out */
  char *reason;     /* of the first of these: a sentence; or NULL */
} TsrSlideAdded;

/** Frees the reason, once or more often; the struct is the caller's. */
void tsr_slide_added_clear (TsrSlideAdded *added);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsrSlideAdded, tsr_slide_added_clear)

/** Adds the tiles of a slide as regions, with thumbnails (JPEG, at most 96 px and never more than
 * the slide has there), decoded in parallel before the file is locked, then in one transaction.
 * cut, options and mask (NULL: none was used) are tsr_slide_cut's and are kept with the slide;
 * options->slide_mpp is taken where the file does not say. Tiles that are there already stay as
 * they are, and a slide that was known by another path and is not there any more is found again.
 * A slide without tiles joins as well. Names follow QuPath: "Name [d=2,x=..,y=..,w=..,h=..]". False
 * with error, and then nothing has changed. */
bool tsr_project_add_slide (TsrProject *project, TsrSlide *slide, const TsrSlideCut *cut,
                            const TsrTilingOptions *options, const TsrMaskOptions *mask,
                            TsrSlideAdded *added, const TsrProgress *progress, GError **error);

/** From now on slides are called "slide 1", "slide 2" ... in all that is shown and exported: those
 * that are there, with their regions, and those that join. Names of files that are tiles stay. */
bool tsr_project_hide_slide_names (TsrProject *project, GError **error);

/** Whether tsr_project_hide_slide_names has been called. */
bool tsr_project_hides_slide_names (TsrProject *project);

/** Keeps which files could not join as slides, and why (TsrSkippedFile), among those that
 * tsr_project_skipped lists, in the place of what the last call kept. A project that hides its
 * slides' names keeps nothing: these files are called as slides are. */
bool tsr_project_store_skipped_slides (TsrProject *project, const GPtrArray *skipped,
                                       GError **error);

/** Says where a slide's file is now. TSR_ERROR_IMAGE with a sentence unless that file has the
 * slide's fingerprint. */
bool tsr_project_relink_slide (TsrProject *project, int32_t slide, const char *path,
                               GError **error);

/** Whether the file at path has the fingerprint of that slide, wherever the project has it: 1 it
 * has, 0 it has another, -1 error (it cannot be read). */
int tsr_project_slide_matches (TsrProject *project, int32_t slide, const char *path,
                               GError **error);

/** Looks below folder for the files of all slides that are not where they were: first by size, then
 * by fingerprint. Returns how many were found and noted, or -1. */
int tsr_project_relink_folder (TsrProject *project, const char *folder, const TsrProgress *progress,
                               GError **error);

/** Says how many micrometres a pixel of a slide is wide whose file does not say.
 * TSR_ERROR_USAGE if the file does, or for a size that no slide has (0.01 to 20). */
bool tsr_project_set_slide_mpp (TsrProject *project, int32_t slide, double mpp, GError **error);

/** The mask a slide was last cut with. False without error where there is none (everything counted
 * as tissue, or it was never cut). Free with tsr_tissue_mask_clear. */
bool tsr_project_slide_mask (TsrProject *project, int32_t slide, TsrTissueMask *mask,
                             GError **error);

/** The slide of that number as its tiles' thumbnails show it, each at its place, white between
 * them: for when its file cannot be read. It needs neither that file nor, once it is made, the
 * handle. NULL with error, TSR_ERROR_IMAGE where no tile lies on it. Free with tsr_slide_unref. */
TsrSlide *tsr_project_slide_remembered (TsrProject *project, int32_t number, GError **error);

/** How the newest slide of the project was cut, for the next ones: fills options, and mask with
 * *use_mask false where none was used. False without error, all untouched, if there is no slide. */
bool tsr_project_slide_options (TsrProject *project, TsrTilingOptions *options,
                                TsrMaskOptions *mask, bool *use_mask, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrProjectSlide, tsr_project_slide_free)
