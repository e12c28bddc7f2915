#pragma once
/* A process that reads one file with a library which the file might crash (engine/reader). Nothing
 * it does can harm ours: its answers are checked, one that does not answer is ended, and it never
 * outlives us. A process belongs to one thread at a time; different ones may be used side by side.
 */

#include "tsr-reader-protocol.h"

#include <glib.h>
#include <stdbool.h>

typedef struct TsrReaderProcess TsrReaderProcess;

/** How a request ended. */
typedef enum {
  TSR_READER_ANSWERED,
  TSR_READER_GONE,    /* it had ended before it was asked, which says nothing of the request */
  TSR_READER_KILLED,  /* from outside (SIGKILL) while it was at work: short memory, or somebody */
  TSR_READER_CRASHED, /* by itself, while it was at work */
  TSR_READER_HUNG,    /* it did not answer in time */
  TSR_READER_LIED,    /* it sent what is no answer */
} TsrReaderOutcome;

/** An answer. */
typedef struct {
  TsrReaderStatus status;
  int64_t numbers[TSR_READER_NUMBERS]; /* unchecked */
  const char *text; /* length bytes and a zero; any bytes; the process's, until it is asked again */
  size_t length;
} TsrReaderAnswer;

/** Starts a reader, “tessera-slide-reader”: the file that $TESSERA_SLIDE_READER names (its name in
 * capitals), that of the build this program runs from, or the installed one. It has the calling
 * thread's niceness. NULL with a reason (TSR_ERROR_FAILED; a sentence without a file's name and
 * full stop) where there is none or the system starts no more. End with tsr_reader_process_end. */
TsrReaderProcess *tsr_reader_process_start (const char *name, GError **error);

/** Asks, and waits for the answer: at most as long as tsr_reader_process_set_patience says. numbers
 * (TSR_READER_NUMBERS; NULL: zeros) and text (n bytes) are what TsrReaderKind says. Only after
 * TSR_READER_ANSWERED is answer filled; after anything else the process is no more, and every
 * further request ends with TSR_READER_GONE. */
TsrReaderOutcome tsr_reader_process_ask (TsrReaderProcess *self, TsrReaderKind kind,
                                         const int64_t *numbers, const void *text, size_t n,
                                         TsrReaderAnswer *answer);

/** The shared memory, TSR_READER_SHARED bytes that the process may change at any time. */
const uint8_t *tsr_reader_process_shared (const TsrReaderProcess *self);

/** Ends the process, whatever it does, and frees self; NULL is allowed. Does not wait for long:
 * what the system does not let go at once is seen off by a thread. */
void tsr_reader_process_end (TsrReaderProcess *self);

/** Sets error to the reason (TSR_ERROR_IMAGE; without a file's name and full stop) for an outcome
 * other than TSR_READER_ANSWERED. library: whose fault it is, "OpenSlide". */
void tsr_reader_process_refuse (TsrReaderOutcome outcome, const char *library, GError **error);

/** How many milliseconds an answer may take (60,000), for tests. */
void tsr_reader_process_set_patience (int milliseconds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrReaderProcess, tsr_reader_process_end)
