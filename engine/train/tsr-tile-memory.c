#include "tsr-tile-memory.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-number.h"

static void
free_piece (gpointer piece)
{
  tsr_buffer_free (piece);
}

/* All of it or nothing, and before anything is taken: what is promised first is cleared page by
 * page only later, when other programs may have to make room for it. */
static bool
fits (TsrDevice *device, uint32_t count, size_t image, GError **error)
{
  size_t left = tsr_device_memory_left (device);
  if (count <= left / image)
    return true;
  g_autofree char *want = tsr_number_bytes ((guint64)count * image),
                  *have = tsr_number_bytes (left);
  g_set_error (error, TSR_ERROR, TSR_ERROR_MEMORY,
               _ ("%u tiles of this size take %s of memory, and “%s” has %s left. Train at a lower "
                  "resolution, or on fewer tiles."),
               count, want, tsr_device_info (device)->name, have);
  return false;
}

TsrTileMemory *
tsr_tile_memory_new (TsrDevice *device, uint32_t count, size_t image, GError **error)
{
  g_return_val_if_fail (count > 0 && image > 0, NULL);
  if (!fits (device, count, image, error))
    return NULL;
  g_autoptr (TsrTileMemory) self = g_new0 (TsrTileMemory, 1);
  size_t most = tsr_device_info (device)->max_allocation / image;
  *self = (TsrTileMemory){.device = device,
                          .image = image,
                          .count = count,
                          .each = (uint32_t)CLAMP (most, 1, count),
                          .pieces = g_ptr_array_new_with_free_func (free_piece)};
  for (uint32_t first = 0; first < count; first += self->each) {
    TsrBuffer *piece = tsr_buffer_new (device, MIN (self->each, count - first) * image, error);
    if (!piece)
      return NULL;
    g_ptr_array_add (self->pieces, piece);
  }
  return g_steal_pointer (&self);
}

void
tsr_tile_memory_free (TsrTileMemory *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->pieces, g_ptr_array_unref);
  g_free (self);
}

bool
tsr_tile_memory_write (TsrTileMemory *self, uint32_t first, uint32_t count, const uint8_t *pixels,
                       GError **error)
{
  g_return_val_if_fail (first <= self->count && count <= self->count - first, false);
  while (count > 0) {
    uint32_t within = first % self->each, part = MIN (count, self->each - within);
    if (!tsr_buffer_write (g_ptr_array_index (self->pieces, first / self->each),
                           within * self->image, pixels, part * self->image, error))
      return false;
    pixels += part * self->image;
    first += part;
    count -= part;
  }
  return true;
}
