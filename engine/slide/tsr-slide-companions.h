#pragma once
/* Slides that are several files, of which only one is named. */

#include <glib.h>
#include <stdbool.h>

/** Whether what belongs to the slide at path (MIRAX's folder, what a VMS or VMU file names) are
 * files, as far as it is there: a pipe among them would be waited for. False with a reason
 * (TSR_ERROR_IMAGE) that names the first that is none. Other slides are one file, and true. */
bool tsr_slide_check_companions (const char *path, GError **error);
