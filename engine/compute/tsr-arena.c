#include "tsr-arena.h"

struct TsrArena {
  TsrDevice *device;  /* borrowed */
  GArray *sizes;      /* size_t, of each buffer; on a CPU there is one */
  GPtrArray *buffers; /* TsrBuffer, once taken */
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
  return x->place < y->place ? -1 : x->place > y->place;
}

/* The smallest gap between placed values alive at the same time that holds the new one. */
static size_t
find_gap (GPtrArray *alive, size_t bytes)
{
  g_ptr_array_sort (alive, compare_offset);
  size_t end = 0, best = SIZE_MAX, best_size = SIZE_MAX;
  for (guint k = 0; k < alive->len; k++) {
    const TsrLifetime *value = alive->pdata[k];
    if (value->place > end && value->place - end >= bytes && value->place - end < best_size) {
      best = end;
      best_size = value->place - end;
    }
    end = MAX (end, value->place + value->bytes);
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
    value->place = find_gap (alive, value->bytes);
    total = MAX (total, value->place + value->bytes);
    g_ptr_array_add (placed, value);
  }
  return total;
}

static bool
lives_with (const TsrLifetime *value, const GPtrArray *others)
{
  for (guint k = 0; k < others->len; k++) {
    const TsrLifetime *other = others->pdata[k];
    if (other->first <= value->last && value->first <= other->last)
      return true;
  }
  return false;
}

GArray *
tsr_arena_plan_buffers (TsrLifetime *values, size_t n)
{
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autoptr (GPtrArray) in = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  GArray *sizes = g_array_new (FALSE, TRUE, sizeof (size_t));
  for (size_t k = 0; k < n; k++)
    g_ptr_array_add (order, &values[k]);
  g_ptr_array_sort (order, compare_size);
  for (guint k = 0; k < order->len; k++) {
    TsrLifetime *value = order->pdata[k];
    value->place = 0;
    while (value->place < in->len && lives_with (value, in->pdata[value->place]))
      value->place++;
    if (value->place == in->len) {
      g_array_append_val (sizes, value->bytes);
      g_ptr_array_add (in, g_ptr_array_new ());
    }
    g_ptr_array_add (in->pdata[value->place], value);
  }
  return sizes;
}

static void
free_buffer (gpointer data)
{
  tsr_buffer_free (data);
}

TsrArena *
tsr_arena_new (TsrDevice *device)
{
  TsrArena *self = g_new0 (TsrArena, 1);
  self->device = device;
  self->sizes = g_array_new (FALSE, TRUE, sizeof (size_t));
  self->buffers = g_ptr_array_new_with_free_func (free_buffer);
  return self;
}

void
tsr_arena_free (TsrArena *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->buffers);
  g_array_unref (self->sizes);
  g_free (self);
}

static size_t
size_of (const TsrArena *self, guint k)
{
  return g_array_index (self->sizes, size_t, k);
}

size_t
tsr_arena_place (TsrArena *self, TsrLifetime *values, size_t n)
{
  g_autoptr (GArray) wanted = NULL;
  if (tsr_device_info (self->device)->is_cpu) {
    size_t total = tsr_arena_plan (values, n, tsr_buffer_alignment (self->device));
    wanted = g_array_new (FALSE, TRUE, sizeof (size_t));
    if (total > 0)
      g_array_append_val (wanted, total);
  } else
    wanted = tsr_arena_plan_buffers (values, n);
  size_t bytes = 0;
  for (guint k = 0; k < wanted->len; k++) {
    size_t own = g_array_index (wanted, size_t, k);
    bytes += own;
    g_assert (self->buffers->len == 0 || (k < self->sizes->len && own <= size_of (self, k)));
    if (k == self->sizes->len)
      g_array_append_val (self->sizes, own);
    else if (own > size_of (self, k))
      g_array_index (self->sizes, size_t, k) = own;
  }
  return bytes;
}

static bool
take (TsrArena *self, GError **error)
{
  for (guint k = self->buffers->len; k < self->sizes->len; k++) {
    TsrBuffer *buffer = tsr_buffer_new (self->device, size_of (self, k), error);
    if (!buffer) {
      g_ptr_array_set_size (self->buffers, 0);
      return false;
    }
    g_ptr_array_add (self->buffers, buffer);
  }
  return true;
}

TsrBuffer *
tsr_arena_view (TsrArena *self, const TsrLifetime *value, GError **error)
{
  if (self->buffers->len == 0 && !take (self, error))
    return NULL;
  bool cpu = tsr_device_info (self->device)->is_cpu;
  return tsr_buffer_view (self->buffers->pdata[cpu ? 0 : value->place], cpu ? value->place : 0,
                          value->bytes, error);
}

bool
tsr_arena_is_there (const TsrArena *self)
{
  return self->buffers->len > 0;
}

size_t
tsr_arena_bytes (const TsrArena *self)
{
  size_t bytes = 0;
  for (guint k = 0; k < self->sizes->len; k++)
    bytes += size_of (self, k);
  return bytes;
}

size_t
tsr_arena_largest (const TsrArena *self)
{
  size_t largest = 0;
  for (guint k = 0; k < self->sizes->len; k++)
    largest = MAX (largest, size_of (self, k));
  return largest;
}
