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

/* What the project has now, as text. */
static void
remember (TesseraDeskState *self)
{
  g_free (self->audit_text);
  self->audit_text = self->audit != NULL ? tsr_audit_format (self->audit) : NULL;
}

/* One that cannot be stored goes on in memory. */
static void
keep (TesseraDeskState *self)
{
  g_autoptr (GError) error = NULL;
  if (!tsr_audit_store (self->project, self->audit, &error))
    g_warning ("%s", error->message);
  remember (self);
}

/* Tiles of the check that have a class beside it: before, as the answers stand, and now. */
static bool
follow_labels (TesseraDeskState *self, TesseraReply *reply)
{
  const TesseraDerived *derived = self->derived;
  size_t before = tsr_audit_unasked (self->audit, derived->label, derived->excluded);
  if (!tsr_audit_follow (self->audit, self->project, derived->label, derived->excluded))
    return false;
  size_t after = tsr_audit_unasked (self->audit, derived->label, derived->excluded);
  reply->unasked = after > before ? (uint32_t)(after - before) : 0;
  keep (self);
  return true;
}

bool
tessera_desk_audit_moved (const TesseraDeskState *self)
{
  g_autofree char *text = tsr_project_get (self->project, TSR_AUDIT_SETTING);
  return g_strcmp0 (text, self->audit_text) != 0;
}

void
tessera_desk_audit_load (TesseraDeskState *self, TesseraReply *reply)
{
  gint64 drawn = self->audit != NULL ? self->audit->drawn_us : 0;
  bool first = reply->kind == TESSERA_REQUEST_OPEN;
  tsr_audit_free (self->audit);
  g_free (self->audit_text);
  self->audit_text = tsr_project_get (self->project, TSR_AUDIT_SETTING);
  self->audit = tsr_audit_parse (self->audit_text, self->derived->contents->n);
  reply->foreign_audit = !first && tessera_desk_audit_runs (self) && self->audit->drawn_us != drawn;
  if (self->audit != NULL)
    follow_labels (self, reply);
  tell (self, reply);
}

bool
tessera_desk_audit_asks (const TesseraDeskState *self, const uint32_t *tiles, size_t n)
{
  return n == 1 && tessera_desk_audit_runs (self) && tsr_audit_has (self->audit, tiles[0]);
}

void
tessera_desk_audit_apply (TesseraDeskState *self, TesseraRequestKind kind, const GArray *changes,
                          TesseraReply *reply)
{
  bool changed = false;
  if (tessera_desk_audit_moved (self)) { /* another program has drawn one: ours is no more */
    tessera_desk_audit_load (self, reply);
    return;
  }
  if (self->audit == NULL)
    return;
  for (guint i = 0; kind == TESSERA_REQUEST_UNDO && i < changes->len; i++) {
    const TsrLabelChange *c = &g_array_index (changes, TsrLabelChange, i);
    if (c->after == TSR_LABEL_NONE && !c->excluded_after)
      changed |= tsr_audit_take_back (self->audit, c->tile);
  }
  if (changed)
    keep (self);
  if (follow_labels (self, reply) || changed)
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
  if (tessera_desk_audit_moved (self))
    tessera_desk_audit_load (self, reply);
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
  remember (self);
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
  uint32_t n = seen != NULL ? self->derived->contents->n : 0;
  g_autofree uint8_t *veiled = tsr_audit_veil (self->audit, self->derived->label, n);
  for (uint32_t i = 0; veiled != NULL && i < n; i++)
    if (veiled[i])
      seen[i] = unseen;
  return seen;
}
