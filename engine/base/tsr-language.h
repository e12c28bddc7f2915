#pragma once
/* The language of documents: what a user prints, files or shows to others speaks the user's
 * language wherever it is made, on the command line too, whose messages are English, and on the
 * engine's thread, which writes numbers as in C. Tables and other files for programs have none. */

#include <glib.h>
#include <stdbool.h>

typedef struct TsrLanguage TsrLanguage;

/** From here on this thread speaks the language of the user's environment, or English (texts,
 * numbers, dates), until tsr_language_leave; nothing changes where that is not installed. What it
 * says meanwhile of the work, its progress, is still the program's. */
TsrLanguage *tsr_language_enter (bool english);

/** Back to what this thread spoke before; frees language, the last that was entered. */
void tsr_language_leave (TsrLanguage *language);

/** Whether this thread writes a document now. */
bool tsr_language_entered (void);

/** For a moment the program speaks, not the document; give what it returns (NULL: there was none)
 * to tsr_language_resume. */
TsrLanguage *tsr_language_pause (void);

/** Ends tsr_language_pause. */
void tsr_language_resume (TsrLanguage *language);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrLanguage, tsr_language_leave)
