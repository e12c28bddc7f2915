#pragma once
/* tessera-slide-reader and tessera-coords-reader: each reads one file for Tessera, so that a
 * library which crashes on a hostile or damaged file takes this process with it and nothing else.
 * See engine/base/tsr-reader-protocol.h.
 */

#include "tsr-reader-protocol.h"

#include <stdbool.h>
#include <stddef.h>

/** Marks a text for translation by Tessera, which is told it; a reader itself speaks English. */
#define N_(text) (text)

/** One request, and the answer to it in the making. */
typedef struct {
  TsrReaderKind kind;
  const int64_t *numbers; /* TSR_READER_NUMBERS */
  const char *text;       /* length bytes and a zero */
  size_t length;
  uint8_t *shared; /* TSR_READER_SHARED bytes */
  TsrReaderHead answer;
  char reply[TSR_READER_TEXT]; /* its text */
} ReaderRequest;

/** Adds n bytes to the answer's text; what is too much is cut. */
void reader_add_text (ReaderRequest *request, const char *text, size_t n);

/** Makes the answer a refusal with a text; returns false. */
bool reader_refuse (ReaderRequest *request, TsrReaderStatus status, const char *text);

/** Answers a request: slide.c by OpenSlide, coords.c by HDF5. */
void reader_answer (ReaderRequest *request);
