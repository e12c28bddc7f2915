#pragma once
/* The line over a slide that says what is wrong: slides whose files are not where they were, with
 * what finds them again, and parts of a slide that cannot be read. Hidden while all is well. */

#include "tessera-session.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_SLIDE_MISSING (tessera_slide_missing_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSlideMissing, tessera_slide_missing, TESSERA, SLIDE_MISSING, GtkWidget)

/** Looks after this session's slides (referenced); NULL: nobody's. */
void tessera_slide_missing_set_session (TesseraSlideMissing *missing, TesseraSession *session);

/** Counts anew: slides have been found, or have gone. */
void tessera_slide_missing_refresh (TesseraSlideMissing *missing);

/** Which slide a file is chosen for. */
void tessera_slide_missing_set_chosen (TesseraSlideMissing *missing, gint32 slide);

/** Says a sentence until the next slide is chosen. */
void tessera_slide_missing_say (TesseraSlideMissing *missing, const char *sentence);

/** Says why thumbnails stand in for the chosen slide, and offers to choose its file, until the next
 * slide is chosen or something else is said. NULL: they do not any more, and if that stands there,
 * it goes. */
void tessera_slide_missing_say_stand_in (TesseraSlideMissing *missing, const char *reason);

/** Asks for the file of the chosen slide. */
void tessera_slide_missing_ask_file (TesseraSlideMissing *missing);

/** Looks in a folder for all that are missing, or takes a file for the chosen slide; the session is
 * read again when some are found. */
void tessera_slide_missing_find (TesseraSlideMissing *missing, const char *path);
