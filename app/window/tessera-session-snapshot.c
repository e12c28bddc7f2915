/* The session as threads see it. */

#include "tessera-session-private.h"
#include "tessera-snapshot.h"

TesseraSnapshot *
tessera_session_snapshot (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  if (self->contents == NULL || self->label == NULL)
    return NULL;
  TesseraSnapshot *snapshot = g_new0 (TesseraSnapshot, 1);
  g_atomic_ref_count_init (&snapshot->refs);
  size_t n = self->contents->n;
  snapshot->path = g_strdup (self->path);
  snapshot->contents = tessera_contents_ref (self->contents);
  snapshot->label = g_memdup2 (self->label, n * sizeof *self->label);
  snapshot->excluded = g_memdup2 (self->excluded, n * sizeof *self->excluded);
  if (self->predictions != NULL)
    snapshot->predictions = g_memdup2 (self->predictions, n * sizeof *self->predictions);
  if (self->truth_classes != NULL && self->contents->truth_names != NULL)
    snapshot->truth_classes =
        g_memdup2 (self->truth_classes,
                   g_strv_length (self->contents->truth_names) * sizeof *self->truth_classes);
  snapshot->n_classes = self->classes->len;
  snapshot->classes = g_new (int32_t, self->classes->len + 1);
  for (guint i = 0; i < self->classes->len; i++)
    snapshot->classes[i] = ((const TsrClass *)self->classes->pdata[i])->id;
  tsr_rule_from_name (tessera_session_get_setting (self, "rule", "map"), &snapshot->rule);
  return snapshot;
}

TesseraSnapshot *
tessera_snapshot_ref (TesseraSnapshot *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
tessera_snapshot_unref (TesseraSnapshot *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  tessera_contents_unref (self->contents);
  g_free (self->path);
  g_free (self->label);
  g_free (self->excluded);
  g_free (self->predictions);
  g_free (self->truth_classes);
  g_free (self->classes);
  g_free (self);
}
