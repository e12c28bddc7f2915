#pragma once
/* A slide of the project with its tiles over it, in the colours of their classes: what is selected
 * here is selected everywhere, and the other way round. */

#include "tessera-session.h"
#include "tessera-sidebar.h"
#include "tessera-slide-view.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_SLIDE_PANE (tessera_slide_pane_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSlidePane, tessera_slide_pane, TESSERA, SLIDE_PANE, GtkWidget)

/** The session it shows, borrowed; NULL: nothing. */
TesseraSession *tessera_slide_pane_get_session (TesseraSlidePane *pane);

/** Shows this session (referenced) under the filter of sidebar (borrowed); NULL shows nothing. A
 * slide is opened when the pane is first seen. */
void tessera_slide_pane_set_session (TesseraSlidePane *pane, TesseraSession *session,
                                     TesseraSidebar *sidebar);

/** The slide itself, borrowed. */
TesseraSlideView *tessera_slide_pane_get_view (TesseraSlidePane *pane);

/** What chooses the slide and what is shown of it, to be put above the pane; borrowed. */
GtkWidget *tessera_slide_pane_get_controls (TesseraSlidePane *pane);

/** The slide that is chosen, by its number; -1: none. */
gint32 tessera_slide_pane_get_slide (TesseraSlidePane *pane);

/** Whether the chosen slide is there to be looked at, or cannot be. */
gboolean tessera_slide_pane_is_ready (TesseraSlidePane *pane);

/** Chooses a slide by its number. */
void tessera_slide_pane_choose (TesseraSlidePane *pane, gint32 slide);

/** Shows the tile on its slide, in the middle; nothing where that is not known. */
void tessera_slide_pane_show_tile (TesseraSlidePane *pane, guint32 tile);

/** Looks for the missing slides in a folder, or for the chosen one in a file. */
void tessera_slide_pane_relink (TesseraSlidePane *pane, const char *path);

/** Shows the slide alone, without what lies over it, or that again; nothing while the pane is not
 * seen. */
void tessera_slide_pane_toggle_bare (TesseraSlidePane *pane);

/** Takes the sidebar's filter anew. */
void tessera_slide_pane_refresh (TesseraSlidePane *pane);
