#pragma once
/* The way round for newcomers: five steps, each a bubble beside what it is about. Nothing is
 * blocked by it: keys and clicks go on meaning what they mean. */

#include <gtk/gtk.h>

/** What the steps point at; borrowed while they run. */
typedef struct {
  GtkWidget *map, *strip, *panel, *pad, *sidebar;
} TesseraTourParts;

/** Whether nobody has seen or skipped it on this account yet. */
gboolean tessera_tour_is_due (void);

/** Begins with the first step; one that runs already begins anew. It ends after the last one, when
 * it is skipped (button or Esc), and when what it points at goes out of sight; then it is not due
 * again. */
void tessera_tour_start (const TesseraTourParts *parts);

/** Ends it as Esc in a bubble does, wherever the focus is. FALSE: it does not run. */
gboolean tessera_tour_skip (void);
