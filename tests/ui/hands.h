#pragma once
/* What tests of a real window do: let it live, move a real pointer and press real keys (xdotool),
 * and find a widget by what assistive technology calls it. */

#include <gtk/gtk.h>

/** Iterates the main context for a while. */
void hands_turn (guint ms);

/** Runs xdotool with words separated by blanks, while the window lives on. */
void hands_xdo (const char *format, ...) G_GNUC_PRINTF (1, 2);

/** A widget's coordinates on the screen, where its window has neither frame nor manager and is at
 * the origin. */
void hands_to_screen (GtkWidget *widget, double x, double y, int *screen_x, int *screen_y);

/** The first widget of a type below root (or root) whose accessible name, or label, is this; NULL.
 */
GtkWidget *hands_find_named (GtkWidget *root, GType type, const char *name);
