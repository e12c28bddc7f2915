#include "tessera-session-audit.h"

#include "tessera-session-private.h"

const TsrAudit *
tessera_session_get_audit (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->audit;
}

gboolean
tessera_session_is_auditing (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->audit != NULL && self->audit->state == TSR_AUDIT_RUNNING;
}

gboolean
tessera_session_is_hidden (TesseraSession *self, uint32_t tile)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->audit != NULL && tsr_audit_hides (self->audit, tile);
}

guint
tessera_session_count_unasked (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), 0);
  return self->audit != NULL ? (guint)tsr_audit_unasked (self->audit, self->label, self->excluded)
                             : 0;
}

static void
act (TesseraSession *self, int32_t value)
{
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_AUDIT);
  request->value = value;
  tessera_session_act (self, request);
}

void
tessera_session_start_audit (TesseraSession *self, uint32_t k)
{
  g_return_if_fail (TESSERA_IS_SESSION (self) && k > 0 && k <= INT32_MAX);
  act (self, (int32_t)k);
}

void
tessera_session_pause_audit (TesseraSession *self)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  act (self, TESSERA_AUDIT_PAUSE);
}

void
tessera_session_resume_audit (TesseraSession *self)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  act (self, TESSERA_AUDIT_RESUME);
}

void
tessera_session_drop_audit (TesseraSession *self)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  act (self, TESSERA_AUDIT_DROP);
}

/* Of the current tile something is known that may be seen. */
static gboolean
accounts (TesseraSession *self)
{
  return self->current != TESSERA_NO_TILE && self->details_tile == self->current &&
         !tessera_session_is_auditing (self) && !tessera_session_is_hidden (self, self->current);
}

gboolean
tessera_session_get_rules (TesseraSession *self, int32_t *map_class, int32_t *w_class)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  *map_class = self->map_class;
  *w_class = self->w_class;
  return accounts (self);
}

const GArray *
tessera_session_get_near_labels (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return accounts (self) ? self->near_labels : NULL;
}

uint32_t
tessera_session_get_followed (TesseraSession *self, uint32_t *followers)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), TESSERA_NO_TILE);
  gboolean known = accounts (self);
  *followers = known ? self->followers : 0;
  return known ? self->followed : TESSERA_NO_TILE;
}

uint32_t *
tessera_session_find_followers (TesseraSession *self, uint32_t label, size_t *n)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  uint32_t all = tessera_session_get_n_tiles (self);
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (uint32_t i = 0; self->predictions != NULL && i < all; i++)
    if (self->predictions[i].follows == label && self->label[i] < 0 &&
        self->predictions[i].class_id >= 0)
      g_array_append_val (tiles, i);
  *n = tiles->len;
  return (uint32_t *)g_array_free (g_steal_pointer (&tiles), FALSE);
}
