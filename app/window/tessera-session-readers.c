/* Going back in the journal, and what another reader said. */

#include "tessera-session-private.h"

#include "tessera-session-audit.h"

#include <glib/gi18n.h>

static void
free_dispute (TsrDispute *dispute)
{
  tsr_dispute_clear (dispute);
  g_free (dispute);
}

void
tessera_session_take_dispute (TesseraSession *self, TesseraReply *reply)
{
  g_clear_pointer (&self->dispute, free_dispute);
  if (reply != NULL)
    self->dispute = g_steal_pointer (&reply->dispute);
}

const TsrDispute *
tessera_session_get_dispute (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  gboolean known = self->details_tile == self->current && self->current != TESSERA_NO_TILE;
  return known && !tessera_session_is_hidden (self, self->current) ? self->dispute : NULL;
}

gboolean
tessera_session_queue_is_given (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->given;
}

const char *
tessera_session_get_reader (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  const char *name = tessera_session_get_setting (self, "annotator", NULL);
  return name != NULL && *name != '\0' ? name : tessera_desk_default_annotator ();
}

void
tessera_session_revert (TesseraSession *self, int64_t entry)
{
  g_return_if_fail (TESSERA_IS_SESSION (self) && entry >= 0);
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_REVERT);
  request->entry = entry;
  tessera_session_act (self, request);
}

static void
act_on (TesseraSession *self, TesseraRequestKind kind, TsrReadings *readings)
{
  TesseraRequest *request = tessera_request_new (kind);
  request->readings = tsr_readings_ref (readings);
  tessera_session_act (self, request);
}

void
tessera_session_take_labels (TesseraSession *self, TsrReadings *readings)
{
  g_return_if_fail (TESSERA_IS_SESSION (self) && readings != NULL);
  act_on (self, TESSERA_REQUEST_TAKE_LABELS, readings);
}

void
tessera_session_work_through (TesseraSession *self, TsrReadings *readings)
{
  g_return_if_fail (TESSERA_IS_SESSION (self) && readings != NULL);
  act_on (self, TESSERA_REQUEST_DISPUTES, readings);
}

/* ---- what is said ---- */

static char *
describe_taken (const TesseraReply *reply)
{
  guint n = (guint)reply->value;
  g_autofree char *taken =
      g_strdup_printf (ngettext ("%u label of the other reader taken over",
                                 "%u labels of the other reader taken over", n),
                       n);
  if (reply->disputed == 0)
    return g_steal_pointer (&taken);
  return g_strdup_printf (ngettext ("%s; %u tile with two different classes stays as it was",
                                    "%s; %u tiles with two different classes stay as they were",
                                    reply->disputed),
                          taken, reply->disputed);
}

void
tessera_session_say_readers (TesseraSession *self, const TesseraReply *reply)
{
  g_autofree char *text = NULL;
  gboolean changed = TRUE;
  if (reply->kind == TESSERA_REQUEST_REVERT) {
    guint n = reply->changes != NULL ? reply->changes->len : 0;
    changed = n > 0;
    text = changed ? g_strdup_printf (ngettext ("Back at that moment: %u tile changed",
                                                "Back at that moment: %u tiles changed", n),
                                      n)
                   : g_strdup (_ ("Everything is as it was at that moment"));
  } else if (reply->kind == TESSERA_REQUEST_TAKE_LABELS) {
    changed = reply->value > 0;
    text = changed ? describe_taken (reply)
                   : g_strdup (_ ("The other reader has no label that is missing here"));
  } else {
    changed = reply->disputed > 0;
    text = changed ? g_strdup_printf (ngettext ("%u disagreement to decide: it glows on the map",
                                                "%u disagreements to decide: they glow on the map",
                                                reply->disputed),
                                      reply->disputed)
                   : g_strdup (_ ("There is nothing to decide: no tile has two different classes"));
  }
  tessera_session_say (self, text);
  tessera_session_toast (self, text, changed);
}
