#include "tessera-session-lab.h"

#include "tessera-session-private.h"
#include "tsr-reconstruction.h"

#include <math.h>

TsrLabWorld
tessera_session_get_lab_world (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), (TsrLabWorld){0});
  if (self->contents == NULL)
    return (TsrLabWorld){0};
  return (TsrLabWorld){.n = self->contents->n,
                       .d = self->contents->w_dim,
                       .w = self->contents->w,
                       .map = self->contents->map,
                       .vectors_id = self->contents->vectors_id,
                       .owner = tessera_contents_ref (self->contents),
                       .release = (GDestroyNotify)tessera_contents_unref};
}

static const TsrColumn *
find_scores (TesseraSession *self)
{
  const GPtrArray *columns = tessera_session_get_columns (self);
  for (guint k = 0; columns != NULL && k < columns->len; k++) {
    const TsrColumn *column = columns->pdata[k];
    if (g_str_equal (column->name, TSR_RECONSTRUCTION_COLUMN))
      return column;
  }
  return NULL;
}

gboolean
tessera_session_has_seen_scores (TesseraSession *self)
{
  return find_scores (self) != NULL;
}

double
tessera_session_get_seen_score (TesseraSession *self, uint32_t tile)
{
  const TsrColumn *column = find_scores (self);
  const char *text = column != NULL && tile < column->n ? tsr_column_text (column, tile) : NULL;
  return text != NULL ? g_ascii_strtod (text, NULL) : NAN;
}

GBytes *
tessera_session_get_class_tiles (TesseraSession *self, int32_t id)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  const TesseraContents *contents = self->contents;
  if (contents == NULL || contents->w == NULL)
    return NULL;
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (uint32_t k = 0; k < contents->n; k++)
    if (self->label[k] == id && !self->excluded[k] &&
        !isnan (contents->w[(size_t)k * contents->w_dim]))
      g_array_append_val (tiles, k);
  return tiles->len > 0 ? g_bytes_new (tiles->data, tiles->len * sizeof (uint32_t)) : NULL;
}
