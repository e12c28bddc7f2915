#pragma once
/* The window: start, import, or one open project. */

#include "tessera-project-page.h"

#include <adwaita.h>

#define TESSERA_TYPE_WINDOW (tessera_window_get_type ())
G_DECLARE_FINAL_TYPE (TesseraWindow, tessera_window, TESSERA, WINDOW, AdwApplicationWindow)

/** A new window on its start page, owned by the application. */
GtkWidget *tessera_window_new (GtkApplication *application);
/** Opens a project file; the window says so if that fails. */
void tessera_window_open (TesseraWindow *window, const char *path);
/** Makes or finds the demonstration and opens it. */
void tessera_window_demonstrate (TesseraWindow *window);
/** Takes files and folders as if they were dropped on the window: a project opens, a folder or
 * slides begin a project or are added to the one that is open. FALSE for no paths (ended by NULL).
 */
gboolean tessera_window_drop (TesseraWindow *window, const char *const *paths);
/** The open project's session, or NULL. */
TesseraSession *tessera_window_get_session (TesseraWindow *window);
/** The page that shows the open project, borrowed; there also while none is open. */
TesseraProjectPage *tessera_window_get_project_page (TesseraWindow *window);
/** The path of the project that is open or opening, or NULL. */
const char *tessera_window_get_path (TesseraWindow *window);
/** Shows a short message over the page. */
void tessera_window_toast (TesseraWindow *window, const char *text);

/** The same with a button that undoes what the message tells of, which calls undo with data, once.
 * free_data frees that when the message goes, or when something else is done. */
void tessera_window_toast_undoable (TesseraWindow *window, const char *text,
                                    void (*undo) (gpointer data), gpointer data,
                                    GDestroyNotify free_data);
