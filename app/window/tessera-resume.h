#pragma once
/* A project is found as it was left: the same part of the map, the same tile, the same page. Kept
 * in the project's settings when it is closed; labels do not depend on any of it. */

#include "tessera-map-view.h"
#include "tessera-session.h"

#include <adwaita.h>

/** Keeps what is seen, before the session is closed. */
void tessera_resume_keep (TesseraSession *session, TesseraMapView *view, AdwViewStack *pages);
/** Goes back there, once the session has opened and the view has its map. What no longer fits (the
 * map was made anew, the page is gone) is left as a project opens for the first time; so is a
 * demonstration. */
void tessera_resume_restore (TesseraSession *session, TesseraMapView *view, AdwViewStack *pages);
