/* What the user does, one act after another. An act about "the selection" takes the selection when
 * its turn comes, so a key typed before the disk answered labels the tile that is shown then, never
 * the one before it. */

#include "tessera-session-private.h"

#include <glib/gi18n.h>

static gboolean
about_selection (const TesseraRequest *request)
{
  return request->kind == TESSERA_REQUEST_LABEL || request->kind == TESSERA_REQUEST_EXCLUDE ||
         request->kind == TESSERA_REQUEST_SKIP;
}

static gboolean
changes_nothing (TesseraSession *self, const TesseraRequest *request)
{
  for (size_t i = 0; i < request->n_tiles; i++) {
    uint32_t tile = request->tiles[i];
    if (request->kind == TESSERA_REQUEST_LABEL && self->label[tile] != request->value)
      return FALSE;
    if (request->kind == TESSERA_REQUEST_EXCLUDE &&
        (self->excluded[tile] != 0) != (request->value != 0))
      return FALSE;
  }
  return TRUE;
}

static TsrHow
how_chosen (TesseraSession *self, const TesseraRequest *request)
{
  if (request->value == TSR_LABEL_NONE)
    return TSR_HOW_CLEARED;
  if (request->n_tiles > 1)
    return TSR_HOW_LASSO;
  return tessera_session_is_suggested (self, request->tiles[0]) ? TSR_HOW_SUGGESTED
                                                                : TSR_HOW_PICKED;
}

static gboolean
moves_on (const TesseraRequest *request)
{
  switch (request->kind) {
  case TESSERA_REQUEST_LABEL:
    return request->value != TSR_LABEL_NONE;
  case TESSERA_REQUEST_EXCLUDE:
    return request->value != 0;
  default:
    return request->kind == TESSERA_REQUEST_SKIP;
  }
}

/* Fills in what an act is about. FALSE: there is nothing to send. */
static gboolean
prepare (TesseraSession *self, TesseraRequest *request)
{
  if (!about_selection (request))
    return TRUE;
  if (request->tiles == NULL) {
    if (self->selection->len == 0) {
      if (!tessera_session_select_next (self))
        tessera_session_say (self, _ ("Select a tile first"));
      return FALSE;
    }
    if (request->kind == TESSERA_REQUEST_SKIP)
      tessera_request_set_tiles (request, &self->current, 1);
    else
      tessera_request_set_tiles (request, (const uint32_t *)self->selection->data,
                                 self->selection->len);
  }
  if (request->kind == TESSERA_REQUEST_SKIP) {
    if (tessera_session_is_suggested (self, request->tiles[0]))
      return TRUE;
    tessera_session_select_next (self);
    return FALSE;
  }
  if (changes_nothing (self, request)) {
    if (moves_on (request))
      tessera_session_select_next (self);
    return FALSE;
  }
  if (request->kind == TESSERA_REQUEST_LABEL)
    request->how = how_chosen (self, request);
  return TRUE;
}

static TesseraRequest *
copy_about (const TesseraRequest *request)
{
  TesseraRequest *copy = tessera_request_new (request->kind);
  copy->value = request->value;
  copy->other = request->other;
  if (request->n_tiles > 0)
    tessera_request_set_tiles (copy, request->tiles, request->n_tiles);
  return copy;
}

static void
start_next (TesseraSession *self)
{
  while (self->in_flight == NULL && self->contents != NULL && self->desk != NULL) {
    TesseraRequest *request = g_queue_pop_head (self->waiting);
    if (request == NULL)
      return;
    if (!prepare (self, request)) {
      tessera_request_free (request);
      continue;
    }
    self->in_flight = copy_about (request);
    tessera_desk_send (self->desk, request);
  }
}

void
tessera_session_act (TesseraSession *self, TesseraRequest *request)
{
  if (self->desk == NULL) {
    tessera_request_free (request);
    return;
  }
  g_queue_push_tail (self->waiting, request);
  start_next (self);
}

void
tessera_session_act_done (TesseraSession *self)
{
  g_clear_pointer (&self->in_flight, tessera_request_free);
  start_next (self);
}

gboolean
tessera_session_is_busy (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->in_flight != NULL || !g_queue_is_empty (self->waiting);
}

void
tessera_session_label (TesseraSession *self, int32_t value)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_LABEL);
  request->value = value;
  tessera_session_act (self, request);
}

void
tessera_session_exclude (TesseraSession *self, gboolean excluded)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_EXCLUDE);
  request->value = excluded ? 1 : 0;
  tessera_session_act (self, request);
}

static void
act_plain (TesseraSession *self, TesseraRequestKind kind)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  tessera_session_act (self, tessera_request_new (kind));
}

void
tessera_session_skip (TesseraSession *self)
{
  act_plain (self, TESSERA_REQUEST_SKIP);
}

void
tessera_session_undo (TesseraSession *self)
{
  act_plain (self, TESSERA_REQUEST_UNDO);
}

void
tessera_session_redo (TesseraSession *self)
{
  act_plain (self, TESSERA_REQUEST_REDO);
}

void
tessera_session_reset (TesseraSession *self)
{
  act_plain (self, TESSERA_REQUEST_RESET);
}

gboolean
tessera_session_can_undo (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->can_undo;
}

gboolean
tessera_session_can_redo (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->can_redo;
}

/* ---- classes ---- */

void
tessera_session_add_class (TesseraSession *self, const char *name, int64_t rgb)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  g_autofree char *stripped = g_strstrip (g_strdup (name));
  if (*stripped == '\0')
    return;
  for (guint i = 0; i < self->classes->len; i++) {
    const TsrClass *class_ = g_ptr_array_index (self->classes, i);
    if (g_utf8_collate (class_->name, stripped) == 0) {
      g_autofree char *text = g_strdup_printf (_ ("There is a class “%s” already"), stripped);
      tessera_session_toast (self, text, FALSE);
      return;
    }
  }
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_ADD_CLASS);
  request->text = g_steal_pointer (&stripped);
  request->value = rgb >= 0 ? (int32_t)rgb : -1;
  tessera_session_act (self, request);
}

void
tessera_session_update_class (TesseraSession *self, const TsrClass *class_)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_UPDATE_CLASS);
  request->class_ = g_new (TsrClass, 1);
  *request->class_ = *class_;
  request->class_->name = g_strdup (class_->name);
  tessera_session_act (self, request);
}

void
tessera_session_move_class (TesseraSession *self, int32_t id, int steps)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  int from = -1, n = (int)self->classes->len;
  g_autofree uint32_t *ids = g_new (uint32_t, MAX (1, n));
  for (int i = 0; i < n; i++) {
    const TsrClass *class_ = g_ptr_array_index (self->classes, i);
    ids[i] = (uint32_t)class_->id;
    if (class_->id == id)
      from = i;
  }
  int to = CLAMP (from + steps, 0, n - 1);
  if (from < 0 || to == from)
    return;
  int direction = to > from ? 1 : -1;
  for (int i = from; i != to; i += direction)
    ids[i] = ids[i + direction];
  ids[to] = (uint32_t)id;
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_REORDER_CLASSES);
  tessera_request_set_tiles (request, ids, n);
  tessera_session_act (self, request);
}

void
tessera_session_merge_class (TesseraSession *self, int32_t from, int32_t into)
{
  g_return_if_fail (TESSERA_IS_SESSION (self) && from != into);
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_MERGE_CLASS);
  request->value = from;
  request->other = into;
  tessera_session_act (self, request);
}

void
tessera_session_remove_class (TesseraSession *self, int32_t id)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_REMOVE_CLASS);
  request->value = id;
  tessera_session_act (self, request);
}
