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

/* An offer to undo is good for the act it was made for only. */
static gboolean
still_last (TesseraSession *self, TesseraRequest *request)
{
  if (request->kind != TESSERA_REQUEST_UNDO || request->value == 0)
    return TRUE;
  if ((guint)request->value != self->n_acts) {
    tessera_session_say (
        self, _ ("Something else was done meanwhile; Ctrl+Z takes back the last change."));
    return FALSE;
  }
  request->entry = self->undo_entry;
  return TRUE;
}

/* Fills in what an act is about. FALSE: there is nothing to send. */
static gboolean
prepare (TesseraSession *self, TesseraRequest *request)
{
  if (!about_selection (request))
    return still_last (self, request) && tessera_session_prepare_classes (self, request);
  if (request->tiles == NULL) {
    if (self->selection->len == 0) {
      if (!tessera_session_move_on (self, NULL, 0))
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
    tessera_session_move_on (self, request->tiles, request->n_tiles);
    return FALSE;
  }
  if (changes_nothing (self, request)) {
    if (moves_on (request))
      tessera_session_move_on (self, request->tiles, request->n_tiles);
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
  while (self->in_flight == NULL && !self->opening && self->desk != NULL) {
    TesseraRequest *request = g_queue_pop_head (self->waiting);
    if (request == NULL)
      return;
    if (!prepare (self, request)) {
      tessera_request_free (request);
      continue;
    }
    self->in_flight = copy_about (request);
    g_clear_pointer (&self->former_classes, g_ptr_array_unref);
    self->former_classes = g_ptr_array_ref (self->classes);
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
  return self->in_flight != NULL || self->opening || !g_queue_is_empty (self->waiting);
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
tessera_session_undo_act (TesseraSession *self, guint act)
{
  g_return_if_fail (TESSERA_IS_SESSION (self) && act > 0);
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_UNDO);
  request->value = (int32_t)act;
  tessera_session_act (self, request);
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
