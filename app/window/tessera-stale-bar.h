#pragma once
/* A line over the project: the vectors are of tiles that were normalised in another way than the
 * project says now, and what to do about it. */

#include "tessera-jobs.h"
#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_STALE_BAR (tessera_stale_bar_get_type ())
G_DECLARE_FINAL_TYPE (TesseraStaleBar, tessera_stale_bar, TESSERA, STALE_BAR, GtkBox)

/** Looks at this session and its jobs from now on (both referenced), NULL for none. It hides while
 * there is nothing to say, or a job is at it. */
void tessera_stale_bar_set (TesseraStaleBar *bar, TesseraSession *session, TesseraJobs *jobs);
