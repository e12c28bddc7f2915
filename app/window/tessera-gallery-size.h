#pragma once
/* How large the gallery's thumbnails are: a few steps, of which the project keeps one (setting
 * "gallery.size"). */

#include "tessera-session.h"

G_BEGIN_DECLS

/** The side of a thumbnail in pixels; session may be NULL. *least and *most receive whether there
 * is no smaller or no larger one. */
int tessera_gallery_size_get (TesseraSession *session, gboolean *least, gboolean *most);

/** Makes thumbnails so many steps larger, or smaller for steps < 0, as far as there are any. */
void tessera_gallery_size_move (TesseraSession *session, int steps);

G_END_DECLS
