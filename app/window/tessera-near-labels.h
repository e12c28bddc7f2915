#pragma once
/* The labelled tiles nearest to the current one, with their classes and how far they are, and how
 * many other tiles stand by its label. Hidden where nothing is known, or nothing may be seen. */

#include "tessera-session.h"
#include "tessera-tile-store.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_NEAR_LABELS (tessera_near_labels_get_type ())
G_DECLARE_FINAL_TYPE (TesseraNearLabels, tessera_near_labels, TESSERA, NEAR_LABELS, GtkBox)

/** Follows a session's current tile; NULL for none. */
void tessera_near_labels_set (TesseraNearLabels *near, TesseraSession *session,
                              TesseraTileStore *store);
