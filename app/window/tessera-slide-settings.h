#pragma once
/* How slides are to be cut: size and scale of tiles, overlap, tissue, and what counts as tissue. */

#include "tsr-slide-tiling.h"

#include <adwaita.h>

#define TESSERA_TYPE_SLIDE_SETTINGS (tessera_slide_settings_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSlideSettings, tessera_slide_settings, TESSERA, SLIDE_SETTINGS,
                      GtkWidget)

/** Signals: "changed" (): the user changed tiles or mask; "own-changed" (): whether the mask is for
 * one slide only. */

/** Shows these; emits nothing. */
void tessera_slide_settings_set_tiling (TesseraSlideSettings *settings,
                                        const TsrTilingOptions *tiling);

/** The tiles as they are set; slide_mpp is NAN. */
TsrTilingOptions tessera_slide_settings_get_tiling (TesseraSlideSettings *settings);

/** Whether tiles are asked for in micrometres, so that a slide's size of a pixel must be known. */
gboolean tessera_slide_settings_needs_mpp (TesseraSlideSettings *settings);

/** Shows a mask's options, and whether they are for the chosen slide only; emits nothing. */
void tessera_slide_settings_set_mask (TesseraSlideSettings *settings, const TsrMaskOptions *mask,
                                      gboolean use_mask, gboolean own);

/** The mask's options as they are set; *use_mask FALSE: everything is tissue. */
TsrMaskOptions tessera_slide_settings_get_mask (TesseraSlideSettings *settings, gboolean *use_mask);

/** Whether the mask is for the chosen slide only. */
gboolean tessera_slide_settings_get_own (TesseraSlideSettings *settings);

/** Moves sliders that stand on “automatic” to what was found on the slide; NAN: nothing was. */
void tessera_slide_settings_show_found (TesseraSlideSettings *settings, double saturation,
                                        double brightness);

/** Shows whether slides' names are hidden; fixed: it cannot be changed. */
void tessera_slide_settings_set_hide_names (TesseraSlideSettings *settings, gboolean hide,
                                            gboolean fixed);

/** The GeoJSON files that limit the tiles, as the user chose them: char *, never NULL; borrowed. A
 * change of them, or of what follows, is “changed”, too. */
const GPtrArray *tessera_slide_settings_get_area (TesseraSlideSettings *settings);

/** Replaces them by these (ended by NULL), as if the user had chosen them; a folder stands for the
 * GeoJSON files in it. */
void tessera_slide_settings_choose_area (TesseraSlideSettings *settings, const char *const *paths);

/** The smallest share of a tile that has to lie inside of their annotations. */
double tessera_slide_settings_get_area_share (TesseraSlideSettings *settings);

/** Whether the annotations' classes are to be ground truth. */
gboolean tessera_slide_settings_get_truth (TesseraSlideSettings *settings);

/** Says in a sentence what is wrong with the files, or, if they can be used all the same, what is
 * to be known of them; NULL: nothing. */
void tessera_slide_settings_show_area_problem (TesseraSlideSettings *settings, const char *sentence,
                                               gboolean usable);

/** Whether slides' names are to be hidden. */
gboolean tessera_slide_settings_get_hide_names (TesseraSlideSettings *settings);
