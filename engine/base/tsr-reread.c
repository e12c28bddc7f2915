#include "tsr-reread.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <string.h>

struct TsrReread {
  GBytes *former; /* NULL once something differs */
  char *data;     /* NULL until then */
  size_t size, room, expected;
  bool failed; /* there was not the memory for it */
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

/* Room for `room` bytes; false, for good, if there is not that much memory. */
static bool
make_room (TsrReread *self, size_t room)
{
  char *data = g_try_realloc (self->data, MAX (1, room));
  self->failed |= data == NULL;
  if (data == NULL)
    return false;
  self->data = data;
  self->room = room;
  return true;
}

void
tsr_reread_expect (TsrReread *self, size_t size)
{
  self->expected = size;
  if (self->former != NULL && g_bytes_get_size (self->former) == size)
    return; /* probably the same, and then no memory is needed */
  g_clear_pointer (&self->former, g_bytes_unref);
  make_room (self, size);
}

/* These bytes are not the former ones. What was the same so far is theirs, too. */
static bool
part (TsrReread *self, size_t more)
{
  if (make_room (self, MAX (self->expected, self->size + more)) && self->size > 0)
    memcpy (self->data, g_bytes_get_data (self->former, NULL), self->size);
  g_clear_pointer (&self->former, g_bytes_unref);
  return !self->failed;
}

void
tsr_reread_put (TsrReread *self, const void *data, size_t size)
{
  if (size == 0 || self->failed)
    return;
  if (self->former != NULL) {
    gsize length;
    const char *known = g_bytes_get_data (self->former, &length);
    if (size <= length - self->size && memcmp (known + self->size, data, size) == 0) {
      self->size += size;
      return;
    }
    if (!part (self, size))
      return;
  }
  if (size > self->room - self->size && /* a quarter more: as a rule what joins is little */
      !make_room (self, self->size + size + self->room / 4 + 4096))
    return;
  memcpy (self->data + self->size, data, size);
  self->size += size;
}

void
tsr_reread_repeat (TsrReread *self, const void *data, size_t size, size_t count)
{
  for (size_t i = 0; i < count && !self->failed; i++)
    tsr_reread_put (self, data, size);
}

GBytes *
tsr_reread_end (TsrReread *self, GError **error)
{
  GBytes *bytes = NULL;
  if (self->former != NULL && g_bytes_get_size (self->former) != self->size)
    part (self, 0); /* they end before the former ones do */
  if (self->failed) {
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_FAILED,
                         _ ("There is not enough memory for what the project holds of its tiles; "
                            "close other programs and try again."));
  } else if (self->former != NULL) {
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
