#pragma once
/* One class in the sidebar: colour and shape (a click hides it on the map, a double click shows it
 * alone), key, name, counts, and a menu to change it. */

#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_CLASS_ROW (tessera_class_row_get_type ())
G_DECLARE_FINAL_TYPE (TesseraClassRow, tessera_class_row, TESSERA, CLASS_ROW, GtkListBoxRow)

/** A row about class id of session (referenced); floating reference. Signals "visibility-changed"
 * (): shown or hidden on the map; "isolate" (): to be shown alone, or all again if no other is. */
GtkWidget *tessera_class_row_new (TesseraSession *session, int32_t id);

/** The class's id. */
int32_t tessera_class_row_get_id (TesseraClassRow *row);
/** Takes name, colour, key and counts from the session again. */
void tessera_class_row_refresh (TesseraClassRow *row);

/** Whether the map shows the class. */
gboolean tessera_class_row_get_shown (TesseraClassRow *row);

/** Shows or hides the class; "visibility-changed" follows if that is new. */
void tessera_class_row_set_shown (TesseraClassRow *row, gboolean shown);
/** Opens the class's menu. */
void tessera_class_row_edit (TesseraClassRow *row);
/** Closes it. */
void tessera_class_row_close (TesseraClassRow *row);
