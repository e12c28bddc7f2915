#pragma once
/* Tiles that are files get their places on slides. */

#include "tsr-project-slides.h"

/** Where a tile lies, in pixels of its slide's level 0. */
typedef struct {
  uint32_t tile;
  int64_t x, y;
  int32_t width, height;
} TsrTilePlacing;

/** Says where tiles[n], which are files, lie on a slide; what was said of them before is replaced.
 * slide joins the project where it is new, without being cut, with `mpp` (NAN: not known) where its
 * file does not say how large its pixels are, and *number receives its number; slide NULL: *number
 * says which of the project's it is, and its file is not needed. One transaction. TSR_ERROR_FAILED
 * with one sentence, and nothing changed, for a tile that is not there, that is a region itself, or
 * whose place has no extent or lies outside of the slide altogether. */
bool tsr_project_place_tiles (TsrProject *project, TsrSlide *slide, int32_t *number, double mpp,
                              const TsrTilePlacing *tiles, size_t n, GError **error);

/** Takes placing back: tiles[n], which are files, lie where places[n] say (tsr_project_regions;
 * slide -1: nowhere known), and slides from number n_slides on go, the newest first, as long as no
 * tile lies on them and they have not been cut. One transaction. */
bool tsr_project_restore_places (TsrProject *project, const uint32_t *tiles,
                                 const TsrTileRegion *places, size_t n, uint32_t n_slides,
                                 GError **error);
