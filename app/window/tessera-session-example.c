/* What tiles are looked for by example, and where the session moves on to while a view says so. */

#include "tessera-session-audit.h"
#include "tessera-session-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* Takes over an example, NULL for none. */
static void
adopt_example (TesseraSession *self, TesseraExample *example)
{
  g_clear_pointer (&self->example, tessera_example_unref);
  self->example = example;
  g_signal_emit (self, tessera_session_signals[SIGNAL_EXAMPLE], 0);
}

void
tessera_session_set_example (TesseraSession *self, const float *w, size_t d, const char *name)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  if (w == NULL && self->example == NULL)
    return;
  for (size_t c = 0; w != NULL && c < d; c++)
    g_return_if_fail (isfinite (w[c]));
  adopt_example (self, w != NULL ? tessera_example_new (w, (uint32_t)d, name) : NULL);
}

void
tessera_session_set_example_tiles (TesseraSession *self, const uint32_t *tiles, size_t n)
{
  g_return_if_fail (TESSERA_IS_SESSION (self) && n > 0);
  g_autofree char *name = n == 1
                              ? g_strdup (tessera_session_get_shown_name (self, tiles[0]))
                              : g_strdup_printf (ngettext ("%u tile", "%u tiles", n), (unsigned)n);
  adopt_example (self, tessera_example_new_of_tiles (tiles, n, name));
}

TesseraExample *
tessera_session_get_example (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->example;
}

/* Vectors of another model mean other things; those of one and the same tile then differ. */
static gboolean
same_space (const TesseraContents *a, const TesseraContents *b)
{
  if (a->w == NULL || b->w == NULL || a->w_dim != b->w_dim)
    return FALSE;
  for (uint32_t i = 0; i < MIN (a->n, b->n); i++) {
    const float *x = a->w + (size_t)i * a->w_dim, *y = b->w + (size_t)i * b->w_dim;
    if (!isnan (x[0]) && !isnan (y[0]))
      return memcmp (x, y, a->w_dim * sizeof *x) == 0;
  }
  return FALSE;
}

void
tessera_session_keep_example (TesseraSession *self, const TesseraContents *before)
{
  if (self->example != NULL && self->example->w != NULL &&
      (before == NULL || !same_space (before, self->contents)))
    g_clear_pointer (&self->example, tessera_example_unref); /* "map-changed" tells */
}

void
tessera_session_set_next_func (TesseraSession *self, TesseraNextFunc next, gpointer user)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  if (next == NULL && user != self->next_user) /* another view leads by now */
    return;
  self->next = next;
  self->next_user = next != NULL ? user : NULL;
}

gboolean
tessera_session_move_on (TesseraSession *self, const uint32_t *done, size_t n)
{
  if (self->next == NULL || tessera_session_is_auditing (self)) /* a check has its own order */
    return tessera_session_select_next (self);
  uint32_t tile = self->next (done, n, self->next_user);
  if (tile >= tessera_session_get_n_tiles (self))
    return FALSE;
  tessera_session_select_one (self, tile);
  return TRUE;
}
