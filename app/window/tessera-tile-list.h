#pragma once
/* A list model of tile numbers that makes its items only when they are looked at, so that selecting
 * a million tiles costs one array. Items: TesseraTileItem. */

#include <gio/gio.h>
#include <stdint.h>

#define TESSERA_TYPE_TILE_ITEM (tessera_tile_item_get_type ())
G_DECLARE_FINAL_TYPE (TesseraTileItem, tessera_tile_item, TESSERA, TILE_ITEM, GObject)

/** The tile's number. */
uint32_t tessera_tile_item_get_tile (TesseraTileItem *item);

#define TESSERA_TYPE_TILE_LIST (tessera_tile_list_get_type ())
G_DECLARE_FINAL_TYPE (TesseraTileList, tessera_tile_list, TESSERA, TILE_LIST, GObject)

/** A new empty list; a GListModel. */
TesseraTileList *tessera_tile_list_new (void);
/** Replaces all items by a copy of tiles[n]. */
void tessera_tile_list_set (TesseraTileList *list, const uint32_t *tiles, size_t n);
