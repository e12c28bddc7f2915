#pragma once
/* Where the program's translations are: installed, or beside the build it runs from. No GTK. */

/** Takes the user's locale and finds the translations for it: in $TESSERA_LOCALE_DIR, in po/ of the
 * build tree the program runs from, else where they were installed. First thing in main (). */
void tessera_language_init (void);
