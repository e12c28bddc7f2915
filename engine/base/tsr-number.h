#pragma once
/* Numbers for sentences that a user reads. They have the decimal sign of the user's locale, on
 * whatever thread: the engine's reads and writes numbers as in C. Where messages are in C, as the
 * command line has them, numbers are, too. What goes into files is written by g_ascii_formatd. */

#include <glib.h>

/** The value with so many decimals, "1,50". Transfer full. */
char *tsr_number_decimals (double value, int decimals);

/** The value with so many digits, as many as it takes ("%.*g"), "0,0012". Transfer full. */
char *tsr_number_digits (double value, int digits);

/** So many bytes with a unit, "1,5 GiB". Transfer full. */
char *tsr_number_bytes (guint64 bytes);
