#pragma once
/* Which of the generator's layers come from B, the rest from A: three groups, and each for itself.
 *
 * Signal: "changed" (). */

#include <gtk/gtk.h>

#define TESSERA_TYPE_LAB_LAYERS (tessera_lab_layers_get_type ())
G_DECLARE_FINAL_TYPE (TesseraLabLayers, tessera_lab_layers, TESSERA, LAB_LAYERS, GtkBox)

/** Offers n layers, at most 64; where the number is new the fine ones are B's. */
void tessera_lab_layers_set_count (TesseraLabLayers *layers, int n);

/** The layers from B: bit k for layer k. */
guint64 tessera_lab_layers_get (TesseraLabLayers *layers);

/** The share of the layers that are B's, 0 to 1. */
double tessera_lab_layers_get_share (TesseraLabLayers *layers);
