#pragma once
/* Pictures of tiles as textures: thumbnails from the project, kept in a bounded cache (those looked
 * at last), and whole files on demand. Read on two threads with handles of their own, one for
 * thumbnails, which needs nothing but the project; the newest wish first; of thumbnails only the
 * last 2,048 asked for. Main thread only.
 *
 * Signal: "thumbnail-ready" (guint tile): tessera_tile_store_peek now returns it. */

#include <gtk/gtk.h>
#include <stdint.h>

#define TESSERA_TYPE_TILE_STORE (tessera_tile_store_get_type ())
G_DECLARE_FINAL_TYPE (TesseraTileStore, tessera_tile_store, TESSERA, TILE_STORE, GObject)

/** Starts reading from the project at path. Returns a new reference. */
TesseraTileStore *tessera_tile_store_new (const char *path);

/** Stops the threads, which close the file; pictures already there stay. Waits for what is being
 * read, but half a second at most: a disk that does not answer is left to its thread. */
void tessera_tile_store_close (TesseraTileStore *store);

/** The thumbnail (transfer none), or NULL: then it is being read and "thumbnail-ready" follows,
 * unless so many others are asked for that it must be asked for again. */
GdkTexture *tessera_tile_store_peek (TesseraTileStore *store, uint32_t tile);

/** Reads the tile's own file, or its region of a slide in the slide's own pixels; where that is
 * gone the thumbnail stands in.
 */
void tessera_tile_store_load_async (TesseraTileStore *store, uint32_t tile,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user);

/** Reads the tile's region of a slide in its surroundings (tsr_project_tile_surroundings); the
 * result is an error where there are none. */
void tessera_tile_store_load_around_async (TesseraTileStore *store, uint32_t tile, int times,
                                           GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user);

/** The texture of either, transfer full; NULL with error. */
GdkTexture *tessera_tile_store_load_finish (TesseraTileStore *store, GAsyncResult *result,
                                            GError **error);
