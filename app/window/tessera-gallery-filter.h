#pragma once
/* What the gallery leaves out besides what the sidebar does: a button with a popover of choices,
 * which are kept as settings of the project ("gallery.class" and so on) and nowhere else. */

#include "tessera-gallery-order.h"
#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_GALLERY_FILTER (tessera_gallery_filter_get_type ())
G_DECLARE_FINAL_TYPE (TesseraGalleryFilter, tessera_gallery_filter, TESSERA, GALLERY_FILTER,
                      GtkWidget)

/** A button; floating reference. */
GtkWidget *tessera_gallery_filter_new (void);

/** Shows and changes the choices of this session (referenced), NULL for none. */
void tessera_gallery_filter_set_session (TesseraGalleryFilter *filter, TesseraSession *session);

/** Reads the choices of a session into the query's fields from `predicted` on; what is borrowed
 * stays valid until the settings change. */
void tessera_gallery_filter_read (TesseraSession *session, TesseraGalleryQuery *query);

/** Takes every choice back. */
void tessera_gallery_filter_clear (TesseraSession *session);
