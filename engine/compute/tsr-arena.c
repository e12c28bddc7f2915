#include "tsr-arena.h"

struct TsrArena {
  TsrDevice *device; /* borrowed */
  size_t bytes;
  TsrBuffer *buffer;
};

static int
compare_size (gconstpointer a, gconstpointer b)
{
  const TsrLifetime *x = *(TsrLifetime *const *)a, *y = *(TsrLifetime *const *)b;
  if (x->bytes != y->bytes)
    return x->bytes > y->bytes ? -1 : 1;
  return x->first < y->first ? -1 : x->first > y->first;
}

static int
compare_offset (gconstpointer a, gconstpointer b)
{
  const TsrLifetime *x = *(TsrLifetime *const *)a, *y = *(TsrLifetime *const *)b;
  return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The smallest gap between placed values alive at the same time that holds the new one. */
static size_t
find_gap (GPtrArray *alive, size_t bytes)
{
  g_ptr_array_sort (alive, compare_offset);
  size_t end = 0, best = SIZE_MAX, best_size = SIZE_MAX;
  for (guint k = 0; k < alive->len; k++) {
    const TsrLifetime *value = alive->pdata[k];
    if (value->offset > end && value->offset - end >= bytes && value->offset - end < best_size) {
      best = end;
      best_size = value->offset - end;
    }
    end = MAX (end, value->offset + value->bytes);
  }
  return best == SIZE_MAX ? end : best;
}

size_t
tsr_arena_plan (TsrLifetime *values, size_t n, size_t alignment)
{
  g_autoptr (GPtrArray) order = g_ptr_array_new (), placed = g_ptr_array_new (),
                        alive = g_ptr_array_new ();
  for (size_t k = 0; k < n; k++) {
    values[k].bytes = (values[k].bytes + alignment - 1) / alignment * alignment;
    g_ptr_array_add (order, &values[k]);
  }
  g_ptr_array_sort (order, compare_size);
  size_t total = 0;
  for (guint k = 0; k < order->len; k++) {
    TsrLifetime *value = order->pdata[k];
    g_ptr_array_set_size (alive, 0);
    for (guint j = 0; j < placed->len; j++) {
      TsrLifetime *other = placed->pdata[j];
      if (other->first <= value->last && value->first <= other->last)
        g_ptr_array_add (alive, other);
    }
    value->offset = find_gap (alive, value->bytes);
    total = MAX (total, value->offset + value->bytes);
    g_ptr_array_add (placed, value);
  }
  return total;
}

TsrArena *
tsr_arena_new (TsrDevice *device)
{
  TsrArena *self = g_new0 (TsrArena, 1);
  self->device = device;
  return self;
}

void
tsr_arena_free (TsrArena *self)
{
  if (!self)
    return;
  tsr_buffer_free (self->buffer);
  g_free (self);
}

void
tsr_arena_reserve (TsrArena *self, size_t bytes)
{
  g_assert (!self->buffer || bytes <= self->bytes);
  self->bytes = MAX (self->bytes, bytes);
}

TsrBuffer *
tsr_arena_buffer (TsrArena *self, GError **error)
{
  if (!self->buffer)
    self->buffer = tsr_buffer_new (self->device, MAX (self->bytes, 64), error);
  return self->buffer;
}

bool
tsr_arena_is_there (const TsrArena *self)
{
  return self->buffer;
}

size_t
tsr_arena_bytes (const TsrArena *self)
{
  return self->bytes;
}
