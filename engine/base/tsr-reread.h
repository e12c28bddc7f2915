#pragma once
/* Bytes that are read again and are mostly what they were. As long as they are, nothing is kept of
 * them, and what came before is handed out once more: large arrays are never there twice because
 * something beside them has changed. Nobody has to say what did. */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct TsrReread TsrReread;

/** Begins to read what was `former` the last time (NULL: never read; a reference is taken). Owned
 * by the caller. */
TsrReread *tsr_reread_new (GBytes *former);

/** Says how many bytes there will be, so that they get as much and no more where they are new.
 * Before the first bytes. */
void tsr_reread_expect (TsrReread *reread, size_t size);

/** The next size bytes. */
void tsr_reread_put (TsrReread *reread, const void *data, size_t size);

/** The next count times the same size bytes. */
void tsr_reread_repeat (TsrReread *reread, const void *data, size_t size, size_t count);

/** Ends (reread is freed): a reference to the former bytes if these are the same, else the new
 * ones, which g_bytes_unref_to_data hands over without a copy. NULL with error if there was not the
 * memory for them. */
GBytes *tsr_reread_end (TsrReread *reread, GError **error);

/** Frees what was begun and is not wanted; NULL is allowed. */
void tsr_reread_free (TsrReread *reread);

/** The same for an array that is there already (transfer full, g_free). */
GBytes *tsr_reread_take (GBytes *former, void *data, size_t size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrReread, tsr_reread_free)
