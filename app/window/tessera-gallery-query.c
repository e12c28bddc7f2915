#include "tessera-gallery-query.h"

static const char *const sort_names[TESSERA_N_SORTS] = {"import", "margin", "distance",
                                                        "like",   "class",  "slide"};

const char *
tessera_sort_name (TesseraSort sort)
{
  return sort < TESSERA_N_SORTS ? sort_names[sort] : sort_names[TESSERA_SORT_IMPORT];
}

TesseraSort
tessera_sort_from_name (const char *name)
{
  for (int i = 0; i < TESSERA_N_SORTS; i++)
    if (g_strcmp0 (name, sort_names[i]) == 0)
      return (TesseraSort)i;
  return TESSERA_SORT_IMPORT;
}

TesseraGalleryQuery *
tessera_gallery_query_copy (const TesseraGalleryQuery *query)
{
  TesseraGalleryQuery *copy = g_memdup2 (query, sizeof *query);
  copy->hidden = g_memdup2 (query->hidden, query->n_hidden * sizeof *query->hidden);
  copy->annotator = g_strdup (query->annotator);
  if (copy->example)
    tessera_example_ref (copy->example);
  return copy;
}

void
tessera_gallery_query_free (TesseraGalleryQuery *query)
{
  if (!query)
    return;
  g_clear_pointer (&query->example, tessera_example_unref);
  g_free ((void *)query->hidden);
  g_free ((void *)query->annotator);
  g_free (query);
}

char *
tessera_gallery_query_format (const TesseraGalleryQuery *query)
{
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "%d %p %d %d %d %.3f %d %d %d %s", query->sort,
                          query->sort == TESSERA_SORT_LIKE ? (void *)query->example : NULL,
                          query->show, query->predicted, query->labelled, query->below,
                          query->slide, query->how, query->discordant,
                          query->annotator != NULL ? query->annotator : "");
  for (size_t i = 0; i < query->n_hidden; i++)
    g_string_append_printf (text, " -%d", query->hidden[i]);
  return g_string_free (text, FALSE);
}

bool
tessera_gallery_query_asks_for_labels (const TesseraGalleryQuery *query)
{
  return query->sort == TESSERA_SORT_MARGIN || query->sort == TESSERA_SORT_DISTANCE ||
         query->sort == TESSERA_SORT_CLASS || query->show != TESSERA_SHOW_ALL ||
         query->predicted != TSR_LABEL_NONE || query->labelled != TSR_LABEL_NONE ||
         query->below > 0 || query->how >= 0 || query->annotator != NULL || query->discordant ||
         query->n_hidden > 0;
}
