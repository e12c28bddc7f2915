/* Progress on standard error: one updating line on a terminal, sparse lines elsewhere. */

#include "tessera-command.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TERMINAL_INTERVAL_US (100 * G_TIME_SPAN_MILLISECOND)
#define LOG_INTERVAL_US      (10 * G_TIME_SPAN_SECOND)

struct TesseraProgressLine {
  GMutex lock;
  bool terminal, shown;
  char *stage, *details;
  double last_fraction;
  gint64 stage_began, last_printed; /* monotonic, us */
};

TesseraProgressLine *
tessera_progress_line_new (void)
{
  TesseraProgressLine *line = g_new0 (TesseraProgressLine, 1);
  g_mutex_init (&line->lock);
  const char *terminal = g_getenv ("TERM");
  line->terminal = isatty (STDERR_FILENO) && g_strcmp0 (terminal, "dumb") != 0;
  return line;
}

static void
erase (TesseraProgressLine *line)
{
  if (line->shown)
    fputs ("\r\033[K", stderr);
  line->shown = false;
}

void
tessera_progress_line_clear (TesseraProgressLine *line)
{
  g_mutex_lock (&line->lock);
  erase (line);
  fflush (stderr);
  g_mutex_unlock (&line->lock);
}

void
tessera_progress_line_free (TesseraProgressLine *line)
{
  if (!line)
    return;
  tessera_progress_line_clear (line);
  g_mutex_clear (&line->lock);
  g_free (line->stage);
  g_free (line->details);
  g_free (line);
}

/* Returns ", 1:05 left" once the pace of the stage is known; transfer full. */
static char *
time_left (const TesseraProgressLine *line, double fraction, gint64 now)
{
  double elapsed = (double)(now - line->stage_began) / G_TIME_SPAN_SECOND;
  if (fraction < 0.03 || elapsed < 2)
    return g_strdup ("");
  long left = (long)(elapsed * (1 - fraction) / fraction + 0.5);
  if (left >= 3600)
    return g_strdup_printf (", %ld:%02ld:%02ld left", left / 3600, left / 60 % 60, left % 60);
  return g_strdup_printf (", %ld:%02ld left", left / 60, left % 60);
}

static int
terminal_columns (void)
{
  struct winsize size = {0};
  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

/* Cuts text to at most columns characters, so that a line never wraps. */
static void
cut (char *text, int columns)
{
  if (g_utf8_strlen (text, -1) > columns)
    *g_utf8_offset_to_pointer (text, columns) = '\0';
}

static void
print_line (TesseraProgressLine *line, double fraction, gint64 now)
{
  g_autofree char *left = time_left (line, fraction, now);
  g_autofree char *percent =
      fraction < 0 ? g_strdup ("") : g_strdup_printf (" %3.0f %%", 100 * MIN (fraction, 1));
  g_autofree char *text =
      g_strdup_printf ("%s%s%s%s%s", line->stage, percent, left, line->details ? " · " : "",
                       line->details ? line->details : "");
  if (line->terminal) {
    erase (line);
    cut (text, terminal_columns () - 1);
    fputs (text, stderr);
    line->shown = true;
  } else
    fprintf (stderr, "%s\n", text);
  fflush (stderr);
  line->last_printed = now;
}

void
tessera_progress_line_report (double fraction, const char *stage, void *data)
{
  TesseraProgressLine *line = data;
  g_mutex_lock (&line->lock);
  gint64 now = g_get_monotonic_time ();
  /* No name: work inside the stage that was named last. Where it starts again its pace is measured
   * afresh. */
  bool fresh = !line->stage || (stage && strcmp (stage, line->stage) != 0);
  if (fresh) {
    g_free (line->stage);
    line->stage = g_strdup (stage ? stage : "Working");
  }
  if (fresh || fraction < line->last_fraction - 0.5)
    line->stage_began = now;
  line->last_fraction = fraction;
  if (fresh ||
      now - line->last_printed >= (line->terminal ? TERMINAL_INTERVAL_US : LOG_INTERVAL_US))
    print_line (line, fraction, now);
  g_mutex_unlock (&line->lock);
}

void
tessera_progress_line_details (TesseraProgressLine *line, const char *details)
{
  g_mutex_lock (&line->lock);
  g_free (line->details);
  line->details = g_strdup (details);
  g_mutex_unlock (&line->lock);
}
