#include "tsr-number.h"

#include "tsr-language.h"

#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <string.h>

/* What numbers are written by meanwhile: in a document its language, else the process's locale,
 * whatever the thread's is, or C. */
static locale_t
begin (void)
{
  if (tsr_language_entered ())
    return uselocale ((locale_t)0);
  static locale_t plain;
  static gsize once;
  if (g_once_init_enter (&once)) {
    plain = newlocale (LC_NUMERIC_MASK | LC_TIME_MASK, "C", duplocale (LC_GLOBAL_LOCALE));
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

char *
tsr_number_count (guint64 count)
{
  locale_t former = begin ();
  char *text = g_strdup_printf ("%'" G_GUINT64_FORMAT, count);
  uselocale (former);
  return text;
}

/* The locale's way, but with the whole year; where it says nothing (in C), what nobody misreads. */
static char *
date_format (void)
{
  const char *own = nl_langinfo (D_FMT);
  if (g_str_equal (own, "%m/%d/%y"))
    return g_strdup ("%Y-%m-%d");
  g_autoptr (GString) format = g_string_new (own);
  g_string_replace (format, "%y", "%Y", 0);
  return g_string_free (g_steal_pointer (&format), FALSE);
}

char *
tsr_number_date (GDateTime *date)
{
  locale_t former = begin ();
  g_autofree char *format = date_format ();
  char *text = g_date_time_format (date, format);
  uselocale (former);
  return text ? text : g_date_time_format (date, "%Y-%m-%d");
}
