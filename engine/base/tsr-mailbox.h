#pragma once
/* A one-slot, latest-wins mailbox from a working thread to a main context: however often a snapshot
 * is posted, at most one idle source is pending, and the receiver sees only the newest. */

#include <glib.h>

typedef struct TsrMailbox TsrMailbox;

/** Called on the main context with the newest snapshot, borrowed for the call. */
typedef void (*TsrMailboxFunc) (gpointer snapshot, gpointer user);

/** Creates a mailbox that delivers to the caller's thread-default main context. free_snapshot frees
 * what is replaced or delivered. Returns a new reference. */
TsrMailbox *tsr_mailbox_new (TsrMailboxFunc receive, gpointer user, GDestroyNotify free_snapshot);

/** Takes one more reference; each thread that uses the mailbox holds one. */
TsrMailbox *tsr_mailbox_ref (TsrMailbox *mailbox);

/** Drops a reference. */
void tsr_mailbox_unref (TsrMailbox *mailbox);

/** Posts a snapshot (transfer full) from any thread. After tsr_mailbox_close it is freed at once.
 */
void tsr_mailbox_post (TsrMailbox *mailbox, gpointer snapshot);

/** Stops delivery for good: after it returns, on the receiving thread, receive is never called
 * again. */
void tsr_mailbox_close (TsrMailbox *mailbox);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrMailbox, tsr_mailbox_unref)
