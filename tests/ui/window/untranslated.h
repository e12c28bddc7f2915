#pragma once
/* What a window says that was never translated: run in the language of tests/ui/pseudo_locale.py,
 * whose every text stands in brackets, letters outside of them are. */

#include <gtk/gtk.h>

typedef struct {
  GPtrArray *names; /* GRegex *: what no one translates: names of classes, files, methods */
  GPtrArray *found; /* char *: "where: text" */
  GHashTable *seen; /* char *: each text is told once */
  unsigned looked_at;
} Untranslated;

/** Makes the language in folder and has this process speak it. Before anything asks for a text;
 * TESSERA_SOURCE_DIR names the sources. FALSE, having said so in TAP, where that cannot be done. */
gboolean untranslated_speak (const char *folder);

/** Nothing found yet, and no name known. */
void untranslated_init (Untranslated *self);
/** More names, as regular expressions; ended by NULL, borrowed. */
void untranslated_allow (Untranslated *self, const char *const *names);
void untranslated_clear (Untranslated *self);

/** Letters in text outside of brackets and names. */
gboolean untranslated_text (Untranslated *self, const char *text);

/** Looks at all below root, seen or not: labels, tooltips, names and descriptions for assistive
 * technology, titles, choices and menus. where tells what was looked at. */
void untranslated_look (Untranslated *self, GtkWidget *root, const char *where);

/** The same for every window there is. */
void untranslated_look_everywhere (Untranslated *self, const char *where);
