#include "tsr-number.h"

#include <locale.h>
#include <stdbool.h>
#include <string.h>

/* What numbers are written by meanwhile: the process's locale, whatever the thread's is, or C. */
static locale_t
begin (void)
{
  static locale_t plain;
  static gsize once;
  if (g_once_init_enter (&once)) {
    plain = newlocale (LC_NUMERIC_MASK, "C", duplocale (LC_GLOBAL_LOCALE));
    g_once_init_leave (&once, 1);
  }
  const char *messages = setlocale (LC_MESSAGES, NULL);
  bool english = messages == NULL || strcmp (messages, "C") == 0 || strcmp (messages, "POSIX") == 0;
  return uselocale (english && plain ? plain : LC_GLOBAL_LOCALE);
}

char *
tsr_number_decimals (double value, int decimals)
{
  locale_t former = begin ();
  char *text = g_strdup_printf ("%.*f", decimals, value);
  uselocale (former);
  return text;
}

char *
tsr_number_digits (double value, int digits)
{
  locale_t former = begin ();
  char *text = g_strdup_printf ("%.*g", digits, value);
  uselocale (former);
  return text;
}

char *
tsr_number_bytes (guint64 bytes)
{
  locale_t former = begin ();
  char *text = g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);
  uselocale (former);
  return text;
}
