#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-label-columns.h"
#include "tsr-label-import.h"
#include "tsr-tile-row.h"

#include <string.h>

/* What one annotator's rows ask for. */
typedef struct {
  GArray *tiles;  /* uint32_t */
  GArray *values; /* int32_t */
} Batch;

typedef struct {
  TsrProject *project;
  const TsrLabelOptions *options;
  TsrLabelReport *report;
  TsrLabelColumns columns;
  TsrTileRows tiles;
  int32_t *label;      /* before the import */
  GHashTable *classes; /* name -> id + 1 */
  GHashTable *batches; /* annotator -> Batch */
  GHashTable *order;   /* tile -> the batch its newest row went to */
  GArray *excluded;
} Reader;

static void
batch_free (gpointer data)
{
  Batch *batch = data;
  g_array_unref (batch->tiles);
  g_array_unref (batch->values);
  g_free (batch);
}

static bool
check_columns (const TsrLabelColumns *columns, bool names_tiles, const char *path, GError **error)
{
  if (names_tiles && columns->label >= 0)
    return true;
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_FAILED,
      columns->label < 0
          ? _ ("“%s” has no column “label”; its first line must name the columns, “file” (or "
               "“tile_id”) and “label” among them.")
          : _ ("“%s” has no column “file” or “tile_id”; its first line must name the columns, "
               "“file” (or “tile_id”) and “label” among them."),
      shown);
  return false;
}

static void
refuse (Reader *reader, const TsrCsvRow *row, const char *reason)
{
  TsrLabelRefusal *refusal = g_new (TsrLabelRefusal, 1);
  *refusal = (TsrLabelRefusal){row->line, NULL, g_strdup (reason)};
  g_ptr_array_add (reader->report->refused, refusal);
}

static bool
find_class (Reader *reader, const char *name, int32_t *id, GError **error)
{
  int known = GPOINTER_TO_INT (g_hash_table_lookup (reader->classes, name));
  bool fresh = false;
  *id = known ? known - 1 : tsr_label_class (reader->project, name, -1, &fresh, error);
  if (*id < 0)
    return false;
  if (fresh)
    g_ptr_array_add (reader->report->new_classes, g_strdup (name));
  if (!known)
    g_hash_table_insert (reader->classes, g_strdup (name), GINT_TO_POINTER (*id + 1));
  return true;
}

static Batch *
batch_of (Reader *reader, const TsrCsvRow *row)
{
  const char *written =
      reader->options->annotator_column ? tsr_row_field (row, reader->columns.annotator) : "";
  const char *annotator = *written ? written : reader->options->annotator;
  Batch *batch = g_hash_table_lookup (reader->batches, annotator);
  if (!batch) {
    batch = g_new (Batch, 1);
    batch->tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
    batch->values = g_array_new (FALSE, FALSE, sizeof (int32_t));
    g_hash_table_insert (reader->batches, g_strdup (annotator), batch);
  }
  return batch;
}

/* A later row about the same tile replaces the earlier one. */
static void
note_label (Reader *reader, const TsrCsvRow *row, uint32_t tile, int32_t value)
{
  Batch *old = g_hash_table_lookup (reader->order, GUINT_TO_POINTER (tile)),
        *batch = batch_of (reader, row);
  for (guint i = 0; old && i < old->tiles->len; i++)
    if (g_array_index (old->tiles, uint32_t, i) == tile) {
      g_array_remove_index_fast (old->tiles, i);
      g_array_remove_index_fast (old->values, i);
      break;
    }
  g_array_append_val (batch->tiles, tile);
  g_array_append_val (batch->values, value);
  g_hash_table_insert (reader->order, GUINT_TO_POINTER (tile), batch);
}

static void
read_row (Reader *reader, const TsrCsvRow *row)
{
  g_autoptr (GError) cause = NULL;
  uint32_t tile;
  int32_t value = TSR_LABEL_UNSURE;
  const char *label = tsr_row_field (row, reader->columns.label),
             *state = tsr_row_field (row, reader->columns.state);
  bool excluded = strcmp (state, "excluded") == 0,
       unsure = !*label && strcmp (state, "unsure") == 0;
  if (!*label && !unsure && !excluded)
    return; /* a tile without a label, as export writes them */
  if (!tsr_tile_rows_find (&reader->tiles, reader->project, row, &tile, &cause) ||
      (*label && !find_class (reader, label, &value, &cause))) {
    refuse (reader, row, cause->message);
    return;
  }
  reader->report->used++;
  if (excluded)
    g_array_append_val (reader->excluded, tile);
  if ((*label || unsure) && !(reader->options->keep && reader->label[tile] != TSR_LABEL_NONE))
    note_label (reader, row, tile, value);
}

/* A label that is there already is no news for the journal. */
static void
drop_unchanged (const Reader *reader, Batch *batch)
{
  guint kept = 0;
  for (guint i = 0; i < batch->tiles->len; i++) {
    uint32_t tile = g_array_index (batch->tiles, uint32_t, i);
    int32_t value = g_array_index (batch->values, int32_t, i);
    if (reader->label[tile] == value)
      continue;
    g_array_index (batch->tiles, uint32_t, kept) = tile;
    g_array_index (batch->values, int32_t, kept++) = value;
  }
  g_array_set_size (batch->tiles, kept);
  g_array_set_size (batch->values, kept);
}

static bool
write_labels (Reader *reader, GError **error)
{
  GHashTableIter iter;
  gpointer annotator, data;
  g_hash_table_iter_init (&iter, reader->batches);
  while (g_hash_table_iter_next (&iter, &annotator, &data)) {
    Batch *batch = data;
    g_autoptr (GArray) changes = NULL;
    drop_unchanged (reader, batch);
    if (batch->tiles->len == 0)
      continue;
    if (!tsr_project_label (reader->project, (const uint32_t *)batch->tiles->data,
                            (const int32_t *)batch->values->data, batch->tiles->len, false,
                            reader->options->check ? TSR_HOW_CHECK : TSR_HOW_IMPORTED, annotator,
                            &changes, error))
      return false;
    reader->report->changed += tsr_label_count (changes);
  }
  if (reader->excluded->len == 0)
    return true;
  g_autoptr (GArray) changes = NULL;
  if (!tsr_project_exclude_as (reader->project, (const uint32_t *)reader->excluded->data,
                               reader->excluded->len, true, TSR_HOW_IMPORTED,
                               reader->options->annotator, &changes, error))
    return false;
  reader->report->excluded = tsr_label_count (changes);
  return true;
}

static bool
import_rows (Reader *reader, const GPtrArray *rows, const char *path, GError **error)
{
  for (guint i = 1; i < rows->len; i++)
    read_row (reader, g_ptr_array_index (rows, i));
  reader->report->rows = rows->len - 1;
  if (reader->report->used == 0) {
    g_autofree char *shown = g_filename_display_name (path);
    const TsrLabelRefusal *first =
        reader->report->refused->len > 0 ? reader->report->refused->pdata[0] : NULL;
    if (first)
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   _ ("No row of “%s” could be used; the first reason: %s"), shown, first->reason);
    else
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   _ ("No row of “%s” could be used: none has a label."), shown);
    return false;
  }
  /* all of it is one act: there as a whole or not at all, and one step for undo */
  if (!tsr_project_begin_act (reader->project, error))
    return false;
  bool ok = write_labels (reader, error);
  return tsr_project_end_act (reader->project, ok, error);
}

bool
tsr_labels_from_table (TsrProject *project, const char *path, const TsrLabelOptions *options,
                       TsrLabelReport *report, GError **error)
{
  g_autoptr (GPtrArray) rows = tsr_csv_read (path, error);
  Reader reader = {.project = project, .options = options, .report = report};
  if (!rows)
    return false;
  const TsrCsvRow *header = g_ptr_array_index (rows, 0);
  bool named = tsr_tile_rows_init (&reader.tiles, project, header);
  g_autofree int32_t *label = g_new (int32_t, (size_t)reader.tiles.n + 1);
  reader.columns = tsr_label_columns (header);
  if (!check_columns (&reader.columns, named, path, error) ||
      !tsr_project_labels (project, label, NULL, error)) {
    tsr_tile_rows_clear (&reader.tiles);
    return false;
  }
  reader.label = label;
  reader.classes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  reader.batches = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, batch_free);
  reader.order = g_hash_table_new (NULL, NULL);
  reader.excluded = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  bool ok = import_rows (&reader, rows, path, error);
  g_hash_table_unref (reader.order);
  g_hash_table_unref (reader.batches);
  g_hash_table_unref (reader.classes);
  g_array_unref (reader.excluded);
  tsr_tile_rows_clear (&reader.tiles);
  return ok;
}
