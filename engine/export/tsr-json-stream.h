#pragma once
/* A JSON file, plain or gzip, read value by value: how a file of any size is read in bounded
 * memory. Tells values apart by brackets and quotes only; who takes a value's text parses it. */

#include "tsr-progress.h"

#include <stdint.h>

typedef struct TsrJsonStream TsrJsonStream;

/** Opens path, a regular file, and skips a byte order mark. TSR_ERROR_FAILED in one sentence.
 * progress is borrowed and may be NULL. */
TsrJsonStream *tsr_json_stream_open (const char *path, const TsrProgress *progress, GError **error);

/** Closes the file; NULL is allowed. */
void tsr_json_stream_close (TsrJsonStream *stream);

/** The next character that is no blank, which stays where it is; -1 at the end of the file, and
 * where it cannot be read, which the next call that takes an error tells. */
int tsr_json_stream_peek (TsrJsonStream *stream);

/** Takes the character c, blanks before it left out. Otherwise an error that says what was
 * expected. */
bool tsr_json_stream_take (TsrJsonStream *stream, char c, GError **error);

/** Takes one whole value; its text without blanks replaces text. NaN and infinities, which QuPath
 * may write, become null. Refused are values of more than TSR_JSON_MAX_BYTES, and more than
 * TSR_JSON_MAX_DEPTH brackets within each other. */
bool tsr_json_stream_value (TsrJsonStream *stream, GString *text, GError **error);

/** Whether nothing follows but blanks; else an error. */
bool tsr_json_stream_end (TsrJsonStream *stream, GError **error);

#define TSR_JSON_MAX_BYTES ((gsize)256 << 20)
#define TSR_JSON_MAX_DEPTH 64

/** Sets error: the file, the line that has been reached, and the reason, which ends without a full
 * stop. Returns false. */
bool tsr_json_stream_refuse (TsrJsonStream *stream, const char *reason, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrJsonStream, tsr_json_stream_close)
