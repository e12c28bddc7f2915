#pragma once
/* The journal's entries as a list model, newest first: which pass a filter is found on a thread of
 * its own, items are made when they are looked at, and what they say arrives in pages. Main thread
 * only.
 *
 * Signal: "found" (): the list is what the filter asked for last. */

#include "tsr-journal-list.h"

#include <gio/gio.h>

#define TESSERA_TYPE_HISTORY_ITEM (tessera_history_item_get_type ())
G_DECLARE_FINAL_TYPE (TesseraHistoryItem, tessera_history_item, TESSERA, HISTORY_ITEM, GObject)

/** The entry's number. Signal "loaded" (): tessera_history_item_get_line now returns it. */
int64_t tessera_history_item_get_seq (TesseraHistoryItem *item);
/** What to say of it, borrowed; NULL: not read yet. */
const TsrJournalLine *tessera_history_item_get_line (TesseraHistoryItem *item);

#define TESSERA_TYPE_HISTORY_LIST (tessera_history_list_get_type ())
G_DECLARE_FINAL_TYPE (TesseraHistoryList, tessera_history_list, TESSERA, HISTORY_LIST, GObject)

/** A list of the journal of the project at path, empty until "found". A GListModel of
 * TesseraHistoryItem. */
TesseraHistoryList *tessera_history_list_new (const char *path);
/** Stops the thread and closes the file; what is there stays. */
void tessera_history_list_close (TesseraHistoryList *list);
/** Looks for the entries that pass (copied). */
void tessera_history_list_set_filter (TesseraHistoryList *list, const TsrJournalFilter *filter);
/** Looks again with the same filter: something was done. */
void tessera_history_list_refresh (TesseraHistoryList *list);
/** Whether the list is being looked for. */
gboolean tessera_history_list_is_busy (TesseraHistoryList *list);

/** Reads which tiles an entry touched. */
void tessera_history_list_read_tiles_async (TesseraHistoryList *list, int64_t seq,
                                            GCancellable *cancellable, GAsyncReadyCallback callback,
                                            gpointer user);
/** GArray of uint32_t, ascending, transfer full; NULL with error. */
GArray *tessera_history_list_read_tiles_finish (TesseraHistoryList *list, GAsyncResult *result,
                                                GError **error);
/** Reads who has entries. */
void tessera_history_list_read_names_async (TesseraHistoryList *list, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user);
/** NULL-terminated, g_strfreev; NULL with error. */
char **tessera_history_list_read_names_finish (TesseraHistoryList *list, GAsyncResult *result,
                                               GError **error);
