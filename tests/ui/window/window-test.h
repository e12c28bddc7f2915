#pragma once
/* Drives a real window: opens it, waits for it, types and clicks through the X server. */

#include "tessera-application.h"
#include "tessera-window.h"
#include "window-fixture.h"

typedef struct {
  char *folder;
  char *path;
  TesseraApplication *application;
  TesseraWindow *window;
} WindowTest;

/** FALSE, having said so in TAP, where there is no display or no xdotool. */
gboolean window_test_can_run (void);
/** What most tests begin with: folders of their own for the user's settings and data, g_test_init
 * and adw_init. FALSE as above. */
gboolean window_test_begin (int *argc, char ***argv);
/** Makes a project of n tiles and opens it in a window at the screen's corner. */
void window_test_open (WindowTest *test, unsigned n, WindowFixtureParts parts);
/** An empty window on the start page. */
void window_test_start (WindowTest *test);
/** Opens the test's project again in a new window. */
void window_test_reopen (WindowTest *test);
void window_test_close_window (WindowTest *test);
void window_test_close (WindowTest *test);

TesseraSession *window_test_session (WindowTest *test);
TesseraMapView *window_test_map (WindowTest *test);

/** Runs the main loop until condition or for ten seconds (fails then). */
typedef gboolean (*WindowTestCondition) (WindowTest *test, gpointer data);
void window_test_wait (WindowTest *test, const char *what, WindowTestCondition condition,
                       gpointer data);
/** Runs the main loop for so long. */
void window_test_pass (unsigned milliseconds);

/** Whether a test may open GTK's file dialogs; if not, the test is skipped. One dialog or eight,
 * GIO leaves the same 16 KiB behind once, from frames that no suppression can tell from others. */
gboolean window_test_file_dialogs (void);
/** Until no act waits for the disk and the map, if it is seen, is drawn. */
void window_test_settle (WindowTest *test);

/** Calls xdotool with these words. */
void window_test_xdotool (const char *format, ...) G_GNUC_PRINTF (1, 2);
/** Presses a key for real and lets its work finish. */
void window_test_key (WindowTest *test, const char *key);
/** A widget point in root coordinates. */
void window_test_root_point (WindowTest *test, GtkWidget *widget, double x, double y, int *root_x,
                             int *root_y);
/** Until a frame with all that changed has been laid out and drawn: where widgets are now is where
 * a click finds them. However busy the machine is. */
void window_test_wait_for_frame (WindowTest *test);
/** Clicks the middle of a widget, when a frame has said where it is. */
void window_test_click (WindowTest *test, GtkWidget *widget);
/** Writes what the window shows into a PNG. */
void window_test_save (WindowTest *test, const char *path);
/** How narrow a widget can be. */
int window_test_minimum_width (GtkWidget *widget);
/** The first of root and its descendants, depth first, that fits; NULL if none does. */
GtkWidget *window_test_find_if (GtkWidget *root, gboolean (*fits) (GtkWidget *, gpointer),
                                gpointer data);
/** The first descendant of a type, or NULL. */
GtkWidget *window_test_find (GtkWidget *root, GType type);
/** The first visible button with this label, or NULL. */
GtkWidget *window_test_find_button (GtkWidget *root, const char *label);
/** Whether a visible label's text holds this. */
gboolean window_test_says (GtkWidget *root, const char *text);
/** Whether assistive technology gets a name of a widget: a given one, by relation, or what stands
 * on it. A tooltip only describes. */
gboolean window_test_has_name (GtkWidget *widget);

/* Conditions for window_test_wait. */

/** Whether the window shows a button of this label (const char *). */
gboolean window_test_has_button (WindowTest *test, gpointer label);
/** Whether the window says this somewhere (const char *). */
gboolean window_test_is_said (WindowTest *test, gpointer text);
/** Whether a project is open. */
gboolean window_test_is_open (WindowTest *test, gpointer data);

/** Fails where something in widget that takes the focus has no name for assistive technology;
 * counts what was looked at. */
void window_test_check_names (GtkWidget *widget, unsigned *checked);
