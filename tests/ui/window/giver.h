#pragma once
/* Has another program (window-giver) give something to the window under test, as a person does: by
 * a drag across the screen, or by way of the clipboard. */

#include "window-test.h"

typedef struct {
  GSubprocess *process;
  gulong window;
} Giver;

/** Starts one: how is "drag" or "clipboard", what "files", "image" (its first path's) or "text".
 * Its window is put at x, y. */
Giver *giver_new (const char *how, const char *what, const char *const *paths, int x, int y);

/** Ends it. */
void giver_free (Giver *giver);

/** Drags from x, y on the screen to a point of a widget, and pauses there without letting go. */
void giver_drag (WindowTest *test, int x, int y, GtkWidget *to, double to_x, double to_y);

/** Lets go, and lets the window take what it is given. */
void giver_drop (WindowTest *test);
