#pragma once
/* How far the map can be trusted, over its lower edge: one figure, the others behind it, which
 * tiles lie among strangers, and the way on for a map that was stopped. */

#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_MAP_TRUST (tessera_map_trust_get_type ())
G_DECLARE_FINAL_TYPE (TesseraMapTrust, tessera_map_trust, TESSERA, MAP_TRUST, GtkBox)

/** Shows the session's map from now on (NULL: none). It hides where there is nothing to say. */
void tessera_map_trust_set_session (TesseraMapTrust *trust, TesseraSession *session);
