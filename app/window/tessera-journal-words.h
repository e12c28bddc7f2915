#pragma once
/* What the journal's entries are called for people. */

#include "tsr-journal-list.h"

/** How a label came about, in a word or two: "suggested", "picked" ...; static. */
const char *tessera_how_text (TsrHow how);

/** What an entry did, without its tiles: "Tumour", "Label cleared", "Undone: Tumour". Transfer
 * full.
 */
char *tessera_journal_title (const TsrJournalLine *line);

/** How many tiles it was and how it was done: "12 tiles, several at once". Transfer full. */
char *tessera_journal_manner (const TsrJournalLine *line);

/** When, as precise as a list needs it: the time for today, else the date with it. Transfer full.
 */
char *tessera_journal_when (gint64 unix_us);
