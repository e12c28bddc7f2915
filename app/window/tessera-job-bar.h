#pragma once
/* The bottom line: what the engine is doing with an estimate and a way to stop it, and what was
 * last done with a way to undo it. */

#include "tessera-jobs.h"
#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_JOB_BAR (tessera_job_bar_get_type ())
G_DECLARE_FINAL_TYPE (TesseraJobBar, tessera_job_bar, TESSERA, JOB_BAR, GtkBox)

/** Shows this session and its jobs (both referenced), NULL for none. */
void tessera_job_bar_set (TesseraJobBar *bar, TesseraSession *session, TesseraJobs *jobs);
