#include "tsr-reread.h"

#include <string.h>

struct TsrReread {
  GBytes *former; /* NULL once something differs */
  char *data;     /* NULL until then */
  size_t size, room, expected;
};

TsrReread *
tsr_reread_new (GBytes *former)
{
  TsrReread *self = g_new0 (TsrReread, 1);
  self->former = former != NULL ? g_bytes_ref (former) : NULL;
  return self;
}

void
tsr_reread_free (TsrReread *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->former, g_bytes_unref);
  g_free (self->data);
  g_free (self);
}

bool
tsr_reread_expect (TsrReread *self, size_t size)
{
  self->expected = size;
  if (self->former != NULL && g_bytes_get_size (self->former) == size)
    return true; /* probably the same, and then no memory is needed */
  g_clear_pointer (&self->former, g_bytes_unref);
  self->data = g_try_malloc (MAX (1, size));
  self->room = size;
  return self->data != NULL;
}

/* These bytes are not the former ones. What was the same so far is theirs, too. */
static void
part (TsrReread *self, size_t more)
{
  self->room = MAX (self->expected, self->size + more);
  self->data = g_malloc (MAX (1, self->room));
  if (self->size > 0)
    memcpy (self->data, g_bytes_get_data (self->former, NULL), self->size);
  g_clear_pointer (&self->former, g_bytes_unref);
}

void
tsr_reread_put (TsrReread *self, const void *data, size_t size)
{
  if (size == 0)
    return;
  if (self->former != NULL) {
    gsize length;
    const char *known = g_bytes_get_data (self->former, &length);
    if (size <= length - self->size && memcmp (known + self->size, data, size) == 0) {
      self->size += size;
      return;
    }
    part (self, size);
  }
  if (size > self->room - self->size) { /* a quarter more: as a rule what joins is little */
    self->room = self->size + size + self->room / 4 + 4096;
    self->data = g_realloc (self->data, self->room);
  }
  memcpy (self->data + self->size, data, size);
  self->size += size;
}

void
tsr_reread_repeat (TsrReread *self, const void *data, size_t size, size_t count)
{
  for (size_t i = 0; i < count; i++)
    tsr_reread_put (self, data, size);
}

GBytes *
tsr_reread_end (TsrReread *self)
{
  GBytes *bytes = NULL;
  if (self->former != NULL && g_bytes_get_size (self->former) != self->size)
    part (self, 0); /* they end before the former ones do */
  if (self->former != NULL) {
    bytes = g_steal_pointer (&self->former);
  } else {
    if (self->room != self->size)
      self->data = g_realloc (self->data, MAX (1, self->size));
    bytes = g_bytes_new_take (g_steal_pointer (&self->data), self->size);
  }
  tsr_reread_free (self);
  return bytes;
}

GBytes *
tsr_reread_take (GBytes *former, void *data, size_t size)
{
  if (former == NULL || g_bytes_get_size (former) != size ||
      memcmp (g_bytes_get_data (former, NULL), data, size) != 0)
    return g_bytes_new_take (data, size);
  g_free (data);
  return g_bytes_ref (former);
}
