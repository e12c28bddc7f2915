#include "tessera-map-stamps.h"

#include <string.h>

#define MOST_BYTES (24 << 20) /* two lights at 31 strengths, each as large as a tile's picture */

struct TesseraMapStamps {
  GHashTable *kept; /* Entry's key -> GdkTexture */
  gsize bytes;
};

typedef struct {
  TesseraMapStampKey key;
  TesseraMapStampPlace place;
} Entry;

static guint
entry_hash (gconstpointer data)
{
  const guint8 *bytes = data;
  guint hash = 2166136261u; /* FNV-1a */
  for (gsize i = 0; i < sizeof (Entry); i++)
    hash = (hash ^ bytes[i]) * 16777619u;
  return hash;
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (Entry)) == 0;
}

TesseraMapStamps *
tessera_map_stamps_new (void)
{
  TesseraMapStamps *stamps = g_new0 (TesseraMapStamps, 1);
  stamps->kept = g_hash_table_new_full (entry_hash, entry_equal, g_free, g_object_unref);
  return stamps;
}

void
tessera_map_stamps_free (TesseraMapStamps *stamps)
{
  g_hash_table_unref (stamps->kept);
  g_free (stamps);
}

static GdkTexture *
draw (const Entry *entry, TesseraMapStampFunc func)
{
  const TesseraMapStampPlace *p = &entry->place;
  int edge = 2 * p->half * p->ratio;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, edge, edge);
  cairo_t *cr = cairo_create (surface);
  cairo_translate (cr, edge / 2 + p->x / 4.0, edge / 2 + p->y / 4.0);
  cairo_scale (cr, p->ratio, p->ratio);
  func (cr, &entry->key);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  gsize stride = cairo_image_surface_get_stride (surface);
  g_autoptr (GBytes) bytes =
      g_bytes_new_with_free_func (cairo_image_surface_get_data (surface), stride * edge,
                                  (GDestroyNotify)cairo_surface_destroy, surface);
  return gdk_memory_texture_new (edge, edge, GDK_MEMORY_DEFAULT, bytes, stride);
}

GdkTexture *
tessera_map_stamps_get (TesseraMapStamps *stamps, const TesseraMapStampKey *key,
                        const TesseraMapStampPlace *place, TesseraMapStampFunc func)
{
  Entry wanted = {*key, *place};
  GdkTexture *texture = g_hash_table_lookup (stamps->kept, &wanted);
  if (texture)
    return texture;
  gsize edge = (gsize)2 * place->half * place->ratio, bytes = 4 * edge * edge;
  if (stamps->bytes + bytes > MOST_BYTES) {
    g_hash_table_remove_all (stamps->kept);
    stamps->bytes = 0;
  }
  stamps->bytes += bytes;
  texture = draw (&wanted, func);
  g_hash_table_insert (stamps->kept, g_memdup2 (&wanted, sizeof wanted), texture);
  return texture;
}
