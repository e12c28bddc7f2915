#pragma once
/* Images from elsewhere, for the latent lab: dropped on its fields, opened, or given to the window
 * (tessera-window-drop.c). */

#include "tsr-lab.h"

#include <gtk/gtk.h>

/** An image that was read: a point of the lab (TSR_LAB_IMAGE) and a texture to show; or why not. */
typedef struct {
  TsrLabPoint point;
  GdkTexture *texture;
  char *name;    /* of its file, or what stands for it */
  char *problem; /* a sentence; then the rest is empty */
} TesseraLabImage;

/** Frees an image; NULL is allowed. */
void tessera_lab_image_free (TesseraLabImage *image);

/** Told of an image (transfer full), or, where tiles are accepted, of a tile (image NULL). */
typedef void (*TesseraLabImageFunc) (TesseraLabImage *image, uint32_t tile, gpointer user);

/** Reads a file on a thread: its middle square, at most 512 pixels across. func is called with
 * user (a GObject, of which a reference is held until then). */
void tessera_lab_image_read_file (GFile *file, TesseraLabImageFunc func, gpointer user);

/** The same of pixels that are there already; name is what they are called. */
void tessera_lab_image_read_texture (GdkTexture *texture, const char *name,
                                     TesseraLabImageFunc func, gpointer user);

/** Has widget take images that are dropped on it, as files or as pixels, and tiles that
 * tessera_lab_image_offer_tile offers. */
void tessera_lab_image_accept (GtkWidget *widget, TesseraLabImageFunc func, gpointer user);

/** Says which tile a widget that is being dragged stands for, TESSERA_NO_TILE: none. */
typedef uint32_t (*TesseraLabTileFunc) (GtkWidget *widget);

/** Lets a widget be dragged, as the tile that tile_of says it is then. */
void tessera_lab_image_offer_tile (GtkWidget *widget, TesseraLabTileFunc tile_of);
