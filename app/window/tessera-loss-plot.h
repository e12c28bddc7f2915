#pragma once
/* What a training measures as lines over thousands of images shown: live, and still there when it
 * ended. Its losses, or (property "quality") how close generated tiles come to real ones. */

#include "tessera-contents.h"
#include "tsr-jobs.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_LOSS_PLOT (tessera_loss_plot_get_type ())
G_DECLARE_FINAL_TYPE (TesseraLossPlot, tessera_loss_plot, TESSERA, LOSS_PLOT, GtkWidget)

/** Takes all points away, for another training. */
void tessera_loss_plot_clear (TesseraLossPlot *plot);
/** Takes away what lies beyond so many thousand images, where a training goes on from there. */
void tessera_loss_plot_cut (TesseraLossPlot *plot, double kimg);
/** Shows an earlier training in the place of what is there: TesseraLosses by rising kimg;
 * kimg_total is where it was to end. */
void tessera_loss_plot_set (TesseraLossPlot *plot, const GArray *losses, double kimg_total);
/** Adds one point to each line; values that are not finite leave a gap. One that is not beyond the
 * last is ignored, and a quality that has not been measured anew. */
void tessera_loss_plot_add (TesseraLossPlot *plot, const TsrTrainSnapshot *snapshot);

/** What the axis of one of the four lines spans: its values and a little room, and never so little
 * that the axis would make a mountain of nothing. With no values 0 to 1, and room. */
void tessera_loss_plot_get_range (TesseraLossPlot *plot, int line, double *low, double *high);

/** How many points each line has, gaps counted. */
guint tessera_loss_plot_get_n_points (TesseraLossPlot *plot);
