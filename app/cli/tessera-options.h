#pragma once
/* The command line's options: one table a command, from which parsing, --help and the sentences of
 * usage errors are made. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
  TESSERA_OPTION_FLAG,
  TESSERA_OPTION_TEXT,     /* any text or file name, in the file system's own bytes */
  TESSERA_OPTION_INTEGER,  /* within [min, max] */
  TESSERA_OPTION_NUMBER,   /* within [min, max] */
  TESSERA_OPTION_CHOICE,   /* one word of choices */
  TESSERA_OPTION_CHOICES,  /* words of choices, separated by commas, none twice */
  TESSERA_OPTION_INTEGERS, /* integers within [min, max], separated by commas */
  TESSERA_OPTION_TEXTS,    /* all arguments up to the next option, and again wherever it is given */
} TesseraOptionKind;

typedef struct {
  const char *name; /* without the dashes; NULL ends a table */
  char letter;      /* the short form, or 0 */
  TesseraOptionKind kind;
  const char *value_name; /* "FILE" in --help; NULL for flags and choices */
  const char *help;       /* one sentence without the full stop */
  const char *fallback;   /* the default as text, parsed like a value; NULL: none */
  double min, max;        /* of INTEGER, NUMBER and INTEGERS */
  const char *choices;    /* "fps,random" */
} TesseraOption;

/** What was given on a command line, or by default. */
typedef struct TesseraOptions TesseraOptions;

/** Parses argv[first..argc) against table: options may stand anywhere, "--" ends them. Defaults are
 * filled in. Returns NULL with TSR_ERROR_USAGE in one sentence that names the option and the values
 * it takes. Strings of argv are borrowed. */
TesseraOptions *tessera_options_parse (const TesseraOption *table, int first, int argc, char **argv,
                                       GError **error);

/** Frees the values; strings of argv stay. NULL is allowed. */
void tessera_options_free (TesseraOptions *options);

/** Returns the arguments that are not options, in order, ended by NULL; borrowed. */
char *const *tessera_options_arguments (const TesseraOptions *options, int *n);

/** Whether the command has the option at all. */
bool tessera_options_has (const TesseraOptions *options, const char *name);

/** Whether the user gave the option (a default does not count). */
bool tessera_options_given (const TesseraOptions *options, const char *name);

/** Whether a flag is set. */
bool tessera_options_flag (const TesseraOptions *options, const char *name);

/** The text of a TEXT or CHOICE option, borrowed; NULL if it has neither value nor default. */
const char *tessera_options_text (const TesseraOptions *options, const char *name);

/** The value of an INTEGER option; 0 if it has neither value nor default. */
int64_t tessera_options_integer (const TesseraOptions *options, const char *name);

/** The value of a NUMBER option; 0 if it has neither value nor default. */
double tessera_options_number (const TesseraOptions *options, const char *name);

/** The words of a CHOICES or TEXTS option, borrowed, ended by NULL; NULL if it has neither value
 * nor default. */
char *const *tessera_options_words (const TesseraOptions *options, const char *name);

/** The values of an INTEGERS option, borrowed; *n receives how many. */
const int64_t *tessera_options_integers (const TesseraOptions *options, const char *name,
                                         size_t *n);

/** Describes a table for --help, a line or more an option, transfer full. */
char *tessera_options_help (const TesseraOption *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraOptions, tessera_options_free)
