#pragma once
/* One picture, as large as its place allows, with its pixels crisp (squares) or smooth. Properties:
 * "texture" (GdkTexture), "smooth" (gboolean), "size" (int, smallest side in px), "expand-picture"
 * (whether it may grow beyond size). What is shown may be larger than the tile: then a frame says
 * which square in its middle is meant. */

#include <gtk/gtk.h>

#define TESSERA_TYPE_TILE_PICTURE (tessera_tile_picture_get_type ())
G_DECLARE_FINAL_TYPE (TesseraTilePicture, tessera_tile_picture, TESSERA, TILE_PICTURE, GtkWidget)

/** A picture at least `size` px a side, empty; floating reference. */
GtkWidget *tessera_tile_picture_new (int size);

/** Shows a texture (referenced), NULL for none. */
void tessera_tile_picture_set_texture (TesseraTilePicture *picture, GdkTexture *texture);

/** Sets whether pixels are blended rather than shown as squares. */
void tessera_tile_picture_set_smooth (TesseraTilePicture *picture, gboolean smooth);

/** Sets the smallest side in px. */
void tessera_tile_picture_set_size (TesseraTilePicture *picture, int size);

/** Sets how high in px a square picture stays where there is little room; 300 until then. */
void tessera_tile_picture_set_large (TesseraTilePicture *picture, int large);

/** Shows a tile in its surroundings, which are `times` as wide, with a frame round the tile in the
 * middle; 1: no frame. The texture (referenced) is of the surroundings if whole, else of the tile
 * alone, for as long as they are not there yet. */
void tessera_tile_picture_set_around (TesseraTilePicture *picture, GdkTexture *texture, int times,
                                      gboolean whole);

/** How many times as wide as the tile the picture is; 1: it is the tile. */
int tessera_tile_picture_get_times (TesseraTilePicture *picture);
