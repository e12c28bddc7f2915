#include "tsr-jpeg-guard.h"

#include <jerror.h>

#define MAX_SCANS 200 /* a small file can ask for thousands of passes over a huge image */

static void
on_error (j_common_ptr jpeg)
{
  TsrJpegGuard *self = (TsrJpegGuard *)jpeg->err;
  jpeg->err->format_message (jpeg, self->message);
  longjmp (self->jump, 1);
}

/* Warnings that mean missing or wrong pixels are errors here: a half-grey tile would be labelled as
 * if it were tissue. */
static void
on_message (j_common_ptr jpeg, int level)
{
  if (level >= 0)
    return;
  switch (jpeg->err->msg_code) {
  case JWRN_JPEG_EOF:
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_ARITH_BAD_CODE:
  case JWRN_MUST_RESYNC:
  case JWRN_BOGUS_PROGRESSION:
    jpeg->err->error_exit (jpeg);
    break;
  default:
    jpeg->err->num_warnings++;
  }
}

static void
on_progress (j_common_ptr jpeg)
{
  if (jpeg->is_decompressor && ((j_decompress_ptr)jpeg)->input_scan_number > MAX_SCANS)
    ERREXIT (jpeg, JERR_BAD_PROGRESSION);
}

void
tsr_jpeg_guard_create (TsrJpegGuard *self, struct jpeg_decompress_struct *jpeg, long memory)
{
  jpeg->err = jpeg_std_error (&self->manager);
  self->manager.error_exit = on_error;
  self->manager.emit_message = on_message;
  self->watch.progress_monitor = on_progress;
  jpeg_create_decompress (jpeg);
  jpeg->mem->max_memory_to_use = memory;
  jpeg->progress = &self->watch;
}

bool
tsr_jpeg_guard_truncated (const TsrJpegGuard *self)
{
  return self->manager.msg_code == JWRN_JPEG_EOF;
}
