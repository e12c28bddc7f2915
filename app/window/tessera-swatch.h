#pragma once
/* A class's colour and shape, as its points look on the map. */

#include "tsr-project.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_SWATCH (tessera_swatch_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSwatch, tessera_swatch, TESSERA, SWATCH, GtkWidget)

/** A swatch; floating reference. */
GtkWidget *tessera_swatch_new (void);
/** filled: a label; otherwise a ring: a prediction. class_ NULL: a grey dot. */
void tessera_swatch_set (TesseraSwatch *swatch, const TsrClass *class_, gboolean filled);

/** A question mark: somebody looked at the tile and was not sure. */
void tessera_swatch_set_unsure (TesseraSwatch *swatch);
/** The same at the origin, in a square of that size. */
void tessera_swatch_draw_unsure (cairo_t *cr, double width, double height);
/** Whether the swatch shows it. */
gboolean tessera_swatch_is_unsure (TesseraSwatch *swatch);

/** Draws what a swatch of that size shows, at the origin; as tessera_swatch_set. */
void tessera_swatch_draw (cairo_t *cr, double width, double height, const TsrClass *class_,
                          gboolean filled);
