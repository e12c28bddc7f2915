#pragma once
/* Marks the engine's sentences for translation: _() translates, N_() only marks, and with numbers
 * g_dngettext (GETTEXT_PACKAGE, ...). They are found in the program's catalogue by its name,
 * whoever links the engine; where LC_MESSAGES is C (the command line's is) they stay English.
 *
 * What is marked is a whole sentence, or a clause that another sentence quotes. Not marked: what is
 * written into files (keys, headers, the journal's words), and what only a programmer meets. */

#ifndef GETTEXT_PACKAGE
#define GETTEXT_PACKAGE "tessera"
#endif

#include <glib/gi18n-lib.h>
