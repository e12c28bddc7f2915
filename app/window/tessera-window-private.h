#pragma once
/* Shared by tessera-window*.c only. */

#include "tessera-import-page.h"
#include "tessera-start-page.h"
#include "tessera-window.h"

struct _TesseraWindow {
  AdwApplicationWindow parent_instance;

  GtkStack *pages;
  AdwToastOverlay *toasts;
  GtkWidget *header;
  AdwViewSwitcher *switcher;
  AdwWindowTitle *title;
  GtkStack *title_stack;
  GtkWidget *back, *reset, *fullscreen;
  GtkMenuButton *menu;
  GtkLabel *labelled, *project_title;
  TesseraStartPage *start;
  TesseraImportPage *import;
  TesseraProjectPage *project;
  AdwStatusPage *failure;

  TesseraSession *session;            /* opening or open */
  AdwToast *toast;                    /* the one on screen; weak */
  guint toast_act;                    /* what it offers to undo, 0: nothing */
  void (*toast_undo) (gpointer data); /* or this does; NULL: nothing */
  gpointer toast_data;
  GDestroyNotify toast_free;
  gint64 toast_since; /* its first frame's time */
  guint toast_tick;   /* while it is coming in */
  guint tour;         /* source: newcomers are shown round soon */
  GSignalGroup *session_signals, *job_signals;
  guint held_key;    /* hardware keycode of the labelling key that is down, 0: none */
  gboolean closing;  /* waits for acts to reach the disk */
  char *adding_to;   /* the project that tiles were to be added to when it closed; NULL: none */
  GtkWidget *health; /* the page on how good it is; weak */
  gboolean auditing; /* a check with random tiles is running */
  gboolean added;    /* tiles are being added to the project that opens next: they join its map */
};

/** Adds the window's actions ("win.*"). */
void tessera_window_add_actions (TesseraWindow *window);
/** Those about files. */
void tessera_window_add_file_actions (TesseraWindow *window);
/** Adds those of the gallery and of search by example, in tessera-window-gallery.c. */
void tessera_window_add_gallery_actions (TesseraWindow *window);
/** Enables those that make sense now. */
void tessera_window_update_gallery_actions (TesseraWindow *window);
/** A plain key that means something else in the gallery, which is in front. TRUE if it does. */
gboolean tessera_window_gallery_key (TesseraWindow *window, char c);
/** The same of a key with Ctrl. */
gboolean tessera_window_gallery_control_key (TesseraWindow *window, guint keyval);
/** Adds the actions about how good it is; tessera_window_add_actions does. */
void tessera_window_add_health_actions (TesseraWindow *window);
/** Enables those while a project is open. */
void tessera_window_update_health (TesseraWindow *window, gboolean open);
/** Closes the page on how good it is. */
void tessera_window_close_health (TesseraWindow *window);
/** After a check with random tiles has changed: shows what came of it. */
void tessera_window_audit_cb (TesseraWindow *window);
/** Enables what makes sense now. */
void tessera_window_update_actions (TesseraWindow *window);
/** Adds the controller for the labelling keys. */
void tessera_window_add_keys (TesseraWindow *window);
/** Takes what is dropped on the window. */
void tessera_window_add_drop (TesseraWindow *window);
/** Takes what the clipboard holds, as if it were dropped; says so where that is nothing to take. */
void tessera_window_paste (TesseraWindow *window);
/** Adds the actions of the journal and of second readers. */
void tessera_window_add_reader_actions (TesseraWindow *window);
/** Enables them if a project is open. */
void tessera_window_update_reader_actions (TesseraWindow *window, gboolean open);
/** Closes the windows that belong to the open project: its history, two readers. */
void tessera_window_close_companions (TesseraWindow *window);
/** Asks how to import what is at paths (ended by NULL), folders of tiles or slides; into an open
 * project if there is one and `add`. */
void tessera_window_import_slides (TesseraWindow *window, const char *const *paths, gboolean add);
/** Asks how to import a folder; into an open project if there is one and `add`. A folder whose
 * files are called as slides are is taken as one of slides. */
void tessera_window_import (TesseraWindow *window, const char *folder, gboolean add);
