#include "tsr-column.h"

#include <math.h>
#include <string.h>

typedef struct {
  char *text;
  uint32_t count, code;
} Entry;

static gint
by_count (gconstpointer a, gconstpointer b)
{
  const Entry *x = *(Entry *const *)a, *y = *(Entry *const *)b;
  if (x->count != y->count)
    return x->count < y->count ? 1 : -1;
  return strcmp (x->text, y->text);
}

static bool
parse_number (const char *text, double *number)
{
  char *end;
  *number = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && isfinite ((float)*number);
}

/* A scale if every text is a number and there are many. */
static void
recognise_numbers (TsrColumn *self)
{
  if (self->n_texts <= TSR_COLUMN_FEW)
    return;
  g_autofree float *number = g_new (float, self->n_texts);
  self->low = INFINITY;
  self->high = -INFINITY;
  for (uint32_t k = 0; k < self->n_texts; k++) {
    double value;
    if (!parse_number (self->texts[k], &value))
      return;
    number[k] = (float)value;
    self->low = MIN (self->low, value);
    self->high = MAX (self->high, value);
  }
  self->number = g_steal_pointer (&number);
}

TsrColumn *
tsr_column_take_codes (const char *name, int32_t *code, uint32_t n, char **texts)
{
  TsrColumn *self = g_new0 (TsrColumn, 1);
  g_atomic_ref_count_init (&self->refs);
  self->name = g_strdup (name);
  self->n = n;
  self->code = code;
  self->texts = texts;
  self->n_texts = g_strv_length (texts);
  self->count = g_new0 (uint32_t, (size_t)self->n_texts + 1);
  for (uint32_t i = 0; i < n; i++) {
    bool known = code[i] >= 0 && (uint32_t)code[i] < self->n_texts;
    if (known)
      self->count[code[i]]++;
    else
      code[i] = -1;
  }
  recognise_numbers (self);
  return self;
}

TsrColumn *
tsr_column_new (const char *name, const char *const *values, uint32_t n)
{
  g_autoptr (GHashTable) entries = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  int32_t *code = g_new (int32_t, (size_t)n + 1);
  g_autofree Entry **entry = g_new0 (Entry *, (size_t)n + 1);
  for (uint32_t i = 0; i < n; i++) {
    if (i > 0 && values[i] == values[i - 1]) { /* the same string, not only an equal one */
      entry[i] = entry[i - 1];
      if (entry[i])
        entry[i]->count++;
      continue;
    }
    g_autofree char *text = values[i] ? g_strstrip (g_strdup (values[i])) : NULL;
    if (!text || !*text)
      continue;
    entry[i] = g_hash_table_lookup (entries, text);
    if (!entry[i]) {
      entry[i] = g_new0 (Entry, 1);
      entry[i]->text = g_steal_pointer (&text);
      g_hash_table_insert (entries, entry[i]->text, entry[i]);
      g_ptr_array_add (sorted, entry[i]);
    }
    entry[i]->count++;
  }
  g_ptr_array_sort (sorted, by_count);
  char **texts = g_new0 (char *, (size_t)sorted->len + 1);
  for (guint k = 0; k < sorted->len; k++) {
    Entry *e = sorted->pdata[k];
    e->code = k;
    texts[k] = e->text;
  }
  for (uint32_t i = 0; i < n; i++)
    code[i] = entry[i] ? (int32_t)entry[i]->code : -1;
  for (guint k = 0; k < sorted->len; k++)
    g_free (sorted->pdata[k]);
  return tsr_column_take_codes (name, code, n, texts);
}

TsrColumn *
tsr_column_ref (TsrColumn *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
tsr_column_unref (TsrColumn *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->name);
  g_free (self->code);
  g_strfreev (self->texts);
  g_free (self->count);
  g_free (self->number);
  g_free (self);
}

bool
tsr_column_equal (const TsrColumn *a, const TsrColumn *b)
{
  return a->n == b->n && strcmp (a->name, b->name) == 0 &&
         g_strv_equal ((const char *const *)a->texts, (const char *const *)b->texts) &&
         (a->n == 0 || memcmp (a->code, b->code, a->n * sizeof *a->code) == 0);
}

const char *
tsr_column_text (const TsrColumn *self, uint32_t tile)
{
  return tile < self->n && self->code[tile] >= 0 ? self->texts[self->code[tile]] : NULL;
}

float
tsr_column_number (const TsrColumn *self, uint32_t tile)
{
  return self->number && tile < self->n && self->code[tile] >= 0 ? self->number[self->code[tile]]
                                                                 : NAN;
}

double
tsr_column_fraction (const TsrColumn *self, uint32_t tile)
{
  return (tsr_column_number (self, tile) - self->low) / MAX (self->high - self->low, 1e-30);
}
