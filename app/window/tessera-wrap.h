#pragma once
/* Children side by side, on further rows where there is no room: buttons in a language of long
 * words and at twice the size. What a row has left goes to its children that expand.
 *
 * Properties: "spacing" between children and rows; "centered": rows, and not at their start;
 * "whole": a row ends before a child gets less than it would like, not only before there is no room
 * for it at all; "columns": in columns of one width, so many or as many as there is room for (0: in
 * none). */

#include <gtk/gtk.h>

#define TESSERA_TYPE_WRAP (tessera_wrap_get_type ())
G_DECLARE_FINAL_TYPE (TesseraWrap, tessera_wrap, TESSERA, WRAP, GtkWidget)

/** An empty one; floating reference. */
GtkWidget *tessera_wrap_new (int spacing);
/** Adds a child at the end (its floating reference is taken). */
void tessera_wrap_append (TesseraWrap *wrap, GtkWidget *child);
