#pragma once
/* A table of one slide: tiles and square millimetres by class, labelled and predicted. Counted on a
 * thread when it is looked at. */

#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_SLIDE_AREAS (tessera_slide_areas_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSlideAreas, tessera_slide_areas, TESSERA, SLIDE_AREAS, GtkWidget)

/** Counts for this session (referenced); NULL: for nobody. */
void tessera_slide_areas_set_session (TesseraSlideAreas *areas, TesseraSession *session);

/** Shows the slide of that number. */
void tessera_slide_areas_show (TesseraSlideAreas *areas, gint32 slide);

/** Counts anew, at once if the table is looked at: labels have changed. */
void tessera_slide_areas_refresh (TesseraSlideAreas *areas);
