#pragma once
/* Batch effects, over the map's lower edge: where a cluster of tiles is nearly all one slide,
 * scanner or stain, a button says so and lists them. Looked for by itself on another thread, a
 * moment after a map has come; hidden where there is none. */

#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_MAP_ALARM (tessera_map_alarm_get_type ())
G_DECLARE_FINAL_TYPE (TesseraMapAlarm, tessera_map_alarm, TESSERA, MAP_ALARM, GtkBox)

/** Beyond so many tiles they are looked for on the page of the project's health only: their vectors
 * would take gigabytes a second time. */
#define TESSERA_MAP_ALARM_TILES 200000

/** Looks at the session's project from now on (NULL: none). */
void tessera_map_alarm_set_session (TesseraMapAlarm *alarm, TesseraSession *session);
