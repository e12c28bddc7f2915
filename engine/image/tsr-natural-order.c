/* "tile 2" before "tile 10", the same in every locale. */

#include "tsr-folder-walk.h"

#include <string.h>

/* Compares the digit runs at *a and *b by value and moves past them. */
static int
compare_digits (const char **a, const char **b)
{
  while (**a == '0')
    (*a)++;
  while (**b == '0')
    (*b)++;
  size_t length_a = strspn (*a, "0123456789"), length_b = strspn (*b, "0123456789");
  int order = length_a != length_b ? (length_a < length_b ? -1 : 1) : memcmp (*a, *b, length_a);
  *a += length_a;
  *b += length_b;
  return order;
}

/* A folder's end sorts before everything else, so that a folder stays together. */
static int
rank (char c)
{
  return c == '/' ? 1 : c == '\0' ? 0 : 2 + (unsigned char)g_ascii_tolower (c);
}

int
tsr_natural_order (const char *a, const char *b)
{
  const char *at_a = a, *at_b = b;
  while (*at_a || *at_b) {
    int order;
    if (g_ascii_isdigit (*at_a) && g_ascii_isdigit (*at_b))
      order = compare_digits (&at_a, &at_b);
    else
      order = rank (*at_a) - rank (*at_b), at_a += *at_a != 0, at_b += *at_b != 0;
    if (order != 0)
      return order;
  }
  return strcmp (a, b);
}

char *
tsr_escape_name (const char *name)
{
  GString *out = g_string_new (NULL);
  while (*name) {
    const char *end;
    g_utf8_validate (name, -1, &end);
    for (; name < end; name++)
      if (name[0] == '\\' && name[1] == 'x' && g_ascii_isxdigit (name[2]) &&
          g_ascii_isxdigit (name[3]))
        g_string_append (out, "\\x5C");
      else
        g_string_append_c (out, *name);
    if (*name)
      g_string_append_printf (out, "\\x%02X", (unsigned char)*name++);
  }
  return g_string_free (out, FALSE);
}
