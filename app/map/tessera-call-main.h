#pragma once
/* From a thread that paints or decodes back to the main one. */

#include <glib.h>

/** Has func called with data on the main context, like input ahead of redrawing, so that the frame
 * that follows shows what came. Never in the calling thread, which g_main_context_invoke would
 * allow itself while nobody iterates. */
void tessera_call_main (GSourceFunc func, gpointer data);
