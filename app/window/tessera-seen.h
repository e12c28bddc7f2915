#pragma once
/* "What the model sees": a switch shows beside the current tile what the model draws of it. This is
 * what there is to say under the two, first of all that a tile's prediction is not to be trusted.
 * The switch is the project's setting "view.seen". */

#include "tessera-jobs.h"
#include "tessera-session.h"
#include "tessera-tile-picture.h"

#define TESSERA_TYPE_SEEN (tessera_seen_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSeen, tessera_seen, TESSERA, SEEN, GtkBox)

/** Shows what is drawn in picture, which is not visible otherwise, where toggle says so, which is
 * visible where there is a model. Both are borrowed and live as long as this; before anything else.
 */
void tessera_seen_set_picture (TesseraSeen *seen, TesseraTilePicture *picture,
                               GtkToggleButton *toggle);

/** Follows the session's current tile and asks the jobs' lab (both referenced); NULL: nothing. */
void tessera_seen_set (TesseraSeen *seen, TesseraSession *session, TesseraJobs *jobs);
