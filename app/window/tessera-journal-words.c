#include "tessera-journal-words.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <string.h>

const char *
tessera_how_text (TsrHow how)
{
  switch (how) {
  case TSR_HOW_SUGGESTED:
    return _ ("suggested");
  case TSR_HOW_PICKED:
    return _ ("picked");
  case TSR_HOW_LASSO:
    return _ ("several at once");
  case TSR_HOW_IMPORTED:
    return _ ("imported");
  case TSR_HOW_COMMAND:
    return _ ("command line");
  case TSR_HOW_CONSENSUS:
    return _ ("consensus");
  case TSR_HOW_CHECK:
    return _ ("random check");
  default:
    return _ ("cleared");
  }
}

static char *
label_title (const char *detail)
{
  if (*detail == '\0')
    return g_strdup (_ ("Label cleared"));
  if (strcmp (detail, "?") == 0)
    return g_strdup (_ ("Unsure"));
  if (strcmp (detail, "*") == 0)
    return g_strdup (_ ("Several classes"));
  return g_strdup (detail);
}

static char *
deed_title (const TsrJournalLine *line)
{
  if (strcmp (line->deed, "exclude") == 0)
    return g_strdup (_ ("Excluded"));
  if (strcmp (line->deed, "readmit") == 0)
    return g_strdup (_ ("Readmitted"));
  if (strcmp (line->deed, "merge") == 0)
    return g_strdup_printf (_ ("Classes merged: %s"), line->detail);
  if (strcmp (line->deed, "remove-class") == 0)
    return g_strdup_printf (_ ("Class removed: %s"), line->detail);
  if (strcmp (line->deed, "revert") != 0)
    return label_title (line->detail);
  if (line->moment <= 0)
    return g_strdup (_ ("Gone back to the beginning"));
  g_autofree char *entry = g_strdup_printf ("%" G_GINT64_FORMAT, line->moment);
  return g_strdup_printf (_ ("Gone back to entry %s"), entry);
}

char *
tessera_journal_title (const TsrJournalLine *line)
{
  g_autofree char *deed = deed_title (line);
  if (strcmp (line->action, "undo") == 0)
    return g_strdup_printf (_ ("Undone: %s"), deed);
  if (strcmp (line->action, "redo") == 0)
    return g_strdup_printf (_ ("Done again: %s"), deed);
  return g_steal_pointer (&deed);
}

char *
tessera_journal_manner (const TsrJournalLine *line)
{
  g_autofree char *count = tessera_ui_count (line->count);
  g_autofree char *tiles = g_strdup_printf (ngettext ("%s tile", "%s tiles", line->count), count);
  if (strcmp (line->action, "label") != 0 || line->how == TSR_HOW_CLEARED)
    return g_steal_pointer (&tiles);
  return g_strdup_printf ("%s, %s", tiles, tessera_how_text (line->how));
}

char *
tessera_journal_when (gint64 unix_us)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (unix_us / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  if (local == NULL)
    return g_strdup ("");
  gboolean today = g_date_time_get_year (local) == g_date_time_get_year (now) &&
                   g_date_time_get_day_of_year (local) == g_date_time_get_day_of_year (now);
  return g_date_time_format (local, today ? "%H:%M" : "%x %H:%M");
}
