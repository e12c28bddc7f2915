#pragma once
/* "What the model sees": a switch under the current tile that shows what the model draws of it
 * beside it, and the sentence that tells where its prediction is not to be trusted. The switch is
 * the project's setting "view.seen". */

#include "tessera-jobs.h"
#include "tessera-session.h"
#include "tessera-tile-picture.h"

#define TESSERA_TYPE_SEEN (tessera_seen_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSeen, tessera_seen, TESSERA, SEEN, GtkBox)

/** Shows what is drawn in picture (borrowed, it outlives this), which is not visible otherwise. */
void tessera_seen_set_picture (TesseraSeen *seen, TesseraTilePicture *picture);

/** Follows the session's current tile and asks the jobs' lab (both referenced); NULL: nothing. */
void tessera_seen_set (TesseraSeen *seen, TesseraSession *session, TesseraJobs *jobs);
