#pragma once
/* Exports from the window: asks for a name, writes on a thread of its own, says what came of it in
 * a toast. */

#include "tessera-window.h"

typedef enum { TESSERA_EXPORT_CSV, TESSERA_EXPORT_MAP, TESSERA_EXPORT_FOLDERS } TesseraExportKind;

/** Asks where to, then exports the window's open project; returns at once. The window may go
 * meanwhile. */
void tessera_export_dialog_run (TesseraWindow *window, TesseraExportKind kind);

/** Lists refused files (GPtrArray of TsrSkippedFile) in a window over parent. */
void tessera_skipped_dialog_show (GtkWindow *parent, GPtrArray *skipped);
