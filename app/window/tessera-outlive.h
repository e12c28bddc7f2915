#pragma once
/* Work that goes on when the last window is closed. */

#include <gio/gio.h>

/** The program does not end before this task has, though its last window is closed: who writes a
 * file ends it, or takes its half away. */
void tessera_outlive (GTask *task);
