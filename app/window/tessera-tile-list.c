#include "tessera-tile-list.h"

struct _TesseraTileItem {
  GObject parent_instance;
  uint32_t tile;
};

G_DEFINE_FINAL_TYPE (TesseraTileItem, tessera_tile_item, G_TYPE_OBJECT)

static void
tessera_tile_item_class_init (TesseraTileItemClass *klass)
{
}

static void
tessera_tile_item_init (TesseraTileItem *self)
{
}

uint32_t
tessera_tile_item_get_tile (TesseraTileItem *self)
{
  g_return_val_if_fail (TESSERA_IS_TILE_ITEM (self), UINT32_MAX);
  return self->tile;
}

struct _TesseraTileList {
  GObject parent_instance;
  GArray *tiles; /* uint32_t */
};

static GType
list_item_type (GListModel *model)
{
  return TESSERA_TYPE_TILE_ITEM;
}

static guint
list_n_items (GListModel *model)
{
  return TESSERA_TILE_LIST (model)->tiles->len;
}

static gpointer
list_item (GListModel *model, guint position)
{
  TesseraTileList *self = TESSERA_TILE_LIST (model);
  if (position >= self->tiles->len)
    return NULL;
  TesseraTileItem *item = g_object_new (TESSERA_TYPE_TILE_ITEM, NULL);
  item->tile = g_array_index (self->tiles, uint32_t, position);
  return item;
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = list_item_type;
  interface->get_n_items = list_n_items;
  interface->get_item = list_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraTileList, tessera_tile_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
tessera_tile_list_finalize (GObject *object)
{
  g_array_unref (TESSERA_TILE_LIST (object)->tiles);
  G_OBJECT_CLASS (tessera_tile_list_parent_class)->finalize (object);
}

static void
tessera_tile_list_class_init (TesseraTileListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tessera_tile_list_finalize;
}

static void
tessera_tile_list_init (TesseraTileList *self)
{
  self->tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
}

TesseraTileList *
tessera_tile_list_new (void)
{
  return g_object_new (TESSERA_TYPE_TILE_LIST, NULL);
}

/* Says only what differs: an item that comes anew loses its place in view. */
void
tessera_tile_list_set (TesseraTileList *self, const uint32_t *tiles, size_t n)
{
  g_return_if_fail (TESSERA_IS_TILE_LIST (self));
  const uint32_t *old = (const uint32_t *)self->tiles->data;
  guint before = self->tiles->len, after = (guint)n, head = 0, tail = 0;
  while (head < MIN (before, after) && old[head] == tiles[head])
    head++;
  while (tail < MIN (before, after) - head && old[before - 1 - tail] == tiles[after - 1 - tail])
    tail++;
  if (head == before && head == after)
    return;
  g_array_set_size (self->tiles, 0);
  if (n > 0)
    g_array_append_vals (self->tiles, tiles, after);
  g_list_model_items_changed (G_LIST_MODEL (self), head, before - head - tail, after - head - tail);
}
