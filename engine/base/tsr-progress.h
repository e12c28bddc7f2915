#pragma once
/* How long work reports itself and learns that it is no longer wanted. */

#include <gio/gio.h>
#include <stdbool.h>

/** fraction is in [0,1], or negative where the end is unknown; stage is a short translated noun
 * ("Embedding tiles"). */
typedef void (*TsrProgressFunc) (double fraction, const char *stage, void *user);

/** Borrowed by the callee for the length of a call. All fields may be NULL. report is called on the
 * working thread. */
typedef struct {
  TsrProgressFunc report;
  void *user;
  GCancellable *cancellable;
} TsrProgress;

/** Marks a stage's name for translation; tsr_progress_step translates it. */
#define TSR_STAGE(text) (text)

/** Reports progress and polls for cancellation; call it at least every 50 ms of work. progress may
 * be NULL. Returns false with G_IO_ERROR_CANCELLED set when the work should stop. */
bool tsr_progress_step (const TsrProgress *progress, double fraction, const char *stage,
                        GError **error);

/** A part of longer work: what tsr_progress_share hands on to. */
typedef struct {
  const TsrProgress *whole; /* never NULL */
  double from, to;
  const char *stage; /* in place of the part's own, marked by TSR_STAGE; NULL: the part's own */
} TsrProgressShare;

/** Progress for work that is the stretch [from, to] of `whole` (or NULL); share, which the caller
 * owns, must outlive its use. With stage, which is static, that is all the user reads of it. */
TsrProgress tsr_progress_share (const TsrProgress *whole, TsrProgressShare *share, double from,
                                double to, const char *stage);

/** The same progress, cancelled by cancellable where it has nothing of its own to be cancelled by.
 * For a job, whose cancellable (borrowed) ends with its run: what it was asked to do stays as it
 * is and can be run again. */
TsrProgress tsr_progress_cancelled_by (const TsrProgress *progress, GCancellable *cancellable);
