#pragma once
/* A tour of the window in whatever language it speaks: every page, with what opens over it. Tests
 * of what must hold everywhere look around at each stop. */

#include "window-test.h"

/** Called at a stop, once all is drawn; where is borrowed and says which it is. */
typedef void (*WindowTourStop) (WindowTest *test, const char *where, gpointer data);

/** Before a project is open: the start, a folder's and slides' import, files refused, a project
 * that cannot be opened. */
void window_tour_beginnings (WindowTourStop stop, gpointer data);

/** A project of slides: labelling, selections, a class's menu, colourings, slides, training,
 * stains.
 */
void window_tour_project (WindowTourStop stop, gpointer data);

/** A project that trains, as far as the window can tell. */
void window_tour_training (WindowTourStop stop, gpointer data);

/** The same project with what stands beside the map: how good it is, a check, the history, two
 * readers, the gallery with nothing selected, the lab. */
void window_tour_beside (WindowTourStop stop, gpointer data);

/** The same project with each window that an action opens over it, file dialogs among them. */
void window_tour_dialogs (WindowTourStop stop, gpointer data);

/** What in texts is a name of the tour's, as regular expressions; ended by NULL. */
const char *const *window_tour_names (void);
