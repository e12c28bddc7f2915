#pragma once
/* Splits a raster into strips for a few threads. The map has threads of its own instead of the
 * engine's pool, because that pool serves one loop at a time and a frame must not wait for a t-SNE
 * iteration to end. Idle threads sleep. */

#include <glib.h>

typedef void (*TesseraMapStripFunc) (guint strip, gpointer data);

/** Runs func for strips 0..n-1, the caller taking part; returns when all are done. Any thread. */
void tessera_map_strips_run (guint n, TesseraMapStripFunc func, gpointer data);

/** Lets the calling thread, one of those that paint, give way to the main thread and the X server
 * where cores are few; to be called at the beginning of its work, any number of times. */
void tessera_map_strips_give_way (void);
