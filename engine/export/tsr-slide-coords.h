#pragma once
/* Tables that say which tiles of slides to cut, on their way into a project: which row is about
 * which slide. */

#include "tsr-project-slides.h"

typedef struct TsrSlideCoords TsrSlideCoords;

/** What the tables leave open, and what becomes of those that cannot be used. */
typedef struct {
  double side;             /* of a tile in pixels of level 0, where a table does not say; 0: not
                              known */
  const char *side_option; /* what says that, for the sentence that asks for it; NULL: nothing */
  bool strict;             /* a file that was named and cannot be used ends it all */
} TsrSlideCoordsOptions;

/** Reads the tables among paths (ended by NULL), as tsr_place_table_read takes them, and those in
 * folders among them (.h5, .hdf5, .csv), and finds which of the slides' files[n] (names, with
 * folders or without) each row is about: the one it names; or the only one, if all rows that name
 * another name the same. A table that cannot be read, or whose tiles are no squares of one size on
 * each slide, is left out as a whole. refused (of TsrSkippedFile) receives one sentence for each
 * that is, and for one with rows that make no sense. NULL with one sentence (TSR_ERROR_FAILED) if
 * no row is about any of the slides, or as strict says. Unchanging once made, so that threads may
 * share it. */
TsrSlideCoords *tsr_slide_coords_new (char *const *files, size_t n, char *const *paths,
                                      const TsrSlideCoordsOptions *options, GPtrArray *refused,
                                      const TsrProgress *progress, GError **error);

/** One more holder. Returns self. */
TsrSlideCoords *tsr_slide_coords_ref (TsrSlideCoords *self);

/** One holder less; NULL is allowed. */
void tsr_slide_coords_unref (TsrSlideCoords *self);

/** How many rows are about none of the slides. */
uint32_t tsr_slide_coords_unknown (const TsrSlideCoords *self);

/** Cuts slide i where the tables say. options says how many pixels across a tile is, and gets the
 * scale of what was cut, for the slides that follow without a table. TSR_ERROR_IMAGE with a
 * sentence where no row is about the slide, or one lies outside of it. Clear cut with
 * tsr_slide_cut_clear. */
bool tsr_slide_coords_cut (const TsrSlideCoords *self, size_t i, TsrSlide *slide,
                           TsrTilingOptions *options, TsrSlideCut *cut, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrSlideCoords, tsr_slide_coords_unref)
