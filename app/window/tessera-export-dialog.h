#pragma once
/* Exports from the window: asks for a name, writes on a thread of its own (which is seen, and can
 * be cancelled, if it takes long), says what came of it in a toast. */

#include "tessera-window.h"

typedef enum {
  TESSERA_EXPORT_CSV,
  TESSERA_EXPORT_MAP,
  TESSERA_EXPORT_FOLDERS,
  TESSERA_EXPORT_REPORT,
  TESSERA_EXPORT_AREAS,
  TESSERA_EXPORT_GEOJSON,      /* all slides, a file each into a folder */
  TESSERA_EXPORT_SLIDE_GEOJSON /* the slide that is shown, into a file */
} TesseraExportKind;

/** What the dialog lets choose, where it makes sense. */
typedef enum {
  TESSERA_EXPORT_LABELS_ONLY = 1,  /* tables and GeoJSON: nothing that is predicted */
  TESSERA_EXPORT_SELECTED_ONLY = 2 /* tables and folders: of the session's selection, if there are
                                      at least two tiles in it */
} TesseraExportChoices;

/** Asks where to, then exports the window's open project; returns at once. The window may go
 * meanwhile. */
void tessera_export_dialog_run (TesseraWindow *window, TesseraExportKind kind);

/** Exports the window's open project into path, as the dialog does once it knows where to. */
void tessera_export_begin (TesseraWindow *window, TesseraExportKind kind, const char *path);

/** Exports the session's project into path at once: the map in the colours the window shows. */
gboolean tessera_export_write (TesseraSession *session, TesseraExportKind kind, const char *path,
                               GError **error);

/** The same with choices (TesseraExportChoices, or 0). */
gboolean tessera_export_write_some (TesseraSession *session, TesseraExportKind kind,
                                    TesseraExportChoices choices, const char *path, GError **error);

/** Lists refused files (GPtrArray of TsrSkippedFile) in a window over parent. */
void tessera_skipped_dialog_show (GtkWindow *parent, GPtrArray *skipped);

/** The file a map is written to where the user typed `path` and chose the n-th format (0: PNG, as
 * proposed, 1: SVG, 2: PDF): an ending of another format that was typed wins, else the format's is
 * put there. Transfer full. */
char *tessera_export_map_path (const char *path, guint format);

/** Whether a file may be written that the file chooser did not ask about, since another name was
 * typed there (asked). One that exists may not, and a toast of the window's (or NULL) says so. */
gboolean tessera_export_may_replace (TesseraWindow *window, const char *asked, const char *path);
