#pragma once
/* Numbers and dates for sentences that a user reads. They are written as in the user's locale, on
 * whatever thread: the engine's reads and writes numbers as in C. Where messages are in C, as the
 * command line has them, numbers are, too, but not in documents (tsr-language.h). What goes into
 * files for programs is written by g_ascii_formatd. */

#include <glib.h>

/** The value with so many decimals, "1,50". Transfer full. */
char *tsr_number_decimals (double value, int decimals);

/** The value with so many digits, as many as it takes ("%.*g"), "0,0012". Transfer full. */
char *tsr_number_digits (double value, int digits);

/** So many bytes with a unit, "1,5 GiB". Transfer full. */
char *tsr_number_bytes (guint64 bytes);

/** A count with its thousands apart, "12.345". Transfer full. */
char *tsr_number_count (guint64 count);

/** A day in figures with its whole year, "31.12.2026"; "2026-12-31" where the locale has no way of
 * its own. Transfer full. */
char *tsr_number_date (GDateTime *date);
