#pragma once
/* An entry of the journal in a list: a picture of its first tile, what was done, by whom and when.
 */

#include "tessera-history-list.h"
#include "tessera-session.h"
#include "tessera-tile-store.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_HISTORY_ROW (tessera_history_row_get_type ())
G_DECLARE_FINAL_TYPE (TesseraHistoryRow, tessera_history_row, TESSERA, HISTORY_ROW, GtkWidget)

/** A row that shows nothing yet; session and store are borrowed and outlive its use of them.
 * Floating reference. */
GtkWidget *tessera_history_row_new (TesseraSession *session, TesseraTileStore *store);

/** Shows an entry (referenced), as soon as it is read; NULL for none. */
void tessera_history_row_set (TesseraHistoryRow *row, TesseraHistoryItem *item);
