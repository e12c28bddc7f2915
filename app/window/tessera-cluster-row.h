#pragma once
/* A cluster of tiles that nearly all come from one slide, scanner or stain: which, how many of how
 * many, and a button that selects its tiles in all views. */

#include "tessera-session.h"
#include "tsr-health.h"

#include <gtk/gtk.h>

/** A row about a cluster of the session's project, which must outlive it; the cluster's tiles are
 * referenced. Floating. */
GtkWidget *tessera_cluster_row_new (TesseraSession *session, const TsrHealthCluster *cluster);
