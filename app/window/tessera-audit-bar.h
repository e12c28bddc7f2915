#pragma once
/* A line over the project while a check with random tiles is running: how far it is, that
 * predictions are hidden, and how to interrupt it. */

#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_AUDIT_BAR (tessera_audit_bar_get_type ())
G_DECLARE_FINAL_TYPE (TesseraAuditBar, tessera_audit_bar, TESSERA, AUDIT_BAR, GtkBox)

/** Looks at this session from now on (referenced), NULL for none. It hides while no check is
 * running. */
void tessera_audit_bar_set (TesseraAuditBar *bar, TesseraSession *session);
