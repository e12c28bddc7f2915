#pragma once
/* Tables that say which tiles of slides to cut, on their way into a project: --coords. */

#include "tessera-command.h"
#include "tsr-project-slides.h"

typedef struct TesseraSlideCoords TesseraSlideCoords;

/** Reads the tables of --coords, as `place --from` takes them, and those in its folders (.h5,
 * .csv), and finds which of the slides' files[n] (names without folders) each row is about: the one
 * it names, or the only one. NULL with one sentence for a table that cannot be read, that is about
 * none of them, or whose tiles are no squares of one size; and NULL without one where --coords is
 * not given. */
TesseraSlideCoords *tessera_slide_coords_new (TesseraCli *cli, char *const *files, size_t n,
                                              GError **error);

/** Frees it; NULL is allowed. */
void tessera_slide_coords_free (TesseraSlideCoords *self);

/** Cuts slide i where the tables say. options says how many pixels across a tile is, and gets the
 * scale of what was cut, for the slides that follow without a table. TSR_ERROR_IMAGE with a
 * sentence where no row is about the slide, or one lies outside of it. Clear cut with
 * tsr_slide_cut_clear. */
bool tessera_slide_coords_cut (const TesseraSlideCoords *self, size_t i, TsrSlide *slide,
                               TsrTilingOptions *options, TsrSlideCut *cut, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraSlideCoords, tessera_slide_coords_free)
