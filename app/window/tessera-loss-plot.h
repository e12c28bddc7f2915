#pragma once
/* The losses of a training as lines over thousands of images shown: live, and still there when it
 * ended. */

#include "tsr-jobs.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_LOSS_PLOT (tessera_loss_plot_get_type ())
G_DECLARE_FINAL_TYPE (TesseraLossPlot, tessera_loss_plot, TESSERA, LOSS_PLOT, GtkWidget)

/** Takes all points away, for another training. */
void tessera_loss_plot_clear (TesseraLossPlot *plot);
/** Adds one point to each line; values that are not finite leave a gap. */
void tessera_loss_plot_add (TesseraLossPlot *plot, const TsrTrainSnapshot *snapshot);

/** How many points each line has, gaps counted. */
guint tessera_loss_plot_get_n_points (TesseraLossPlot *plot);
