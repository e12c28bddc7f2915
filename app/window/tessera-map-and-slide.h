#pragma once
/* The middle of the window: the map, a slide, or both side by side, with a switch above them. A
 * project without slides has the map alone. Its two children are the map's pane and the slide's. */

#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_MAP_AND_SLIDE (tessera_map_and_slide_get_type ())
G_DECLARE_FINAL_TYPE (TesseraMapAndSlide, tessera_map_and_slide, TESSERA, MAP_AND_SLIDE, GtkWidget)

/** Follows this session's slides and its setting "view.middle": "map", "slide", "both", or else as
 * there is room (referenced; NULL: nobody's). */
void tessera_map_and_slide_set_session (TesseraMapAndSlide *self, TesseraSession *session);

/** Puts what belongs to the slide into the line above; shown while a slide is. */
void tessera_map_and_slide_set_controls (TesseraMapAndSlide *self, GtkWidget *controls);

/** Whether the map is seen. */
gboolean tessera_map_and_slide_shows_map (TesseraMapAndSlide *self);

/** Whether a slide is seen. */
gboolean tessera_map_and_slide_shows_slide (TesseraMapAndSlide *self);
