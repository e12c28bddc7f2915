#pragma once
/* What a widget shows, drawn by GTK's renderer into pixels. A widget has nothing to show before its
 * first frame, which comes late on a busy machine: all of these wait for it, ten seconds at most,
 * and end the program with a sentence when it does not come. */

#include <gtk/gtk.h>

/** The picture of a mapped widget, width x height of its own pixels from its upper left corner.
 * Returns a new reference. */
GdkTexture *picture_of (GtkWidget *widget, int width, int height);

/** The colour, 0xRRGGBB, of the pixel that holds (x, y) of a mapped widget. */
guint32 picture_color (GtkWidget *widget, double x, double y);

/** Writes a mapped widget as a PNG file and prints its name: all that it draws, the shadow round a
 * window too, in every pixel that the screen's scale gives it; over it the popovers that are open,
 * where they fit. */
void picture_save (GtkWidget *widget, const char *path);

/** A popover of the widget's that is open and on screen, borrowed, or NULL. */
GtkWidget *picture_find_popover (GtkWidget *widget);
