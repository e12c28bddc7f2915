#include "tessera-desk-audit.h"

#include <glib/gi18n.h>
#include <math.h>

static void
tell (TesseraDeskState *self, TesseraReply *reply)
{
  reply->has_audit = true;
  tsr_audit_free (reply->audit);
  reply->audit = tsr_audit_copy (self->audit);
}

/* One that cannot be stored goes on in memory. */
static void
keep (TesseraDeskState *self)
{
  g_autoptr (GError) error = NULL;
  if (!tsr_audit_store (self->project, self->audit, &error))
    g_warning ("%s", error->message);
}

void
tessera_desk_audit_load (TesseraDeskState *self, TesseraReply *reply)
{
  tsr_audit_free (self->audit);
  self->audit = tsr_audit_load (self->project);
  if (self->audit != NULL &&
      tsr_audit_follow (self->audit, self->derived->label, self->derived->excluded))
    keep (self);
  tell (self, reply);
}

void
tessera_desk_audit_apply (TesseraDeskState *self, TesseraRequestKind kind, const GArray *changes,
                          TesseraReply *reply)
{
  bool changed = false;
  if (self->audit == NULL)
    return;
  for (guint i = 0; kind == TESSERA_REQUEST_UNDO && i < changes->len; i++) {
    const TsrLabelChange *c = &g_array_index (changes, TsrLabelChange, i);
    if (c->after == TSR_LABEL_NONE && !c->excluded_after)
      changed |= tsr_audit_take_back (self->audit, c->tile);
  }
  changed |= tsr_audit_follow (self->audit, self->derived->label, self->derived->excluded);
  if (!changed)
    return;
  keep (self);
  tell (self, reply);
}

static bool
draw (TesseraDeskState *self, uint32_t k, GError **error)
{
  const TesseraDerived *derived = self->derived;
  const TsrPrediction *prediction = tessera_derived_peek_predictions (derived);
  TsrAudit *audit =
      prediction != NULL
          ? tsr_audit_draw (derived->label, derived->excluded, prediction, derived->contents->n, k,
                            self->audit != NULL ? self->audit->seed + 1 : 1)
          : NULL;
  if (audit == NULL) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("There is no unlabelled tile with a prediction to check."));
    return false;
  }
  bool in_w = tsr_rule_needs_w (derived->rule);
  audit->drawn_us = g_get_real_time ();
  audit->rule = g_strdup (tsr_rule_name (derived->rule));
  audit->places = tsr_audit_places (audit, in_w ? derived->contents->w : derived->contents->map,
                                    in_w ? derived->contents->w_dim : 2);
  tsr_audit_free (self->audit);
  self->audit = audit;
  return true;
}

bool
tessera_desk_audit_request (TesseraDeskState *self, int32_t value, TesseraReply *reply,
                            GError **error)
{
  if (value > 0) {
    if (!draw (self, (uint32_t)value, error))
      return false;
  } else if (self->audit != NULL && value == TESSERA_AUDIT_DROP) {
    g_clear_pointer (&self->audit, tsr_audit_free);
  } else if (self->audit != NULL && self->audit->state != TSR_AUDIT_DONE) {
    self->audit->state = value == TESSERA_AUDIT_PAUSE ? TSR_AUDIT_PAUSED : TSR_AUDIT_RUNNING;
  }
  if (!tsr_audit_store (self->project, self->audit, error))
    return false;
  tell (self, reply);
  reply->predictions = tessera_desk_seen_predictions (self);
  return true;
}

bool
tessera_desk_audit_skip (TesseraDeskState *self, uint32_t tile)
{
  if (!tessera_desk_audit_runs (self))
    return false;
  if (tsr_audit_skip (self->audit, tile))
    keep (self);
  return true;
}

bool
tessera_desk_audit_runs (const TesseraDeskState *self)
{
  return self->audit != NULL && self->audit->state == TSR_AUDIT_RUNNING;
}

TsrPrediction *
tessera_desk_seen_predictions (const TesseraDeskState *self)
{
  static const TsrPrediction unseen = {TSR_NO_CLASS, UINT32_MAX, INFINITY, 0};
  TsrPrediction *seen = tessera_derived_predictions (self->derived);
  if (seen == NULL || self->audit == NULL || self->audit->state == TSR_AUDIT_DONE)
    return seen;
  for (uint32_t i = 0; tessera_desk_audit_runs (self) && i < self->derived->contents->n; i++)
    if (self->derived->label[i] < 0)
      seen[i] = unseen;
  g_autoptr (GArray) left = tsr_audit_left (self->audit);
  for (guint i = 0; i < left->len; i++)
    seen[g_array_index (left, uint32_t, i)] = unseen;
  return seen;
}
