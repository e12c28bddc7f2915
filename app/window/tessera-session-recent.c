/* What was labelled lately: the way back to a tile that deserves another look. */

#include "tessera-session-private.h"

#define MAX_RECENT 100

/* Whether there is still something to see of what was done to the tile: an undo takes it off. */
static gboolean
is_decided (TesseraSession *self, uint32_t tile)
{
  return tile < tessera_session_get_n_tiles (self) &&
         (tessera_session_get_label (self, tile) != TSR_LABEL_NONE ||
          tessera_session_get_excluded (self, tile));
}

const GArray *
tessera_session_get_recent (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  g_array_set_size (self->recent_shown, 0);
  for (guint i = 0; i < self->recent->len; i++) {
    uint32_t tile = g_array_index (self->recent, uint32_t, i);
    if (is_decided (self, tile))
      g_array_append_val (self->recent_shown, tile);
  }
  return self->recent_shown;
}

void
tessera_session_remember (TesseraSession *self, uint32_t tile)
{
  for (guint i = 0; i < self->recent->len; i++)
    if (g_array_index (self->recent, uint32_t, i) == tile) {
      g_array_remove_index (self->recent, i);
      break;
    }
  g_array_prepend_val (self->recent, tile);
  if (self->recent->len > MAX_RECENT)
    g_array_set_size (self->recent, MAX_RECENT);
}

gboolean
tessera_session_select_previous (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  const GArray *recent = tessera_session_get_recent (self);
  guint next = 0;
  for (guint i = 0; i < recent->len; i++)
    if (g_array_index (recent, uint32_t, i) == self->current)
      next = i + 1;
  if (next >= recent->len)
    return FALSE;
  tessera_session_select_one (self, g_array_index (recent, uint32_t, next));
  return TRUE;
}

/* ---- on the desk's thread ---- */

/* An entry of more tiles than this is no single tile somebody looked at. */
#define MAX_LOOKED_AT 1000

GArray *
tessera_desk_recent (TsrProject *project)
{
  g_autoptr (GPtrArray) entries = tsr_project_journal (project, MAX_RECENT);
  GArray *recent = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (guint i = 0; entries != NULL && i < entries->len; i++) {
    const TsrJournalEntry *entry = entries->pdata[i];
    gboolean labels =
        g_str_equal (entry->action, "label") || g_str_equal (entry->action, "exclude");
    if (!labels || entry->count > MAX_LOOKED_AT || entry->how == TSR_HOW_IMPORTED)
      continue;
    g_autoptr (GArray) changes = tsr_project_journal_changes (project, entry->seq);
    if (changes->len == 0)
      continue;
    uint32_t tile = g_array_index (changes, TsrLabelChange, 0).tile;
    gboolean known = FALSE;
    for (guint k = 0; k < recent->len; k++)
      known = known || g_array_index (recent, uint32_t, k) == tile;
    if (!known)
      g_array_append_val (recent, tile);
  }
  return recent;
}
