#pragma once
/* Pixels of the engine as textures of GTK. */

#include "tsr-image.h"

#include <gtk/gtk.h>

/** A copy of an image's pixels; NULL if it has none. */
GdkTexture *tessera_texture_new (const TsrImage *image);
