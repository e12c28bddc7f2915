#pragma once
/* The engine's one error domain. Every message is one sentence for a user: what (name the file),
 * why, what to do; marked for translation (tsr-i18n.h). */

#include <glib.h>

#define TSR_ERROR tsr_error_quark ()

typedef enum {
  TSR_ERROR_FAILED,   /* nothing more specific applies */
  TSR_ERROR_USAGE,    /* an option or argument makes no sense; the command line exits 2 */
  TSR_ERROR_IMAGE,    /* an image cannot be read */
  TSR_ERROR_MODEL,    /* a model or checkpoint cannot be read or does not fit */
  TSR_ERROR_PROJECT,  /* a project file cannot be read or written */
  TSR_ERROR_NEWER,    /* a project or model of a newer version of Tessera */
  TSR_ERROR_CORRUPT,  /* a project or model that is damaged */
  TSR_ERROR_BUSY,     /* somebody else holds what is needed */
  TSR_ERROR_NO_SPACE, /* the disk is full */
  TSR_ERROR_DEVICE,   /* an OpenCL device, kernel or library failed */
  TSR_ERROR_DIVERGED, /* training produced numbers that are not finite */
  TSR_ERROR_OLDER,    /* a project of an older version that could not be upgraded */
  TSR_ERROR_MEMORY,   /* what was asked for does not fit in the device's memory */
} TsrErrorCode;

/** Returns the GQuark of the engine's error domain. A cancelled job reports G_IO_ERROR_CANCELLED
 * instead. */
GQuark tsr_error_quark (void);
