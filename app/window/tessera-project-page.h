#pragma once
/* An open project: sidebar, what is in front (map and slide with the strip, or the gallery), and
 * panel; training; and the bottom line. Owns session, jobs and pictures. */

#include "tessera-gallery.h"
#include "tessera-jobs.h"
#include "tessera-map-and-slide.h"
#include "tessera-map-pane.h"
#include "tessera-session.h"
#include "tessera-slide-pane.h"

#include <adwaita.h>

#define TESSERA_TYPE_PROJECT_PAGE (tessera_project_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraProjectPage, tessera_project_page, TESSERA, PROJECT_PAGE, GtkWidget)

/** Shows a session that has opened; NULL closes what is there. */
void tessera_project_page_set_session (TesseraProjectPage *page, TesseraSession *session);

/** The session shown, borrowed, or NULL. */
TesseraSession *tessera_project_page_get_session (TesseraProjectPage *page);

/** The session's jobs, borrowed, or NULL. */
TesseraJobs *tessera_project_page_get_jobs (TesseraProjectPage *page);

/** The map, borrowed. */
TesseraMapView *tessera_project_page_get_map_view (TesseraProjectPage *page);
/** The slide's pane, borrowed; nothing in it for a project without slides. */
TesseraSlidePane *tessera_project_page_get_slide_pane (TesseraProjectPage *page);
/** What shows map and slide, borrowed. */
TesseraMapAndSlide *tessera_project_page_get_middle (TesseraProjectPage *page);
/** Shows the current tile on its slide, beside the map or instead of it. */
void tessera_project_page_show_on_slide (TesseraProjectPage *page);
/** The gallery, borrowed. */
TesseraGallery *tessera_project_page_get_gallery (TesseraProjectPage *page);
/** Whether the gallery is in front. */
gboolean tessera_project_page_shows_gallery (TesseraProjectPage *page);
/** Whether tiles are in front, to be labelled: map, slide or gallery. */
gboolean tessera_project_page_shows_tiles (TesseraProjectPage *page);
/** Shows the current tile on the map, beside a slide or instead of it. */
void tessera_project_page_show_on_map (TesseraProjectPage *page);
/** The views, for a switcher: "map", "gallery", "training" and "lab". What is in front of "map" and
 * "gallery" is not in the stack: sidebar and panel are beside both. */
AdwViewStack *tessera_project_page_get_views (TesseraProjectPage *page);

/** Shows the training view and starts with the chosen preset, or goes on with the model. */
void tessera_project_page_train (TesseraProjectPage *page, gboolean resume);

/** Shows newcomers round what is in sight; nothing where the map is not. */
void tessera_project_page_show_round (TesseraProjectPage *page);

/** Has the lab show an image from elsewhere: a file, or pixels with a name. */
void tessera_project_page_show_file (TesseraProjectPage *page, GFile *file);
/** The same of pixels; name is what they are called, translated. */
void tessera_project_page_show_texture (TesseraProjectPage *page, GdkTexture *texture,
                                        const char *name);

/** Brings the lab to the front; here: it draws the place of the current tile. */
void tessera_project_page_show_lab (TesseraProjectPage *page, gboolean here);

/** Whether the lab is in front. */
gboolean tessera_project_page_shows_lab (TesseraProjectPage *page);

/** Puts the cursor into the sidebar's field that adds a class. */
void tessera_project_page_focus_new_class (TesseraProjectPage *page);
