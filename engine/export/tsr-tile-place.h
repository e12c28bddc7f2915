#pragma once
/* Where on its slide a tile lies, as far as its file's name says. */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
  char *slide;
  double x, y, width, height; /* level-0 pixels */
  double downsample;          /* 1 where the name leaves it out */
} TsrTilePlace;

/** Frees the slide's name and leaves an empty place; the struct is the caller's. */
void tsr_tile_place_clear (TsrTilePlace *place);

/** Reads QuPath's tile names, "Slide [d=2,x=10240,y=20480,w=512,h=512].png", folders before it
 * ignored. False if name is not of that form (place is left empty). */
bool tsr_tile_place_parse (const char *name, TsrTilePlace *place);

/** The places of tiles by their names[n], as tsr_tile_place_parse reads them: [n], slide NULL where
 * a name says none. Free with tsr_tile_places_free. */
TsrTilePlace *tsr_tile_places_of_names (char *const *names, size_t n);

/** Frees n places; NULL is allowed. */
void tsr_tile_places_free (TsrTilePlace *places, size_t n);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsrTilePlace, tsr_tile_place_clear)
