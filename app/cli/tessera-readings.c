#include "tessera-readings.h"

#include <string.h>

void
tessera_readings_free (TesseraReadings *readings)
{
  if (!readings)
    return;
  tsr_reading_free (readings->other);
  g_free (readings->first);
  g_free (readings->second);
  g_clear_pointer (&readings->names, g_ptr_array_unref);
  g_clear_pointer (&readings->classes, g_ptr_array_unref);
  g_clear_pointer (&readings->disputed, g_array_unref);
  g_free (readings);
}

static int32_t
index_of (GPtrArray *names, const char *name)
{
  guint at;
  if (g_ptr_array_find_with_equal_func (names, name, g_str_equal, &at))
    return (int32_t)at;
  g_ptr_array_add (names, g_strdup (name));
  return (int32_t)names->len - 1;
}

/* The project's own labels hold ids. */
static bool
read_own (TesseraReadings *self, TsrProject *project, GError **error)
{
  g_autoptr (GHashTable) index = g_hash_table_new (NULL, NULL);
  self->classes = tsr_project_classes (project);
  for (guint i = 0; i < self->classes->len; i++) {
    const TsrClass *class_ = self->classes->pdata[i];
    g_ptr_array_add (self->names, g_strdup (class_->name));
    g_hash_table_insert (index, GINT_TO_POINTER (class_->id), GUINT_TO_POINTER (i + 1));
  }
  if (!tsr_project_labels (project, self->first, NULL, error))
    return false;
  for (uint32_t i = 0; i < self->n; i++)
    if (self->first[i] >= 0)
      self->first[i] =
          GPOINTER_TO_INT (g_hash_table_lookup (index, GINT_TO_POINTER (self->first[i]))) - 1;
  return true;
}

TesseraReadings *
tessera_readings_new (TesseraCli *cli, TsrProject *project, const char *path, GError **error)
{
  g_autoptr (TesseraReadings) self = g_new0 (TesseraReadings, 1);
  const char *given = tessera_options_text (cli->options, "annotator");
  g_autofree char *base = g_path_get_basename (path), *shown = g_filename_display_name (base);
  self->other = tsr_reading_new (project, path, given ? given : shown, error);
  if (!self->other)
    return NULL;
  self->n = self->other->n;
  self->first = g_new (int32_t, (size_t)self->n + 1);
  self->second = g_new (int32_t, (size_t)self->n + 1);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->disputed = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  if (!read_own (self, project, error))
    return NULL;
  g_autofree int32_t *into = g_new (int32_t, self->other->classes->len + 1);
  for (guint c = 0; c < self->other->classes->len; c++)
    into[c] = index_of (self->names, ((TsrReadingClass *)self->other->classes->pdata[c])->name);
  for (uint32_t i = 0; i < self->n; i++) {
    int32_t value = self->other->label[i];
    self->second[i] = value >= 0 ? into[value] : value;
    if (self->first[i] >= 0 && self->second[i] >= 0 && self->first[i] != self->second[i])
      g_array_append_val (self->disputed, i);
  }
  return g_steal_pointer (&self);
}
