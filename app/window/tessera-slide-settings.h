#pragma once
/* How slides are to be cut: size and scale of tiles, overlap, tissue, and what counts as tissue; or
 * which tiles exactly. */

#include "tessera-files-row.h"
#include "tsr-slide-tiling.h"

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

/** The GeoJSON files that limit the tiles; borrowed. A change of them, or of what follows, is
 * “changed”, too. */
TesseraFilesRow *tessera_slide_settings_get_area (TesseraSlideSettings *settings);

/** The smallest share of a tile that has to lie inside of their annotations. */
double tessera_slide_settings_get_area_share (TesseraSlideSettings *settings);

/** Whether the annotations' classes are to be ground truth. */
gboolean tessera_slide_settings_get_truth (TesseraSlideSettings *settings);

/** The files and folders that say which tiles to cut, in place of a grid and a mask; borrowed. */
TesseraFilesRow *tessera_slide_settings_get_coords (TesseraSlideSettings *settings);

/** How many pixels of level 0 a tile of theirs is wide where they do not say; 0: they do. */
double tessera_slide_settings_get_coords_side (TesseraSlideSettings *settings);

/** Whether slides' names are to be hidden. */
gboolean tessera_slide_settings_get_hide_names (TesseraSlideSettings *settings);
