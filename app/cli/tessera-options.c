#include "tessera-options.h"

#include "tsr-error.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* One option's value; which fields are filled depends on the kind. */
typedef struct {
  bool given, present; /* by the user; by the user or by default */
  const char *text;
  int64_t integer;
  double number;
  char **words;
  int64_t *integers;
  size_t n_integers;
} Value;

struct TesseraOptions {
  const TesseraOption *table;
  Value *values; /* parallel to table */
  size_t n;
  GPtrArray *arguments;
};

static void
clear_value (Value *value)
{
  g_strfreev (value->words);
  g_free (value->integers);
  *value = (Value){0};
}

void
tessera_options_free (TesseraOptions *options)
{
  if (!options)
    return;
  for (size_t i = 0; i < options->n; i++)
    clear_value (&options->values[i]);
  g_free (options->values);
  g_ptr_array_unref (options->arguments);
  g_free (options);
}

/* Returns "fps, random" for "fps,random". */
static char *
spaced (const char *choices)
{
  g_auto (GStrv) words = g_strsplit (choices, ",", -1);
  return g_strjoinv (", ", words);
}

static char *
number_text (double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  if (value >= (double)INT64_MAX) /* of seeds: as a double it is one more, and unreadable */
    return g_strdup_printf ("%" G_GINT64_FORMAT, INT64_MAX);
  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.10g", value));
}

/* Returns what values an option takes, as the end of a sentence. */
static char *
valid_values (const TesseraOption *option)
{
  g_autofree char *low = number_text (option->min);
  g_autofree char *high = number_text (option->max);
  switch (option->kind) {
  case TESSERA_OPTION_CHOICE: {
    g_autofree char *list = spaced (option->choices);
    return g_strdup_printf ("one of %s", list);
  }
  case TESSERA_OPTION_CHOICES: {
    g_autofree char *list = spaced (option->choices);
    return g_strdup_printf ("one or more of %s, separated by commas", list);
  }
  case TESSERA_OPTION_INTEGER:
    return g_strdup_printf ("a whole number from %s to %s", low, high);
  case TESSERA_OPTION_NUMBER:
    return g_strdup_printf ("a number from %s to %s", low, high);
  case TESSERA_OPTION_INTEGERS:
    return g_strdup_printf ("whole numbers from %s to %s, separated by commas", low, high);
  case TESSERA_OPTION_FLAG:
    return g_strdup ("no value");
  case TESSERA_OPTION_TEXTS:
    return g_strdup_printf ("one or more values (%s)", option->value_name);
  case TESSERA_OPTION_TEXT:
  default:
    return g_strdup_printf ("a value (%s)", option->value_name ? option->value_name : "text");
  }
}

/* "--seed", or "-k" for an option whose whole name is a letter. */
static const char *
dashes (const TesseraOption *option)
{
  return option->name[1] ? "--" : "-";
}

static bool
refuse (const TesseraOption *option, const char *text, GError **error)
{
  g_autofree char *valid = valid_values (option);
  g_autofree char *shown = g_filename_display_name (text);
  g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, "%s%s cannot be “%s”; it takes %s.",
               dashes (option), option->name, shown, valid);
  return false;
}

static bool
read_integer (const TesseraOption *option, const char *text, int64_t *integer)
{
  char *end = NULL;
  errno = 0;
  if (!*text || g_ascii_isspace (*text))
    return false;
  /* Seeds use the whole range of 63 bits, which a double does not resolve: min and max are compared
   * as doubles only to refuse what lies clearly outside. */
  *integer = g_ascii_strtoll (text, &end, 10);
  return errno == 0 && *end == '\0' && (double)*integer >= option->min &&
         (double)*integer <= option->max;
}

static bool
read_number (const TesseraOption *option, const char *text, double *number)
{
  char *end = NULL;
  errno = 0;
  if (!*text || g_ascii_isspace (*text))
    return false;
  *number = g_ascii_strtod (text, &end);
  return errno == 0 && *end == '\0' && isfinite (*number) && *number >= option->min &&
         *number <= option->max;
}

static bool
is_choice (const char *choices, const char *word)
{
  g_auto (GStrv) words = g_strsplit (choices, ",", -1);
  return g_strv_contains ((const char *const *)words, word);
}

static bool
read_words (const TesseraOption *option, const char *text, char ***words)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  for (guint i = 0; parts[i]; i++) {
    g_strstrip (parts[i]);
    if (!is_choice (option->choices, parts[i]))
      return false;
    for (guint j = 0; j < i; j++)
      if (strcmp (parts[i], parts[j]) == 0)
        return false;
  }
  if (!parts[0])
    return false;
  *words = g_steal_pointer (&parts);
  return true;
}

static bool
read_integers (const TesseraOption *option, const char *text, Value *value)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  size_t n = g_strv_length (parts);
  g_autofree int64_t *list = g_new0 (int64_t, n + 1);
  for (size_t i = 0; i < n; i++)
    if (!read_integer (option, g_strstrip (parts[i]), &list[i]))
      return false;
  if (n == 0)
    return false;
  value->integers = g_steal_pointer (&list);
  value->n_integers = n;
  return true;
}

/* Adds to what the option has been given before. */
static bool
add_word (Value *value, const char *text)
{
  guint n = value->words ? g_strv_length (value->words) : 0;
  value->words = g_renew (char *, value->words, n + 2);
  value->words[n] = g_strdup (text);
  value->words[n + 1] = NULL;
  return *text != '\0';
}

static bool
set_value (const TesseraOption *option, Value *value, const char *text, bool given, GError **error)
{
  if (option->kind != TESSERA_OPTION_TEXTS)
    clear_value (value);
  bool good = true;
  switch (option->kind) {
  case TESSERA_OPTION_FLAG:
    break;
  case TESSERA_OPTION_TEXT:
    good = *text != '\0';
    break;
  case TESSERA_OPTION_INTEGER:
    good = read_integer (option, text, &value->integer);
    break;
  case TESSERA_OPTION_NUMBER:
    good = read_number (option, text, &value->number);
    break;
  case TESSERA_OPTION_CHOICE:
    good = is_choice (option->choices, text);
    break;
  case TESSERA_OPTION_CHOICES:
    good = read_words (option, text, &value->words);
    break;
  case TESSERA_OPTION_INTEGERS:
    good = read_integers (option, text, value);
    break;
  case TESSERA_OPTION_TEXTS:
    good = add_word (value, text);
    break;
  }
  if (!good)
    return refuse (option, text, error);
  value->text = text;
  value->present = true;
  value->given = given;
  return true;
}

/* Finds by "name" (length n) or by letter; -1 if there is none. */
static int
find (const TesseraOption *table, const char *name, size_t n, char letter)
{
  for (int i = 0; table[i].name; i++)
    if (letter ? table[i].letter == letter
               : strlen (table[i].name) == n && strncmp (table[i].name, name, n) == 0)
      return i;
  return -1;
}

static bool
unknown (const TesseraOption *table, const char *text, GError **error)
{
  g_autoptr (GString) list = g_string_new (NULL);
  for (int i = 0; table[i].name; i++)
    g_string_append_printf (list, "%s%s%s", i ? ", " : "", dashes (&table[i]), table[i].name);
  g_autofree char *shown = g_filename_display_name (text);
  g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, "There is no option “%s”; the options are %s.",
               shown, list->str);
  return false;
}

/* Takes the option at argv[*at], and its value, which may be the next argument. */
static bool
take_option (TesseraOptions *self, int argc, char **argv, int *at, GError **error)
{
  const char *text = argv[*at];
  bool is_long = text[1] == '-';
  const char *name = text + 2;
  const char *attached = is_long ? strchr (name, '=') : text[2] ? text + 2 : NULL;
  size_t length = is_long ? (attached ? (size_t)(attached - name) : strlen (name)) : 0;
  int index = find (self->table, name, length, is_long ? 0 : text[1]);
  if (index < 0)
    return unknown (self->table, text, error);
  if (is_long && attached)
    attached++;
  else if (attached && *attached == '=')
    attached++;
  const TesseraOption *option = &self->table[index];
  Value *value = &self->values[index];
  if (option->kind == TESSERA_OPTION_FLAG) {
    if (attached) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, "%s%s takes no value.", dashes (option),
                   option->name);
      return false;
    }
    return set_value (option, value, text, true, error);
  }
  if (!attached && *at + 1 >= argc) {
    g_autofree char *valid = valid_values (option);
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, "%s%s needs %s.", dashes (option), option->name,
                 valid);
    return false;
  }
  bool good = set_value (option, value, attached ? attached : argv[++*at], true, error);
  while (good && option->kind == TESSERA_OPTION_TEXTS && !attached && *at + 1 < argc &&
         argv[*at + 1][0] != '-')
    good = set_value (option, value, argv[++*at], true, error);
  return good;
}

TesseraOptions *
tessera_options_parse (const TesseraOption *table, int first, int argc, char **argv, GError **error)
{
  g_autoptr (TesseraOptions) self = g_new0 (TesseraOptions, 1);
  self->table = table;
  self->arguments = g_ptr_array_new ();
  while (table[self->n].name)
    self->n++;
  self->values = g_new0 (Value, self->n + 1);
  for (size_t i = 0; i < self->n; i++)
    if (table[i].fallback &&
        !set_value (&table[i], &self->values[i], table[i].fallback, false, error))
      return NULL;
  bool options_over = false;
  for (int i = first; i < argc; i++) {
    if (!options_over && strcmp (argv[i], "--") == 0)
      options_over = true;
    else if (!options_over && argv[i][0] == '-' && argv[i][1]) {
      if (!take_option (self, argc, argv, &i, error))
        return NULL;
    } else
      g_ptr_array_add (self->arguments, argv[i]);
  }
  g_ptr_array_add (self->arguments, NULL);
  return g_steal_pointer (&self);
}

static const Value *
value_of (const TesseraOptions *self, const char *name)
{
  int index = find (self->table, name, strlen (name), 0);
  g_assert (index >= 0); /* a command asks only for options of its own table */
  return &self->values[index];
}

char *const *
tessera_options_arguments (const TesseraOptions *self, int *n)
{
  if (n)
    *n = (int)self->arguments->len - 1;
  return (char *const *)self->arguments->pdata;
}

bool
tessera_options_has (const TesseraOptions *self, const char *name)
{
  return find (self->table, name, strlen (name), 0) >= 0;
}

bool
tessera_options_given (const TesseraOptions *self, const char *name)
{
  return value_of (self, name)->given;
}

bool
tessera_options_flag (const TesseraOptions *self, const char *name)
{
  return value_of (self, name)->present;
}

const char *
tessera_options_text (const TesseraOptions *self, const char *name)
{
  return value_of (self, name)->text;
}

int64_t
tessera_options_integer (const TesseraOptions *self, const char *name)
{
  return value_of (self, name)->integer;
}

double
tessera_options_number (const TesseraOptions *self, const char *name)
{
  return value_of (self, name)->number;
}

char *const *
tessera_options_words (const TesseraOptions *self, const char *name)
{
  return value_of (self, name)->words;
}

const int64_t *
tessera_options_integers (const TesseraOptions *self, const char *name, size_t *n)
{
  const Value *value = value_of (self, name);
  *n = value->n_integers;
  return value->integers;
}

static char *
option_head (const TesseraOption *option)
{
  bool only_letter = !option->name[1];
  g_autofree char *letter = option->letter && !only_letter
                                ? g_strdup_printf ("-%c, ", option->letter)
                                : g_strdup (only_letter ? "" : "    ");
  const char *value = option->value_name;
  if (option->kind == TESSERA_OPTION_FLAG)
    return g_strdup_printf ("  %s%s%s", letter, dashes (option), option->name);
  if (!value)
    value = option->kind == TESSERA_OPTION_CHOICE     ? "WORD"
            : option->kind == TESSERA_OPTION_CHOICES  ? "WORD,..."
            : option->kind == TESSERA_OPTION_INTEGERS ? "N,..."
                                                      : "N";
  return g_strdup_printf ("  %s%s%s %s", letter, dashes (option), option->name, value);
}

char *
tessera_options_help (const TesseraOption *table)
{
  GString *text = g_string_new (NULL);
  for (int i = 0; table[i].name; i++) {
    const TesseraOption *option = &table[i];
    g_autofree char *head = option_head (option);
    g_string_append_printf (text,
                            strlen (head) < 30 ? "%-30s%s" : "%s\n                              %s",
                            head, option->help);
    if (option->choices) {
      g_autofree char *list = spaced (option->choices);
      g_string_append_printf (text, ": %s", list);
    }
    if (option->fallback)
      g_string_append_printf (text, " (default %s)", option->fallback);
    g_string_append_c (text, '\n');
  }
  return g_string_free (text, FALSE);
}
