#pragma once
/* libjpeg on files nobody has checked: errors come back instead of ending the process, nothing is
 * printed, bad data are errors, and a small file cannot ask for endless work. For tiles and slides.
 */

#include <stdbool.h>
#include <stdio.h>

#include <jpeglib.h>
#include <setjmp.h>

/** What a decoder is watched by. Lives as long as the decoder. */
typedef struct {
  struct jpeg_error_mgr manager; /* first: jpeg->err points here */
  struct jpeg_progress_mgr watch;
  jmp_buf jump; /* set it (setjmp) before the first call into libjpeg; errors come back there */
  char message[JMSG_LENGTH_MAX]; /* of the error, in libjpeg's words */
} TsrJpegGuard;

/** Creates jpeg, watched by the guard, whose jump is set; it may take `memory` bytes. */
void tsr_jpeg_guard_create (TsrJpegGuard *guard, struct jpeg_decompress_struct *jpeg, long memory);

/** Whether the error was that the data end early. */
bool tsr_jpeg_guard_truncated (const TsrJpegGuard *guard);
