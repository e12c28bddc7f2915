#pragma once
/* Training: which preset and how long, then losses and pictures while it runs, with pause and stop.
 */

#include "tessera-jobs.h"
#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_TRAINING_PAGE (tessera_training_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraTrainingPage, tessera_training_page, TESSERA, TRAINING_PAGE, GtkWidget)

/** Shows the training of this session by its jobs (both referenced), NULL for none. */
void tessera_training_page_set (TesseraTrainingPage *page, TesseraSession *session,
                                TesseraJobs *jobs);
/** Starts with the chosen preset; resume goes on from the last checkpoint. */
void tessera_training_page_start (TesseraTrainingPage *page, gboolean resume);
